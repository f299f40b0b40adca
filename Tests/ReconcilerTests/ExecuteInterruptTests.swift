import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("Interruption", .timeLimit(.minutes(20)))
struct ExecuteInterruptTests {
    private func world(_ seed: UInt64 = 1) -> ExecuteWorld {
        let nodes = Lab.nodes(3)
        let ring = Dictionary(nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        return ExecuteWorld(
            Lab.running(nodes),
            ring: ring,
            seed: seed,
            time: SimulatedTime(seed: seed)
        )
    }

    private func rollAndWrite(_ world: ExecuteWorld) -> Plan {
        let ring = Lab.ring(Lab.nodes(3))
        return Plan([
            .roll(
                .zooKeeper,
                Lab.nodes(3),
                in: world,
                rule: .zooKeeperLeaderLast(ring),
                layer: .zooKeeper,
                gate: .quorum(ring)
            ), .write("/etc/a", "x\n", on: "n1", needs: [1]),
        ])
    }

    @Test("the first lets a gate finish and begins nothing more")
    func firstDuringGate() async throws {
        let world = world()
        let gate = Gate.quorum(Lab.ring(Lab.nodes(3)))
        let pid = world["n1"].services[.zooKeeper]?.process?.pid
        let plan = Plan([
            .visit("n1", [.action(.service(.restartUnit(.zooKeeper, pid: pid)))], layer: .zooKeeper, gate: gate),
            .write("/etc/a", "x\n", on: "n1", needs: [1]),
        ])
        let interruption = Interruption()
        let once = Witness { _, event in
            if case .waiting = event, interruption.level == .none { interruption.trip() }
        }
        let report = try await world.run(plan, interruption: interruption, witness: once).get()
        #expect(report.words == ["applied", "not reached"])
        #expect(report.ending == .interrupted(stepFinished: true))
        #expect(once.events.contains(.interrupting(stopsAfterStep: true)))
        #expect(once.events.last == .ended(report.ending))
        #expect(world["n1"].lease == nil)
    }

    @Test("anywhere in a roll ends it between members, and the rest is told", arguments: seeds(30))
    func firstInRoll(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let world = world(seed)
        let interruption = Interruption()
        let at = Int(seed % 15) + 1
        let witness = Witness { count, _ in if count == at { interruption.trip() } }
        let report = try await world.run(rollAndWrite(world), interruption: interruption, witness: witness).get()
        let restarted = world.restarts.map(\.node)
        #expect(world.restarts.allSatisfy { $0.othersDown.isEmpty })
        switch report.steps[0].outcome {
        case .applied: #expect(restarted.count == 3)
        case .notReached: #expect(restarted.isEmpty)
        case .failed(let words):
            #expect(
                words.hasPrefix("the run was interrupted; restarted: \(restarted.map(\.text).joined(separator: ", "));")
            )
            for node in nodes where !restarted.contains(node) { #expect(words.contains("\(node)")) }
        case let other: Testing.Issue.record("\(other)")
        }
        #expect(report.words[1] == (report.ending == .completed ? "applied" : "not reached"))
        #expect(world["n1"].lease == nil)
        for node in nodes {
            #expect((world[node].applied["service:zookeeper"] != nil) == restarted.contains(node))
        }
    }

    @Test(
        "the second stops at once; what was in hand is unknown, nothing is lost from the report",
        arguments: seeds(60)
    )
    func second(seed: UInt64) async throws {
        let world = world(seed)
        let interruption = Interruption()
        let at = Int(seed % 20) + 1
        let witness = Witness { count, _ in if count == at || count == at + 1 { interruption.trip() } }
        let plan = rollAndWrite(world)
        let report = try await world.run(plan, interruption: interruption, witness: witness).get()
        #expect(report.steps.map(\.id) == [1, 2])
        #expect(world.restarts.allSatisfy { $0.othersDown.isEmpty })
        #expect(Lab.nodes(3).allSatisfy { world[$0].lease == nil })
        #expect(Set(world.restarts.map(\.node)).count == world.restarts.count)
        for (step, outcome) in zip(plan.steps, report.steps.map(\.outcome)) {
            // A step that is told as not reached has really done nothing.
            if case .notReached = outcome {
                #expect(step.id == 2 ? world["n1"].files["/etc/a"] == nil : world.restarts.isEmpty)
            }
        }
        if interruption.level == .cancelNow, report.words != ["applied", "applied"] {
            #expect(report.ending == .interrupted(stepFinished: false))
        }
        let again = try await world.run(
            SmallPlanner.plan(world, Lab.nodes(3)),
            as: "again"
        ).get()
        #expect(again.ending == .completed)
        #expect(!again.steps.contains { !$0.outcome.isSuccess })
    }

    @Test("a cancelled task is two interrupts, and its lease blocks nobody")
    func cancelledTask() async throws {
        let world = world()
        let plan = rollAndWrite(world)
        let interruption = Interruption()
        let task = Mutex<Task<Result<RunReport, RunRefusal>, Never>?>(nil)
        let witness = Witness { count, _ in
            while count == 4, !(task.withLock { $0?.cancel() } != nil) {}
        }
        let running = Task { await world.run(plan, interruption: interruption, witness: witness) }
        task.withLock { $0 = running }
        let report = try await running.value.get()
        #expect(interruption.level == .cancelNow)
        #expect(report.steps.map(\.id) == [1, 2])
        // Given back by a task of its own, or, where that is too late, expired: the next run gets it within its timeout.
        let again = try await world.run(SmallPlanner.plan(world, Lab.nodes(3)), as: "again").get()
        #expect(again.ending == .completed)
    }

    @Test("while waiting for the lease it ends the wait, and nothing is done")
    func whileWaiting() async throws {
        let world = world()
        world.change { state in
            for node in Lab.nodes(3) {
                state.nodes[node]?.lease = .init(holder: Lab.holder("eve"), since: 0, until: 2_000_000_000)
            }
        }
        let interruption = Interruption()
        interruption.trip()
        let report = try await world.run(rollAndWrite(world), interruption: interruption).get()
        #expect(report.words == ["not reached", "not reached"])
        #expect(report.ending == .interrupted(stepFinished: true))
        #expect(world.restarts == [])
    }
}
