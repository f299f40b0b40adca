extension MesosMaster {
    mutating func receiveFromScheduler(_ message: DaemonMessage, _ now: Moment, _ effects: inout [DaemonEffect]) {
        if let registration = message.read(as: Mesos.RegisterFramework.self) {
            return register(registration.framework, message.from, now, &effects)
        }
        if let registration = message.read(as: Mesos.ReregisterFramework.self) {
            return reregister(registration, message.from, now, &effects)
        }
        // Everything else must come from the scheduler that the framework is registered with.
        guard let id = message.body.id("framework_id"), frameworks[id]?.pid == message.from
        else { return counters.count("dropped_messages") }
        if let launch = message.read(as: Mesos.LaunchTasks.self) {
            launchTasks(launch, now, &effects)
        } else if let decline = message.read(as: Mesos.DeclineOffers.self) {
            declineOffers(decline, now)
        } else if message.name == Mesos.ReviveOffers.name {
            frameworks[id]?.refusals = [:]
            needAllocation(now)
        } else if let kill = message.read(as: Mesos.KillTask.self) {
            killTask(kill, now, &effects)
        } else if let acknowledgement = message.read(as: Mesos.StatusUpdateAcknowledgement.self) {
            acknowledge(acknowledgement, now, &effects)
        } else if let request = message.read(as: Mesos.ReconcileTasks.self) {
            reconcile(request, now, &effects)
        } else if message.name == Mesos.UnregisterFramework.name {
            remove(framework: id, now, &effects)
        } else if message.name == Mesos.DeactivateFramework.name {
            deactivate(framework: id, &effects)
        }
    }

    private func refuse(_ process: ProcessID, _ reason: String, _ effects: inout [DaemonEffect]) {
        effects.append(.log(.info, "Refusing subscription of framework at \(process): \(reason)"))
        send(Mesos.FrameworkError(message: reason), to: process, &effects)
    }

    /// Why the framework may not come (master.cpp, `registerFramework`).
    private func fault(in framework: Mesos.FrameworkInfo) -> String? {
        if let roles = flags["roles"], framework.role != "*",
            !roles.split(separator: ",").contains(Substring(framework.role))
        {
            return version.atLeast(1, 0)
                ? "Framework role(s) '{ \(framework.role) }' are not present in the master's --roles"
                : "Role '\(framework.role)' is not present in the master's --roles"
        }
        if framework.user == "root", !flags.isOn("root_submissions") {
            return "User 'root' is not allowed to run frameworks without --root_submissions set"
        }
        return nil
    }

    private mutating func register(
        _ framework: Mesos.FrameworkInfo,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        if framework.id != nil {
            let again = Mesos.ReregisterFramework(framework: framework, failover: true)
            return reregister(again, process, now, &effects)
        }
        if let reason = fault(in: framework) { return refuse(process, reason, &effects) }
        if let known = frameworks.values.first(where: { $0.pid == process }) {
            return send(Mesos.FrameworkRegistered(frameworkID: known.id, master: info), to: process, &effects)
        }
        let number = String(nextFramework)
        nextFramework += 1
        let id = "\(info.id)-" + String(repeating: "0", count: max(0, 4 - number.utf8.count)) + number
        add(framework, id, process, now)
        effects.append(.log(.info, "Subscribed framework \(id) (\(framework.name)) at \(process)"))
        send(Mesos.FrameworkRegistered(frameworkID: id, master: info), to: process, &effects)
    }

    private mutating func add(_ framework: Mesos.FrameworkInfo, _ id: String, _ process: ProcessID?, _ now: Moment) {
        var framework = framework
        framework.id = id
        frameworks[id] = Framework(
            id: id,
            info: framework,
            pid: process,
            registered: now,
            isActive: process != nil,
            isConnected: process != nil
        )
        needAllocation(now)
    }

    private mutating func reregister(
        _ registration: Mesos.ReregisterFramework,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let id = registration.framework.id ?? ""
        if let reason = fault(in: registration.framework) { return refuse(process, reason, &effects) }
        if completedFrameworks.contains(where: { $0.id == id }) {
            let reason =
                version.atLeast(1, 0) ? "Framework has been removed" : "Completed framework attempted to re-register"
            return refuse(process, reason, &effects)
        }
        guard var framework = frameworks[id] else {
            add(registration.framework, id, process, now)
            return send(Mesos.FrameworkReregistered(frameworkID: id, master: info), to: process, &effects)
        }
        if let old = framework.pid, old != process, framework.isConnected {
            send(Mesos.FrameworkError(message: "Framework failed over"), to: old, &effects)
        }
        // The new scheduler does not know of the offers that are out.
        for offer in framework.offers.sorted() { take(back: offer) }
        framework = frameworks[id] ?? framework
        let wasRecovered = framework.isRecovered
        framework.info = registration.framework
        framework.pid = process
        (framework.isActive, framework.isConnected, framework.reregistered) = (true, true, now)
        framework.refusals = [:]
        frameworks[id] = framework
        timers.cancel(.failover(framework: id))
        needAllocation(now)
        effects.append(.log(.info, "Framework \(id) (\(framework.info.name)) at \(process) re-registered"))
        if registration.failover, !wasRecovered {
            send(Mesos.FrameworkRegistered(frameworkID: id, master: info), to: process, &effects)
        } else {
            send(Mesos.FrameworkReregistered(frameworkID: id, master: info), to: process, &effects)
        }
    }

    /// What an agent runs for a framework whose scheduler this master has not met yet.
    mutating func recover(_ framework: Mesos.FrameworkInfo, _ now: Moment) {
        guard let id = framework.id, frameworks[id] == nil else { return }
        add(framework, id, nil, now)
        timers.set(.failover(framework: id), at: now + Int(framework.failoverTimeoutSeconds * 1000))
    }

    private mutating func deactivate(framework id: String, _ effects: inout [DaemonEffect]) {
        for offer in frameworks[id]?.offers.sorted() ?? [] { rescind(offer, &effects) }
        frameworks[id]?.isActive = false
    }

    /// The scheduler is gone: the framework waits for its next one as long as its failover timeout.
    mutating func disconnect(framework id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let framework = frameworks[id], framework.isConnected else { return }
        effects.append(.log(.info, "Framework \(id) (\(framework.info.name)) disconnected"))
        for offer in framework.offers.sorted() { take(back: offer) }
        frameworks[id]?.isActive = false
        frameworks[id]?.isConnected = false
        frameworks[id]?.unregistered = now
        let wait = Int(framework.info.failoverTimeoutSeconds * 1000)
        effects.append(
            .log(.info, "Giving framework \(id) \(MesosDuration(milliseconds: wait)) to failover")
        )
        timers.set(.failover(framework: id), at: now + wait)
    }

    mutating func failoverTimedOut(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let framework = frameworks[id], !framework.isConnected else { return }
        effects.append(.log(.info, "Framework failover timeout, removing framework \(id)"))
        remove(framework: id, now, &effects)
    }

    /// Ends a framework for good: its agents kill its tasks.
    mutating func remove(framework id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard var framework = frameworks[id] else { return }
        for offer in framework.offers.sorted() { take(back: offer) }
        var hosts: Set<String> = []
        for task in framework.tasks.values.sorted(by: { $0.info.taskID < $1.info.taskID }) {
            hosts.insert(task.info.agentID)
            var ended = task
            ended.enter(.killed, at: now.seconds)
            framework.complete(ended, keeping: completedTaskLimit)
            if !task.state.isTerminal { agents[task.info.agentID]?.free += task.info.resources }
            agents[task.info.agentID]?.tasks[id] = nil
        }
        for host in hosts.sorted() {
            if let process = agents[host]?.pid { send(Mesos.ShutdownFramework(frameworkID: id), to: process, &effects) }
        }
        frameworks[id] = nil
        framework.tasks = [:]
        framework.offers = []
        (framework.isActive, framework.isConnected, framework.unregistered) = (false, false, now)
        (framework.usedCPUs, framework.usedMemory, framework.usedDisk) = (0, 0, 0)
        completedFrameworks.append(framework)
        let limit = flags["max_completed_frameworks"].flatMap { Int($0) } ?? 50
        if completedFrameworks.count > limit { completedFrameworks.removeFirst() }
        timers.cancel(.failover(framework: id))
        needAllocation(now)
    }

    var completedTaskLimit: Int { flags["max_completed_tasks_per_framework"].flatMap { Int($0) } ?? 1000 }
}
