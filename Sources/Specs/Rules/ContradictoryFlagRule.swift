/// A flag is not given both as `x` and as `no-x` (`disable_x` for Marathon), on any layer: the daemon would exit.
enum ContradictoryFlagRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let roles: [Role] = [.mesosMaster, .mesosAgent, .marathon]
        return roles.flatMap { role in
            ([nil] + draft.spec.nodes(with: role)).flatMap { node in
                pairs(Array(draft.spec.flagLayers(of: role, on: node).joined()), role)
            }
        }
    }

    private static func pairs(_ flags: [Setting], _ role: Role) -> [Diagnostic] {
        let negations = role == .marathon ? ["no-", "disable_"] : ["no-"]
        return flags.compactMap { flag in
            let name = flag.name.value
            guard let negation = negations.first(where: name.hasPrefix) else { return nil }
            let bare = name.dropFirst(negation.count)
            guard let other = flags.first(where: { $0.name.value == bare }) else { return nil }
            let (first, second) = other.name.position < flag.name.position ? (other, flag) : (flag, other)
            let message = "flag `\(second.name.value)` contradicts `\(first.name.value)` at \(first.name.position)"
            return Diagnostic(
                .error,
                message,
                at: second.name.position,
                hint: "keep one; `\(bare): false` turns it off"
            )
        }
    }
}
