import Specs
import Testing

@testable import Reconciler

/// The whole loop (observe, plan, execute) over nodes in memory, in simulated time.
@Suite("The whole loop", .timeLimit(.minutes(2)))
struct LoopTests {
    /// Three masters and two agents without Docker.
    static let spec: ClusterSpec = {
        var spec = Samples.spec(agents: 2, tickTime: "2000")
        for index in spec.nodes.indices { spec.nodes[index].roles.removeAll { $0.value == .docker } }
        spec.mesos?.agent.containerizers = nil
        return spec
    }()

    private func converged(_ seed: UInt64) async -> LoopWorld {
        let world = LoopWorld(Self.spec, seed: seed)
        _ = await world.converge("first")
        return world
    }

    @Test("a bare cluster converges in one run, and a second has nothing to do", arguments: seeds(3))
    func bareCluster(seed: UInt64) async throws {
        let world = LoopWorld(Self.spec, seed: seed)
        let plan = await world.plan()
        #expect(plan.refusals == [] && plan.blocked == [])
        let report = try await world.apply(plan, as: "r1").get()
        #expect(report.ending == .completed)
        #expect(report.steps.filter { !$0.outcome.isSuccess }.map(\.outcome) == [])
        let second = await world.plan()
        #expect(second.isEmpty, "\(second.steps.map(\.title)) \(second.blocked) \(second.refusals)")
        #expect(world.violations == [])
    }

    @Test("killed after any event of a bootstrap, the next runs converge", arguments: seeds(2))
    func killedBootstrap(seed: UInt64) async throws {
        let witness = Witness()
        let whole = LoopWorld(Self.spec, seed: seed)
        _ = await whole.apply(await whole.plan(), as: "r1", witness: witness)
        var numbers = SeededNumbers(seed)
        let events = (1...max(witness.events.count, 1)).shuffled(using: &numbers).prefix(12)
        #expect(witness.events.count > 30)
        for event in events {
            let world = LoopWorld(Self.spec, seed: seed)
            let killer = Witness { count, _ in if count == event { world.world.kill(RunID("r1")) } }
            _ = await world.apply(await world.plan(), as: "r1", witness: killer)
            let last = await world.converge("again")
            #expect(last.isEmpty, "event \(event): \(last.steps.map(\.title)) \(last.blocked) \(last.refusals)")
            #expect(world.violations == [], "event \(event)")
        }
    }

