import Specs

@testable import Reconciler

/// Clusters with a balancer on each master, as declared and as seen.
enum BalancerSample {
    static let configuration = BridgeScript.Paths.configuration
    static let clock = 100_000

    static func spec() -> ClusterSpec {
        var spec = Samples.spec()
        let place = SourcePosition(file: "cluster.yaml", line: 9, column: 5)
        for index in spec.nodes.indices where spec.nodes[index].has(.marathon) {
            spec.nodes[index].roles.append(Located(.haproxy, at: place))
        }
        return spec
    }

    static let desired = Samples.desired(spec())

    static let tasks = [
        BalancedTask(app: "/web", host: "10.16.40.11", ports: [31_000], servicePorts: [80]),
        BalancedTask(app: "/web", host: "10.16.40.12", ports: [31_001], servicePorts: [80]),
        BalancedTask(app: "/shop/cart", host: "10.16.40.11", ports: [31_005], servicePorts: [9000], isAlive: true),
    ]

    static func expected(_ node: NodeName, _ tasks: [BalancedTask] = tasks) -> String {
        guard let wanted = desired.node(node)?.loadBalancer else { return "" }
        let configuration = HAProxyConfiguration(tasks, reserved: Set(wanted.reserved))
        return configuration.text(header: wanted.header, bind: wanted.bind)?.shown ?? ""
    }

    /// Everything as declared, haproxy.cfg of `tasks`, the bridge ran ten seconds ago.
    static func converged(_ live: [BalancedTask]? = tasks) -> ObservedCluster {
        var seen = Samples.converged(desired)
        seen.balanced = live.map { .found($0) } ?? .absent
        for node in desired.nodes where node.loadBalancer != nil {
            seen = seen.changing(node.name) { observed in
                observed.clock = .found(Double(clock))
                observed.files[configuration] = .found(file(expected(node.name)))
                for index in node.files.indices { observed.fix(node.files[index]) }
                observed.loadBalancer = .found(
                    ObservedLoadBalancer(
                        lastRun: .found(BridgeRun(at: clock - 10, outcome: .unchanged)),
                        isLastGood: .found(true),
                        listening: .found(listening([80, 9000, 9090]))
                    )
                )
            }
        }
        return seen
    }

    static func file(_ text: String, modified: Int = 1000) -> ObservedFile {
        ObservedFile(
            path: configuration,
            resolvedPath: configuration,
            size: text.utf8.count,
            modified: modified,
            version: .digest(sha256(text)),
            content: Content(text)
        )
    }

    static func listening(_ ports: [Int], program: String = "haproxy", started: Int = 2000) -> [ListeningSocket] {
        ports.map { ListeningSocket(address: "10.16.40.1", port: $0, pid: 77, program: program, started: started) }
    }

    static func plan(_ seen: ObservedCluster) -> Plan { Samples.plan(desired, seen) }
}

extension ObservedNode {
    /// Mode and owner as declared.
    fileprivate mutating func fix(_ file: DesiredFile) {
        guard case .found(var found)? = files[file.path] else { return }
        (found.mode, found.owner, found.group) = (file.mode ?? found.mode, file.owner ?? "root", file.group ?? "root")
        files[file.path] = .found(found)
    }

    mutating func balancer(_ change: (inout ObservedLoadBalancer) -> Void) {
        var balancer = loadBalancer.value ?? ObservedLoadBalancer()
        change(&balancer)
        loadBalancer = .found(balancer)
    }
}

extension Plan {
    /// The balancers' steps.
    var balancing: [Step] {
        steps.filter { step in
            if case .loadBalancer? = step.gate?.condition { true } else { false }
        }
    }

    /// What each of them does, node by node.
    func actions(_ step: Step) -> [PlannedAction] {
        if case .visit(_, let actions) = step.act { actions } else { [] }
    }
}
