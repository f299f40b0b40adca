import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct ShellcheckTests {
    @Test(arguments: NodeScript.Library.allCases)
    func everyLibraryPasses(_ library: NodeScript.Library) async throws {
        try await check(library.text, except: [])
    }

    @Test func generatedScriptsPass() async throws {
        let facts: [FactRequest] = [
            .platform, .file(path: "/a b"), .directory(path: "/d", recursive: true), .service("x"), .package("p"),
            .flagNames(program: "p"), .fourLetterWord("srvr", address: "h", port: 1),
            .http(address: "h", port: 1, path: "/"),
            .resolve(name: "h"), .disk(path: "/"), .clock, .dockerEngine, .images,
            .controlGroups, .lease, .applied,
            .network, .reach(address: "h", port: 1),
        ]
        try await check(NodeScript.observing(try facts.map { try $0.call() }, nonce: "abc").text, except: unused)
        let actions: [NodeAction] = [
            .writeFile(FileWrite(path: "/it's", content: "a\nb$c\\", expected: .absent, readBy: ["x"])),
            .removeFile(path: "/f", expected: .digest("d"), readBy: []),
            .service(.restartUnit("x", pid: 1)), .service(.holdJob("x")), .service(.reloadUnit("x")),
            .keepRunningCopies(service: "x", paths: ["/f"]), .installPackages([PackageInstall(name: "p")], job: "j"),
            .collect(job: "j", seconds: 1), .lease(.release(token: "t")),
            .recordApplied([AppliedEntry(resource: "r", digest: "d", revision: "-")]),
            .image(.stage(bytes: 1, unpacked: 1)), .image(.tag(id: ImageFactTests.id("1"), reference: "r:1")),
            .image(.load(ImageActTests.load(["1"]), job: "l")), .image(.remove(id: ImageFactTests.id("1"))),
            .image(.pull("r@" + ImageFactTests.id("1"), reference: "r:1", job: "p")), .image(.clear),
            .setHostName("m1"),
        ]
        let calls = try actions.map { try $0.call(secrets: SecretStore()) }
        try await check(NodeScript.performing(calls, run: ScratchRoot.run, nonce: "abc").text, except: unused)
    }

    /// A visit carries whole libraries, of which it uses a part, and quoted contents that are no expressions.
    private let unused = ["SC2016", "SC2034", "SC2317"]

    private func check(_ script: String, except codes: [String]) async throws {
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        let child = ChildProcess(
            program: "shellcheck",
            arguments: ["--shell=sh", "--severity=style"] + codes.map { "--exclude=\($0)" } + ["-"],
            input: Array(script.utf8),
            deadline: .seconds(60)
        )
        let ended = try await child.run(in: directory.path)
        #expect(ended.exitCode == 0, "\(String(decoding: ended.output.prefix(2000), as: UTF8.self))")
    }
}
