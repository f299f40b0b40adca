import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite("Drift and the loop's notices")
struct WatchRenderingTests {
    private static let change = Change(
        node: "mesos-slave2",
        resource: "file:/etc/mesos-slave/containerizers",
        kind: .update,
        cause: .drift,
        before: "mesos\n",
        after: "docker,mesos\n",
        summary: "mesos → docker,mesos"
    )

    private static func report(
        _ changes: [Change] = [change],
        ignore: [String] = [],
        blocked: [Blocked] = [],
        refusals: [Refusal] = [],
        failure: NodeAccessError? = nil
    ) -> DriftReport {
        let plan = Plan(
            cluster: "east",
            source: .init(file: "cluster.yaml", revision: "3f1c2aa"),
            nodes: [Plan.NodeSummary(name: "mesos-slave1", failure: failure), Plan.NodeSummary(name: "mesos-slave2")],
            steps: changes.map { Step(id: 1, title: "write", act: .visit("mesos-slave2", []), changes: [$0]) },
            blocked: blocked,
            refusals: refusals
        )
        var node = ObservedNode(name: "mesos-slave2", platform: .unknown(""))
        node.files["/etc/mesos-slave/containerizers"] = .absent
        return DriftReport(
            plan,
            ObservedCluster(nodes: ["mesos-slave2": .answered(node)]),
            ignore: ignore.map { ResourcePattern($0) }
        )
    }

    @Test("drift is told with its place and its cause, and the answer stands at the end")
    func drifted() {
        var report = Self.report()
        report.drifted[0].evidence = ["written 2026-11-23T08:10:41Z, owner root:root"]
        #expect(
            DriftView(report).text == """
                Drift of east   cluster.yaml @ 3f1c2aa   2 nodes observed, all answered

                  ~ mesos-slave2  file /etc/mesos-slave/containerizers   mesos → docker,mesos
                                  written 2026-11-23T08:10:41Z, owner root:root

                Drift: 1 resource on 1 node changed without a commit.

                """
        )
    }

    @Test("no more is claimed than was seen")
    func answers() {
        func answer(_ report: DriftReport) -> String {
            String(DriftView(report).text.split(separator: "\n").last ?? "")
        }
        #expect(answer(Self.report([])) == "No drift. Nothing changed without a commit.")
        let silent = NodeAccessError(.timedOut, "timed out")
        #expect(answer(Self.report([], failure: silent)) == "No drift in what answered; the rest is not known.")
        let refusal = Refusal(rule: "zookeeper-membership", nodes: [], reason: "two at once")
        #expect(answer(Self.report([], refusals: [refusal])).hasPrefix("What drifted is not known"))
        let text = DriftView(Self.report(ignore: ["file:*"])).text
        #expect(text.contains("Ignored by watch.ignore: 1 resource that drifted.\nNo drift."), "\(text)")
        var committed = Self.change
        committed.cause = .git
        #expect(DriftView(Self.report([committed])).text.contains("Committed, not applied   1 change; "))
    }

    @Test("what a node says cannot move the cursor or break the line")
    func hostile() {
        var change = Self.change
        change.summary = "a\u{1B}[2J → b\nc"
        var report = Self.report([change])
        report.drifted[0].evidence = ["owner \u{1B}]0;x\u{07}:root"]
        let text = DriftView(report).text
        #expect(!text.contains("\u{1B}") && !text.contains("\u{07}"))
        #expect(text.split(separator: "\n").count == 4, "\(text)")
        let item = LoopStatus.Item(item: change.item, cause: .drift, summary: change.summary, state: .found)
        let notice = LoopNotice(kind: .found, cluster: "east", at: 0, revision: nil, items: [item])
        let line = LoopNoticeText(notice).text
        #expect(!line.contains("\u{1B}") && line.split(separator: "\n").count == 1)
    }

    @Test("a secret is shown as its reference")
    func secrets() {
        var change = Self.change
        change.after = Content([.literal("ops:"), .secret(.environment("PW"))])
        let json = DriftDocument(Self.report([change])).json
        #expect(json.contains("ops:${env:PW}") && json.contains("\"hasSecrets\" : true"))
    }

    @Test("each notice is a line an item, with the time and the words of its kind")
    func notices() {
        let item = LoopStatus.Item(
            item: LoopItem(node: "a1", resource: "file:/etc/motd"),
            cause: .drift,
            summary: "edited",
            state: .withheld,
            detail: ["watch.kinds does not name files"]
        )
        func text(_ kind: LoopNotice.Kind, _ items: [LoopStatus.Item], _ messages: [String] = []) -> String {
            let at = 1_795_421_441
            return LoopNoticeText(
                LoopNotice(kind: kind, cluster: "east", at: at, revision: "abc", items: items, messages: messages)
            ).text
        }
        let time = "2026-11-23T08:10:41Z"
        #expect(
            text(.found, [item])
                == "\(time) found: a1 file:/etc/motd: edited (drift); watch.kinds does not name files\n"
        )
        #expect(text(.recovered, []) == "\(time) in sync again: it works again\n")
        #expect(text(.badRevision, [], ["no file"]) == "\(time) bad revision abc: no file\n")
        #expect(text(.goodRevision, [], ["in use"]) == "\(time) good revision abc: in use\n")
        #expect(text(.failed, [], ["a", "b"]) == "\(time) failed: a\n\(time) failed: b\n")
        let notice = LoopNotice(kind: .givenUp, cluster: "east", at: 0, revision: nil, items: [item])
        let json = LoopNoticeDocument(notice).jsonLine
        #expect(json.contains("\"formatVersion\":1") && json.contains("\"kind\":\"givenUp\""), "\(json)")
        #expect(json.contains("\"time\":\"1970-01-01T00:00:00Z\"") && !json.contains("\n"))
    }

    @Test("a webhook's body is versioned, has its number and id, and stays readable however much differs")
    func webhook() throws {
        let items = (0..<250).map { number in
            LoopStatus.Item(
                item: LoopItem(node: "a1", resource: "file:/etc/\(number)\u{1B}[31m"),
                cause: .drift,
                summary: "1 → 2",
                state: .found
            )
        }
        let notice = LoopNotice(kind: .found, cluster: "east", at: 86_400, revision: "3f1c2aa", items: items)
        let document = WebhookDocument(notice, id: "i", sequence: 7)
        #expect(document.items.count == 200 && document.itemsOmitted == 50)
        #expect(document.text.hasPrefix("east:\n") && document.text.hasSuffix("\n(and 230 more)"))
        #expect(!document.text.contains("\u{1B}"))
        var short = notice
        short.items = Array(items.prefix(1))
        let one = WebhookDocument(short, id: "5f0c6a52-6a0c-4a7e-9d56-2f6f7f9f5d6e", sequence: 1)
        try expectGolden(one.json + "\n", "webhook-found.json")
        let test = WebhookDocument(testOf: "east", id: "i", at: 0)
        #expect(test.kind == "test" && test.items.isEmpty && test.text == "east: a test of watch.webhook")
    }
}
