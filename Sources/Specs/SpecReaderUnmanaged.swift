extension ClusterSpec {
    /// The names of declared sections that are read and checked, and that this version does not act on; sorted.
    func unmanagedSections(declared: Set<String>) -> [String] {
        let sections: Set = [
            "files", "haproxy", "hold", "images", "network", "repositories", "services", "transfer",
            "watch",
        ]
        var names = sections.intersection(declared)
        if !nodes(with: .haproxy).isEmpty { names.insert("haproxy") }
        if !docker.daemon.isEmpty { names.insert("docker.daemon") }
        for node in nodes {
            if !node.files.isEmpty { names.insert("nodes.\(node.name.value).files") }
            if !node.services.isEmpty { names.insert("nodes.\(node.name.value).services") }
        }
        for (role, spec) in roles {
            if !spec.files.isEmpty { names.insert("roles.\(role.rawValue).files") }
            if !spec.services.isEmpty { names.insert("roles.\(role.rawValue).services") }
        }
        let policy = other.policy
        if policy.pruneImages != nil { names.insert("policy.prune.images") }
        if policy.nodes != nil { names.insert("policy.budget.nodes") }
        return names.sorted()
    }
}
