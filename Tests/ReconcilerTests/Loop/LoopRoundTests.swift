import Reconciler
import Specs
import Testing

@Suite("A round of the loop")
struct LoopRoundTests {
    @Test("calls what it did not begin when it was to stop still to be done, and no failure", arguments: [true, false])
    func callsOff(wasStepFinished: Bool) {
        let steps = (1...2).map { id in
            let change = Change(node: "a1", resource: "file:/\(id)", kind: .update, cause: .git, summary: "edited")
            return Step(id: id, title: "write", act: .visit("a1", []), changes: [change])
        }
        let nodes = [Plan.NodeSummary(name: "a1")]
        let plan = Plan(cluster: "test", source: .init(file: "cluster.yaml"), nodes: nodes, steps: steps)
        let findings = LoopFindings(
            plan,
            limits: LoopLimits(corrects: true),
            ignore: [],
            breaker: Breaker(),
            at: TimeWindow.Instant(weekday: 0, minute: 0)
        )
        let report = RunReport(
            run: RunID("run"),
            cluster: "test",
            steps: [
                StepReport(id: 1, title: "write", nodes: ["a1"], outcome: .applied),
                StepReport(id: 2, title: "write", nodes: ["a1"], outcome: .notReached("the run was interrupted")),
            ],
            ending: .interrupted(stepFinished: wasStepFinished)
        )
        let round = LoopRound(findings, ran: plan, report)
        #expect(round.items.map(\.state) == [.corrected, wasStepFinished ? .found : .failed])
        #expect(round.outcome == (wasStepFinished ? .reported : .failed))
        #expect(round.isFailure == !wasStepFinished)
    }
}
