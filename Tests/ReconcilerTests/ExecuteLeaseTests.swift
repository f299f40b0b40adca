import Specs
import Testing

@testable import Reconciler

@Suite("The lease", .timeLimit(.minutes(20)))
struct ExecuteLeaseTests {
    typealias FaultMaker = @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault?

    private func world(
        _ seed: UInt64 = 1,
        agent: Bool = false,
        fault: @escaping FaultMaker = { _, _ in nil }
    ) -> ExecuteWorld {
        let nodes = Dictionary(Lab.nodes(4).map { ($0, SimulatedNode()) }) { first, _ in first }
        return ExecuteWorld(nodes, seed: seed, time: SimulatedTime(seed: seed), fault: fault)
    }

    /// Steps one after the other on n4, each of which takes about that long.
    private func slowPlan(_ count: Int, _ seconds: Int) -> Plan {
        let gate = Gate(.serviceOff("agent", node: "n4"), deadlineSeconds: seconds, words: "w")
        return Plan((1...count).map { .visit("n4", [], needs: $0 == 1 ? [] : [$0 - 1], gate: gate) })
    }

    private let write = Plan([.write("/etc/a", "x\n", on: "n4")])

    /// A fault that makes every look at n4's service slow.
    private static func slowGate(_ seconds: Int) -> FaultMaker {
        { visit, _ in visit.requests.isEmpty ? nil : .slow(.seconds(seconds)) }
    }

    private func leases(_ world: ExecuteWorld) -> [String?] {
        ["n1", "n2", "n3"].map { world[$0].lease?.holder.user }
    }

    @Test("it is taken on all its nodes, renewed while the run lasts, and given back")
    func renewal() async throws {
        let world = world(fault: Self.slowGate(20))
        let witness = Witness()
        let report = try await world.run(slowPlan(3, 60), witness: witness).get()
        #expect(report.words == ["in place", "in place", "in place"])
        #expect(witness.events.first == .leaseTaken(nodes: ["n1", "n2", "n3"]))
        #expect(leases(world) == [nil, nil, nil])
        let renewals = world.visits.filter { visit in
            visit.actions.contains { if case .lease(.renew) = $0 { true } else { false } }
        }
        #expect(renewals.count >= 3 * 8)
    }

    @Test("where no node keeps one it is held at once and until the end")
    func nobodyKeepsIt() async throws {
        let world = world()
        let plan = LeasePlan(nodes: [], holder: Lab.holder("r1"))
        let lease = Lease(plan: plan, access: world, targets: [:], run: RunID("r1"), clock: ContinuousClock())
        #expect(try await lease.acquire() == [])
        let keeper = Task { await lease.keep() }
        #expect(lease.isValid)
        keeper.cancel()
        #expect(await keeper.value == nil)
        await lease.release()
        #expect(world.visits.isEmpty)
    }

    @Test("it is given back also when steps fail")
    func releaseAfterFailure() async throws {
        let world = world { visit, _ in visit.writes("/etc/a") ? .fail(0, "broken") : nil }
        let report = try await world.run(write).get()
        #expect(report.words == ["failed"])
        #expect(leases(world) == [nil, nil, nil])
    }

    @Test("a majority is enough; a dead node delays nothing", arguments: [0, 300])
    func majority(hang: Int) async throws {
        let world = world { visit, _ in
            visit.node == "n2" && visit.isLease ? (hang > 0 ? .slow(.seconds(hang)) : .unreachable) : nil
        }
        let witness = Witness()
        let report = try await world.run(write, witness: witness).get()
        #expect(report.words == ["applied"])
        #expect(witness.events.first == .leaseTaken(nodes: ["n1", "n3"]))
        #expect(world.time.now < .seconds(15))
    }

