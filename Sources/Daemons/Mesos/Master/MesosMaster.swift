/// mesos-master of 0.21.1, 1.4.3 and 1.11.0.
///
/// Election through ZooKeeper, a registry in the replicated log of the masters, agents, offers, tasks, and the REST that is
/// observed. Facts: mesos-zk-ops.md 3, 5; mesos-captures/; the sources of those tags.
public struct MesosMaster: DaemonModel {
    let version: MesosVersion
    let flags: MesosFlags
    let facts: HostFacts
    let info: Mesos.MasterInfo
    let credentials: MesosCredentials
    let started: Moment
    public let listeners: [Endpoint]

    var timers = TimerQueue<Timer>()
    var log: ReplicatedLog?
    var group: MasterGroup?
    var elected: Moment?
    var registrar = Registrar()
    var counters = Counters()

    var agents: [String: Agent] = [:]
    var agentIDs: [ProcessID: String] = [:]
    /// Registrations on their way into the registry.
    var registering: Set<ProcessID> = []
    var versions: [ProcessID: String] = [:]
    var reregistering: [String: Reregistration] = [:]
    /// In the registry, not yet back since this master leads.
    var recoveredAgents: [String: Mesos.AgentInfo] = [:]
    var removedAgents: Set<String> = []
    var nextAgent = 0

    var frameworks: [String: Framework] = [:]
    var completedFrameworks: [Framework] = []
    var nextFramework = 0

    var offers: [String: Mesos.Offer] = [:]
    var nextOffer = 0
    /// Host names that may be offered; nil for all.
    private var whitelist: Set<String>?

    public static func help(version: String) -> String {
        MesosFlags.help(program: "mesos-master", table: MesosFlags.master(MesosVersion(version)))
    }

    /// What `--version` prints.
    public static func versionText(version: String) -> String { "mesos \(version)" }

    /// What `mesos-log initialize` does to the log under that work directory.
    /// - Returns: The writing of it.
    /// - Throws: The tool's words where the log is not empty.
    public static func initializeLog(
        workDirectory: String,
        readFile: (String) -> String?
    ) throws(DaemonExit) -> DaemonEffect {
        let file = readFile(LogReplica.path(workDirectory: workDirectory))
        return try ReplicatedLog.initialized(workDirectory: workDirectory, file: file)
    }

    public init(_ start: DaemonStart, at now: Moment, effects: inout [DaemonEffect]) throws(DaemonExit) {
        version = MesosVersion(start.version)
        flags = try MesosFlags.loaded(program: "mesos-master", table: MesosFlags.master(version), start)
        facts = start.host
        started = now
        let program = MesosProgram(flags, version, start.host, defaultPort: 5050)
        listeners = [program.listener]
        info = Mesos.MasterInfo(
            id: Self.newID(version, program.advertised, start, now),
            endpoint: program.advertised,
            hostname: program.hostname,
            version: start.version
        )
        credentials = try MesosCredentials(path: flags["credentials"], readFile: start.readFile, flag: "credentials")
        effects.append(.log(.info, "Version: \(start.version)"))
        effects.append(.log(.info, "Master \(info.id) (\(info.hostname)) started on \(program.advertised)"))
        if program.listener.host.hasPrefix("127.") {
            effects.append(.log(.warning, Self.loopbackWarning))
        }
        whitelist = Self.whitelist(flags["whitelist"], start.readFile)
        try prepareRegistry(start, &effects)
        guard let zk = flags["zk"] else {
            lead(now, &effects)
            return
        }
        let url = try ZooKeeperURL(zk)
        group = MasterGroup(url.path)
        effects.append(.coordinate(.connect(servers: url.servers, sessionMilliseconds: sessionMilliseconds)))
    }

    var sessionMilliseconds: Int { flags.milliseconds("zk_session_timeout", or: 10_000) }
    var pid: ProcessID { info.pid }
    var isElected: Bool { elected != nil }
    var leader: Mesos.MasterInfo? { group == nil ? info : group?.detection.leader }
    var workDirectory: String? { flags["work_dir"] }

    /// The maker of the registry's storage, or why there cannot be one (src/master/main.cpp).
    private mutating func prepareRegistry(
        _ start: DaemonStart,
        _ effects: inout [DaemonEffect]
    ) throws(DaemonExit) {
        if version.atLeast(1, 0), flags.isOn("registry_strict") {
            throw DaemonExit(
                "Support for '--registry_strict' has been disabled and will be removed in a future version of Mesos"
            )
        }
        switch flags["registry"] ?? "" {
        case "in_memory": return
        case "replicated_log", "log_storage": break
        case let other: throw DaemonExit("'\(other)' is not a supported option for registry persistence")
        }
        guard let workDirectory else { throw DaemonExit("--work_dir needed for replicated log based registry") }
        if flags["zk"] != nil, flags["quorum"] == nil {
            throw DaemonExit("Need to specify --quorum for replicated log based registry when using ZooKeeper")
        }
        log = ReplicatedLog(
            quorum: flags["zk"] == nil ? 1 : flags["quorum"].flatMap { Int($0) } ?? 1,
            autoInitialize: flags.isOn("log_auto_initialize"),
            me: ProcessID("log-replica(1)", at: info.endpoint),
            workDirectory: workDirectory,
            file: start.readFile(LogReplica.path(workDirectory: workDirectory))
        )
        effects.append(.write(path: "\(workDirectory)/replicated_log/CURRENT", text: "MANIFEST-000001\n"))
        timers.set(.log, at: started)
    }

