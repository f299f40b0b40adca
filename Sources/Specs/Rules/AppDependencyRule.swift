/// Apps do not wait for one another in a circle (marathon-api.md 4), nor for what no file defines; a dependency may name a
/// group.
enum AppDependencyRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let apps = Dictionary(draft.apps.apps.map { ($0.id.value, $0) }) { first, _ in first }
        let ids = apps.keys.sorted()
        var members: [String: [String]] = [:]
        for id in ids {
            for group in AppPath.groups(above: id) { members[group, default: []].append(id) }
        }
        // Enough for any cluster; a dense tangle of groups is not worth more time.
        var room = 200_000
        var needs: [String: [(id: String, place: SourcePosition)]] = [:]
        for id in ids {
            for dependency in apps[id]?.dependencies ?? [] where room > 0 {
                let own = apps[dependency.value] == nil ? [] : [dependency.value]
                let wanted = own + (members[dependency.value] ?? []).prefix(room).filter { $0 != id }
                room -= wanted.count
                needs[id, default: []] += wanted.map { ($0, dependency.position) }
            }
        }
        var search = CycleSearch(needs: needs)
        let circles = ids.compactMap { search.cycle(from: $0) }.map { cycle in
            let ids = cycle.ids.count > 9 ? cycle.ids.prefix(8) + ["…"] + cycle.ids.suffix(1) : cycle.ids[...]
            let circle = ids.joined(separator: " → ")
            return Diagnostic(.error, "apps wait for one another: \(circle)", at: cycle.place)
        }
        return circles + unknown(draft, apps, members)
    }

    /// Marathon tolerates these and waits for nothing; the app may also be somebody else's.
    private static func unknown(
        _ draft: SpecDraft,
        _ apps: [String: AppDefinition],
        _ members: [String: [String]]
    ) -> [Diagnostic] {
        guard draft.apps.isWhole else { return [] }
        var found: [Diagnostic] = []
        for app in draft.apps.apps where found.count < 1000 {
            for dependency in app.dependencies {
                let id = dependency.value
                guard apps[id] == nil, members[id] == nil, AppPath.segmentProblem(id) == nil else { continue }
                let near = Suggestion.nearest(to: id, in: apps.count > 1000 ? [] : apps.keys.sorted())
                let message = "no file defines `\(id.abbreviated)`, which `\(app.id.value)` waits for"
                let hint = near.map { "did you mean `\($0)`?" }
                found.append(Diagnostic(.warning, message, at: dependency.position, hint: hint))
            }
        }
        return found
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
        var depths = [start: 0]
        var indices = [0]
        var found: (ids: [String], place: SourcePosition)?
        while let id = path.last, let index = indices.last {
            guard let next = needs[id].flatMap({ index < $0.count ? $0[index] : nil }) else {
                done.insert(id)
                depths[id] = nil
                path.removeLast()
                indices.removeLast()
                continue
            }
            indices[indices.count - 1] += 1
            if let depth = depths[next.id] {
                if found == nil { found = (path[depth...] + [next.id], next.place) }
            } else if !done.contains(next.id) {
                depths[next.id] = path.count
                path.append(next.id)
                indices.append(0)
            }
        }
        return found
    }
}
