/// What should be, per node, for the platforms the nodes have.
public struct DesiredCluster: Hashable, Sendable {
    public var name: String
    /// In the order of cluster.yaml.
    public var nodes: [DesiredNode]
    public var zooKeeper: DesiredEnsemble?
    /// Mesos masters; their ids are 1… in the order of the file and mean nothing.
    public var masters: DesiredMasters?
    /// The quorum of nodes that hold the cluster's lease: the ZooKeeper members, else the masters, else all nodes.
    public var leaseHolders: [NodeName]
    public var agentsAtOnce: Int
    /// Advice that is no fault: shown with the plan.
    public var advice: [String]
    /// nil where cluster.yaml names no apps and prunes none.
    public var apps: DesiredApps?
    /// nil where cluster.yaml names no images.
    public var images: DesiredImages?
    /// Services whose APIs answer over TLS only.
    public var tls: [ServiceName: DesiredTLS]
    /// Links that are changed where they differ (`network.enforce`).
    public var links: [NodeName: DesiredLink]

    public init(
        name: String,
        nodes: [DesiredNode],
        zooKeeper: DesiredEnsemble? = nil,
        masters: DesiredMasters? = nil,
        leaseHolders: [NodeName],
        agentsAtOnce: Int = 1,
        advice: [String] = [],
        apps: DesiredApps? = nil,
        images: DesiredImages? = nil,
        tls: [ServiceName: DesiredTLS] = [:],
        links: [NodeName: DesiredLink] = [:]
    ) {
        self.name = name
        self.nodes = nodes
        self.zooKeeper = zooKeeper
        self.masters = masters
        self.leaseHolders = leaseHolders
        self.agentsAtOnce = agentsAtOnce
        self.advice = advice
        self.apps = apps
        self.images = images
        self.tls = tls
        self.links = links
    }

    public func node(_ name: NodeName) -> DesiredNode? { nodes.first { $0.name == name } }
}

/// How an API that answers over TLS only is trusted.
public struct DesiredTLS: Hashable, Sendable {
    /// A PEM file of the authority to trust instead of the system's, as cluster.yaml names it.
    public var authority: String?

    public init(authority: String? = nil) { self.authority = authority }
}

/// The declared ZooKeeper ensemble.
public struct DesiredEnsemble: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public var id: Int
        public var node: NodeName
        public var address: String

        public init(id: Int, node: NodeName, address: String) {
            self.id = id
            self.node = node
            self.address = address
        }
    }

    /// Sorted by id.
    public var members: [Member]
    public var clientPort: Int
    public var dataDirectory: String
    /// The value of each `server.N` key as it is written, such as `10.16.40.1:2888:3888`.
    public var servers: [Int: String]
    /// Where the ensemble is declared.
    public var position: SourcePosition

    public init(
        members: [Member],
        clientPort: Int,
        dataDirectory: String,
        servers: [Int: String],
        position: SourcePosition
    ) {
        self.members = members
        self.clientPort = clientPort
        self.dataDirectory = dataDirectory
        self.servers = servers
        self.position = position
    }
}

/// The declared Mesos masters.
public struct DesiredMasters: Hashable, Sendable {
    public var nodes: [NodeName]
    public var quorum: Int
    public var zk: String
    public var workDirectory: String
    public var position: SourcePosition
    public var port: Int

    public init(
        nodes: [NodeName],
        quorum: Int,
        zk: String,
        workDirectory: String,
        position: SourcePosition,
        port: Int = 5050
    ) {
        self.nodes = nodes
        self.quorum = quorum
        self.zk = zk
        self.workDirectory = workDirectory
        self.position = position
        self.port = port
    }
}

