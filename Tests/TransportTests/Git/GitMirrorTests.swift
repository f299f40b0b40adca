import FoundationEssentials
import Glibc
import Testing

@testable import Transport

/// A repository of its own beside a mirror of it; commits are made by the system's git, away from this user's settings.
private struct Origin {
    let base: String
    var work: String { base + "/work" }

    init() async throws {
        base = try #require(PrivateDirectory()).path
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try await git("init", "--quiet", "--initial-branch=main")
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=false"]
        let child = ChildProcess(
            program: "git",
            arguments: ["-C", work] + settings + arguments,
            deadline: .seconds(60),
            environment: ["PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"]
        )
        let ended = try await child.run(in: base)
        try #require(ended.exitCode == 0, "git \(arguments): \(ended.errors)")
        return String(decoding: ended.output, as: UTF8.self).filter { !$0.isWhitespace }
    }

    /// The new revision.
    func commit(_ text: String, to path: String = "cluster.yaml") async throws -> String {
        try text.write(toFile: "\(work)/\(path)", atomically: true, encoding: .utf8)
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "-m", "change")
        return try await git("rev-parse", "HEAD")
    }

    func mirror(branch: String = "main", url: String? = nil) async throws -> GitMirror {
        let mirror = GitMirror(url: url ?? work, branch: branch, in: base + "/state", deadline: .seconds(90))
        try await mirror.prepare()
        return mirror
    }

    func end() { try? FileManager.default.removeItem(atPath: base) }
}

@Suite("A mirror of a git branch")
struct GitMirrorTests {
    @Test("follows the branch, and checks each revision out into a directory of its own")
    func follows() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        let first = try await origin.commit("a: 1\n")
        let mirror = try await origin.mirror()
        #expect(try await mirror.fetch() == .init(revision: first, isRewritten: false))
        let second = try await origin.commit("a: 2\n")
        #expect(try await mirror.fetch() == .init(revision: second, isRewritten: false))
        for (revision, text) in [(first, "a: 1\n"), (second, "a: 2\n")] {
            let tree = try await mirror.checkOut(revision)
            #expect(try String(contentsOfFile: tree + "/cluster.yaml", encoding: .utf8) == text)
            #expect(!FileManager.default.fileExists(atPath: tree + "/.git"))
        }
        mirror.removeTrees(but: [second])
        #expect(try FileManager.default.contentsOfDirectory(atPath: origin.base + "/state/trees") == [second])
    }

    @Test("tells a rewritten history, and still has the revision that was good")
    func rewritten() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        _ = try await origin.commit("a: 1\n")
        let good = try await origin.commit("a: 2\n")
        let mirror = try await origin.mirror()
        _ = try await mirror.fetch()
        try await mirror.mark(good: good)
        try await origin.git("reset", "--hard", "--quiet", "HEAD~1")
        let other = try await origin.commit("a: 3\n")
        #expect(try await mirror.fetch() == .init(revision: other, isRewritten: true))
        let again = try await origin.mirror()
        #expect(await again.good() == good)
        let tree = try await again.checkOut(good)
        #expect(try String(contentsOfFile: tree + "/cluster.yaml", encoding: .utf8) == "a: 2\n")
    }

    @Test("says so where the branch is gone, and never calls that empty")
    func vanished() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        _ = try await origin.commit("a: 1\n")
        try await origin.git("branch", "other")
        let mirror = try await origin.mirror(branch: "other")
        _ = try await mirror.fetch()
        try await origin.git("branch", "-D", "other")
        let trouble = await #expect(throws: GitMirror.Trouble.self) { try await mirror.fetch() }
        #expect(trouble?.message.contains("refs/heads/other") == true, "\(trouble?.message ?? "")")
        #expect(trouble?.isOfTheRevision == false)
    }

    @Test("calls a revision without a file no good")
    func empty() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        try await origin.git("commit", "--quiet", "--allow-empty", "-m", "nothing")
        let mirror = try await origin.mirror()
        let newest = try await mirror.fetch()
        let trouble = await #expect(throws: GitMirror.Trouble.self) { try await mirror.checkOut(newest.revision) }
        #expect(trouble?.isOfTheRevision == true)
    }

    @Test("runs no filter and no hook of anybody")
    func runsNothing() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        try "* filter=evil\n".write(toFile: origin.work + "/.gitattributes", atomically: true, encoding: .utf8)
        let revision = try await origin.commit("a: 1\n")
        let mirror = try await origin.mirror()
        let bare = origin.base + "/state/mirror.git"
        let mark = origin.base + "/ran"
        try FileManager.default.createDirectory(atPath: bare + "/hooks", withIntermediateDirectories: true)
        for hook in ["post-checkout", "post-index-change", "reference-transaction"] {
            try "#!/bin/sh\ntouch \(mark)\n".write(toFile: "\(bare)/hooks/\(hook)", atomically: true, encoding: .utf8)
            chmod("\(bare)/hooks/\(hook)", 0o755)
        }
        _ = try await mirror.fetch()
        _ = try await mirror.checkOut(revision)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test("names no password of its URL where the repository cannot be had, and comes back in time")
    func unreachable() async throws {
        let origin = try await Origin()
        defer { origin.end() }
        let mirror = try await origin.mirror(url: "http://me:hush@127.0.0.1:9/none.git")
        let trouble = await #expect(throws: GitMirror.Trouble.self) { try await mirror.fetch() }
        #expect(trouble?.message.contains("hush") == false, "\(trouble?.message ?? "")")
        #expect(trouble?.message.hasPrefix("git fetch: ") == true)
    }
}
