import Daemons
import Lab
import Reconciler
import Specs
import Synchronization
import Testing

/// A lab in which Marathons of one release lead and nothing runs yet, and steps on apps are carried out by the engine.
struct AppLab: Sendable {
    let lab: Lab
    let spec: ClusterSpec
    let client: MarathonClient
    let context: AppContext
    /// Sees, and may spoil, what is asked over HTTP.
    let wire: Wire

    /// One of each era of Marathon (marathon-api.md): with the first Mesos it ran on, or the last.
    static let releases = ["0.7.6", "0.8.2", "1.4.13", "1.11.24"]

    init(_ release: String) async throws {
        let world = try await (Self.grown[release] ?? Task { try await Self.grow(release) }).value
        let lab = Lab(world)
        let wire = Wire(lab.transport())
        let spec = try Self.spec(release)
        let client = Self.client(spec, lab, wire)
        self.lab = lab
        self.spec = spec
        self.client = client
        self.wire = wire
        context = try await lab.run { try await client.context() }
    }

    private static let grown = Dictionary(
        uniqueKeysWithValues: releases.map { release in (release, Task { try await grow(release) }) }
    )

    private static func client(_ spec: ClusterSpec, _ lab: Lab, _ wire: Wire) -> MarathonClient {
        let reach = MarathonClient.Reach(spec) ?? MarathonClient.Reach(endpoints: [])
        return MarathonClient(reach: reach, transport: wire, secrets: SecretStore(), clock: lab.clock)
    }

    // MARK: The world

