import Specs

@testable import Reconciler

/// Declared images, origins and engines that hold some, for planner tests.
enum ImageSamples {
    static let reference = "feuyeux/nginx:latest"
    static let here = SourcePosition(file: "cluster.yaml", line: 30, column: 3)

    /// An id or diff id that is told from others by its first digits.
    static func id(_ word: String) -> String { "sha256:" + hash(word) }

    private static func hash(_ word: String) -> String { String(sha256(word).split(separator: ":").last ?? "") }

    static func source(
        _ word: String,
        layers: [String] = ["base", "app"],
        bytes: Int? = 10_000_000,
        version: String? = "20.10.24",
        architecture: String? = "amd64"
    ) -> SourceImage {
        SourceImage(
            id: id(word),
            layers: layers.map { SourceImage.Layer(diffID: id("layer \($0)"), bytes: bytes) },
            bytes: layers.count * (bytes ?? 10_000_000),
            architecture: architecture,
            engineVersion: version
        )
    }

    static func held(
        _ word: String,
        _ references: [String] = [reference],
        layers: [String] = ["base", "app"]
    ) -> HeldImage {
        HeldImage(
            id: id(word),
            references: references,
            layers: layers.map { id("layer \($0)") },
            bytes: layers.count * 10_000_000,
            architecture: "amd64"
        )
    }

    static func engine(
        _ images: [HeldImage] = [],
        version: String = "20.10.24",
        used: Set<String> = [],
        free: Int? = 50_000_000_000
    ) -> ObservedEngine {
        ObservedEngine(
            version: version,
            storageDriver: "overlay2",
            rootDirectory: "/var/lib/docker",
            freeBytes: free,
            architecture: "amd64",
            images: images.sorted { $0.id < $1.id },
            used: used
        )
    }

    static func image(
        _ reference: String = reference,
        _ origin: ImageOrigin = .engine(.thisMachine),
        on nodes: [NodeName],
        apps: [String] = [],
        architecture: String? = nil
    ) -> DesiredImage {
        DesiredImage(
            reference: reference,
            origin: origin,
            nodes: nodes,
            apps: apps,
            architecture: architecture,
            position: here
        )
    }

    static func record(_ source: String, _ local: String, of reference: String = reference) -> AppliedEntry {
        AppliedEntry(
            resource: ImageRecord.resource(reference),
            digest: ImageRecord(source: source, local: local).digest,
            revision: "abc"
        )
    }
}

/// A cluster of nodes that are nothing but engines, and perhaps a Marathon.
struct ImageWorld {
    var images = DesiredImages()
    var apps: DesiredApps?
    var observed = ObservedCluster(nodes: [:])
    /// In the order of cluster.yaml.
    private(set) var names: [NodeName] = []

    /// Nodes whose engines hold what is given.
    init(_ engines: KeyValuePairs<NodeName, ObservedEngine>) {
        for (name, engine) in engines { add(name, .found(engine)) }
    }

    mutating func add(_ name: NodeName, _ engine: Observation<ObservedEngine>, applied: [AppliedEntry] = []) {
        names.append(name)
        var node = ObservedNode(name: name, platform: .found(Samples.platform))
        node.engine = engine
        node.dockerEngine = engine.map(\.version)
        node.applied = .found(Dictionary(applied.map { ($0.resource, $0) }) { first, _ in first })
        observed.nodes[name] = .answered(node)
    }

    /// Declares one image on every node.
    mutating func declare(
        _ reference: String = ImageSamples.reference,
        _ origin: ImageOrigin = .engine(.thisMachine),
        has look: Observation<SourceImage>,
        context: String? = nil,
        apps: [String] = [],
        architecture: String? = nil
    ) {
        images.images.append(
            ImageSamples.image(reference, origin, on: names, apps: apps, architecture: architecture)
        )
        observed.images[reference] = SourceLook(image: look, context: context)
    }

    mutating func engine(_ name: NodeName, _ change: (inout ObservedEngine) -> Void) {
        observed = observed.changing(name) { node in
            guard case .found(var engine) = node.engine else { return }
            change(&engine)
            node.engine = .found(engine)
        }
    }

    mutating func record(_ entry: AppliedEntry, on name: NodeName) {
        observed = observed.changing(name) { node in
            var entries = node.applied.value ?? [:]
            entries[entry.resource] = entry
            node.applied = .found(entries)
        }
    }

    var desired: DesiredCluster {
        let nodes = names.enumerated().map { index, name in
            DesiredNode(name: name, address: "10.16.40.\(11 + index)", roles: [.docker], platform: Samples.platform)
        }
        return DesiredCluster(name: "test", nodes: nodes, leaseHolders: names, apps: apps, images: images)
    }

    var plan: Plan {
        Plan(desired: desired, observed: observed, source: .init(file: "cluster.yaml", revision: "3f1c2aa"))
    }
}

extension Plan {
    var imageActs: [ImageAct] { steps.compactMap { if case .image(let act) = $0.act { act } else { nil } } }

    /// One line a step on images: what, where, and the change in words.
    var imageWords: [String] {
        steps.compactMap { step in
            guard case .image(let act) = step.act else { return nil }
            let words = step.changes.first.map { ": \($0.summary)" } ?? ""
            return "\(act.node.map { "\($0) " } ?? "")\(step.title)\(words)"
        }
    }

    func imageStep(on node: NodeName) -> Step? {
        steps.first { if case .image(let act) = $0.act { act.node == node } else { false } }
    }
}
