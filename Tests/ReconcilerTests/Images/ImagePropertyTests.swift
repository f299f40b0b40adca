import Specs
import Testing

@testable import Reconciler

/// Over random images, origins and engines: what a plan says is carried out on a model, and planned again.
@Suite struct ImagePropertyTests {
    @Test(arguments: seeds(300))
    func aPlanThatIsCarriedOutLeavesNothingToDo(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        var world = RandomImages(&numbers).world
        let first = world.plan
        for step in first.steps { world.carryOut(step) }
        let second = world.plan
        #expect(second.imageWords == [])
        #expect(second.blocked.map(\.node) == first.blocked.map(\.node))
    }

    @Test(arguments: seeds(300))
    func nothingIsMovedWhereItIsTheSame(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = RandomImages(&numbers).world
        for act in world.plan.imageActs {
            guard let node = act.node, let engine = world.observed[node]?.engine.value,
                case .found(let source)? = world.observed.images[act.reference]?.image,
                let held = engine.image(act.reference)
            else { continue }
            let isRemoval = if case .remove = act.operation { true } else { false }
            #expect(isRemoval || held.id != source.id)
        }
    }

    @Test(arguments: seeds(300))
    func whatIsSentIsExactlyWhatNoChainHas(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = RandomImages(&numbers).world
        for act in world.plan.imageActs {
            guard case .ship(let shipment) = act.operation, let image = shipment.image, let lacking = shipment.lacking,
                let node = act.node, let engine = world.observed[node]?.engine.value
            else { continue }
            let present = image.diffIDs.dropLast(lacking.count)
            #expect(image.diffIDs.suffix(lacking.count) == lacking[...])
            #expect(engine.images.contains { $0.layers.starts(with: present) })
            #expect(!engine.images.contains { $0.layers.starts(with: present + lacking.prefix(1)) && !lacking.isEmpty })
        }
    }

    @Test(arguments: seeds(300))
    func noAppIsPutBeforeItsImage(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = RandomImages(&numbers).world
        let plan = world.plan
        for app in plan.apps {
            guard let step = plan.step(app.id) else { continue }
            for image in world.images.images where image.apps.contains(app.id) {
                for node in image.nodes where world.images.eligible[app.id]?.contains(node) ?? true {
                    let key = plan.steps.first { step in
                        guard case .image(let act) = step.act else { return false }
                        return act.reference == image.reference && act.node == node
                    }
                    if let key { #expect(step.needs.contains(key.id)) }
                    let holds = world.observed[node]?.engine.value?.image(image.reference) != nil
                    #expect(key != nil || holds, "\(app.id) is put where \(image.reference) is not")
                }
            }
        }
        #expect(plan.steps.allSatisfy { step in step.needs.allSatisfy { $0 < step.id } })
    }

    @Test(arguments: seeds(50))
    func thePlanDoesNotDependOnTheOrderOfWhatWasSeen(seed: UInt64) {
        var numbers = SeededNumbers(seed)
        let world = RandomImages(&numbers).world
        var shuffled = world
        for name in shuffled.names { shuffled.engine(name) { $0.images.shuffle(using: &numbers) } }
        #expect(shuffled.plan == world.plan)
    }
}

/// A few nodes, images and apps, drawn.
struct RandomImages {
    private(set) var world = ImageWorld([:])
    private static let words = ["a", "b", "c"]
    private static let references = ["shop/web:1", "shop/cart:latest", "tools:2"]

    init(_ numbers: inout SeededNumbers) {
        for number in 1...Int.random(in: 1...4, using: &numbers) {
            let name = NodeName("n\(number)")
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0: world.add(name, .unknown("Cannot connect to the Docker daemon"))
            case 1: world.add(name, .absent)
            default: world.add(name, .found(Self.engine(&numbers)))
            }
        }
        for reference in Self.references where Bool.random(using: &numbers) {
            declare(reference, &numbers)
        }
        world.images.prunes = Bool.random(using: &numbers)
        world.images.images.shuffle(using: &numbers)
        world.apps = DesiredApps(apps: ["/a0", "/a1"].map { AppSamples.app($0) })
        world.observed.marathon = .found(AppSamples.marathon([LiveApp]()))
        if Bool.random(using: &numbers) { world.images.eligible["/a0"] = Array(world.names.prefix(1)) }
    }

