import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct ArchiveTests {
    private func scratch() throws -> String { try #require(PrivateDirectory()).path }

    @Test(arguments: [0, 1, 512, 65_534, 65_535, 65_536, 131_070, 200_001])
    func gzipReadsMembersThatAreNotCompressed(_ count: Int) async throws {
        let base = try scratch()
        defer { try? FileManager.default.removeItem(atPath: base) }
        let bytes = noise(count, seed: UInt64(count) + 1)
        try put(StoredGzip.member(bytes) + StoredGzip.member([1, 2, 3]), at: "\(base)/two.gz")
        try await LoopbackSSHD.tool("sh", ["-c", "gzip -dc \(base)/two.gz >\(base)/out"])
        #expect(try content("\(base)/out") == bytes + [1, 2, 3])
    }

    @Test func tarReadsTheHeadersThatAreWritten() async throws {
        let base = try scratch()
        defer { try? FileManager.default.removeItem(atPath: base) }
        let bytes = noise(700, seed: 1)
        let tar =
            TarHeader.file("0/layer.tar", size: 700) + bytes
            + [UInt8](repeating: 0, count: TarHeader.padding(after: 700) + 1024)
        try put(tar, at: "\(base)/one.tar")
        #expect(try await LoopbackSSHD.tool("tar", ["-tf", "\(base)/one.tar"]) == "0/layer.tar\n")
        try await LoopbackSSHD.tool("tar", ["-C", base, "-xf", "\(base)/one.tar"])
        #expect(try content("\(base)/0/layer.tar") == bytes)
        for size in [0, 1, 8_589_934_591, 8_589_934_592, 1 << 40] {
            #expect(try TarHeader.read(TarHeader.file("x", size: size))?.size == size)
        }
    }

    @Test func aSizeWithASignIsNoTar() throws {
        var header = TarHeader.file("x", size: 512)
        header.replaceSubrange(124..<136, with: Array("-0000001000\0".utf8))
        header.replaceSubrange(148..<156, with: Array(repeating: 0x20, count: 8))
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        let field = String(repeating: "0", count: 6 - sum.count) + sum + "\0 "
        header.replaceSubrange(148..<156, with: Array(field.utf8))
        #expect(throws: TarFault.self) { try TarHeader.read(header) }
    }

    @Test(arguments: ["gnu", "ustar", "pax", "oldgnu"])
    func everyKindOfTarIsIndexed(_ format: String) async throws {
        let base = try scratch()
        defer { try? FileManager.default.removeItem(atPath: base) }
        let long = String(repeating: "long-", count: format == "ustar" ? 18 : 40)
        try put([1, 2, 3], at: "\(base)/in/\(long)/layer.tar")
        try put(noise(5000, seed: 2), at: "\(base)/in/b/layer.tar")
        try FileManager.default.createDirectory(atPath: "\(base)/in/c", withIntermediateDirectories: true)
        symlink("../b/layer.tar", "\(base)/in/c/layer.tar")
        try await LoopbackSSHD.tool("tar", ["--format=\(format)", "-C", "\(base)/in", "-cf", "\(base)/a.tar", "."])
        var file = try TarFile("\(base)/a.tar")
        let index = try await TarIndex(&file)
        #expect(index.content("\(long)/layer.tar") == [1, 2, 3])
        let entry = try #require(index.entry("c/layer.tar"), "through the link")
        let tar = try content("\(base)/a.tar")
        #expect(Array(tar[entry.offset..<entry.offset + entry.size]) == noise(5000, seed: 2))
    }

    @Test func aTarThatEndsAnywhereBeforeItsEndIsDamaged() async throws {
        let bench = try scratch()
        defer { try? FileManager.default.removeItem(atPath: bench) }
        let image = TestImage("cut:1", layers: [noise(3_000_000, seed: 3), noise(1000, seed: 4)])
        try await image.save(to: "\(bench)/whole.tar")
        let whole = try content("\(bench)/whole.tar")
        let access = try OpenSSHNodeAccess()
        let shell = HostShell(access: access, stall: .seconds(20))
        // Everything up to the first block of zeros at the end is needed.
        let last = try #require(whole.lastIndex { $0 != 0 })
        for length in [1, 511, 512, 513, 20_000, whole.count / 2, last] {
            try put(Array(whole[..<length]), at: "\(bench)/cut.tar")
            let error = await courierFailure { try await TarImage.read("\(bench)/cut.tar", shell: shell) }
            #expect(error?.kind == .damaged, "\(length)")
            try await LoopbackSSHD.tool(
                "sh",
                ["-c", "gzip -c \(bench)/whole.tar | head -c \(length / 2 + 1) >\(bench)/cut.gz"]
            )
            #expect(
                await courierFailure { try await TarImage.read("\(bench)/cut.gz", shell: shell) } != nil,
                "\(length)"
            )
        }
        #expect(try await TarImage.read("\(bench)/whole.tar", shell: shell)?.image("cut:1")?.id == image.id)
        #expect(try await TarImage.read("\(bench)/none.tar", shell: shell) == nil)
        try put(noise(4096, seed: 5), at: "\(bench)/garbage.tar")
        #expect(
            await courierFailure { try await TarImage.read("\(bench)/garbage.tar", shell: shell) }?.kind == .damaged
        )
        await access.close()
    }

    @Test func ofSeveralImagesTheOneThatIsMeantIsTaken() {
        let one = ImageManifest(config: "a.json", tags: ["a:1"], layers: [])
        let two = ImageManifest(config: "b.json", tags: ["b:1", "b:2"], layers: [])
        #expect(ImageManifest.pick("b:2", from: [one, two]) == two)
        #expect(ImageManifest.pick("c:1", from: [one, two]) == nil)
        #expect(ImageManifest.pick("c:1", from: [one]) == one, "the only one, whatever it is called there")
        #expect(ImageManifest.list(one.bytes) == [one])
    }

    @Test(
        arguments: [
            ("0\n1200\n0\n300\n", 2, [300, 1200]), ("0B\n1200B\n", 1, [1200]), ("1\n2\n", 1, nil),
            ("<missing>\n", 1, nil),
            ("1.2kB\n", 1, nil), ("", 1, nil),
        ] as [(String, Int, [Int]?)]
    )
    func layersHaveSizesWhereHistoryAndLayersAgree(_ history: String, _ layers: Int, _ sizes: [Int]?) {
        #expect(DockerImageCourier.layerSizes(Array(history.utf8), layers: layers) == sizes)
    }

    @Test(arguments: [
        ("Error response from daemon: reference does not exist", CourierError.Kind.absent),
        ("Error: No such image: nope:1", .absent),
        (
            "Cannot connect to the Docker daemon at unix:///srv/lab/none.sock. Is the docker daemon running?",
            .engineDown
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///srv/lab/a/docker.sock",
            .permission
        ),
        ("Got permission denied while trying to connect to the Docker daemon socket", .permission),
        ("tar: write error: No space left on device", .diskFull), ("sh: 1: docker: not found", .engineDown),
        ("unexpected EOF", .other),
    ])
    func dockersWordsAreToldApart(_ words: String, _ kind: CourierError.Kind) {
        #expect(DockerWords.kind(words) == kind)
    }

    @Test func oneSessionCarriesAllSmallPartsAndOneLarge() {
        let parts = [10, 20_000, 30, 40_000, 16_384, 16_385].map { ImagePack.Part(digest: "\($0)", bytes: $0) }
        #expect(
            PartSession.sessions(for: parts).map { $0.parts.map(\.bytes) } == [
                [10, 30, 16_384, 20_000], [40_000], [16_385],
            ]
        )
        #expect(PartSession.sessions(for: []).isEmpty)
    }

    @Test func theOldestPartsGoFirstAndThoseInUseNever() throws {
        let base = try scratch()
        defer { try? FileManager.default.removeItem(atPath: base) }
        let cache = PartCache("\(base)/deep/cache", limit: 2500)
        try cache.prepare()
        func adopt(_ number: Int, age: Int) throws {
            try put(noise(1000, seed: UInt64(number)), at: "\(base)/new")
            let digest = String(repeating: String(number), count: 64)
            let layer = PartCache.Layer(digest: digest, bytes: 1000, unpacked: 5)
            try cache.adopt("\(base)/new", as: layer, for: "sha256:\(digest)")
            let time = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
            utimensat(AT_FDCWD, cache.path(digest), [time, time], 0)
        }
        try adopt(1, age: 100)
        try adopt(2, age: 5000)
        try adopt(3, age: 10)
        #expect((1...3).allSatisfy { cache.layer("sha256:" + String(repeating: "\($0)", count: 64)) != nil })
        // Another run: nothing of this one is in use any more.
        let later = PartCache("\(base)/deep/cache", limit: 2500)
        for (number, age) in [(1, 100), (2, 5000), (3, 10)] {
            let time = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
            utimensat(AT_FDCWD, cache.path(String(repeating: "\(number)", count: 64)), [time, time], 0)
        }
        try put(noise(400, seed: 4), at: "\(base)/new")
        let digest = String(repeating: "4", count: 64)
        try later.adopt(
            "\(base)/new",
            as: PartCache.Layer(digest: digest, bytes: 400, unpacked: 1),
            for: "sha256:\(digest)"
        )
        let there = (1...4).filter { later.layer("sha256:" + String(repeating: "\($0)", count: 64)) != nil }
        #expect(there == [1, 3, 4])
    }

    @Test func theCacheIsWhereTheUserWantsIt() {
        #expect(CourierOptions.defaultCache(["XDG_CACHE_HOME": "/c", "HOME": "/h"]) == "/c/reconciler/parts")
        #expect(CourierOptions.defaultCache(["HOME": "/h"]) == "/h/.cache/reconciler/parts")
    }

    @Test(arguments: CourierLibrary.allCases)
    func theCouriersShellPassesShellcheck(_ library: CourierLibrary) async throws {
        // A feeder keeps its script as a file.
        let script = library == .feed ? library.text : HostShell.script([ShellCall("true")], of: library, nonce: "n")
        let child = ChildProcess(
            program: "shellcheck",
            arguments: ["--shell=sh", "--severity=style", "--exclude=SC2317", "-"],
            input: Array(script.utf8),
            deadline: .seconds(60)
        )
        let ended = try await child.run(in: "/tmp")
        #expect(ended.exitCode == 0, "\(String(decoding: ended.output.prefix(2000), as: UTF8.self))")
    }
}
