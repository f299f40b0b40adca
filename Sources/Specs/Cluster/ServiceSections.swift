/// `zookeeper:`.
public struct ZooKeeperSpec: Hashable, Sendable {
    public struct Ports: Hashable, Sendable {
        public var client: Int
        public var quorum: Int
        public var election: Int

        public init(client: Int = 2181, quorum: Int = 2888, election: Int = 3888) {
            self.client = client
            self.quorum = quorum
            self.election = election
        }
    }

    public struct Member: Hashable, Sendable {
        /// The server id, 1–255; `position` is the key's place.
        public var id: Located<Int>
        public var node: Located<NodeName>

        public init(id: Located<Int>, node: Located<NodeName>) {
            self.id = id
            self.node = node
        }
    }

    /// Where `zookeeper:` stands.
    public var position: SourcePosition
    /// Sorted by id.
    public var ensemble: [Member]
    /// Declared zoo.cfg keys, without those that are derived (`server.N`, `clientPort`, `dataDir`).
    public var config: [Setting]
    public var dataDirectory: Located<String>
    public var ports: Ports

    public init(
        position: SourcePosition,
        ensemble: [Member],
        config: [Setting] = [],
        dataDirectory: Located<String>,
        ports: Ports = Ports()
    ) {
        self.position = position
        self.ensemble = ensemble
        self.config = config
        self.dataDirectory = dataDirectory
        self.ports = ports
    }
}

/// `mesos:`.
public struct MesosSpec: Hashable, Sendable {
    public struct Master: Hashable, Sendable {
        public var flags: [Setting]
        public var workDirectory: Located<String>?
        public var credentials: Located<Content>?
        public var acls: Located<Content>?

        public init(
            flags: [Setting] = [],
            workDirectory: Located<String>? = nil,
            credentials: Located<Content>? = nil,
            acls: Located<Content>? = nil
        ) {
            self.flags = flags
            self.workDirectory = workDirectory
            self.credentials = credentials
            self.acls = acls
        }
    }

    public struct Agent: Hashable, Sendable {
        public var containerizers: Located<[String]>?
        /// A Mesos duration as written, such as `5mins`.
        public var executorRegistrationTimeout: Located<String>?
        public var flags: [Setting]
        public var attributes: [Setting]
        public var resources: [Setting]
        public var workDirectory: Located<String>?
        public var credentials: Located<Content>?

        public init(
            containerizers: Located<[String]>? = nil,
            executorRegistrationTimeout: Located<String>? = nil,
            flags: [Setting] = [],
            attributes: [Setting] = [],
            resources: [Setting] = [],
            workDirectory: Located<String>? = nil,
            credentials: Located<Content>? = nil
        ) {
            self.containerizers = containerizers
            self.executorRegistrationTimeout = executorRegistrationTimeout
            self.flags = flags
            self.attributes = attributes
            self.resources = resources
            self.workDirectory = workDirectory
            self.credentials = credentials
        }
    }

    public var position: SourcePosition
    /// The znode path, such as `/mesos`.
    public var zkPath: Located<String>
    public var quorum: Located<Int>
    public var cluster: Located<String>?
    public var master: Master
    public var agent: Agent
    /// `user:password`, for masters and agents that are asked with it (`--authenticate_http*`, mesos-zk-ops.md 5).
    public var httpCredentials: Located<Content>?
    /// Whether masters and agents answer over TLS only.
    public var https: Located<Bool>?
    /// A PEM file of the authority that signs their certificates, relative to cluster.yaml.
    public var authority: Located<String>?

    public init(
        position: SourcePosition,
        zkPath: Located<String>,
        quorum: Located<Int>,
        cluster: Located<String>? = nil,
        master: Master = Master(),
        agent: Agent = Agent(),
        httpCredentials: Located<Content>? = nil,
        https: Located<Bool>? = nil,
        authority: Located<String>? = nil
    ) {
        self.position = position
        self.zkPath = zkPath
        self.quorum = quorum
        self.cluster = cluster
        self.master = master
        self.agent = agent
        self.httpCredentials = httpCredentials
        self.https = https
        self.authority = authority
    }
}

/// `marathon:`.
public struct MarathonSpec: Hashable, Sendable {
    public var position: SourcePosition
    /// The znode path, such as `/marathon`.
    public var zkPath: Located<String>
    public var flags: [Setting]
    /// `user:password`.
    public var httpCredentials: Located<Content>?
    /// Sent as `Authorization: token=…` (marathon-api.md 6).
    public var token: Located<Content>?
    public var https: Located<Bool>?
    /// A PEM file of the authority that signs its certificate, relative to cluster.yaml.
    public var authority: Located<String>?
    /// How the operator reaches it: a URL, with a base path where a proxy wants one.
    public var endpoint: Located<String>?

    public init(
        position: SourcePosition,
        zkPath: Located<String>,
        flags: [Setting] = [],
        httpCredentials: Located<Content>? = nil,
        token: Located<Content>? = nil,
        https: Located<Bool>? = nil,
        authority: Located<String>? = nil,
        endpoint: Located<String>? = nil
    ) {
        self.position = position
        self.zkPath = zkPath
        self.flags = flags
        self.httpCredentials = httpCredentials
        self.token = token
        self.https = https
        self.authority = authority
        self.endpoint = endpoint
    }
}

/// `docker:`.
public struct DockerSpec: Hashable, Sendable {
    /// The package that brings the engine; `docker.io` where nothing is said.
    public var package: Located<String>?
    /// Keys of daemon.json; each value is JSON text.
    public var daemon: [Setting]

    public init(package: Located<String>? = nil, daemon: [Setting] = []) {
        self.package = package
        self.daemon = daemon
    }
}

/// `policy:`, what may be done without asking.
public struct PolicySpec: Hashable, Sendable {
    public enum Prune: String, Hashable, Sendable, Codable {
        case never, always
    }

    /// Agents out of service at once.
    public var agentsAtOnce: Int
    /// Whether undeclared flag files are removed.
    public var pruneFlagFiles: Prune
    /// Names of what is dangerous and wanted: `wipe-replicated-log`, `recreate-app:/id`.
    public var consent: [Located<String>]

    public init(agentsAtOnce: Int = 1, pruneFlagFiles: Prune = .never, consent: [Located<String>] = []) {
        self.agentsAtOnce = agentsAtOnce
        self.pruneFlagFiles = pruneFlagFiles
        self.consent = consent
    }

    /// What stands before the id of an app that may be deleted and made again.
    public static let recreation = "recreate-app:"
}
