/// Service ports that the nodes with HAProxy can really listen on; `ServicePortRule` has those that two apps want.
enum BalancedPortRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let balancers = draft.spec.nodes(with: .haproxy)
        guard !balancers.isEmpty, !draft.hasFaultyRoles else { return [] }
        return ownListener(draft, balancers)
            + draft.apps.apps.flatMap { app in
                app.servicePorts.flatMap { port in taken(port, draft, balancers) + ofTasks(port, draft, balancers) }
            }
            + draft.apps.apps.compactMap { advice(on: $0) }
    }

    private static func ownListener(_ draft: SpecDraft, _ balancers: [NodeSpec]) -> [Diagnostic] {
        guard let bind = draft.spec.other.haproxy?.stats.bind, !draft.isFaulty("haproxy.stats") else { return [] }
        guard let (node, owner) = owner(of: bind.value.port, draft, balancers) else { return [] }
        let message = "port \(bind.value.port) is \(owner)'s on `\(node)`"
        return [Diagnostic(.error, message, at: bind.position, hint: "give the statistics another port")]
    }

    private static func taken(_ port: Located<Int>, _ draft: SpecDraft, _ balancers: [NodeSpec]) -> [Diagnostic] {
        guard let (node, owner) = owner(of: port.value, draft, balancers) else { return [] }
        let message = "service port \(port.value) is \(owner)'s on `\(node)`, which balances: it gets no listener there"
        return [Diagnostic(.error, message, at: port.position, hint: "choose a service port that no daemon has")]
    }

    private static func owner(
        of port: Int,
        _ draft: SpecDraft,
        _ balancers: [NodeSpec]
    ) -> (node: NodeName, owner: String)? {
        for node in balancers {
            let ports = HAProxyRole.daemonPorts(of: node, in: draft.spec) + [(22, "sshd")]
            if let found = ports.first(where: { $0.port == port }) { return (node.name.value, found.owner) }
        }
        return nil
    }

    /// An agent gives its ports to whichever task comes next (mesos-zk-ops.md 4.1: 31000 to 32000 by default).
    private static func ofTasks(_ port: Located<Int>, _ draft: SpecDraft, _ balancers: [NodeSpec]) -> [Diagnostic] {
        guard
            let node = balancers.first(where: {
                $0.has(.mesosAgent) && draft.spec.taskPorts(on: $0).contains(port.value)
            })
        else { return [] }
        let message =
            "service port \(port.value) is among those that the agent on `\(node.name.value)` gives to tasks: HAProxy cannot "
            + "listen there while a task has it"
        return [Diagnostic(.warning, message, at: port.position, hint: "choose one outside the agent's range")]
    }

    /// Marathon then chooses from its own range at random, and clients cannot know it before (marathon-api.md 3.2).
    private static func advice(on app: AppDefinition) -> Diagnostic? {
        guard let place = app.zeroServicePort else { return nil }
        let message = "app `\(app.id.value)` leaves its service port to Marathon, which chooses one by chance"
        return Diagnostic(.warning, message, at: place, hint: "name a `servicePort`, so that clients can")
    }
}

extension AppDefinition {
    /// Where a port mapping, which is there to be reached, names `servicePort: 0`.
    fileprivate var zeroServicePort: SourcePosition? {
        let container = definition["container"]
        let docker = container?["docker"]?.objects("portMappings", in: "container.docker") ?? []
        let mappings = docker + (container?.objects("portMappings", in: "container") ?? [])
        let zero = mappings.first { $0.1["servicePort"]?.integer == 0 }
        return zero.map { position(of: "\($0.0).servicePort") }
    }
}

extension ClusterSpec {
    /// The ports that the agent on `node` offers, as its declared resources say; else Mesos' own.
    fileprivate func taskPorts(on node: NodeSpec) -> [ClosedRange<Int>] {
        let layers = [mesos?.agent.resources ?? [], node.resources]
        guard let text = layers.joined().last(where: { $0.name.value == "ports" })?.value.value.plainText else {
            return [31_000...32_000]
        }
        let inner = text.filter { !"[] ".contains($0) }
        return inner.split(separator: ",").compactMap { range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return nil }
            return first...last
        }
    }
}

extension [ClosedRange<Int>] {
    fileprivate func contains(_ port: Int) -> Bool { contains { $0.contains(port) } }
}
