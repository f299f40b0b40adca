/// HAProxy's statistics are not open to the network without a password, and its bind address is one.
enum StatsRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let haproxy = draft.spec.other.haproxy, !draft.isFaulty("haproxy.stats") else { return [] }
        var found: [Diagnostic] = []
        if let bind = haproxy.bind, IPAddress(bind.value) == nil, bind.value != "*" {
            found.append(Diagnostic(.error, "`\(bind.value.abbreviated)` is no IP address", at: bind.position))
        }
        if let bind = haproxy.stats.bind, !bind.value.isLoopback, haproxy.stats.credentials == nil {
            let message = "statistics on \(bind.value) are open to everyone"
            let hint = "bind them to 127.0.0.1, or add `credentials: ${env:…}`"
            found.append(Diagnostic(.error, message, at: bind.position, hint: hint))
        }
        return found
    }
}
