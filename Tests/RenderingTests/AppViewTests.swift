import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct AppViewTests {
    @Test(arguments: [
        ("app-scaled", AppPlans.scaled), ("app-relabelled", AppPlans.relabelled),
        ("app-rewritten", AppPlans.rewritten), ("app-fresh", AppPlans.fresh), ("app-compared", AppPlans.compared),
        ("app-recreate", AppPlans.recreateWithoutConsent), ("app-pruned", AppPlans.pruned),
        ("app-budget", AppPlans.beyondBudget), ("app-hidden", AppPlans.hidden),
    ])
    func readsAsTheGoldenFileSays(name: String, plan: Plan) throws {
        try expectGolden(PlanView(plan).text, "plan-\(name).txt")
    }

    @Test(arguments: [("app-rewritten", AppPlans.rewritten), ("app-recreate", AppPlans.recreateWithoutConsent)])
    func isADocumentAsTheGoldenFileSays(name: String, plan: Plan) throws {
        try expectGolden(PlanDocument(plan).json, "plan-\(name).json")
    }

    @Test func showsWholeValuesAndTermsWhenVerbose() throws {
        try expectGolden(PlanView(AppPlans.rewritten, isVerbose: true).text, "plan-app-rewritten-verbose.txt")
    }

    /// Bodies of writes hold every field, secrets' references among them: what differs is enough.
    @Test func aDocumentHoldsNoBodyOfAWrite() throws {
        let document = PlanDocument(AppPlans.rewritten)
        let app = try #require(document.steps.first?.app)
        #expect(app.operation == "update" && app.effect == "restart" && app.write == "replace")
        #expect(app.tasks == PlanDocument.Tasks(restarted: 3, added: 1, killed: 0))
        #expect(app.version == "2015-03-01T10:00:00.000Z" && app.release == "1.4.13")
        let change = try #require(document.steps.first?.changes.first)
        #expect(change.hasSecrets)
        let password = try #require(change.fields?.first { $0.path == "env.PASSWORD" })
        #expect(password.before == .text("•••") && password.after == .text("${env:WEB_PASSWORD}"))
        #expect(password.hasSecrets)
        #expect(!document.json.contains("http.server") && !document.json.contains("\"body\""))
    }

    @Test func countsTasksInDocuments() {
        let summary = PlanDocument(AppPlans.pruned).summary
        #expect(summary.tasksKilled == 4 && summary.tasksAdded == 2 && summary.tasksRestarted == 0)
    }

    @Test func anAppThatARuleForbidsIsARefusalOfThatAppAndNotOfThePlan() throws {
        let document = PlanDocument(AppPlans.recreateWithoutConsent)
        #expect(document.refused && document.refusals == [])
        #expect(document.steps.map(\.title) == ["app /other"])
        let blocked = try #require(document.blocked.first)
        #expect(blocked.rule == "app-recreate" && blocked.node == nil && blocked.position?.file == "apps/hello.json")
    }

    @Test func textOfFieldsCannotMoveTheCursor() {
        #expect(!PlanView(AppPlans.rewritten, isVerbose: true).text.contains("\u{1B}"))
    }

    // MARK: Runs

    static let report = RunReport(
        run: RunID("20240501-7f3a"),
        cluster: "one",
        steps: [
            StepReport(id: 1, title: "file /etc/mesos/zk", nodes: ["mesos-slave1"], outcome: .applied, seconds: 0.4),
            StepReport(id: 2, title: "restart app /hello", nodes: [], outcome: .failed("too late"), seconds: 600),
        ],
        ending: .completed
    )

    @Test func aReportNamesAnAppWhereNodesStand() {
        let lines = RunReportView(Self.report).text.split(separator: "\n").map(String.init)
        #expect(lines.contains("  2 x  failed           restart app /hello   10 min 0 s"))
    }

    @Test func eventsOfAppsHaveNoEmptyNode() {
        let started = RunEvent.stepStarted(id: 2, title: "app /hello", nodes: [])
        let ended = RunEvent.stepEnded(id: 2, title: "app /hello", nodes: [], outcome: .applied, seconds: 12)
        var lines = RunEventLines(total: 3)
        #expect(lines.line(for: started) == "[2/3] app /hello")
        #expect(lines.line(for: ended) == "[2/3] app /hello: done (12 s)")
        var progress = ProgressLine(total: 3, width: 80, style: .plain)
        #expect(progress.characters(for: started).hasSuffix("[2/3] app /hello"))
        let ending = RunEventDocument(ended)
        #expect(ending.nodes == [] && ending.title == "app /hello")
    }
}
