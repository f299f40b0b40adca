public import Specs

/// Looks at the nodes: one visit each, a bounded number at a time; and at Mesos over REST, where there is a way.
public struct Observer: Sendable {
    private let access: any NodeObserving
    private let parallelism: Int
    private let transport: (any HTTPTransport)?
    private let logins: RESTLogins
    private let clock: RunClock

    /// Without `transport` only what a node answers about itself is known of Mesos.
    ///
    /// `clock` is what the nodes' clocks are compared by: one that goes on as they do.
    public init(
        access: any NodeObserving,
        parallelism: Int,
        transport: (any HTTPTransport)? = nil,
        logins: RESTLogins = RESTLogins(),
        clock: some Clock<Duration> = ContinuousClock()
    ) {
        self.clock = RunClock(clock)
        self.access = access
        self.parallelism = max(1, parallelism)
        self.transport = transport
        self.logins = logins
    }

    /// What the nodes are like, each with why it is silent if it is; a dead one harms no other.
    ///
    /// Of the nodes named in `only`, or of all of them.
    public func observe(
        _ spec: ClusterSpec,
        secrets: SecretStore,
        only: Set<NodeName>? = nil
    ) async -> ObservedCluster {
        let nodes = spec.nodes.filter { only?.contains($0.name.value) ?? true }
        let rest = transport.map {
            MesosREST(RESTReach($0, logins: logins, secrets: secrets), spec: spec, secrets: secrets)
        }
        let look: @Sendable (NodeSpec) async -> Look = { node in
            let visited = await visit(node, in: spec, secrets: secrets)
            return Look(node: node, visited: visited, mesos: await rest?.look(at: node, after: visited))
        }
        do {
            let looks = try await nodes.mapConcurrently(limit: parallelism, look)
            let mesos = await rest?.together(looks) ?? ObservedMesos()
            return ObservedCluster(
                nodes: Dictionary(looks.map { ($0.node.name.value, $0.visited) }) { first, _ in first },
                mesos: mesos
            ).withWhatMesosSays
        } catch {
            // A visit never throws; what could is being cancelled, and then nothing is known of any node.
            let interrupted = NodeAccessError(.interrupted, "the observation was interrupted: \(error)")
            return ObservedCluster(
                nodes: Dictionary(nodes.map { ($0.name.value, .silent(interrupted)) }) { first, _ in first }
            )
        }
    }

    /// Only what `objects` are, by the nodes themselves: nothing else is asked, and nobody else.
    public func observe(
        _ spec: ClusterSpec,
        secrets: SecretStore,
        only objects: Set<ReliedObject>
    ) async -> ObservedCluster {
        let names = Set(objects.compactMap(\.node))
        let nodes = spec.nodes.filter { names.contains($0.name.value) }
        let look: @Sendable (NodeSpec) async -> (NodeName, NodeObservation) = { node in
            let requests = ObservationRequest(for: node, in: spec, only: objects).facts
            return (node.name.value, await visit(node, asking: requests, in: spec, secrets: secrets))
        }
        // A visit never throws; what could is being cancelled, and then nothing is known of any node.
        let looks = (try? await nodes.mapConcurrently(limit: parallelism, look)) ?? []
        return ObservedCluster(nodes: Dictionary(looks) { first, _ in first })
    }

    private func visit(_ node: NodeSpec, in spec: ClusterSpec, secrets: SecretStore) async -> NodeObservation {
        await visit(node, asking: ObservationRequest(for: node, in: spec).facts, in: spec, secrets: secrets)
    }

    private func visit(
        _ node: NodeSpec,
        asking requests: [FactRequest],
        in spec: ClusterSpec,
        secrets: SecretStore
    ) async -> NodeObservation {
        do {
            let began = clock.now()
            let answers = try await access.observe(requests, on: NodeTarget(node, spec))
            let ended = clock.now()
            var seen = ObservedNode(node, in: spec, requests: requests, answers: answers, secrets: secrets)
            seen.clockOffset = seen.clock.value.map { ClockOffset($0, askedAfter: began, answeredBefore: ended) }
            return .answered(seen)
        } catch {
            return .silent(error)
        }
    }
}

/// One node, by ssh and by REST.
struct Look: Sendable {
    var node: NodeSpec
    var visited: NodeObservation
    var mesos: MesosLook?
}

/// What the Mesos daemons of one node told; nil where it has none of that kind.
struct MesosLook: Sendable {
    var master: Observation<ObservedMaster>?
    var agent: Observation<ObservedAgent>?
}

extension MesosREST {
    /// Asks the daemons that `node` should have; not those of which its visit has shown that they are not there.
    func look(at node: NodeSpec, after visited: NodeObservation) async -> MesosLook {
        var look = MesosLook()
        if node.has(.mesosMaster) {
            look.master = visited.hasNo(.mesosMaster) ? .absent : await master(on: node)
        }
        if node.has(.mesosAgent) {
            look.agent = visited.hasNo(.mesosAgent) ? .absent : await agent(on: node)
        }
        return look
    }

    /// All looks as one, and what the elected master lists.
    func together(_ looks: [Look]) async -> ObservedMesos {
        var mesos = ObservedMesos()
        var elected: [NodeSpec] = []
        for look in looks {
            mesos.masters[look.node.name.value] = look.mesos?.master
            mesos.agents[look.node.name.value] = look.mesos?.agent
            if look.mesos?.master?.value?.metrics.value?.isElected == true { elected.append(look.node) }
        }
        guard let leader = elected.first else {
            mesos.registered = .unknown("no master that was asked over REST is elected")
            return mesos
        }
        guard elected.count == 1 else {
            let names = elected.map(\.name.value.text).joined(separator: ", ")
            mesos.registered = .unknown("\(elected.count) masters say that they are elected: \(names)")
            return mesos
        }
        mesos.registered = await registered(with: leader)
        return mesos
    }
}

extension NodeObservation {
    /// Whether the visit has shown that nothing of this service runs here.
    fileprivate func hasNo(_ service: ServiceName) -> Bool {
        switch node?.services[service] {
        case .absent?: true
        case .found(let found)?: found.pid == nil && (found.run == .stopped || found.run == .failed)
        case .unknown?, nil: false
        }
    }
}

extension ObservedCluster {
    /// With what a daemon tells of itself beside what the node tells of it; REST first, since it is the daemon's own word.
    fileprivate var withWhatMesosSays: ObservedCluster {
        var cluster = self
        for (name, observation) in nodes {
            guard case .answered(var node) = observation else { continue }
            if let elected = mesos.masters[name]?.value?.metrics.value?.isElected {
                node.masterElected = .found(elected)
            }
            for service in [ServiceName.mesosMaster, .mesosAgent] {
                guard case .found(var found)? = node.services[service] else { continue }
                found.reportedFlags = mesos.flags(of: service, on: name)
                node.services[service] = .found(found)
            }
            cluster.nodes[name] = .answered(node)
        }
        return cluster
    }
}
