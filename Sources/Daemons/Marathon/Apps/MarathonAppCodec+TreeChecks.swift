/// Rules about apps beside each other (marathon-api.md 1.4 and section 4).
extension MarathonAppCodec {
    /// Checks a whole root: ids that are both app and group, cyclic dependencies, `--max_apps`.
    ///
    /// - Parameters:
    ///   - tree: As it shall be; an empty group that gives way to an app of its id is no longer in it.
    ///   - changed: Ids of the apps that changed since the last check; nil checks all.
    /// - Throws: 422.
    public func validate(_ tree: MarathonTree, changed: [String]? = nil) throws(MarathonFault) {
        var violations: [MarathonFault.Violation] = []
        let clashing = (changed ?? Array(tree.apps.keys)).filter { tree.apps[$0] != nil && tree.groups[$0] != nil }
        let words = "Groups and Applications may not have the same identifier"
        if version.isAtLeast(1, 0) {
            if !clashing.isEmpty { violations.append(.init(path: "/", words + ".")) }
        } else if !clashing.isEmpty {
            violations.append(.init(path: "/apps", "\(words): \(clashing.sorted().joined(separator: ", "))"))
        }
        if tree.hasCycle(from: changed) {
            let words = "Dependency graph has cyclic dependencies"
            violations.append(
                version.isAtLeast(1, 0) ? .init(path: "/", words + ".") : .init(path: "/dependencies", words)
            )
        }
        if !violations.isEmpty { throw .validation(version, violations) }
        try checkNumber(tree.apps.count)
    }

    private func checkNumber(_ count: Int) throws(MarathonFault) {
        guard let limit = context.maxApps, version.isAtLeast(0, 10), count > limit else { return }
        let words = """
            This Marathon instance may only handle up to \(limit) Apps! \
            (Override with command line option --max_apps)
            """
        throw version.isAtLeast(1, 0)
            ? .validation(version, [.init(path: "/", words)]) : MarathonFault(400, ["message": .string(words)])
    }

    /// Checks the service ports of an app's mappings against those of the other apps' mappings.
    ///
    /// - Parameters:
    ///   - app: As a POST or a creating PUT has it, ports not assigned yet.
    ///   - tree: As it is.
    /// - Throws: 409 in 0.8.1 to 0.14, 422 in 0.15 to 1.2, nothing in other releases.
    public func checkServicePorts(of app: MarathonApp, in tree: MarathonTree) throws(MarathonFault) {
        guard version.isAtLeast(0, 8, 1), !version.isAtLeast(1, 3), let wanted = app.mappedPorts else { return }
        let ports = Set(wanted.map(\.servicePort)).subtracting([0])
        guard !ports.isEmpty else { return }
        var conflicts: [(id: String, port: Int)] = []
        for (id, other) in tree.apps where id != app.id {
            for mapping in other.mappedPorts ?? [] where ports.contains(mapping.servicePort) {
                conflicts.append((id, mapping.servicePort))
            }
        }
        guard !conflicts.isEmpty else { return }
        let words = conflicts.sorted { ($0.id, $0.port) < ($1.id, $1.port) }.map {
            "Requested service port \($0.port) conflicts with a service port in app \($0.id)"
        }
        if version.isAtLeast(0, 15) { throw .validation(version, words.map { .init(path: "/", $0) }) }
        throw MarathonFault(409, ["message": .string(words.joined(separator: ","))])
    }

    /// Checks that an id in a group's body is that of a child of the group.
    ///
    /// - Parameters:
    ///   - id: As the body has it.
    ///   - group: Absolute.
    ///   - path: Where it stands, such as `/apps(0)/id`.
    ///   - attribute: The same up to 0.15, such as `apps[0].id`.
    /// - Throws: 422.
    public func checkChild(
        _ id: String,
        of group: String,
        path: String,
        attribute: String
    ) throws(MarathonFault) {
        let isChild = MarathonPath.parent(MarathonPath.absolute(id, in: group)) == MarathonPath.absolute(group)
        // From 0.8 the root takes any absolute id.
        if isChild || !id.hasPrefix("/") && version.isAtLeast(1, 0) { return }
        if version.isAtLeast(0, 8), group == "/" { return }
        let words =
            if version.isAtLeast(1, 8) {
                "Identifier is not child of '\(group)'"
            } else if version.isAtLeast(1, 0) {
                "Identifier is not child of \(group). Hint: use relative paths."
            } else {
                "identifier \(id) is not child of \(group). Hint: use relative paths."
            }
        throw .validation(version, [.init(path: path, attribute: attribute, words)])
    }
}
