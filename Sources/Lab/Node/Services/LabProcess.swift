public import Daemons
public import Specs

/// A program that a service of a simulated node runs.
public enum LabProgram: String, Hashable, Sendable, Codable, CaseIterable {
    case zooKeeper, mesosMaster, mesosAgent, marathon, docker, haproxy
    /// One of which nothing is modelled.
    case other
}

/// A running process: what the wrapper of its service made of the files it read.
public struct LabProcess: Hashable, Sendable, Codable {
    public var pid: Int
    public var service: ServiceName
    public var program: LabProgram
    /// Upstream version, such as `0.21.1`.
    public var version: String
    /// `/proc/PID/cmdline`.
    public var commandLine: [String]
    /// After the program's own name (and after the main class of a Java program): `DaemonStart.arguments`.
    public var arguments: [String]
    public var environment: [String: String]
    /// On the node's own clock.
    public var started: Moment
    /// Files that the wrapper or the program read at its start, by path, as they were then.
    public var readFiles: [String: String]
    /// When it last read its configuration anew, on the node's own clock; nil for not since its start.
    public var reloaded: Moment?

    public init(
        pid: Int,
        service: ServiceName,
        program: LabProgram,
        version: String,
        commandLine: [String],
        arguments: [String],
        environment: [String: String],
        started: Moment,
        readFiles: [String: String]
    ) {
        self.pid = pid
        self.service = service
        self.program = program
        self.version = version
        self.commandLine = commandLine
        self.arguments = arguments
        self.environment = environment
        self.started = started
        self.readFiles = readFiles
    }
}

public enum LabSignal: String, Hashable, Sendable, Codable {
    case terminate = "SIGTERM"
    case kill = "SIGKILL"
}

/// What happened on a node that the world around it must know of, in order.
public enum LabNodeEvent: Hashable, Sendable, Codable {
    /// The world makes the daemon's model; `LabNode.ended` is how it says that the process has ended by itself.
    case spawned(LabProcess)
    /// The process is gone for the node by now; with `terminate` its model may have last things to do.
    case signalled(pid: Int, LabSignal)
    /// All processes are gone without a word before this comes.
    case wentDown
    case booted
    /// Cron starts haproxy-marathon-bridge.
    case bridge
    /// A line of the node's log, by a supervisor or a wrapper.
    case log(ServiceName?, String)
}
