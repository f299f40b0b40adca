/// Services of the site's own: what another part of the file manages is declared there, and what brings people onto a node is
/// not turned off.
enum SiteServiceRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        return spec.siteScopes.flatMap { scope in
            scope.services.flatMap { service -> [Diagnostic] in
                let path = "\(scope.path(of: "services")).\(service.name.value)"
                guard !draft.isFaulty(path) else { return [] }
                return check(service, path, scope)
            }
        } + (draft.hasFaultyRoles ? [] : conflicts(in: spec))
    }

    private static func check(_ service: ServiceSpec, _ path: String, _ scope: ClusterSpec.SiteScope) -> [Diagnostic] {
        let name = service.name.value
        let place = service.name.position
        if name.text.hasSuffix(".service") {
            let hint = "write `\(name.text.dropLast(".service".count))`"
            return [Diagnostic(.error, "`\(name)` is written without `.service`", at: place, hint: hint)]
        }
        guard service.boot != nil || service.running != nil else {
            let hint = "add `boot: true` or `running: true`"
            return [Diagnostic(.error, "`\(path)` says neither `boot` nor `running`", at: place, hint: hint)]
        }
        if let role = ManagedServices.role(of: name) {
            let message = "`\(name)` runs where a node has the role `\(role)`, and is off everywhere else"
            return [Diagnostic(.error, message, at: place, hint: "give or take the role instead")]
        }
        let balancing = scope.nodes.first { $0.has(.haproxy) }
        if ManagedServices.isBalancing(name), let node = balancing {
            let message = "`\(name)` is managed by the role `haproxy` of \(node.name.value)"
            return [Diagnostic(.error, message, at: place, hint: "leave it out there")]
        }
        let off = [service.boot, service.running].compactMap { $0 }.first { !$0.value }
        if let off, ManagedServices.isLifeline(name) {
            let message = "without `\(name)` the node may not be reached any more"
            return [Diagnostic(.error, message, at: off.position, hint: "turn it off by hand, if at all")]
        }
        return []
    }

    /// Two roles of one node that want different things of one service, which the node itself does not settle.
    private static func conflicts(in spec: ClusterSpec) -> [Diagnostic] {
        var seen: Set<SourcePosition> = []
        return spec.nodes.flatMap { node -> [Diagnostic] in
            let roles = spec.siteScopes(of: node).filter { $0.name.hasPrefix("roles.") }
            let own = Set(node.services.map(\.name.value))
            var first: [ServiceName: (service: ServiceSpec, scope: String)] = [:]
            return roles.flatMap { scope in scope.services.map { (scope, $0) } }.compactMap { scope, service in
                let name = service.name.value
                guard !own.contains(name) else { return nil }
                guard let other = first.updateValue((service, scope.name), forKey: name),
                    other.service.boot?.value != service.boot?.value
                        || other.service.running?.value != service.running?.value,
                    seen.insert(service.name.position).inserted
                else { return nil }
                let message =
                    "`\(other.scope)` wants something else of `\(name)` (\(other.service.name.position)), and "
                    + "\(node.name.value) has both roles"
                let hint = "say it once, under `services` or `nodes.\(node.name.value).services`"
                return Diagnostic(.error, message, at: service.name.position, hint: hint)
            }
        }
    }
}
