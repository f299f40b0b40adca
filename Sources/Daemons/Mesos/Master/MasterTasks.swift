extension MesosMaster {
    mutating func launchTasks(_ launch: Mesos.LaunchTasks, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard !launch.tasks.isEmpty else {
            let decline = Mesos.DeclineOffers(
                frameworkID: launch.frameworkID,
                offerIDs: launch.offerIDs,
                refuseSeconds: launch.refuseSeconds
            )
            return declineOffers(decline, now)
        }
        let id = launch.frameworkID
        var offered = Mesos.Resources()
        var agentID: String?
        var fault = launch.offerIDs.isEmpty ? "No offers specified" : nil
        for offerID in launch.offerIDs {
            guard let offer = offers[offerID], offer.frameworkID == id else {
                fault = fault ?? "Offer \(offerID) is no longer valid"
                continue
            }
            if agentID != nil, agentID != offer.agentID { fault = "Aggregated offers must belong to one single agent" }
            agentID = offer.agentID
            offered += offer.resources
            take(back: offerID)
        }
        for task in launch.tasks {
            if let fault {
                let reason = "Task launched with invalid offers: \(fault)"
                refuse(task, of: id, partitionAwareState: .dropped, "REASON_INVALID_OFFERS", reason, now, &effects)
            } else if let reason = invalidity(of: task, framework: id, agent: agentID ?? "", offered) {
                let status = Mesos.TaskStatus(
                    taskID: task.taskID,
                    state: .error,
                    message: reason,
                    reason: "REASON_TASK_INVALID",
                    source: "SOURCE_MASTER",
                    agentID: task.agentID,
                    timestamp: now.seconds
                )
                tell(id, status, &effects)
            } else {
                offered -= task.resources
                run(task, framework: id, now, &effects)
            }
        }
        if let agentID, !offered.isEmpty { refuse(id, agentID, offered, for: launch.refuseSeconds, now) }
        needAllocation(now)
    }

    /// master/validation.cpp, the rules that a scheduler can break by mistake.
    private func invalidity(
        of task: Mesos.TaskInfo,
        framework id: String,
        agent agentID: String,
        _ offered: Mesos.Resources
    ) -> String? {
        if frameworks[id]?.tasks[task.taskID] != nil { return "Task has duplicate ID: \(task.taskID)" }
        if task.agentID != agentID {
            return "Task uses invalid agent \(task.agentID) while agent \(agentID) is expected"
        }
        if task.resources.isEmpty { return "Task uses no resources" }
        guard offered.contains(task.resources) else {
            return "Task uses more resources \(MesosText.describe(task.resources)) than available "
                + MesosText.describe(offered)
        }
        return nil
    }

    private mutating func run(
        _ task: Mesos.TaskInfo,
        framework id: String,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        guard let framework = frameworks[id]?.info, let agent = agents[task.agentID]?.pid,
            agents[task.agentID]?.isConnected == true
        else {
            return refuse(
                task,
                of: id,
                partitionAwareState: .dropped,
                "REASON_SLAVE_DISCONNECTED",
                "\(version.atLeast(1, 0) ? "Agent" : "Slave") \(task.agentID) is disconnected",
                now,
                &effects
            )
        }
        put(Mesos.Task(info: task, frameworkID: id, state: .staging))
        agents[task.agentID]?.free -= task.resources
        send(Mesos.RunTask(framework: framework, task: task), to: agent, &effects)
    }

    /// Books a task that is not over.
    private mutating func put(_ task: Mesos.Task) {
        let id = task.frameworkID
        frameworks[id]?.tasks[task.info.taskID] = task
        frameworks[id]?.use(task.info.resources)
        agents[task.info.agentID]?.tasks[id, default: []].insert(task.info.taskID)
    }

    /// TASK_LOST, or what a partition-aware framework is told instead.
    private mutating func refuse(
        _ task: Mesos.TaskInfo,
        of id: String,
        partitionAwareState: Mesos.TaskState,
        _ reason: String,
        _ message: String,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let status = Mesos.TaskStatus(
            taskID: task.taskID,
            state: frameworks[id]?.isPartitionAware == true ? partitionAwareState : .lost,
            message: message,
            reason: reason,
            source: "SOURCE_MASTER",
            agentID: task.agentID,
            timestamp: now.seconds
        )
        counters.count("tasks_lost")
        tell(id, status, &effects)
    }

    private func tell(_ framework: String, _ status: Mesos.TaskStatus, _ effects: inout [DaemonEffect]) {
        guard let process = frameworks[framework]?.pid, frameworks[framework]?.isConnected == true else { return }
        send(Mesos.StatusUpdate(frameworkID: framework, status: status), to: process, &effects)
    }

    mutating func killTask(_ kill: Mesos.KillTask, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard let task = frameworks[kill.frameworkID]?.tasks[kill.taskID] else {
            // The scheduler learns what is known, as if it had reconciled.
            let status = Mesos.TaskStatus(taskID: kill.taskID, state: .staging)
            let request = Mesos.ReconcileTasks(frameworkID: kill.frameworkID, statuses: [status])
            return reconcile(request, now, &effects)
        }
        if let process = agents[task.info.agentID]?.pid { send(kill, to: process, &effects) }
    }

    /// From an agent: kept, and passed on to the scheduler, whose acknowledgement goes back.
    mutating func updateReceived(_ update: Mesos.StatusUpdate, _ now: Moment, _ effects: inout [DaemonEffect]) {
        let (id, status) = (update.frameworkID, update.status)
        guard let agentID = status.agentID, agents[agentID] != nil, frameworks[id] != nil else {
            return counters.count("invalid_status_updates")
        }
        counters.count("valid_status_updates")
        if var task = frameworks[id]?.tasks[status.taskID] {
            let wasTerminal = task.state.isTerminal
            task.enter(status.state, at: status.timestamp)
            frameworks[id]?.tasks[status.taskID] = task
            if status.state.isTerminal, !wasTerminal {
                counters.count(Self.counter(of: status.state))
                free(task, now)
            }
        }
        tell(id, status, &effects)
    }

    private static func counter(of state: Mesos.TaskState) -> String {
        state.rawValue.lowercased().replacingFirst("task_", "tasks_")
    }

    /// The resources of a task that is over, back to its agent.
    private mutating func free(_ task: Mesos.Task, _ now: Moment) {
        agents[task.info.agentID]?.free += task.info.resources
        frameworks[task.frameworkID]?.use(task.info.resources, sign: -1)
        drainedPerhaps(task.info.agentID, now)
        needAllocation(now)
    }

    mutating func acknowledge(
        _ acknowledgement: Mesos.StatusUpdateAcknowledgement,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let (id, taskID) = (acknowledgement.frameworkID, acknowledgement.taskID)
        guard let agent = agents[acknowledgement.agentID], agent.isConnected else {
            return counters.count("invalid_status_update_acknowledgements")
        }
        counters.count("valid_status_update_acknowledgements")
        send(acknowledgement, to: agent.pid, &effects)
        if let task = frameworks[id]?.tasks[taskID], task.state.isTerminal {
            frameworks[id]?.tasks[taskID] = nil
            let limit = completedTaskLimit
            frameworks[id]?.complete(task, keeping: limit)
            forget(task)
            drainedPerhaps(task.info.agentID, now)
        }
    }

    private mutating func forget(_ task: Mesos.Task) {
        agents[task.info.agentID]?.tasks[task.frameworkID]?.remove(task.info.taskID)
        if agents[task.info.agentID]?.tasks[task.frameworkID]?.isEmpty == true {
            agents[task.info.agentID]?.tasks[task.frameworkID] = nil
        }
    }

    /// The tasks of an agent that came back to a master which did not have it.
    mutating func takeTasks(
        of registration: Mesos.ReregisterAgent,
        wasUnreachable: Bool,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let agentID = registration.agent.id
        for framework in registration.frameworks {
            guard let id = framework.id, let process = agents[agentID]?.pid else { continue }
            // Up to 1.4 the tasks of a framework that was told they are lost are killed, from 1.5 on they are back.
            let isTold = wasUnreachable && !version.atLeast(1, 5) && !framework.capabilities.contains("PARTITION_AWARE")
            if isTold || completedFrameworks.contains(where: { $0.id == id }) {
                send(Mesos.ShutdownFramework(frameworkID: id), to: process, &effects)
                continue
            }
            recover(framework, now)
        }
        for task in registration.tasks where frameworks[task.frameworkID] != nil {
            let (id, taskID) = (task.frameworkID, task.info.taskID)
            // Of a task it knows already, updates that are under way say what has changed.
            if frameworks[id]?.tasks[taskID] != nil { continue }
            let isShut =
                wasUnreachable && !version.atLeast(1, 5) && frameworks[id]?.isPartitionAware == false
            if isShut || task.state.isTerminal { continue }
            frameworks[id]?.unreachable[taskID] = nil
            put(task)
            agents[agentID]?.free -= task.info.resources
        }
    }

    /// An agent is gone: its tasks are lost, or from 1.1 on unreachable.
    mutating func loseTasks(
        of agent: Agent,
        isUnreachable: Bool,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        let limit = completedTaskLimit
        for (id, tasks) in agent.tasks.sorted(by: { $0.key < $1.key }) {
            for taskID in tasks.sorted() {
                guard var task = frameworks[id]?.tasks.removeValue(forKey: taskID) else { continue }
                guard !task.state.isTerminal else { continue }
                frameworks[id]?.use(task.info.resources, sign: -1)
                let state: Mesos.TaskState =
                    frameworks[id]?.isPartitionAware == true ? (isUnreachable ? .unreachable : .gone) : .lost
                task.enter(state, at: now.seconds)
                counters.count(Self.counter(of: state))
                if isUnreachable {
                    frameworks[id]?.unreachable[taskID] = task
                } else {
                    frameworks[id]?.complete(task, keeping: limit)
                }
                let status = Mesos.TaskStatus(
                    taskID: taskID,
                    state: state,
                    message: isUnreachable
                        ? "Agent \(agent.info.hostname) is unreachable: health check timed out"
                        : "\(version.atLeast(1, 0) ? "Agent" : "Slave") \(agent.info.hostname) removed",
                    reason: "REASON_SLAVE_REMOVED",
                    source: "SOURCE_MASTER",
                    agentID: agent.info.id,
                    timestamp: now.seconds
                )
                tell(id, status, &effects)
            }
        }
    }

    /// master.cpp, `reconcileTasks`: the tasks asked for, or all of the framework.
    mutating func reconcile(_ request: Mesos.ReconcileTasks, _ now: Moment, _ effects: inout [DaemonEffect]) {
        let id = request.frameworkID
        guard let framework = frameworks[id] else { return }
        guard request.statuses.isEmpty else {
            for asked in request.statuses { reconcile(asked, framework, now, &effects) }
            return
        }
        for task in framework.tasks.values.sorted(by: { $0.info.taskID < $1.info.taskID }) {
            tell(id, latest(of: task, now), &effects)
        }
        guard version.atLeast(1, 1) else { return }
        for task in framework.unreachable.values.sorted(by: { $0.info.taskID < $1.info.taskID }) {
            tell(id, latest(of: task, now), &effects)
        }
    }

    private func latest(of task: Mesos.Task, _ now: Moment) -> Mesos.TaskStatus {
        Mesos.TaskStatus(
            taskID: task.info.taskID,
            state: task.state,
            message: "Reconciliation: Latest task state",
            reason: "REASON_RECONCILIATION",
            source: "SOURCE_MASTER",
            agentID: task.info.agentID,
            timestamp: now.seconds
        )
    }

    private func reconcile(
        _ asked: Mesos.TaskStatus,
        _ framework: Framework,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) {
        if let task = framework.tasks[asked.taskID] ?? framework.unreachable[asked.taskID] {
            return tell(framework.id, latest(of: task, now), &effects)
        }
        // While agents may still come back nobody knows.
        if let agent = asked.agentID, recoveredAgents[agent] != nil || reregistering[agent] != nil { return }
        if asked.agentID == nil, !recoveredAgents.isEmpty { return }
        let isAgentThere = asked.agentID.map { agents[$0] != nil } ?? false
        let state: Mesos.TaskState =
            framework.isPartitionAware ? (isAgentThere ? .gone : .unknown) : .lost
        let status = Mesos.TaskStatus(
            taskID: asked.taskID,
            state: state,
            message: isAgentThere
                ? "Reconciliation: Task is unknown to the \(version.agentWord)" : "Reconciliation: Task is unknown",
            reason: "REASON_RECONCILIATION",
            source: "SOURCE_MASTER",
            agentID: asked.agentID,
            timestamp: now.seconds
        )
        tell(framework.id, status, &effects)
    }
}
