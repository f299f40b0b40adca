extension ClusterSpec {
    /// The names of declared sections that are read and checked, and that this version does not act on; sorted.
    ///
    /// `vars` is one only where nothing in cluster.yaml uses a variable.
    func unmanagedSections(declared: Set<String>, usesVariables: Bool) -> [String] {
        let sections: Set = [
            "apps", "deployments", "files", "haproxy", "hold", "images", "network", "repositories", "services",
            "transfer", "watch",
        ]
        var names = sections.intersection(declared)
        if declared.contains("vars"), !usesVariables { names.insert("vars") }
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
        if policy.pruneApps != nil || !policy.pruneAppsUnder.isEmpty { names.insert("policy.prune.apps") }
        if !policy.protect.isEmpty { names.insert("policy.protect") }
        if !policy.ignore.isEmpty { names.insert("policy.ignore") }
        if policy.tasksRestarted != nil || policy.nodes != nil { names.insert("policy.budget") }
        return names.sorted()
    }
}
