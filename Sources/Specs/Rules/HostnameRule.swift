/// No two nodes announce the same host name: masters would take one agent for the other (mesos-zk-ops.md 4.1).
enum HostnameRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        var owners: [String: NodeSpec] = [:]
        return draft.spec.nodes.compactMap { node in
            guard let hostname = node.hostname else { return nil }
            if let other = owners[hostname.value.lowercased()] {
                let message = "host name `\(hostname.value)` belongs to `\(other.name.value)`"
                let place = other.hostname.map { " (\($0.position))" } ?? ""
                return Diagnostic(.error, message + place, at: hostname.position)
            }
            owners[hostname.value.lowercased()] = node
            return nil
        }
    }
}
