import Daemons
import Lab
import Reconciler
import Specs
import Synchronization

/// What stands between the loop and its cluster, and everything that came through it.
///
/// The loop knows nothing of it. Each start of the loop is a life: nothing of one that was killed reaches a node any more.
final class SoakWeather: Sendable {
    enum Marathon {
        case fine, away, garbage
    }

    /// Something that was sent to change the cluster; its lease and its own records are none.
    struct Deed: Sendable {
        /// Seconds of the world.
        var at: Int
        /// nil for Marathon.
        var node: NodeName?
        var actions: [NodeAction] = []
        /// Of a request to Marathon.
        var request = ""
    }

    struct State {
        var life = 1
        /// Visits that act until the loop is killed; after that one was carried out, or before.
        var killsAfter: (visits: Int, isDone: Bool)?
        var kills = 0
        var refused: Set<NodeName> = []
        var slowSeconds = 0
        var marathon = Marathon.fine
        /// Of the machine that the loop runs on.
        var clockOffset = 0
        var isBadRevision = false
        var deeds: [Deed] = []
        var leases = 0
    }

    let state = Mutex(State())

    func set(_ change: (inout sending State) -> Void) { state.withLock { change(&$0) } }

    var life: Int { state.withLock { $0.life } }

    func takeDeeds() -> [Deed] {
        state.withLock { state in
            defer { state.deeds = [] }
            return state.deeds
        }
    }

    /// Whether the loop of that life is killed by this visit, and whether the visit still happens.
    fileprivate func kill() -> (isKilled: Bool, isDone: Bool) {
        state.withLock { state in
            guard let due = state.killsAfter else { return (false, true) }
            guard due.visits <= 0 else {
                state.killsAfter = (due.visits - 1, due.isDone)
                return (false, true)
            }
            state.killsAfter = nil
            state.kills += 1
            state.life += 1
            return (true, due.isDone)
        }
    }
}

/// The way to the nodes in that weather.
struct SoakAccess: NodeAccess {
    let base: LabNodeAccess
    let lab: Lab
    let weather: SoakWeather
    let life: Int

    func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        try await pass(to: node)
        return try await base.observe(requests, on: node)
    }

    func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        try await pass(to: node)
        let acts = actions.filter(\.isDeed)
        guard !acts.isEmpty else {
            weather.set { $0.leases += 1 }
            return try await base.perform(actions, run: run, on: node)
        }
        let (isKilled, isDone) = weather.kill()
        if isDone {
            let now = (try? lab.read { $0.now.milliseconds / 1000 }) ?? 0
            weather.set { $0.deeds.append(SoakWeather.Deed(at: now, node: node.name, actions: acts)) }
            let results = try await base.perform(actions, run: run, on: node)
            if !isKilled { return results }
        }
        throw NodeAccessError(.interrupted, "the process is gone")
    }

    private func pass(to node: NodeTarget) async throws(NodeAccessError) {
        let (isGone, isRefused, slow) = weather.state.withLock {
            ($0.life != life, $0.refused.contains(node.name), $0.slowSeconds)
        }
        if isGone { throw NodeAccessError(.interrupted, "the process is gone") }
        if isRefused { throw NodeAccessError(.refused, "connect to host \(node.address) port 22: Connection refused") }
        guard slow > 0 else { return }
        do { try await lab.clock.sleep(for: .seconds(slow)) } catch {
            throw NodeAccessError(.interrupted, "the visit was called off")
        }
    }
}

/// The way to Marathon and Mesos in that weather.
struct SoakTransport: HTTPTransport {
    let base: LabHTTPTransport
    let lab: Lab
    let weather: SoakWeather
    let life: Int

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let (isGone, marathon) = weather.state.withLock { ($0.life != life, $0.marathon) }
        if isGone { throw RESTError(.interrupted, mayHaveArrived: false, "the process is gone") }
        if endpoint.port == 8080 {
            switch marathon {
            case .fine: break
            case .away: throw RESTError(.refused, mayHaveArrived: false, "\(endpoint): connection refused")
            case .garbage: return RESTAnswer(status: 200, body: Array("<html>Welcome to nginx</html>".utf8))
            }
        }
        if request.method != .get {
            let now = (try? lab.read { $0.now.milliseconds / 1000 }) ?? 0
            let words = "\(request.method.rawValue) \(request.path)"
            weather.set { $0.deeds.append(SoakWeather.Deed(at: now, request: words)) }
        }
        return try await base.send(request, to: endpoint)
    }
}

extension NodeAction {
    /// Not the lease and not what the loop keeps on a node for itself.
    fileprivate var isDeed: Bool {
        switch self {
        case .lease, .recordApplied, .keepRunningCopies: false
        default: true
        }
    }
}
