import Specs
import Testing

@testable import Reconciler

@Suite("A run and its journal", .timeLimit(.minutes(20)))
struct ExecuteJournalTests {
    private func world(_ seed: UInt64) -> ExecuteWorld {
        let nodes = Lab.nodes(3)
        let ring = Dictionary(nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        return ExecuteWorld(Lab.running(nodes), ring: ring, seed: seed, time: SimulatedTime(seed: seed))
    }

    @Test("every step is announced before it begins, every write before it is sent, and each has its end")
    func order() async throws {
        let nodes = Lab.nodes(3)
        let world = world(1)
        let journal = MemoryJournal("r1")
        let plan = SmallPlanner.plan(world, nodes)
        let report = try await world.run(plan, journal: journal).get()
        let reading = try journal.read()
        #expect(reading.faults == [])
        let records = reading.entries.map(\.record)
        guard case .began(let began)? = records.first, case .ended(.completed, let counts)? = records.last else {
            Issue.record("no beginning or no end")
            return
        }
        #expect(began.steps == plan.steps.count && began.user == "r1" && began.planDigest?.count == 64)
        #expect(counts == ["applied": plan.steps.count] && report.ending == .completed)
        let run = try #require(try journal.history().runs.first)
        #expect(run.steps.map(\.intent) == plan.steps.map { JournaledIntent($0) })
        #expect(run.steps.map(\.outcome) == plan.steps.map { _ in .applied })
        #expect(run.open == [] && run.acts.allSatisfy { $0.results?.count == $0.act.words.count })
        let written = run.acts.flatMap { act in act.act.words.map { "\(act.act.place) \($0)" } }
        let sent = world.visits.filter { $0.run == RunID("r1") }.flatMap { visit in
            visit.actions.filter(\.isJournaled).map { "\(visit.node) \($0.words)" }
        }
        #expect(written.sorted() == sent.sorted() && !sent.isEmpty)
    }

    @Test("an act is in the journal before its visit is under way")
    func writeAhead() async throws {
        let journal = MemoryJournal("r1")
        let nodes = Lab.nodes(3)
        let ring = Dictionary(nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        let world = ExecuteWorld(Lab.running(nodes), ring: ring, seed: 3, time: SimulatedTime(seed: 3)) { visit, _ in
            let words = visit.actions.filter(\.isJournaled).map(\.words)
            guard !words.isEmpty else { return nil }
            let acts = (try? journal.read().entries.compactMap(\.record.act)) ?? []
            #expect(acts.contains { $0.place == visit.node.text && $0.words == words })
            return nil
        }
        _ = try await world.run(SmallPlanner.plan(world, nodes), journal: journal).get()
    }

    @Test("where a record cannot be written, nothing it announces is done, and the run says so", arguments: seeds(2))
    func full(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let whole = world(seed)
        let counting = MemoryJournal("r1")
        _ = try await whole.run(SmallPlanner.plan(whole, nodes), journal: counting).get()
        for record in 1...counting.count {
            let world = world(seed)
            let journal = MemoryJournal("r1", trouble: (record, .full))
            let plan = SmallPlanner.plan(world, nodes)
            let report = try await world.run(plan, journal: journal).get()
            guard case .journalFailed(let words) = report.ending else {
                Issue.record("full at record \(record): \(report.ending)")
                continue
            }
            #expect(words == "No space left on device")
            let announced = try journal.read().entries.compactMap(\.record.act)
            for visit in world.visits where visit.run == RunID("r1") {
                let words = visit.actions.filter(\.isJournaled).map(\.words)
                #expect(
                    words.isEmpty || announced.contains { $0.place == visit.node.text && $0.words == words },
                    "full at record \(record)"
                )
            }
            let begun = Set(try journal.history().runs.first?.steps.map(\.intent.step) ?? [])
            for step in report.steps where !begun.contains(step.id) {
                guard case .notReached = step.outcome else {
                    Issue.record("step \(step.id) was not announced: \(step.outcome)")
                    continue
                }
            }
            // With room again the next run finishes.
            let second = try await world.run(SmallPlanner.plan(world, nodes), as: "r2").get()
            #expect(second.ending == .completed && SmallPlanner.plan(world, nodes).isEmpty)
        }
    }

    @Test(
        "killed at any record, the next look tells what became of the open step, and the next run finishes",
        arguments: seeds(3)
    )
    func killedAtAnyRecord(seed: UInt64) async throws {
        let nodes = Lab.nodes(3)
        let whole = world(seed)
        let counting = MemoryJournal("r1")
        _ = try await whole.run(SmallPlanner.plan(whole, nodes), journal: counting).get()
        #expect(counting.count > 12)
        for record in 1...counting.count {
            for kind in [MemoryJournal.Trouble.killedBefore, .killedAfter] {
                let world = world(seed)
                let journal = MemoryJournal("r1", trouble: (record, kind)) { world.kill(RunID("r1")) }
                _ = await world.run(SmallPlanner.plan(world, nodes), journal: journal)
                try await resume(world, nodes, journal, "\(kind) \(record)")
            }
        }
    }

    private func resume(
        _ world: ExecuteWorld,
        _ nodes: [NodeName],
        _ journal: MemoryJournal,
        _ name: String
    ) async throws {
        let plan = SmallPlanner.plan(world, nodes)
        var answered = plan
        answered.nodes = nodes.map { Plan.NodeSummary(name: $0) }
        let next = MemoryJournal("r2", after: journal)
        let open = try next.history().runs.flatMap(\.open)
        let found = Reobservation.of(try next.history(), in: answered)
        #expect(found.map(\.found.step) == open.map(\.intent.step), "\(name)")
        for one in found {
            let intent = try #require(open.first { $0.intent.step == one.found.step }).intent
            #expect(one.found.finding == (isDone(intent, world) ? .done : .notDone), "\(name): \(one.words)")
            try next.append(.reobserved(one.found))
        }
        let second = try await world.run(plan, as: "r2", journal: next).get()
        #expect(second.ending == .completed && SmallPlanner.plan(world, nodes).isEmpty, "\(name)")
        #expect(world.restarts.map(\.node).sorted() == nodes, "\(name)")
        let history = try next.history()
        #expect(try next.read().faults == [] && history.runs.allSatisfy { $0.open.isEmpty }, "\(name)")
    }

    /// By the world itself, not by any plan.
    private func isDone(_ intent: JournaledIntent, _ world: ExecuteWorld) -> Bool {
        intent.resources.allSatisfy { resource in
            guard let node = resource.node else { return false }
            if resource.resource == "file:\(zooKeeperFile)" {
                return world[node].files[zooKeeperFile]?.content == SmallPlanner.wanted
            }
            return world[node].services[.zooKeeper]?.process?.read[zooKeeperFile] == SmallPlanner.wanted
        }
    }
}
