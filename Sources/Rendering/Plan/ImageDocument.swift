internal import Reconciler
internal import Specs

extension PlanDocument {
    /// What a step does with one image.
    public struct Image: Hashable, Sendable, Encodable {
        public var reference: String
        /// `engine`, `tar`, `build` or `registry`.
        public var origin: String
        /// The host or the file that it comes from; absent for a registry.
        public var from: String?
        /// `build`, `ship`, `pull`, `tag` or `remove`.
        public var operation: String
        /// What it is afterwards, or what is removed; absent where it is not built yet.
        public var id: String?
        /// What had that name before.
        public var replaced: String?
        /// Diff ids of the layers that are sent; absent where all are.
        public var layers: [String]?
        /// Unpacked, of what is sent; absent where that is not known.
        public var bytes: Int?
        public var prunes: Bool
        /// Nodes at once.
        public var parallel: Int
        /// Bytes a second for all transfers together; absent: no limit.
        public var bandwidth: Int?
        /// `direct` or `tree`.
        public var fanout: String
        public var deadlineSeconds: Int

        init(_ act: ImageAct) {
            (reference, replaced, prunes) = (act.reference, act.replaced, act.prunes)
            (origin, from) = act.origin.words
            (parallel, bandwidth) = (act.transfer.parallel, act.transfer.bandwidth)
            fanout = act.transfer.isTree ? "tree" : "direct"
            deadlineSeconds = act.deadlineSeconds
            switch act.operation {
            case .build: operation = "build"
            case .ship(let shipment):
                operation = "ship"
                (id, layers, bytes) = (shipment.image?.id, shipment.lacking, shipment.bytes)
            case .pull(_, let id): (operation, self.id) = ("pull", id)
            case .tag(let id): (operation, self.id) = ("tag", id)
            case .remove(let id): (operation, self.id) = ("remove", id)
            }
        }
    }

    /// What is brought where, in all.
    public struct Images: Hashable, Sendable, Encodable {
        /// Unpacked, of what is sent, as far as it is known.
        public var bytes: Int
        /// The same, by node.
        public var bytesByNode: [String: Int]
        /// How many steps send what is not known beforehand.
        public var unknown: Int
        /// Nodes that something is sent to.
        public var nodes: [String]
        /// Nodes that pull from a registry.
        public var pulling: [String]

        init(_ summary: ImageSummary) {
            (bytes, unknown) = (summary.bytes, summary.unknown)
            bytesByNode = Dictionary(summary.bytesByNode.map { ($0.key.text, $0.value) }) { first, _ in first }
            nodes = summary.sentTo.map(\.text)
            pulling = summary.pulledBy.map(\.text)
        }
    }
}

extension ImageOrigin {
    fileprivate var words: (kind: String, from: String?) {
        switch self {
        case .engine(let host): ("engine", host.description)
        case .tar(let path): ("tar", path)
        case .build(_, let host): ("build", host.description)
        case .registry: ("registry", nil)
        }
    }
}
