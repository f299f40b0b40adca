import Reconciler
import Specs
import Testing

@testable import Command

@Suite("drift")
struct DriftTests {
    private func plan(_ cause: Change.Cause, silent: Bool = false, refused: Bool = false) -> Plan {
        var step = CommandRun.step(1)
        step.changes = [
            Change(node: "n1", resource: "file:/etc/x", kind: .update, cause: cause, summary: "1 → 2")
        ]
        return CommandRun.plan([step], silent: silent, refused: refused)
    }

    @Test("says by its status whether something changed without a commit")
    func statuses() async {
        for (plan, status) in [
            (CommandRun.plan([]), 0), (plan(.git), 0), (plan(.drift), 2), (plan(.unattributed), 2),
            (plan(.drift, silent: true), 4), (CommandRun.plan([], refused: true), 3),
        ] as [(Plan, Int32)] {
            let result = await CommandRun(plans: [plan]).run("drift")
            #expect(result.status.code == status, "\(result.output)")
            #expect(result.runs == 0)
        }
    }

    @Test("names what drifted in text and in JSON")
    func formats() async {
        let text = await CommandRun(plans: [plan(.drift)]).run("drift").output
        #expect(text.contains("~ n1  file /etc/x   1 → 2"), "\(text)")
        #expect(text.hasSuffix("Drift: 1 resource on 1 node changed without a commit.\n"), "\(text)")
        let json = await CommandRun(plans: [plan(.drift)]).run("drift", "--format", "json").output
        #expect(json.contains("\"formatVersion\" : 1") && json.contains("\"hasDrift\" : true"), "\(json)")
    }

    @Test("only counts what watch.ignore names")
    func ignores() async {
        var spec = CommandRun.sixNodes
        spec.other.watch.ignore = [Located("file:/etc/*", at: CommandRun.place)]
        let result = await CommandRun(spec: spec, plans: [plan(.drift)]).run("drift")
        #expect(result.status == .success)
        #expect(result.output.contains("Ignored by watch.ignore: 1 resource that drifted."), "\(result.output)")
    }
}

@Suite("The end of a pause")
struct PauseEndTests {
    @Test(
        "is a while, a time of the day or a moment, and nothing else",
        arguments: [
            ("2h", 7200), ("30m", 1800), ("90s", 90), ("3d", 259_200), ("1970-01-02T00:00Z", 85_400),
            ("1970-01-02T00:00:30Z", 85_430), ("40d", nil), ("soon", nil), ("25:00", nil), ("1970-01-02T00:00", nil),
            ("12:5", nil), ("1000", nil), ("-1h", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func reads(text: String, seconds: Int?) {
        #expect(PauseEnd(argument: text).map { $0.end(after: 1000) - 1000 } == seconds)
    }

    @Test("is the next time the clock says so")
    func nextTime() throws {
        let now = 1_795_421_441
        for text in ["00:00", "07:30", "23:59"] {
            let end = try #require(PauseEnd(argument: text)).end(after: now)
            #expect((1...86_400).contains(end - now))
            let minute = TimeWindow.Instant(localTime: end).minute
            #expect("\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)" == text)
        }
    }
}
