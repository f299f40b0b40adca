extension MesosMaster {
    /// What a re-registering agent said, while the registry takes it in.
    struct Reregistration: Hashable, Sendable, Codable {
        var message: Mesos.ReregisterAgent
        var pid: ProcessID
        /// It had been marked unreachable.
        var wasUnreachable: Bool
    }

    /// - Returns: Whether it was a message of an agent.
    mutating func receiveFromAgent(
        _ message: DaemonMessage,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> Bool {
        if message.name == Mesos.pong {
            if let id = agentIDs[message.from] { agents[id]?.hasAnsweredPing = true }
        } else if let registration = message.read(as: Mesos.RegisterAgent.self) {
            register(registration, message.from, now, &effects)
        } else if let registration = message.read(as: Mesos.ReregisterAgent.self) {
            reregister(registration, message.from, now, &effects)
        } else if message.name == "mesos.internal.UnregisterSlaveMessage" {
            if let id = agentIDs[message.from] { change(.remove(id: id), now) }
        } else {
            return false
        }
        return true
    }

    private func refuse(_ process: ProcessID, _ reason: String, _ effects: inout [DaemonEffect]) {
        effects.append(.log(.warning, "Shutting down \(version.agentWord) at \(process): \(reason)"))
        send(Mesos.Shutdown(message: reason), to: process, &effects)
    }

    /// Whether the agent may come at all: its machine is not down, its release not too old (mesos-zk-ops.md 3.2, 4.4).
    private func mayJoin(
        _ agent: Mesos.AgentInfo,
        _ release: String,
        _ process: ProcessID,
        _ effects: inout [DaemonEffect]
    ) -> Bool {
        let maintenance = registrar.registry.maintenance
        if maintenance.isDown(hostname: agent.hostname, ip: process.endpoint.host) {
            refuse(process, "Machine is `DOWN`", &effects)
            return false
        }
        if version.atLeast(1, 3), !MesosVersion(release).atLeast(1, 0) {
            effects.append(
                .log(
                    .warning,
                    "Ignoring registration attempt from old agent at \(process): agent version is "
                        + "\(release), minimum supported agent version is 1.0.0"
                )
            )
            return false
        }
        return true
    }

    private mutating func register(
        _ registration: Mesos.RegisterAgent,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        guard mayJoin(registration.agent, registration.version, process, &effects) else { return }
        if let id = agentIDs[process], let agent = agents[id] {
            guard !agent.isConnected else {
                return effects.append(
                    .send(Mesos.AgentRegistered.message(id, again: false, from: pid, to: process))
                )
            }
            // An agent that forgot its id comes back at the same address.
            change(.remove(id: id), now)
        }
        guard registering.insert(process).inserted else { return }
        var agent = registration.agent
        agent.id = "\(info.id)-S\(nextAgent)"
        nextAgent += 1
        versions[process] = registration.version
        change(.admit(agent, pid: process), now)
    }

    mutating func admitted(
        _ agent: Mesos.AgentInfo,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        registering.remove(process)
        counters.count("slave_registrations")
        add(agent, process, versions.removeValue(forKey: process) ?? "", now, again: false, &effects)
        effects.append(
            .log(.info, "Registered \(version.agentWord) \(agent.id) at \(process) (\(agent.hostname))")
        )
        effects.append(.send(Mesos.AgentRegistered.message(agent.id, again: false, from: pid, to: process)))
    }

    private mutating func add(
        _ agent: Mesos.AgentInfo,
        _ process: ProcessID,
        _ release: String,
        _ now: Moment,
        again: Bool,
        _ effects: inout [DaemonEffect]
    ) {
        recoveredAgents[agent.id] = nil
        removedAgents.remove(agent.id)
        agents[agent.id] = Agent(
            info: agent,
            pid: process,
            version: release,
            registered: now,
            reregistered: again ? now : nil,
            free: agent.resources
        )
        agentIDs[process] = agent.id
        beginPings(agent.id, now, &effects)
        needAllocation(now)
    }

    private mutating func reregister(
        _ registration: Mesos.ReregisterAgent,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let id = registration.agent.id
        guard mayJoin(registration.agent, registration.version, process, &effects) else { return }
        if let agent = agents[id] {
            let isElsewhere =
                agent.endpoint.host != process.endpoint.host || agent.info.hostname != registration.agent.hostname
            if version.atLeast(0, 28), isElsewhere {
                return refuse(process, "\(agentTitle) attempted to re-register with different IP / hostname", &effects)
            }
            return reconnect(registration, process, now, &effects)
        }
        if !version.atLeast(1, 0), removedAgents.contains(id) {
            return refuse(process, "Slave attempted to re-register after removal", &effects)
        }
        if version.atLeast(0, 28), let known = recoveredAgents[id], known.hostname != registration.agent.hostname {
            return refuse(process, "\(agentTitle) attempted to re-register with different IP / hostname", &effects)
        }
        guard reregistering[id] == nil else { return }
        let wasUnreachable = registrar.registry.unreachable[id] != nil
        reregistering[id] = Reregistration(message: registration, pid: process, wasUnreachable: wasUnreachable)
        change(.markReachable(registration.agent), now)
    }

    private var agentTitle: String { version.atLeast(1, 0) ? "Agent" : "Slave" }

    /// A new master, or one that had given the agent up, takes it in with its tasks.
    mutating func readmitted(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let back = reregistering.removeValue(forKey: id) else { return }
        counters.count("slave_reregistrations")
        if let other = agentIDs[back.pid], other != id { agentIDs[back.pid] = nil }
        add(back.message.agent, back.pid, back.message.version, now, again: true, &effects)
        takeTasks(of: back.message, wasUnreachable: back.wasUnreachable, now, &effects)
        answerReregistration(id, [], &effects)
    }

    /// An agent this master knows has come back: the same process after a broken link, or a restarted one.
    private mutating func reconnect(
        _ registration: Mesos.ReregisterAgent,
        _ process: ProcessID,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let id = registration.agent.id
        guard var agent = agents[id] else { return }
        counters.count("slave_reregistrations")
        agentIDs[agent.pid] = nil
        agentIDs[process] = id
        agent.pid = process
        agent.reregistered = now
        agent.isConnected = true
        agent.version = registration.version
        if agent.info != registration.agent {
            // Resources may have grown under `--reconfiguration_policy=additive`.
            agent.free += registration.agent.resources - agent.info.resources
            agent.info = registration.agent
            change(.update(agent.info), now)
        }
        agents[id] = agent
        beginPings(id, now, &effects)
        takeTasks(of: registration, wasUnreachable: false, now, &effects)
        let reported = Set(registration.tasks.map(\.info.taskID))
        var missing: [JSON] = []
        for (framework, tasks) in agent.tasks.sorted(by: { $0.key < $1.key }) {
            let lost = tasks.subtracting(reported).sorted()
            if !lost.isEmpty { missing.append(["framework_id": .id(framework), "task_ids": .ids(lost)]) }
        }
        answerReregistration(id, missing, &effects)
        needAllocation(now)
    }

    /// The agent answers for the tasks the master knows there and it does not.
    private func answerReregistration(_ id: String, _ missing: [JSON], _ effects: inout [DaemonEffect]) {
        guard let agent = agents[id] else { return }
        var message = Mesos.AgentRegistered.message(id, again: true, from: pid, to: agent.pid)
        message.body = ["slave_id": .id(id), "reconciliations": .array(missing)]
        effects.append(.log(.info, "Re-registered \(version.agentWord) \(id) at \(agent.pid) (\(agent.info.hostname))"))
        effects.append(.send(message))
    }

    // MARK: - Pings

    private mutating func beginPings(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        agents[id]?.missedPings = 0
        agents[id]?.hasAnsweredPing = true
        ping(id, now, &effects)
    }

    /// 15 seconds five times without an answer, and the agent is given up (mesos-zk-ops.md 4.2).
    mutating func ping(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard var agent = agents[id] else { return }
        agent.missedPings = agent.hasAnsweredPing ? 0 : agent.missedPings + 1
        agent.hasAnsweredPing = false
        agents[id] = agent
        guard agent.missedPings < (flags["max_agent_ping_timeouts"].flatMap { Int($0) } ?? 5) else {
            return giveUp(id, now, &effects)
        }
        timers.set(.ping(agent: id), at: now + flags.milliseconds("agent_ping_timeout", or: 15_000))
        let message = DaemonMessage(from: pid, to: agent.pid, Mesos.ping, ["connected": .bool(agent.isConnected)])
        effects.append(.send(message))
    }

    private mutating func giveUp(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        effects.append(.log(.info, "\(agentTitle) \(id) failed its health checks"))
        if version.atLeast(1, 1) {
            counters.count("slave_unreachable_scheduled")
            counters.count("slave_unreachable_completed")
            change(.markUnreachable(id: id, seconds: now.seconds), now)
        } else {
            counters.count("slave_shutdowns_scheduled")
            change(.remove(id: id), now)
        }
    }

    /// Those of the registry that did not come back in time after this master began to lead.
    mutating func removeRecovered(_ now: Moment, _ effects: inout [DaemonEffect]) {
        for id in recoveredAgents.keys.sorted() {
            counters.count("recovery_slave_removals")
            change(
                version.atLeast(1, 1) ? .markUnreachable(id: id, seconds: now.seconds) : .remove(id: id),
                now
            )
        }
    }

    /// The registry has let an agent go: its offers and tasks go too.
    mutating func removed(_ id: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        recoveredAgents[id] = nil
        removedAgents.insert(id)
        counters.count("slave_removals")
        let isUnreachable = registrar.registry.unreachable[id] != nil
        for offer in agents[id]?.offers.sorted() ?? [] { rescind(offer, &effects) }
        if let agent = agents[id] { loseTasks(of: agent, isUnreachable: isUnreachable, now, &effects) }
        if let agent = agents.removeValue(forKey: id), agentIDs[agent.pid] == id { agentIDs[agent.pid] = nil }
        timers.cancel(.ping(agent: id))
        for framework in frameworks.values.sorted(by: { $0.id < $1.id }) {
            if let process = framework.pid, framework.isConnected {
                send(Mesos.LostAgent(agentID: id), to: process, &effects)
            }
        }
    }

    /// libprocess' `exited`: an agent or a scheduler has gone away, perhaps to come back.
    mutating func exited(_ process: ProcessID, _ now: Moment, _ effects: inout [DaemonEffect]) {
        if let id = agentIDs[process], agents[id]?.isConnected == true {
            effects.append(.log(.info, "\(agentTitle) \(id) disconnected"))
            agents[id]?.isConnected = false
            for offer in agents[id]?.offers.sorted() ?? [] { rescind(offer, &effects) }
        }
        for id in frameworks.keys.sorted() where frameworks[id]?.pid == process {
            disconnect(framework: id, now, &effects)
        }
    }
}
