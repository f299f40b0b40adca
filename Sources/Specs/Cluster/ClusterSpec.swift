/// What the user declared in cluster.yaml: typed and checked, every value with its place.
///
/// Made by `SpecReader`; a value of this type has passed every rule in `Rules/`.
public struct ClusterSpec: Hashable, Sendable {
    /// The file as the user named it; labels reasons in plans.
    public var file: String
    public var cluster: Located<String>
    public var ssh: SSHSpec
    /// For planning offline; where a node was observed, the observation wins.
    public var platform: PlatformSpec?
    public var versions: VersionPins
    /// In the order of the file.
    public var nodes: [NodeSpec]
    public var roles: [Role: RoleSpec]
    public var zookeeper: ZooKeeperSpec?
    public var mesos: MesosSpec?
    public var marathon: MarathonSpec?
    public var docker: DockerSpec
    public var policy: PolicySpec
    /// Site's own files and services, all nodes.
    public var files: [FileSpec]
    public var services: [ServiceSpec]
    /// Sections that describe no service of a node.
    public var other: OtherSections

    public init(
        file: String,
        cluster: Located<String>,
        ssh: SSHSpec = SSHSpec(),
        platform: PlatformSpec? = nil,
        versions: VersionPins = VersionPins(),
        nodes: [NodeSpec],
        roles: [Role: RoleSpec] = [:],
        zookeeper: ZooKeeperSpec? = nil,
        mesos: MesosSpec? = nil,
        marathon: MarathonSpec? = nil,
        docker: DockerSpec = DockerSpec(),
        policy: PolicySpec = PolicySpec(),
        files: [FileSpec] = [],
        services: [ServiceSpec] = [],
        other: OtherSections = OtherSections()
    ) {
        self.file = file
        self.cluster = cluster
        self.ssh = ssh
        self.platform = platform
        self.versions = versions
        self.nodes = nodes
        self.roles = roles
        self.zookeeper = zookeeper
        self.mesos = mesos
        self.marathon = marathon
        self.docker = docker
        self.policy = policy
        self.files = files
        self.services = services
        self.other = other
    }

    /// The nodes with `role`, in the order of the file.
    public func nodes(with role: Role) -> [NodeSpec] { nodes.filter { $0.has(role) } }

    public func node(_ name: NodeName) -> NodeSpec? { nodes.first { $0.name.value == name } }

    /// Whether only apps are declared, for a Marathon that somebody else runs: nothing is reached but `marathon.endpoint`.
    public var isAppsOnly: Bool { nodes.isEmpty && marathon?.endpoint != nil && !other.apps.isEmpty }
}

/// `ssh:`; what is left out is ssh_config's.
public struct SSHSpec: Hashable, Sendable {
    public enum Become: String, Hashable, Sendable, Codable {
        case none, sudo
    }

    /// A `Host` alias of ssh_config, instead of the node's address; per node only.
    public var alias: Located<String>?
    public var user: Located<String>?
    public var port: Located<Int>?
    public var become: Located<Become>?
    public var identityFile: Located<String>?
    /// Whole seconds; 10 where nothing is said.
    public var connectTimeout: Located<Int>?

    public init(
        alias: Located<String>? = nil,
        user: Located<String>? = nil,
        port: Located<Int>? = nil,
        become: Located<Become>? = nil,
        identityFile: Located<String>? = nil,
        connectTimeout: Located<Int>? = nil
    ) {
        self.alias = alias
        self.user = user
        self.port = port
        self.become = become
        self.identityFile = identityFile
        self.connectTimeout = connectTimeout
    }
}

/// `platform:`, what an unobserved node is taken for.
public struct PlatformSpec: Hashable, Sendable {
    public var os: Located<String>?
    public var initSystem: Located<Platform.InitSystem>?
    public var packageManager: Located<Platform.PackageManager>?

    public init(
        os: Located<String>? = nil,
        initSystem: Located<Platform.InitSystem>? = nil,
        packageManager: Located<Platform.PackageManager>? = nil
    ) {
        self.os = os
        self.initSystem = initSystem
        self.packageManager = packageManager
    }
}

/// `versions:`, matched against the upstream part of the package's version; nil means whatever is installed.
public struct VersionPins: Hashable, Sendable {
    public var zookeeper: Located<String>?
    public var mesos: Located<String>?
    public var marathon: Located<String>?
    public var docker: Located<String>?
    public var haproxy: Located<String>?

    public init(
        zookeeper: Located<String>? = nil,
        mesos: Located<String>? = nil,
        marathon: Located<String>? = nil,
        docker: Located<String>? = nil,
        haproxy: Located<String>? = nil
    ) {
        self.zookeeper = zookeeper
        self.mesos = mesos
        self.marathon = marathon
        self.docker = docker
        self.haproxy = haproxy
    }
}
