import Reconciler
import Specs
import Testing

@testable import Rendering

/// How a plan shows files of a site's own: what is lost with a whole file, and no secret.
@Suite struct SiteViewTests {
    private func plan(before: Content?, after: Content, path: String = "/home/erichan/.bashrc") -> Plan {
        let change = Change(
            node: "m1",
            resource: "file:\(path)",
            kind: before == nil ? .create : .update,
            cause: .drift,
            before: before,
            after: after,
            summary: ""
        )
        let write = FileWrite(path: path, content: after, expected: before == nil ? .absent : .digest("0"))
        return Plan(
            cluster: "test",
            source: Plan.Source(file: "cluster.yaml"),
            nodes: [Plan.NodeSummary(name: "m1")],
            steps: [
                Step(
                    id: 1,
                    title: "file \(path)",
                    act: .visit("m1", [.action(.writeFile(write))]),
                    changes: [change],
                    reasons: [Reason("files.\(path)")]
                )
            ]
        )
    }

    @Test func everyLineThatIsLostIsShown() {
        let old = (1...30).map { "alias a\($0)=b\n" }.joined()
        let text = PlanView(plan(before: Content(old), after: "export PS1=x\n"), isVerbose: true).text
        for number in 1...30 { #expect(text.contains("-alias a\(number)=b")) }
        #expect(text.contains("+export PS1=x"))
        let short = PlanView(plan(before: Content(old), after: "export PS1=x\n")).text
        #expect(short.contains("more lines (-v shows all)"))
    }

    @Test func secretsStandAsReferencesAndForeignOnesNotAtAll() {
        let before = Content([.literal("key="), .redacted, .literal("\nuser=x\n")])
        let after = Content([.literal("key="), .secret(.environment("KEY")), .literal("\nuser=y\n")])
        let text = PlanView(plan(before: before, after: after), isVerbose: true).text
        #expect(text.contains("-key=•••") && text.contains("+key=${env:KEY}") && text.contains("+user=y"))
    }

    @Test func whatANodeHoldsCannotPaintTheTerminal() {
        let text = PlanView(plan(before: "a\n\u{1B}[2Jb\n", after: "a\nc\n"), isVerbose: true).text
        #expect(!text.unicodeScalars.contains { $0.value == 0x1B })
    }
}
