/// An app as the server keeps it, in one shape for all releases; `MarathonAppCodec` reads and writes each release's JSON.
///
/// Fields a release does not know hold their defaults. Source: marathon-api.md section 3.
public struct MarathonApp: Hashable, Sendable, Codable {
    /// Absolute, such as `/prod/web`.
    public var id: String
    public var cmd: String?
    /// nil and empty differ up to 1.4.
    public var args: [String]?
    public var user: String?
    public var env: [EnvironmentEntry] = []
    public var instances = 1
    public var cpus = 1.0
    /// Megabytes.
    public var mem = 128.0
    public var disk = 0.0
    public var gpus = 0
    public var executor = ""
    /// Each `[field, operator]` or `[field, operator, value]`.
    public var constraints: [[String]] = []
    public var fetch: [Fetch] = []
    public var storeUrls: [String] = []
    /// The ports of an app on the host's network, service ports among them (0: to be assigned).
    public var ports: [Port] = []
    public var requirePorts = false
    public var backoffSeconds = 1.0
    public var backoffFactor = 1.15
    public var maxLaunchDelaySeconds = 3600.0
    public var container: Container?
    /// Up to 1.4 this follows from `container.docker.network` and `ipAddress`.
    public var networks: [Network] = [Network(mode: .host)]
    public var healthChecks: [HealthCheck] = []
    public var readinessChecks: [JSON] = []
    /// Absolute ids.
    public var dependencies: [String] = []
    public var upgradeStrategy = UpgradeStrategy()
    public var labels: [Label] = []
    public var acceptedResourceRoles: [String]?
    public var role: String?
    public var secrets: JSON?
    public var taskKillGracePeriodSeconds: Double?
    public var killSelection = "YOUNGEST_FIRST"
    /// As this release writes it: `"disabled"` or an object.
    public var unreachableStrategy: JSON?
    public var tty: Bool?
    public var check: JSON?
    public var residency: JSON?
    public var ipAddress: JSON?
    public var executorResources: JSON?
    public var resourceLimits: JSON?
    /// When this definition was accepted, or a restart of it asked for.
    public var version: Moment
    /// From 0.11; nil: "new".
    public var versionInfo: VersionInfo?

    public init(id: String, version: Moment) {
        self.id = id
        self.version = version
    }

    /// Value: text, or from 1.3 `{"secret":"name"}`.
    public struct EnvironmentEntry: Hashable, Sendable, Codable {
        public var name: String
        public var value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    public struct Label: Hashable, Sendable, Codable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public struct Fetch: Hashable, Sendable, Codable {
        public var uri: String
        public var extract = true
        public var executable = false
        public var cache = false
        public var destPath: String?

        public init(uri: String) { self.uri = uri }
    }

    public struct Port: Hashable, Sendable, Codable {
        /// The service port.
        public var port = 0
        public var `protocol` = "tcp"
        public var name: String?
        public var labels: [Label] = []

        public init(_ port: Int = 0) { self.port = port }
    }

    public struct PortMapping: Hashable, Sendable, Codable {
        public var containerPort = 0
        /// nil: none is wanted (container networks, from 1.3).
        public var hostPort: Int? = 0
        public var servicePort = 0
        public var `protocol` = "tcp"
        public var name: String?
        public var labels: [Label] = []
        public var networkNames: [String] = []

        public init() {}
    }

    public struct Container: Hashable, Sendable, Codable {
        /// `DOCKER` or `MESOS`.
        public var type = "DOCKER"
        /// As this release writes them.
        public var volumes: [JSON] = []
        public var docker: Docker?
        /// Up to 1.7, with type `MESOS`.
        public var appc: JSON?
        /// From 1.9, with type `MESOS`.
        public var linuxInfo: JSON?
        /// nil: not given (which up to 1.4 is not the same as none).
        public var portMappings: [PortMapping]?

        public init() {}
    }

    public struct Docker: Hashable, Sendable, Codable {
        public var image: String
        /// Up to 1.4 as given: `BRIDGE`, `HOST`, `USER`, `NONE` or nil.
        public var network: String?
        public var isPrivileged = false
        public var forcePullImage = false
        public var parameters: [Label] = []
        public var pullConfig: JSON?
        public var credential: JSON?

        public init(image: String) { self.image = image }
    }

    public struct Network: Hashable, Sendable, Codable {
        public enum Mode: String, Hashable, Sendable, Codable {
            case host
            case bridge = "container/bridge"
            case container
        }

        public var mode: Mode
        public var name: String?
        public var labels: [Label] = []

        public init(mode: Mode, name: String? = nil) {
            self.mode = mode
            self.name = name
        }
    }

    public struct HealthCheck: Hashable, Sendable, Codable {
        /// `HTTP`, `HTTPS`, `TCP`, `COMMAND`, `MESOS_HTTP`, `MESOS_HTTPS`, `MESOS_TCP`.
        public var `protocol` = "HTTP"
        public var path: String?
        public var portIndex: Int?
        public var port: Int?
        public var command: String?
        public var gracePeriodSeconds = 300.0
        public var intervalSeconds = 60.0
        public var timeoutSeconds = 20.0
        /// 0: never kill.
        public var maxConsecutiveFailures = 3
        public var ignoreHttp1xx = false
        public var delaySeconds = 15.0
        public var ipProtocol = "IPv4"

        public init() {}
    }

    public struct UpgradeStrategy: Hashable, Sendable, Codable {
        public var minimumHealthCapacity = 1.0
        public var maximumOverCapacity = 1.0

        public init() {}
    }

    public struct VersionInfo: Hashable, Sendable, Codable {
        public var lastScalingAt: Moment
        public var lastConfigChangeAt: Moment

        public init(lastScalingAt: Moment, lastConfigChangeAt: Moment) {
            self.lastScalingAt = lastScalingAt
            self.lastConfigChangeAt = lastConfigChangeAt
        }
    }
}

extension MarathonApp {
    /// The service ports in their order: of the port mappings where there are any, else of the ports.
    public var servicePorts: [Int] { mappedPorts?.map(\.servicePort) ?? ports.map(\.port) }

    /// The port mappings, where they and not the ports are what the app listens on.
    public var mappedPorts: [PortMapping]? {
        guard networks.first?.mode != .host, let mappings = container?.portMappings,
            !mappings.isEmpty || container?.docker?.network == "BRIDGE"
        else { return nil }
        return mappings
    }

    /// Whether a volume of it is bound to an agent.
    var hasPersistentVolume: Bool { container?.volumes.contains { $0["persistent"] != nil } ?? false }
    var hasExternalVolume: Bool { container?.volumes.contains { $0["external"] != nil } ?? false }
}
