import Dispatch
import FoundationEssentials
import Synchronization

/// Seeds of the property tests: `SEED=n` replays one, `SEEDS=n` runs that many.
func seeds(_ count: Int) -> [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
    let wanted = environment["SEEDS"].flatMap { Int($0) } ?? count
    return (1...UInt64(max(wanted, 1))).map { $0 }
}

/// SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Runs tasks one job at a time, in an order drawn from a seed, and moves its clock only when nothing is left to do.
///
/// So ten minutes of waiting take no time, and one seed gives one interleaving.
final class SimulatedTime: TaskExecutor, Sendable {
    private struct Sleeper {
        var due: Duration
        var ticket: Int
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var sleepers: [Sleeper] = []
        var now = Duration.zero
        var isDraining = false
        var nextTicket = 0
        var cancelled: Set<Int> = []
        var numbers: SeededNumbers
    }

    private enum Next {
        case job(UnownedJob)
        case wake(CheckedContinuation<Void, any Error>)
        case idle
    }

    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "simulated time")

    init(seed: UInt64) { state = Mutex(State(numbers: SeededNumbers(seed))) }

    var now: Duration { state.withLock { $0.now } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { thread.async { self.drain() } }
    }

    private func drain() {
        while true {
            switch next() {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .wake(let continuation): continuation.resume()
            case .idle: return
            }
        }
    }

    private func next() -> Next {
        state.withLock { state in
            if !state.jobs.isEmpty {
                let index = Int.random(in: state.jobs.indices, using: &state.numbers)
                return .job(state.jobs.remove(at: index))
            }
            let first = state.sleepers.indices.min {
                (state.sleepers[$0].due, state.sleepers[$0].ticket) < (
                    state.sleepers[$1].due, state.sleepers[$1].ticket
                )
            }
            guard let first else {
                state.isDraining = false
                return .idle
            }
            let sleeper = state.sleepers.remove(at: first)
            state.now = max(state.now, sleeper.due)
            return .wake(sleeper.continuation)
        }
    }

    func sleep(until due: Duration) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard !state.cancelled.contains(ticket) else { return true }
                    state.sleepers.append(Sleeper(due: due, ticket: ticket, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                state.cancelled.insert(ticket)
                guard let index = state.sleepers.firstIndex(where: { $0.ticket == ticket }) else { return nil }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    var clock: SimulatedClock { SimulatedClock(time: self) }
}

struct SimulatedClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    let time: SimulatedTime

    var now: Instant { Instant(offset: time.now) }
    var minimumResolution: Duration { .nanoseconds(1) }
    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await time.sleep(until: deadline.offset)
    }
}