    @Test("whatever was changed by hand is shown, and then gone or named", arguments: seeds(20))
    func perturbations(seed: UInt64) async throws {
        let world = await converged(1)
        var numbers = SeededNumbers(seed)
        var done: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            done.append(Perturbation.random(using: &numbers).apply(to: world, using: &numbers))
        }
        let plan = await world.plan()
        #expect(!plan.isEmpty, "\(done)")
        let last = await world.converge("heal")
        let explained =
            last.blocked.allSatisfy { !$0.because.isEmpty } && last.refusals.allSatisfy { !$0.reason.isEmpty }
        #expect(last.steps.isEmpty || !last.refusals.isEmpty, "\(done): \(last.steps.map(\.title))")
        #expect(explained)
        #expect(world.violations == [], "\(done)")
    }

    @Test("a changed setting rolls the ensemble, also when killed on the way", arguments: seeds(3))
    func killedRoll(seed: UInt64) async throws {
        for event in [4, 9, 14, 19, 24, 29] {
            let world = await converged(seed)
            for node: NodeName in ["m1", "m2", "m3"] {
                let path = PlanHazardTests.zooCfg
                let text = world.world[node].files[path]?.content ?? ""
                world.world.edit(node, path, text.replacing("tickTime=2000", with: "tickTime=3000"))
                world.world.change { state in
                    let now = world.world.time.now
                    state.nextPID += 1
                    state.nodes[node]?.start(.zooKeeper, pid: state.nextPID, now - .seconds(60))
                }
            }
            let plan = await world.plan()
            #expect(plan.steps.map(\.title) == ["restart zookeeper on 3 nodes, one at a time"], "\(plan.blocked)")
            let before = world.world.restarts.count
            let killer = Witness { count, _ in if count == event { world.world.kill(RunID("roll")) } }
            _ = await world.apply(plan, as: "roll", witness: killer)
            let last = await world.converge("again")
            #expect(last.isEmpty, "event \(event): \(last.steps.map(\.title)) \(last.blocked) \(last.refusals)")
            #expect(world.violations == [])
            #expect(world.world.restarts.dropFirst(before).map(\.node).sorted() == ["m1", "m2", "m3"])
        }
    }

    @Test("a silent node never leads to a restart in its ensemble", arguments: ["m1", "m2", "m3"])
    func silentNode(silent: String) async throws {
        let world = await converged(1)
        for node: NodeName in ["m1", "m2", "m3"] {
            let path = PlanHazardTests.zooCfg
            let text = world.world[node].files[path]?.content ?? ""
            world.world.edit(node, path, text.replacing("tickTime=2000", with: "tickTime=3000"))
            world.world.change { $0.nodes[node]?.services[.zooKeeper]?.process?.read[path] = "tickTime=3000\n" }
        }
        world.world.change { $0.nodes[NodeName(silent)]?.isUp = false }
        let before = world.world.restarts.count
        let last = await world.converge("silent")
        #expect(last.blocked.contains { $0.isByUnknown })
        #expect(world.world.restarts.count == before)
        #expect(world.violations == [])
    }
}

/// One thing done by hand.
enum Perturbation: CaseIterable {
    case editFlag, editZooCfg, stopService, maskService, startWrongService, wipeMember, strayFile, removeFile

    static func random(using numbers: inout SeededNumbers) -> Perturbation {
        allCases.randomElement(using: &numbers) ?? .editFlag
    }

    /// Does it, and says what it did.
    func apply(to loop: LoopWorld, using numbers: inout SeededNumbers) -> String {
        let master: NodeName = ["m1", "m2", "m3"].randomElement(using: &numbers) ?? "m1"
        let agent: NodeName = ["a1", "a2"].randomElement(using: &numbers) ?? "a1"
        let world = loop.world
        switch self {
        case .editFlag:
            world.edit(agent, "/etc/mesos-slave/executor_registration_timeout", "7mins\n")
            return "flag of \(agent)"
        case .editZooCfg:
            world.edit(master, PlanHazardTests.zooCfg, "tickTime=2000\nserver.1=10.16.40.1:2888:3888\n")
            return "zoo.cfg of \(master)"
        case .stopService:
            let service: ServiceName =
                [.zooKeeper, .mesosMaster, .marathon].randomElement(using: &numbers) ?? .marathon
            world.change { $0.nodes[master]?.services[service]?.process = nil }
            return "\(service) stopped on \(master)"
        case .maskService:
            world.change { $0.nodes[agent]?.services[.mesosAgent]?.boot = .masked }
            return "agent masked on \(agent)"
        case .startWrongService:
            world.change { state in
                state.nodes[agent]?.services[.mesosMaster, default: SimulatedNode.Daemon()].boot = .on
                state.nodes[agent]?.start(.mesosMaster, pid: 9, world.time.now)
            }
            return "mesos-master on \(agent)"
        case .wipeMember:
            world.change { state in
                state.nodes[master]?.services[.zooKeeper]?.process = nil
                state.nodes[master]?.files["/var/lib/zookeeper/version-2/log.1"] = nil
            }
            return "zookeeper wiped on \(master)"
        case .strayFile:
            world.edit(master, "/etc/mesos-master/quorum.bak", "3\n")
            return "stray file on \(master)"
        case .removeFile:
            world.change { $0.nodes[agent]?.files["/etc/mesos/zk"] = nil }
            return "no zk file on \(agent)"
        }
    }
}
