import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("What a roll compares with is looked at until it is seen", .timeLimit(.minutes(20)))
struct RollBaselineTests {
    private func run(
        _ gate: GateCondition,
        _ world: ExecuteWorld,
        _ transport: ScriptedTransport
    ) async throws -> RunReport {
        let nodes = Lab.nodes(1)
        let executor = Executor(
            access: world,
            targets: Lab.targets(nodes),
            transport: transport,
            lease: LeasePlan(nodes: nodes, holder: Lab.holder("r1")),
            parallelism: 1,
            clock: world.time.clock,
            run: RunID("r1"),
            journal: nil,
            editText: setKeys,
            events: { _ in }
        )
        let gate = Gate(gate, deadlineSeconds: 60, words: "as before")
        let step = Step.roll(.zooKeeper, nodes, in: world, rule: .inOrder, layer: .marathon, gate: gate)
        return try await world.time.run {
            do throws(RunRefusal) {
                return Result<RunReport, RunRefusal>.success(
                    try await executor.run(Plan([step]), interruption: Interruption())
                )
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func world() -> ExecuteWorld {
        ExecuteWorld(Lab.running(Lab.nodes(1)), seed: 1, time: SimulatedTime(seed: 1)) { _, _ in nil }
    }

    @Test func `one look that fails does not let a Marathon with another framework pass`() async throws {
        let world = world()
        let asked = Mutex(0)
        let transport = ScriptedTransport { _, _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            guard count > 1 else { return .status(503) }
            let id = world.restarts.isEmpty ? "F-0" : "F-1"
            return .ok(
                #"{"name":"marathon","version":"1.4.13","leader":"m:8080","frameworkId":"\#(id)","marathon_config":{}}"#
            )
        }
        let place = ServicePlace(NodeName("n1"), address: "10.0.0.1", port: 8080)
        let report = try await run(.marathon(MarathonGate(marathons: [place], masters: [])), world, transport)
        guard case .failed(let words)? = report.steps.first?.outcome else {
            Testing.Issue.record("\(report)")
            return
        }
        #expect(words.contains("registered as framework F-1 instead of F-0"))
    }

    @Test func `one look that fails does not let masters pass without their agents`() async throws {
        let world = world()
        let asked = Mutex(0)
        let transport = ScriptedTransport { _, path in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            let agents = world.restarts.isEmpty ? ["10.0.0.11"] : []
            switch path {
            case "/health": return .ok("")
            case "/flags": return .ok(MesosBodies.flags(quorum: 1, zk: "zk://z/mesos"))
            case "/slaves": return .ok(MesosBodies.slaves(agents, inactive: []))
            default:
                guard count > 4 else { return .status(503) }
                return .ok(MesosBodies.metrics(elected: true, agents: agents.count, recovered: true, size: 1))
            }
        }
        let place = ServicePlace(NodeName("n1"), address: "10.0.0.1", port: 5050)
        let gate = MasterGate(masters: [place], quorum: 1, zk: "zk://z/mesos")
        let report = try await run(.mesosMasters(gate), world, transport)
        guard case .failed(let words)? = report.steps.first?.outcome else {
            Testing.Issue.record("\(report)")
            return
        }
        #expect(words.contains("0 of 1 agents registered again"))
    }
}
