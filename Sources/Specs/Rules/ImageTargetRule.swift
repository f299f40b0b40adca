/// Images go to nodes that exist, have an engine, and are those on which their apps may run.
enum ImageTargetRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.other.images.flatMap { unknownNodes($0, draft) + withoutEngine($0, draft) } + apps(draft)
    }

    private static func unknownNodes(_ image: ImageSpec, _ draft: SpecDraft) -> [Diagnostic] {
        guard case .nodes(let nodes) = image.to?.value else { return [] }
        let names = draft.spec.nodes.map(\.name.value.text)
        let unknown = nodes.filter { node in
            !names.contains(node.value.text) && !draft.isFaulty("nodes.\(node.value)")
        }
        return unknown.map { node in
            let hint = Suggestion.hint(for: node.value.text, in: names + ["agents", "derived"])
            return Diagnostic(.error, "unknown node `\(node.value.text.abbreviated)`", at: node.position, hint: hint)
        }
    }

    private static func withoutEngine(_ image: ImageSpec, _ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.hasFaultyRoles, let to = image.to else { return [] }
        switch to.value {
        case .derived: return []
        case .agents:
            let without = draft.spec.nodes(with: .mesosAgent).filter { !$0.has(.docker) }.map(\.name.value.text)
            guard !without.isEmpty else { return [] }
            let message = "an image for all agents needs the role `docker` on \(without.joined(separator: ", "))"
            return [Diagnostic(.error, message, at: to.position, hint: "name the nodes, or write `derived`")]
        case .nodes(let nodes):
            return nodes.compactMap { node in
                guard let spec = draft.spec.node(node.value), !spec.has(.docker) else { return nil }
                let message = "node `\(node.value)` has no Docker engine for an image"
                return Diagnostic(.error, message, at: node.position, hint: "give it the role `docker`")
            }
        }
    }

    /// What follows from the apps, as far as all of them could be read.
    private static func apps(_ draft: SpecDraft) -> [Diagnostic] {
        let isKnown = draft.apps.isWhole && !draft.hasFaultyRoles && !draft.isFaulty("mesos.agent")
        guard isKnown, let first = draft.spec.other.images.first else { return [] }
        guard !draft.isAppsOnly else {
            let message = "`images` is declared, but no node that they could go to"
            return [Diagnostic(.warning, message, at: first.name.position, hint: "leave it out, or declare `nodes`")]
        }
        let users = ImageUsers(of: draft.spec.other.images, in: draft.apps.apps)
        let eligible = DeclaredAgents(draft.spec).allowed(users.apps)
        return draft.spec.other.images.compactMap { image in
            guard !draft.isFaulty("images.\(image.name.value)") else { return nil }
            let ids = users.ids[ImageName(image.name.value).reference] ?? []
            let holders = Set(draft.spec.nodes(holding: image, runBy: ids, eligible))
            return goesNowhere(image, ids, holders) ?? isMissing(image, ids, holders, eligible)
        }
    }

    private static func goesNowhere(_ image: ImageSpec, _ ids: [String], _ holders: Set<NodeName>) -> Diagnostic? {
        guard holders.isEmpty else { return nil }
        let name = image.name.value.abbreviated
        switch image.to?.value ?? .derived {
        case .derived where ids.isEmpty:
            let message = "image `\(name)` goes to no node: no app runs it"
            return Diagnostic(.warning, message, at: image.name.position, hint: "`to` names nodes, or `agents`")
        case .derived:
            let message = "image `\(name)` goes to no node: no agent is allowed for \(ids.joined(separator: ", "))"
            return Diagnostic(.warning, message, at: image.name.position, hint: "see their constraints")
        case .agents, .nodes:
            return Diagnostic(.warning, "image `\(name)` goes to no node", at: image.name.position)
        }
    }

    /// The app could land on an agent that is not brought its image.
    private static func isMissing(
        _ image: ImageSpec,
        _ ids: [String],
        _ holders: Set<NodeName>,
        _ eligible: [String: [NodeName]]
    ) -> Diagnostic? {
        guard let to = image.to else { return nil }
        for id in ids {
            let missing = (eligible[id] ?? []).filter { !holders.contains($0) }
            guard let first = missing.first else { continue }
            let more = missing.count > 1 ? " and \(missing.count - 1) more" : ""
            let message = "`\(id)` may run on \(first)\(more), where `\(image.name.value.abbreviated)` is not brought"
            return Diagnostic(.error, message, at: to.position, hint: "leave `to` out, or constrain the app")
        }
        return nil
    }
}
