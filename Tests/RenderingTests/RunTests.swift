import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct RunTests {
    private static let report = RunReport(
        run: RunID("20240501-7f3a"),
        cluster: "mesosphere-in-action",
        steps: [
            StepReport(id: 1, title: "file /etc/mesos/zk", nodes: ["mesos-slave1"], outcome: .applied, seconds: 0.42),
            StepReport(
                id: 2,
                title: "file /etc/mesos/zk",
                nodes: ["mesos-slave2"],
                outcome: .alreadyInPlace,
                seconds: 0.1
            ),
            StepReport(
                id: 3,
                title: "restart mesos-slave",
                nodes: ["mesos-slave1"],
                outcome: .failed("gate: registered again\nnot within 75 s"),
                seconds: 75.2
            ),
            StepReport(
                id: 4,
                title: "file /etc/x",
                nodes: ["mesos-slave3"],
                outcome: .conflict("found another digest")
            ),
            StepReport(
                id: 5,
                title: "restart mesos-slave",
                nodes: ["mesos-slave2"],
                outcome: .notReached("step 3 failed")
            ),
            StepReport(
                id: 6,
                title: "file /etc/y",
                nodes: ["mesos-slave3"],
                outcome: .unknown("connection broke"),
                seconds: 130
            ),
        ],
        ending: .interrupted(stepFinished: true)
    )

    private static let events: [RunEvent] = [
        .leaseTaken(nodes: ["mesos-master1", "mesos-master2"]),
        .stepStarted(id: 1, title: "file /etc/mesos/zk", nodes: ["mesos-slave1"]),
        .stepStarted(id: 2, title: "roll zookeeper", nodes: ["mesos-master1", "mesos-master2", "mesos-master3"]),
        .progress(id: 2, node: "mesos-master1", text: "restarted\nnew pid 900"),
        .waiting(
            id: 2,
            words: "one leader and two followers",
            missing: "mesos-master1 is not serving",
            seconds: 1,
            deadline: 60
        ),
        .waiting(
            id: 2,
            words: "one leader and two followers",
            missing: "mesos-master1 is not serving",
            seconds: 2,
            deadline: 60
        ),
        .waiting(
            id: 2,
            words: "one leader and two followers",
            missing: "mesos-master2 is not serving",
            seconds: 3,
            deadline: 60
        ),
        .stepEnded(id: 1, title: "file /etc/mesos/zk", nodes: ["mesos-slave1"], outcome: .applied, seconds: 0.4),
        .interrupting(stopsAfterStep: true),
        .stepEnded(
            id: 2,
            title: "roll zookeeper",
            nodes: ["mesos-master1"],
            outcome: .failed("no leader"),
            seconds: 61
        ),
        .ended(.interrupted(stepFinished: true)),
    ]

    @Test func aReportReadsAsTheGoldenFileSays() throws {
        try expectGolden(RunReportView(Self.report).text, "report.txt")
        try expectGolden(RunReportView(Self.report, style: .coloured).text, "report-coloured.txt")
        try expectGolden(RunReportDocument(Self.report).json, "report.json")
    }

    @Test func aWholeRunSaysApplied() {
        var report = Self.report
        report.steps = Array(report.steps.prefix(2))
        report.ending = .completed
        #expect(RunReportView(report).text.hasSuffix("Applied: 1 done, 1 already in place.   Run 20240501-7f3a.\n"))
        #expect(RunReportDocument(report).done)
        report.ending = .leaseLost("ops@host")
        #expect(!RunReportDocument(report).done)
        #expect(RunReportView(report).text.contains("Not everything was done"))
        report.ending = .planAgain("Marathon answers now")
        let followed = RunReportView(report, isFollowed: true).text
        #expect(followed.contains("Marathon answers now: planning again\nSo far: 1 done, 1 already in place."))
        #expect(!followed.contains("reconciler plan"), "the command goes on by itself")
    }

    @Test func eventsAreOneLineEach() throws {
        var lines = RunEventLines(total: 8)
        let text = Self.events.compactMap { lines.line(for: $0) }.map { $0 + "\n" }.joined()
        try expectGolden(text, "events.txt")
        #expect(text.split(separator: "\n").count == Self.events.count - 1)
    }

    @Test func eventDocumentsAreOneLineEach() throws {
        let text = Self.events.map { RunEventDocument($0, time: "2024-05-01T12:00:00Z").jsonLine + "\n" }.joined()
        try expectGolden(text, "events.jsonl")
        #expect(text.split(separator: "\n").count == Self.events.count)
        #expect(!PlanDocument(SamplePlans.bootstrap).jsonLine.contains("\n"))
    }

    @Test func theProgressLineIsRewrittenInPlaceAndNeverWraps() {
        var line = ProgressLine(total: 8, width: 40, style: .plain)
        var screen = Screen(width: 40)
        for event in Self.events {
            screen.write(line.characters(for: event))
            #expect(!screen.hasWrapped || screen.rows.contains { $0.count > 40 })
        }
        #expect(
            screen.rows == [
                "lease taken on mesos-master1, mesos-master2",
                "[1/8] mesos-slave1: file /etc/mesos/zk: done (0.4 s)",
                "interrupted: finishing the step in hand; once more stops it where it is",
                "[2/8] mesos-master1: roll zookeeper: failed: no leader (1 min 1 s)", "",
            ]
        )
    }

    @Test func theProgressLineShowsTheStepLastHeardOfAndHowManyMore() {
        var line = ProgressLine(total: 8, width: 90, style: .plain)
        var screen = Screen(width: 90)
        for event in Self.events.prefix(5) { screen.write(line.characters(for: event)) }
        #expect(
            screen.rows.last?.hasPrefix("[2/8] mesos-master1, mesos-master2, mesos-master3: roll zookeeper") == true
        )
        #expect(screen.rows.last?.hasSuffix("(and 1 more at work)") == true)
        #expect(screen.rows.last.map { $0.count < 90 } == true)
    }

    @Test(arguments: [
        (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s"), (-1, "0.0 s"),
    ])
    func durationsReadAsPeopleSayThem(seconds: Double, text: String) {
        #expect(duration(seconds) == text)
    }
}

/// What a terminal shows of the characters it is sent: newline, carriage return and erase-to-the-end are understood.
private struct Screen {
    var rows = [""]
    var width: Int
    /// Whether a rewritten line ever filled the terminal's last column.
    var hasWrapped = false
    private var column = 0

    init(width: Int) { self.width = width }

    mutating func write(_ text: String) {
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\n":
                rows.append("")
                column = 0
            case "\r": column = 0
            case "\u{1B}":
                precondition(rest.hasPrefix("[K"), "only erasing is understood")
                rest = rest.dropFirst(2)
                rows[rows.count - 1] = String(rows[rows.count - 1].prefix(column))
            default:
                rows[rows.count - 1].append(character)
                column += 1
                if column >= width { hasWrapped = true }
            }
        }
    }
}
