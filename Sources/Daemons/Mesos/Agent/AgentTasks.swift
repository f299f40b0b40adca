/// A task of a framework: their ids.
struct TaskKey: Hashable, Sendable, Codable, Comparable {
    var framework: String
    var task: String

    static func < (a: TaskKey, b: TaskKey) -> Bool { (a.framework, a.task) < (b.framework, b.task) }
}

extension MesosAgent {
    /// A task with its executor's container and the updates that are not acknowledged yet.
    struct Run: Hashable, Sendable, Codable {
        var key: TaskKey
        var task: Mesos.Task
        var container: String
        var directory: String
        var isStarted = false
        var isKilled = false
        /// The first is what is being sent.
        var updates: [Mesos.TaskStatus] = []
        var retryMilliseconds = 10_000

        var json: JSON {
            [
                "task": task.json, "container": .string(container), "directory": .string(directory),
                "started": .bool(isStarted), "killed": .bool(isKilled), "updates": .array(updates.map(\.json)),
            ]
        }

        init(task: Mesos.Task, container: String, directory: String) {
            key = TaskKey(framework: task.frameworkID, task: task.info.taskID)
            self.task = task
            self.container = container
            self.directory = directory
        }

        init?(_ json: JSON) {
            guard let task = json["task"].flatMap({ Mesos.Task($0) }), let container = json["container"]?.string else {
                return nil
            }
            self.init(task: task, container: container, directory: json["directory"]?.string ?? "")
            isStarted = json["started"]?.bool ?? false
            isKilled = json["killed"]?.bool ?? false
            updates = json.list("updates") { Mesos.TaskStatus($0) }
        }
    }

    mutating func runTask(_ message: Mesos.RunTask, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let framework = message.framework.id, !isTerminating else { return }
        let task = message.task
        guard runs[TaskKey(framework: framework, task: task.taskID)] == nil else { return }
        if frameworks.updateValue(message.framework, forKey: framework) != message.framework {
            checkpointFramework(framework, &effects)
        }
        let uuid = numbers.uuid()
        let container = task.docker == nil ? uuid : "mesos-\(uuid)"
        let directory = paths.sandbox(
            agent: info.id,
            framework: framework,
            executor: task.taskID,
            container: uuid
        )
        let run = Run(
            task: Mesos.Task(info: task, frameworkID: framework, state: .staging),
            container: container,
            directory: directory
        )
        runs[run.key] = run
        checkpointTask(run.key, &effects)
        checkpointIndex(&effects)
        let list = flags["containerizers"] ?? "mesos"
        guard list.split(separator: ",").contains(task.docker == nil ? "mesos" : "docker") else {
            let reason =
                "None of the enabled containerizers (\(list)) could create a container for the provided "
                + "TaskInfo/ExecutorInfo message"
            launchFailed(run.key, reason, now, &effects)
            return
        }
        keys[container] = run.key
        timers.set(
            .executor(container: container),
            at: now + flags.milliseconds("executor_registration_timeout", or: 60_000)
        )
        effects.append(.container(.launch(launch(of: task, framework, container, directory))))
    }

    private func launch(
        of task: Mesos.TaskInfo,
        _ framework: String,
        _ container: String,
        _ directory: String
    ) -> ContainerLaunch {
        var environment = task.command.environment
        environment["MESOS_SANDBOX"] =
            task.docker == nil ? directory : flags["sandbox_directory"] ?? flags["docker_sandbox_directory"]
        environment["MESOS_TASK_ID"] = task.taskID
        return ContainerLaunch(
            id: container,
            taskID: task.taskID,
            command: task.command.value,
            arguments: task.command.arguments,
            environment: environment,
            user: flags.isOn("switch_user") ? task.command.user ?? frameworks[framework]?.user : nil,
            cpus: task.resources.cpus,
            memoryMegabytes: task.resources.mem,
            sandbox: directory,
            docker: task.docker
        )
    }

    mutating func contained(_ event: ContainerEvent, _ now: Moment, _ effects: inout [DaemonEffect]) {
        switch event {
        case .recovered(let ids): recovered(ids, now, &effects)
        case .started(let id):
            timers.cancel(.executor(container: id))
            guard let key = keys[id], runs[key]?.task.state == .staging else { return }
            runs[key]?.isStarted = true
            if version.atLeast(1, 5) { update(key, .starting, nil, nil, "SOURCE_EXECUTOR", now, &effects) }
            update(key, .running, nil, nil, "SOURCE_EXECUTOR", now, &effects)
        case .failed(let id, let reason):
            timers.cancel(.executor(container: id))
            if let key = keys[id] { launchFailed(key, reason, now, &effects) }
        case .exited(let id, let status):
            timers.cancel(.executor(container: id))
            if let key = keys[id] { exited(key, status, now, &effects) }
        }
        if isTerminating, runs.values.allSatisfy({ $0.task.state.isTerminal }) { finishShutdown(&effects) }
    }

