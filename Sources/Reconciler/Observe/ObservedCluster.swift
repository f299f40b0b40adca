public import Specs

/// The cluster as seen: the same shape as `DesiredCluster`, every part an `Observation`.
///
/// Holds no secret's value.
public struct ObservedCluster: Hashable, Sendable, Codable {
    /// Every declared node; one that did not answer is there with its reason.
    public var nodes: [NodeName: NodeObservation]
    /// Absent where none is declared.
    public var marathon: Observation<ObservedMarathon>
    /// What Mesos tells over REST; empty where it was not asked that way.
    public var mesos: ObservedMesos
    /// What the origins of the declared images have, by reference.
    public var images: [String: SourceLook]
    /// Marathon's tasks as load balancers need them; absent where they were not asked for.
    public var balanced: Observation<[BalancedTask]>

    public init(
        nodes: [NodeName: NodeObservation],
        marathon: Observation<ObservedMarathon> = .absent,
        mesos: ObservedMesos = ObservedMesos(),
        images: [String: SourceLook] = [:],
        balanced: Observation<[BalancedTask]> = .absent
    ) {
        self.nodes = nodes
        self.marathon = marathon
        self.mesos = mesos
        self.images = images
        self.balanced = balanced
    }

    public subscript(_ name: NodeName) -> ObservedNode? { nodes[name]?.node }
}

/// A node that answered, or why it did not.
public enum NodeObservation: Hashable, Sendable, Codable {
    case answered(ObservedNode)
    case silent(NodeAccessError)

    public var node: ObservedNode? {
        if case .answered(let node) = self { node } else { nil }
    }
}

public struct ObservedNode: Hashable, Sendable, Codable {
    public var name: NodeName
    public var platform: Observation<Platform>
    public var hostname: String
    public var packages: [String: Observation<PackageAnswer>]
    /// By path as asked.
    public var files: [String: Observation<ObservedFile>]
    /// Entries of flag directories and data directories, by directory; each sorted by path.
    public var directories: [String: Observation<[ObservedFile]>]
    public var services: [ServiceName: Observation<ObservedService>]
    /// Flags the installed daemons know, by service.
    public var knownFlags: [ServiceName: Observation<[String]>]
    /// This node's ZooKeeper server as it answers at its declared address.
    public var zooKeeper: Observation<ZooKeeperServer>
    /// `/metrics/snapshot` of this node's master: whether it is elected.
    public var masterElected: Observation<Bool>
    /// What the node's declared names resolve to, by name.
    public var addresses: [String: Observation<[String]>]
    /// Its links, routes and names as they are now.
    public var network: Observation<NetworkAnswer>
    /// Whether ports of other nodes answer it.
    public var reached: [PeerPort: Observation<ReachOutcome>]
    /// How far its clock is from the observation's own, where both were looked at.
    public var clockOffset: ClockOffset?
    /// Free bytes by path.
    public var freeBytes: [String: Observation<Int>]
    public var clock: Observation<Double>
    public var dockerEngine: Observation<String>
    /// The same engine with what it holds; asked only where images are declared.
    public var engine: Observation<ObservedEngine>
    /// Controllers of version 1 that are mounted; only of agents.
    public var controlGroups: Observation<[String]>
    /// Resource → entry of the applied record.
    public var applied: Observation<[String: AppliedEntry]>
    /// Only of nodes that balance.
    public var loadBalancer: Observation<ObservedLoadBalancer>

    public init(
        name: NodeName,
        platform: Observation<Platform>,
        hostname: String = "",
        packages: [String: Observation<PackageAnswer>] = [:],
        files: [String: Observation<ObservedFile>] = [:],
        directories: [String: Observation<[ObservedFile]>] = [:],
        services: [ServiceName: Observation<ObservedService>] = [:],
        knownFlags: [ServiceName: Observation<[String]>] = [:],
        zooKeeper: Observation<ZooKeeperServer> = .absent,
        masterElected: Observation<Bool> = .absent,
        addresses: [String: Observation<[String]>] = [:],
        network: Observation<NetworkAnswer> = .unknown("not asked"),
        reached: [PeerPort: Observation<ReachOutcome>] = [:],
        clockOffset: ClockOffset? = nil,
        freeBytes: [String: Observation<Int>] = [:],
        clock: Observation<Double> = .unknown("not asked"),
        dockerEngine: Observation<String> = .absent,
        engine: Observation<ObservedEngine> = .absent,
        controlGroups: Observation<[String]> = .unknown("not asked"),
        applied: Observation<[String: AppliedEntry]> = .absent,
        loadBalancer: Observation<ObservedLoadBalancer> = .absent
    ) {
        self.name = name
        self.platform = platform
        self.hostname = hostname
        self.packages = packages
        self.files = files
        self.directories = directories
        self.services = services
        self.knownFlags = knownFlags
        self.zooKeeper = zooKeeper
        self.masterElected = masterElected
        self.addresses = addresses
        self.network = network
        self.reached = reached
        self.clockOffset = clockOffset
        self.freeBytes = freeBytes
        self.clock = clock
        self.dockerEngine = dockerEngine
        self.engine = engine
        self.controlGroups = controlGroups
        self.applied = applied
        self.loadBalancer = loadBalancer
    }
}

