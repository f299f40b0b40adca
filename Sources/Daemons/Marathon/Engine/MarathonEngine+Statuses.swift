/// What happened to a task, for the deployment that watches its app.
enum TaskChange {
    case running
    case healthChanged
    case ended
}

extension MarathonEngine {
    private static let killInterval = 10_000

    mutating func receive(_ status: Mesos.TaskStatus) {
        acknowledge(status)
        guard let task = tasks[status.taskID] else { return receiveUnknown(status) }
        switch status.state {
        case .staging: break
        case .starting:
            guard task.state == .staging else { return }
            tasks.modify(task.id) { $0.state = .starting }
            emit(status, task)
        case .running: runs(task, status)
        case .killing:
            guard task.state != .killing else { return }
            tasks.modify(task.id) { $0.state = .killing }
            emit(status, task)
        case .unreachable: unreachable(task, status)
        case .unknown, .finished, .failed, .killed, .error, .lost, .dropped, .gone, .goneByOperator:
            end(task, status)
        }
    }

    private mutating func acknowledge(_ status: Mesos.TaskStatus) {
        guard let uuid = status.uuid, let agent = status.agentID, let id = framework.id else { return }
        send(
            Mesos.StatusUpdateAcknowledgement(
                agentID: agent, frameworkID: id, taskID: status.taskID, uuid: uuid))
    }

    /// A task nobody has asked for is killed.
    private mutating func receiveUnknown(_ status: Mesos.TaskStatus) {
        guard let id = framework.id else { return }
        switch status.state {
        case .staging, .starting, .running:
            log(.warning, "Received status update for unknown task \(status.taskID). Killing task.")
            send(Mesos.KillTask(frameworkID: id, taskID: status.taskID))
        default: break
        }
    }

    private mutating func runs(_ task: MarathonTask, _ status: Mesos.TaskStatus) {
        guard task.state != .running || task.isInactive else { return }
        let isNew = task.startedAt == nil
        let now = now
        tasks.modify(task.id) { task in
            task.state = .running
            task.isInactive = false
            if task.startedAt == nil { task.startedAt = now }
        }
        saveTask(task.id)
        emit(status, task)
        if isNew { beginHealthChecks(task.id) }
        changed(task.app, task.id, .running)
    }

    private mutating func end(_ task: MarathonTask, _ status: Mesos.TaskStatus) {
        _ = tasks.remove(task.id)
        saveTask(task.id)
        emit(status, task)
        noteFailure(task, status)
        changed(task.app, task.id, .ended)
    }

    private mutating func noteFailure(_ task: MarathonTask, _ status: Mesos.TaskStatus) {
        let delays: [Mesos.TaskState] = [.failed, .finished, .error, .lost, .dropped, .gone]
        guard let app = definition(task.app, task.version) ?? served(task.app) else { return }
        if delays.contains(status.state), task.killedAt == nil {
            let until = queue.delay(app, at: now)
            agenda.add(.backoffOver(app: app.id), at: until)
        }
        let failures: [Mesos.TaskState] = [.failed, .error, .lost, .dropped, .gone, .unknown]
        guard failures.contains(status.state), records[task.app] != nil else { return }
        records[task.app]?.failure = TaskFailure(
            task: task.id,
            host: task.host,
            agent: task.agent,
            state: status.state.rawValue,
            message: status.message ?? "",
            at: now,
            version: task.version
        )
        saveApp(task.app)
    }

    /// Tells whoever cares: the deployment that has locked the app, or else the count of its tasks.
    mutating func changed(_ app: String, _ task: String, _ change: TaskChange) {
        if let deployment = deployments.lock(of: app) {
            advance(deployment, app, task, change)
        } else if change == .ended {
            scale(app)
        }
    }

    // MARK: Killing

    mutating func kill(_ id: String) {
        guard tasks[id] != nil, let framework = framework.id else { return }
        let now = now
        tasks.modify(id) { $0.killedAt = now }
        send(Mesos.KillTask(frameworkID: framework, taskID: id))
        agenda.add(.killAgain(task: id), at: now + Self.killInterval)
    }

    /// The master may not have heard of it.
    mutating func killAgain(_ id: String) {
        if let killedAt = tasks[id]?.killedAt, now - killedAt >= Self.killInterval { kill(id) }
    }

    /// `--task_launch_timeout`: what is staged for too long is killed, and started elsewhere.
    mutating func launchTimeout(_ id: String) {
        guard let task = tasks[id], task.startedAt == nil, task.killedAt == nil else { return }
        log(.warning, "Should kill: \(id) was staged more than \(configuration.taskLaunchTimeout / 1000)s ago")
        kill(id)
    }

    /// After a change of leaders: what has been going on for a task goes on.
    mutating func resume(_ id: String) {
        guard let task = tasks[id] else { return }
        tasks.modify(id) { $0.health = $0.health.map { _ in TaskHealth() } }
        if task.killedAt != nil { agenda.add(.killAgain(task: id), at: now + Self.killInterval) }
        if task.startedAt == nil {
            agenda.add(.launchTimeout(task: id), at: max(now, task.stagedAt + configuration.taskLaunchTimeout))
        } else {
            beginHealthChecks(id)
        }
    }

    // MARK: Unreachable

    /// From 1.4: `unreachableStrategy` decides when an unreachable task is replaced and when it is given up; before,
    /// masters call such a task lost.
    private mutating func unreachable(_ task: MarathonTask, _ status: Mesos.TaskStatus) {
        guard task.state != .unreachable else { return }
        tasks.modify(task.id) { $0.state = .unreachable }
        saveTask(task.id)
        emit(status, task)
        guard let strategy = definition(task.app, task.version)?.unreachableStrategy ?? defaultUnreachable,
            let inactive = strategy["inactiveAfterSeconds"]?.double,
            let expunge = strategy["expungeAfterSeconds"]?.double
        else { return }
        agenda.add(.inactive(task: task.id), at: now + Int(inactive * 1000))
        agenda.add(.expunge(task: task.id), at: now + Int(expunge * 1000))
    }

    private var defaultUnreachable: JSON? { ["inactiveAfterSeconds": 0, "expungeAfterSeconds": 0] }

    mutating func becomeInactive(_ id: String) {
        guard let task = tasks[id], task.state == .unreachable, !task.isInactive else { return }
        tasks.modify(id) { $0.isInactive = true }
        changed(task.app, id, .ended)
    }

    mutating func expunge(_ id: String) {
        guard let task = tasks[id], task.state == .unreachable else { return }
        _ = tasks.remove(id)
        saveTask(id)
        changed(task.app, id, .ended)
    }
}
