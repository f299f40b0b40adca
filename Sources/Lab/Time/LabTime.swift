import Daemons
import Dispatch
import Synchronization

/// Runs tasks one job at a time and moves its clock to the next sleeper when no job is left.
///
/// So ten minutes of waiting take no time. Child tasks run here too, and unstructured ones that are made with
/// `Task(executorPreference:)`; what any other task does is not seen, so time may jump while it works. It can sleep here
/// all the same, and wakes when time has come to its deadline, at the earliest.
final class LabTime: TaskExecutor, Sendable {
    /// Moves the world and says how late it is there; called one at a time, never backwards.
    typealias Advance = @Sendable (_ to: Moment) throws -> Moment

    private struct Sleeper {
        var due: Moment
        /// nil until the task has suspended.
        var continuation: CheckedContinuation<Void, any Error>?
        var isCancelled = false
    }

    private struct State {
        var now: Moment
        var jobs: [UnownedJob] = []
        var firstJob = 0
        /// By ticket.
        var sleepers: [Int: Sleeper] = [:]
        var nextTicket = 0
        var isDraining = false
        /// Since when time flows at the given pace, no job being left.
        var flowsSince: ContinuousClock.Instant?
        /// Of the one timer that counts.
        var timer = 0
        /// Simulated seconds in a real one, at most; nil for no limit.
        var pace: Double?
    }

    private enum Next {
        case job(UnownedJob)
        case wake(CheckedContinuation<Void, any Error>)
        case advance(Moment)
        case wait(Duration, timer: Int)
        case idle
    }

    private let state: Mutex<State>
    private let advance: Advance
    private let queue = DispatchQueue(label: "lab")

    init(now: Moment, pace: Double?, advance: @escaping Advance) {
        state = Mutex(State(now: now, pace: pace))
        self.advance = advance
    }

    var now: Moment { state.withLock { $0.now } }

    /// The world is that late already, through somebody else.
    func catchUp(to moment: Moment) {
        state.withLock { $0.now = max($0.now, moment) }
    }

    /// From now on time passes at another pace; the one before.
    func setPace(_ pace: Double?) -> Double? {
        let before = state.withLock { state in
            defer {
                state.pace = pace
                state.flowsSince = nil
            }
            return state.pace
        }
        // Whatever timer runs was set for the pace before.
        wake()
        return before
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake()
    }

    private func wake() {
        let mustStart = state.withLock { state in
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { queue.async { self.drain() } }
    }
}

// MARK: - The loop

extension LabTime {
    private func drain() {
        while true {
            switch state.withLock({ next(&$0) }) {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .wake(let continuation): continuation.resume()
            case .advance(let moment): move(to: moment)
            case .wait(let duration, let timer):
                queue.asyncAfter(deadline: .now() + duration.timeInterval) { self.fire(timer) }
                return
            case .idle: return
            }
        }
    }

    private func fire(_ timer: Int) {
        let mustDrain = state.withLock { state in
            guard state.timer == timer, !state.isDraining else { return false }
            state.isDraining = true
            return true
        }
        if mustDrain { queue.async { self.drain() } }
    }

    private func move(to moment: Moment) {
        do {
            let reached = try advance(moment)
            state.withLock { $0.now = max($0.now, reached, moment) }
        } catch {
            // Nobody can go on in a world that cannot: every sleeper is told.
            let failed = state.withLock { state in
                let tickets = state.sleepers.filter { $0.value.continuation != nil }.keys.sorted()
                return tickets.compactMap { state.sleepers.removeValue(forKey: $0)?.continuation }
            }
            for continuation in failed { continuation.resume(throwing: error) }
        }
    }

    private func next(_ state: inout State) -> Next {
        let first = state.sleepers.filter { $0.value.continuation != nil }.min {
            ($0.value.due, $0.key) < ($1.value.due, $1.key)
        }
        if let pace = state.pace, let since = state.flowsSince {
            let real = ContinuousClock.now
            let flowed = state.now + Int((since.duration(to: real).inMilliseconds * pace).rounded(.down))
            let target = min(flowed, first?.value.due ?? state.now)
            if target > state.now {
                state.flowsSince = real
                return .advance(target)
            }
        }
        // Before jobs, so that two that yield to each other for ever do not keep it asleep.
        if let (ticket, sleeper) = first, sleeper.due <= state.now, let continuation = sleeper.continuation {
            state.flowsSince = nil
            state.sleepers[ticket] = nil
            return .wake(continuation)
        }
        if state.firstJob < state.jobs.count {
            state.flowsSince = nil
            return .job(takeJob(&state))
        }
        guard let due = first?.value.due else {
            state.flowsSince = nil
            state.isDraining = false
            return .idle
        }
        return jump(to: due, &state)
    }

    private func takeJob(_ state: inout State) -> UnownedJob {
        let job = state.jobs[state.firstJob]
        state.firstJob += 1
        if state.firstJob == state.jobs.count {
            state.jobs.removeAll(keepingCapacity: true)
            state.firstJob = 0
        }
        return job
    }

    private func jump(to due: Moment, _ state: inout State) -> Next {
        guard let pace = state.pace else { return .advance(due) }
        let since = state.flowsSince ?? .now
        state.flowsSince = since
        let needed = Duration.milliseconds(Int((Double(due - state.now) / pace).rounded(.up)) + 1)
        return wait(max(needed - since.duration(to: .now), .milliseconds(1)), &state)
    }

    private func wait(_ duration: Duration, _ state: inout State) -> Next {
        state.timer += 1
        state.isDraining = false
        return .wait(duration, timer: state.timer)
    }
}

// MARK: - Sleeping

extension LabTime {
    func sleep(until due: Moment) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            state.sleepers[state.nextTicket] = Sleeper(due: due)
            return state.nextTicket
        }
        defer { state.withLock { _ = $0.sleepers.removeValue(forKey: ticket) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard state.sleepers[ticket]?.isCancelled == false else { return true }
                    state.sleepers[ticket]?.continuation = continuation
                    return false
                }
                guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
                // A task outside may be the only one that waits.
                wake()
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.sleepers[ticket]?.isCancelled = true
                let waiting = state.sleepers[ticket]?.continuation
                state.sleepers[ticket]?.continuation = nil
                return waiting
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Runs `body` here from its first line on.
    @concurrent
    func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(self) {
            // A preference alone takes effect at the next suspension only.
            try? await sleep(until: now)
            return try await body()
        }
    }
}

extension Duration {
    fileprivate var inMilliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }

    fileprivate var timeInterval: DispatchTimeInterval { .microseconds(Int((inMilliseconds * 1000).rounded(.up))) }
}
