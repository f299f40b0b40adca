/// What an agent asks of the machine it runs on; containers outlive the agent's process.
public enum ContainerRequest: Hashable, Sendable, Codable {
    /// Answered `.started`, then `.exited`; or `.failed`.
    case launch(ContainerLaunch)
    /// SIGTERM, and SIGKILL after the grace period; `.exited` follows.
    case kill(id: String, graceMilliseconds: Int)
    /// Which of the containers that were launched before are still there: answered by one `.recovered`.
    case recover
}

public struct ContainerLaunch: Hashable, Sendable, Codable {
    /// The containerizer's id, which names it (`mesos-…` for Docker).
    public var id: String
    public var taskID: String
    /// Shell text (`/bin/sh -c`), or nil for `arguments` or the image's own command.
    public var command: String?
    public var arguments: [String]
    public var environment: [String: String]
    public var user: String?
    public var cpus: Double
    public var memoryMegabytes: Double
    /// The task's working directory.
    public var sandbox: String
    /// nil for the Mesos containerizer.
    public var docker: DockerRun?

    public init(
        id: String,
        taskID: String,
        command: String?,
        arguments: [String] = [],
        environment: [String: String] = [:],
        user: String? = nil,
        cpus: Double,
        memoryMegabytes: Double,
        sandbox: String,
        docker: DockerRun? = nil
    ) {
        self.id = id
        self.taskID = taskID
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.user = user
        self.cpus = cpus
        self.memoryMegabytes = memoryMegabytes
        self.sandbox = sandbox
        self.docker = docker
    }
}

public struct DockerRun: Hashable, Sendable, Codable {
    public struct PortMapping: Hashable, Sendable, Codable {
        public var hostPort: Int
        public var containerPort: Int
        /// `tcp` or `udp`.
        public var `protocol`: String

        public init(hostPort: Int, containerPort: Int, protocol: String) {
            self.hostPort = hostPort
            self.containerPort = containerPort
            self.protocol = `protocol`
        }
    }

    public var image: String
    /// `HOST`, `BRIDGE`, `NONE` or `USER`.
    public var network: String
    public var portMappings: [PortMapping]
    public var isPrivileged: Bool
    public var forcesPull: Bool
    /// Further `--key=value` of `docker run`.
    public var parameters: [HTTPField]
    /// `host:container:mode` each.
    public var volumes: [String]

    public init(
        image: String,
        network: String = "HOST",
        portMappings: [PortMapping] = [],
        isPrivileged: Bool = false,
        forcesPull: Bool = false,
        parameters: [HTTPField] = [],
        volumes: [String] = []
    ) {
        self.image = image
        self.network = network
        self.portMappings = portMappings
        self.isPrivileged = isPrivileged
        self.forcesPull = forcesPull
        self.parameters = parameters
        self.volumes = volumes
    }
}

public enum ContainerEvent: Hashable, Sendable, Codable {
    case started(id: String)
    /// It could not be launched, in the words the agent passes on (`Failed to 'docker pull x': …`).
    case failed(id: String, reason: String)
    /// A signal counts as 128 plus its number.
    case exited(id: String, status: Int)
    case recovered(ids: [String])
}
