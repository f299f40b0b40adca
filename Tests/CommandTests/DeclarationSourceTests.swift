import FoundationEssentials
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Command
@testable import Transport

@Suite("Where the loop's declarations come from")
struct DeclarationSourceTests {
    private func identity(_ offer: DeclarationOffer?) -> String? {
        if case .declared(_, _, let identity)? = offer { identity } else { nil }
    }

    private func reason(_ offer: DeclarationOffer) -> String? {
        switch offer {
        case .declared: nil
        case .unreadable(_, let reason), .unreachable(let reason): reason
        }
    }

    @Test("a file is another one when a byte of anything that it names has changed, and only then")
    func file() async throws {
        let directory = try LoopLab.place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let source = FileDeclarations(file: directory + "/cluster.yaml")
        let first = try #require(identity(await source.newest()))
        #expect(identity(await source.newest()) == first)
        let app = directory + "/hello.json"
        try LoopLab.app.replacing("100000", with: "100001").write(toFile: app, atomically: true, encoding: .utf8)
        let second = try #require(identity(await source.newest()))
        #expect(second != first)
        try "{".write(toFile: app, atomically: true, encoding: .utf8)
        let broken = await source.newest()
        #expect(reason(broken)?.contains("hello.json:1:") == true, "\(broken)")
        try FileManager.default.removeItem(atPath: app)
        #expect(reason(await source.newest())?.contains("no file matches") == true)
        try LoopLab.app.write(toFile: app, atomically: true, encoding: .utf8)
        #expect(identity(await source.newest()) == first)
    }

    @Test(
        "a git branch: bad revisions are told and never empty, the last good one is known after a restart",
        .timeLimit(.minutes(20))
    )
    func git() async throws {
        let work = try LoopLab.place()
        let state = work + "-state"
        defer {
            try? FileManager.default.removeItem(atPath: work)
            try? FileManager.default.removeItem(atPath: state)
        }
        try await shell(
            "git init -q -b main && git add -A && git $US commit -qm one",
            in: work
        )
        let told = Mutex<[String]>([])
        func source() -> GitDeclarations {
            GitDeclarations(mirror: GitMirror(url: work, branch: "main", in: state), file: "cluster.yaml") { words in
                told.withLock { $0.append(words) }
            }
        }
        let loop = source()
        let first = try #require(identity(await loop.newest()))
        guard case .declared(let declared, let revision, _) = await loop.newest() else { return }
        #expect(revision == String(first.prefix(12)) && declared.source.file == "cluster.yaml")
        #expect(FileManager.default.fileExists(atPath: declared.directory + "/hello.json"))
        for (change, words) in [
            ("echo '{' > hello.json", "hello.json:"),
            ("git rm -q --cached hello.json && rm hello.json", "no file matches"),
            ("mv cluster.yaml other.yaml", "there is no file `cluster.yaml`"),
        ] {
            try await shell("\(change) && git add -A && git $US commit -qm bad", in: work)
            let offer = await loop.newest()
            #expect(reason(offer)?.contains(words) == true, "\(offer)")
        }
        try await shell(
            "git checkout -q --orphan none && git rm -rqf . && git $US commit -q --allow-empty -m none && git branch -qf main",
            in: work
        )
        #expect(reason(await loop.newest()) == "the revision has no file at all")
        #expect(told.withLock { $0.count } == 1, "the rewritten history")
        // After a restart, with a branch that is gone as well.
        let again = source()
        #expect(reason(await again.newest()) == "the revision has no file at all")
        #expect(identity(await again.lastGood()) == first)
        try await shell("git branch -qD main", in: work)
        let gone = await again.newest()
        #expect(reason(gone)?.contains("refs/heads/main") == true, "\(gone)")
        #expect(try await again.first().spec.cluster.value == "testbed")
    }

    private func shell(_ script: String, in directory: String) async throws {
        let user = "US='-c user.name=t -c user.email=t@example.org'"
        let settings = "export \(user) GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1"
        let child = ChildProcess(
            program: "/bin/sh",
            arguments: ["-c", "cd '\(directory)' && \(settings) && \(script)"],
            deadline: .seconds(60)
        )
        let ended = try await child.run(in: "/tmp")
        try #require(ended.exitCode == 0, "\(script): \(ended.errors)")
    }
}
