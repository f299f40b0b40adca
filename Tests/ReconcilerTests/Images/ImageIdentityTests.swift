import Specs
import Testing

@testable import Reconciler

@Suite struct ImageIdentityTests {
    private typealias Some = ImageSamples

    private func compare(
        _ source: SourceImage,
        _ held: HeldImage,
        on engine: ObservedEngine,
        _ record: ImageRecord? = nil
    ) -> ImageComparison {
        ImageIdentity(source: source, engine: engine).compare(held, record: record)
    }

    @Test func idsDecideBetweenEnginesOfOneKind() {
        let source = Some.source("a")
        #expect(compare(source, Some.held("a"), on: Some.engine()) == .same)
        // The same layers with another configuration are another image.
        #expect(compare(source, Some.held("b"), on: Some.engine(version: "1.13.1")) == .different)
        var old = source
        (old.engineVersion, old.layers) = ("1.4.1", [])
        #expect(compare(old, Some.held("a", layers: []), on: Some.engine(version: "1.9.1")) == .same)
        #expect(compare(old, Some.held("b", layers: []), on: Some.engine(version: "1.9.1")) == .different)
    }

    @Test func layersDecideBetweenKindsOfStores() {
        var engine = Some.engine()
        engine.usesContainerdStore = true
        #expect(compare(Some.source("a"), Some.held("manifest"), on: engine) == .same)
        #expect(compare(Some.source("a"), Some.held("manifest", layers: ["base", "x"]), on: engine) == .different)
        #expect(compare(Some.source("a"), Some.held("a", layers: ["base", "x"]), on: engine) == .different)
    }

    @Test func aStoreThatWritesManifestsOfItsOwnIsComparedByLayers() {
        var source = Some.source("a")
        source.usesContainerdStore = true
        var engine = Some.engine()
        engine.usesContainerdStore = true
        #expect(compare(source, Some.held("another manifest"), on: engine) == .same)
        #expect(compare(source, Some.held("a"), on: engine) == .same)
        #expect(compare(source, Some.held("another manifest", layers: ["base", "x"]), on: engine) == .different)
    }

    @Test func aChangeOfTheConfigurationAloneIsSeenAcrossKindsByTheRecord() {
        var engine = Some.engine()
        engine.usesContainerdStore = true
        let held = Some.held("manifest")
        let record = ImageRecord(source: Some.id("before"), local: held.id)
        #expect(compare(Some.source("a"), held, on: engine, record) == .different)
    }

    @Test func whatCouldNotBeCheckedOnArrivalIsNotSent() {
        var world = ImageWorld(["a1": Some.engine(version: "1.9.1")])
        world.declare(has: .found(Some.source("a")))
        #expect(world.plan.steps.isEmpty)
        #expect(world.plan.blocked.first?.isByUnknown == false)
        #expect(world.plan.blocked.first?.because.contains("before and after Docker 1.10") == true)
    }

    @Test func aTarIsComparedByItsConfiguration() {
        let tar = Some.source("a", version: nil)
        #expect(compare(tar, Some.held("a"), on: Some.engine()) == .same)
        #expect(compare(tar, Some.held("b"), on: Some.engine()) == .different)
    }

    @Test func whatWeBroughtIsKnownByTheRecord() {
        let source = Some.source("a")
        let engine = Some.engine(version: "1.9.1")
        let held = HeldImage(id: "3f1c2aa0", references: [Some.reference])
        func verdict(_ origin: String, _ local: String) -> ImageComparison {
            compare(source, held, on: engine, ImageRecord(source: origin, local: local))
        }
        #expect(verdict(source.id, "3f1c2aa0") == .same)
        #expect(verdict(Some.id("before"), "3f1c2aa0") == .different)
        for verdict in [compare(source, held, on: engine), verdict(source.id, "other"), verdict("9b2d", "3f1c2aa0")] {
            guard case .incomparable = verdict else {
                Issue.record("\(verdict)")
                continue
            }
        }
    }

    @Test func whatCannotBeComparedIsAnExplainedUnknownAndNoStep() {
        var world = ImageWorld([
            "a1": Some.engine([HeldImage(id: "3f1c2aa0", references: [Some.reference])], version: "1.9.1")
        ])
        world.declare(has: .found(Some.source("a")))
        #expect(world.plan.steps.isEmpty)
        let blocked = world.plan.blocked.first
        #expect(blocked?.isByUnknown == true && blocked?.because.contains("3f1c2aa") == true && blocked?.remedy != nil)
        world.record(Some.record(Some.id("a"), "3f1c2aa0"), on: "a1")
        #expect(world.plan.isEmpty)
    }

    @Test func recordsReadAsTheyAreWritten() {
        let record = ImageRecord(source: Some.id("a"), local: "3f1c2aa0")
        #expect(ImageRecord(digest: record.digest) == record)
        #expect(ImageRecord(digest: "absent") == nil && ImageRecord(digest: "") == nil)
        #expect(ImageRecord.supersededID(ImageRecord.superseded("x:y")) == "x:y")
        #expect(ImageRecord.supersededID("image:a") == nil)
    }

    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (14_300_000, "14 MB"), (1_250_000_000, "1.3 GB"),
        (999_600, "1 MB"), (188_000_000, "188 MB"),
    ])
    func bytesReadAsDockerSaysThem(bytes: Int, words: String) {
        #expect(bytesInWords(bytes) == words)
    }
}
