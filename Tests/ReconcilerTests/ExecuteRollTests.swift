import Specs
import Testing

@testable import Reconciler

@Suite("Rolling restarts", .timeLimit(.minutes(20)))
struct ExecuteRollTests {
    typealias FaultMaker = @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault?

    private func world(
        _ nodes: [NodeName],
        _ seed: UInt64,
        masters: Bool = false,
        fault: @escaping FaultMaker = { _, _ in nil }
    ) -> ExecuteWorld {
        let ring = Dictionary(nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        return ExecuteWorld(
            Lab.running(nodes, masters: masters),
            ring: ring,
            seed: seed,
            time: SimulatedTime(seed: seed),
            fault: fault
        )
    }

    private func roll(_ nodes: [NodeName], in world: ExecuteWorld, and others: [Step] = []) -> Plan {
        let ring = Lab.ring(nodes)
        let rule = RollRule.zooKeeperLeaderLast(ring)
        return Plan(
            [.roll(.zooKeeper, nodes, in: world, rule: rule, layer: .zooKeeper, gate: .quorum(ring))] + others
        )
    }

    private func expectSafety(_ world: ExecuteWorld) {
        let restarts = world.restarts
        #expect(restarts.allSatisfy { $0.othersDown.isEmpty })
        for (earlier, later) in zip(restarts, restarts.dropFirst()) { #expect(later.at - earlier.at >= .seconds(10)) }
        #expect(world.violations == [])
    }

    @Test("restart every member once, one at a time, the leader of the moment last", arguments: seeds(40))
    func leaderLast(seed: UInt64) async throws {
        let nodes = Lab.nodes(seed % 2 == 0 ? 3 : 5)
        let world = world(nodes, seed)
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(report.words == ["applied"])
        #expect(report.ending == .completed)
        #expect(world.restarts.map(\.node).sorted() == nodes)
        #expect(world.restarts.dropLast().allSatisfy { !$0.led })
        #expect(nodes.allSatisfy { world[$0].applied["service:zookeeper"] != nil })
        expectSafety(world)
    }

    @Test("look for the leader anew before each restart, since it moves", arguments: seeds(40))
    func movingLeader(seed: UInt64) async throws {
        let nodes = Lab.nodes(5)
        let world = world(nodes, seed)
        world.change { $0.leaderMovesAfter = .seconds(7) }
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(report.words == ["applied"])
        #expect(world.restarts.map(\.node).sorted() == nodes)
        #expect(world.restarts.dropLast().allSatisfy { !$0.led })
        expectSafety(world)
    }

    @Test("one seed gives one course of events", arguments: [3, 8] as [UInt64])
    func replay(seed: UInt64) async {
        var courses: [[String]] = []
        for _ in 1...2 {
            let world = world(Lab.nodes(3), seed)
            let witness = Witness()
            _ = await world.run(roll(Lab.nodes(3), in: world), witness: witness)
            courses.append(world.visits.map { "\($0.node) \($0.at)" } + witness.events.map { "\($0)" })
        }
        #expect(courses[0] == courses[1])
    }

    @Test("stop at the first member whose gate fails, and every ensemble with it", arguments: seeds(20))
    func failedGate(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let failing = Int(seed % 3)
        let world = world(nodes, seed) { visit, state in
            if visit.restarts, state.restarts.count == failing {
                state.nodes[visit.node]?.services[.zooKeeper]?.isBroken = true
            }
            return nil
        }
        let later: [Step] = [
            .write("/etc/motd", "hello\n", on: "n1"),
            .write("/etc/mesos/zk", "zk\n", on: "n2", layer: .masters),
        ]
        let report = try await world.run(roll(nodes, in: world, and: later)).get()
        #expect(report.words == ["failed", "applied", "not reached"])
        #expect(world.restarts.count == failing + 1)
        guard case .notReached(let words) = report.steps[2].outcome else { return }
        #expect(words.contains("step 1 (roll zookeeper)"))
        expectSafety(world)
        let broken = world.restarts.last?.node
        #expect(world[broken ?? "n0"].applied["service:zookeeper"] == nil)
    }

    @Test("do not begin while a member is down")
    func downBefore() async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, 1)
        world.change { $0.nodes["n2"]?.services[.zooKeeper]?.process = nil }
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(report.words == ["failed"])
        #expect(world.restarts == [])
        guard case .failed(let words) = report.steps[0].outcome else { return }
        #expect(words.contains("server 2 (n2)"))
        #expect(words.contains("not restarted: n1, n2, n3"))
    }

