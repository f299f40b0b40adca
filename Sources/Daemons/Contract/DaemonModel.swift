/// A daemon as a state machine: what reaches it goes in, what it does to the world comes out as values.
///
/// The same model runs on the simulated nodes of the lab and, with real sockets, files, ZooKeeper and processes around
/// it, as a daemon of the testbed. A host (a simulated or a real one)
///  1. makes the model from its start, or lets the process end with the `DaemonExit`;
///  2. carries out `effects` in their order;
///  3. hands in every event, and `.wake` as soon as `wakes` is reached.
/// No model keeps time, reads a file or opens a socket. Equal inputs give equal outputs.
public protocol DaemonModel: Sendable, Codable {
    /// Reads flags and durable state.
    /// - Throws: `DaemonExit` with the real daemon's last words.
    init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit)

    mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect])

    /// Answers a request of a client; messages of other daemons come as `.message` instead.
    mutating func answer(_ request: HTTPRequest, at now: Moment, effects: inout [DaemonEffect]) -> HTTPAnswer

    /// When `.wake` is wanted next; nil for as long as nothing else happens. Never waits in a loop: a wake that finds
    /// nothing due must move this on.
    var wakes: Moment? { get }

    /// Where it listens, from its flags: the first is its REST.
    var listeners: [Endpoint] { get }
}

/// What a process is started with.
public struct DaemonStart: Sendable {
    /// Upstream version of the program, such as `0.21.1`.
    public var version: String
    /// After the program's own name.
    public var arguments: [String]
    public var environment: [String: String]
    public var host: HostFacts
    /// Content of a file of the node, nil where it cannot be read; for `file://` values, credentials, and durable state.
    public var readFile: @Sendable (String) -> String?
    public var seed: UInt64
    /// Of this process, which is part of old ids.
    public var pid: Int
    /// A port nobody uses, for a listener that the flags leave open (libprocess in Marathon).
    public var freePort: Int

    public init(
        version: String,
        arguments: [String],
        environment: [String: String] = [:],
        host: HostFacts,
        readFile: @escaping @Sendable (String) -> String? = { _ in nil },
        seed: UInt64,
        pid: Int,
        freePort: Int
    ) {
        self.version = version
        self.arguments = arguments
        self.environment = environment
        self.host = host
        self.readFile = readFile
        self.seed = seed
        self.pid = pid
        self.freePort = freePort
    }
}

/// What a daemon finds out about the machine it runs on.
public struct HostFacts: Hashable, Sendable, Codable {
    public var hostname: String
    /// What the host's name resolves to there; 127.0.1.1 on a trapped Debian.
    public var address: String
    /// Changes with every boot.
    public var bootID: String
    public var cpus: Int
    public var memoryMegabytes: Int
    public var diskMegabytes: Int
    /// What `docker --version` prints and `docker version` prints; nil where there is no such program.
    public var docker: DockerProbe?

    public init(
        hostname: String,
        address: String,
        bootID: String,
        cpus: Int,
        memoryMegabytes: Int,
        diskMegabytes: Int,
        docker: DockerProbe? = nil
    ) {
        self.hostname = hostname
        self.address = address
        self.bootID = bootID
        self.cpus = cpus
        self.memoryMegabytes = memoryMegabytes
        self.diskMegabytes = diskMegabytes
        self.docker = docker
    }
}

public struct DockerProbe: Hashable, Sendable, Codable {
    /// `Docker version 20.10.24+dfsg1, build 297e128`; answered by the client alone.
    public var clientLine: String
    /// Everything `docker version` prints; what the client says alone where the engine is not running.
    public var version: String
    public var engineAnswers: Bool
    /// Whether a cgroup v1 `cpu` hierarchy is mounted (mesos-zk-ops.md 4.3).
    public var hasCPUHierarchy: Bool

    public init(clientLine: String, version: String, engineAnswers: Bool, hasCPUHierarchy: Bool = true) {
        self.clientLine = clientLine
        self.version = version
        self.engineAnswers = engineAnswers
        self.hasCPUHierarchy = hasCPUHierarchy
    }
}

/// The end of a process by its own hand.
public struct DaemonExit: Error, Hashable, Sendable, Codable {
    public var status: Int
    /// Its last words on standard error.
    public var message: String

    public init(status: Int = 1, _ message: String) {
        self.status = status
        self.message = message
    }
}

public enum DaemonEvent: Hashable, Sendable, Codable {
    /// `wakes` has been reached.
    case wake
    case message(DaemonMessage)
    /// A message could not be delivered (refused, reset), or a link that once was is gone: libprocess' `exited`.
    case unreachable(ProcessID)
    case coordination(CoordinationEvent)
    case container(ContainerEvent)
    /// The end of a `DaemonEffect.check`: nil means that it succeeded.
    case checked(id: Int, failure: String?)
    /// The client of a stream is gone.
    case streamClosed(id: Int)
    /// SIGTERM: an orderly end; what is to be done first comes as effects, `.exit` last.
    case terminate
}

public enum DaemonEffect: Hashable, Sendable, Codable {
    case send(DaemonMessage)
    case coordinate(CoordinationRequest)
    case container(ContainerRequest)
    /// Durable: replaces a file of the node, directories made as needed.
    case write(path: String, text: String)
    /// A file, or a directory with everything in it; one that is not there is fine.
    case remove(path: String)
    /// A symbolic link, replacing what is there.
    case link(path: String, to: String)
    /// A health or readiness check, answered by `.checked`.
    case check(id: Int, HealthProbe)
    case stream(id: Int, [UInt8])
    case closeStream(id: Int)
    case log(LogSeverity, String)
    /// The process ends now; nothing after it is carried out.
    case exit(DaemonExit)
}

public enum LogSeverity: String, Hashable, Sendable, Codable {
    case info = "I"
    case warning = "W"
    case error = "E"
    case fatal = "F"
}

/// A message between daemons, in the place of libprocess' protobuf.
///
/// On real sockets `POST /NAME-OF-PROCESS/MESSAGE` with the fields `User-Agent: libprocess/FROM` and a JSON body, answered
/// 202 at once, as libprocess does it with another encoding.
public struct DaemonMessage: Hashable, Sendable, Codable {
    public var from: ProcessID
    public var to: ProcessID
    /// Such as `mesos.internal.RegisterSlaveMessage`.
    public var name: String
    public var body: JSON

    public init(from: ProcessID, to: ProcessID, _ name: String, _ body: JSON) {
        self.from = from
        self.to = to
        self.name = name
        self.body = body
    }
}

/// What Marathon asks of a task to see whether it is well.
public struct HealthProbe: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        /// 200 to 399 is well; with `ignoring1xx` also what Marathon ignores (marathon-api.md 3.4).
        case http(path: String, isTLS: Bool)
        case tcp
        /// Run beside the task on its agent.
        case command(String)
    }

    public var kind: Kind
    public var endpoint: Endpoint
    /// Mesos' task id.
    public var task: String
    public var timeoutMilliseconds: Int

    public init(_ kind: Kind, at endpoint: Endpoint, task: String, timeoutMilliseconds: Int) {
        self.kind = kind
        self.endpoint = endpoint
        self.task = task
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