    func isWhitelisted(_ hostname: String) -> Bool { whitelist?.contains(hostname) ?? true }

    /// One host a line.
    ///
    /// The real master reads the file again every few seconds; this one when it starts.
    private static func whitelist(_ path: String?, _ readFile: (String) -> String?) -> Set<String>? {
        guard let path, path != "*" else { return nil }
        let text = readFile(path.replacingFirst("file://", "")) ?? ""
        return Set(text.split(whereSeparator: \.isNewline).map(String.init))
    }

    private static let loopbackWarning =
        "Master bound to loopback interface! Cannot communicate with remote schedulers or agents. You might want to set "
        + "'--ip' flag to a routable IP address."

    /// Up to 0.2x `20150410-134224-16777343-5050-1778`, later a UUID (mesos-zk-ops.md 5.3).
    private static func newID(
        _ version: MesosVersion,
        _ endpoint: Endpoint,
        _ start: DaemonStart,
        _ now: Moment
    ) -> String {
        guard !version.atLeast(0, 25) else {
            var numbers = SeededNumbers(start.seed, for: "mesos-master \(start.pid) \(now.milliseconds)")
            return numbers.uuid()
        }
        let time = now.iso8601.prefix(19).filter { $0.isNumber || $0 == "T" }.split(separator: "T")
        let address = Mesos.MasterInfo.number(of: endpoint.host)
        return "\(time.joined(separator: "-"))-\(address)-\(endpoint.port)-\(start.pid)"
    }

    public var wakes: Moment? { timers.next }

    public mutating func receive(_ event: DaemonEvent, at now: Moment, effects: inout [DaemonEffect]) {
        switch event {
        case .wake: while let timer = timers.popDue(at: now) { fire(timer, now, &effects) }
        case .message(let message): receive(message, now, &effects)
        case .unreachable(let process): exited(process, now, &effects)
        case .coordination(let event): coordinated(event, now, &effects)
        case .terminate: effects.append(.exit(DaemonExit(status: 0, "Received signal SIGTERM; exiting")))
        case .container, .checked, .streamClosed: break
        }
    }

    private mutating func fire(_ timer: Timer, _ now: Moment, _ effects: inout [DaemonEffect]) {
        switch timer {
        case .log: askLog(now, &effects)
        case .fetch: fetchTimedOut(&effects)
        case .store: store(now, &effects)
        case .storeTimeout: storeTimedOut(&effects)
        case .allocate: allocate(now, &effects)
        case .reregistration: removeRecovered(now, &effects)
        case .session: sessionLost(now, &effects)
        case .ping(let agent): ping(agent, now, &effects)
        case .failover(let framework): failoverTimedOut(framework, now, &effects)
        }
    }

    private mutating func receive(_ message: DaemonMessage, _ now: Moment, _ effects: inout [DaemonEffect]) {
        if message.to.name.hasPrefix("log-replica") {
            guard var log else { return }
            let outcomes = log.receive(message, &effects)
            self.log = log
            finish(outcomes, now, &effects)
            return
        }
        if let name = Self.counterNames[message.name] { counters.count("messages_\(name)") }
        // Only a leader with its registry at hand listens (master.cpp, `consume`).
        guard isElected, registrar.isRecovered else { return counters.count("dropped_messages") }
        if let message = message.read(as: Mesos.StatusUpdate.self) {
            return updateReceived(message, now, &effects)
        }
        if !receiveFromAgent(message, now, &effects) { receiveFromScheduler(message, now, &effects) }
    }

    private static let counterNames = [
        "mesos.internal.RegisterSlaveMessage": "register_slave",
        "mesos.internal.ReregisterSlaveMessage": "reregister_slave",
        "mesos.internal.UnregisterSlaveMessage": "unregister_slave",
        "mesos.internal.RegisterFrameworkMessage": "register_framework",
        "mesos.internal.ReregisterFrameworkMessage": "reregister_framework",
        "mesos.internal.UnregisterFrameworkMessage": "unregister_framework",
        "mesos.internal.DeactivateFrameworkMessage": "deactivate_framework",
        "mesos.internal.LaunchTasksMessage": "launch_tasks",
        "mesos.scheduler.Call.Decline": "decline_offers",
        "mesos.internal.ReviveOffersMessage": "revive_offers",
        "mesos.internal.KillTaskMessage": "kill_task",
        "mesos.internal.StatusUpdateMessage": "status_update",
        "mesos.internal.StatusUpdateAcknowledgementMessage": "status_update_acknowledgement",
        "mesos.internal.ReconcileTasksMessage": "reconcile_tasks",
    ]

    func send(_ message: some MesosMessage, to process: ProcessID, _ effects: inout [DaemonEffect]) {
        effects.append(.send(DaemonMessage(from: pid, to: process, message)))
    }
}