    private static func spec(_ release: String) throws -> ClusterSpec {
        let isOld = release.hasPrefix("0.")
        let text = """
            version: 1
            cluster: apps
            ssh: {user: ops, become: sudo}
            platform: \(isOld ? "{os: ubuntu-14.04, init: upstart}" : "{os: debian-12, init: systemd}")
            versions: {mesos: \(isOld ? "0.21.1" : "1.11.0"), marathon: \(release)}
            nodes:
              m1: {address: 10.16.40.1, roles: [zookeeper, mesos-master, marathon]}
              m2: {address: 10.16.40.2, roles: [zookeeper, mesos-master, marathon]}
              m3: {address: 10.16.40.3, roles: [zookeeper, mesos-master, marathon]}
              a1: {address: 10.16.40.11, roles: [mesos-agent]}
              a2: {address: 10.16.40.12, roles: [mesos-agent]}
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

    private static func grow(_ release: String) async throws -> LabWorld {
        let spec = try spec(release)
        let lab = Lab(try LabWorld(spec: spec, seed: 5))
        for round in 1...4 {
            let plan = try await lab.run {
                let seen = await Observer(access: lab.access(), parallelism: 8, clock: lab.clock).observe(
                    spec,
                    secrets: SecretStore()
                )
                return Plan(
                    desired: DesiredCluster(spec, observed: seen),
                    observed: seen,
                    source: Plan.Source(file: "cluster.yaml", revision: "abc")
                )
            }
            if plan.steps.isEmpty { break }
            _ = try await run(plan, "grow-\(round)", spec, lab, nil, nil, Interruption()) { _ in }
        }
        let client = client(spec, lab, Wire(lab.transport()))
        try await lab.run {
            for _ in 1...60 {
                if try await client.info().leader != nil { return }
                try await lab.clock.sleep(for: .seconds(2))
            }
        }
        return try lab.read { $0 }
    }

    private static func run(
        _ plan: Plan,
        _ name: String,
        _ spec: ClusterSpec,
        _ lab: Lab,
        _ client: MarathonClient?,
        _ transport: (any HTTPTransport)?,
        _ interruption: Interruption,
        _ told: @escaping @Sendable (RunEvent) -> Void
    ) async throws -> RunReport {
        let executor = Executor(
            access: lab.access(),
            targets: Dictionary(spec.nodes.map { ($0.name.value, NodeTarget($0, spec)) }) { first, _ in first },
            transport: transport,
            lease: LeasePlan(
                nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
                holder: LeaseHolder(token: name, user: name, host: "ops", pid: 42, command: "reconciler apply")
            ),
            parallelism: 4,
            clock: lab.clock,
            run: RunID(name),
            journal: nil,
            marathon: client,
            masters: ServicePlace.masters(of: spec),
            editText: { edit, text in
                KeyedText(Content(text ?? ""), format: edit.format).applying(edit, includingRecommended: true).shown
            },
            events: told
        )
        return try await lab.run { try await executor.run(plan, interruption: interruption) }
    }

    // MARK: The loop

    /// The one step that brings an app from what is there to `definition`; nil where nothing differs.
    func step(
        _ definition: AppValue,
        deadline: Int = 120,
        onFailure: AppAct.OnFailure = .stop,
        isForced: Bool = false
    ) async throws -> Step? {
        let id = try #require(definition["id"]?.plainText)
        let live = try await lab.run { try await client.app(id) }
        let operation: AppAct.Operation
        if let live {
            guard let revision = AppRevision(of: definition, from: live.definition, in: context) else { return nil }
            switch revision.way {
            case .write(let write): operation = .update(write)
            case .recreate(let write, _): operation = .recreate(write)
            }
        } else {
            operation = .create(AppWrite(creating: definition, in: context))
        }
        let act = AppAct(
            id: id,
            operation: operation,
            expected: live.map { .version($0.version) } ?? .absent,
            context: context,
            target: definition,
            digest: "digest of \(definition["cmd"]?.plainText ?? "-")",
            isForced: isForced,
            deadlineSeconds: deadline,
            onFailure: onFailure
        )
        return Step(id: 1, title: "app \(id)", act: .app(act))
    }

    func plan(_ steps: [Step]) -> Plan {
        var numbered = steps
        for index in numbered.indices { numbered[index].id = index + 1 }
        return Plan(cluster: "apps", source: Plan.Source(file: "cluster.yaml"), nodes: [], steps: numbered)
    }

    /// What the planner makes of one declared app.
    func plan(_ definition: AppValue, ignoring: [String] = [], consent: Set<String> = []) async throws -> Plan {
        let id = try #require(definition["id"]?.plainText)
        let app = DesiredApp(
            id: id,
            definition: definition,
            position: SourcePosition(file: "apps/app.json", line: 1, column: 1),
            deadlineSeconds: 60,
            onFailure: .restore
        )
        return try await lab.run {
            var seen = await Observer(access: lab.access(), parallelism: 8, clock: lab.clock).observe(
                spec,
                secrets: SecretStore()
            )
            let apps = DesiredApps(
                apps: [app],
                ignore: ignoring.isEmpty ? [:] : [id: ignoring],
                consent: consent
            )
            seen.marathon = await client.observe(apps)
            var desired = DesiredCluster(spec, observed: seen)
            desired.apps = apps
            return Plan(desired: desired, observed: seen, source: Plan.Source(file: "cluster.yaml", revision: "abc"))
        }
    }

    func applyDeclared(_ definition: AppValue, as name: String = "r1") async throws -> [StepReport] {
        let plan = try await plan(definition)
        return try await report(plan.steps, as: name).steps
    }

    /// Carries steps out; the outcome of the last.
    func carryOut(
        _ steps: [Step],
        as name: String = "r1",
        interruption: Interruption = Interruption(),
        told: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> StepOutcome {
        let report = try await report(steps, as: name, interruption: interruption, told: told)
        return try #require(report.steps.last?.outcome)
    }

    func report(
        _ steps: [Step],
        as name: String = "r1",
        interruption: Interruption = Interruption(),
        told: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> RunReport {
        try await Self.run(plan(steps), name, spec, lab, client, lab.transport(), interruption, told)
    }

    /// Plans and carries out; the outcome.
    func apply(
        _ definition: AppValue,
        deadline: Int = 120,
        onFailure: AppAct.OnFailure = .stop,
        isForced: Bool = false,
        as name: String = "r1",
        interruption: Interruption = Interruption(),
        told: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> StepOutcome? {
        guard
            let step = try await step(
                definition,
                deadline: deadline,
                onFailure: onFailure,
                isForced: isForced
            )
        else { return nil }
        return try await carryOut([step], as: name, interruption: interruption, told: told)
    }

    func app(_ id: String) async throws -> LiveApp? { try await lab.run { try await client.app(id) } }

    func tasks(_ id: String) async throws -> [LiveTask] { try await lab.run { try await client.tasks(id) ?? [] } }

    func pass(_ seconds: Int) async throws {
        try await lab.run { try await lab.clock.sleep(for: .seconds(seconds)) }
    }

    func inject(_ fault: LabFault) throws { try lab.change { world throws(LabError) in try world.inject(fault) } }

    var leader: NodeName? { get throws { try lab.read { $0.status.marathonLeader } } }

    /// What the nodes remember of apps: digests by resource, each node's.
    func records() async throws -> [[String: String]] {
        try await lab.run {
            var records: [[String: String]] = []
            for node in spec.nodes(with: .zookeeper) {
                let answers = try await lab.access().observe([.applied], on: NodeTarget(node, spec))
                guard case .applied(let text)? = answers.first else { continue }
                let lines = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
                let apps = lines.filter { $0[0].hasPrefix("app:") || $0[0].hasPrefix("restored:") }
                records.append(Dictionary(apps.map { ($0[0], $0[1]) }) { _, last in last })
            }
            return records
        }
    }
}

/// The way to the lab's daemons, with somebody who counts writes and may cut the line.
final class Wire: HTTPTransport {
    enum Trouble { case none, losesAnswer, losesRequest }

    private struct State {
        var writes: [String] = []
        var trouble: @Sendable (RESTRequest) -> Trouble = { _ in .none }
        var onWrite: @Sendable (RESTRequest) -> Void = { _ in }
    }

    private let base: any HTTPTransport
    private let state = Mutex(State())

    init(_ base: any HTTPTransport) { self.base = base }

    /// Method and path of every write that was sent, in order.
    var writes: [String] { state.withLock { $0.writes } }

    func spoil(_ trouble: @escaping @Sendable (RESTRequest) -> Trouble) { state.withLock { $0.trouble = trouble } }

    /// Called when a write has been answered.
    func afterWrite(_ body: @escaping @Sendable (RESTRequest) -> Void) { state.withLock { $0.onWrite = body } }

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        guard request.method != .get else { return try await base.send(request, to: endpoint) }
        let (trouble, onWrite) = state.withLock { state in
            state.writes.append("\(request.method.rawValue) \(request.path)")
            return (state.trouble(request), state.onWrite)
        }
        let lost = RESTError(.interrupted, mayHaveArrived: true, "the connection broke")
        if trouble == .losesRequest { throw lost }
        let answer = try await base.send(request, to: endpoint)
        onWrite(request)
        if trouble == .losesAnswer { throw lost }
        return answer
    }
}

extension StepOutcome {
    /// What it says of a step that did not succeed.
    var words: String {
        switch self {
        case .applied, .alreadyInPlace: ""
        case .failed(let words), .conflict(let words), .notReached(let words), .unknown(let words): words
        }
    }

    var hasFailed: Bool { if case .failed = self { true } else { false } }
}
