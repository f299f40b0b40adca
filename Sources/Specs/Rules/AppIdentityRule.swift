/// No two apps have one id, and no app that of a group (marathon-api.md 4).
enum AppIdentityRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        var owners: [String: SourcePosition] = [:]
        let groups = Dictionary(draft.apps.groups.map { ($0.value, $0.position) }) { first, _ in first }
        let apps = Dictionary(draft.apps.apps.map { ($0.id.value, $0.id.position) }) { first, _ in first }
        var found: [Diagnostic] = []
        for app in draft.apps.apps {
            let id = app.id.value
            if let first = owners[id] {
                found.append(Diagnostic(.error, "app `\(id)` is already defined at \(first)", at: app.id.position))
                continue
            }
            owners[id] = app.id.position
            if let group = groups[id] {
                let message = "a group has the id `\(id)` too (\(group))"
                found.append(Diagnostic(.error, message, at: app.id.position))
            } else if let parent = AppPath.groups(above: id).last(where: { apps[$0] != nil }), let place = apps[parent]
            {
                let message = "`\(parent)` is an app (\(place)), so nothing can lie below it"
                found.append(Diagnostic(.error, message, at: app.id.position))
            }
        }
        return found
    }
}
