public import Specs

/// Something outside a plan that one of its steps relies on; read again before a saved plan is carried out.
public enum ReliedObject: Hashable, Sendable, Codable {
    /// That the node answers, and what system it is.
    case node(NodeName)
    case file(NodeName, path: String)
    /// Every entry of a directory of which a service reads every file.
    case directory(NodeName, path: String, recursive: Bool)
    case service(NodeName, ServiceName)
    case package(NodeName, String)
    /// A link of the node's, its addresses and the routes through it.
    case link(NodeName, String)
    /// The name that the node's kernel has.
    case hostName(NodeName)
    /// What the node's ZooKeeper server says of itself and of its ensemble; who leads is left out.
    case zooKeeper(NodeName)
    /// The node's Mesos master as it was started: quorum and registry; who is elected is left out.
    case master(NodeName)
    /// What a reference names in the node's Docker engine.
    case image(NodeName, String)
    /// What a declared image is where it comes from.
    case origin(String)
    case marathon
    /// By absolute id.
    case app(String)

    /// nil for what is on no node.
    public var node: NodeName? {
        switch self {
        case .node(let node), .file(let node, _), .directory(let node, _, _), .service(let node, _),
            .package(let node, _), .link(let node, _), .hostName(let node), .zooKeeper(let node), .master(let node),
            .image(let node, _):
            node
        case .origin, .marathon, .app: nil
        }
    }

    /// Such as `mesos-slave2: file /etc/mesos-slave/containerizers`.
    public var words: String {
        switch self {
        case .node(let node): "\(node): the node"
        case .file(let node, let path): "\(node): file \(path)"
        case .directory(let node, let path, _): "\(node): directory \(path)"
        case .service(let node, let service): "\(node): service \(service)"
        case .package(let node, let name): "\(node): package \(name)"
        case .link(let node, let link): "\(node): link \(link)"
        case .hostName(let node): "\(node): host name"
        case .zooKeeper(let node): "\(node): its place in the ZooKeeper ensemble"
        case .master(let node): "\(node): its place among the masters"
        case .image(let node, let reference): "\(node): image \(reference)"
        case .origin(let reference): "image \(reference) where it comes from"
        case .marathon: "Marathon"
        case .app(let id): "app \(id)"
        }
    }
}

/// What an object was like, part by part: enough to tell that it moved, and from what to what.
///
/// Digests and ids; no content, so no secret. Of a file that may hold one only its stamp.
public struct Fingerprint: Hashable, Sendable, Codable {
    public var object: ReliedObject
    /// Name of the part → its state in words.
    public var parts: [String: String]

    public init(_ object: ReliedObject, _ parts: [String: String]) {
        self.object = object
        self.parts = parts
    }

    /// The parts that differ, as sentences such as `mode 0644 → 0600`.
    public func moves(to now: Fingerprint) -> [Move] {
        Set(parts.keys).union(now.parts.keys).sorted().compactMap { part in
            let (before, after) = (parts[part], now.parts[part])
            return before == after ? nil : Move(part: part, before: before, after: after)
        }
    }

    public struct Move: Hashable, Sendable, Codable {
        public var part: String
        /// nil: there was no such part, such as an entry of a directory.
        public var before: String?
        public var after: String?

        public init(part: String, before: String?, after: String?) {
            self.part = part
            self.before = before
            self.after = after
        }

        public var words: String { "\(part) \(before ?? "(none)") → \(after ?? "(none)")" }
    }
}
