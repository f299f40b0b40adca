import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite struct ReconciliationTests {
    private static func plan(_ steps: [Step], refused: Bool = false) -> Plan {
        Plan(
            cluster: "east",
            source: Plan.Source(file: "cluster.yaml"),
            nodes: [Plan.NodeSummary(name: "a")],
            steps: steps,
            refusals: refused ? [Refusal(rule: "r", nodes: [], reason: "no")] : []
        )
    }

    private static func step(_ title: String, on node: NodeName = "a", disruptive: Bool = false) -> Step {
        Step(id: 1, title: title, act: .visit(node, []), impact: disruptive ? .disruptive("away") : .none)
    }

    /// A loop whose runs all end because an assumption failed, and that plans `replans` one after another.
    private func outcome(
        first: Plan,
        replans: [Plan],
        agree: Bool = true,
        endings: [RunReport.Ending] = []
    ) async throws -> (outcome: ApplyOutcome, asked: [[String]], executed: [Plan]) {
        let left = Mutex(replans)
        let endingsLeft = Mutex(endings)
        let executed = Mutex<[Plan]>([])
        let loop = Reconciliation(
            observe: { ObservedCluster(nodes: [:]) },
            difference: { _ in left.withLock { $0.isEmpty ? first : $0.removeFirst() } },
            execute: { plan in
                executed.withLock { $0.append(plan) }
                return RunReport(
                    run: RunID("r"),
                    cluster: "east",
                    steps: [],
                    ending: endingsLeft.withLock { $0.isEmpty ? .assumptionFailed("other version") : $0.removeFirst() }
                )
            }
        )
        var asked: [[String]] = []
        let outcome = try await loop.apply(first) { _, new in
            asked.append(new.map(\.title))
            return agree
        }
        return (outcome, asked, executed.withLock { $0 })
    }

    @Test func plansAgainAtMostTwice() async throws {
        let plan = Self.plan([Self.step("write")])
        let (outcome, asked, executed) = try await outcome(first: plan, replans: [])
        #expect(executed.count == 3 && outcome.ending == .ran && outcome.reports.count == 3)
        #expect(asked.isEmpty)
    }

    @Test func aStageThatCanBePlannedNowDoesNotCountAsAWrongAssumption() async throws {
        let plan = Self.plan([Self.step("write")])
        let (outcome, _, executed) = try await outcome(
            first: plan,
            replans: [],
            endings: [.assumptionFailed("x"), .planAgain("y"), .assumptionFailed("x"), .planAgain("y"), .completed]
        )
        #expect(executed.count == 5 && outcome.reports.last?.ending == .completed)
        let staged = try await self.outcome(
            first: plan,
            replans: [],
            endings: [.planAgain("y"), .planAgain("y"), .planAgain("y")]
        )
        #expect(staged.executed.count == 3 && staged.outcome.ending == .ran)
    }

    @Test func asksOnlyForWhatWasNotAgreedToBefore() async throws {
        let first = Self.plan([Self.step("restart x", disruptive: true)])
        let same = Self.plan([Self.step("restart x", disruptive: true), Self.step("write")])
        let elsewhere = Self.plan([Self.step("restart x", on: "b", disruptive: true)])
        let (_, asked, executed) = try await outcome(first: first, replans: [same, elsewhere])
        #expect(asked == [["restart x"]])
        #expect(executed == [first, same, elsewhere])
    }

    /// Apps have no nodes: what was agreed to is told apart by the title, which says what becomes of the tasks.
    @Test func aRestartOfAnAppThatNobodyNamedIsAskedFor() async throws {
        func app(_ title: String, _ id: String) -> Step {
            let act = AppAct(
                id: id,
                operation: .restart,
                expected: .absent,
                context: AppContext(release: MarathonRelease(1, 4))
            )
            return Step(id: 1, title: title, act: .app(act), impact: .disruptive("restarts 3 tasks"))
        }
        let first = Self.plan([app("scale down app /a", "/a")])
        let worse = Self.plan([app("scale down app /a", "/a"), app("restart app /a", "/a"), app("remove app /b", "/b")])
        let (_, asked, executed) = try await outcome(first: first, replans: [first, worse])
        #expect(asked == [["restart app /a", "remove app /b"]])
        #expect(executed == [first, first, worse])
    }

    @Test func aNoLeavesTheNewPlanUntouched() async throws {
        let first = Self.plan([Self.step("write")])
        let worse = Self.plan([Self.step("restart x", disruptive: true)])
        let (outcome, _, executed) = try await outcome(first: first, replans: [worse], agree: false)
        #expect(outcome.ending == .declined && outcome.plan == worse && executed == [first])
    }

    @Test func aPlanThatARuleForbidsIsNeverExecuted() async throws {
        let refused = Self.plan([Self.step("write")], refused: true)
        #expect(try await outcome(first: refused, replans: []).executed.isEmpty)
        let first = Self.plan([Self.step("write")])
        let (outcome, _, executed) = try await outcome(first: first, replans: [refused])
        #expect(outcome.ending == .refused && executed == [first])
    }

    @Test func nothingLeftEndsTheLoop() async throws {
        let (outcome, _, executed) = try await outcome(first: Self.plan([Self.step("write")]), replans: [Self.plan([])])
        #expect(outcome.ending == .nothingLeft && executed.count == 1)
    }
}
