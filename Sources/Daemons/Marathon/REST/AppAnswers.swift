extension MarathonEngine {
    /// An app as lists and single answers have it: with counts and deployments, and what is embedded.
    func json(_ app: MarathonApp, _ embed: Set<AppEmbed>) -> JSON {
        codec.json(
            app,
            counts: tasks.counts(of: app.id),
            deployments: deployments.lock(of: app.id).map { [$0] } ?? [],
            extras: extras(app, embed)
        )
    }

    func extras(_ app: MarathonApp, _ embed: Set<AppEmbed>) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        if embed.contains(.tasks) {
            members.append(.init("tasks", .array(tasks.of(app.id).map { json($0, servicePorts: []) })))
        }
        if embed.contains(.lastTaskFailure), let failure = records[app.id]?.failure {
            members.append(.init("lastTaskFailure", json(failure, app.id)))
        }
        if embed.contains(.readiness), release >= .init(1, 1) { members.append(.init("readinessCheckResults", [])) }
        if embed.contains(.taskStats) {
            let stats = TaskStatistics(app: app, tasks: tasks.of(app.id), now: now)
            members.append(.init(release < .init(1, 9) ? "taskStats" : "tasksStats", stats.json))
        }
        return members
    }

    private func json(_ failure: TaskFailure, _ app: String) -> JSON {
        var object: JSONObject = [
            "appId": .string(app), "host": .string(failure.host), "message": .string(failure.message),
            "state": .string(failure.state), "taskId": .string(failure.task),
            "timestamp": .string(failure.at.iso8601), "version": .string(failure.version.iso8601),
        ]
        if release >= .init(0, 11) { object["slaveId"] = .string(failure.agent) }
        return .object(object)
    }

    /// A task, with the fields of the release (marathon-api.md 1.5).
    func json(_ task: MarathonTask, servicePorts: [Int]) -> JSON {
        var object: JSONObject = [
            "id": .string(task.id), "host": .string(task.host), "ports": .array(task.ports.map(JSON.integer)),
            "startedAt": task.startedAt.map { .string($0.iso8601) } ?? .null,
            "stagedAt": .string(task.stagedAt.iso8601), "version": .string(task.version.iso8601),
        ]
        if release >= .init(0, 11) { object["slaveId"] = .string(task.agent) }
        if release >= .init(0, 14) {
            object["state"] = .string(task.state.rawValue)
            object["ipAddresses"] = []
        }
        if release >= .init(1, 0) { object["localVolumes"] = [] }
        object["appId"] = .string(task.app)
        if !servicePorts.isEmpty { object["servicePorts"] = .array(servicePorts.map(JSON.integer)) }
        let results = task.health.filter(\.hasResult)
        if !results.isEmpty { object["healthCheckResults"] = .array(results.map { json($0, of: task) }) }
        if release >= .init(1, 9) { object["role"] = .string(task.role) }
        return .object(object)
    }

    private func json(_ health: TaskHealth, of task: MarathonTask) -> JSON {
        let text = { (moment: Moment?) in moment.map { JSON.string($0.iso8601) } ?? .null }
        var object: JSONObject = [
            "alive": .bool(health.isAlive), "consecutiveFailures": .integer(health.consecutiveFailures),
            "firstSuccess": text(health.firstSuccess), "lastFailure": text(health.lastFailure),
            "lastSuccess": text(health.lastSuccess),
        ]
        if let instance = task.instance {
            object["instanceId"] = .string(instance)
            object["lastFailureCause"] = health.lastFailureCause.map(JSON.string) ?? .null
        } else {
            object["taskId"] = .string(task.id)
        }
        return .object(object)
    }
}

/// `embed=apps.taskStats` (marathon-api.md 1.4).
struct TaskStatistics {
    let app: MarathonApp
    let tasks: [MarathonTask]
    let now: Moment

    var json: JSON {
        let change = app.versionInfo?.lastConfigChangeAt ?? app.version
        let scaling = app.versionInfo?.lastScalingAt ?? app.version
        var object = JSONObject()
        let parts: [(String, [MarathonTask])] = [
            ("startedAfterLastScaling", tasks.filter { $0.version >= scaling }),
            ("withLatestConfig", tasks.filter { $0.version >= change }),
            ("withOutdatedConfig", tasks.filter { $0.version < change }),
            ("totalSummary", tasks),
        ]
        for (name, tasks) in parts where !tasks.isEmpty { object[name] = ["stats": stats(tasks)] }
        return .object(object)
    }

    private func stats(_ tasks: [MarathonTask]) -> JSON {
        let running = tasks.filter(\.isRunning)
        let checked = running.filter { !$0.health.isEmpty }
        var object: JSONObject = [
            "counts": [
                "staged": .integer(tasks.count { $0.startedAt == nil }), "running": .integer(running.count),
                "healthy": .integer(checked.count { $0.isHealthy }),
                "unhealthy": .integer(checked.count { $0.isUnhealthy }),
            ]
        ]
        let lives = running.compactMap { $0.startedAt.map { Double(now - $0) / 1000 } }.sorted()
        if !lives.isEmpty {
            let middle = lives.count / 2
            let median = lives.count % 2 == 1 ? lives[middle] : (lives[middle - 1] + lives[middle]) / 2
            object["lifeTime"] = [
                "averageSeconds": .number(lives.reduce(0, +) / Double(lives.count)), "medianSeconds": .number(median),
            ]
        }
        return .object(object)
    }
}
