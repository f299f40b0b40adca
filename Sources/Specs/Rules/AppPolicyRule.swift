/// What `policy` and `deployments` say of apps is said of apps that are declared.
enum AppPolicyRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard draft.apps.isWhole else { return [] }
        let spec = draft.spec
        let ids = Set(draft.apps.apps.map(\.id.value))
        let policy = spec.other.policy
        var named = policy.ignore.map { (id: $0.app, key: "policy.ignore") }
        named += spec.other.deployments.apps.keys.map { ($0, "deployments") }
        named += spec.policy.consent.compactMap { word in
            guard word.value.hasPrefix(PolicySpec.recreation) else { return nil }
            let id = String(word.value.dropFirst(PolicySpec.recreation.count))
            return (Located(id, at: word.position), "policy.consent")
        }
        let unknown = named.filter { !ids.contains($0.id.value) }.map { id, key in
            let near = Suggestion.nearest(to: id.value, in: ids.count > 1000 ? [] : ids.sorted())
            let message = "`\(key)` names `\(id.value.abbreviated)`, which no file defines"
            return Diagnostic(.warning, message, at: id.position, hint: near.map { "did you mean `\($0)`?" })
        }
        let empty = policy.pruneAppsUnder.filter { prefix in
            !ids.contains { $0 == prefix.value || AppPath.isInside($0, prefix.value) }
        }
        return unknown
            + empty.map { prefix in
                let message = "no app is declared under `\(prefix.value.abbreviated)`, so pruning would empty it"
                return Diagnostic(.warning, message, at: prefix.position)
            }
    }
}
