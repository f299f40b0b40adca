import Specs

@testable import Reconciler

/// A small planner of images over the world, as the real one would see it.
struct ImageLab: Sendable {
    static let mebi = 20_000_000

    /// An image that nodes should hold, and a file that stands for the app that runs it.
    struct Wanted: Sendable {
        var reference: String
        var image: SourceImage
        var nodes: [NodeName]
        var app: (path: String, node: NodeName)?
        /// The digest of its context, where it is to be built first.
        var context: String?
    }

    var wanted: [Wanted]
    var transfer = DesiredTransfer()
    var prunes = false

    static func digest(_ text: String) -> String { "sha256:\(sha256(text))" }

    static func image(_ id: String, _ layers: [String]) -> SourceImage {
        SourceImage(
            id: Self.digest(id),
            layers: layers.map { SourceImage.Layer(diffID: $0, bytes: mebi) },
            bytes: layers.count * mebi,
            engineVersion: "20.10.24"
        )
    }

    /// Nodes with an engine that holds `images` under their names.
    static func nodes(_ names: [NodeName], holding images: [String: SourceImage] = [:]) -> [NodeName: SimulatedNode] {
        var engine = SimulatedEngine()
        for (reference, image) in images {
            engine.images[image.id] = SimulatedEngine.Image(names: [reference], layers: image.layers.map(\.diffID))
        }
        var node = SimulatedNode()
        node.engine = engine
        return Dictionary(names.map { ($0, node) }) { first, _ in first }
    }

    func holds(_ wanted: Wanted, _ node: NodeName, _ world: ExecuteWorld) -> Bool {
        world[node].engine?.images[wanted.image.id]?.names.contains(wanted.reference) == true
    }

    func plan(_ world: ExecuteWorld, isBuilt: Bool = true) -> Plan {
        var steps: [Step] = []
        for wanted in wanted {
            var needs: [Int] = []
            let missing = wanted.nodes.filter { !holds(wanted, $0, world) }
            if let context = wanted.context, !isBuilt, !missing.isEmpty {
                steps.append(.image(wanted.reference, nil, .build(context: context), transfer: transfer))
                needs = [steps.count]
            }
            var apps = needs
            for node in missing {
                let engine = world[node].engine
                let layers = wanted.image.layers.map(\.diffID)
                let shipment = ImageAct.Shipment(
                    image: wanted.context == nil || isBuilt ? wanted.image : nil,
                    lacking: wanted.context == nil || isBuilt
                        ? Array(layers.dropFirst(engine?.chain(layers) ?? 0)) : nil
                )
                var step = Step.image(
                    wanted.reference,
                    node,
                    .ship(shipment),
                    replaced: engine?.images.first { $0.value.names.contains(wanted.reference) }?.key,
                    prunes: prunes,
                    transfer: transfer
                )
                step.needs = needs
                steps.append(step)
                apps.append(steps.count)
            }
            if let app = wanted.app, world[app.node].files[app.path] == nil {
                steps.append(.write(app.path, Content(wanted.image.id), on: app.node, needs: apps))
            }
        }
        return Plan(steps)
    }
}

extension Step {
    static func image(
        _ reference: String,
        _ node: NodeName?,
        _ operation: ImageAct.Operation,
        replaced: String? = nil,
        prunes: Bool = false,
        transfer: DesiredTransfer = DesiredTransfer(),
        deadlineSeconds: Int = 3600
    ) -> Step {
        let resource = "image:\(reference)"
        let change = node.map { node in
            Change(
                node: node,
                resource: resource,
                kind: .create,
                cause: .git,
                summary: reference,
                applied: AppliedEntry(resource: resource, digest: "\(ImageLab.digest("source")) absent", revision: "r")
            )
        }
        return Step(
            id: 0,
            title: "bring \(reference)",
            act: .image(
                ImageAct(
                    reference: reference,
                    origin: .engine(.thisMachine),
                    node: node,
                    operation: operation,
                    replaced: replaced,
                    prunes: prunes,
                    transfer: transfer,
                    deadlineSeconds: deadlineSeconds
                )
            ),
            changes: [change].compactMap(\.self)
        )
    }
}
