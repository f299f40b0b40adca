import Daemons
import Synchronization
import Testing

@testable import Lab

/// What tasks did, in their order.
private final class Diary: Sendable {
    private let lines = Mutex<[String]>([])

    func note(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

@Suite("Simulated time", .timeLimit(.minutes(20)))
struct TimeTests {
    private static let start = Moment(milliseconds: 1_000_000)

    private func time(pace: Double? = nil) -> (LabTime, LabClock) {
        let time = LabTime(now: Self.start, pace: pace) { $0 }
        return (time, LabClock(time: time))
    }

    @Test func `a day of sleeping takes no time`() async throws {
        let (time, clock) = time()
        let real = ContinuousClock.now
        try await time.run { try await clock.sleep(for: .seconds(86_400)) }
        #expect(time.now - Self.start == 86_400_000)
        #expect(ContinuousClock.now - real < .seconds(30))
    }

    @Test func `sleepers wake in the order of their deadlines, whatever the order of their tasks`() async {
        let (time, clock) = time()
        let diary = Diary()
        await time.run {
            await withTaskGroup(of: Void.self) { group in
                for seconds in [5, 1, 4, 2, 3] {
                    group.addTask {
                        try? await clock.sleep(for: .seconds(seconds))
                        diary.note("\(seconds)")
                    }
                }
            }
        }
        #expect(diary.all == ["1", "2", "3", "4", "5"])
        #expect(time.now - Self.start == 5000)
    }

    @Test func `a fraction of a millisecond is rounded up`() async throws {
        let (time, clock) = time()
        try await time.run { try await clock.sleep(for: .microseconds(1)) }
        #expect(time.now - Self.start == 1)
    }

    @Test func `time stands still while a child works`() async throws {
        let (time, clock) = time()
        let sum = await time.run {
            async let work = (1...300_000).reduce(0) { $0 &+ $1 }
            let before = clock.now
            let sum = await work
            #expect(clock.now == before)
            return sum
        }
        #expect(sum == 45_000_150_000)
    }

    @Test func `a cancelled sleeper wakes at once and holds nobody up`() async {
        let (time, clock) = time()
        let outcome = await time.run {
            await withTaskGroup(of: String.self) { group in
                group.addTask {
                    do {
                        try await clock.sleep(for: .seconds(3600))
                        return "slept"
                    } catch {
                        return error is CancellationError ? "cancelled" : "failed"
                    }
                }
                group.addTask {
                    try? await clock.sleep(for: .seconds(1))
                    return "done"
                }
                let first = await group.next() ?? ""
                group.cancelAll()
                return [first, await group.next() ?? ""]
            }
        }
        #expect(outcome == ["done", "cancelled"])
        #expect(time.now - Self.start == 1000)
    }

    @Test func `sleeping in a cancelled task fails at once`() async {
        let (time, clock) = time()
        await time.run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled { await Task.yield() }
                    await #expect(throws: CancellationError.self) { try await clock.sleep(for: .seconds(60)) }
                }
                group.cancelAll()
            }
        }
        #expect(time.now == Self.start)
    }

    @Test func `an unstructured task that prefers this executor is waited for`() async {
        let (time, clock) = time()
        let diary = Diary()
        await time.run {
            let beside = Task(executorPreference: time) {
                for step in 1...5 {
                    // Work between two sleeps: were it not seen, the hour would be over first.
                    for _ in 1...1000 { await Task.yield() }
                    diary.note("step \(step) at \(clock.now.offset)")
                    try? await clock.sleep(for: .milliseconds(10))
                }
            }
            try? await clock.sleep(for: .seconds(3600))
            diary.note("an hour")
            await beside.value
        }
        let steps = (0..<5).map { "step \($0 + 1) at \(LabClock.Instant(Self.start + 10 * $0).offset)" }
        #expect(diary.all == steps + ["an hour"])
        #expect(time.now - Self.start == 3_600_000)
    }

    @Test func `a task from outside wakes when time has come to its deadline, though nobody waits for it`() async throws
    {
        let (time, clock) = time()
        // Nobody is in `run`, so it alone makes time pass.
        try await Task { try await clock.sleep(for: .seconds(60)) }.value
        #expect(time.now - Self.start == 60_000)
        let woken = await time.run {
            let outside = Task.detached {
                try? await clock.sleep(for: .seconds(5))
                return clock.now
            }
            return await outside.value
        }
        #expect(woken >= LabClock.Instant(Self.start + 65_000))
    }

    @Test func `an advance that fails ends every sleep with its reason`() async {
        let broken = LabError(.storage, "the disk is gone")
        let time = LabTime(now: Self.start, pace: nil) { _ in throw broken }
        let clock = LabClock(time: time)
        await #expect(throws: broken) {
            try await time.run { try await clock.sleep(for: .seconds(1)) }
        }
    }

    @Test func `at a pace, time passes no faster than that`() async throws {
        let (time, clock) = time(pace: 100)
        let real = ContinuousClock.now
        try await time.run {
            for _ in 1...4 { try await clock.sleep(for: .seconds(1)) }
        }
        #expect(ContinuousClock.now - real >= .milliseconds(40))
        #expect(time.now - Self.start == 4000)
    }

    @Test func `the pace can change while somebody sleeps`() async throws {
        let (time, clock) = time(pace: 0.001)
        let real = ContinuousClock.now
        try await time.run {
            async let sleep: Void = clock.sleep(for: .seconds(100))
            try await Task.sleep(for: .milliseconds(20))
            #expect(time.setPace(nil) == 0.001)
            try await sleep
        }
        #expect(ContinuousClock.now - real < .seconds(20))
        #expect(time.now - Self.start == 100_000)
    }

    @Test func `runs at the same time share the clock`() async {
        let (time, clock) = time()
        await withTaskGroup(of: Void.self) { group in
            for _ in 1...3 {
                group.addTask {
                    await time.run {
                        for _ in 1...10 { try? await clock.sleep(for: .seconds(1)) }
                    }
                }
            }
        }
        // They may begin one after another, so they overlap somewhere between wholly and not at all.
        #expect(10_000...30_000 ~= time.now - Self.start)
    }
}
