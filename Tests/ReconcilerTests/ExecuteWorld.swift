import Specs
import Synchronization

@testable import Reconciler

/// Nodes in memory that answer the engine's requests with the semantics of real ones: compare-and-swap, processes with
/// ids, a ZooKeeper ring that elects, packages whose scripts start what is not held off, leases by each node's own clock.
final class ExecuteWorld: NodeAccess, Sendable {
    /// One visit, as faults and witnesses see it.
    struct Visit: Sendable {
        var number: Int
        var run: RunID?
        var node: NodeName
        var requests: [FactRequest]
        var actions: [NodeAction]
        var at: Duration

        var isLease: Bool {
            actions.contains { if case .lease = $0 { true } else { false } }
        }

        var restarts: Bool {
            actions.contains { if case .service(let act) = $0 { act.restart != nil } else { false } }
        }

        func writes(_ path: String) -> Bool {
            actions.contains { if case .writeFile(let write) = $0 { write.path == path } else { false } }
        }
    }

    enum Fault: Sendable {
        /// Nobody answers, nothing is done.
        case unreachable
        /// The connection breaks after that many actions have been done.
        case drop(after: Int)
        case slow(Duration)
        /// The action with that index fails.
        case fail(Int, String)
    }

    struct State: Sendable {
        var nodes: [NodeName: SimulatedNode]
        var numbers: SeededNumbers
        var visits: [Visit] = []
        var open: [NodeName: Int] = [:]
        var openNow = 0
        var mostOpen = 0
        var killed: Set<RunID> = []
        var nextPID = 1000
        var restarts: [Restart] = []
        var violations: [String] = []
        /// The server ids of the ring, by node.
        var ring: [NodeName: Int] = [:]
        var zooKeeperLeader: NodeName?
        var leaderless: Duration?
        var electedMaster: NodeName?
        /// Leadership moves by itself that long after each restart.
        var leaderMovesAfter: Duration?
        var leaderMovesAt: Duration?
    }

    /// A service's process was replaced or started.
    struct Restart: Hashable, Sendable {
        var service: ServiceName
        var node: NodeName
        var at: Duration
        /// It led its ensemble at that moment.
        var led: Bool
        /// Other members that were not serving at that moment.
        var othersDown: [NodeName]
        var run: RunID?
    }

    let time: SimulatedTime
    let state: Mutex<State>
    private let fault: @Sendable (Visit, inout State) -> Fault?
    let latency: ClosedRange<Int>

    /// `fault` sees every visit before it happens, and may change the world by hand.
    init(
        _ nodes: [NodeName: SimulatedNode],
        ring: [NodeName: Int] = [:],
        seed: UInt64,
        time: SimulatedTime,
        latency: ClosedRange<Int> = 5...200,
        fault: @escaping @Sendable (Visit, inout State) -> Fault? = { _, _ in nil }
    ) {
        self.time = time
        self.latency = latency
        self.fault = fault
        state = Mutex(State(nodes: nodes, numbers: SeededNumbers(seed), ring: ring))
    }

    subscript(_ node: NodeName) -> SimulatedNode {
        state.withLock { $0.nodes[node] ?? SimulatedNode() }
    }

    /// From now on nothing that `run` sends arrives: its process is gone.
    func kill(_ run: RunID) { state.withLock { _ = $0.killed.insert(run) } }

    /// A change by hand.
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func edit(_ node: NodeName, _ path: String, _ content: String) {
        state.withLock { $0.nodes[node]?.write(path, content) }
    }

    var restarts: [Restart] { state.withLock { $0.restarts } }
    var violations: [String] { state.withLock { $0.violations } }
    var mostVisitsAtOnce: Int { state.withLock { $0.mostOpen } }
    var visits: [Visit] { state.withLock { $0.visits } }

    // MARK: NodeAccess

