/// Flags that follow from other parts of the file are not declared again: the daemon would get them twice and exit.
enum DerivedFlagRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        let cluster = Role.allCases.flatMap { role in
            spec.flagLayers(of: role, on: nil).joined().compactMap { fault($0, role, node: nil, spec) }
        }
        let nodes = spec.nodes.flatMap { node in
            node.flags.flatMap { role, flags in flags.compactMap { fault($0, role, node: node, spec) } }
        }
        return cluster + nodes
    }

    /// Where a flag is said, and what it says there if that is one text.
    private struct Origin {
        let name: String
        let place: SourcePosition?
        var value: String?
    }

    private static func fault(_ flag: Setting, _ role: Role, node: NodeSpec?, _ spec: ClusterSpec) -> Diagnostic? {
        let bare = flag.name.value.hasPrefix("no-") ? String(flag.name.value.dropFirst(3)) : flag.name.value
        guard let origin = origin(of: bare, role, node: node, spec) else { return nil }
        let place = origin.place.map { " (\($0))" } ?? ""
        let said = flag.value.value.plainText
        let isSensitive = SensitiveNames.isSensitive(flag: bare)
        if !isSensitive, let said, let value = origin.value, said != value {
            let message = "flag `\(bare)` says `\(said.abbreviated)`, but `\(origin.name)` says `\(value)`\(place)"
            return Diagnostic(.error, message, at: flag.name.position, hint: "say it once, there")
        }
        let message = "flag `\(bare)` follows from `\(origin.name)`\(place)"
        return Diagnostic(.error, message, at: flag.name.position, hint: "say it there alone")
    }

    private static func origin(of flag: String, _ role: Role, node: NodeSpec?, _ spec: ClusterSpec) -> Origin? {
        if [.mesosMaster, .mesosAgent, .marathon].contains(role), let origin = ofNode(flag, role, node, spec) {
            return origin
        }
        switch role {
        case .mesosMaster: return ofMaster(flag, spec.mesos)
        case .mesosAgent: return ofAgent(flag, spec.mesos, isOverride: node != nil)
        case .marathon: return ofMarathon(flag, spec)
        case .zookeeper, .docker, .haproxy: return nil
        }
    }

    private static func ofNode(_ flag: String, _ role: Role, _ node: NodeSpec?, _ spec: ClusterSpec) -> Origin? {
        let name = node?.name.value.text ?? "NAME"
        switch flag {
        case "ip" where role != .marathon:
            let address = (node ?? spec.nodes(with: role).first)?.address
            return Origin(name: "nodes.\(name).address", place: address?.position, value: node?.address.value)
        case "hostname":
            let hostname = node?.hostname
            return Origin(
                name: hostname == nil ? "nodes.\(name).address" : "nodes.\(name).hostname",
                place: hostname?.position ?? (node ?? spec.nodes(with: role).first)?.address.position,
                value: hostname?.value ?? node?.address.value
            )
        default: return nil
        }
    }

    private static func ofMaster(_ flag: String, _ mesos: MesosSpec?) -> Origin? {
        let section = mesos?.position
        switch flag {
        case "zk": return Origin(name: "mesos.zk", place: mesos?.zkPath.position)
        case "quorum":
            return Origin(
                name: "mesos.quorum",
                place: mesos?.quorum.position,
                value: mesos.map { "\($0.quorum.value)" }
            )
        case "work_dir":
            let own = mesos?.master.workDirectory
            return Origin(name: "mesos.master.workDir", place: own?.position ?? section, value: own?.value)
        case "cluster":
            return Origin(
                name: "mesos.cluster",
                place: mesos?.cluster?.position ?? section,
                value: mesos?.cluster?.value
            )
        case "credentials":
            return Origin(name: "mesos.master.credentials", place: mesos?.master.credentials?.position ?? section)
        case "acls": return Origin(name: "mesos.master.acls", place: mesos?.master.acls?.position ?? section)
        default: return nil
        }
    }

    /// A node may have containerizers and a timeout of its own; there is no other place to say them.
    private static func ofAgent(_ flag: String, _ mesos: MesosSpec?, isOverride: Bool) -> Origin? {
        let (section, agent) = (mesos?.position, mesos?.agent)
        switch flag {
        case "master": return Origin(name: "mesos.zk", place: mesos?.zkPath.position)
        case "work_dir":
            let own = agent?.workDirectory
            return Origin(name: "mesos.agent.workDir", place: own?.position ?? section, value: own?.value)
        case "containerizers" where !isOverride:
            let own = agent?.containerizers
            return Origin(
                name: "mesos.agent.containerizers",
                place: own?.position ?? section,
                value: own?.value.joined(separator: ",")
            )
        case "executor_registration_timeout" where !isOverride:
            let own = agent?.executorRegistrationTimeout
            let name = "mesos.agent.executor_registration_timeout"
            return Origin(name: name, place: own?.position ?? section, value: own?.value)
        case "attributes", "resources":
            let own = (flag == "attributes" ? agent?.attributes : agent?.resources)?.first
            return Origin(name: "mesos.agent.\(flag)", place: own?.name.position ?? section)
        case "credential":
            return Origin(name: "mesos.agent.credentials", place: agent?.credentials?.position ?? section)
        default: return nil
        }
    }

    private static func ofMarathon(_ flag: String, _ spec: ClusterSpec) -> Origin? {
        let marathon = spec.marathon
        switch flag {
        case "zk": return Origin(name: "marathon.zk", place: marathon?.zkPath.position)
        case "master": return Origin(name: "mesos.zk", place: spec.mesos?.zkPath.position)
        case "http_credentials":
            return Origin(
                name: "marathon.httpCredentials",
                place: marathon?.httpCredentials?.position ?? marathon?.position
            )
        default: return nil
        }
    }
}
