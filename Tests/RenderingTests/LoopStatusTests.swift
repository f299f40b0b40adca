import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite("The loop as it is seen from outside")
struct LoopStatusTests {
    private static let at = 1_795_421_441

    private static func item(
        _ resource: String,
        _ state: LoopStatus.Item.State,
        _ cause: Change.Cause = .drift
    ) -> LoopStatus.Item {
        LoopStatus.Item(
            item: LoopItem(node: resource.hasPrefix("app:") ? nil : "mesos-slave2", resource: resource),
            cause: cause,
            summary: "mesos → docker,mesos",
            state: state,
            detail: state == .raised ? ["corrected three times within an hour"] : []
        )
    }

    static let status = LoopStatus(
        cluster: "east",
        mode: .correct,
        started: at - 7200,
        intervalSeconds: 300,
        revision: .init(good: "3f1c2aa", bad: .init(revision: "9d0e1bb", reason: "cluster.yaml:3:1: unknown key `x`")),
        lastRound: .init(
            began: at - 42,
            ended: at,
            revision: "3f1c2aa",
            outcome: .incomplete,
            messages: ["mesos-slave1: timed out"]
        ),
        lastSuccess: at - 300,
        lastLook: .init(at: at - 40, revision: "3f1c2aa"),
        nextRound: at + 310,
        pause: LoopPause(reason: "a \"disk\"\nis replaced", by: "me@here", since: at - 60, until: at + 3600),
        items: [
            item("app:/hello", .found, .git), item("file:/etc/mesos-slave/containerizers", .withheld),
            item("file:/etc/mesos/zk", .raised), item("file:/etc/motd", .raised),
        ],
        counters: .init(
            rounds: 24,
            failedRounds: 1,
            driftFound: 5,
            corrections: 6,
            badRevisions: 1,
            webhookFailures: 2
        )
    )

    private static func metrics(_ status: LoopStatus?) -> LoopMetrics {
        LoopMetrics(status, roundSeconds: 930, version: "1.2.3", started: at - 7201)
    }

    @Test("its metrics are as they were agreed on, and well-formed")
    func metrics() throws {
        var metrics = Self.metrics(Self.status)
        metrics.nodes = LoopMetrics.Nodes(
            Plan(
                cluster: "east",
                source: .init(file: "cluster.yaml"),
                nodes: [
                    Plan.NodeSummary(name: "a1", failure: NodeAccessError(.timedOut, "timed out")),
                    Plan.NodeSummary(name: "a2"), Plan.NodeSummary(name: "a3"),
                ]
            )
        )
        try expectGolden(metrics.text, "metrics.txt")
        let lint = ExpositionLint(metrics.text)
        #expect(lint.faults.isEmpty)
        #expect(lint.value("reconciler_nodes", ["answered": "false"]) == 1)
        #expect(lint.value("reconciler_items", ["state": "raised", "cause": "drift"]) == 2)
        #expect(lint.value("reconciler_last_success_timestamp_seconds") == Double(Self.at - 300))
        let outcomes = lint.samples.filter { $0.name == "reconciler_last_round_outcome" }
        #expect(outcomes.count == 8 && outcomes.filter { $0.value == 1 }.map(\.labels) == [["outcome": "incomplete"]])
    }

