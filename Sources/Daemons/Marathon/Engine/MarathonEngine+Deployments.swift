extension MarathonEngine {
    /// Accepts an edit of the root as one new version: gives ports, checks, plans, and begins the deployment.
    /// - Parameter first: What is done once it is accepted, before the deployment begins.
    /// - Returns: The plan.
    /// - Throws: 409 where a running deployment has locked one of the apps and `force` is not set, 403 where too many
    ///   run, or what the checks say; nothing has changed then.
    mutating func commit(
        _ edit: RootEdit,
        version: Moment,
        force: Bool,
        first: (inout MarathonEngine) -> Void = { _ in }
    ) throws(MarathonFault) -> DeploymentPlan {
        let formerPool = pool
        var edit = edit
        var changes: [String: AppChange] = [:]
        for id in edit.removedApps { changes[id] = AppChange(before: root.apps[id]) }
        for app in edit.apps { changes[app.id] = AppChange(before: root.apps[app.id]) }
        do throws(MarathonFault) {
            try codec.assignPorts(in: &edit.apps, former: { changes[$0]?.before }, pool: &pool)
        } catch {
            pool = formerPool
            throw error
        }
        stamp(&edit, &changes, version)
        let change = root.apply(edit, version: version)
        let plan: DeploymentPlan
        do throws(MarathonFault) {
            try codec.validate(root.tree, changed: edit.apps.map(\.id))
            plan = self.plan(changes, version: version)
            try unlock(for: plan, force: force)
        } catch {
            root.undo(change)
            pool = formerPool
            throw error
        }
        accept(edit, change, changes)
        emitGroupChange(edit.groupID, version)
        first(&self)
        begin(plan)
        return plan
    }

    /// Gives definitions whose ports are assigned the version they are stored with.
    private func stamp(_ edit: inout RootEdit, _ changes: inout [String: AppChange], _ version: Moment) {
        for index in edit.apps.indices {
            let id = edit.apps[index].id
            let isRestart = edit.restarts.contains(id)
            let former = changes[id]?.before
            edit.apps[index] = codec.versioned(edit.apps[index], former: former, at: version, isRestart: isRestart)
            changes[id] = AppChange(before: former, after: edit.apps[index], restarts: isRestart)
        }
    }

    /// What an edit would do; nothing changes. Without ports, and with everything listed as new (marathon-api.md 1.6).
    mutating func dryRun(_ edit: RootEdit, version: Moment) throws(MarathonFault) -> DeploymentPlan {
        var changes: [String: AppChange] = [:]
        for id in edit.removedApps { changes[id] = AppChange(before: root.apps[id]) }
        for app in edit.apps {
            changes[app.id] = AppChange(before: root.apps[app.id], after: app, restarts: release >= .init(0, 11))
        }
        let change = root.apply(edit, version: version)
        defer { root.undo(change) }
        try codec.validate(root.tree, changed: edit.apps.map(\.id))
        return plan(changes, version: version)
    }

    private mutating func plan(_ changes: [String: AppChange], version: Moment) -> DeploymentPlan {
        let present = changes.filter { $0.value.after != nil }.keys.sorted()
        let steps = DeploymentPlanner(codec: codec).steps(changes, depths: root.depths(of: present))
        var plan = DeploymentPlan(id: numbers.uuid(), version: version, steps: steps)
        for id in plan.affectedApps {
            plan.original[id] = changes[id]?.before
            plan.target[id] = changes[id]?.after
        }
        return plan
    }

    private mutating func unlock(for plan: DeploymentPlan, force: Bool) throws(MarathonFault) {
        let conflicts = deployments.conflicts(plan.affectedApps)
        if !conflicts.isEmpty, !force { throw .locked(by: conflicts) }
        if let limit = configuration.maxRunningDeployments, !plan.isEmpty,
            deployments.count - conflicts.count >= limit
        {
            throw MarathonFault(
                403,
                [
                    "message": .string(
                        "Max number (\(limit)) of running deployments is achieved. Wait for existing deployments to "
                            + "complete or cancel one using force=true parameter. You can increase max deployment "
                            + "number by using --max_running_deployments parameter.")
                ])
        }
        for id in conflicts { cancel(id) }
    }

    private mutating func accept(
        _ edit: RootEdit,
        _ change: MarathonRoot.Change,
        _ changes: [String: AppChange]
    ) {
        saveRoot(change)
        for app in edit.apps {
            if !servesDeployed { keepVersion(app) }
            saveApp(app.id)
        }
        for id in edit.removedApps {
            if let before = changes[id]?.before { pool.release(codec.heldPorts(of: before)) }
            if servesDeployed { saveApp(id) } else { forgetRecord(id) }
        }
    }

    // MARK: Running

    /// Runs a plan; one without steps is over at once, locks nothing and is never seen (marathon-api.md 2.2).
    mutating func begin(_ plan: DeploymentPlan) {
        guard !plan.isEmpty else { return emitDeploymentSuccess(plan) }
        deployments.add(Deployment(plan: plan))
        save("deployment:\(plan.id)", plan)
        beginStep(of: plan.id)
    }

    /// What the leader before has left undone begins again, from its first step (marathon-api.md 5.5).
    mutating func resumeDeployments() {
        let plans = deployments.stored.sorted { ($0.version, $0.id) < ($1.version, $1.id) }
        deployments.stored = []
        for plan in plans {
            deployments.add(Deployment(plan: plan))
            beginStep(of: plan.id)
        }
    }

    /// Ends a deployment where it stands: what it has started and killed stays as it is.
    mutating func cancel(_ id: String) {
        guard let deployment = deployments.remove(id) else { return }
        store.remove("deployment:\(id)", out: &out)
        emitDeploymentFailed(deployment.plan)
    }

    /// The app's task has changed, and its deployment may go on.
    mutating func advance(_ id: String, _ app: String, _ task: String, _ change: TaskChange) {
        guard var deployment = deployments[id],
            let index = deployment.runs.firstIndex(where: { $0.action.app == app && !$0.isDone })
        else { return }
        deployments[id]?.runs = []
        progress(&deployment.runs[index], deployment.plan, task, change)
        deployments[id]?.runs = deployment.runs
        finishStepIfDone(id)
    }

    private mutating func beginStep(of id: String) {
        guard let deployment = deployments[id] else { return }
        let plan = deployment.plan
        let step = plan.steps[deployment.step]
        emitDeploymentInfo(plan, step)
        var runs: [Deployment.Run] = []
        for action in step {
            var run = Deployment.Run(action: action)
            start(&run, plan)
            runs.append(run)
        }
        deployments[id]?.runs = runs
        finishStepIfDone(id)
    }

    private mutating func finishStepIfDone(_ id: String) {
        guard let deployment = deployments[id], deployment.runs.allSatisfy({ $0.isDone }) else { return }
        let plan = deployment.plan
        emitStepSuccess(plan, plan.steps[deployment.step])
        if deployment.step + 1 < plan.steps.count {
            deployments[id]?.step += 1
            return beginStep(of: id)
        }
        _ = deployments.remove(id)
        store.remove("deployment:\(id)", out: &out)
        emitDeploymentSuccess(plan)
    }

    // MARK: Actions

    private mutating func start(_ run: inout Deployment.Run, _ plan: DeploymentPlan) {
        let id = run.action.app
        if let target = plan.target[id], run.action.kind != .resolve { deploy(target) }
        switch (run.action.kind, plan.target[id]) {
        case (.resolve, _), (.start, _): run.isDone = true
        case (.stop, _):
            queue.purge(id)
            queue.resetDelay(id)
            for task in tasks.ids(of: id) { kill(task) }
            finishStop(&run)
        case (.scale, let target?): startScale(&run, target)
        case (.restart, let target?): startRestart(&run, target)
        case (.scale, nil), (.restart, nil): run.isDone = true
        }
    }

    /// Up to 0.10 a definition is stored when its deployment gets to it.
    private mutating func deploy(_ app: MarathonApp) {
        guard servesDeployed else { return }
        records[app.id, default: AppRecord()].deployed = app
        keepVersion(app)
        saveApp(app.id)
    }

    private mutating func progress(
        _ run: inout Deployment.Run,
        _ plan: DeploymentPlan,
        _ task: String,
        _ change: TaskChange
    ) {
        let id = run.action.app
        switch (run.action.kind, plan.target[id]) {
        case (.stop, _): finishStop(&run)
        case (.scale, let target?): progressScale(&run, target, change)
        case (.restart, let target?): progressRestart(&run, target, task, change)
        default: run.isDone = true
        }
    }

    private mutating func finishStop(_ run: inout Deployment.Run) {
        let id = run.action.app
        guard tasks.count(of: id) == 0 else { return }
        run.isDone = true
        if root.apps[id] == nil { forgetRecord(id) }
        emitAppTerminated(id)
    }
}
