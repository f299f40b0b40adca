internal import Reconciler
internal import Serving
internal import Synchronization

/// The loop seen from outside, by HTTP on loopback.
///
/// What is published is only put down here; documents are made when somebody asks, so that no client holds up the loop.
final class LoopEndpoint: LoopListener {
    private struct State {
        var sight: LoopPicture
        var pulse: LoopPulse
    }

    private let address: ListenAddress
    private let console = Surroundings.current.console
    private let state: Mutex<State>
    /// Stands still while the machine sleeps: nothing is late because of that.
    private let clock = SuspendingClock()
    private let began: SuspendingClock.Instant

    /// One request a connection, so that no idle client takes the place of another.
    static let limits = HTTPLimits(
        body: 16 * 1024,
        headers: 16 * 1024,
        patience: .seconds(10),
        connections: 32,
        lifetime: .seconds(30)
    )

    init(_ address: ListenAddress) {
        self.address = address
        began = clock.now
        state = Mutex(State(sight: LoopPicture(started: console.seconds()), pulse: LoopPulse(at: .zero)))
    }

    private var elapsed: Duration { clock.now - began }

    // MARK: The loop

    func publish(_ status: LoopStatus, _ plan: Plan?) {
        let now = elapsed
        state.withLock { state in
            state.sight.take(status, plan)
            state.pulse.hear(status, at: now)
        }
    }

    func hear(_ event: RunEvent) {
        let now = elapsed
        state.withLock { $0.pulse.beat(at: now) }
    }

    /// As it is now.
    private var sight: LoopPicture {
        let now = elapsed
        return state.withLock { state in
            var sight = state.sight
            sight.trouble = state.pulse.trouble(at: now)
            return sight
        }
    }

    // MARK: Its visitors

    /// Serves while `body` goes on, which begins once the address is ours.
    /// - Throws: `Stop` where it cannot be had, and what `body` throws.
    func serve(during body: @escaping @Sendable () async throws -> Void) async throws {
        let (bound, tell) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask { [self] in
                defer { tell.finish() }
                try await listen { tell.yield($0) }
                return false
            }
            var ports = bound.makeAsyncIterator()
            if let port = await ports.next() {
                console.log("Seen at \(address.url(port: port)): /healthz /metrics /api/v1/status /api/v1/plan\n")
                group.addTask {
                    try await body()
                    return true
                }
            }
            while let isOver = try await group.next(), !isOver {}
            try Task.checkCancellation()
        }
    }

    /// Until the task is cancelled; where the server breaks later it comes back, and the loop goes on meanwhile.
    private func listen(_ isUp: @escaping @Sendable (_ port: Int) -> Void) async throws {
        let pages = LoopPages { [self] in sight }
        let bound = Mutex<Int?>(nil)
        while !Task.isCancelled {
            let listener = HTTPListener(
                address: address.host,
                port: bound.withLock { $0 } ?? address.port,
                limits: Self.limits
            ) { request in .whole(await pages.answer(to: request)) }
            do throws(HTTPListenerFailure) {
                try await HTTPServer([listener], grace: .seconds(1)).run { ports in
                    guard let port = ports.first, bound.withLock({ $0 == nil }) else { return }
                    bound.withLock { $0 = port }
                    isUp(port)
                }
            } catch {
                guard bound.withLock({ $0 != nil }) else { throw refusal(error) }
                console.complain("\(error); the loop goes on unseen, and listening is tried again in 10 s")
                try await Task.sleep(for: .seconds(10))
            }
        }
    }

    private func refusal(_ failure: HTTPListenerFailure) -> Stop {
        Stop(
            .failure,
            """
            --listen: \(failure.reason.lowercased()): \(address.url(port: address.port)); see who has it with \
            `ss -ltnp 'sport = :\(address.port)'`, or choose another port
            """
        )
    }
}
