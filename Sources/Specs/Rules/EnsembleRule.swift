/// The ensemble has every node of its role, each once, and an odd number of them (mesos-zk-ops.md 2.2, 12).
enum EnsembleRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let zookeeper = draft.spec.zookeeper else { return [] }
        return members(zookeeper, draft) + absentees(zookeeper, draft) + size(zookeeper, draft)
    }

    private static func members(_ zookeeper: ZooKeeperSpec, _ draft: SpecDraft) -> [Diagnostic] {
        var places: [NodeName: SourcePosition] = [:]
        let names = draft.spec.nodes.map(\.name.value.text)
        return zookeeper.ensemble.sorted { $0.id.position < $1.id.position }.compactMap { member in
            let (name, place) = (member.node.value, member.node.position)
            guard let node = draft.spec.node(name) else {
                guard !draft.isFaulty("nodes.\(name)") else { return nil }
                let hint = Suggestion.hint(for: name.text, in: names)
                return Diagnostic(.error, "unknown node `\(name.text.abbreviated)`", at: place, hint: hint)
            }
            if let first = places[name] {
                return Diagnostic(.error, "`\(name)` is already a member at \(first)", at: place)
            }
            places[name] = place
            if !node.has(.zookeeper), !draft.isFaulty("nodes.\(name).roles") {
                let message = "`\(name)` is a member and lacks the role `zookeeper` (\(node.name.position))"
                return Diagnostic(.error, message, at: place, hint: "add the role, or take it out of the ensemble")
            }
            return nil
        }
    }

    private static func absentees(_ zookeeper: ZooKeeperSpec, _ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.isFaulty("zookeeper.ensemble") else { return [] }
        let members = Set(zookeeper.ensemble.map(\.node.value))
        return draft.spec.nodes(with: .zookeeper).filter { !members.contains($0.name.value) }.compactMap { node in
            guard let role = node.roles.first(where: { $0.value == .zookeeper }) else { return nil }
            let message =
                "`\(node.name.value)` has the role `zookeeper` and no id in the ensemble (\(zookeeper.position))"
            return Diagnostic(.error, message, at: role.position, hint: "give it an id that was never used")
        }
    }

    private static func size(_ zookeeper: ZooKeeperSpec, _ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.isFaulty("zookeeper.ensemble") else { return [] }
        let count = zookeeper.ensemble.count
        let place = zookeeper.ensemble.map(\.id.position).min() ?? zookeeper.position
        if count == 0 { return [Diagnostic(.error, "the ensemble has no members", at: place)] }
        guard count.isMultiple(of: 2) else { return [] }
        let message = "an ensemble of \(count) tolerates no more failures than one of \(count - 1)"
        return [Diagnostic(.error, message, at: place, hint: "use an odd number of members")]
    }
}