    @Test("without a majority nothing is done, what was taken is given back, and the nodes are named")
    func noMajority() async throws {
        let world = world { visit, _ in visit.isLease && visit.node != "n1" ? .unreachable : nil }
        let refusal = await world.run(write, lockTimeout: .seconds(5)).refusal
        guard case .leaseUnavailable(let words)? = refusal else {
            Testing.Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(words.contains("2 of 3 nodes are needed: n2 does not answer (no route to host); n3"))
        #expect(leases(world) == [nil, nil, nil])
        #expect(world["n4"].files == [:])
    }

    @Test("of two runs at once, one works and the other is told who holds the cluster", arguments: seeds(60))
    func twoAtOnce(seed: UInt64) async throws {
        let world = world(seed, fault: Self.slowGate(15))
        let plan = slowPlan(2, 60)
        let results = await world.together {
            async let first = world.run(plan, as: "alice", lockTimeout: .zero)
            async let second = world.run(plan, as: "bob", lockTimeout: .seconds(8))
            return await [first, second]
        }
        let reports = results.compactMap(\.report)
        #expect(reports.count == 1)
        #expect(reports.first?.ending == .completed)
        let winner = results[0].report == nil ? "bob" : "alice"
        switch results.compactMap(\.refusal).first {
        case .leaseHeld(let owner)?:
            #expect(owner.holder == Lab.holder(winner))
            #expect(owner.description.hasPrefix("\(winner)@ops-\(winner) (pid 42, `reconciler apply`)"))
            #expect(owner.until > owner.since)
        // The first has no second attempt: both may have had a part when they gave back.
        case .leaseUnavailable? where winner == "bob": break
        case let other: Testing.Issue.record("\(String(describing: other))")
        }
        #expect(leases(world) == [nil, nil, nil])
    }

    @Test("two who wait for each other both get their turn", arguments: seeds(60))
    func raceEnds(seed: UInt64) async throws {
        let world = world(seed) { visit, _ in
            // With n3 away, each may hold one of the two others.
            visit.isLease && visit.node == "n3" ? .unreachable : nil
        }
        let results = await world.together {
            async let first = world.run(Plan([.write("/etc/a", "a\n", on: "n4")]), as: "alice")
            async let second = world.run(Plan([.write("/etc/b", "b\n", on: "n4")]), as: "bob")
            return await [first, second]
        }
        #expect(results.compactMap(\.report).map(\.words) == [["applied"], ["applied"]])
        #expect(world.violations == [], "they did not overlap")
        #expect(world.time.now < .seconds(30))
    }

    @Test("a killed holder's lease heals within half a minute, by the nodes' clocks", arguments: seeds(30))
    func healing(seed: UInt64) async throws {
        let world = world(seed, fault: Self.slowGate(15))
        world.change { state in
            for (index, node) in Lab.nodes(3).enumerated() { state.nodes[node]?.clockOffset = (index - 1) * 5000 }
        }
        let killAt = Int(seed % 4) + 1
        let killer = Witness { count, _ in if count == killAt { world.kill(RunID("alice")) } }
        _ = await world.run(slowPlan(3, 60), as: "alice", witness: killer)
        // The killed run's own unwinding takes time that a dead process would not: count from its last visit.
        let began = world.time.now
        let report = try await world.run(write, as: "bob", lockTimeout: .seconds(30)).get()
        #expect(report.words == ["applied"])
        #expect(world.time.now - began < .seconds(30))
    }

    @Test("once a majority cannot be renewed, no further step begins")
    func lost() async throws {
        let world = world { visit, state in
            let isLate = visit.at > .seconds(10)
            if visit.isLease, isLate, visit.node != "n1" { return .unreachable }
            return visit.requests.isEmpty ? nil : .slow(.seconds(12))
        }
        let report = try await world.run(slowPlan(5, 60)).get()
        #expect(report.words == ["in place", "in place", "in place", "not reached", "not reached"])
        guard case .leaseLost(let words) = report.ending else {
            Testing.Issue.record("\(report.ending)")
            return
        }
        #expect(words.contains("n2 does not answer"))
        #expect(leases(world)[0] == nil)
    }

    @Test("a lease taken over by another ends the run, and the other's is left alone")
    func takenOver() async throws {
        let world = world { visit, state in
            if visit.at > .seconds(10), visit.at < .seconds(20) {
                for node in Lab.nodes(3) {
                    state.nodes[node]?.lease = .init(holder: Lab.holder("eve"), since: 0, until: 2_000_000_000)
                }
            }
            return visit.requests.isEmpty ? nil : .slow(.seconds(12))
        }
        let report = try await world.run(slowPlan(5, 60)).get()
        #expect(report.words.contains("not reached"))
        guard case .leaseLost(let words) = report.ending else {
            Testing.Issue.record("\(report.ending)")
            return
        }
        #expect(words.contains("n2: held by eve@ops-eve (pid 42, `reconciler apply`)"))
        #expect(!words.contains("token"))
        #expect(leases(world) == ["eve", "eve", "eve"])
    }

    @Test("a node that comes back, and one that forgot, are taken again")
    func comesBack() async throws {
        let world = world { visit, state in
            if visit.at > .seconds(30), visit.at < .seconds(31) { state.nodes["n1"]?.lease = nil }
            if visit.isLease, visit.node == "n2", visit.at < .seconds(20) { return .unreachable }
            return visit.requests.isEmpty ? nil : .slow(.seconds(25))
        }
        let report = try await world.run(slowPlan(3, 60)).get()
        #expect(report.ending == .completed)
        #expect(leases(world) == [nil, nil, nil])
    }

    @Test("a lease file that lacks a line tells nobody's name")
    func leaseText() {
        let file = SimulatedNode.LeaseFile(holder: Lab.holder("alice"), since: 100, until: 120)
        let owner = LeaseOwner(text: file.text, node: "n1", readAt: 110)
        #expect(owner?.holder == Lab.holder("alice"))
        #expect(
            owner.map { "\($0)" }
                == "alice@ops-alice (pid 42, `reconciler apply`) for 10 s, until 10 s from now unless renewed"
        )
        for line in file.text.split(separator: "\n") {
            let rest = file.text.split(separator: "\n").filter { $0 != line }.joined(separator: "\n")
            #expect(LeaseOwner(text: rest, node: "n1", readAt: 110) == nil)
        }
    }
}
