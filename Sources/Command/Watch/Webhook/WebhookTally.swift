internal import Reconciler
internal import Synchronization

/// Puts the webhook's failures into what is published, and publishes again when there is one more.
final class WebhookTally: Sendable {
    private struct State {
        var failures = 0
        var last: (@Sendable (_ failures: Int) -> Void)?
    }

    private let state = Mutex(State())

    /// Calls `sink`, and calls it again, with the same plan, for every further failure; it must not wait for anybody.
    func publish(_ status: LoopStatus, _ plan: Plan?, to sink: @escaping @Sendable (LoopStatus, Plan?) -> Void) {
        // Under the lock: nobody is told an older state after a newer one.
        state.withLock { state in
            let last: @Sendable (Int) -> Void = { failures in
                var status = status
                status.counters.webhookFailures = failures
                sink(status, plan)
            }
            state.last = last
            last(state.failures)
        }
    }

    func count(_ failures: Int) {
        state.withLock { state in
            state.failures += failures
            state.last?(state.failures)
        }
    }
}
