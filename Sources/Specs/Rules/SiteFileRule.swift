/// Files of the site's own: none takes a place that is somebody else's, and each is declared once for a node.
enum SiteFileRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        var found: [Diagnostic] = []
        for scope in spec.siteScopes {
            for file in scope.files where !draft.isFaulty("\(scope.path(of: "files")).\(file.path.value)") {
                found += check(file)
                if !draft.hasFaultyRoles { found += owned(file, by: scope, in: spec) }
            }
        }
        guard !draft.hasFaultyRoles else { return found }
        var seen: Set<Diagnostic> = []
        let perNode = spec.nodes.flatMap { roleConflicts(on: $0, in: spec) + collisions(on: $0, in: spec) }
        return found + perNode.filter { seen.insert($0).inserted }
    }

    // MARK: One file

    private static func check(_ file: FileSpec) -> [Diagnostic] {
        let (path, place) = (file.path.value, file.path.position)
        guard path.hasPrefix("/") else { return [] }
        if path.hasSuffix("/") {
            let message = "`\(path.abbreviated)` is a directory"
            return [Diagnostic(.error, message, at: place, hint: "directories are made with the files in them")]
        }
        if let problem = OwnedPlaces.problem(of: path) {
            return [Diagnostic(.error, "`\(path.abbreviated)` \(problem.reason)", at: place, hint: problem.remedy)]
        }
        return names(file) + [exposure(file), home(file), cron(file), literal(file)].compactMap { $0 }
    }

    /// A node tells owners by name; a number would differ for ever.
    private static func names(_ file: FileSpec) -> [Diagnostic] {
        [(file.owner, "owner"), (file.group, "group")].compactMap { name, what in
            guard let name, name.value.allSatisfy(\.isNumber) else { return nil }
            let message = "`\(what)` is a name, not a number"
            return Diagnostic(.error, message, at: name.position, hint: "write the name that belongs to \(name.value)")
        }
    }

    private static func exposure(_ file: FileSpec) -> Diagnostic? {
        guard let mode = file.mode else { return nil }
        if mode.value & 0o002 != 0 {
            return Diagnostic(.warning, "everyone may write `\(file.path.value.abbreviated)`", at: mode.position)
        }
        guard mode.value & 0o004 != 0, let text = file.text, !text.references.isEmpty else { return nil }
        let message = "`\(file.path.value.abbreviated)` holds a secret that everyone on the node may read"
        return Diagnostic(.warning, message, at: mode.position, hint: "mode 0600, or 0640 with a group")
    }

    private static func home(_ file: FileSpec) -> Diagnostic? {
        let parts = file.path.value.split(separator: "/")
        guard parts.count > 2, parts[0] == "home", file.owner == nil else { return nil }
        let message = "where it is new, `\(file.path.value.abbreviated)` would belong to root"
        return Diagnostic(.warning, message, at: file.path.position, hint: "add `owner: \(parts[1])`")
    }

    /// cron passes over a table whose last line has no end, and over names with other characters (cron(8), crontab(5)).
    private static func cron(_ file: FileSpec) -> Diagnostic? {
        let directory = "/etc/cron.d/"
        guard file.path.value.hasPrefix(directory) else { return nil }
        let name = file.path.value.dropFirst(directory.count)
        let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
        guard isName else {
            let hint = "letters, digits, `_` and `-`"
            return Diagnostic(.warning, "cron passes over a file named `\(name)`", at: file.path.position, hint: hint)
        }
        guard let text = file.text, text.withoutTrailingNewlines == text, text != "" else { return nil }
        let message = "cron passes over a table whose last line does not end"
        return Diagnostic(.warning, message, at: file.source.position, hint: "end it with a newline (`|` in YAML)")
    }

    /// A value in clear is in every clone for ever; what a file of the repository holds is its own affair.
    private static func literal(_ file: FileSpec) -> Diagnostic? {
        guard case .content(let content) = file.source.value else { return nil }
        let redacted = SensitiveNames.redactingValues(
            in: content,
            of: { SensitiveNames.isSensitive(flag: $0) },
            unless: { SensitiveNames.isPlace($0) }
        )
        guard redacted != content else { return nil }
        let message = "a sensitive value of `\(file.path.value.abbreviated)` is written in clear"
        return Diagnostic(.warning, message, at: file.source.position, hint: "use ${env:…} or ${file:…}")
    }

    // MARK: Against the rest of the file

    /// Of the nodes a declaration is for, the first on which the place is somebody else's.
    private static func owned(
        _ file: FileSpec,
        by scope: ClusterSpec.SiteScope,
        in spec: ClusterSpec
    ) -> [Diagnostic] {
        let (path, place) = (file.path.value, file.path.position)
        guard OwnedPlaces.problem(of: path) == nil, path.hasPrefix("/") else { return [] }
        for node in scope.nodes {
            if let problem = OwnedPlaces.problem(of: path, roles: Set(node.roles.map(\.value))) {
                let message = "`\(path.abbreviated)` \(problem.reason) on \(node.name.value)"
                return [Diagnostic(.error, message, at: place, hint: problem.remedy)]
            }
        }
        let directories = stateDirectories(spec)
        if let directory = directories.first(where: { path.hasPrefix($0.value + "/") || path == $0.value }) {
            let message = "`\(path.abbreviated)` is below \(directory.value), where a daemon keeps its state"
            return [Diagnostic(.error, message, at: place, hint: "declared at \(directory.position)")]
        }
        if let repository = repository(of: path, in: spec) {
            let message = "`\(path.abbreviated)` is written for the repository `\(repository.value)`"
            return [Diagnostic(.error, message, at: place, hint: "declare it under `repositories`")]
        }
        return []
    }

    private static func stateDirectories(_ spec: ClusterSpec) -> [Located<String>] {
        [spec.zookeeper?.dataDirectory, spec.mesos?.master.workDirectory, spec.mesos?.agent.workDirectory]
            .compactMap { $0 }.filter { $0.value.split(separator: "/").count > 1 }
    }

    private static func repository(of path: String, in spec: ClusterSpec) -> Located<String>? {
        let directories = [
            "/etc/apt/sources.list.d/", "/etc/apt/keyrings/", "/etc/apt/trusted.gpg.d/", "/etc/apt/preferences.d/",
            "/usr/share/keyrings/", "/etc/yum.repos.d/", "/etc/pki/rpm-gpg/",
        ]
        guard let directory = directories.first(where: { path.hasPrefix($0) }) else { return nil }
        let name = path.dropFirst(directory.count).split(separator: ".", maxSplits: 1).first.map(String.init)
        return spec.other.repositories.first { $0.name.value == name }?.name
    }

    /// Two roles of one node that want different files at one path, which the node itself does not settle.
    private static func roleConflicts(on node: NodeSpec, in spec: ClusterSpec) -> [Diagnostic] {
        let own = Set(node.files.map(\.path.value))
        var first: [String: (file: FileSpec, scope: String)] = [:]
        return spec.siteScopes(of: node).filter { $0.name.hasPrefix("roles.") }
            .flatMap { scope in scope.files.map { (scope, $0) } }
            .compactMap { scope, file in
                guard !own.contains(file.path.value),
                    let other = first.updateValue((file, scope.name), forKey: file.path.value),
                    !other.file.isSame(as: file)
                else { return nil }
                let message =
                    "`\(other.scope)` declares another `\(file.path.value.abbreviated)` "
                    + "(\(other.file.path.position)), and \(node.name.value) has both roles"
                let hint = "say it once, under `files` or `nodes.\(node.name.value).files`"
                return Diagnostic(.error, message, at: file.path.position, hint: hint)
            }
    }

    /// One place under two names, and a file where another one needs a directory.
    private static func collisions(on node: NodeSpec, in spec: ClusterSpec) -> [Diagnostic] {
        var byPlace: [String: FileSpec] = [:]
        let files = spec.siteFiles(on: node).map(\.file).filter { !$0.path.value.hasSuffix("/") }
            .sorted { $0.path.position < $1.path.position }
        var found: [Diagnostic] = []
        for file in files {
            let place = OwnedPlaces.canonical(file.path.value)
            if let other = byPlace.updateValue(file, forKey: place) {
                let message = "`\(file.path.value.abbreviated)` is the same place as `\(other.path.value.abbreviated)`"
                let hint = "declared at \(other.path.position)"
                found.append(Diagnostic(.error, message, at: file.path.position, hint: hint))
            }
        }
        for (place, file) in byPlace.sorted(by: { $0.key < $1.key }) {
            let parents = place.indices.dropFirst().filter { place[$0] == "/" }.map { String(place[..<$0]) }
            guard let parent = parents.lazy.compactMap({ byPlace[$0] }).first else { continue }
            let message = "`\(parent.path.value.abbreviated)` is declared as a file, so nothing can be below it"
            let hint = "declared at \(parent.path.position)"
            found.append(Diagnostic(.error, message, at: file.path.position, hint: hint))
        }
        return found
    }
}

extension FileSpec {
    /// Whether both make the same file.
    fileprivate func isSame(as other: FileSpec) -> Bool {
        text == other.text && owner?.value == other.owner?.value && group?.value == other.group?.value
            && mode?.value == other.mode?.value
    }
}
