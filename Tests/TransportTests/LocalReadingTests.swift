import FoundationEssentials
import Glibc
import Reconciler
import Specs
import TestPrograms
import Testing

@testable import Transport

@Suite struct LocalReadingTests {
    @Test func filesAreReadAndFoundBesideClusterYAML() throws {
        let root = try ScratchRoot()
        for file in [
            "apps/web.json", "apps/api.json", "apps/.hidden.json", "apps/note.txt", "odd[1]/x.json", "cluster.yaml",
        ] {
            try root.put(file, at: "/spec/" + file)
        }
        try root.makeDirectory("/spec/apps/dir.json")
        let source = DirectorySpecSource(root.path + "/spec")
        #expect(try source.paths(matching: "apps/*.json") == ["apps/api.json", "apps/web.json"])
        #expect(try source.paths(matching: "none/*.json").isEmpty)
        #expect(try source.paths(matching: root.path + "/spec/*.yaml") == [root.path + "/spec/cluster.yaml"])
        #expect(try source.bytes(of: "apps/web.json") == Array("apps/web.json".utf8))
        #expect(try source.bytes(of: root.path + "/spec/cluster.yaml") == Array("cluster.yaml".utf8))
        #expect(try source.bytes(of: "apps/none.json") == nil)
        #expect(throws: SpecSourceError("apps: a directory")) { try source.bytes(of: "apps") }
        let odd = DirectorySpecSource(root.path + "/spec/odd[1]")
        #expect(try odd.paths(matching: "*.json") == ["x.json"], "the directory's own name is no pattern")
    }

    @Test func secretsAreLookedUpAndEveryFaultIsNamedWithoutAValue() throws {
        let root = try ScratchRoot()
        try root.put("from file\r\n", at: "/pw")
        try root.put("two\nlines\n", at: "/lines")
        try root.put("", at: "/empty")
        try root.put([0xff], at: "/binary")
        let reader = SecretReader(
            source: DirectorySpecSource(root.path),
            environment: ["TOKEN": "from environment", "BLANK": ""]
        )
        let store = try reader.store(for: [.environment("TOKEN"), .file("pw"), .file("lines")])
        #expect(store.reveal(Content([.secret(.environment("TOKEN"))])) == "from environment")
        #expect(store.reveal(Content([.secret(.file("pw"))])) == "from file")
        #expect(store.reveal(Content([.secret(.file("lines"))])) == "two\nlines")
        let missing = #expect(throws: MissingSecrets.self) {
            try reader.store(for: [
                .environment("TOKEN"), .environment("NOPE"), .environment("BLANK"), .file("none"), .file("empty"),
                .file("binary"),
            ])
        }
        #expect(
            missing?.faults == [
                "${env:BLANK}: the variable BLANK is empty; set it",
                "${env:NOPE}: the variable NOPE is not set; export it",
                "${file:binary}: binary is not UTF-8 text",
                "${file:empty}: empty is empty; write the value into it",
                "${file:none}: there is no file none; create it",
            ]
        )
    }

    @Test func theRevisionSaysWhetherFilesDifferFromIt() async throws {
        let root = try ScratchRoot()
        #expect(await GitRevision.current(of: root.path) == nil, "no work tree")
        #expect(await GitRevision.current(of: root.path, git: "no-such-git") == nil)
        try root.put("a", at: "/cluster.yaml")
        func git(_ arguments: String...) async throws {
            let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
            let child = ChildProcess(
                program: "git",
                arguments: ["-C", root.path] + identity + arguments,
                deadline: .seconds(90)
            )
            try #require(try await child.run(in: root.path).exitCode == 0)
        }
        try await git("init", "-q")
        #expect(await GitRevision.current(of: root.path) == nil, "no commit")
        try await git("add", ".")
        try await git("commit", "-q", "-m", "first")
        let clean = try #require(await GitRevision.current(of: root.path))
        #expect(clean.count >= 7 && clean.allSatisfy(\.isHexDigit))
        try root.put("b", at: "/cluster.yaml")
        #expect(await GitRevision.current(of: root.path) == clean + "+")
        try root.put("#!/bin/sh\ncase $* in *status*) exit 1 ;; esac\nexec git \"$@\"\n", at: "/silent-git")
        makeExecutable(root.path + "/silent-git")
        #expect(await GitRevision.current(of: root.path, git: root.path + "/silent-git") == nil, "clean is not unknown")
    }
}
