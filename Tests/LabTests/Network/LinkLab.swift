import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// A running cluster whose links are wired as one text declares, and which is then declared otherwise.
struct LinkLab: Sendable {
    let lab: Lab
    let spec: ClusterSpec

    static let wired = "{interface: eth0, netmask: 255.255.255.0, gateway: 10.16.40.254}"
    static let segment = LabSegment(routers: ["10.16.40.254"], prefix: 23)

    /// Runs since its first plan; `network` is what is declared from now on.
    init(_ network: String) async throws {
        let world = try await Self.grown.value
        lab = Lab(world)
        spec = try Self.spec(network)
    }

    private static let grown = Task { try await grow() }

    static func spec(_ network: String) throws -> ClusterSpec {
        let text = """
            version: 1
            cluster: links
            ssh: {user: ops, become: sudo}
            platform: {os: debian-12, init: systemd}
            versions: {mesos: 1.11.0, marathon: 1.11.24}
            nodes:
              m1: {address: 10.16.40.1, roles: [zookeeper, mesos-master, marathon]}
              m2: {address: 10.16.40.2, roles: [zookeeper, mesos-master, marathon]}
              m3: {address: 10.16.40.3, roles: [zookeeper, mesos-master, marathon]}
              a1: {address: 10.16.40.11, roles: [mesos-agent]}
            network: \(network)
            zookeeper:
              ensemble: {1: m1, 2: m2, 3: m3}
            mesos: {zk: /mesos, quorum: 2}
            marathon: {zk: /marathon}
            """
        let reading = SpecReader.read("cluster.yaml", from: OneFile(text: text), named: "cluster.yaml")
        return try #require(reading.spec, "\(reading.diagnostics)")
    }

    private struct OneFile: SpecSource {
        var text: String
        func bytes(of path: String) throws(SpecSourceError) -> [UInt8]? { Array(text.utf8) }
        func paths(matching glob: String) throws(SpecSourceError) -> [String] { [] }
    }

    private static func grow() async throws -> LabWorld {
        let spec = try spec(wired)
        let first = LinkLab(lab: Lab(try LabWorld(spec: spec, seed: 3)), spec: spec)
        for round in 1...4 {
            let plan = try await first.plan()
            if plan.steps.isEmpty { break }
            _ = try await first.apply(plan, as: "grow-\(round)")
        }
        let last = try await first.plan()
        try #require(last.steps.isEmpty, "\(last.steps.map(\.title)) \(last.blocked)")
        for index in first.spec.nodes.indices {
            try first.lab.change { $0.machines[index].node.segment = segment }
        }
        return try first.lab.read { $0 }
    }

    private init(lab: Lab, spec: ClusterSpec) { (self.lab, self.spec) = (lab, spec) }

    // MARK: The loop

    func plan() async throws -> Plan {
        try await lab.run {
            let seen = await Observer(
                access: lab.access(),
                parallelism: 8,
                transport: lab.transport(),
                clock: lab.clock
            )
            .observe(spec, secrets: SecretStore())
            return Plan(
                desired: DesiredCluster(spec, observed: seen),
                observed: seen,
                source: Plan.Source(file: "cluster.yaml", revision: "abc")
            )
        }
    }

    func apply(_ plan: Plan, as name: String = "r1") async throws -> RunReport {
        let executor = Executor(
            access: lab.access(),
            targets: Dictionary(spec.nodes.map { ($0.name.value, NodeTarget($0, spec)) }) { first, _ in first },
            transport: lab.transport(),
            lease: LeasePlan(
                nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
                holder: LeaseHolder(token: name, user: name, host: "ops", pid: 42, command: "reconciler apply")
            ),
            parallelism: 4,
            clock: lab.clock,
            run: RunID(name),
            journal: nil,
            editText: { edit, text in
                KeyedText(Content(text ?? ""), format: edit.format).applying(edit, includingRecommended: true).shown
            },
            events: { _ in }
        )
        return try await lab.run { try await executor.run(plan, interruption: Interruption()) }
    }

    /// Only the steps on links of these nodes.
    func plan(linksOf nodes: Set<NodeName>) async throws -> Plan {
        var plan = try await plan()
        plan.steps = plan.steps.filter { $0.layer == .network && !nodes.isDisjoint(with: $0.nodes) }
        for index in plan.steps.indices { (plan.steps[index].id, plan.steps[index].needs) = (index + 1, []) }
        return plan
    }

    /// The arming visit of a run that is gone right afterwards.
    func armAndDie(_ step: Step) async throws {
        guard case .network(let act) = step.act else { return }
        let arm = NodeAction.network(.arm(act.change, token: "dead-1", seconds: act.seconds))
        let target = try #require(spec.nodes.first { $0.name.value == act.node }.map { NodeTarget($0, spec) })
        let results = try await lab.run {
            try await lab.access().perform([arm], run: RunID("dead"), on: target)
        }
        #expect(results == [.done(detail: "armed")])
    }

    func pass(_ seconds: Int) async throws {
        try await lab.run { try await lab.clock.sleep(for: .seconds(seconds)) }
    }

    func change(_ name: String, _ body: @Sendable (inout LabNode) -> Void) throws {
        try lab.change { world in
            for index in world.machines.indices where world.machines[index].name == name {
                body(&world.machines[index].node)
            }
        }
    }

    /// Address, gateway and file of a node's link.
    func link(_ name: String) throws -> (address: String, gateway: String?, file: String) {
        try lab.read { world in
            let node = world.machines.first { $0.name == name }?.node
            let answer = node?.networkAnswer
            return (
                answer?.links.first { $0.name == "eth0" }?.addresses.first ?? "",
                answer?.gateways.first?.address,
                node?.files.read("/etc/network/interfaces") ?? ""
            )
        }
    }

    func state(_ name: String, _ token: String) throws -> String? {
        try lab.read { world in
            world.machines.first { $0.name == name }?.node.files.read("/var/lib/reconciler/network/\(token)/state")
        }
    }
}

extension Plan {
    /// Steps on links.
    var links: [Step] { steps.filter { $0.layer == .network } }
}

extension RunReport {
    /// How the steps on links ended.
    func links(of plan: Plan) -> [StepOutcome] {
        let ids = plan.links.map(\.id)
        return steps.filter { ids.contains($0.id) }.map(\.outcome)
    }
}
