/// Containerizers are known, and where `docker` is one, the engine is there (mesos-zk-ops.md 4.3).
enum ContainerizerRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.isFaulty("mesos.agent.containerizers") else { return [] }
        return lists(draft.spec).flatMap { list, agents in
            names(list) + enginesMissing(list, agents, draft)
        } + dockerAppsUnserved(draft)
    }

    /// Each declared list with the agents it is for; they may be none.
    private static func lists(_ spec: ClusterSpec) -> [(Located<[String]>, [NodeSpec])] {
        let agents = spec.nodes(with: .mesosAgent)
        let own = agents.filter { $0.flag("containerizers", of: .mesosAgent) != nil }
        let common = agents.filter { $0.flag("containerizers", of: .mesosAgent) == nil }
        let shared = spec.mesos?.agent.containerizers.map { [($0, common)] } ?? []
        return shared + own.compactMap { node in spec.containerizers(on: node).map { ($0, [node]) } }
    }

    private static func names(_ list: Located<[String]>) -> [Diagnostic] {
        let known = ["docker", "mesos"]
        let unknown = list.value.filter { !known.contains($0) }.map { name in
            let hint = Suggestion.hint(for: name, in: known)
            return Diagnostic(.error, "unknown containerizer `\(name.abbreviated)`", at: list.position, hint: hint)
        }
        guard Set(list.value).count == list.value.count else {
            return unknown + [Diagnostic(.error, "a containerizer stands twice in the list", at: list.position)]
        }
        return list.value.isEmpty ? [Diagnostic(.error, "an agent needs a containerizer", at: list.position)] : unknown
    }

    private static func enginesMissing(
        _ list: Located<[String]>,
        _ agents: [NodeSpec],
        _ draft: SpecDraft
    ) -> [Diagnostic] {
        guard list.value.contains("docker"), !draft.hasFaultyRoles else { return [] }
        let without = agents.filter { !$0.has(.docker) }.map(\.name.value.text)
        guard !without.isEmpty else { return [] }
        let message = "containerizer `docker` needs the role `docker` on \(without.joined(separator: ", "))"
        return [Diagnostic(.error, message, at: list.position, hint: "without an engine the agent exits at its start")]
    }

    private static func dockerAppsUnserved(_ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.hasFaultyRoles, !draft.isAppsOnly else { return [] }
        let agents = draft.spec.nodes(with: .mesosAgent)
        guard !agents.contains(where: { draft.spec.containerizers(on: $0)?.value.contains("docker") == true }) else {
            return []
        }
        return draft.apps.apps.compactMap { app in
            guard let container = app.container, container.usesDocker else { return nil }
            let message = "app `\(app.id.value)` needs an agent with `docker` in its containerizers"
            let place = container.type?.position ?? container.position
            return Diagnostic(.error, message, at: place, hint: "add it to `mesos.agent.containerizers`")
        }
    }
}
