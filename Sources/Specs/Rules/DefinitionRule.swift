/// Every definition is what the declared Marathon takes; where none is pinned, what some release takes (marathon-api.md 4).
enum DefinitionRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let expected = draft.isFaulty("versions.marathon") ? nil : draft.spec.expectedMarathon
        // The flags of somebody else's Marathon are not declared.
        let knowsFlags = !draft.spec.nodes(with: .marathon).isEmpty && !draft.hasFaultyRoles
        var found: [Diagnostic] = []
        var guess = MarathonRelease(1, 11)
        for app in draft.apps.apps {
            // Nobody reads more than that, and each costs time.
            guard found.count < 1000 else { break }
            let faults =
                if let expected {
                    AppRules.faults(
                        of: knowsFlags
                            ? AppUnderCheck(app.definition, in: expected)
                            : AppUnderCheck(app.definition, of: expected.release)
                    )
                } else {
                    AppRules.faultsInEveryRelease(of: app.definition, guess: &guess)
                }
            found += faults.map { Diagnostic(.error, $0.message, at: app.position(of: $0.path), hint: $0.hint) }
        }
        return found
    }
}
