extension ClusterSpec {
    /// The names of declared sections that are read and checked, and that this version does not act on; sorted.
    func unmanagedSections(declared: Set<String>) -> [String] {
        let sections: Set = [
            "haproxy", "watch",
        ]
        var names = sections.intersection(declared)
        if !nodes(with: .haproxy).isEmpty { names.insert("haproxy") }
        let policy = other.policy
        if policy.nodes != nil { names.insert("policy.budget.nodes") }
        return names.sorted()
    }
}
