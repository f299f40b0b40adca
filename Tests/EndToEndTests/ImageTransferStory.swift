import Daemons
import Testing

/// What an image costs on its way.
extension EndToEnd.Chapter9Images {
    @Test func aBrokenConnectionIsTakenUpWhereItBroke() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/cut"
        let node = "mesos-slave1"
        let bench = try await ImageBench(
            bed,
            "\(image): {from: \(ImageBench.source), to: [\(node)]}",
            terms: "transfer: {bandwidth: 6MB/s}\n"
        )
        try await bed.bed("image", image, "128")
        let packed = try await bench.packedBytes(image)
        let before = try await bench.traffic(node).received
        async let run = bench.applyTelling()
        try await bench.waitForBytes(packed / 3, on: node)
        // Every connection of ours to that node, in one moment.
        try await bed.on(node, "pkill -KILL -u erichan -x sshd")
        try await bench.waitForBytes(packed * 2 / 3, on: node)
        try await bed.bed("cut", node)
        try await Task.sleep(for: .seconds(8))
        try await bed.bed("mend", node)
        let (result, events) = try await run
        #expect(result.status == 0, "\(result)")
        try await bench.expectEverywhere(image, on: [node])
        // From the start again it would be 1⅓ images after the first break alone.
        let received = try await bench.traffic(node).received - before
        #expect(received < packed * 5 / 4, "\(received) bytes for an image of \(packed)")
        let told = events.transfers(to: node)
        let last = try #require(told.last, "no transfer was told: \(result)")
        #expect(last.done == last.total, "\(last)")
        #expect(told.count > 3, "\(told)")
        try await bench.expectNothingStaged(on: [node])
    }

    @Test func aChangedTopLayerOf200MegabytesSendsOnlyThatLayer() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/layers"
        let node = "mesos-slave2"
        let bench = try await ImageBench(bed, "\(image): {from: \(ImageBench.source), to: [\(node)]}")
        try await bed.bed("image", image, "200")
        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: [node])
        let first = try await bench.id(of: image, on: node)

        try await bed.bed("image", image, "200")
        let before = (try await bench.traffic(node).received, try await bench.traffic(ImageBench.source).sent)
        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: [node])
        #expect(try await bench.id(of: image, on: node) != first)
        let received = try await bench.traffic(node).received - before.0
        let read = try await bench.traffic(ImageBench.source).sent - before.1
        #expect(received < 8 << 20, "the node received \(received) bytes")
        #expect(read < 8 << 20, "its source sent \(read) bytes")
        try await bench.expectNothingStaged(on: [node])
    }

    @Test func aTreeOfSixNodesCostsTwoImagesAtMostAndLeavesNoKey() async throws {
        let bed = try await TestbedHarness()
        let image = "bench/tree"
        let nodes = TestbedHarness.nodes
        let bench = try await ImageBench(
            bed,
            "\(image): {from: \(ImageBench.source), to: [\(nodes.joined(separator: ", "))]}",
            terms: "transfer: {fanout: tree}\n"
        )
        try await bed.bed("image", image, "96")
        let packed = try await bench.packedBytes(image)
        let keys = try await Self.authorizedKeys(bed)
        let before = (
            source: try await bench.traffic(ImageBench.source).sent, operator: try await bench.traffic("operator").sent
        )
        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: nodes)
        // A tenth for packets' headers and for what goes with it: looking, loading, acknowledgements.
        let limit = packed * 22 / 10
        let source = try await bench.traffic(ImageBench.source).sent - before.source
        let hub = try await bench.traffic("operator").sent - before.operator
        #expect(source < limit, "its source sent \(source) bytes, the image has \(packed)")
        #expect(hub < limit, "this machine sent \(hub) bytes, the image has \(packed)")
        #expect(try await Self.authorizedKeys(bed) == keys)
        try await bench.expectNothingStaged()
    }

    /// Whose keys open which node, in full.
    private static func authorizedKeys(_ bed: TestbedHarness) async throws -> [String] {
        var found: [String] = []
        for node in TestbedHarness.nodes {
            found.append(
                try await bed.on(node, "tail -n +1 /home/*/.ssh/authorized_keys* /root/.ssh/authorized_keys* 2>&1")
                    .output
            )
        }
        return found
    }

    @Test func aRegistryIsPulledFromByDigest() async throws {
        let bed = try await TestbedHarness()
        let registry = "10.16.40.21:5000"
        let image = "\(registry)/libmesos/ubuntu:1"
        let agents = TestbedHarness.agents
        let bench = try await ImageBench(
            bed,
            "\(image): {via: registry, to: agents}",
            terms: "docker: {package: docker.io, daemon: {insecure-registries: [\"\(registry)\"]}}\n"
        )
        try await bed.editSpec("\ndocker:\n  package: docker.io\n", "\n")
        // To the registry's own host its port is loopback, which an engine trusts by itself.
        let local = "127.0.0.1:5000/libmesos/ubuntu:1"
        let pushed = try await bed.on(
            ImageBench.source,
            "docker tag libmesos/ubuntu \(local) && docker push -q \(local) && docker tag \(local) \(image)"
        )
        try #require(pushed.status == 0, "\(pushed)")
        // Where a container runs it, the image stays without a name, and is only given the new one.
        let busy = try await bench.running("libmesos/ubuntu")
        let pulling = agents.filter { !busy.contains($0) }
        try #require(!pulling.isEmpty)
        for node in agents { try await bed.on(node, "docker rmi -f libmesos/ubuntu") }
        try await bench.applyAll()
        try await bench.expectEverywhere(image, on: agents)
        for node in pulling {
            let digests = try await bed.on(node, "docker image inspect --format '{{.RepoDigests}}' \(image)")
            #expect(digests.output.contains("\(registry)/libmesos/ubuntu@sha256:"), "\(node): \(digests)")
        }
        try await bench.expectNothingToDo()
    }
}