    func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        try await visit(node.name, run: nil, requests: requests, actions: []) { () async throws(NodeAccessError) in
            let now = time.now
            return state.withLock { state in
                state.settleEnsembles(now)
                return requests.map { state.answer($0, on: node.name, now) }
            }
        }
    }

    func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        var drop: Int?
        var failing: (index: Int, reason: String)?
        return try await visit(node.name, run: run, requests: [], actions: actions) { fault in
            switch fault {
            case .drop(let count)?: drop = count
            case .fail(let index, let reason)?: failing = (index, reason)
            case .unreachable?, .slow?, nil: break
            }
        } body: { () async throws(NodeAccessError) in
            var results: [ActionResult] = []
            for (index, action) in actions.enumerated() {
                if index == drop { throw NodeAccessError(.interrupted, "the connection broke") }
                if let failing, failing.index == index { return results + [.failed(reason: failing.reason)] }
                let result = await act(action, run: run, on: node.name)
                results.append(result)
                switch result {
                case .done, .alreadyInPlace: continue
                case .conflict, .failed, .pending: break
                }
                break
            }
            if drop != nil { throw NodeAccessError(.interrupted, "the connection broke") }
            return results
        }
    }

    private func act(_ action: NodeAction, run: RunID, on node: NodeName) async -> ActionResult {
        if case .collect(let job, let seconds) = action {
            let due = state.withLock { $0.nodes[node]?.jobs["\(run)/\(job)"]?.endsAt } ?? time.now
            let until = min(due, time.now + .seconds(seconds))
            if until > time.now { try? await time.sleep(until: until) }
        }
        let now = time.now
        return state.withLock { state in
            state.settleEnsembles(now)
            return state.perform(action, run: run, on: node, now)
        }
    }

    /// Time on the way, the node's state, faults, and the rule that a node has one visit at a time.
    private func visit<Result: Sendable>(
        _ node: NodeName,
        run: RunID?,
        requests: [FactRequest],
        actions: [NodeAction],
        onFault: (Fault?) -> Void = { _ in },
        body: () async throws(NodeAccessError) -> Result
    ) async throws(NodeAccessError) -> Result {
        let now = time.now
        let (fault, delay, visit, isUp) = state.withLock { state in
            let visit = Visit(
                number: state.visits.count,
                run: run,
                node: node,
                requests: requests,
                actions: actions,
                at: now
            )
            state.visits.append(visit)
            let fault = self.fault(visit, &state)
            return (fault, Int.random(in: latency, using: &state.numbers), visit, state.nodes[node]?.isUp ?? false)
        }
        // Lease visits and readings of the lease may run beside others; and two runs know nothing of each other.
        let counts = !visit.isLease && !requests.contains(.lease)
        if counts { enter(node) }
        defer { if counts { leave(node) } }
        onFault(fault)
        let extra: Duration = if case .slow(let duration)? = fault { duration } else { .zero }
        do { try await time.sleep(until: now + .milliseconds(delay) + extra) } catch {
            throw NodeAccessError(.interrupted, "stopped on the way")
        }
        if case .unreachable? = fault { throw NodeAccessError(.unreachable, "no route to host") }
        guard isUp else { throw NodeAccessError(.unreachable, "no route to host") }
        if isKilled(run) { throw NodeAccessError(.interrupted, "killed") }
        let result = try await body()
        do { try await time.sleep(until: time.now + .milliseconds(delay)) } catch {
            throw NodeAccessError(.interrupted, "stopped on the way back")
        }
        if isKilled(run) { throw NodeAccessError(.interrupted, "killed") }
        return result
    }

    private func isKilled(_ run: RunID?) -> Bool {
        state.withLock { state in run.map { state.killed.contains($0) } ?? false }
    }

    private func enter(_ node: NodeName) {
        state.withLock { state in
            state.open[node, default: 0] += 1
            state.openNow += 1
            state.mostOpen = max(state.mostOpen, state.openNow)
            if state.open[node] ?? 0 > 1 { state.violations.append("two visits on \(node) at once") }
        }
    }

    private func leave(_ node: NodeName) {
        state.withLock { state in
            state.open[node, default: 1] -= 1
            state.openNow -= 1
        }
    }
}
