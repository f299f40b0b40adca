internal import Specs

/// How something that was watched ended.
enum Watched<Value: Sendable>: Sendable {
    case ended(Value)
    case stopped(WatchEnd)
}

/// Why something was stopped before its end.
enum WatchEnd: Hashable, Sendable {
    /// The first interrupt: nothing is lost by stopping here.
    case interrupted
    case fenced(StopReason)
    case late
    /// The second interrupt.
    case cancelled
}

extension RunContext {
    private static let watchPause = Duration.milliseconds(500)

    /// The result of `body`, which is cancelled and waited for when it has to stop before.
    ///
    /// `deadline` is in the run's time; the first interrupt stops it only where it `yields`.
    func watch<Value: Sendable>(
        until deadline: Duration,
        yields: Bool,
        _ body: @escaping @Sendable () async -> Value
    ) async -> Watched<Value> {
        await withTaskGroup(of: Watched<Value>.self) { group in
            group.addTask { .ended(await body()) }
            group.addTask { .stopped(await reasonToStop(until: deadline, yields: yields)) }
            let first = await group.next() ?? .stopped(.cancelled)
            group.cancelAll()
            return first
        }
    }

    /// Why what may go on until `deadline` must stop now; nil while it may go on.
    func reasonToStop(at deadline: Duration, yields: Bool) -> WatchEnd? {
        if Task.isCancelled || halt.interruption.level == .cancelNow { return .cancelled }
        if let fence = halt.fence { return .fenced(fence) }
        if yields, halt.interruption.level != .none { return .interrupted }
        return clock.now() >= deadline ? .late : nil
    }

    private func reasonToStop(until deadline: Duration, yields: Bool) async -> WatchEnd {
        while true {
            if let reason = reasonToStop(at: deadline, yields: yields) { return reason }
            let left = deadline - clock.now()
            try? await clock.sleep(max(min(left, Self.watchPause), .milliseconds(1)))
        }
    }
}
