import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct TranscriptTests {
    static let whole = """

        reconciler n0nce begin
        A 0 0 16
        F seconds 2
        12
        K found
        A 1 3 8
        K absent
        reconciler n0nce end 2

        """.replacingLength()

    @Test func aWholeTranscriptIsRead() throws {
        let transcript = try Transcript(Array(Self.whole.utf8), nonce: "n0nce")
        #expect(transcript.answers.map(\.kind) == ["found", "absent"])
        #expect(transcript.answers.first?["seconds"] == "12")
        #expect(transcript.answers.map(\.status) == [0, 3])
    }

    @Test func aTranscriptCutOffAtAnyByteIsAnErrorAndNeverAnAnswer() {
        let bytes = Array(Self.whole.utf8)
        for length in 0..<bytes.count {
            #expect(throws: TranscriptFault.self, "cut at byte \(length)") {
                try Transcript(Array(bytes.prefix(length)), nonce: "n0nce")
            }
        }
    }

    @Test func aRealScriptsOutputCutOffAtAnyByteIsAnError() async throws {
        let root = try ScratchRoot()
        try root.put("reconciler x end 2\nK absent\n", at: "/etc/hostile")
        let calls = try [FactRequest.file(path: "/etc/hostile"), .file(path: "/nowhere"), .clock].map { try $0.call() }
        let tools = try await toolsPath(root)
        let script = NodeScript.observing(calls, nonce: "abc", at: .scratch(root: root.path, path: tools))
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        let child = ChildProcess(
            program: "/bin/dash",
            arguments: ["-s"],
            input: Array(script.text.utf8),
            deadline: .seconds(90)
        )
        let output = try await child.run(in: directory.path).output
        #expect(try Transcript(output, nonce: "abc").answers.count == 3)
        for length in 0..<output.count {
            #expect(throws: TranscriptFault.self, "cut at byte \(length)") {
                try Transcript(Array(output.prefix(length)), nonce: "abc")
            }
        }
    }

    @Test func aScriptCutOffOnItsWayDoesNothingAtAll() async throws {
        let root = try ScratchRoot()
        let tools = try await toolsPath(root)
        let action = NodeAction.writeFile(FileWrite(path: "/made", content: "x", expected: .absent))
        let script = NodeScript.performing(
            [try action.call(secrets: SecretStore())],
            run: ScratchRoot.run,
            nonce: "abc",
            at: .scratch(root: root.path, path: tools)
        )
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        let bytes = Array(script.text.utf8)
        // Everything up to, and without, the line that calls.
        let end = try #require(bytes.lastRange(of: "main </dev/null".utf8)?.lowerBound)
        for length in stride(from: 0, to: end + 4, by: 997) + [end - 3, end - 1, end] {
            let child = ChildProcess(
                program: "/bin/dash",
                arguments: ["-s"],
                input: Array(bytes.prefix(length)),
                deadline: .seconds(90)
            )
            let output = try await child.run(in: directory.path).output
            #expect(output.isEmpty, "cut at byte \(length)")
            #expect(!root.exists("/made"), "cut at byte \(length)")
        }
    }

    @Test func whateverAProfilePrintsBeforeTheMarkerIsSkipped() throws {
        let noise = "Welcome!\nreconciler other begin\nA 0 0 5\nunterminated"
        let transcript = try Transcript(Array((noise + Self.whole).utf8), nonce: "n0nce")
        #expect(transcript.answers.count == 2)
    }

    @Test func theMarkerOfAnotherVisitIsNone() {
        #expect(throws: TranscriptFault.self) { try Transcript(Array(Self.whole.utf8), nonce: "other") }
    }

    @Test(arguments: [
        "A 1 0 8\nK absent\n", "A 0 0 7\nK absent\n", "A 0 0 9\nK absent\n", "A 0 0 -1\n", "B 0 0 8\nK absent\n",
        "noise\n",
    ])
    func aRecordThatDoesNotAddUpIsAnError(_ record: String) {
        let text = "\nreconciler x begin\n\(record)reconciler x end 1\n"
        #expect(throws: TranscriptFault.self) { try Transcript(Array(text.utf8), nonce: "x") }
    }

    @Test func anAnswerThatDidNotConcludeIsUnknown() {
        let answer = ScriptAnswer(status: 2, text: Array("F seconds 2\n12\n".utf8))
        #expect(FactRequest.clock.read(answer) == .unknown(reason: "the node's shell gave up on it (status 2)"))
        let other = ScriptAnswer(status: 0, text: Array("oops\nK found".utf8))
        #expect(other.kind == nil)
    }

    @Test func valuesMayLookLikeRecords() throws {
        let value = "K absent\nF x 1\n"
        let answer = ScriptAnswer(status: 0, text: Array("F version \(value.utf8.count)\n\(value)\nK found".utf8))
        #expect(answer["version"] == value)
        #expect(answer.kind == "found")
    }
}

/// The harmless programs' directory, which a first visit makes.
func toolsPath(_ root: ScratchRoot) async throws -> String {
    _ = try await root.ask(.clock)
    return "\(root.programs):\(root.path)/.reconciler-tools"
}

extension String {
    /// The record's true length in place of 16.
    fileprivate func replacingLength() -> String {
        let record = "F seconds 2\n12\nK found"
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0 == "A 0 0 16" ? "A 0 0 \(record.utf8.count)" : String($0) }
            .joined(separator: "\n")
    }
}

extension Array where Element: Equatable {
    fileprivate func lastRange(of other: some Collection<Element>) -> Range<Int>? {
        let other = Array(other)
        return (0...(count - other.count)).last { Array(self[$0..<$0 + other.count]) == other }
            .map { $0..<$0 + other.count }
    }
}

private func + (a: StrideTo<Int>, b: [Int]) -> [Int] { Array(a) + b }