    @Test("what is not known yet is left out of its metrics, and is not 0")
    func knowsNothing() {
        let none = ExpositionLint(Self.metrics(nil).text)
        #expect(none.faults.isEmpty)
        #expect(
            Set(none.types.keys) == [
                "reconciler_build_info", "reconciler_process_start_time_seconds", "reconciler_overdue",
            ]
        )
        let begun = LoopStatus(cluster: "east", mode: .report, started: 0, intervalSeconds: 300)
        let first = ExpositionLint(Self.metrics(begun).text)
        #expect(first.faults.isEmpty)
        #expect(first.value("reconciler_round_running") == 1 && first.value("reconciler_rounds_total") == 0)
        for name in ["items", "raised_items", "nodes", "last_round_outcome", "last_success_timestamp_seconds"] {
            #expect(first.types["reconciler_" + name] == nil)
        }
    }

    @Test(
        "words of others cannot break out of a label",
        arguments: ["a\"b", "a\\", "a\nreconciler_items 7", "\"} 1\n", "é\u{301}\"\u{301}", "•••"]
    )
    func escapes(word: String) {
        var status = Self.status
        status.cluster = word
        status.revision.good = word
        let lint = ExpositionLint(Self.metrics(status).text)
        #expect(lint.faults.isEmpty)
        #expect(lint.value("reconciler_loop_info", ["cluster": word, "mode": "correct"]) == 1)
        #expect(lint.value("reconciler_revision_info", ["revision": word]) == 1)
    }

    @Test("the number of series does not grow with the cluster")
    func isBounded() {
        var large = Self.status
        large.items = (1...5000).map { Self.item("file:/etc/\($0)", .found) }
        #expect(
            ExpositionLint(Self.metrics(large).text).samples.count
                == ExpositionLint(Self.metrics(Self.status).text).samples.count
        )
    }

    @Test("its status is as it was agreed on")
    func status() throws {
        try expectGolden(LoopStatusDocument(Self.status, trouble: nil, version: "1.2.3").json, "loop-status.json")
        let hung = LoopStatusDocument(Self.status, trouble: "nothing was heard", version: "1.2.3").json
        #expect(hung.contains("\"alive\" : false") && hung.contains("\"reason\" : \"nothing was heard\""))
        let begun = LoopStatus(cluster: "east", mode: .report, started: 0, intervalSeconds: 300)
        let json = LoopStatusDocument(begun, trouble: nil, version: "1.2.3").json
        for key in ["lastRound", "lastSuccess", "lastLook", "nextRound", "pause"] { #expect(!json.contains(key)) }
    }

    @Test("a look has its time, its revision and the plan; a secret in it is its reference")
    func look() throws {
        let change = Change(
            node: "mesos-slave2",
            resource: "file:/etc/marathon/credentials",
            kind: .update,
            cause: .drift,
            before: "ops:old\n",
            after: Content([.literal("ops:"), .secret(.environment("PW"))]),
            summary: "edited"
        )
        let plan = Plan(
            cluster: "east",
            source: .init(file: "cluster.yaml", revision: "3f1c2aa"),
            nodes: [Plan.NodeSummary(name: "mesos-slave2")],
            steps: [Step(id: 1, title: "write", act: .visit("mesos-slave2", []), changes: [change])]
        )
        let json = LookDocument(plan, .init(at: Self.at, revision: "3f1c2aa")).json
        try expectGolden(json, "look.json")
        #expect(json.contains("${env:PW}"))
    }
}

@Suite("The lint of metrics")
struct ExpositionLintTests {
    @Test(
        "finds what Prometheus would not read, or would not like",
        arguments: [
            ("# HELP reconciler_x_total x\n# TYPE reconciler_x_total counter\nreconciler_x_total 1", "line feed"),
            ("reconciler_x 1\n", "no TYPE"),
            ("# TYPE reconciler_x gauge\nreconciler_x 1\n", "no HELP"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x counter\nreconciler_x 1\n", "is a counter"),
            ("# HELP reconciler_x_total x\n# TYPE reconciler_x_total gauge\nreconciler_x_total 1\n", "is a gauge"),
            ("# HELP reconciler_x_ms x\n# TYPE reconciler_x_ms gauge\nreconciler_x_ms 1\n", "base unit"),
            ("# HELP x x\n# TYPE x gauge\nx 1\n", "whose"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x 1\nreconciler_x 2\n", "twice"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x{a=\"1\",a=\"2\"} 1\n", "label a twice"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x{a=\"\\t\"} 1\n", "cannot be read"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x{a=\"b\"\n", "cannot be read"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x yes\n", "no value"),
            ("# HELP reconciler_x x\n# TYPE reconciler_x gauge\nreconciler_x_sum 1\n", "no part of a gauge"),
            (
                """
                # HELP reconciler_x x
                # TYPE reconciler_x gauge
                reconciler_x{a="1"} 1
                # HELP reconciler_y y
                # TYPE reconciler_y gauge
                reconciler_y 1
                reconciler_x{a="2"} 1

                """, "not in one piece"
            ), ("\n", "neither"),
        ]
    )
    func findsFaults(text: String, words: String) {
        let faults = ExpositionLint(text).faults
        #expect(faults.contains { $0.contains(words) }, "\(faults)")
    }

    @Test("takes what the format's description gives for an example of ours")
    func takes() {
        let text = """
            # HELP reconciler_x_total With a \\\\ and a \\n in it.
            # TYPE reconciler_x_total counter
            reconciler_x_total{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
            # HELP reconciler_y_seconds Two parts.
            # TYPE reconciler_y_seconds summary
            reconciler_y_seconds_sum 1.7560473e+07
            reconciler_y_seconds_count 2693

            """
        let lint = ExpositionLint(text)
        #expect(lint.faults.isEmpty)
        let labels = ["path": "C:\\DIR\\FILE.TXT", "error": "Cannot find file:\n\"FILE.TXT\""]
        #expect(lint.value("reconciler_x_total", labels) == 1_458_255_915)
    }
}
