/// mesos-slave and mesos-agent of 0.21.1, 1.4.3 and 1.11.0.
///
/// Registration with the leading master, recovery, resources, and the tasks; what a container does is the host's to say.
/// Facts: mesos-zk-ops.md 4, 5; mesos-captures/; the sources of those tags.
public struct MesosAgent: DaemonModel {
    enum Timer: Hashable, Sendable, Codable {
        case register, pings, shutdown
        case executor(container: String)
        case update(task: TaskKey)
    }

    let version: MesosVersion
    let flags: MesosFlags
    let facts: HostFacts
    let credentials: MesosCredentials
    let started: Moment
    let pid: ProcessID
    let paths: AgentPaths
    public let listeners: [Endpoint]

    var info: Mesos.AgentInfo
    var timers = TimerQueue<Timer>()
    var numbers: SeededNumbers
    var counters = MesosMaster.Counters()

    var detection: Mesos.MasterDetection?
    /// Of `--master=host:port`.
    var fixedMaster: ProcessID?
    var isRecovered = false
    /// The master it is registered with.
    var master: ProcessID?
    var backoff = 0
    var isTerminating = false

    var frameworks: [String: Mesos.FrameworkInfo] = [:]
    var runs: [TaskKey: Run] = [:]
    var keys: [String: TaskKey] = [:]
    var completed: [Run] = []

    public static func help(version: String) -> String {
        let table = MesosFlags.agent(MesosVersion(version))
        return MesosFlags.help(program: programName(MesosVersion(version)), table: table)
    }

    /// What `--version` prints.
    public static func versionText(version: String) -> String { "mesos \(version)" }

    private static func programName(_ version: MesosVersion) -> String { "mesos-\(version.agentWord)" }