/// What one node should be.
public struct DesiredNode: Hashable, Sendable {
    public var name: NodeName
    public var address: String
    public var roles: [Role]
    /// As observed, or as assumed (then `assumption` is set).
    public var platform: Platform
    public var assumption: Assumption?
    public var packages: [DesiredPackage]
    public var files: [DesiredFile]
    public var flagDirectories: [FlagDirectory]
    /// Every service we know on every node, wanted or held off; in the order of layers.
    public var services: [Service]
    /// Files of variables that the wanted services' wrappers read, in the order in which they are read.
    public var environmentFiles: [EnvironmentFile]
    /// Sources of packages, in the order of cluster.yaml; their files are among `files`.
    public var repositories: [DesiredRepository]
    /// What `hold` names, in the order of cluster.yaml.
    public var holds: [DesiredHold]
    /// nil where `network:` is not declared.
    public var network: DesiredNetwork?
    /// nil where the node balances nothing.
    public var loadBalancer: DesiredLoadBalancer?

    public init(
        name: NodeName,
        address: String,
        roles: [Role],
        platform: Platform,
        assumption: Assumption? = nil,
        packages: [DesiredPackage] = [],
        files: [DesiredFile] = [],
        flagDirectories: [FlagDirectory] = [],
        services: [Service] = [],
        environmentFiles: [EnvironmentFile] = [],
        repositories: [DesiredRepository] = [],
        holds: [DesiredHold] = [],
        network: DesiredNetwork? = nil,
        loadBalancer: DesiredLoadBalancer? = nil
    ) {
        self.name = name
        self.address = address
        self.roles = roles
        self.platform = platform
        self.assumption = assumption
        self.packages = packages
        self.files = files
        self.flagDirectories = flagDirectories
        self.services = services
        self.environmentFiles = environmentFiles
        self.repositories = repositories
        self.holds = holds
        self.network = network
        self.loadBalancer = loadBalancer
    }

    public func service(_ name: ServiceName) -> Service? { services.first { $0.name == name } }
}

/// Why something is wanted: a sentence and the line of cluster.yaml that asks for it.
public struct Reason: Hashable, Sendable, Codable {
    public var text: String
    public var position: SourcePosition?

    public init(_ text: String, at position: SourcePosition? = nil) {
        self.text = text
        self.position = position
    }
}

/// A package that should be installed from the node's own sources.
public struct DesiredPackage: Hashable, Sendable {
    public var name: String
    /// Matched against the upstream part of the version; nil takes whatever is installed, else the candidate.
    public var pin: String?
    /// Where the version is declared.
    public var pinnedAt: SourcePosition?
    /// Services this package may start or enable by itself; all of them are held off before it is installed.
    public var brings: [ServiceName]
    /// Whether nobody's upgrade of everything may take it along: what is pinned, and what `hold` names.
    public var holds: Bool
    public var reason: Reason

    /// `holds` nil: as `pin` says.
    public init(
        name: String,
        pin: String? = nil,
        pinnedAt: SourcePosition? = nil,
        brings: [ServiceName] = [],
        holds: Bool? = nil,
        reason: Reason
    ) {
        self.name = name
        self.pin = pin
        self.pinnedAt = pinnedAt
        self.brings = brings
        self.holds = holds ?? (pin != nil)
        self.reason = reason
    }
}

/// A directory of which every regular file is read as a flag, such as `/etc/mesos-master`.
public struct FlagDirectory: Hashable, Sendable {
    public var path: String
    /// The service that would exit on a stray file.
    public var service: ServiceName
    /// Undeclared files that the package ships (`work_dir`, `launcher`): never strays.
    public var shipped: [String]
    /// Whether undeclared files are removed (`policy.prune.flagFiles: always`).
    public var prunes: Bool
    /// Marathon's wrapper descends into sub-directories, Mesos' does not.
    public var isRecursive: Bool
    public var reason: Reason

    public init(
        path: String,
        service: ServiceName,
        shipped: [String] = [],
        prunes: Bool = false,
        isRecursive: Bool = false,
        reason: Reason
    ) {
        self.path = path
        self.service = service
        self.shipped = shipped
        self.prunes = prunes
        self.isRecursive = isRecursive
        self.reason = reason
    }
}
