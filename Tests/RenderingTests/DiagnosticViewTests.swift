import Specs
import Testing

@testable import Rendering

@Suite struct DiagnosticViewTests {
    private func view(_ line: String, column: Int, hint: String? = nil) -> [Substring] {
        let place = SourcePosition(file: "a.yaml", line: 1, column: column)
        return DiagnosticView([Diagnostic(.error, "wrong", at: place, hint: hint)], texts: ["a.yaml": line + "\n"])
            .text.split(separator: "\n")
    }

    @Test func showsTheLineTheCaretAndTheHint() throws {
        let text = "zookeeper:\n  ensemble: {1: a}\nmesos:\n  quorom: 2\n"
        let diagnostics = [
            Diagnostic(
                .warning,
                "no agents are declared",
                at: SourcePosition(file: "cluster.yaml", line: 3, column: 1)
            ),
            Diagnostic(
                .error,
                "unknown key `quorom`",
                at: SourcePosition(file: "cluster.yaml", line: 4, column: 3),
                hint: "did you mean `quorum`?"
            ),
            Diagnostic(
                .error,
                "apps/web.json: permission denied",
                at: SourcePosition(file: "apps/web.json", line: 1, column: 1)
            ),
        ]
        let texts = ["cluster.yaml": text]
        try expectGolden(DiagnosticView(diagnostics, texts: texts).text, "diagnostics.txt")
        try expectGolden(DiagnosticView(diagnostics, texts: texts, style: .coloured).text, "diagnostics-coloured.txt")
        try expectGolden(DiagnosticDocument(diagnostics).json, "diagnostics.json")
    }

    @Test(arguments: [
        ("\t\tkey: 1", 3, "\t\t^"), ("名前: x", 5, "      ^"), ("e\u{301}: x", 4, "  ^"), ("a\u{1B}b", 3, "       ^"),
        ("short", 99, "     ^"), ("x", 0, "^"),
    ])
    func theCaretStandsUnderItsColumn(line: String, column: Int, caret: String) {
        #expect(view(line, column: column)[2] == "     | \(caret)")
    }

    @Test func aLongLineIsShownAroundItsPlace() {
        let line = String(repeating: "a", count: 5000) + "!" + String(repeating: "b", count: 5000)
        let shown = view(line, column: 5001)
        let caret = shown[2].firstIndex(of: "^").map { shown[2].distance(from: shown[2].startIndex, to: $0) }
        #expect(shown[1].count < 200)
        #expect(caret.map { Array(shown[1])[$0] } == "!")
    }

    @Test func aPlaceThatIsNotThereGoesWithoutItsLine() {
        let place = SourcePosition(file: "a.yaml", line: 9, column: 1)
        let text = DiagnosticView([Diagnostic(.error, "ends early", at: place)], texts: ["a.yaml": "x\n"]).text
        #expect(text == "a.yaml:9:1: error: ends early\n1 error\n")
    }

    @Test func windowsLineEndsAreNoPartOfTheLine() {
        #expect("a\r\nb\r\n".lines == ["a", "b"])
    }

    @Test(
        "a webhook's URL and key are not in the line that is shown, and columns stay",
        arguments: [
            ("  webhook: https://h/T0XX", "  webhook: ••••••••••••••"),
            ("  webhook: h/T0XX,x y", "  webhook: ••••••••••"),
            ("webhook: {url: 'https://h/T0', secret: x y, a: b}", "webhook: {url: '••••••••••••', secret: •••, a: b}"),
            ("  url: \"T0${env:A}T1\" # why", "  url: \"••${env:A}••\" # why"),
            ("  secret: ${file:k}", "  secret: ${file:k}"),
            ("watch: {interval: 5, webhook: T0, kinds: []}", "watch: {interval: 5, webhook: ••, kinds: []}"),
            ("    https://h/T0", "    ••••••••••••"), ("  \"url\" : T0XX", "  \"url\" : ••••"),
            ("  url: 'T0", "  url: '••"),
            ("  uri: https://h/T0", "  uri: https://h/T0"), ("  curl: x", "  curl: x"), ("  url:", "  url:"),
            ("url", "url"), ("", ""),
        ]
    )
    func masks(line: String, shown: String) {
        #expect(String(String.UnicodeScalarView(MaskedLine(Array(line.unicodeScalars)).scalars)) == shown)
        #expect(!line.contains("T0") || line.contains("uri") || !view(line, column: 1)[1].contains("T0"))
    }
}