    public init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit) {
        let version = MesosVersion(start.version)
        self.version = version
        let table = MesosFlags.agent(version)
        flags = try MesosFlags.loaded(program: Self.programName(version), table: table, start)
        facts = start.host
        started = now
        numbers = SeededNumbers(start.seed, for: "mesos-agent \(start.pid) \(now.milliseconds)")
        let program = MesosProgram(flags, version, start.host, defaultPort: 5051)
        listeners = [program.listener]
        pid = ProcessID("slave(1)", at: program.advertised)
        paths = AgentPaths(workDirectory: flags["work_dir"] ?? "/tmp/mesos")
        credentials = try MesosCredentials(
            path: flags["http_credentials"],
            readFile: start.readFile,
            flag: "http_credentials"
        )
        guard let master = flags["master"] else {
            throw DaemonExit(
                version.atLeast(1, 0)
                    ? "Missing required option `--master` or `--master_detector`" : "Missing required option --master"
            )
        }
        info = try Self.info(flags, version, program, start.host)
        let docker = try Self.containerizers(flags, version, start.host)
        effects.append(.log(.info, "Version: \(start.version)"))
        effects.append(
            .log(.info, "\(version.atLeast(1, 0) ? "Agent" : "Slave") started on 1)@\(program.advertised)")
        )
        effects.append(
            .log(.info, "\(version.agentWord) resources: \(MesosText.describe(info.resources))")
        )
        try recover(start, &effects)
        if let reason = docker?.recoveryFailure { throw recoveryFailed(reason) }
        effects.append(.write(path: paths.bootID, text: start.host.bootID))
        effects.append(.container(.recover))
        try findMaster(master, &effects)
    }

    private static func info(
        _ flags: MesosFlags,
        _ version: MesosVersion,
        _ program: MesosProgram,
        _ host: HostFacts
    ) throws(DaemonExit) -> Mesos.AgentInfo {
        let resources: Mesos.Resources
        do throws(AgentResources.Fault) {
            resources = try AgentResources.all(flags["resources"] ?? "", role: flags["default_role"] ?? "*", host: host)
        } catch {
            throw DaemonExit("Failed to determine \(version.agentWord) resources: \(error.message)")
        }
        let attributes: [Mesos.Attribute]
        do throws(AgentResources.Fault) {
            attributes = try AgentResources.attributes(flags["attributes"] ?? "")
        } catch {
            throw DaemonExit(status: 134, error.message)
        }
        return Mesos.AgentInfo(
            id: "",
            hostname: program.hostname,
            port: program.advertised.port,
            resources: resources,
            attributes: attributes,
            checkpoint: flags["checkpoint"] != "false",
            domain: flags["domain"]
        )
    }

    private static func containerizers(
        _ flags: MesosFlags,
        _ version: MesosVersion,
        _ host: HostFacts
    ) throws(DaemonExit) -> DockerContainerizer? {
        var docker: DockerContainerizer?
        let list = flags["containerizers"] ?? "mesos"
        for name in list.split(separator: ",", omittingEmptySubsequences: false) where name != "mesos" {
            guard name == "docker" else {
                throw DaemonExit("Failed to create a containerizer: Unknown or unsupported containerizer: \(name)")
            }
            docker = DockerContainerizer(
                version: version,
                program: flags["docker"] ?? "docker",
                socket: flags["docker_socket"] ?? "/var/run/docker.sock",
                probe: host.docker
            )
        }
        if let reason = docker?.creationFailure { throw DaemonExit(reason) }
        return docker
    }

    /// The connection to ZooKeeper, or the one master that is named.
    private mutating func findMaster(_ master: String, _ effects: inout [DaemonEffect]) throws(DaemonExit) {
        if master.hasPrefix("zk://") {
            let url = try ZooKeeperURL(master)
            detection = Mesos.MasterDetection(path: url.path, firstTag: 1)
            connect(&effects)
        } else {
            let text = master.replacingFirst("master@", "")
            guard let endpoint = Endpoint(text) ?? (text.contains(":") ? nil : Endpoint(text, 5050)) else {
                throw DaemonExit("Failed to create a master detector: Failed to parse '\(master)'")
            }
            fixedMaster = ProcessID("master", at: endpoint)
        }
    }

    func connect(_ effects: inout [DaemonEffect]) {
        do throws(DaemonExit) {
            let servers = try ZooKeeperURL(flags["master"] ?? "").servers
            let session = flags.milliseconds("zk_session_timeout", or: 10_000)
            effects.append(.coordinate(.connect(servers: servers, sessionMilliseconds: session)))
        } catch {
            effects.append(.exit(error))
        }
    }

    /// The words with which it gives up (src/slave/slave.cpp, `__recover`).
    func recoveryFailed(_ reason: String) -> DaemonExit {
        let word = version.agentWord
        guard version.atLeast(1, 5) else {
            return DaemonExit(
                """
                Failed to perform recovery: \(reason)
                To remedy this do as follows:
                Step 1: rm -f \(paths.latest)
                        This ensures \(word) doesn't recover old live executors.
                Step 2: Restart the \(word).
                """
            )
        }
        return DaemonExit(
            """
            Failed to perform recovery: \(reason)
            If recovery failed due to a change in configuration and you want to
            keep the current agent id, you might want to change the
            `--reconfiguration_policy` flag to a more permissive value.

            To restart this agent with a new agent id instead, do as follows:
            rm -f \(paths.latest)
            This ensures that the agent does not recover old live executors.
            """
        )
    }

    /// A master named by its host name answers with its address.
    private func isFromLeader(_ message: DaemonMessage) -> Bool {
        guard let fixedMaster else { return message.from == leader }
        return message.from.name == "master" && message.from.endpoint.port == fixedMaster.endpoint.port
    }

    public var wakes: Moment? { timers.next }

    public mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {
        switch event {
        case .wake: while let timer = timers.popDue(at: now) { fire(timer, now, &effects) }
        case .message(let message): receive(message, now, &effects)
        case .unreachable(let process): masterGone(process, now)
        case .coordination(let event): coordinated(event, now, &effects)
        case .container(let event): contained(event, now, &effects)
        case .terminate: effects.append(.exit(DaemonExit(status: 0, "Received signal SIGTERM; exiting")))
        case .checked, .streamClosed: break
        }
    }

    private mutating func fire(_ timer: Timer, _ now: Moment, _ effects: inout [DaemonEffect]) {
        switch timer {
        case .register: register(now, &effects)
        case .pings: pingsMissing(now, &effects)
        case .shutdown: finishShutdown(&effects)
        case .executor(let container): executorTimedOut(container, now, &effects)
        case .update(let task): sendUpdate(task, now, &effects)
        }
    }

    private mutating func receive(_ message: DaemonMessage, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard isFromLeader(message) else { return }
        if let names = Mesos.AgentRegistered.names.first(where: { $0.value == message.name }) {
            registered(message, again: names.key, now, &effects)
        } else if message.name == Mesos.ping {
            pinged(message, now, &effects)
        } else if let run = message.read(as: Mesos.RunTask.self) {
            runTask(run, now, &effects)
        } else if let kill = message.read(as: Mesos.KillTask.self) {
            killTask(kill, now, &effects)
        } else if let acknowledgement = message.read(as: Mesos.StatusUpdateAcknowledgement.self) {
            acknowledged(acknowledgement, now, &effects)
        } else if let shutdown = message.read(as: Mesos.ShutdownFramework.self) {
            shutDown(framework: shutdown.frameworkID, &effects)
        } else if let shutdown = message.read(as: Mesos.Shutdown.self) {
            shutDown(shutdown.message, now, &effects)
        }
    }
}
