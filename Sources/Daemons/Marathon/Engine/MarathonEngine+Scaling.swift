extension MarathonEngine {
    /// Tasks of an app that count: an unreachable one that is to be replaced does not.
    func activeTasks(_ app: String) -> [MarathonTask] { tasks.of(app).filter { !$0.isInactive } }

    /// How many tasks run and, where the app has health checks, are well.
    func readyCount(_ app: String) -> Int { tasks.of(app).count { $0.isRunning && $0.isHealthy } }

    // MARK: ScaleApplication

    /// Source: marathon 0.8.2, upgrade/DeploymentActor.scala, `scaleApp`.
    mutating func startScale(_ run: inout Deployment.Run, _ app: MarathonApp) {
        let active = activeTasks(app.id)
        if active.count == app.instances {
            queue.purge(app.id)
            run.isDone = true
        } else if active.count < app.instances {
            let missing = app.instances - active.count - queue.count(of: app.id)
            launch(app, max(missing, 0))
        } else {
            run.isReducing = true
            queue.purge(app.id)
            for task in surplus(active, app) where tasks[task]?.killedAt == nil { kill(task) }
        }
    }

    mutating func progressScale(_ run: inout Deployment.Run, _ app: MarathonApp, _ change: TaskChange) {
        let active = tasks.of(app.id).count { !$0.isInactive }
        if change == .ended, active + queue.count(of: app.id) < app.instances {
            launch(app, app.instances - active - queue.count(of: app.id))
        }
        run.isDone = run.isReducing ? active <= app.instances : readyCount(app.id) >= app.instances
    }

    /// More tasks of this definition than there are wait for offers.
    mutating func launch(_ app: MarathonApp, _ count: Int) {
        guard count > 0 else { return }
        queue.add(app, count, at: now)
        if queue.isReady(app.id, at: now) { wantOffers() }
    }

    /// Which tasks go when there are too many: the youngest, or as `killSelection` says; who does not run goes first
    /// from 1.0 on.
    private func surplus(_ tasks: [MarathonTask], _ app: MarathonApp) -> [String] {
        let count = tasks.count - app.instances
        guard count > 0 else { return [] }
        let oldestFirst = app.killSelection == "OLDEST_FIRST" && release >= .init(1, 4)
        let started = { (task: MarathonTask) in task.startedAt ?? Moment(milliseconds: .max) }
        return tasks.sorted { a, b in
            // Whoever is on the way out anyway.
            if (a.killedAt == nil) != (b.killedAt == nil) { return b.killedAt == nil }
            if release >= .init(1, 0), a.isRunning != b.isRunning { return !a.isRunning }
            let (x, y) = oldestFirst ? (b, a) : (a, b)
            return (started(x), x.stagedAt, x.id) > (started(y), y.stagedAt, y.id)
        }.prefix(count).map(\.id)
    }

    // MARK: The periodic check

    /// Brings an app that no deployment is about to its number of tasks.
    ///
    /// Source: marathon 0.8.2, MarathonScheduler/SchedulerActions `scale`.
    mutating func scale(_ id: String) {
        guard deployments.lock(of: id) == nil else { return }
        guard let app = served(id) else {
            queue.purge(id)
            for task in tasks.of(id) where task.killedAt == nil { kill(task.id) }
            return
        }
        let active = activeTasks(id)
        if active.count < app.instances {
            launch(app, app.instances - active.count - queue.count(of: id))
        } else if active.count > app.instances {
            queue.purge(id)
            for task in surplus(active, app) where tasks[task]?.killedAt == nil { kill(task) }
        } else {
            queue.purge(id)
        }
    }

    mutating func scaleApps() {
        for id in Set(servedIDs).union(tasks.apps).sorted() { scale(id) }
    }
}
