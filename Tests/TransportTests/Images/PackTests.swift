import FoundationEssentials
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Transport

@Suite(.serialized) struct PackTests {
    static let base = noise(300_000, seed: 1)
    static let image = TestImage(
        "feuyeux/nginx:1",
        layers: [base, [UInt8](repeating: 7, count: 100_001), noise(40, seed: 2)]
    )

    @Test(arguments: TestImage.Layout.allCases)
    func aWholePackIsTheImageInTheFormThatDockerLoads(_ layout: TestImage.Layout) async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image, layout: layout)
        let courier = bench.courier()
        let desired = Self.image.desired(.engine(bench.host))
        let look = await courier.look(for: [desired])
        let found = try #require(look[desired.reference]?.image.value)
        #expect(found.id == Self.image.id)
        #expect(found.layers.map(\.diffID) == Self.image.diffIDs)
        let pack = try await courier.pack(found, of: desired, layers: nil) { _ in }
        #expect(pack.id == Self.image.id)
        #expect(!pack.isPartial)
        for part in pack.parts {
            let bytes = try content("\(bench.directory)/cache/\(part.digest)")
            #expect(sha256(bytes: bytes) == part.digest)
            #expect(bytes.count == part.bytes)
        }
        let files = try await bench.archive(pack)
        let manifest = try #require(files["manifest.json"].flatMap(ImageManifest.list)?.first)
        #expect(manifest.tags == ["feuyeux/nginx:1"])
        #expect(manifest.config == "\(Self.image.id.dropFirst(7)).json")
        #expect(files[manifest.config] == Self.image.config)
        #expect(manifest.layers.map { files[$0] } == Self.image.layers)
        #expect(pack.unpackedBytes == files.values.reduce(0) { $0 + $1.count })
        #expect(try bench.entries("places").isEmpty, "the opened origin is gone")
        try await waitUntil { try bench.running("\(bench.directory)/places") == 0 }
        await courier.close()
        await bench.access.close()
    }

    @Test func aPartialPackLeavesLayersOutAndMoreIsAddedToIt() async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image)
        let courier = bench.courier()
        let desired = Self.image.desired(.engine(bench.host))
        let top = Self.image.diffIDs[2]
        let partial = try await courier.pack(Self.image.source, of: desired, layers: [top]) { _ in }
        #expect(partial.isPartial)
        #expect(partial.parts.compactMap(\.diffID) == [top])
        let files = try await bench.archive(partial)
        let manifest = try #require(files["manifest.json"].flatMap(ImageManifest.list)?.first)
        #expect(manifest.layers.map { files[$0] } == [nil, nil, Self.image.layers[2]], "named and not in it")
        let whole = try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in }
        #expect(whole.parts.compactMap(\.diffID) == Self.image.diffIDs)
        #expect(
            Set(whole.parts.compactMap { $0.diffID == top ? $0.digest : nil }).isSubset(of: partial.parts.map(\.digest))
        )
        await courier.close()
        await bench.access.close()
    }

    @Test func whatTheCacheHasIsNotReadAgainWhateverImageItIsOf() async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image)
        let next = TestImage("feuyeux/nginx:2", layers: [Self.base, noise(9000, seed: 3)])
        try await bench.add(next)
        let first = bench.courier()
        let pack = try await first.pack(Self.image.source, of: Self.image.desired(.engine(bench.host)), layers: nil) {
            _ in
        }
        await first.close()
        let second = bench.courier()
        let again = try await second.pack(
            Self.image.source,
            of: Self.image.desired(.engine(bench.host)),
            layers: nil
        ) { _ in }
        #expect(again == pack)
        #expect(bench.calls("save") == 1)
        let read = Mutex(0)
        let other = try await second.pack(next.source, of: next.desired(.engine(bench.host)), layers: nil) { progress in
            read.withLock { $0 = progress.done }
        }
        #expect(bench.calls("save") == 2)
        #expect(1..<20_000 ~= read.withLock { $0 }, "only the layer that is new")
        #expect(other.parts.first { $0.diffID == next.diffIDs[0] } == pack.parts.first { $0.diffID == next.diffIDs[0] })
        await second.close()
        await bench.access.close()
    }

    @Test func severalWhoAskForTheSameGetItMadeOnce() async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image)
        let courier = bench.courier()
        let desired = Self.image.desired(.engine(bench.host))
        let packs = try await (0..<6).mapConcurrently(limit: 6) { _ in
            try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in }
        }
        #expect(Set(packs).count == 1)
        #expect(bench.calls("save") == 1)
        await courier.close()
        await bench.access.close()
    }

    @Test func aLayerThatOccursTwiceTravelsOnce() async throws {
        let bench = try await ImageBench()
        let empty = [UInt8](repeating: 0, count: 1024)
        let image = TestImage("twice:1", layers: [empty, noise(50, seed: 4), empty])
        try await bench.add(image)
        let courier = bench.courier()
        let pack = try await courier.pack(image.source, of: image.desired(.engine(bench.host)), layers: nil) { _ in }
        #expect(pack.parts.compactMap(\.diffID).count == 2)
        let files = try await bench.archive(pack)
        let manifest = try #require(files["manifest.json"].flatMap(ImageManifest.list)?.first)
        #expect(manifest.layers.map { files[$0] } == image.layers)
        await courier.close()
        await bench.access.close()
    }

    @Test func anotherImageUnderTheSameNameIsSaidAndLeavesNothing() async throws {
        let bench = try await ImageBench()
        try await bench.add(Self.image)
        let courier = bench.courier()
        try await bench.add(TestImage(Self.image.reference, layers: [Self.base], note: "new"))
        let error = await courierFailure {
            try await courier.pack(Self.image.source, of: Self.image.desired(.engine(bench.host)), layers: nil) { _ in }
        }
        #expect(error?.kind == .moved)
        #expect(try bench.entries("places").isEmpty)
        await courier.close()
        await bench.access.close()
    }

    @Test func whatDockerSaysTellsAbsentFromDown() async throws {
        let bench = try await ImageBench()
        let courier = bench.courier()
        let desired = Self.image.desired(.engine(bench.host))
        let absent = await courierFailure {
            try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in }
        }
        #expect(absent?.kind == .absent)
        #expect(absent?.message.contains("reference does not exist") ?? false)
        try put([], at: "\(bench.directory)/down")
        let down = await courierFailure { try await courier.pack(Self.image.source, of: desired, layers: nil) { _ in } }
        #expect(down?.kind == .engineDown)
        #expect(try bench.entries("places").isEmpty)
        try await waitUntil { try bench.running("\(bench.directory)/places") == 0 }
        await courier.close()
        await bench.access.close()
    }

    @Test func aLayerThatIsNotWhatItsDigestSaysIsDamaged() async throws {
        let bench = try await ImageBench()
        var image = TestImage("wrong:1", layers: [noise(5000, seed: 5)])
        let right = image.source
        image.layers = [noise(5000, seed: 6)]
        try await bench.add(image)
        let courier = bench.courier()
        let error = await courierFailure {
            try await courier.pack(right, of: image.desired(.engine(bench.host)), layers: nil) { _ in }
        }
        #expect(error?.kind == .damaged)
        await courier.close()
        await bench.access.close()
    }

    @Test func aTransferFromTheOriginGoesOnWhereItBrokeOff() async throws {
        let bench = try await ImageBench()
        let image = TestImage("large:1", layers: [noise(6_000_000, seed: 7)])
        try await bench.add(image)
        // What an earlier run left: the first half of what gzip makes, and bytes of something else.
        let courier = bench.courier()
        try courier.cache.prepare()
        let growing = courier.cache.growing(image.diffIDs[0])
        try put(image.layers[0], at: "\(bench.directory)/layer")
        try await LoopbackSSHD.tool(
            "sh",
            ["-c", "gzip -1 -n -c <\(bench.directory)/layer | head -c 3000000 >\(growing)"]
        )
        let least = Mutex(Int.max)
        let pack = try await courier.pack(image.source, of: image.desired(.engine(bench.host)), layers: nil) {
            progress in
            least.withLock { $0 = min($0, progress.done) }
        }
        #expect(least.withLock { $0 } > 3_000_000, "it began in the middle")
        #expect(try await bench.archive(pack)["0/layer.tar"] == image.layers[0])
        try FileManager.default.removeItem(atPath: "\(bench.directory)/cache/layers")
        try put(noise(2_000_000, seed: 8), at: growing)
        let other = bench.courier()
        let again = try await other.pack(image.source, of: image.desired(.engine(bench.host)), layers: nil) { _ in }
        #expect(again == pack, "what cannot be gone on with is begun again")
        await courier.close()
        await bench.access.close()
    }

    @Test(arguments: ["", "gzip", "xz", "bzip2"])
    func aTarIsPackedHoweverItIsCompressed(_ program: String) async throws {
        let bench = try await ImageBench()
        for layout in TestImage.Layout.allCases {
            try await Self.image.save(to: "\(bench.directory)/image.tar", layout: layout)
            if !program.isEmpty {
                let file = "\(bench.directory)/image.tar"
                try await LoopbackSSHD.tool(
                    "sh",
                    ["-c", "\(program) -c \(file) >\(file).new && mv \(file).new \(file)"]
                )
            }
            let courier = bench.courier { $0.cache += "-\(layout)" }
            let desired = Self.image.desired(.tar(path: "image.tar"))
            let look = await courier.look(for: [desired])
            let found = try #require(look[desired.reference]?.image.value, "\(look)")
            #expect(found.id == Self.image.id)
            #expect(found.layers == Self.image.source.layers)
            let pack = try await courier.pack(found, of: desired, layers: nil) { _ in }
            let files = try await bench.archive(pack, in: "cache-\(layout)")
            #expect((0..<3).map { files["\($0)/layer.tar"] } == Self.image.layers)
            await courier.close()
        }
        #expect(try bench.entries("places").isEmpty)
        #expect(bench.calls("save") == 0)
        await bench.access.close()
    }

    @Test(arguments: ["", "gzip"])
    func layersThatAStoreKeepsCompressedAreUnpackedFirst(_ program: String) async throws {
        let bench = try await ImageBench()
        let files = "\(bench.directory)/oci"
        var paths: [String] = []
        for (number, layer) in Self.image.layers.enumerated() {
            try put(layer, at: "\(bench.directory)/layer")
            try await LoopbackSSHD.tool("gzip", ["-9", "-f", "\(bench.directory)/layer"])
            paths.append("blobs/sha256/\(number)")
            try put(try content("\(bench.directory)/layer.gz"), at: "\(files)/blobs/sha256/\(number)")
        }
        let config = "blobs/sha256/\(Self.image.id.dropFirst(7))"
        try put(Self.image.config, at: "\(files)/\(config)")
        let manifest = ImageManifest(config: config, tags: [Self.image.reference], layers: paths)
        try put(manifest.bytes, at: "\(files)/manifest.json")
        try await LoopbackSSHD.tool("tar", ["-C", files, "-cf", "\(bench.directory)/oci.tar", "."])
        if !program.isEmpty {
            try await LoopbackSSHD.tool(program, ["\(bench.directory)/oci.tar"])
            try await LoopbackSSHD.tool("mv", ["\(bench.directory)/oci.tar.gz", "\(bench.directory)/oci.tar"])
        }
        let courier = bench.courier()
        let desired = Self.image.desired(.tar(path: "oci.tar"))
        let found = try #require(await courier.look(for: [desired])[desired.reference]?.image.value)
        #expect(found.layers.map(\.bytes) == [nil, nil, nil])
        let pack = try await courier.pack(found, of: desired, layers: nil) { _ in }
        let archive = try await bench.archive(pack)
        #expect((0..<3).map { archive["\($0)/layer.tar"] } == Self.image.layers)
        #expect(try bench.entries("places").isEmpty)
        await courier.close()
        await bench.access.close()
    }

    @Test func anOldEnginesArchiveIsOnePart() async throws {
        let bench = try await ImageBench()
        let id = String(repeating: "ab", count: 32)
        let files = "\(bench.directory)/old"
        try put(Array(#"{"old":{"1":"\#(id)"}}"#.utf8), at: "\(files)/repositories")
        try put(noise(70_000, seed: 9), at: "\(files)/\(id)/layer.tar")
        try await LoopbackSSHD.tool(
            "tar",
            ["-C", files, "-cf", "\(bench.directory)/images/old_1.tar", "repositories", id]
        )
        let image = SourceImage(id: id, bytes: 70_000, engineVersion: "1.6.2")
        let desired = TestImage("old:1", layers: []).desired(.engine(bench.host))
        let courier = bench.courier()
        let pack = try await courier.pack(image, of: desired, layers: nil) { _ in }
        #expect(pack.parts.count == 1)
        #expect(!pack.isPartial)
        #expect(try await bench.archive(pack)["\(id)/layer.tar"]?.count == 70_000)
        let moved = await courierFailure {
            let other = SourceImage(id: String(repeating: "cd", count: 32), bytes: 1, engineVersion: "1.6.2")
            return try await courier.pack(other, of: desired, layers: nil) { _ in }
        }
        #expect(moved?.kind == .moved)
        #expect(try bench.entries("places").isEmpty)
        await courier.close()
        await bench.access.close()
    }
}
