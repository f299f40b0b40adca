internal import Reconciler
internal import Specs

/// What a plan brings where, counted.
struct ImageSummary: Hashable {
    /// Unpacked, of what is sent, as far as it is known.
    var bytes = 0
    /// Steps of which that is not known.
    var unknown = 0
    /// That something is sent to.
    var sentTo: [NodeName] = []
    /// That pull from a registry.
    var pulledBy: [NodeName] = []
    /// Unpacked, by node.
    var bytesByNode: [NodeName: Int] = [:]

    var isEmpty: Bool { sentTo.isEmpty && pulledBy.isEmpty }

    init(_ plan: Plan) {
        for step in plan.steps {
            guard case .image(let act) = step.act, let node = act.node else { continue }
            switch act.operation {
            case .ship(let shipment):
                sentTo.append(node)
                unknown += shipment.bytes == nil ? 1 : 0
                bytes += shipment.bytes ?? 0
                bytesByNode[node, default: 0] += shipment.bytes ?? 0
            case .pull: pulledBy.append(node)
            case .build, .tag, .remove: break
            }
        }
        (sentTo, pulledBy) = (sentTo.unique, pulledBy.unique)
    }

    /// `376 MB to 3 nodes, at most 4 at once`.
    var words: String {
        var phrases: [String] = []
        if !sentTo.isEmpty {
            let known =
                unknown == 0 ? bytesInWords(bytes) : bytes == 0 ? "size not known" : "\(bytesInWords(bytes)) and more"
            phrases.append("\(known) to \(count(sentTo.count, "node"))")
        }
        if !pulledBy.isEmpty { phrases.append("\(count(pulledBy.count, "node")) pulling from a registry") }
        return phrases.joined(separator: ", ")
    }
}

extension ImageAct {
    var effect: StepEffect {
        switch operation {
        case .build: .create
        case .ship, .pull: .transfer
        case .tag: .change
        case .remove: .remove
        }
    }

    /// What it does on the node, in order.
    var words: [String] {
        let reference = visible(reference)
        switch operation {
        case .build: return ["docker build, if nobody has built this context yet"]
        case .ship(let shipment):
            let what = shipment.lacking.map { "\(count($0.count, "layer")) it lacks" } ?? "every layer"
            return ["send \(what)", "docker load", "compare what \(reference) is then"] + pruning
        case .pull(let digest, _): return ["docker pull \(visible(digest))", "docker tag it \(reference)"] + pruning
        case .tag(let id): return ["docker tag \(visible(id)) \(reference)"] + pruning
        case .remove(let id): return ["docker rmi \(visible(id)), unless a container or a name keeps it"]
        }
    }

    private var pruning: [String] {
        prunes ? replaced.map { ["docker rmi \(visible($0)), unless a container or a name keeps it"] } ?? [] : []
    }
}

/// What an action on an image does, in stable words.
func words(for act: ImageNodeAct) -> String {
    switch act {
    case .stage(let bytes, _): "make room for \(bytesInWords(bytes)) of parts"
    case .load(let load, _): "load \(visible(load.reference)) from \(count(load.parts.count, "part"))"
    case .pull(let digest, let reference, _): "pull \(visible(digest)) as \(visible(reference))"
    case .tag(let id, let reference): "tag \(visible(id)) \(visible(reference))"
    case .remove(let id): "remove image \(visible(id))"
    case .clear: "remove the parts of images"
    }
}
