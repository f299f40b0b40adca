/// Apps do not wait for one another in a circle (marathon-api.md 4); a dependency may name a group.
enum AppDependencyRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let apps = Dictionary(draft.apps.apps.map { ($0.id.value, $0) }) { first, _ in first }
        let ids = apps.keys.sorted()
        var needs: [String: [(id: String, place: SourcePosition)]] = [:]
        for (id, app) in apps {
            needs[id] = app.dependencies.flatMap { dependency in
                ids.filter { $0 == dependency.value || AppPath.isInside($0, dependency.value) }
                    .filter { $0 != id || dependency.value == id }
                    .map { ($0, dependency.position) }
            }
        }
        var search = CycleSearch(needs: needs)
        return ids.compactMap { search.cycle(from: $0) }.map { cycle in
            let circle = cycle.ids.joined(separator: " → ")
            return Diagnostic(.error, "apps wait for one another: \(circle)", at: cycle.place)
        }
    }
}

/// Finds each circle of dependencies once, without recursion: a chain may be long.
private struct CycleSearch {
    let needs: [String: [(id: String, place: SourcePosition)]]
    private var done: Set<String> = []

    init(needs: [String: [(id: String, place: SourcePosition)]]) { self.needs = needs }

    mutating func cycle(from start: String) -> (ids: [String], place: SourcePosition)? {
        guard !done.contains(start) else { return nil }
        var path = [start]
        var indices = [0]
        var found: (ids: [String], place: SourcePosition)?
        while let id = path.last, let index = indices.last {
            guard let next = needs[id].flatMap({ index < $0.count ? $0[index] : nil }) else {
                done.insert(id)
                path.removeLast()
                indices.removeLast()
                continue
            }
            indices[indices.count - 1] += 1
            if let start = path.firstIndex(of: next.id) {
                if found == nil { found = (path[start...] + [next.id], next.place) }
            } else if !done.contains(next.id) {
                path.append(next.id)
                indices.append(0)
            }
        }
        return found
    }
}
