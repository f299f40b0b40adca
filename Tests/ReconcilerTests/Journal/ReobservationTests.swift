import Specs
import Testing

@testable import Reconciler

@Suite("What earlier runs have left open, looked at again")
struct ReobservationTests {
    private static let file = JournaledIntent.Resource(node: "n1", resource: "file:/etc/x")
    private static let app = JournaledIntent.Resource(node: nil, resource: "app:/shop")

    private func history(
        _ resources: [JournaledIntent.Resource] = [file],
        outcome: StepOutcome? = nil,
        later: [JournalRecord] = []
    ) throws -> JournalHistory {
        let journal = MemoryJournal("r1")
        let nodes = resources.compactMap(\.node)
        try journal.append(.began(JournalRecordTests.run))
        try journal.append(.intent(JournaledIntent(step: 7, title: "t", nodes: nodes, resources: resources)))
        if let outcome {
            try journal.append(.outcome(step: 7, outcome))
            try journal.append(.ended(.completed, counts: [:]))
        }
        for record in later { try journal.append(record) }
        return try journal.history()
    }

    private func plan(
        _ changes: [Change] = [],
        silent: Bool = false,
        nodes: [NodeName] = ["n1"],
        blocked: [Blocked] = [],
        refusals: [Refusal] = []
    ) -> Plan {
        let failure = silent ? NodeAccessError(.timedOut, "timed out") : nil
        let step = Step(id: 4, title: "again", act: .visit("n1", []), changes: changes)
        return Plan(
            cluster: "east",
            source: Plan.Source(file: "cluster.yaml"),
            nodes: nodes.map { Plan.NodeSummary(name: $0, failure: failure) },
            steps: changes.isEmpty ? [] : [step],
            blocked: blocked,
            refusals: refusals
        )
    }

    private func change(_ resource: String, on node: NodeName?) -> Change {
        Change(node: node, resource: resource, kind: .update, cause: .git, summary: "")
    }

    private func finding(_ history: JournalHistory, _ plan: Plan) throws -> (Reobserved.Finding, String) {
        let all = Reobservation.of(history, in: plan)
        let one = try #require(all.first)
        #expect(all.count == 1 && one.found.run == RunID("r1") && one.found.step == 7)
        return (one.found.finding, one.words)
    }

    @Test("nothing left to do for it, and its node answers: done")
    func done() throws {
        let (finding, words) = try finding(try history(), plan())
        #expect(finding == .done)
        #expect(
            words == """
                the run r1 of 1970-01-01 00:00 UTC ended in step 7 (t on n1) without a word: found as declared, \
                nothing of it is left to do
                """
        )
    }

    @Test("a step for it is in the plan again: not done")
    func notDone() throws {
        let (finding, words) = try finding(try history(), plan([change("file:/etc/x", on: "n1")]))
        #expect(finding == .notDone && words.hasSuffix("not as declared, and in the plan as step 4"))
    }

    @Test("a step for the same path on another node, or another resource, says nothing of it")
    func others() throws {
        let changes = [
            change("file:/etc/x", on: "n2"), change("file:/etc/xy", on: "n1"), change("file:/etc/x", on: nil),
        ]
        #expect(try finding(try history(), plan(changes)).0 == .done)
    }

    @Test("a node that does not answer is never taken for done")
    func silent() throws {
        let (finding, words) = try finding(try history(), plan(silent: true))
        #expect(finding == .unknown && words.hasSuffix("not known, since n1 does not answer (timed out)"))
    }

    @Test("a node that is no longer declared is told once and looked for no more")
    func undeclared() throws {
        #expect(try finding(try history(), plan(nodes: ["n2"])).0 == .undeclared)
    }

    @Test("what is blocked may be just that: not known")
    func blocked() throws {
        let own = Blocked(node: "n1", title: "file /etc/x", because: "x", isByUnknown: false)
        let other = Blocked(node: "n1", title: "file /etc/y", because: "x", isByUnknown: false)
        let unknown = Blocked(node: "n1", title: "packages", because: "x", isByUnknown: true)
        #expect(try finding(try history(), plan(blocked: [own])).0 == .unknown)
        #expect(try finding(try history(), plan(blocked: [unknown])).0 == .unknown)
        #expect(try finding(try history(), plan(blocked: [other])).0 == .done)
    }

    @Test("a plan that a rule refuses proves nothing done")
    func refused() throws {
        let refusal = Refusal(rule: "prune-guard", nodes: [], reason: "x")
        #expect(try finding(try history(), plan(refusals: [refusal])).0 == .unknown)
    }

    @Test("an app is not known where Marathon has yet to come up")
    func apps() throws {
        var waiting = plan()
        waiting.steps = [Step(id: 1, title: "compare", act: .compareApps(deadlineSeconds: 5))]
        #expect(try finding(try history([Self.app]), waiting).0 == .unknown)
        #expect(try finding(try history([Self.app]), plan()).0 == .done)
        #expect(try finding(try history([Self.app]), plan([change("app:/shop", on: nil)])).0 == .notDone)
    }

    @Test("of several resources the worst counts")
    func several() throws {
        let other = JournaledIntent.Resource(node: "n1", resource: "file:/etc/z")
        let history = try history([Self.file, other])
        #expect(try finding(history, plan([change("file:/etc/z", on: "n1")])).0 == .notDone)
        #expect(try finding(history, plan()).0 == .done)
    }

    @Test("an outcome that could not be told is open too; every other one is closed")
    func outcomes() throws {
        let (_, words) = try finding(try history(outcome: .unknown("the connection broke")), plan())
        #expect(words.contains("could not tell how step 7 (t on n1) ended"))
        let closed: [StepOutcome] = [.applied, .alreadyInPlace, .failed("x"), .conflict("x"), .notReached("x")]
        for outcome in closed { #expect(Reobservation.of(try history(outcome: outcome), in: plan()) == []) }
    }

    @Test("what was found once is not looked for again, but for what was not known")
    func closed() throws {
        for finding in [Reobserved.Finding.done, .notDone, .undeclared, .unknown] {
            let found = JournalRecord.reobserved(Reobserved(run: RunID("r1"), step: 7, finding: finding, words: "x"))
            let left = Reobservation.of(try history(later: [found]), in: plan())
            #expect(left.isEmpty == (finding != .unknown))
        }
    }

    @Test("a run that goes on has left nothing open")
    func underWay() throws {
        let journal = MemoryJournal("r1")
        try journal.append(.intent(JournaledIntent(step: 7, title: "t", nodes: ["n1"], resources: [Self.file])))
        var reading = try journal.read()
        reading.underWay = RunID("r1")
        #expect(Reobservation.of(JournalHistory(reading), in: plan()) == [])
    }
}
