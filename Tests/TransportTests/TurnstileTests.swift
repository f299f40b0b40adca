import Synchronization
import Testing

@testable import Transport

@Suite struct TurnstileTests {
    @Test(arguments: [1, 3])
    func noMoreThanTheLimitAreInsideAtOnce(_ limit: Int) async {
        let turnstile = Turnstile(limit: limit)
        let inside = Count()
        await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    await turnstile.pass {
                        inside.enter()
                        try? await Task.sleep(for: .milliseconds(5))
                        inside.leave()
                    }
                }
            }
        }
        #expect(inside.most == limit)
    }

    @Test func whoIsCancelledWhileWaitingTakesNoPlace() async throws {
        let turnstile = Turnstile(limit: 1)
        let (gate, open) = AsyncStream<Void>.makeStream()
        let first = Task { await turnstile.pass { for await _ in gate {} } }
        try await Task.sleep(for: .milliseconds(50))
        let second = Task { await turnstile.pass { true } }
        try await Task.sleep(for: .milliseconds(50))
        second.cancel()
        #expect(await second.value == nil)
        open.finish()
        _ = await first.value
        #expect(await turnstile.pass { true } == true)
    }
}

private final class Count: Sendable {
    private let numbers = Mutex((now: 0, most: 0))
    var most: Int { numbers.withLock { $0.most } }
    func enter() {
        numbers.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }
    func leave() { numbers.withLock { $0.now -= 1 } }
}
