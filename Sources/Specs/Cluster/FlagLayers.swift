extension ClusterSpec {
    /// The declared flags of a daemon, from the widest to the nearest: its section's, its role's, the node's own.
    public func flagLayers(of role: Role, on node: NodeSpec?) -> [[Setting]] {
        let section: [Setting]? =
            switch role {
            case .mesosMaster: mesos?.master.flags
            case .mesosAgent: mesos?.agent.flags
            case .marathon: marathon?.flags
            case .zookeeper, .docker, .haproxy: nil
            }
        return [section ?? [], roles[role]?.flags ?? [], node?.flags[role] ?? []]
    }

    /// The declared flags of a daemon on a node, the nearest of equally named ones, sorted by name.
    public func flags(of role: Role, on node: NodeSpec) -> [Setting] {
        var nearest: [String: Setting] = [:]
        for setting in flagLayers(of: role, on: node).joined() { nearest[setting.name.value] = setting }
        return nearest.values.sorted { $0.name.value < $1.name.value }
    }

    /// The containerizers of the agent on `node`, in the order in which they are tried; nil where none are declared.
    public func containerizers(on node: NodeSpec) -> Located<[String]>? {
        guard let own = node.flag("containerizers", of: .mesosAgent) else { return mesos?.agent.containerizers }
        let names = own.value.value.shown.split(separator: ",", omittingEmptySubsequences: false)
        return Located(names.map(String.init), at: own.value.position)
    }

    /// How long the agent on `node` waits for an executor, as written; nil where nothing is declared (Mesos takes 1mins).
    public func executorRegistrationTimeout(on node: NodeSpec) -> Located<String>? {
        guard let own = node.flag("executor_registration_timeout", of: .mesosAgent) else {
            return mesos?.agent.executorRegistrationTimeout
        }
        return Located(own.value.value.shown, at: own.value.position)
    }
}

extension NodeSpec {
    func flag(_ name: String, of role: Role) -> Setting? { flags[role]?.first { $0.name.value == name } }
}