    @Test("do not begin while a member's host is silent")
    func silentHost() async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, 1)
        world.change { $0.nodes["n3"]?.isUp = false }
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(report.words == ["failed"])
        #expect(world.restarts == [])
    }

    @Test("a process that is not the observed one any more is a conflict, and is left alone")
    func restartedByHand() async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, 1)
        let plan = roll(nodes, in: world)
        world.change { state in
            for node in nodes { state.nodes[node]?.start(.zooKeeper, pid: 900, .seconds(-30)) }
        }
        let report = try await world.run(plan).get()
        #expect(report.words == ["conflict"])
        #expect(world.restarts == [])
    }

    @Test("no member is restarted twice, however often the connection breaks", arguments: seeds(80))
    func brokenConnections(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, seed) { visit, state in
            guard !visit.isLease, Int.random(in: 0..<8, using: &state.numbers) == 0 else { return nil }
            return Bool.random(using: &state.numbers)
                ? .unreachable : .drop(after: Int.random(in: 0...2, using: &state.numbers))
        }
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(Set(world.restarts.map(\.node)).count == world.restarts.count)
        expectSafety(world)
        if report.words == ["applied"] { #expect(world.restarts.map(\.node).sorted() == nodes) }
        #expect(report.words != ["in place"])
    }

    @Test("a restart that happened just before the connection broke is found, and the roll goes on")
    func dropAfterRestart() async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, 5) { visit, _ in visit.restarts ? .drop(after: 1) : nil }
        let report = try await world.run(roll(nodes, in: world)).get()
        #expect(report.words == ["applied"])
        #expect(world.restarts.map(\.node).sorted() == nodes)
        expectSafety(world)
    }

    @Test("masters roll with the elected one last, and only while all of them answer", arguments: seeds(20))
    func masters(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, seed, masters: true)
        let stable = nodes.map {
            GateCondition.serviceStable(
                .mesosMaster,
                node: $0,
                seconds: 3,
                listening: [.init(address: "x", port: 5050)]
            )
        }
        // One master is not restarted, and still must be well.
        let rolled = Array(nodes.dropLast(seed % 2 == 0 ? 1 : 0))
        let step = Step.roll(
            .mesosMaster,
            rolled,
            in: world,
            rule: .mesosLeaderLast(port: 5050),
            layer: .masters,
            gate: Gate(.all(stable), deadlineSeconds: 60, words: "all masters stable")
        )
        let isDown = seed % 5 == 0
        if isDown { world.change { $0.nodes["n3"]?.services[.mesosMaster]?.process = nil } }
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == [isDown ? "failed" : "applied"])
        #expect(world.restarts.map(\.node).sorted() == (isDown ? [] : rolled))
        #expect(world.restarts.dropLast().allSatisfy { !$0.led })
        expectSafety(world)
    }

    @Test("members in order go in the order given, and stop with the first whose gate fails", arguments: [true, false])
    func inOrder(fails: Bool) async throws {
        let nodes = Lab.nodes(3)
        let world = world(nodes, 1, masters: true) { visit, state in
            if fails, visit.restarts, visit.node == "n2" {
                state.nodes["n2"]?.services[.mesosMaster]?.isBroken = true
            }
            return nil
        }
        let stable = ["n3", "n2", "n1"].map {
            GateCondition.serviceStable(.mesosMaster, node: $0, seconds: 2, listening: [])
        }
        let gate = Gate(.all(stable), deadlineSeconds: 60, words: "all stable")
        let step = Step.roll(
            .mesosMaster,
            ["n3", "n2", "n1"],
            in: world,
            rule: .inOrder,
            layer: .agents,
            gate: gate
        )
        let report = try await world.run(Plan([step])).get()
        #expect(report.words == [fails ? "failed" : "applied"])
        #expect(world.restarts.map(\.node) == (fails ? ["n3", "n2"] : ["n3", "n2", "n1"]))
        expectSafety(world)
        guard fails, case .failed(let words) = report.steps[0].outcome else { return }
        #expect(words.hasPrefix("all stable: mesos-master on n2 is failed (failed (Result: exit-code))"))
        #expect(words.hasSuffix("; restarted: n3, n2; not restarted: n1"))
    }
}
