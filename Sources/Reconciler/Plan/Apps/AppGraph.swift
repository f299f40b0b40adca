internal import Specs

/// Who waits for whom among the declared apps and those that Marathon has.
///
/// A dependency may name a group: then it means every app in it. Circles, which only undeclared apps can close, are cut
/// where they are met, so that the order is total all the same.
struct AppGraph {
    /// Every app, each after what it depends on; the same whatever the order of the input.
    let order: [String]
    private let dependencies: [String: [String]]

    init(_ declared: [DesiredApp], _ live: [String: LiveApp]) {
        var named: [String: [String]] = [:]
        for (id, app) in live { named[id] = app.dependencies }
        for app in declared { named[app.id] = app.dependencies }
        let ids = named.keys.sorted()
        var members: [String: [String]] = [:]
        if named.values.contains(where: { $0.contains { named[$0] == nil } }) {
            for id in ids { for group in id.groupsAbove { members[group, default: []].append(id) } }
        }
        dependencies = named.reduce(into: [:]) { result, entry in
            let targets = entry.value.flatMap { target in named[target] == nil ? members[target] ?? [] : [target] }
            let others = Set(targets).subtracting([entry.key])
            if !others.isEmpty { result[entry.key] = others.sorted() }
        }
        order = Self.sorted(ids, dependencies)
    }

    func dependencies(of id: String) -> [String] { dependencies[id] ?? [] }

    /// Everything that `ids` rely on, directly or not, themselves left out unless something relies on them.
    func closure(of ids: some Sequence<String>) -> Set<String> {
        var seen: Set<String> = []
        var open = ids.flatMap(dependencies(of:))
        while let id = open.popLast() {
            if seen.insert(id).inserted { open += dependencies(of: id) }
        }
        return seen
    }

    /// Depth first without recursion: a chain may be long.
    private static func sorted(_ ids: [String], _ dependencies: [String: [String]]) -> [String] {
        var sorted: [String] = []
        var seen: Set<String> = []
        for start in ids where seen.insert(start).inserted {
            var path: [(id: String, next: Int)] = [(start, 0)]
            while let (id, next) = path.last {
                let targets = dependencies[id] ?? []
                guard next < targets.count else {
                    sorted.append(id)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                if seen.insert(targets[next]).inserted { path.append((targets[next], 0)) }
            }
        }
        return sorted
    }
}

extension LiveApp {
    /// Absolute ids; Marathon keeps them so (marathon-api.md 3.1, `dependencies`).
    var dependencies: [String] { definition["dependencies"]?.items?.compactMap(\.plainText) ?? [] }
}

extension String {
    /// `/a` and `/a/b` for `/a/b/c`.
    fileprivate var groupsAbove: [String] {
        indices.dropFirst().filter { self[$0] == "/" }.map { String(self[..<$0]) }
    }
}
