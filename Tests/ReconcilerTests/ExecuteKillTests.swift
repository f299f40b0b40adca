import Specs
import Testing

@testable import Reconciler

/// A small planner over the world, as the real one would see it: files that differ, then a roll where what runs differs.
enum SmallPlanner {
    static let wanted = "tickTime=3000\n"

    static func plan(_ world: ExecuteWorld, _ nodes: [NodeName]) -> Plan {
        var steps: [Step] = []
        for node in nodes {
            guard let file = world[node].files[zooKeeperFile], file.content != wanted else { continue }
            let expected = FileExpectation.digest(sha256(file.content))
            steps.append(.write(zooKeeperFile, Content(wanted), on: node, over: expected, layer: .zooKeeper))
        }
        let stale = nodes.filter { world[$0].services[.zooKeeper]?.process?.read[zooKeeperFile] != wanted }
        if !stale.isEmpty {
            let ring = Lab.ring(nodes)
            steps.append(
                .roll(
                    .zooKeeper,
                    stale,
                    in: world,
                    rule: .zooKeeperLeaderLast(ring),
                    layer: .zooKeeper,
                    needs: Array(1..<(steps.count + 1)),
                    gate: .quorum(ring)
                )
            )
        }
        return Plan(steps)
    }
}

@Suite("Killed and run again", .timeLimit(.minutes(20)))
struct ExecuteKillTests {
    private func world(_ seed: UInt64) -> ExecuteWorld {
        let nodes = Lab.nodes(3)
        let ring = Dictionary(nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        return ExecuteWorld(Lab.running(nodes), ring: ring, seed: seed, time: SimulatedTime(seed: seed))
    }

    /// What is recorded is what was done, and everything that was done is recorded.
    private func expectTruthfulRecords(_ world: ExecuteWorld, _ nodes: [NodeName]) {
        for node in nodes {
            let isWritten = world[node].files[zooKeeperFile]?.content == SmallPlanner.wanted
            let recorded = world[node].applied["file:\(zooKeeperFile)"]?.digest
            #expect(recorded == (isWritten ? Content(SmallPlanner.wanted).digest : nil))
            if world[node].applied["service:zookeeper"] != nil {
                #expect(world[node].services[.zooKeeper]?.process?.read[zooKeeperFile] == SmallPlanner.wanted)
            }
        }
    }

    @Test("after any event, a second run finishes the work and restarts nothing twice", arguments: seeds(4))
    func killAfterAnyEvent(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let whole = world(seed)
        let witness = Witness()
        _ = try await whole.run(SmallPlanner.plan(whole, nodes), witness: witness).get()
        #expect(SmallPlanner.plan(whole, nodes).isEmpty)
        #expect(witness.events.count > 15)
        for event in 1...witness.events.count {
            let world = world(seed)
            let killer = Witness { count, _ in if count == event { world.kill(RunID("r1")) } }
            _ = await world.run(SmallPlanner.plan(world, nodes), witness: killer)
            expectTruthfulRecords(world, nodes)
            let second = try await world.run(SmallPlanner.plan(world, nodes), as: "r2").get()
            #expect(second.ending == .completed, "killed after event \(event)")
            #expect(!second.steps.contains { !$0.outcome.isSuccess }, "killed after event \(event)")
            #expect(SmallPlanner.plan(world, nodes).isEmpty)
            #expect(world.restarts.map(\.node).sorted() == nodes, "killed after event \(event)")
            #expect(world.restarts.allSatisfy { $0.othersDown.isEmpty })
            expectTruthfulRecords(world, nodes)
        }
    }

    @Test("a run that finds everything in place changes nothing and takes no lease")
    func nothingToDo() async throws {
        let world = world(1)
        let report = try await world.run(Plan([])).get()
        #expect(report.steps == [])
        #expect(report.ending == .completed)
        #expect(world.visits.isEmpty)
    }
}
