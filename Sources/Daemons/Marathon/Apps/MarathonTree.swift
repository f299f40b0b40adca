/// All apps and groups, as far as the checks of a whole root look at them.
public struct MarathonTree: Sendable {
    public var apps: [String: MarathonApp]
    /// Absolute group ids with the absolute ids they depend on.
    public var groups: [String: [String]]

    public init(apps: [String: MarathonApp], groups: [String: [String]] = [:]) {
        self.apps = apps
        self.groups = groups
    }
}

extension MarathonTree {
    /// Whether a dependency leads back to where it came from; ids that nobody has are ignored.
    ///
    /// A group stands for the apps below it, which also have its dependencies.
    /// - Parameter changed: The apps to start from: without new cycles elsewhere, those that changed. nil takes all.
    /// - Returns: true for an app that depends on itself as well.
    func hasCycle(from changed: [String]?) -> Bool {
        var state: [String: Bool] = [:]
        var members: [String: [String]] = [:]
        let dependent = groups.filter { !$0.value.isEmpty }
        for start in changed ?? Array(apps.keys) where state[start] == nil && apps[start] != nil {
            var stack = [(id: start, rest: edges(of: start, dependent, &members)[...])]
            state[start] = false
            while let top = stack.indices.last {
                guard let next = stack[top].rest.popFirst() else {
                    state[stack[top].id] = true
                    stack.removeLast()
                    continue
                }
                switch state[next] {
                case false?: return true
                case true?: continue
                case nil:
                    state[next] = false
                    stack.append((next, edges(of: next, dependent, &members)[...]))
                }
            }
        }
        return false
    }

    /// What a node needs: an app what it depends on, a group (with a slash at its end) the apps below it.
    private func edges(
        of node: String,
        _ dependent: [String: [String]],
        _ members: inout [String: [String]]
    ) -> [String] {
        if node.hasSuffix("/") { return members[node] ?? [] }
        var needed = apps[node]?.dependencies ?? []
        if !dependent.isEmpty {
            for group in Self.ancestors(of: node) { needed += dependent[group] ?? [] }
        }
        return needed.compactMap { id in
            if apps[id] != nil { return id }
            guard groups[id] != nil else { return nil }
            let group = id == "/" ? id : id + "/"
            if members[group] == nil { members[group] = apps.keys.filter { $0.hasPrefix(group) } }
            return group
        }
    }

    private static func ancestors(of id: String) -> [String] {
        var result: [String] = []
        var id = id
        while id != "/" {
            id = MarathonPath.parent(id)
            result.append(id)
        }
        return result
    }
}
