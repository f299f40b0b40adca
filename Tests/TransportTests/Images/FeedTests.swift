import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Testing

@testable import Transport

@Suite(.serialized) struct FeedTests {
    static let image = TestImage("fed:1", layers: [noise(2_000_000, seed: 21), noise(300, seed: 22)])

    /// A bench whose node a has the image's parts.
    private func fed(busybox: Bool = false) async throws -> (ImageBench, DockerImageCourier, ImagePack) {
        let bench = try await ImageBench(busybox: busybox)
        let courier = bench.courier()
        try await bench.add(Self.image)
        let desired = Self.image.desired(.engine(bench.host))
        let pack = try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in }
        _ = try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        return (bench, courier, pack)
    }

    private func keys(_ bench: ImageBench) throws -> String {
        try String(contentsOf: "\(bench.sshd.directory.path)/authorized_keys")
    }

    @Test(arguments: [false, true])
    func aNodeGetsLargePartsFromTheFeederAndNoKeyStays(_ busybox: Bool) async throws {
        let (bench, courier, pack) = try await fed(busybox: busybox)
        let before = try keys(bench)
        // What this machine has is not what arrives.
        let large = try #require(pack.parts.first { $0.bytes > PartSession.small })
        try put([], at: "\(bench.directory)/cache/\(large.digest)")
        let delivery = try await courier.deliver(
            pack,
            to: bench.node("b"),
            from: bench.node("a"),
            bandwidth: nil
        ) { _ in }
        #expect(delivery == Delivery(sent: pack.bytes, present: 0))
        for part in pack.parts {
            #expect(sha256(bytes: try content("\(bench.directory)/node-b/\(part.digest)")) == part.digest)
        }
        #expect(try keys(bench) == before)
        #expect(try bench.entries("node-b") == Set(pack.parts.map(\.digest)).sorted(), "no key, no words")
        let recorded = try String(contentsOf: "\(bench.directory)/node-a/.feeds")
        #expect(recorded == "\(bench.sshd.directory.path)/authorized_keys\n", "for whoever clears the parts")
        await courier.close()
        await bench.access.close()
    }

    @Test func onlyWhatNeedsRootIsDoneAsRoot() async throws {
        let (bench, courier, pack) = try await fed()
        let before = try keys(bench)
        let delivery = try await courier.deliver(
            pack,
            to: bench.node("b", become: .sudo),
            from: bench.node("a", become: .sudo),
            bandwidth: nil
        ) { _ in }
        #expect(delivery.sent == pack.bytes)
        #expect(try keys(bench) == before)
        // Fetching, the small parts, writing down the key's place and looking whether it stands, and the feeder's own printing;
        // not the key itself.
        let raised = try String(contentsOf: "\(bench.directory)/raised").split(separator: "\n")
        #expect(raised == ["sh", "grep", "sh", "sh", "sh"])
        await courier.close()
        await bench.access.close()
    }

    @Test func aFeederWithoutThePartsIsSaidToHaveFailed() async throws {
        let (bench, courier, pack) = try await fed()
        for name in try bench.entries("node-a") {
            try FileManager.default.removeItem(atPath: "\(bench.directory)/node-a/\(name)")
        }
        let before = try keys(bench)
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("b"), from: bench.node("a"), bandwidth: nil) { _ in }
        }
        #expect(error?.kind == .feeder)
        #expect(error?.message.contains("has no part") ?? false, "\(String(describing: error))")
        #expect(try keys(bench) == before)
        #expect(try bench.entries("node-b").allSatisfy { $0.hasSuffix(".part") })
        let direct = try await courier.deliver(pack, to: bench.node("b"), from: nil, bandwidth: nil) { _ in }
        #expect(direct.sent == pack.bytes)
        await courier.close()
        await bench.access.close()
    }

    @Test func theKeyIsGoodForPrintingPartsAndForNothingElse() async throws {
        let (bench, courier, pack) = try await fed()
        let directory = bench.directory
        try await LoopbackSSHD.tool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/key"])
        let publicKey = try String(contentsOf: "\(directory)/key.pub").split(separator: " ").prefix(2)
        let marker = "reconciler-feed-test"
        let authorise = ShellCall(
            "authorise",
            [
                "", "\(directory)/node-a", courier.options.authorizedKeys, "127.0.0.1", marker,
                publicKey.joined(separator: " "), CourierLibrary.feed.text, courier.options.hostKeys,
            ]
        )
        let said = try await courier.shell.ask([authorise], of: .feeder, at: .node(bench.node("a")), asLogin: true)
        let door = try #require(FeederDoor(String(decoding: said.value, as: UTF8.self), of: bench.node("a"), key: []))
        #expect(door.user == bench.sshd.user)
        try put(Array((door.knownHosts + "\n").utf8), at: "\(directory)/known")
        func ssh(_ words: String...) async throws -> ChildProcess.Ended {
            let options = [
                "-F", "/dev/null", "-i", "\(directory)/key", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
                "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=\(directory)/known", "-o", "HostKeyAlias=feeder",
                "-o", "ExitOnForwardFailure=yes", "-l", door.user, "-p", String(door.port),
            ]
            let child = ChildProcess(program: "ssh", arguments: options + words, deadline: .seconds(90))
            return try await child.run(in: directory)
        }
        let part = try #require(pack.parts.first { $0.bytes > 1000 })
        let whole = try content("\(directory)/node-a/\(part.digest)")
        #expect(try await ssh("127.0.0.1", "\(part.digest) 0").output == whole)
        #expect(try await ssh("127.0.0.1", "\(part.digest) 1000").output == Array(whole[1000...]))
        try put(Array("secret".utf8), at: "\(directory)/secret")
        for words in [
            "id", "", "cat \(directory)/secret", "../secret 0", "\(part.digest)", "\(part.digest) 0; id",
            "\(part.digest) $(id)", "../node-a/\(part.digest) 0", "\(part.digest) 0 -f", ".feeds 0", "* 0",
            "\" ; id ; \" 0", "-n 0", String(repeating: "a", count: 64) + " 0",
        ] {
            let ended = try await ssh("127.0.0.1", words)
            #expect(ended.exitCode != 0 && ended.output.isEmpty, "\(words)")
        }
        let terminal = try await ssh("-tt", "127.0.0.1", "\(part.digest) 0")
        #expect(terminal.errors.contains("PTY allocation request failed"))
        let forward = try await ssh(
            "-R",
            "\(try ScriptedPeer.freePort()):127.0.0.1:22",
            "127.0.0.1",
            "\(part.digest) 0"
        )
        #expect(forward.exitCode != 0 && forward.output.isEmpty)
        // From another address it is no key at all.
        let other = try await ssh("-b", "127.0.0.9", "127.0.0.1", "\(part.digest) 0")
        #expect(other.exitCode == 255 && other.output.isEmpty)
        let before = try keys(bench)
        let revoke = ShellCall("revoke", [courier.options.authorizedKeys, marker])
        _ = try await courier.shell.ask([revoke], of: .feeder, at: .node(bench.node("a")), asLogin: true)
        #expect(
            try keys(bench) == before.split(separator: "\n").filter { !$0.hasSuffix(marker) }.map { "\($0)\n" }.joined()
        )
        #expect(try await ssh("127.0.0.1", "\(part.digest) 0").exitCode == 255)
        await courier.close()
        await bench.access.close()
    }

    @Test func closingTakesAwayKeysThatStillStand() async throws {
        let (bench, courier, _) = try await fed()
        let file = courier.options.authorizedKeys
        let before = try keys(bench)
        try put(Array((before + "restrict ssh-ed25519 AAAA reconciler-feed-x\n# a comment\n").utf8), at: file)
        chmod(file, 0o640)
        await courier.feeders.add(FeederKeys.Key(feeder: bench.node("a"), marker: "reconciler-feed-x", file: file))
        await courier.close()
        #expect(try keys(bench) == before + "# a comment\n")
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o640, "the file is as it was")
        await bench.access.close()
    }
}
