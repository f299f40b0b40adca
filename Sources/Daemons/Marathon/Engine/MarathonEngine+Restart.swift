extension MarathonEngine {
    /// Source: marathon 0.8.2 and 1.4, TaskReplaceActor.scala; marathon-api.md 5.2.
    mutating func startRestart(_ run: inout Deployment.Run, _ app: MarathonApp) {
        // 0.8 leaves the tasks of such an app to the periodic check.
        if app.instances == 0, release < .init(0, 11) { return run.isDone = true }
        queue.purge(app.id)
        queue.resetDelay(app.id)
        let all = tasks.of(app.id)
        let keeps = release >= .init(0, 9)
        let isNew = { (task: MarathonTask) in keeps && task.version == app.version }
        let old = all.filter { !isNew($0) && !$0.isInactive }
        let fresh = all.filter(isNew)
        let well = all.count { $0.isRunning && ($0.isHealthy || release < .init(1, 8)) }
        var (restart, killNow) = RestartRun.begin(
            app, old: killOrder(old).map(\.id), well: well, started: fresh.count, release: release)
        restart.ready = Set(fresh.filter { $0.isRunning && $0.isHealthy }.map(\.id))
        for _ in 0..<killNow { killNext(&restart) }
        for _ in restart.ready { killNext(&restart) }
        launchMissing(&restart, app)
        run.isDone = restart.isDone(release)
        run.restart = restart
    }

    /// From 1.0 the unwell first, then the oldest.
    private func killOrder(_ tasks: [MarathonTask]) -> [MarathonTask] {
        guard release >= .init(1, 0) else { return tasks }
        let well = { (task: MarathonTask) in task.isRunning && task.isHealthy }
        return tasks.filter { !well($0) } + tasks.filter(well)
    }

    private mutating func killNext(_ restart: inout RestartRun) {
        guard !restart.toKill.isEmpty else { return }
        kill(restart.toKill.removeFirst())
    }

    private mutating func launchMissing(_ restart: inout RestartRun, _ app: MarathonApp) {
        let count = restart.toStart
        restart.started += count
        launch(app, count)
    }

    mutating func progressRestart(
        _ run: inout Deployment.Run,
        _ app: MarathonApp,
        _ id: String,
        _ change: TaskChange
    ) {
        guard var restart = run.restart else { return }
        run.restart = nil
        if let index = restart.old.firstIndex(of: id) {
            if change == .ended {
                restart.old.remove(at: index)
                restart.toKill.removeAll { $0 == id }
                launchMissing(&restart, app)
            }
        } else if change == .ended {
            restart.ready.remove(id)
            restart.started = max(0, restart.started - 1)
            launchMissing(&restart, app)
        } else if let task = tasks[id], task.version == app.version {
            if task.isRunning, task.isHealthy {
                if restart.ready.insert(id).inserted { killNext(&restart) }
            } else if release >= .init(0, 9) {
                restart.ready.remove(id)
            }
        }
        run.isDone = restart.isDone(release)
        run.restart = restart
    }
}
