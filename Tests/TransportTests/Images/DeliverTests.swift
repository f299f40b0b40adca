import FoundationEssentials
import Glibc
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Transport

@Suite(.serialized) struct DeliverTests {
    static let image = TestImage(
        "feuyeux/nginx:1",
        layers: [noise(3_000_000, seed: 11), [UInt8](repeating: 7, count: 100_001), noise(40_000, seed: 12)]
    )

    private func packed(_ bench: ImageBench, _ courier: DockerImageCourier) async throws -> ImagePack {
        try await bench.add(Self.image)
        return try await courier.pack(Self.image.source, of: Self.image.desired(.engine(bench.host)), layers: nil) {
            _ in
        }
    }

    private func expectWhole(_ pack: ImagePack, on bench: ImageBench, in folder: String) throws {
        for part in pack.parts {
            #expect(sha256(bytes: try content("\(bench.directory)/\(folder)/\(part.digest)")) == part.digest)
        }
        #expect(try bench.entries(folder).filter { $0.hasSuffix(".part") }.isEmpty)
    }

    @Test func everyPartArrivesOnceAndIsCountedExactly() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let seen = Mutex<[TransferProgress]>([])
        let first = try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { progress in
            seen.withLock { $0.append(progress) }
        }
        #expect(first == Delivery(sent: pack.bytes, present: 0))
        #expect(seen.withLock { $0.last } == TransferProgress(done: pack.bytes, total: pack.bytes))
        try expectWhole(pack, on: bench, in: "node-a")
        let second = try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        #expect(second == Delivery(sent: 0, present: pack.bytes))
        #expect(try await bench.archive(pack, in: "node-a")["0/layer.tar"] == Self.image.layers[0])
        await courier.close()
        await bench.access.close()
    }

    @Test func whatIsThereOfAPartIsNotSentAgain() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let large = try #require(pack.parts.first { $0.diffID == Self.image.diffIDs[0] })
        let bytes = try content("\(bench.directory)/cache/\(large.digest)")
        try put(Array(bytes[..<1_000_000]), at: "\(bench.directory)/node-a/\(large.digest).part")
        let delivery = try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        #expect(delivery == Delivery(sent: pack.bytes - 1_000_000, present: 1_000_000))
        try expectWhole(pack, on: bench, in: "node-a")
        await courier.close()
        await bench.access.close()
    }

    @Test func aCutConnectionIsMadeAgainAndTheRestIsSent() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let node = bench.node("a")
        let seen = Mutex<[Int]>([])
        let delivery = Task {
            try await courier.deliver(pack, to: node, from: nil, bandwidth: 2_000_000) { now in
                seen.withLock { $0.append(now.done) }
            }
        }
        try await waitUntil { seen.withLock { $0.last ?? 0 } > 1_500_000 }
        #expect(try bench.cut() > 0)
        let result = try await delivery.value
        try expectWhole(pack, on: bench, in: "node-a")
        #expect(result.sent >= pack.bytes, "what was on its way was sent twice")
        let later = seen.withLock { $0.drop { $0 <= 1_500_000 } }
        #expect(later.allSatisfy { $0 > 500_000 }, "what had arrived was not: \(later)")
        await courier.close()
        await bench.access.close()
    }

    @Test func aNodeOfBusyboxAndATalkativeProfileDoAsWell() async throws {
        let forced =
            #"sh -c 'printf "Welcome\nreconciler 0 begin\nno newline"; echo motd >&2; eval "$SSH_ORIGINAL_COMMAND"'"#
        let bench = try await ImageBench(forced: forced, busybox: true)
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let delivery = try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        #expect(delivery == Delivery(sent: pack.bytes, present: 0))
        #expect(try await bench.archive(pack, in: "node-a")["0/layer.tar"] == Self.image.layers[0])
        #expect(try bench.entries("places").isEmpty)
        await courier.close()
        await bench.access.close()
    }

    @Test func whoeverStillWritesToAPartCannotSpoilIt() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let large = try #require(pack.parts.first { $0.diffID == Self.image.diffIDs[0] })
        // A session whose connection broke and who does not know it yet.
        let file = open("\(bench.directory)/node-a/\(large.digest).part", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        try #require(flock(file, LOCK_EX) == 0)
        let node = bench.node("a")
        let delivery = Task { try await courier.deliver(pack, to: node, from: nil, bandwidth: 3_000_000) { _ in } }
        try await waitUntil { try bench.entries("node-a").count > 3 }
        _ = write(file, "late bytes", 10)
        #expect(try await delivery.value.sent == pack.bytes)
        _ = write(file, "later bytes", 11)
        try expectWhole(pack, on: bench, in: "node-a")
        await courier.close()
        await bench.access.close()
    }

    @Test func aStrangersBytesAreFoundOutAndRemoved() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let large = try #require(pack.parts.first { $0.diffID == Self.image.diffIDs[0] })
        try put(noise(1000, seed: 13), at: "\(bench.directory)/node-a/\(large.digest).part")
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        }
        #expect(error?.kind == .damaged)
        #expect((error?.sent ?? 0) > 0)
        #expect(!(try bench.entries("node-a").contains { $0.hasPrefix(large.digest) }))
        #expect(FileManager.default.fileExists(atPath: "\(bench.directory)/cache/\(large.digest)"), "ours is whole")
        await courier.close()
        await bench.access.close()
    }

    @Test func aPartThatRottedHereIsDroppedFromTheCache() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let large = try #require(pack.parts.first { $0.diffID == Self.image.diffIDs[0] })
        let path = "\(bench.directory)/cache/\(large.digest)"
        var bytes = try content(path)
        bytes[500_000] ^= 1
        try put(bytes, at: path)
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        }
        #expect(error?.kind == .damaged)
        #expect(!FileManager.default.fileExists(atPath: path))
        await courier.close()
        await bench.access.close()
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskIsSaid() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let place = "\(bench.directory)/node-a"
        try await LoopbackSSHD.tool("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place])
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        }
        try await LoopbackSSHD.tool("umount", [place])
        #expect(error?.kind == .diskFull, "\(String(describing: error))")
        await courier.close()
        await bench.access.close()
    }

    @Test func aDirectoryThatWasClearedIsNotMadeAgain() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier { $0.otherParts = ["a": "/tmp/nowhere-at-all"] }
        let pack = try await packed(bench, courier)
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        }
        #expect(error?.kind == .other)
        #expect(error?.message.contains("cleared") ?? false)
        #expect(!FileManager.default.fileExists(atPath: "/tmp/nowhere-at-all"))
        await courier.close()
        await bench.access.close()
    }

    @Test func aNodeThatSaysNothingIsGivenUp() async throws {
        let good = try await ImageBench()
        let pack = try await packed(good, good.courier())
        let bench = try await ImageBench(forced: "sleep 30")
        let courier = bench.courier {
            $0.stall = .seconds(1)
            $0.pauses = []
        }
        let error = await courierFailure {
            try await courier.deliver(pack, to: bench.node("a"), from: nil, bandwidth: nil) { _ in }
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.message.contains("no byte") ?? false)
        await courier.close()
        await bench.access.close()
        await good.access.close()
    }

    @Test func aCancelledDeliveryEndsAndSaysSo() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let node = bench.node("a")
        let progress = Mutex(0)
        let delivery = Task {
            await courierFailure {
                try await courier.deliver(pack, to: node, from: nil, bandwidth: 500_000) { now in
                    progress.withLock { $0 = now.done }
                }
            }
        }
        try await waitUntil { progress.withLock { $0 } > 200_000 }
        delivery.cancel()
        #expect(await delivery.value?.kind == .cancelled)
        await courier.close()
        await bench.access.close()
    }

    @Test func bandwidthIsForAllDeliveriesTogether() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let pack = try await packed(bench, courier)
        let (a, b) = (bench.node("a"), bench.node("b"))
        let rate = 4_000_000
        let time = try await ContinuousClock().measure {
            async let first = courier.deliver(pack, to: a, from: nil, bandwidth: rate) { _ in }
            async let second = courier.deliver(pack, to: b, from: nil, bandwidth: rate) { _ in }
            _ = try await (first, second)
        }
        // All but the last piece has to wait for its turn.
        #expect(time > .seconds(Double(2 * pack.bytes - 200_000) / Double(rate)))
        await courier.close()
        await bench.access.close()
    }
}
