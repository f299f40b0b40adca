extension ClusterSpec {
    /// The names of declared sections that are read and checked, and that this version does not act on; sorted.
    func unmanagedSections(declared: Set<String>) -> [String] {
        let sections: Set = [
            "files", "haproxy", "hold", "network", "repositories", "services",
        ]
        var names = sections.intersection(declared)
        if !nodes(with: .haproxy).isEmpty { names.insert("haproxy") }
        for node in nodes {
            if !node.files.isEmpty { names.insert("nodes.\(node.name.value).files") }
            if !node.services.isEmpty { names.insert("nodes.\(node.name.value).services") }
        }
        for (role, spec) in roles {
            if !spec.files.isEmpty { names.insert("roles.\(role.rawValue).files") }
            if !spec.services.isEmpty { names.insert("roles.\(role.rawValue).services") }
        }
        return names.sorted()
    }
}
