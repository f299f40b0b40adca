import Reconciler
import Specs
import Testing

@testable import Command

@Suite struct ApplyTests {
    @Test func asksOnceAndOnlyYesCounts() async {
        let result = await CommandRun(answers: ["yes"]).run("apply")
        #expect(result.status == .success && result.runs == 1)
        #expect(result.log.contains("Apply this step to east? [yes/no] "))
    }

    @Test(arguments: ["no", "y", "YES", " yes", ""])
    func everyOtherAnswerDoesNothing(answer: String) async {
        let result = await CommandRun(answers: [answer]).run("apply")
        #expect(result.status == .failure && result.runs == 0)
        #expect(result.output.contains("Plan for east"))
    }

    @Test func theEndOfInputIsNoYes() async {
        let result = await CommandRun().run("apply")
        #expect(result.status == .failure && result.runs == 0)
    }

    @Test func whereNobodyCanBeAskedYesIsNeeded() async {
        var run = CommandRun()
        run.canAsk = false
        let result = await run.run("apply")
        #expect(result.status == .usage && result.runs == 0 && result.output.isEmpty)
        #expect(await run.run("apply", "--yes").status == .success)
    }

    @Test func aRefusedPlanIsShownAndNeverBegun() async {
        let result = await CommandRun(plans: [CommandRun.plan(refused: true)]).run("apply", "--yes")
        #expect(result.status == .refused && result.runs == 0)
        #expect(result.output.contains("Refused   prune-guard"))
    }

    @Test func nothingToDoAsksNothing() async {
        let result = await CommandRun(plans: [CommandRun.plan([])]).run("apply")
        #expect(result.status == .success && result.runs == 0)
        #expect(result.output == "No changes. The cluster matches cluster.yaml.\n")
        #expect(!result.log.contains("[yes/no]"))
    }

    @Test func aPlanMadeUnderWayIsCarriedOutWhenItDisturbsNothingNew() async {
        let first = CommandRun.plan([CommandRun.step(1), CommandRun.step(2, "restart x", disruptive: true)])
        var run = CommandRun(plans: [first, CommandRun.plan([CommandRun.step(1, "restart x", disruptive: true)])])
        run.report = { plan, _ in
            plan == first
                ? CommandRun.report(
                    plan,
                    [.applied, .notReached("assumption")],
                    ending: .assumptionFailed("mesos 1.9")
                )
                : CommandRun.report(plan)
        }
        let result = await run.run("apply", "--yes")
        #expect(result.status == .success && result.runs == 2)
    }

    @Test func aPlanMadeUnderWayThatDisturbsMoreIsAskedFor() async {
        let first = CommandRun.plan()
        var run = CommandRun(plans: [first, CommandRun.plan([CommandRun.step(1, "restart x", disruptive: true)])])
        run.report = { plan, _ in
            plan == first ? CommandRun.report(plan, ending: .assumptionFailed("mesos 1.9")) : CommandRun.report(plan)
        }
        let unattended = await run.run("apply", "--yes")
        #expect(unattended.status == .refused && unattended.runs == 1)
        #expect(unattended.log.contains("restart x on n1"))
        run.answers = ["yes", "no"]
        #expect(await run.run("apply").runs == 1)
        run.answers = ["yes", "yes"]
        let agreed = await run.run("apply")
        #expect(agreed.status == .success && agreed.runs == 2)
    }

    @Test func jsonLinesArePlanEventsAndReport() async {
        var run = CommandRun()
        run.report = { plan, connection in
            connection.events(.stepStarted(id: 1, title: "file /etc/x", nodes: ["n1"]))
            return CommandRun.report(plan)
        }
        let lines = await run.run("apply", "--yes", "--format", "json-lines").output.split(separator: "\n")
        #expect(lines.count == 3)
        for (line, type) in zip(lines, ["plan", "stepStarted", "report"]) {
            #expect(line.hasPrefix("{") && line.hasSuffix("}") && line.contains("\"type\":\"\(type)\""))
        }
    }

    @Test func quietLeavesOnlyThePlanAndTheReport() async {
        var run = CommandRun()
        run.report = { plan, connection in
            connection.events(.stepStarted(id: 1, title: "file /etc/x", nodes: ["n1"]))
            return CommandRun.report(plan)
        }
        #expect(await run.run("apply", "--yes", "--quiet").log.isEmpty)
        #expect(await run.run("apply", "--yes").log.contains("[1/1] n1: file /etc/x"))
    }

    @Test func theOptionsReachTheNodes() async {
        var run = CommandRun()
        run.report = { plan, connection in
            let said = "\(connection.parallelism) \(connection.sshConfig ?? "") \(connection.lockTimeoutSeconds)"
            return CommandRun.report(plan, said == "3 lab.conf 120" ? [] : [.failed(said)])
        }
        let result = await run.run(
            "apply",
            "--yes",
            "--parallelism",
            "3",
            "--ssh-config",
            "lab.conf",
            "--lock-timeout",
            "2m"
        )
        #expect(result.status == .success, "\(result.output)")
    }
}