    private mutating func declare(_ reference: String, _ numbers: inout SeededNumbers) {
        let apps = ["/a0", "/a1"].filter { _ in Bool.random(using: &numbers) }
        let word = Self.words.randomElement(using: &numbers) ?? "a"
        let source = ImageSamples.source(word, layers: Self.layers(of: word), version: Self.version(&numbers))
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0: world.declare(reference, has: .absent, apps: apps)
        case 1: world.declare(reference, has: .unknown("timed out"), apps: apps)
        case 2:
            let origin = ImageOrigin.build(directory: "images/x", on: .thisMachine)
            world.declare(reference, origin, has: .absent, context: "context", apps: apps)
        case 4:
            var pulled = source
            (pulled.engineVersion, pulled.digest) = (nil, ImageSamples.id("manifest \(word)"))
            world.declare(reference, .registry, has: .found(pulled), apps: apps)
        case 3: world.declare(reference, .tar(path: "x.tar"), has: .found(source), apps: apps)
        default: world.declare(reference, has: .found(source), apps: apps)
        }
    }

    static func layers(of word: String) -> [String] { ["base", "libs"] + [word] }

    private static func version(_ numbers: inout SeededNumbers) -> String {
        Int.random(in: 0..<5, using: &numbers) == 0 ? "1.4.1" : "20.10.24"
    }

    private static func engine(_ numbers: inout SeededNumbers) -> ObservedEngine {
        var names = references.shuffled(using: &numbers)
        let version = version(&numbers)
        let held = words.filter { _ in Bool.random(using: &numbers) }.map { word in
            var image = ImageSamples.held(word, names.popLast().map { [$0] } ?? [], layers: layers(of: word))
            if version == "1.4.1" { image.layers = [] }
            return image
        }
        return ImageSamples.engine(held, version: version)
    }
}

extension ImageWorld {
    /// What a step brings about, as the engine and the executor do it.
    mutating func carryOut(_ step: Step) {
        guard case .image(let act) = step.act else { return }
        switch act.operation {
        case .build(let context):
            let built = ImageSamples.source("built \(context)", layers: ["base", "built"])
            observed.images[act.reference]?.image = .found(built)
        case .ship, .pull: receive(observed.images[act.reference]?.image.value, act)
        case .tag, .remove:
            guard let node = act.node else { return }
            engine(node) { engine in
                if case .remove(let id) = act.operation { engine.images.removeAll { $0.id == id } }
                if case .tag(let id) = act.operation { engine.name(id, act.reference) }
            }
        }
    }

    private mutating func receive(_ source: SourceImage?, _ act: ImageAct) {
        guard let source, let node = act.node else { return }
        var local = source.id
        engine(node) { engine in
            if engine.idKind != source.idKind { local = "local \(source.id)".replacing(" ", with: "-") }
            if !engine.images.contains(where: { $0.id == local }) {
                let layers = engine.idKind == .drawn ? [] : source.diffIDs
                engine.images.append(HeldImage(id: local, layers: layers, bytes: source.bytes))
                engine.images.sort { $0.id < $1.id }
            }
            engine.name(local, act.reference)
            guard let digest = source.digest, let index = engine.images.firstIndex(where: { $0.id == local }) else {
                return
            }
            engine.images[index].digests = ["\(ImageName(act.reference).repository)@\(digest)"]
        }
        record(ImageSamples.record(source.id, local, of: act.reference), on: node)
    }
}

extension ObservedEngine {
    /// The name is moved.
    fileprivate mutating func name(_ id: String, _ reference: String) {
        for index in images.indices {
            images[index].references.removeAll { $0 == reference }
            if images[index].id == id { images[index].references.append(reference) }
        }
    }
}
