internal import Reconciler
internal import Synchronization

/// Lets through so many bytes a second, all senders together.
actor Bandwidth {
    private var free = ContinuousClock.now

    /// Waits until `bytes` may be sent; nil for as fast as it goes.
    ///
    /// - Returns: false where the task was cancelled.
    func pass(_ bytes: Int, at rate: Int?) async -> Bool {
        guard let rate, rate > 0 else { return !Task.isCancelled }
        let start = max(free, .now)
        free = start + .nanoseconds(Int64(Double(bytes) / Double(rate) * 1e9))
        do { try await Task.sleep(until: start) } catch { return false }
        return true
    }

    /// What is sent at once: a quarter of a second's worth, so that slow links stay smooth.
    static func piece(at rate: Int?) -> Int {
        guard let rate else { return 131_072 }
        return min(131_072, max(1024, rate / 4))
    }
}

/// Passes progress on, at most five times a second and always the last.
final class ProgressGate: Sendable {
    private let last = Mutex<ContinuousClock.Instant?>(nil)
    private let send: @Sendable (TransferProgress) -> Void

    init(_ send: @escaping @Sendable (TransferProgress) -> Void) { self.send = send }

    func show(_ done: Int, of total: Int) {
        let isDue = last.withLock { last in
            let now = ContinuousClock.now
            if let shown = last, now - shown < .milliseconds(200), done < total { return false }
            last = now
            return true
        }
        if isDue { send(TransferProgress(done: done, total: max(done, total))) }
    }
}
