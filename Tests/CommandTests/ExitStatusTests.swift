import Reconciler
import Specs
import Testing

@testable import Command

@Suite struct ExitStatusTests {
    @Test(
        arguments: [
            (Verdict(failed: true, refused: true, incomplete: true, changes: true), 1),
            (Verdict(refused: true, incomplete: true, changes: true), 3),
            (Verdict(incomplete: true, changes: true), 4), (Verdict(changes: true), 2), (Verdict(), 0),
        ] as [(Verdict, Int32)]
    )
    func theFirstOfOneThreeFourTwoWins(verdict: Verdict, code: Int32) {
        #expect(verdict.status.code == code)
    }

    static let unknown = Blocked(node: "n2", title: "t", because: "n2 is silent", isByUnknown: true)
    static let known = Blocked(node: "n1", title: "t", because: "no such package", isByUnknown: false)
    static let forbidden = Blocked(title: "t", because: "kills", isByUnknown: false, rule: "app-recreate")

    @Test(
        arguments: [
            (CommandRun.plan(), 0, 2), (CommandRun.plan([]), 0, 0), (CommandRun.plan(silent: true), 4, 4),
            (CommandRun.plan(refused: true), 3, 3), (CommandRun.plan(silent: true, refused: true), 3, 3),
            (CommandRun.plan([], blocked: [unknown]), 4, 4), (CommandRun.plan([], blocked: [known]), 0, 2),
            (CommandRun.plan([], blocked: [forbidden]), 3, 3), (CommandRun.plan(blocked: [forbidden, unknown]), 3, 3),
        ] as [(Plan, Int32, Int32)]
    )
    func planExits(plan: Plan, code: Int32, detailed: Int32) async {
        let run = CommandRun(plans: [plan])
        #expect(await run.run("plan").status.code == code)
        #expect(await run.run("plan", "--detailed-exitcode").status.code == detailed)
    }

    @Test(
        arguments: [
            ([.applied, .applied], RunReport.Ending.completed, 0), ([.alreadyInPlace, .applied], .completed, 0),
            ([.failed("x"), .notReached("1 failed")], .completed, 1), ([.conflict("x"), .applied], .completed, 3),
            ([.conflict("x"), .notReached("1 conflicted")], .completed, 3),
            ([.conflict("x"), .failed("y")], .completed, 1), ([.unknown("cut off"), .applied], .completed, 4),
            ([.unknown("cut off"), .notReached("1 unknown")], .completed, 1),
            ([.notReached("no lease"), .notReached("no lease")], .leaseLost("held by ops@host"), 3),
            ([.applied, .notReached("no lease")], .leaseLost("taken by ops@host"), 1),
        ] as [([StepOutcome], RunReport.Ending, Int32)]
    )
    func applyExits(outcomes: [StepOutcome], ending: RunReport.Ending, code: Int32) async {
        var run = CommandRun(plans: [CommandRun.plan([CommandRun.step(1), CommandRun.step(2)])])
        run.report = { plan, _ in CommandRun.report(plan, outcomes, ending: ending) }
        #expect(await run.run("apply", "--yes").status.code == code)
    }

    @Test func aSilentNodeMakesAnOtherwiseGoodApplyIncomplete() async {
        #expect(await CommandRun(plans: [CommandRun.plan(silent: true)]).run("apply", "--yes").status == .incomplete)
    }

    @Test func whatARuleForbidsLetsTheRestBeDoneAndIsARefusal() async {
        let run = CommandRun(plans: [CommandRun.plan(blocked: [Self.forbidden])])
        #expect(await run.run("apply", "--yes").status == .refused)
    }

    @Test func whatWasNotReachedIsAFailureAlsoBesideAForbiddenApp() async {
        let plan = CommandRun.plan([CommandRun.step(1), CommandRun.step(2)], blocked: [Self.forbidden])
        var run = CommandRun(plans: [plan])
        run.report = { plan, _ in
            CommandRun.report(plan, [.unknown("cut off"), .notReached("1 unknown")], ending: .completed)
        }
        #expect(await run.run("apply", "--yes").status == .failure)
    }

    @Test func whatIsBlockedByAKnownFactFailsAnApply() async {
        let run = CommandRun(plans: [CommandRun.plan(blocked: [Self.known])])
        #expect(await run.run("apply", "--yes").status == .failure)
    }

    @Test(arguments: [
        ["plan", "--format", "xml"], ["plan", "--parallelism", "0"], ["plan", "extra"], ["nonsense"],
        ["apply", "--lock-timeout", "-1s"],
        ["observe", "--yes"],
    ])
    func wrongUsageIs64(arguments: [String]) async {
        let result = await CommandRun().run(list: arguments)
        #expect(result.status == .usage && result.output.isEmpty && !result.log.isEmpty)
    }

    @Test(arguments: [["--help"], ["--version"], ["plan", "--help"]])
    func helpAndVersionAreTheProduct(arguments: [String]) async {
        let result = await CommandRun().run(list: arguments)
        #expect(result.status == .success && result.log.isEmpty && !result.output.isEmpty)
    }
}

extension Verdict {
    init(failed: Bool = false, refused: Bool = false, incomplete: Bool = false, changes: Bool) {
        self.init()
        (hasFailed, isRefused, isIncomplete, hasChanges) = (failed, refused, incomplete, changes)
    }
}
