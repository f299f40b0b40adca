/// What the framework knows of its master.
struct Framework: Hashable, Sendable, Codable {
    var id: String?
    var detection: Mesos.MasterDetection?
    /// The master as it is known, by ZooKeeper or by the flag.
    var master: ProcessID?
    var masterInfo: Mesos.MasterInfo?
    var isRegistered = false
    /// Whether this process has been registered before, so that it need not take the framework over.
    var wasRegistered = false
    /// When it registers next; timers for other moments are obsolete.
    var registersAt: Moment?
    /// No revival before this moment.
    var reviveAfter = Moment(milliseconds: 0)
    var revives = false

    init(_ configuration: MarathonConfiguration) {
        if let group = configuration.masterGroup {
            detection = Mesos.MasterDetection(path: group.path, firstTag: 1)
        }
        master = configuration.masterEndpoint.map { ProcessID("master", at: $0) }
    }
}

extension MarathonEngine {
    /// How long a registration that is not answered waits for the next attempt (mesos, sched/constants.hpp: from 2 s).
    private static let registrationInterval = 2000

    mutating func wantRegistration() {
        // The session stands since before this engine began.
        _ = framework.detection?.receive(.connected(session: 0, again: true), effects: &out)
        if framework.master != nil { register(in: 0) }
    }

    private mutating func register(in milliseconds: Int) {
        framework.registersAt = now + milliseconds
        agenda.add(.register, at: now + milliseconds)
    }

    mutating func detect(_ event: CoordinationEvent) {
        _ = store.receive(event, out: &out)
        guard framework.detection?.receive(event, effects: &out) == true else { return }
        let found = framework.detection?.leader
        let master = found?.pid
        guard master != framework.master else { return }
        framework.masterInfo = found
        framework.master = master
        lostMaster()
        if master != nil { register(in: 0) }
    }

    mutating func masterUnreachable(_ process: ProcessID) {
        guard process.endpoint == framework.master?.endpoint else { return }
        lostMaster()
    }

    private mutating func lostMaster() {
        if framework.isRegistered {
            emit("scheduler_disconnected_event") { _ in [:] }
            log(.warning, "Disconnected")
        }
        framework.isRegistered = false
        register(in: Self.registrationInterval)
    }

    /// Registers, and goes on trying until the master answers.
    mutating func register() {
        guard !framework.isRegistered, let due = framework.registersAt, due <= now else { return }
        guard let master = framework.master else { return }
        register(in: Self.registrationInterval)
        let info = Mesos.FrameworkInfo(
            id: framework.id,
            name: configuration.frameworkName,
            user: configuration.text("mesos_user") ?? "root",
            role: configuration.role,
            hostname: configuration.hostname,
            principal: configuration.text("mesos_authentication_principal"),
            webUIURL: webUIURL,
            failoverTimeoutSeconds: Double(configuration.failoverTimeoutSeconds),
            checkpoint: configuration.isOn("checkpoint"),
            capabilities: capabilities
        )
        if framework.id == nil {
            out.append(.send(DaemonMessage(from: scheduler, to: master, Mesos.RegisterFramework(framework: info))))
        } else {
            let message = Mesos.ReregisterFramework(framework: info, failover: !framework.wasRegistered)
            out.append(.send(DaemonMessage(from: scheduler, to: master, message)))
        }
    }

    private var webUIURL: String? {
        if let url = configuration.text("webui_url") { return url }
        return release < .init(0, 8) ? nil : "http://\(configuration.announced)"
    }

    private var capabilities: [String] {
        var capabilities: [String] = []
        if release >= .init(1, 4) { capabilities.append("PARTITION_AWARE") }
        let features = configuration.list("enable_features")
        if features.contains("task_killing") || release >= .init(1, 9) { capabilities.append("TASK_KILLING_STATE") }
        if features.contains("gpu_resources") { capabilities.append("GPU_RESOURCES") }
        return capabilities
    }

    mutating func send(_ message: some MesosMessage) {
        guard let master = framework.master else { return }
        out.append(.send(DaemonMessage(from: scheduler, to: master, message)))
    }

    mutating func deactivate() {
        guard framework.isRegistered, let id = framework.id else { return }
        framework.isRegistered = false
        send(Mesos.DeactivateFramework(frameworkID: id))
    }

    mutating func receive(_ message: DaemonMessage) {
        guard message.from.endpoint == framework.master?.endpoint else { return }
        if let registered = message.read(as: Mesos.FrameworkRegistered.self) {
            self.registered(registered.frameworkID, registered.master, again: false)
        } else if let registered = message.read(as: Mesos.FrameworkReregistered.self) {
            self.registered(registered.frameworkID, registered.master, again: true)
        } else if let offers = message.read(as: Mesos.ResourceOffers.self) {
            if framework.isRegistered { receive(offers.offers) }
        } else if let update = message.read(as: Mesos.StatusUpdate.self) {
            receive(update.status)
        } else if let error = message.read(as: Mesos.FrameworkError.self) {
            refused(error.message)
        }
    }

    private mutating func registered(_ id: String, _ master: Mesos.MasterInfo, again: Bool) {
        guard !framework.isRegistered else { return }
        (framework.isRegistered, framework.wasRegistered, framework.masterInfo) = (true, true, master)
        if framework.id != id {
            framework.id = id
            store.put("framework:id", id, out: &out)
        }
        log(.info, "\(again ? "Reregistered" : "Registered") as \(id) to master '\(master.id)'")
        let address: JSON = .string("\(master.endpoint)")
        if again {
            emit("scheduler_reregistered_event") { _ in ["master": address] }
        } else {
            emit("scheduler_registered_event") { _ in ["frameworkId": .string(id), "master": address] }
        }
        reconcile()
        wantOffers()
    }

    /// The master does not want this scheduler: another has taken its framework over, or its time is over.
    ///
    /// Sources: mesos-zk-ops.md 11 (106, 110); marathon 0.8.2, MarathonScheduler.scala, `error`.
    private mutating func refused(_ words: String) {
        log(.warning, "Error: \(words)")
        let isRemoved = words.contains("Framework has been removed")
        if isRemoved || words.contains("Completed framework") { store.remove("framework:id", out: &out) }
        guard release >= .init(1, 5) else {
            failure = DaemonExit(status: 9, "Committing suicide!")
            return
        }
        failure = DaemonExit(status: isRemoved ? 110 : 106, words)
    }

    // MARK: Reconciliation

    /// Asks the master for every task it knows of, and by name for those it may not.
    mutating func reconcile() {
        guard framework.isRegistered, let id = framework.id else { return }
        let known = tasks.ids.compactMap { tasks[$0] }
        if !known.isEmpty {
            let statuses = known.map {
                Mesos.TaskStatus(taskID: $0.id, state: $0.state, agentID: $0.agent)
            }
            send(Mesos.ReconcileTasks(frameworkID: id, statuses: statuses))
        }
        send(Mesos.ReconcileTasks(frameworkID: id))
    }

    // MARK: Revival

    /// Something waits that may be started: offers refused before are wanted again.
    mutating func wantOffers() {
        guard let interval = configuration.reviveInterval, framework.isRegistered, !framework.revives else { return }
        framework.revives = true
        agenda.add(.revive, at: max(now, framework.reviveAfter))
        framework.reviveAfter = max(now, framework.reviveAfter) + interval
    }

    mutating func revive() {
        framework.revives = false
        guard framework.isRegistered, let id = framework.id, !queue.isEmpty else { return }
        send(Mesos.ReviveOffers(frameworkID: id))
    }
}
