internal import Specs

/// The declared Mesos daemons' REST APIs, each asked about itself, and the elected master about all.
///
/// Reads only. A daemon's own answers never come from another one: `/flags` and `/metrics/snapshot` are not redirected
/// (mesos-zk-ops.md 5.1).
struct MesosREST: Sendable {
    private let reach: RESTReach
    private let redaction: Redaction
    private let spec: ClusterSpec

    init(_ reach: RESTReach, spec: ClusterSpec, secrets: SecretStore) {
        self.reach = reach
        self.spec = spec
        redaction = Redaction(spec: spec, secrets: secrets)
    }

    // MARK: A daemon about itself

    func master(on node: NodeSpec) async -> Observation<ObservedMaster> {
        await daemon(.mesosMaster, on: node, MasterMetrics.init)
    }

    func agent(on node: NodeSpec) async -> Observation<ObservedAgent> {
        await daemon(.mesosAgent, on: node, AgentMetrics.init)
    }

    private func daemon<Metrics>(
        _ service: ServiceName,
        on node: NodeSpec,
        _ read: (MesosMetrics) -> Metrics
    ) async -> Observation<ObservedDaemon<Metrics>> {
        let place = ServicePlace(node, service, in: spec)
        let told = await tell(service, place)
        switch (told.own, told.metrics) {
        case (.absent, _), (_, .absent): return .absent
        case (.unknown(let reason), .unknown): return .unknown(reason)
        case (.found, _), (_, .found):
            return .found(
                ObservedDaemon(
                    endpoint: place.endpoint.description,
                    version: told.version,
                    flags: told.own.map { redaction.flags($0.flags) },
                    metrics: told.metrics.map(read)
                )
            )
        }
    }

    private struct Told {
        var own: Observation<MesosSelf>
        var metrics: Observation<MesosMetrics>
        var version: String?
    }

    private func tell(_ service: ServiceName, _ place: ServicePlace) async -> Told {
        let metrics = await ask(service, place, ["/metrics/snapshot"], MesosMetrics.init)
        // Nobody listens, or nothing gets there: the same would be heard again, each time at the cost of a deadline.
        switch metrics.reply {
        case .absent, .unknown: return Told(own: metrics.value.map { _ in MesosSelf.nothing }, metrics: metrics.value)
        case .answered: break
        }
        let own = await ask(service, place, MesosSelf.paths, MesosSelf.init).value
        var told = Told(own: own, metrics: metrics.value, version: own.value?.version)
        if told.version == nil {
            let version = await ask(service, place, ["/version", "/state.json"]) {
                AppValue(body: $0)?["version"]?.plainText
            }
            told.version = version.value.value
        }
        return told
    }

    private func ask<Value>(
        _ service: ServiceName,
        _ place: ServicePlace,
        _ paths: [String],
        _ decode: (String) -> Value?
    ) async -> (reply: RESTReply, value: Observation<Value>) {
        let question = RESTQuestion(service, at: place, paths)
        var reply = await reach.ask(question)
        if case .unknown(let reason) = reply { reply = .unknown(redaction.words(reason).shown) }
        return (reply, reply.read("\(place.endpoint)\(paths[0])", decode))
    }

    // MARK: The elected one about all

    /// Asks the master on `node`, which said it is elected; where it points to another declared one by now, that one, once.
    func registered(with node: NodeSpec) async -> Observation<RegisteredWithMesos> {
        let first = await list(of: node)
        guard case .answered(307, _, let location?) = first.reply, let target = RedirectTarget(location),
            let other = master(at: target), other.name.value != node.name.value
        else { return first.value }
        return await list(of: other).value
    }

    private func list(of node: NodeSpec) async -> (reply: RESTReply, value: Observation<RegisteredWithMesos>) {
        let place = ServicePlace(node, .mesosMaster, in: spec)
        let (reply, listing) = await ask(.mesosMaster, place, MesosListing.allPaths, MesosListing.init)
        if listing.value?.isLeaders == false {
            return (reply, .unknown("the master on \(node.name.value) does not lead any more; observe again"))
        }
        let value = listing.map {
            RegisteredWithMesos(leader: node.name.value, agents: $0.agents, frameworks: $0.frameworks ?? [])
        }
        return (reply, value)
    }

    /// A redirect is followed to declared masters only, and to their declared addresses: what a daemon announces may not
    /// resolve here, and must not send a login elsewhere.
    private func master(at target: RedirectTarget) -> NodeSpec? {
        spec.nodes(with: .mesosMaster).first { node in
            let names = [node.address.value, node.hostname?.value, node.name.value.text].compactMap { $0 }
            let port = MesosMasterRole.port(spec, node: node)
            return names.contains(target.host) && target.port.map { $0 == port } ?? true
        }
    }
}

extension MesosSelf {
    fileprivate static var nothing: MesosSelf { MesosSelf(flags: [:]) }

    private init(flags: [String: String]) { (self.flags, version) = (flags, nil) }
}

extension MasterMetrics {
    init(_ metrics: MesosMetrics) {
        self.init(
            isElected: metrics.isOne("master/elected"),
            uptimeSeconds: metrics["master/uptime_secs"],
            agentsActive: metrics.count("master/slaves_active"),
            agentsInactive: metrics.count("master/slaves_inactive"),
            agentsConnected: metrics.count("master/slaves_connected"),
            agentsDisconnected: metrics.count("master/slaves_disconnected"),
            agentsUnreachable: metrics.count("master/slaves_unreachable"),
            isLogRecovered: metrics.isOne("registrar/log/recovered"),
            ensembleSize: metrics.count("registrar/log/ensemble_size")
        )
    }
}

extension AgentMetrics {
    init(_ metrics: MesosMetrics) {
        self.init(
            isRegistered: metrics.isOne("slave/registered"),
            recoveryErrors: metrics.count("slave/recovery_errors"),
            uptimeSeconds: metrics["slave/uptime_secs"]
        )
    }
}
