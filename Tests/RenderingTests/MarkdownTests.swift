import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite("The comment under a pull request")
struct MarkdownTests {
    @Test(
        "reads as the golden file says",
        arguments: [
            ("agent-timeout", SamplePlans.agentTimeout), ("rolling-zookeeper", SamplePlans.rollingZooKeeper),
            ("refused", SamplePlans.refused), ("in-sync", SamplePlans.inSync), ("bootstrap", SamplePlans.bootstrap),
            ("base", based), ("link", SamplePlans.link),
        ]
    )
    func isGolden(name: String, plan: Plan) throws {
        try expectGolden(PlanMarkdown(plan).text, "plan-\(name).md")
    }

    static var based: Plan {
        var plan = SamplePlans.agentTimeout
        plan.basis = PlanBasis(
            sight: .snapshot(file: "snapshot.json", at: 1_700_000_000, ageSeconds: 9000),
            base: .init(name: "origin/main", commit: "0a1b2c3"),
            unseen: ["secrets are compared by name: whether a value changed since the look is not known"]
        )
        return plan
    }

    @Test("is found again by its first line", arguments: [("prod", "prod"), ("a b--> c", "a-b-c"), ("-x-", "x")])
    func hasItsMarker(cluster: String, name: String) {
        var plan = SamplePlans.inSync
        plan.cluster = cluster
        let first = PlanMarkdown(plan).text.split(separator: "\n").first
        #expect(first == "<!-- reconciler:plan:\(name) -->")
        #expect(PlanMarkdown.marker(of: cluster) == "<!-- reconciler:plan:\(name) -->")
    }

    static let hostile = [
        "```\n</details><script>alert(1)</script>", "````\n<img src=x onerror=alert(1)>", "@everyone look at #1 and !2",
        "a | b | c", "<!-- reconciler:plan:other -->", "[click](http://example.com)", "~~~\n# heading", "`` ` ``",
        "\u{202E}reversed\u{7}", "**bold** _it_ $x$", "-->", "```mermaid",
    ]

    @Test("lets nothing that a node says out of its fence, and nobody be mentioned", arguments: hostile)
    func isNotBrokenOutOf(text: String) {
        var plan = SamplePlans.refused
        for index in plan.steps.indices {
            plan.steps[index].title += text
            plan.steps[index].reasons.append(Reason(text))
            for change in plan.steps[index].changes.indices {
                plan.steps[index].changes[change].before = Content("old\n\(text)\nend\n")
                plan.steps[index].changes[change].after = Content("new\n\(text)\n")
                plan.steps[index].changes[change].summary = text
                plan.steps[index].changes[change].resource = "file:/etc/\(text)"
            }
        }
        plan.notes = [Note(node: NodeName(text), text)]
        plan.refusals[0].reason = text
        plan.blocked[0].because = text
        plan.nodes[0].failure = NodeAccessError(.unreachable, text)
        plan.safety = [text]
        plan.source.revision = text
        let outside = Self.outsideOfFences(PlanMarkdown(plan).text)
        let bare = Self.withoutCode(outside)
        for part in ["<script", "<img", "@everyone", "[click](", "http://", "--> -->", "\u{202E}", "\u{7}"] {
            #expect(!bare.contains(part), "\(part)\n\(bare)")
        }
        #expect(bare.components(of: "<details>") == bare.components(of: "</details>"))
        #expect(bare.components(of: "<!--") == 1)
        // No line begins with what a node said: a block of HTML begins only there.
        for line in outside.split(separator: "\n") where line.hasPrefix("<") {
            #expect(
                ["<!-- reconciler:plan:mesosphere", "<details><summary>", "</details>", "<sub>`"].contains {
                    line.hasPrefix($0)
                }
            )
        }
        #expect(!bare.contains("\n# heading"))
    }

    @Test("stays within its limit whatever the plan holds, with every fence and fold closed", arguments: [1, 40, 3000])
    func isBounded(times: Int) throws {
        var plan = SamplePlans.refused
        let steps = SamplePlans.agentTimeout.steps
        plan.steps = (0..<times * 3).map { index in
            var step = steps[index % 3]
            step.id = index + 1
            step.needs = index == 0 ? [] : [index]
            step.title += " \(index)"
            return step
        }
        plan.notes = (0..<times).map { Note("note \($0) " + String(repeating: "x", count: 1000)) }
        plan.blocked = Array(repeating: plan.blocked[0], count: times)
        plan.refusals = Array(repeating: plan.refusals[0], count: times)
        let text = PlanMarkdown(plan).text
        #expect(text.count <= PlanMarkdown.limit)
        let outside = Self.outsideOfFences(text)
        #expect(outside.components(of: "<details>") == outside.components(of: "</details>"))
        #expect(outside.hasSuffix("</sub>\n"))
        if times == 3000 {
            let count = try #require(text.firstMatch(of: #/… (\d+) more steps, not shown/#))
            let shown = text.matches(of: #/(?m)^! \d+\. /#).count
            #expect(shown > 50 && Int(count.1) == plan.steps.count - shown)
        }
        #expect(text.matches(of: #/(?m)^  s\d+\[/#).count <= 60)
    }

    @Test("draws an arrow only where no other way of arrows says it")
    func drawsTheOrder() {
        var plan = SamplePlans.agentTimeout
        plan.steps[2].needs = [1, 2]
        let lines = MarkdownOrder(plan).lines
        #expect(lines.filter { $0.contains("-->") } == ["  s1 --> s2", "  s2 --> s3"])
    }

    @Test("shows no step of an app in the order of ensembles")
    func drawsEnsemblesOnly() {
        #expect(MarkdownOrder(SamplePlans.inSync).lines.isEmpty)
    }

    // MARK: What a renderer would take for fenced

    static func outsideOfFences(_ text: String) -> String {
        var (outside, fence): ([Substring], Int) = ([], 0)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let marks = line.prefix { $0 == "`" }.count
            if fence == 0, marks >= 3 {
                fence = marks
            } else if fence > 0, marks >= fence, line.dropFirst(marks).allSatisfy(\.isWhitespace) {
                fence = 0
            } else if fence == 0 {
                outside.append(line)
            }
        }
        #expect(fence == 0, "a fence is never closed")
        return outside.joined(separator: "\n")
    }

    /// Without code spans: a run of backticks up to the next run of the same length (CommonMark 6.1).
    static func withoutCode(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "`") {
            let isEscaped = start > rest.startIndex && rest[rest.index(before: start)] == "\\"
            let marks = rest[start...].prefix { $0 == "`" }
            result += rest[..<start]
            var inside = rest[marks.endIndex...]
            rest = inside
            guard !isEscaped else { continue }
            var end: Substring.Index?
            while let next = inside.firstIndex(of: "`") {
                let run = inside[next...].prefix { $0 == "`" }
                inside = inside[run.endIndex...]
                if run.count == marks.count {
                    end = run.endIndex
                    break
                }
            }
            if let end { rest = text[end...] }
        }
        return result + rest
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
