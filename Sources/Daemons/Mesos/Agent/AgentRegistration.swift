extension MesosAgent {
    /// The leading master as far as is known.
    var leader: ProcessID? { fixedMaster ?? detection?.leader?.pid }

    mutating func coordinated(_ event: CoordinationEvent, _ now: Moment, _ effects: inout [DaemonEffect]) {
        let before = leader
        _ = detection?.receive(event, effects: &effects)
        if case .expired = event { connect(&effects) }
        guard leader != before else { return }
        (master, backoff) = (nil, 0)
        timers.cancel(.pings)
        guard let leader else { return effects.append(.log(.info, "Lost leading master")) }
        effects.append(.log(.info, "New master detected at \(leader)"))
        beginRegistration(now)
    }

    /// Waits a random part of `--registration_backoff_factor`, so that not all agents come at once.
    mutating func beginRegistration(_ now: Moment) {
        guard isRecovered, leader != nil, !isTerminating else { return }
        backoff = max(flags.milliseconds("registration_backoff_factor", or: 1000), 1)
        timers.set(.register, at: now + Int.random(in: 0..<backoff, using: &numbers))
    }

    /// Asks again after a random time that doubles up to a minute (slave.cpp, `doReliableRegistration`).
    mutating func register(_ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let leader, master == nil, !isTerminating else { return }
        if info.id.isEmpty {
            let message = Mesos.RegisterAgent(agent: info, version: version.number)
            effects.append(.send(DaemonMessage(from: pid, to: leader, message)))
        } else {
            let message = Mesos.ReregisterAgent(
                agent: info,
                version: version.number,
                tasks: runs.values.map(\.task).sorted { $0.info.taskID < $1.info.taskID },
                frameworks: frameworks.values.sorted { ($0.id ?? "") < ($1.id ?? "") }
            )
            effects.append(.send(DaemonMessage(from: pid, to: leader, message)))
        }
        backoff = min(backoff * 2, 60_000)
        timers.set(.register, at: now + 1 + Int.random(in: backoff / 2..<backoff + 1, using: &numbers))
    }

    mutating func registered(
        _ message: DaemonMessage,
        again: Bool,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        guard let id = message.body.id("slave_id") else { return }
        guard info.id.isEmpty || info.id == id else {
            let words = "Registered but got wrong id: \(id) (expected: \(info.id)). Committing suicide"
            return effects.append(.exit(DaemonExit(words)))
        }
        timers.cancel(.register)
        master = message.from
        timers.set(.pings, at: now + pingTimeout)
        if info.id != id || !again {
            info.id = id
            effects.append(.log(.info, "Registered with master \(message.from); given \(version.agentWord) ID \(id)"))
        } else {
            effects.append(.log(.info, "Re-registered with master \(message.from)"))
        }
        checkpointInfo(&effects)
        for entry in message.body["reconciliations"]?.array ?? [] {
            guard let framework = entry.id("framework_id") else { continue }
            for task in entry.ids("task_ids") where runs[TaskKey(framework: framework, task: task)] == nil {
                loseUnknown(TaskKey(framework: framework, task: task), now, &effects)
            }
        }
        // What a master that is gone may not have passed on.
        for key in runs.keys.sorted() where runs[key]?.updates.isEmpty == false { sendUpdate(key, now, &effects) }
    }

    /// Five pings of fifteen seconds (mesos-zk-ops.md 4.2).
    private var pingTimeout: Int { 75_000 }

    mutating func pinged(_ message: DaemonMessage, _ now: Moment, _ effects: inout [DaemonEffect]) {
        effects.append(.send(DaemonMessage(from: pid, to: message.from, Mesos.pong, [:])))
        guard master == message.from else { return }
        timers.set(.pings, at: now + pingTimeout)
        if message.body["connected"]?.bool == false {
            effects.append(.log(.info, "Master marked the \(version.agentWord) as disconnected; re-registering"))
            master = nil
            beginRegistration(now)
        }
    }

    mutating func pingsMissing(_ now: Moment, _ effects: inout [DaemonEffect]) {
        effects.append(.log(.info, "No pings from master received within 75secs"))
        master = nil
        beginRegistration(now)
    }

    /// The link to the master broke; with ZooKeeper the next leader is waited for, and pings tell if it is the same.
    mutating func masterGone(_ process: ProcessID, _ now: Moment) {
        guard process.endpoint == leader?.endpoint || process == master, master != nil else { return }
        timers.set(.pings, at: now + pingTimeout)
        if fixedMaster != nil {
            master = nil
            beginRegistration(now)
        }
    }
}
