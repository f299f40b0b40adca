import Reconciler
import Specs
import Testing

@testable import Command

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct OutputTests {
    @Test(
        arguments: [
            (ColourChoice.auto, true, [:], true), (.auto, false, [:], false), (.auto, true, ["NO_COLOR": "1"], false),
            (.auto, true, ["NO_COLOR": ""], true), (.auto, false, ["CLICOLOR_FORCE": "1"], true),
            (.auto, false, ["CLICOLOR_FORCE": "0"], false), (.auto, true, ["TERM": "dumb"], false),
            (.auto, true, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], false), (.always, false, ["NO_COLOR": "1"], true),
            (.never, true, ["CLICOLOR_FORCE": "1"], false),
        ] as [(ColourChoice, Bool, [String: String], Bool)]
    )
    func colourIsOnAsAsked(choice: ColourChoice, isTerminal: Bool, variables: [String: String], isOn: Bool) {
        #expect(choice.isOn(isTerminal) { variables[$0] } == isOn)
    }

    @Test(
        arguments: [
            ("30s", 30), ("2m", 120), ("1h", 3600), ("45", 45), ("0", 0), ("", nil), ("s", nil), ("-1s", nil),
            ("1.5m", nil),
            ("99999999999999999h", nil),
        ] as [(String, Int?)]
    )
    func waitingTimesAreWholeNumbersWithAUnit(text: String, seconds: Int?) {
        #expect(WaitingTime(argument: text)?.seconds == seconds)
    }

    @Test func faultsOfTheFileGoToStandardErrorAndEndWithOne() async {
        let fault = Diagnostic(.error, "unknown key `quorom`", at: CommandRun.place)
        let run = CommandRun(spec: nil, diagnostics: [fault])
        for command in ["plan", "observe"] {
            let result = await run.run(command)
            #expect(result.status == .failure && result.output.isEmpty)
            #expect(result.log == "cluster.yaml:3:1: error: unknown key `quorom`\n1 error\n")
        }
        let json = await run.run("plan", "--format", "json")
        #expect(json.status == .failure && json.output.contains("\"isValid\" : false"))
    }

    @Test func validateSaysWhatItFoundOnStandardOutput() async {
        let warning = Diagnostic(.warning, "no agents", at: CommandRun.place)
        let valid = await CommandRun(diagnostics: [warning]).run("validate")
        #expect(valid.status == .success)
        #expect(
            valid.output == "cluster.yaml:3:1: warning: no agents\n1 warning\ncluster.yaml is valid: east, 6 nodes.\n"
        )
        let fault = Diagnostic(.error, "unknown key", at: CommandRun.place)
        let invalid = await CommandRun(diagnostics: [fault]).run("validate", "--format", "json")
        #expect(invalid.status == .failure && invalid.output.contains("\"isValid\" : false"))
    }

    @Test func aReaderThatLeavesIsNoTrouble() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        ignoreBrokenPipes()
        close(ends[0])
        let stream = StandardStream(ends[1])
        stream.write("a plan\n")
        stream.write("more of it\n")
        #expect(stream.trouble == nil)
        close(ends[1])
    }

    @Test func aFullDiskIsTrouble() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let stream = StandardStream(descriptor)
        stream.write("a plan\n")
        #expect(stream.trouble == "No space left on device")
    }

    @Test func anObservationIsSavedForItsOwnerOnly() async throws {
        let path = "/tmp/reconciler-observation-\(getpid())-\(UInt32.random(in: 0 ... .max)).json"
        defer { unlink(path) }
        let result = await CommandRun().run("observe", "--out", path)
        #expect(result.status == .success)
        var status = stat()
        try #require(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600 && status.st_size > 0)
        #expect(await CommandRun().run("observe", "--out", "/nowhere/x.json").status == .failure)
    }
}
