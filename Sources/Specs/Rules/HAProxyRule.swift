/// What HAProxy would not start with, or should not be left with.
enum HAProxyRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard !draft.isFaulty("haproxy") else { return [] }
        return marathons(draft) + credentials(draft) + timeouts(draft) + bind(draft)
    }

    /// They are declared, or the nodes with the role are meant.
    private static func marathons(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        guard !draft.hasFaultyRoles, spec.other.haproxy?.marathons.isEmpty ?? true, spec.nodes(with: .marathon).isEmpty,
            let role = spec.nodes.lazy.flatMap(\.roles).first(where: { $0.value == .haproxy })
        else { return [] }
        let message = "role `haproxy` balances the apps of a Marathon, and there is none"
        let hint = "name it in `haproxy.marathons`, such as `marathons: [10.0.0.1:8080]`"
        return [Diagnostic(.error, message, at: spec.other.haproxy?.position ?? role.position, hint: hint)]
    }

    private static func credentials(_ draft: SpecDraft) -> [Diagnostic] {
        guard let credentials = draft.spec.other.haproxy?.stats.credentials else { return [] }
        let text = credentials.value.plainText
        if text == "admin:admin" {
            let message = "`admin:admin` is the password that everybody knows of this page"
            let hint = "choose another one: `credentials: \"admin:${env:STATS_PASSWORD}\"`"
            return [Diagnostic(.error, message, at: credentials.position, hint: hint)]
        }
        // Of a reference nobody knows here what it holds.
        guard let text, !(text.split(separator: ":", omittingEmptySubsequences: false).count >= 2) || text.first == ":"
        else { return [] }
        return [
            Diagnostic(.error, "`stats.credentials` must be `user:password`", at: credentials.position)
        ]
    }

    private static func timeouts(_ draft: SpecDraft) -> [Diagnostic] {
        (draft.spec.other.haproxy?.timeouts ?? []).compactMap { setting in
            guard !HAProxyHeader.timeoutNames.contains(setting.name.value) else { return nil }
            return Diagnostic(
                .error,
                "HAProxy has no timeout `\(setting.name.value.abbreviated)`",
                at: setting.name.position,
                hint: "it has \(HAProxyHeader.timeoutNames.sorted().joined(separator: ", "))"
            )
        }
    }

    /// One address is one node's, unless it wanders.
    private static func bind(_ draft: SpecDraft) -> [Diagnostic] {
        guard let bind = draft.spec.other.haproxy?.bind, let address = IPAddress(bind.value), !address.isUnspecified,
            !address.isLoopback
        else { return [] }
        let nodes = draft.spec.nodes(with: .haproxy)
        let others = nodes.filter { IPAddress($0.address.value) != address }
        guard nodes.count > 1, let other = others.first else { return [] }
        let message =
            "`bind: \(bind.value)` is for \(nodes.count) nodes, and HAProxy on `\(other.name.value)` starts only if it is there"
        let hint = "leave it out (each node's own address), or write `\"*\"`"
        return [Diagnostic(.warning, message, at: bind.position, hint: hint)]
    }
}