/// A file with its content masked.
public struct ObservedFile: Hashable, Sendable, Codable {
    public var path: String
    public var resolvedPath: String
    public var kind: FileAnswer.Kind
    public var mode: Int
    public var owner: String
    public var group: String
    public var size: Int
    /// Seconds since 1970.
    public var modified: Int
    /// What a write must still find.
    public var version: FileExpectation
    /// nil: larger than 64 KiB, no text, or no regular file.
    public var content: Content?

    public init(
        path: String,
        resolvedPath: String,
        kind: FileAnswer.Kind = .regular,
        mode: Int = 0o644,
        owner: String = "root",
        group: String = "root",
        size: Int = 0,
        modified: Int = 0,
        version: FileExpectation,
        content: Content?
    ) {
        self.path = path
        self.resolvedPath = resolvedPath
        self.kind = kind
        self.mode = mode
        self.owner = owner
        self.group = group
        self.size = size
        self.modified = modified
        self.version = version
        self.content = content
    }
}

/// A service with what its process really runs with, secrets masked.
public struct ObservedService: Hashable, Sendable, Codable {
    public var name: ServiceName
    public var boot: ServiceAnswer.Boot
    public var run: ServiceAnswer.Run
    public var pid: Int?
    public var started: Int?
    public var restarts: Int?
    /// Command line arguments, values of sensitive flags masked or redacted.
    public var arguments: [Content]
    /// Watched environment by name, likewise.
    public var environment: [String: Content]
    /// Files as the process read them at its start, by path.
    public var copies: [String: Content]
    public var detail: String
    /// The flags the daemon itself says it runs with (REST), defaults included, by folded name; nil: it was not asked, or did
    /// not say.
    public var reportedFlags: [String: Content]?

    public init(
        name: ServiceName,
        boot: ServiceAnswer.Boot,
        run: ServiceAnswer.Run,
        pid: Int? = nil,
        started: Int? = nil,
        restarts: Int? = nil,
        arguments: [Content] = [],
        environment: [String: Content] = [:],
        copies: [String: Content] = [:],
        detail: String = "",
        reportedFlags: [String: Content]? = nil
    ) {
        self.name = name
        self.boot = boot
        self.run = run
        self.pid = pid
        self.started = started
        self.restarts = restarts
        self.arguments = arguments
        self.environment = environment
        self.copies = copies
        self.detail = detail
        self.reportedFlags = reportedFlags
    }
}

/// What a ZooKeeper server says of itself.
public struct ZooKeeperServer: Hashable, Sendable, Codable {
    public enum Mode: String, Hashable, Sendable, Codable {
        case leader, follower, observer, standalone
        /// Up, and not serving: no quorum, or electing.
        case notServing
    }

    public var mode: Mode
    public var version: String?
    /// High 32 bits epoch, low 32 counter.
    public var zxid: UInt64?
    public var nodeCount: Int?
    /// From `conf`, where it answers: the server's own id.
    public var serverID: Int?
    /// From `conf` (3.5+): the running list by id, as printed without the role suffix; nil where unseen.
    public var members: [Int: String]?
    /// From `mntr` on a leader.
    public var syncedFollowers: Int?

    public init(
        mode: Mode,
        version: String? = nil,
        zxid: UInt64? = nil,
        nodeCount: Int? = nil,
        serverID: Int? = nil,
        members: [Int: String]? = nil,
        syncedFollowers: Int? = nil
    ) {
        self.mode = mode
        self.version = version
        self.zxid = zxid
        self.nodeCount = nodeCount
        self.serverID = serverID
        self.members = members
        self.syncedFollowers = syncedFollowers
    }
}
