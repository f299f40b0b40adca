/// A Docker image that nodes should hold.
public struct DesiredImage: Hashable, Sendable {
    /// As the engines know it: `repository:tag` (`:latest` where nothing is said), or `repository@sha256:…`.
    public var reference: String
    public var origin: ImageOrigin
    /// Who should hold it, in the order of cluster.yaml.
    public var nodes: [NodeName]
    /// Ids of the apps that run it, sorted; none of them is put before it is on every node that may run it.
    public var apps: [String]
    /// Such as `amd64`; nil: whatever the origin has.
    public var architecture: String?
    public var position: SourcePosition

    public init(
        reference: String,
        origin: ImageOrigin,
        nodes: [NodeName],
        apps: [String] = [],
        architecture: String? = nil,
        position: SourcePosition
    ) {
        self.reference = reference
        self.origin = origin
        self.nodes = nodes
        self.apps = apps
        self.architecture = architecture
        self.position = position
    }
}

/// Where an image comes from.
public enum ImageOrigin: Hashable, Sendable, Codable {
    /// The engine of a host that has it.
    case engine(ImageHost)
    /// A file as `docker save` writes it, compressed or not; relative to cluster.yaml.
    case tar(path: String)
    /// Built on a host from a directory with a Dockerfile, relative to cluster.yaml.
    case build(directory: String, on: ImageHost)
    /// Every node pulls it by digest from the registry that its name begins with.
    case registry
}

/// A machine with a Docker engine that images come from.
public enum ImageHost: Hashable, Sendable, Codable, CustomStringConvertible {
    case thisMachine
    /// A host that ssh knows, or a node of cluster.yaml.
    case ssh(NodeName)

    public var description: String {
        switch self {
        case .thisMachine: "this machine"
        case .ssh(let name): name.text
        }
    }
}

/// How images travel.
public struct DesiredTransfer: Hashable, Sendable, Codable {
    /// Nodes at once.
    public var parallel: Int
    /// Bytes a second for all transfers together; nil for as fast as it goes.
    public var bandwidth: Int?
    /// Nodes that have an image feed the others (`transfer.fanout: tree`).
    public var isTree: Bool

    public init(parallel: Int = 4, bandwidth: Int? = nil, isTree: Bool = false) {
        self.parallel = parallel
        self.bandwidth = bandwidth
        self.isTree = isTree
    }
}

/// The images of a cluster.
public struct DesiredImages: Hashable, Sendable {
    /// In the order of cluster.yaml.
    public var images: [DesiredImage]
    public var transfer: DesiredTransfer
    /// `policy.prune.images: always`: an image that a newer one has replaced is removed once no container needs it.
    public var prunes: Bool
    /// By app id, the agents that its constraints allow it to run on; nil where every agent is allowed.
    public var eligible: [String: [NodeName]]

    public init(
        images: [DesiredImage] = [],
        transfer: DesiredTransfer = DesiredTransfer(),
        prunes: Bool = false,
        eligible: [String: [NodeName]] = [:]
    ) {
        self.images = images
        self.transfer = transfer
        self.prunes = prunes
        self.eligible = eligible
    }
}
