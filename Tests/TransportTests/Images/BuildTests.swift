import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Synchronization
import TestPrograms
import Testing

@testable import Transport

@Suite(.serialized) struct BuildTests {
    private func context(_ directory: String) throws {
        try put(Array("FROM busybox\nCOPY . /\n".utf8), at: "\(directory)/Dockerfile")
        try put(Array("hello".utf8), at: "\(directory)/www/index.html")
        try put(Array("#!/bin/sh\n".utf8), at: "\(directory)/-run.sh")
        makeExecutable("\(directory)/-run.sh")
        try put(Array("*.log\n".utf8), at: "\(directory)/.dockerignore")
        try put(noise(2_000_000, seed: 31), at: "\(directory)/www/large")
        try put(Array("noise".utf8), at: "\(directory)/build.log")
    }

    @Test func aContextIsSentAndTheImageLookedAtAgain() async throws {
        let bench = try await ImageBench()
        try context("\(bench.directory)/context")
        let image = TestImage("built:1", layers: [noise(100, seed: 32)])
        let desired = image.desired(.build(directory: "context", on: bench.host))
        let courier = bench.courier()
        let before = try #require(await courier.look(for: [desired])["built:1"])
        #expect(before.image == .absent)
        let digest = try #require(before.context)
        var held = image.held
        held.context = digest
        bench.engine.state.withLock { [held] in $0.images = [held] }
        let words = Mutex<[String]>([])
        let built = try await courier.build(desired) { line in words.withLock { $0.append(line) } }
        #expect(built.id == image.id)
        #expect(words.withLock { $0 } == ["Step 1/2 : FROM busybox", "Successfully tagged built:1"])
        #expect(bench.calls("build -t built:1 --label reconciler.build-context=\(digest) -") == 1)
        let list = try await LoopbackSSHD.tool("tar", ["-tvf", "\(bench.directory)/context.tar", "--numeric-owner"])
        let lines = list.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
        #expect(
            lines.map { $0.last } == [
                "./-run.sh", "./.dockerignore", "./Dockerfile", "./www/", "./www/index.html", "./www/large",
            ]
        )
        #expect(lines.allSatisfy { $0[1] == "0/0" && $0[3] == "1970-01-01" })
        #expect(lines.first?.first == "-rwxr-xr-x")
        #expect(await courier.look(for: [desired])["built:1"]?.image.value?.id == image.id)
        try put(Array("bye".utf8), at: "\(bench.directory)/context/www/index.html")
        #expect(await courier.look(for: [desired])["built:1"]?.image == .absent, "of another context")
        await courier.close()
        await bench.access.close()
    }

    @Test func aBuildThatFailsSaysTheBuildersLastWords() async throws {
        let bench = try await ImageBench()
        try context("\(bench.directory)/context")
        let desired = TestImage("built:1", layers: []).desired(.build(directory: "context", on: bench.host))
        let courier = bench.courier()
        try put([], at: "\(bench.directory)/broken")
        let failed = await courierFailure { try await courier.build(desired) { _ in } }
        #expect(failed?.kind == .buildFailed)
        #expect(failed?.message.contains("COPY failed: file not found") ?? false)
        try put([], at: "\(bench.directory)/down")
        let down = await courierFailure { try await courier.build(desired) { _ in } }
        #expect(down?.kind == .engineDown)
        try FileManager.default.removeItem(atPath: "\(bench.directory)/down")
        try FileManager.default.removeItem(atPath: "\(bench.directory)/broken")
        let lost = await courierFailure { try await courier.build(desired) { _ in } }
        #expect(lost?.kind == .buildFailed, "the builder's own status is not believed")
        let nowhere = TestImage("x:1", layers: []).desired(.build(directory: "nowhere", on: bench.host))
        #expect(
            await courierFailure { try await courier.build(nowhere) { _ in } }?.message.contains("nowhere") ?? false
        )
        await courier.close()
        await bench.access.close()
    }

    @Test func onlyWhatMattersToABuildIsInTheDigest() throws {
        let base = try #require(PrivateDirectory()).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        try context("\(base)/a")
        try context("\(base)/b")
        let first = try BuildContext.read("\(base)/a").digest
        #expect(try BuildContext.read("\(base)/b").digest == first)
        utimensat(
            AT_FDCWD,
            "\(base)/b/www/index.html",
            [timespec(tv_sec: 5, tv_nsec: 0), timespec(tv_sec: 5, tv_nsec: 0)],
            0
        )
        chmod("\(base)/b/www/index.html", 0o600)
        try put(Array("other".utf8), at: "\(base)/b/build.log")
        #expect(try BuildContext.read("\(base)/b").digest == first, "times, ignored files, who may read")
        let changes: [(String, () throws -> Void)] = [
            ("content", { try put(Array("hallo".utf8), at: "\(base)/b/www/index.html") }),
            ("executable", { chmod("\(base)/b/www/index.html", 0o755) }),
            ("a new name", { rename("\(base)/b/www/large", "\(base)/b/www/larger") }),
            ("an empty directory", { mkdir("\(base)/b/empty", 0o755) }),
            ("a link", { symlink("www", "\(base)/b/link") }),
            (
                "the link's target",
                {
                    unlink("\(base)/b/link")
                    symlink("empty", "\(base)/b/link")
                }
            ),
        ]
        var seen: Set<String> = [first]
        for (name, change) in changes {
            try change()
            #expect(seen.insert(try BuildContext.read("\(base)/b").digest).inserted, "\(name)")
        }
    }

    @Test(arguments: [
        ("*.log", "a.log", true), ("*.log", "www/a.log", false), ("**/*.log", "www/deep/a.log", true),
        ("**/*.log", "a.log", true), ("www", "www/index.html", true), ("/www/", "www/index.html", true),
        ("www/*", "www", false), ("www/*", "www/a/b", true), ("# www", "www", false),
        ("*\n!keep.txt", "keep.txt", false),
        ("*\n!keep.txt", "other.txt", true), ("!a\na", "a", true), ("*", "Dockerfile", false),
        ("*", ".dockerignore", false), ("**", "a/b", true), ("a?c", "abc", true), ("[a-c]x", "bx", true),
        ("www/**", "www/a/b", true), ("www/**", "www", false), ("", "a", false), ("  spaced  ", "spaced", true),
    ])
    func dockerignoreIsReadAsDockerReadsIt(_ text: String, _ path: String, _ isIgnored: Bool) {
        #expect(IgnoredPaths(text).contains(path) == isIgnored)
    }
}