    private mutating func exited(_ key: TaskKey, _ status: Int, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let run = runs[key], !run.task.state.isTerminal else { return }
        let subject = run.task.info.docker == nil ? "Command" : "Container"
        let how =
            status > 128 && run.task.info.docker == nil
            ? "terminated with signal \(Self.signalName(status - 128))" : "exited with status \(status)"
        let state: Mesos.TaskState = run.isKilled ? .killed : status == 0 ? .finished : .failed
        let reason = state == .failed && version.atLeast(1, 0) ? "REASON_COMMAND_EXECUTOR_FAILED" : nil
        update(key, state, "\(subject) \(how)", reason, "SOURCE_EXECUTOR", now, &effects)
    }

    private static func signalName(_ number: Int) -> String {
        [1: "Hangup", 2: "Interrupt", 6: "Aborted", 9: "Killed", 11: "Segmentation fault", 15: "Terminated"][number]
            ?? "Unknown signal \(number)"
    }

    /// 0.21 says no more than that the executor ended abnormally (mesos-zk-ops.md 4.3).
    private mutating func launchFailed(
        _ key: TaskKey,
        _ reason: String,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let message = version.atLeast(1, 0) ? "Failed to launch container: \(reason)" : "Abnormal executor termination"
        effects.append(.log(.error, "Container '\(runs[key]?.container ?? "")' failed to start: \(reason)"))
        end(key, .failed, message, "REASON_CONTAINER_LAUNCH_FAILED", now, &effects)
    }

    /// The container was not up in time, be it for its image's sake.
    mutating func executorTimedOut(_ container: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let key = keys[container], runs[key]?.isStarted == false else { return }
        let timeout = flags["executor_registration_timeout"] ?? ""
        effects.append(.log(.info, "Terminating executor \(key.task) because it did not register within \(timeout)"))
        effects.append(.container(.kill(id: container, graceMilliseconds: 0)))
        let message =
            version.atLeast(1, 0) ? "Executor did not register within \(timeout)" : "Abnormal executor termination"
        end(key, .failed, message, "REASON_EXECUTOR_REGISTRATION_TIMEOUT", now, &effects)
    }

    /// The agent itself says that a task is over.
    mutating func end(
        _ key: TaskKey,
        _ state: Mesos.TaskState,
        _ message: String,
        _ reason: String,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        guard let run = runs[key], !run.task.state.isTerminal else { return }
        let reason = version.atLeast(1, 0) ? reason : "REASON_EXECUTOR_TERMINATED"
        update(key, run.isKilled ? .killed : state, message, reason, "SOURCE_SLAVE", now, &effects)
    }

    mutating func killTask(_ kill: Mesos.KillTask, _ now: Moment, _ effects: inout [DaemonEffect]) {
        let key = TaskKey(framework: kill.frameworkID, task: kill.taskID)
        guard let run = runs[key] else { return loseUnknown(key, now, &effects) }
        guard !run.task.state.isTerminal else { return }
        runs[key]?.isKilled = true
        effects.append(.container(.kill(id: run.container, graceMilliseconds: grace(of: run.task.info))))
        if frameworks[key.framework]?.capabilities.contains("TASK_KILLING_STATE") == true, version.atLeast(0, 28) {
            update(key, .killing, nil, nil, "SOURCE_EXECUTOR", now, &effects)
        }
    }

    private func grace(of task: Mesos.TaskInfo) -> Int {
        if let grace = task.killGraceMilliseconds { return grace }
        if task.docker != nil { return flags.milliseconds("docker_stop_timeout", or: 0) }
        return version.atLeast(1, 0) ? 3000 : flags.milliseconds("executor_shutdown_grace_period", or: 5000)
    }

