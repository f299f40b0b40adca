/// Fields that are left as they are live (`ignore` in cluster.yaml).
extension AppValue {
    /// The definition with what `live` has at `paths` in the place of its own.
    ///
    /// - Parameters:
    ///   - paths: Such as `labels`, `labels.x`, `env.X` (what follows a map's name is one key), `container.docker.image`,
    ///     `healthChecks[0].path`. Old names of fields count as the new ones. Paths that lead nowhere change nothing.
    ///   - live: As a Marathon answers it.
    ///   - context: That Marathon's.
    /// - Returns: In the names that its release has for things.
    func keeping(_ paths: [String], of live: AppValue, in context: AppContext) -> AppValue {
        var declared = ModernDefinition(members ?? [:], in: context).members
        let present = ModernDefinition(live.members ?? [:], in: context).members
        let root = FormKind.record(FormSchema.of(context.release).root)
        for path in paths.map({ AppContext.modernName(of: $0, context) }) {
            let kept = AppValue.object(declared).keeping(path[...], of: .object(present), root)
            declared = kept?.members ?? declared
        }
        return .object(declared)
    }

    /// nil where there is nothing at the end of the path.
    private func keeping(_ path: Substring, of live: AppValue?, _ kind: FormKind?) -> AppValue? {
        if path.isEmpty { return live }
        switch kind {
        case .list(let item)?, .set(let item)?:
            guard let (index, rest) = path.index, var items, index < items.count else { return self }
            let others = live?.items ?? []
            let kept = items[index].keeping(rest, of: index < others.count ? others[index] : nil, item)
            if let kept { items[index] = kept } else { items.remove(at: index) }
            return .list(items)
        case .map(let item)?:
            let (key, rest) = AppValue.split(path, [self, live].compactMap { $0?.members }, item)
            return keeping(key, rest, of: live, item)
        case .record(let record)?, .either(let record)?:
            let name = path.prefix { $0 != "." && $0 != "[" }
            let rest = path.dropFirst(name.count)
            return keeping(
                String(name),
                rest.first == "." ? rest.dropFirst() : rest,
                of: live,
                record.field(name)?.kind
            )
        case .scalar?, nil: return self
        }
    }

    /// A map's key, which may have dots in it, and what follows it where its values are objects.
    private static func split(
        _ path: Substring,
        _ maps: [[String: AppValue]],
        _ item: FormKind
    ) -> (key: String, rest: Substring) {
        let whole = (String(path), path[path.endIndex...])
        guard item.record != nil, !maps.contains(where: { $0[whole.0] != nil }), let dot = path.lastIndex(of: ".")
        else {
            return whole
        }
        return (String(path[..<dot]), path[dot...].dropFirst())
    }

    private func keeping(_ key: String, _ rest: Substring, of live: AppValue?, _ kind: FormKind?) -> AppValue? {
        guard var members else { return self }
        let value = live?.said(key)
        members[key] = rest.isEmpty ? value : (members.said(key) ?? .object([:])).keeping(rest, of: value, kind)
        return .object(members)
    }
}

extension Substring {
    /// `[3]` in front of the rest of a path.
    fileprivate var index: (Int, Substring)? {
        guard first == "[", let end = firstIndex(of: "]"), let index = Int(self[dropFirst().startIndex..<end]),
            index >= 0
        else { return nil }
        let rest = self[end...].dropFirst()
        return (index, rest.first == "." ? rest.dropFirst() : rest)
    }
}

extension AppContext {
    /// A path in the names that the release has for things (marathon-api.md 3.1 and 3.3).
    static func modernName(of path: String, _ context: AppContext) -> String {
        var names: [(old: String, new: String)] = []
        if context.isAtLeast(0, 15) { names.append(("uris", "fetch")) }
        if context.isAtLeast(1, 0) { names.append(("ports", "portDefinitions")) }
        if context.hasNetworks {
            names += [
                ("container.docker.portMappings", "container.portMappings"), ("container.docker.network", "networks"),
                ("ipAddress", "networks"),
            ]
        }
        for (old, new) in names where path == old { return new }
        for (old, new) in names where path.hasPrefix(old + "[") || path.hasPrefix(old + ".") {
            return new + path.dropFirst(old.count)
        }
        return path
    }
}
