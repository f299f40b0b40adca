import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct PlanViewTests {
    @Test(arguments: [
        ("agent-timeout", SamplePlans.agentTimeout), ("rolling-zookeeper", SamplePlans.rollingZooKeeper),
        ("refused", SamplePlans.refused), ("in-sync", SamplePlans.inSync),
        ("in-sync-as-far-as-seen", SamplePlans.inSyncAsFarAsSeen), ("bootstrap", SamplePlans.bootstrap),
        ("link", SamplePlans.link),
    ])
    func readsAsTheGoldenFileSays(name: String, plan: Plan) throws {
        try expectGolden(PlanView(plan).text, "plan-\(name).txt")
        try expectGolden(PlanDocument(plan).json, "plan-\(name).json")
    }

    @Test func saysEveryActionAndWholeContentsWhenVerbose() throws {
        try expectGolden(PlanView(SamplePlans.bootstrap, isVerbose: true).text, "plan-bootstrap-verbose.txt")
    }

    @Test func coloursRepeatWhatIsThereWithoutThem() throws {
        let coloured = PlanView(SamplePlans.refused, style: .coloured).text
        try expectGolden(coloured, "plan-refused-coloured.txt")
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == PlanView(SamplePlans.refused).text)
    }

    @Test func aBootstrapStaysShort() {
        let lines = PlanView(SamplePlans.bootstrap).text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count < 120)
    }

    /// Folding must not lose a node, a path or an id.
    @Test func foldingKeepsEveryChangeOfEveryNode() {
        let text = PlanView(SamplePlans.bootstrap).text
        for step in SamplePlans.bootstrap.steps {
            for change in step.changes where change.kind != .run {
                #expect(text.contains(change.resourceLabel))
                if let value = ChangeBody(change).onlyValue { #expect(text.contains(value)) }
            }
            for node in step.nodes { #expect(text.contains(node.text)) }
        }
    }

    @Test func restartsAreNeverFoldedTogether() {
        let restarts = (1...3).map {
            SamplePlans.restart($0, .mesosAgent, SamplePlans.agents[$0 - 1], layer: .agents, needs: [])
        }
        #expect(StepGroup.groups(of: restarts).map(\.steps) == restarts.map { [$0] })
    }

    @Test func sayOneAtATimeOnlyWhereTheOrderShowsIt() {
        var plan = SamplePlans.agentTimeout
        #expect(
            PlanView(plan).text.contains(
                "3 mesos-slave restarts (mesos-slave1, mesos-slave2, mesos-slave3), one at a time"
            )
        )
        for index in plan.steps.indices { plan.steps[index].needs = [] }
        #expect(!PlanView(plan).text.contains("one at a time"))
    }

    @Test func aStepThatRestartsIsMarkedEvenIfItsImpactSaysNothing() {
        var plan = SamplePlans.agentTimeout
        plan.steps[1].impact = .none
        #expect(plan.steps[1].effect == .disruptive)
        #expect(PlanSummary(plan).runs(.restart).count == 3)
    }

    @Test func aStopFollowedByAStartIsOneRestart() {
        let acts: [ServiceAct] = [.stopUnit(.mesosAgent), .startUnit(.mesosAgent)]
        let step = Step(
            id: 1,
            title: "drain and restart",
            act: .visit("n", acts.map { .action(.service($0)) }),
            impact: .disruptive("its tasks move")
        )
        #expect(step.runs == [ServiceRun(verb: .restart, service: .mesosAgent, node: "n")])
    }

    @Test func holdingAServiceOffThatDoesNotRunStopsNothing() {
        #expect(SamplePlans.bootstrap.steps[0].runs.isEmpty)
        #expect(SamplePlans.bootstrap.steps[0].effect == .change)
    }

    @Test func silentNodesAreNeverCalledInSync() {
        let text = PlanView(SamplePlans.inSyncAsFarAsSeen).text
        #expect(!text.contains("The cluster matches"))
        #expect(text.contains("mesos-master2  did not answer: the host key of mesos-master2 has changed"))
    }

    @Test func textFromNodesCannotMoveTheCursorOrHideLines() {
        var plan = SamplePlans.agentTimeout
        plan.steps[0].changes[0].before = "1mins\u{1B}[2K\rnothing\n\u{202E}second\n"
        plan.steps[0].title = "file \u{1B}[1A"
        plan.notes = [Note("a\nPlan: 99 to add")]
        let text = PlanView(plan).text
        #expect(!text.contains("\u{1B}") && !text.contains("\r") && !text.contains("\u{202E}"))
        #expect(text.contains("\\u{1b}[2K"))
        #expect(!text.contains("\nPlan: 99"))
    }

    @Test func wordsOfSeveralLinesStayOnOne() {
        var plan = SamplePlans.refused
        plan.blocked[0].because = "timed out during banner exchange\r\nPlan: 0 to add"
        let text = PlanView(plan).text
        #expect(text.contains("because timed out during banner exchange Plan: 0 to add\n"))
    }

    @Test func secretsShowAsReferencesInTextAndJSON() {
        let content = Content([.literal("user "), .secret(.environment("MESOS_SECRET")), .literal("\n")])
        var plan = SamplePlans.agentTimeout
        plan.steps[0].changes[0].after = content
        plan.steps[0].changes[0].before = Content([.literal("user "), .redacted, .literal("\n")])
        let document = PlanDocument(plan)
        #expect(document.steps[0].changes[0].after == "user ${env:MESOS_SECRET}\n")
        #expect(document.steps[0].changes[0].before == "user •••\n")
        #expect(document.steps[0].changes[0].hasSecrets)
    }

    @Test func aDifferenceInWhatIsNotShownSaysSo() {
        let body = ChangeBody(
            Change(
                node: "n",
                resource: "file:/x",
                kind: .update,
                cause: .drift,
                before: Content([.literal("a\nb "), .redacted]),
                after: Content([.literal("a\nb •••")]),
                summary: "changed"
            )
        )
        #expect(body.lines(style: .plain, limit: 9) == ["(differs in a part that is secret)"])
    }
}
