/// A service port belongs to one app, and is not that of HAProxy's statistics; `PortRule` finds those that an app repeats.
enum ServicePortRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        var owners: [Int: (app: String, place: SourcePosition)] = [:]
        return draft.apps.apps.flatMap { app in
            app.servicePorts.compactMap { port -> Diagnostic? in
                if let stats = statsPort(draft), stats.value == port.value {
                    let message = "service port \(port.value) is that of HAProxy's statistics (\(stats.position))"
                    return Diagnostic(.error, message, at: port.position)
                }
                if let owner = owners[port.value] {
                    guard owner.app != app.id.value else { return nil }
                    let message = "service port \(port.value) belongs to app `\(owner.app)` (\(owner.place))"
                    return Diagnostic(.error, message, at: port.position)
                }
                owners[port.value] = (app.id.value, port.position)
                return nil
            }
        }
    }

    /// As declared; else 9090, where the bridge puts it (mesos-zk-ops.md 8.1).
    private static func statsPort(_ draft: SpecDraft) -> Located<Int>? {
        let haproxy = draft.spec.other.haproxy
        if let bind = haproxy?.stats.bind { return Located(bind.value.port, at: bind.position) }
        let role = draft.spec.nodes.lazy.flatMap(\.roles).first { $0.value == .haproxy }
        return (haproxy?.position ?? role?.position).map { Located(9090, at: $0) }
    }
}
