import Daemons
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Lab

/// A lab of a cluster file of this repository, and the whole loop over it.
struct LabFixture: Sendable {
    var spec: ClusterSpec
    let lab: Lab
    let access: WatchedAccess
    /// nil: Mesos and Marathon are asked on their nodes only.
    var transport: LabHTTPTransport?

    /// The declared clusters the stories are told on: upstart with Mesos 0.21, systemd with Mesos 1.11.
    static let files = ["cluster.yaml", "Testbed/cluster.yaml"]

    init(_ file: String, seed: UInt64 = 1) throws {
        let spec = try Self.spec(file)
        self.init(spec, lab: Lab(try LabWorld(spec: spec, seed: seed)))
    }

    /// Everything installed, configured and running; made once for each file, as a world is a value.
    static func converged(_ file: String) async throws -> LabFixture {
        let world = try await (grown[file] ?? Task { try await grow(file) }).value
        return LabFixture(try spec(file), lab: Lab(world))
    }

    private static let grown = Dictionary(
        uniqueKeysWithValues: files.map { file in (file, Task { try await grow(file) }) }
    )

    private static func grow(_ file: String) async throws -> LabWorld {
        let fixture = try LabFixture(file)
        let last = try await fixture.converge("first")
        try #require(last.isEmpty, "\(file): \(last.words)")
        return try fixture.lab.read { $0 }
    }

    init(_ spec: ClusterSpec, lab: Lab) {
        self.spec = spec
        self.lab = lab
        access = WatchedAccess(lab)
        transport = lab.transport()
    }

    static func spec(_ file: String) throws -> ClusterSpec {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        let path = root.joined(separator: "/") + "/" + file
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let reading = SpecReader.read(name, from: DirectorySpecSource(directory), named: file)
        return try #require(reading.spec, "\(reading.diagnostics)")
    }

    // MARK: The loop

    func observe() async throws -> ObservedCluster {
        try await lab.run {
            await Observer(access: access, parallelism: 8, transport: transport, clock: lab.clock)
                .observe(spec, secrets: SecretStore())
        }
    }

    func plan() async throws -> Plan {
        let seen = try await observe()
        return Plan(
            desired: DesiredCluster(spec, observed: seen),
            observed: seen,
            source: Plan.Source(file: "cluster.yaml", revision: "abc")
        )
    }

    /// Carries a plan out; `told` sees every event of it.
    func apply(
        _ plan: Plan,
        as name: String = "r1",
        lockTimeout: Duration = .seconds(120),
        journal: (any RunJournal)? = nil,
        told: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> Result<RunReport, RunRefusal> {
        let executor = Executor(
            access: access,
            targets: Dictionary(spec.nodes.map { ($0.name.value, NodeTarget($0, spec)) }) { first, _ in first },
            transport: transport,
            lease: LeasePlan(
                nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
                holder: LeaseHolder(token: name, user: name, host: "ops", pid: 42, command: "reconciler apply"),
                lockTimeout: lockTimeout
            ),
            parallelism: 4,
            clock: lab.clock,
            run: RunID(name),
            journal: journal,
            editText: { edit, text in
                KeyedText(Content(text ?? ""), format: edit.format).applying(edit, includingRecommended: true).shown
            },
            events: told
        )
        return try await lab.run {
            do throws(RunRefusal) {
                return .success(try await executor.run(plan, interruption: Interruption()))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Plans and applies until nothing is left to do or nothing can be done; the last plan.
    func converge(_ prefix: String = "run", rounds: Int = 4) async throws -> Plan {
        var plan = try await plan()
        for round in 1...rounds where !plan.steps.isEmpty && plan.refusals.isEmpty {
            _ = try await apply(plan, as: "\(prefix)-\(round)")
            plan = try await self.plan()
        }
        return plan
    }

    // MARK: The world

    /// What goes on by now.
    func status() throws -> LabStatus { try lab.read { $0.status } }

    /// A request to the leading Marathon, from outside.
    func marathon(_ method: String, _ target: String, _ body: String = "") throws -> HTTPResponse? {
        let request = HTTPRequest(
            method,
            target,
            headers: [HTTPField("Content-Type", "application/json")],
            body: Array(body.utf8)
        )
        return try lab.change { $0.askMarathon(request) }
    }

    func pass(_ seconds: Int) async throws {
        try await lab.run { try await lab.clock.sleep(for: .seconds(seconds)) }
    }

    func inject(_ fault: LabFault) throws { try lab.change { world throws(LabError) in try world.inject(fault) } }

    func file(_ path: String, on node: String) throws -> String? {
        try lab.read { world in world.machines.first { $0.name == node }?.node.files.read(path) }
    }
}

/// The lab's nodes, with somebody who looks on: whether ensembles stay safe, and whose visits do not arrive any more.
final class WatchedAccess: NodeAccess {
    struct Restart: Hashable, Sendable {
        var service: ServiceName
        var node: NodeName
        var led: Bool
        /// Other ZooKeeper servers that did not serve at that moment.
        var othersDown: Int
    }

    private struct State {
        var killed: Set<RunID> = []
        var restarts: [Restart] = []
    }

    private let lab: Lab
    private let base: LabNodeAccess
    private let state = Mutex(State())

    init(_ lab: Lab) { (self.lab, base) = (lab, lab.access()) }

    /// Of living servers, in their order.
    var restarts: [Restart] { state.withLock { $0.restarts } }

    /// From now on nothing that `run` sends arrives: its process is gone.
    func kill(_ run: RunID) { state.withLock { _ = $0.killed.insert(run) } }

    func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        try await base.observe(requests, on: node)
    }

    func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult] {
        try fail(run)
        watch(actions, on: node.name)
        let results = try await base.perform(actions, run: run, on: node)
        try fail(run)
        return results
    }

    private func fail(_ run: RunID) throws(NodeAccessError) {
        if state.withLock({ $0.killed.contains(run) }) { throw NodeAccessError(.interrupted, "killed") }
    }

    private func watch(_ actions: [NodeAction], on node: NodeName) {
        for case .service(let act) in actions {
            let service: ServiceName
            switch act {
            case .restartUnit(let name, _), .restartJob(let name, _): service = name
            default: continue
            }
            let status = try? lab.read { $0.status }
            let others = status?.nodes.filter { $0.name != node && $0.zooKeeperMode != nil } ?? []
            let serving = others.count { $0.zooKeeperMode == "leader" || $0.zooKeeperMode == "follower" }
            let leaders = [
                ServiceName.zooKeeper: status?.zooKeeperLeader, .mesosMaster: status?.mesosLeader,
                .marathon: status?.marathonLeader,
            ]
            let restart = Restart(
                service: service,
                node: node,
                led: leaders[service] == .some(.some(node)),
                othersDown: others.count - serving
            )
            state.withLock { $0.restarts.append(restart) }
        }
    }
}

extension Plan {
    /// What it would do, and what keeps it from more.
    var words: String {
        """
        steps: \(steps.map { "\($0.title) \($0.nodes)" })
        blocked: \(blocked.map { "\($0.because)" })
        refused: \(refusals.map(\.reason))
        """
    }
}

extension RunReport {
    /// The steps that were neither done nor in place already.
    var troubles: [String] {
        steps.compactMap { step in
            switch step.outcome {
            case .applied, .alreadyInPlace: nil
            default: "\(step.title): \(step.outcome)"
            }
        }
    }
}
