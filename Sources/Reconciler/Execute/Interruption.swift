internal import Synchronization

/// How a person stops a run: the command trips it once for every SIGINT or SIGTERM.
///
/// The first trip lets the steps in hand finish (with their gates) and begins no other; the second cancels them. Both leave
/// a truthful report.
public final class Interruption: Sendable {
    public enum Level: Int, Hashable, Sendable, Comparable {
        case none, finishStep, cancelNow

        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    private struct State {
        var level = Level.none
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    public var level: Level { state.withLock { $0.level } }

    /// One level further; never waits, safe in a signal source's handler.
    public func trip() {
        let waiters = state.withLock { state in
            state.level = state.level == .none ? .finishStep : .cancelNow
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until the level is above `level`; returns the level then, or `level` itself when the task is cancelled.
    func next(after level: Level) async -> Level {
        let ticket = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        while self.level <= level, !Task.isCancelled {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isDue = state.withLock { state in
                        guard state.level <= level, !Task.isCancelled else { return true }
                        state.waiters[ticket] = continuation
                        return false
                    }
                    if isDue { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
            }
        }
        return max(self.level, level)
    }
}
