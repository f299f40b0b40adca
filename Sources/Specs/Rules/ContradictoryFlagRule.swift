/// A flag is not given both as `x` and as `no-x` (`disable_x` for Marathon), on any layer: the daemon would exit.
enum ContradictoryFlagRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let roles: [Role] = [.mesosMaster, .mesosAgent, .marathon]
        return roles.flatMap { role in
            let common = Layer(draft.spec.flagLayers(of: role, on: nil).joined(), role)
            let own = draft.spec.nodes.map { Layer($0.flags[role] ?? [], role) }
            let across = own.flatMap { $0.contradictions(to: common) + common.contradictions(to: $0) }
            return common.contradictions(to: common) + own.flatMap { $0.contradictions(to: $0) } + across
        }
    }

    /// Flags by name, and those that negate one.
    private struct Layer {
        var flags: [String: Setting] = [:]
        var negations: [(flag: Setting, bare: String)] = []

        init(_ settings: some Sequence<Setting>, _ role: Role) {
            let prefixes = role == .marathon ? ["no-", "disable_"] : ["no-"]
            for setting in settings {
                let name = setting.name.value
                flags[name] = setting
                if let prefix = prefixes.first(where: name.hasPrefix) {
                    negations.append((setting, String(name.dropFirst(prefix.count))))
                }
            }
        }

        func contradictions(to other: Layer) -> [Diagnostic] {
            guard !other.flags.isEmpty else { return [] }
            return negations.compactMap { flag, bare in
                guard let plain = other.flags[bare] else { return nil }
                let (first, second) = plain.name.position < flag.name.position ? (plain, flag) : (flag, plain)
                let message = "flag `\(second.name.value)` contradicts `\(first.name.value)` at \(first.name.position)"
                let hint = "keep one; `\(bare): false` turns it off"
                return Diagnostic(.error, message, at: second.name.position, hint: hint)
            }
        }
    }
}
