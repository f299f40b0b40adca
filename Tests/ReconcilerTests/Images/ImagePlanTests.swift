import Specs
import Testing

@testable import Reconciler

@Suite struct ImagePlanTests {
    private typealias Some = ImageSamples

    @Test func whatIsThereIsNotMovedAndWhatIsNotIsSent() {
        var world = ImageWorld(["a1": Some.engine([Some.held("new")]), "a2": Some.engine()])
        world.declare(has: .found(Some.source("new")))
        #expect(world.plan.imageWords == ["a2 image feuyeux/nginx:latest: new, 2 layers, 20 MB"])
        #expect(world.plan.blocked.isEmpty)
    }

    @Test func onlyTheLayersAboveTheLongestCommonChainAreSent() {
        let wanted = Some.source("new", layers: ["base", "libs", "app 2", "conf"])
        var world = ImageWorld([
            "a1": Some.engine([Some.held("old", layers: ["base", "libs", "app 1", "conf"])]),
            // The same layers in another order have other chains.
            "a2": Some.engine([Some.held("else", ["other:1"], layers: ["conf", "base", "libs", "app 2"])]),
        ])
        world.declare(has: .found(wanted))
        #expect(
            world.plan.imageWords == [
                "a1 image feuyeux/nginx:latest: \(shortID(Some.id("old"))) → \(shortID(Some.id("new"))), 2 of 4 layers, 20 MB",
                "a2 image feuyeux/nginx:latest: new, 4 layers, 40 MB",
            ]
        )
        guard case .ship(let shipment)? = world.plan.imageActs.first?.operation else {
            Issue.record("nothing is shipped")
            return
        }
        #expect(shipment.lacking == [Some.id("layer app 2"), Some.id("layer conf")])
        #expect(shipment.bytes == 20_000_000)
        #expect(world.plan.imageActs.first?.replaced == Some.id("old"))
    }

    @Test func anEngineOfContainerdIsSentEverything() {
        var world = ImageWorld(["a1": Some.engine([Some.held("old", layers: ["base", "before"])])])
        world.engine("a1") { $0.usesContainerdStore = true }
        world.declare(has: .found(Some.source("new")))
        guard case .ship(let shipment)? = world.plan.imageActs.first?.operation else {
            Issue.record("nothing is shipped")
            return
        }
        #expect(shipment.lacking == nil)
    }

    @Test func bytesAreUnknownWhereLayersDoNotSayTheirSize() {
        var world = ImageWorld(["a1": Some.engine([Some.held("old", layers: ["base", "x"])])])
        world.declare(has: .found(Some.source("new", bytes: nil)))
        #expect(world.plan.imageWords.first?.hasSuffix("1 of 2 layers") == true)
    }

    @Test func aNodeThatHasItUnderAnotherNameIsToldTheName() {
        var world = ImageWorld(["a1": Some.engine([Some.held("new", ["old:1"]), Some.held("old")])])
        world.declare(has: .found(Some.source("new")))
        let words = "\(shortID(Some.id("old"))) → \(shortID(Some.id("new"))), renamed only"
        #expect(world.plan.imageWords == ["a1 tag feuyeux/nginx:latest: \(words)"])
        #expect(world.plan.imageActs.first?.operation == .tag(id: Some.id("new")))
    }

    @Test func aRegistryIsPulledFromByDigest() {
        var source = Some.source("new", version: nil)
        source.digest = Some.id("manifest")
        let reference = "registry.example:5000/nginx:1"
        var there = Some.held("pulled", [reference], layers: [])
        there.digests = ["registry.example:5000/nginx@\(Some.id("manifest"))"]
        var world = ImageWorld(["a1": Some.engine(), "a2": Some.engine([there], version: "1.9.1")])
        world.declare(reference, .registry, has: .found(source))
        #expect(
            world.plan.imageActs.map(\.operation) == [
                .pull(digest: "registry.example:5000/nginx@\(Some.id("manifest"))", id: Some.id("new"))
            ]
        )
        #expect(
            world.plan.imageWords == [
                "a1 pull registry.example:5000/nginx:1: new, 2 layers, 20 MB, pulled from registry.example:5000"
            ]
        )
    }

    @Test func aDigestIsPulledThoughNobodyHereCanAskTheRegistry() {
        let reference = "registry.example/nginx@\(Some.id("manifest"))"
        var there = Some.held("pulled", [])
        there.digests = [reference]
        var world = ImageWorld(["a1": Some.engine(), "a2": Some.engine([there])])
        world.declare(reference, .registry, has: .unknown("no route to host"))
        #expect(world.plan.imageActs.map(\.operation) == [.pull(digest: reference, id: nil)])
        #expect(world.plan.imageActs.map(\.node) == ["a1"] && world.plan.blocked.isEmpty && world.plan.notes.isEmpty)
    }

    // MARK: Origins

    @Test func anOriginThatHasNothingMovesNothing() {
        var world = ImageWorld(["a1": Some.engine([Some.held("old")]), "a2": Some.engine()])
        world.declare(has: .absent)
        let plan = world.plan
        #expect(plan.steps.isEmpty)
        #expect(plan.blocked.map(\.node) == ["a2"] && plan.blocked.allSatisfy { !$0.isByUnknown && $0.remedy != nil })
        #expect(
            plan.notes.map(\.text) == [
                "this machine has no image feuyeux/nginx:latest; nothing is moved, and what has that name stays on a1 "
                    + "(\(shortID(Some.id("old"))))"
            ]
        )
    }

    @Test func anOriginThatDoesNotAnswerIsUnknownAndNotAbsent() {
        var world = ImageWorld(["a1": Some.engine([Some.held("old")]), "a2": Some.engine()])
        world.declare(has: .unknown("connect to builder port 22: timed out"))
        let plan = world.plan
        #expect(plan.steps.isEmpty)
        #expect(plan.blocked.map(\.node) == ["a2"] && plan.blocked.allSatisfy(\.isByUnknown))
        #expect(plan.blocked.first?.because.contains("timed out") == true)
        #expect(plan.notes.count == 1)
    }

    @Test func whatIsBuiltIsBuiltOnceAndSentAfterwards() {
        var world = ImageWorld(["a1": Some.engine([Some.held("old")]), "a2": Some.engine()])
        world.declare(
            ImageSamples.reference,
            .build(directory: "images/nginx", on: .thisMachine),
            has: .absent,
            context: "c2"
        )
        let plan = world.plan
        #expect(
            plan.steps.map(\.title) == [
                "build feuyeux/nginx:latest on this machine", "image feuyeux/nginx:latest",
                "image feuyeux/nginx:latest",
            ]
        )
        #expect(plan.steps.dropFirst().allSatisfy { $0.needs == [1] })
        #expect(plan.imageActs.dropFirst().allSatisfy { $0.operation == .ship(.init(image: nil)) })
    }

    @Test func whatEveryNodeHasFromThisContextIsNotBuiltAgain() {
        var built = Some.held("built")
        built.context = "c2"
        var world = ImageWorld(["a1": Some.engine([built]), "a2": Some.engine([built])])
        world.declare(
            ImageSamples.reference,
            .build(directory: "images/nginx", on: .thisMachine),
            has: .absent,
            context: "c2"
        )
        #expect(world.plan.isEmpty && world.plan.notes.count == 1)
        world.engine("a2") { $0.images[0].id = Some.id("another") }
        #expect(world.plan.steps.count == 3)
    }

    @Test func aContextThatCannotBeReadBlocks() {
        var world = ImageWorld(["a1": Some.engine()])
        world.declare(ImageSamples.reference, .build(directory: "images/nginx", on: .thisMachine), has: .absent)
        #expect(world.plan.steps.isEmpty && world.plan.blocked.first?.because.contains("images/nginx") == true)
    }

    // MARK: Engines

    @Test func anEngineThatDoesNotAnswerIsToldFromNone() {
        var world = ImageWorld(["a1": Some.engine([Some.held("new")])])
        world.add("a2", .unknown("permission denied while trying to connect to the Docker daemon socket"))
        world.add("a3", .absent)
        world.declare(has: .found(Some.source("new")))
        let blocked = world.plan.blocked
        #expect(blocked.map(\.node) == ["a2", "a3"] && blocked.map(\.isByUnknown) == [true, false])
        #expect(blocked[0].because.contains("permission denied"))
        #expect(blocked[1].because == "it has no Docker engine")
    }

    @Test func anEngineThatThisPlanStartsIsWaitedForAndSentEverything() {
        var desired = Samples.desired()
        desired.images = DesiredImages(images: [Some.image(on: ["a1", "a2"])])
        var observed = Samples.converged(desired).changing("a1") { node in
            node.services[.docker] = .found(ObservedService(name: .docker, boot: .on, run: .stopped))
            node.dockerEngine = .unknown("Cannot connect to the Docker daemon")
            node.engine = .unknown("Cannot connect to the Docker daemon")
        }
        observed = observed.changing("a2") { $0.engine = .found(Some.engine([Some.held("new")])) }
        observed.images[Some.reference] = SourceLook(image: .found(Some.source("new")))
        let plan = Samples.plan(desired, observed)
        #expect(plan.imageWords == ["a1 image feuyeux/nginx:latest: new, 2 layers, 20 MB"])
        let start = plan.steps.first { $0.title == "start docker" }
        #expect(plan.imageStep(on: "a1")?.needs == [start?.id].compactMap(\.self))
    }

    @Test func anEngineThatThisPlanInstallsIsWaitedForToo() {
        var desired = Samples.desired(installed: false)
        desired.images = DesiredImages(images: [Some.image(on: ["a1"])])
        var observed = Samples.bare(desired)
        observed.images[Some.reference] = SourceLook(image: .found(Some.source("new")))
        let plan = Samples.plan(desired, observed)
        let step = plan.imageStep(on: "a1")
        let titles = step?.needs.map { plan.steps[$0 - 1].title }
        #expect(titles?.count == 2 && titles?.last == "start docker" && titles?.first?.contains("docker.io") == true)
    }

    @Test func anImageForAnotherMachineIsNotSent() {
        var world = ImageWorld(["a1": Some.engine(), "a2": Some.engine()])
        world.engine("a2") { $0.architecture = "arm64" }
        world.declare(has: .found(Some.source("new")))
        #expect(world.plan.imageActs.map(\.node) == ["a1"])
        #expect(world.plan.blocked.first?.because == "the image is for amd64 and this node's engine runs arm64")
        world.images.images[0].architecture = "arm64"
        #expect(world.plan.imageActs.isEmpty)
        #expect(world.plan.blocked.map(\.because).contains("this machine has it for amd64, and `arch` says arm64"))
    }

    @Test func whatDoesNotFitIsBlockedWithTheNumbers() {
        var world = ImageWorld(["a1": Some.engine(free: 39_000_000), "a2": Some.engine(free: 59_000_000)])
        world.declare(has: .found(Some.source("new")))
        let plan = world.plan
        #expect(plan.imageActs.map(\.node) == ["a2"])
        #expect(plan.blocked.first?.because.contains("20 MB") == true)
        #expect(plan.blocked.first?.because.contains("39 MB") == true)
        // What the first image takes is not there for the second.
        world.declare("second:1", has: .found(Some.source("second", layers: ["x", "y"])))
        #expect(world.plan.imageActs.map(\.reference) == [Some.reference])
    }

    @Test func aSilentNodeIsToldOnce() {
        var world = ImageWorld(["a1": Some.engine(), "a2": Some.engine()])
        world.declare(has: .found(Some.source("new")))
        world.observed = world.observed.silencing("a2")
        #expect(world.plan.imageActs.map(\.node) == ["a1"])
        #expect(world.plan.blocked.map(\.title) == ["everything on a2"])
    }

    // MARK: Notes, causes, what is left

    @Test func oneNameForDifferentThingsIsSaid() {
        var world = ImageWorld(["a1": Some.engine([Some.held("new")]), "a2": Some.engine([Some.held("old")])])
        world.declare(has: .found(Some.source("new")))
        #expect(
            world.plan.notes.map(\.text) == [
                "feuyeux/nginx:latest is not the same everywhere: a1 \(shortID(Some.id("new"))), a2 \(shortID(Some.id("old")))"
            ]
        )
    }

    @Test func whatWasLoadedAndMovedByHandIsDriftAndWhatIsNewAtTheOriginIsNot() {
        var world = ImageWorld([
            "a1": Some.engine([Some.held("old")]), "a2": Some.engine([Some.held("hand")]),
            "a3": Some.engine([Some.held("old")]), "a4": Some.engine(),
        ])
        for name in ["a1", "a2", "a4"] as [NodeName] {
            world.record(Some.record(Some.id("old"), Some.id("old")), on: name)
        }
        world.declare(has: .found(Some.source("new")))
        #expect(world.plan.steps.map { $0.changes[0].cause } == [.git, .drift, .unattributed, .drift])
        let after = ImageRecord(source: Some.id("new"), local: Some.id("new")).digest
        #expect(world.plan.steps.allSatisfy { $0.changes[0].applied?.digest == after })
    }

    @Test func partsLeftBehindAreSaid() {
        var world = ImageWorld(["a1": Some.engine([Some.held("new")])])
        world.engine("a1") { $0.stagedBytes = 12_000_000 }
        world.declare(has: .found(Some.source("new")))
        #expect(world.plan.steps.isEmpty && world.plan.notes.first?.text.contains("12 MB") == true)
    }

    @Test func whatNewerImagesReplacedIsRemovedOnceNothingNeedsIt() {
        let used = Some.id("used")
        var world = ImageWorld([
            "a1": Some.engine(
                [
                    Some.held("new"), Some.held("gone", []), Some.held("used", []), Some.held("named", ["keep:1"]),
                    Some.held("stranger", []),
                ],
                used: [used]
            )
        ])
        world.declare(has: .found(Some.source("new")))
        for word in ["gone", "used", "named", "never seen"] {
            let resource = ImageRecord.superseded(Some.id(word))
            world.record(AppliedEntry(resource: resource, digest: sha256(Some.reference), revision: "abc"), on: "a1")
        }
        #expect(world.plan.isEmpty)
        world.images.prunes = true
        #expect(world.plan.imageActs.map(\.operation) == [.remove(id: Some.id("gone"))])
        #expect(world.plan.notes.isEmpty)
        let removed = AppliedEntry(resource: ImageRecord.superseded(Some.id("gone")), digest: "absent", revision: "abc")
        world.record(removed, on: "a1")
        #expect(world.plan.isEmpty)
    }

    @Test func theOrderOfImagesIsThatOfTheFile() {
        var world = ImageWorld(["a2": Some.engine(), "a1": Some.engine()])
        world.declare("z:1", has: .found(Some.source("z")))
        world.declare("b:1", has: .found(Some.source("b")))
        #expect(
            world.plan.imageActs.map { "\($0.reference) \($0.node?.text ?? "")" } == [
                "z:1 a2", "z:1 a1", "b:1 a2", "b:1 a1",
            ]
        )
    }
}
