extension ClusterSpec {
    /// The names of declared sections that are read and checked, and that this version does not act on; sorted.
    func unmanagedSections(declared: Set<String>) -> [String] {
        let sections: Set = [
            "watch"
        ]
        var names = sections.intersection(declared)
        let policy = other.policy
        if policy.nodes != nil { names.insert("policy.budget.nodes") }
        return names.sorted()
    }
}
