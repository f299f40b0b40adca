import Daemons
import Testing

/// What goes wrong with images is told once and plainly, leaves nothing behind, and is over when its cause is.
extension EndToEnd.Chapter9Images {
    @Test func anArchiveThatIsNotWholeIsRefused() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/archive:1"
        let bench = try await ImageBench(bed, "\(image): {tar: archive.tar, to: [mesos-slave1]}")
        try await bed.bed("image", image, "16")
        try await Self.fetch(image, from: bed, to: "whole.tar")
        let path = "\(bed.directory)/archive.tar"
        let cut = try await bed.operatorShell("head -c 6000000 \(bed.directory)/whole.tar > \(path)")
        try #require(cut.status == 0, "\(cut)")
        let failed = try await bench.apply()
        #expect(failed.status == 1 || failed.status == 3, "\(failed)")
        #expect("\(failed)".contains("archive.tar"), "\(failed)")
        #expect(try await bench.id(of: image, on: "mesos-slave1") == nil)
        try await bench.expectNothingStaged()

        _ = try await bed.operatorShell("mv \(bed.directory)/whole.tar \(path)")
        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: ["mesos-slave1"])
        try await bench.expectNothingStaged()
    }

    @Test func aFullDiskFailsItsStepAndNoOther() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/room"
        let (full, roomy) = ("mesos-slave2", "mesos-slave3")
        let bench = try await ImageBench(bed, "\(image): {from: \(ImageBench.source), to: [\(full), \(roomy)]}")
        try await bed.bed("image", image, "48")
        try await bed.on(full, "mkdir -p /var/lib/reconciler && mount -t tmpfs -o size=6m tmpfs /var/lib/reconciler")
        let (result, events) = try await bench.applyTelling()
        try await bench.expectNothingStaged()
        try await bed.on(full, "umount /var/lib/reconciler")
        #expect(result.status == 1, "\(result)")
        #expect(events.failures.count == 1, "\(result)")
        #expect(events.failures.first?.contains(full) == true, "\(events.failures)")
        #expect(events.failures.first?.contains("not enough room") == true, "\(events.failures)")
        #expect(try await bench.id(of: image, on: full) == nil)
        try await bench.expectEverywhere(image, on: [roomy])

        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: [full, roomy])
        try await bench.expectNothingStaged()
    }

    @Test func anEngineWithoutRoomFailsItsStepAndTheNextRunHealsIt() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/engine-room"
        let node = "mesos-slave2"
        let bench = try await ImageBench(bed, "\(image): {from: \(ImageBench.source), to: [\(node)]}")
        try await bed.bed("image", image, "56")
        // Where an engine unpacks the archive it is given.
        try await bed.on(node, "mkdir -p /var/lib/docker/tmp && mount -t tmpfs -o size=6m tmpfs /var/lib/docker/tmp")
        let (result, events) = try await bench.applyTelling()
        try await bed.on(node, "umount /var/lib/docker/tmp")
        #expect(result.status == 1, "\(result)")
        #expect(events.failures.count == 1, "\(result)")
        #expect(events.failures.first?.lowercased().contains("space") == true, "\(events.failures)")
        #expect(try await bench.id(of: image, on: node) == nil)
        try await bench.expectNothingStaged()

        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: [node])
        try await bench.expectNothingStaged()
    }

    @Test func anEngineThatStopsHalfWayFailsItsStepAndTheNextRunHealsIt() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/stopped"
        let node = "mesos-slave3"
        let bench = try await ImageBench(
            bed,
            "\(image): {from: \(ImageBench.source), to: [\(node)]}",
            terms: "transfer: {bandwidth: 3MB/s}\n"
        )
        try await bed.bed("image", image, "64")
        async let run = bench.applyTelling()
        try await bench.waitForBytes(4_000_000, on: node)
        try await bed.on(node, "systemctl stop docker.socket docker")
        let (result, events) = try await run
        #expect(result.status == 1, "\(result)")
        #expect(events.failures.count == 1, "\(result)")
        #expect(events.failures.first?.contains(node) == true, "\(events.failures)")
        try await bench.expectNothingStaged()

        try await bench.applyAll()
        #expect(try await bed.on(node, "systemctl is-active docker").output.trimmed == "active")
        try await bench.expectEverywhere(image, on: [node])
        try await bench.expectNothingStaged()
    }

    /// An image of the image host as a file beside this test's cluster.yaml.
    private static func fetch(_ image: String, from bed: TestbedHarness, to file: String) async throws {
        let fetched = try await bed.operatorShell(
            """
            ssh -F \(bed.sshConfig) \(ImageBench.source) sudo docker save \(image) > \(bed.directory)/\(file)
            """
        )
        try #require(fetched.status == 0, "\(fetched)")
    }
}