    mutating func loseUnknown(_ key: TaskKey, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let leader else { return }
        let isAware = frameworks[key.framework]?.capabilities.contains("PARTITION_AWARE") == true
        let status = Mesos.TaskStatus(
            taskID: key.task,
            state: isAware ? .dropped : .lost,
            message: "Reconciliation: task unknown to the \(version.agentWord)",
            reason: "REASON_RECONCILIATION",
            source: "SOURCE_SLAVE",
            agentID: info.id,
            timestamp: now.seconds
        )
        let message = Mesos.StatusUpdate(frameworkID: key.framework, status: status)
        effects.append(.send(DaemonMessage(from: pid, to: leader, message)))
    }

    // MARK: - Updates

    private mutating func update(
        _ key: TaskKey,
        _ state: Mesos.TaskState,
        _ message: String?,
        _ reason: String?,
        _ source: String,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        guard var run = runs[key] else { return }
        run.task.enter(state, at: now.seconds)
        let status = Mesos.TaskStatus(
            taskID: key.task,
            state: state,
            message: message,
            reason: reason,
            source: source,
            agentID: info.id,
            timestamp: now.seconds,
            uuid: numbers.uuid()
        )
        run.updates.append(status)
        if state.isTerminal {
            keys[run.container] = nil
            timers.cancel(.executor(container: run.container))
            counters.count(state.rawValue.lowercased().replacingFirst("task_", "tasks_"))
        }
        runs[key] = run
        checkpointTask(key, &effects)
        if run.updates.count == 1 { sendUpdate(key, now, &effects) }
    }

    /// Sends the oldest update, again after 10 seconds that double up to ten minutes (status_update_manager.cpp).
    mutating func sendUpdate(_ key: TaskKey, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let run = runs[key], let status = run.updates.first else { return }
        timers.set(.update(task: key), at: now + run.retryMilliseconds)
        guard let master else { return }
        runs[key]?.retryMilliseconds = min(run.retryMilliseconds * 2, 600_000)
        let message = Mesos.StatusUpdate(frameworkID: key.framework, status: status)
        effects.append(.send(DaemonMessage(from: pid, to: master, message)))
    }

    mutating func acknowledged(
        _ acknowledgement: Mesos.StatusUpdateAcknowledgement,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let key = TaskKey(framework: acknowledgement.frameworkID, task: acknowledgement.taskID)
        guard var run = runs[key], let status = run.updates.first, status.uuid == acknowledgement.uuid else { return }
        run.updates.removeFirst()
        run.retryMilliseconds = 10_000
        timers.cancel(.update(task: key))
        if status.state.isTerminal {
            runs[key] = nil
            removeCheckpoint(paths.executor(key), &effects)
            checkpointIndex(&effects)
            completed.append(run)
            if completed.count > 200 { completed.removeFirst(50) }
        } else {
            runs[key] = run
            checkpointTask(key, &effects)
            sendUpdate(key, now, &effects)
        }
    }

    // MARK: - Ends

    mutating func shutDown(framework id: String, _ effects: inout [DaemonEffect]) {
        for key in runs.keys.sorted() where key.framework == id {
            guard let run = runs.removeValue(forKey: key) else { continue }
            timers.cancel(.update(task: key))
            timers.cancel(.executor(container: run.container))
            keys[run.container] = nil
            if !run.task.state.isTerminal {
                effects.append(.container(.kill(id: run.container, graceMilliseconds: grace(of: run.task.info))))
            }
        }
        frameworks[id] = nil
        removeCheckpoint(paths.framework(id), &effects)
        checkpointIndex(&effects)
    }

    /// The master wants this agent gone: everything is killed, and it starts over under a new id.
    mutating func shutDown(_ reason: String, _ now: Moment, _ effects: inout [DaemonEffect]) {
        effects.append(.log(.info, "\(version.atLeast(1, 0) ? "Agent" : "Slave") asked to shut down by \(reason)"))
        isTerminating = true
        timers.cancel(.register)
        for run in runs.values.sorted(by: { $0.key < $1.key }) where !run.task.state.isTerminal {
            effects.append(.container(.kill(id: run.container, graceMilliseconds: grace(of: run.task.info))))
        }
        if runs.values.allSatisfy({ $0.task.state.isTerminal }) { return finishShutdown(&effects) }
        timers.set(.shutdown, at: now + flags.milliseconds("executor_shutdown_grace_period", or: 5000) + 5000)
    }

    func finishShutdown(_ effects: inout [DaemonEffect]) {
        effects.append(.remove(path: paths.latest))
        effects.append(.exit(DaemonExit(status: 0, "\(version.atLeast(1, 0) ? "Agent" : "Slave") terminating")))
    }
}
