extension MarathonRoot {
    /// The length of the longest way from each of these apps along its dependencies, itself counted.
    ///
    /// Dependencies name apps or groups, whose apps are meant; those of a group count for every app in it. Unknown ones
    /// are ignored. Sources: marathon-api.md 5.1; marathon 0.8.2, state/Group.scala, `dependencyGraph`.
    func depths(of ids: [String]) -> [String: Int] {
        var known: [String: Int] = [:]
        var path: Set<String> = []
        for id in ids { _ = depth(of: id, &known, &path) }
        return known
    }

    private func depth(of id: String, _ known: inout [String: Int], _ path: inout Set<String>) -> Int {
        if let depth = known[id] { return depth }
        guard path.insert(id).inserted else { return 0 }
        let longest = dependencies(of: id).map { depth(of: $0, &known, &path) }.max() ?? 0
        path.remove(id)
        known[id] = longest + 1
        return longest + 1
    }

    private func dependencies(of app: String) -> [String] {
        var wanted = apps[app]?.dependencies ?? []
        var group = PathID.parent(of: app)
        while let id = group {
            wanted += groups[id]?.dependencies ?? []
            group = PathID.parent(of: id)
        }
        return wanted.flatMap { apps[$0] != nil ? [$0] : apps(below: $0) }.filter { $0 != app }
    }
}
