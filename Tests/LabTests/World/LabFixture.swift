import Daemons
import Reconciler
import Specs
import Synchronization
import Testing
import Transport

@testable import Lab

/// A lab of a cluster file of this repository, and the whole loop over it.
struct LabFixture: Sendable {
    let spec: ClusterSpec
    let lab: Lab
    let access: LabNodeAccess

    /// The declared clusters the stories are told on: upstart with Mesos 0.21, systemd with Mesos 1.11.
    static let files = ["cluster.yaml", "Testbed/cluster.yaml"]

    init(_ file: String, seed: UInt64 = 1) throws {
        let spec = try Self.spec(file)
        self.init(spec, lab: Lab(try LabWorld(spec: spec, seed: seed)))
    }

    init(_ spec: ClusterSpec, lab: Lab) {
        self.spec = spec
        self.lab = lab
        access = lab.access()
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

    func plan() async -> Plan {
        let seen = await lab.run {
            await Observer(access: access, parallelism: 8).observe(spec, secrets: SecretStore())
        }
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
        told: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async -> Result<RunReport, RunRefusal> {
        let executor = Executor(
            access: access,
            targets: Dictionary(spec.nodes.map { ($0.name.value, NodeTarget($0, spec)) }) { first, _ in first },
            lease: LeasePlan(
                nodes: DesiredCluster(spec, platforms: [:]).leaseHolders,
                holder: LeaseHolder(token: name, user: name, host: "ops", pid: 42, command: "reconciler apply"),
                lockTimeout: lockTimeout
            ),
            parallelism: 4,
            clock: lab.clock,
            run: RunID(name),
            editText: { edit, text in
                KeyedText(Content(text ?? ""), format: edit.format).applying(edit, includingRecommended: true).shown
            },
            events: told
        )
        return await lab.run {
            do throws(RunRefusal) {
                return .success(try await executor.run(plan, interruption: Interruption()))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Plans and applies until nothing is left to do or nothing can be done; the last plan.
    func converge(_ prefix: String = "run", rounds: Int = 4) async -> Plan {
        var plan = await plan()
        for round in 1...rounds where !plan.steps.isEmpty && plan.refusals.isEmpty {
            _ = await apply(plan, as: "\(prefix)-\(round)")
            plan = await self.plan()
        }
        return plan
    }

    // MARK: The world

    func pass(_ seconds: Int) async throws {
        try await lab.run { try await lab.clock.sleep(for: .seconds(seconds)) }
    }

    func inject(_ fault: LabFault) throws { try lab.change { world throws(LabError) in try world.inject(fault) } }

    func file(_ path: String, on node: String) throws -> String? {
        try lab.read { world in world.machines.first { $0.name == node }?.node.files.read(path) }
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
