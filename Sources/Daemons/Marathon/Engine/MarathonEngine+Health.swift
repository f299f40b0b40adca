/// Checks under way.
struct CheckTable: Hashable, Sendable, Codable {
    struct Target: Hashable, Sendable, Codable {
        var task: String
        var index: Int
    }

    private var targets: [Int: Target] = [:]
    private var last = 0

    mutating func begin(_ task: String, _ index: Int) -> Int {
        last += 1
        targets[last] = Target(task: task, index: index)
        return last
    }

    mutating func end(_ id: Int) -> Target? { targets.removeValue(forKey: id) }
}

extension MarathonEngine {
    private func healthCheck(_ task: MarathonTask, _ index: Int) -> MarathonApp.HealthCheck? {
        guard let checks = definition(task.app, task.version)?.healthChecks, index < checks.count else { return nil }
        return checks[index]
    }

    mutating func beginHealthChecks(_ id: String) {
        guard let task = tasks[id] else { return }
        for index in task.health.indices { agenda.add(.healthCheck(task: id, index: index), at: now) }
    }

    /// Asks the task, and plans the next time.
    mutating func check(_ id: String, _ index: Int) {
        guard let task = tasks[id], let check = healthCheck(task, index) else { return }
        agenda.add(.healthCheck(task: id, index: index), at: now + max(1, Int(check.intervalSeconds * 1000)))
        guard task.state == .running, let probe = probe(task, check) else { return }
        out.append(.check(id: checks.begin(id, index), probe))
    }

    private func probe(_ task: MarathonTask, _ check: MarathonApp.HealthCheck) -> HealthProbe? {
        let kind: HealthProbe.Kind
        switch check.protocol {
        case "COMMAND": kind = .command(check.command ?? "")
        case "TCP", "MESOS_TCP": kind = .tcp
        case "HTTPS", "MESOS_HTTPS": kind = .http(path: check.path ?? "/", isTLS: true)
        default: kind = .http(path: check.path ?? "/", isTLS: false)
        }
        let index = check.portIndex ?? 0
        let port = check.port ?? (index < task.ports.count ? task.ports[index] : nil)
        // A check of a port the task does not have cannot be made; it stays without a result.
        if port == nil, check.protocol != "COMMAND" { return nil }
        return HealthProbe(
            kind,
            at: Endpoint(task.host, port ?? 0),
            task: task.id,
            timeoutMilliseconds: Int(check.timeoutSeconds * 1000)
        )
    }

    /// Source: marathon 0.8.2, health/HealthCheckActor.scala.
    mutating func checked(_ id: Int, failure: String?) {
        guard let target = checks.end(id), let task = tasks[target.task], target.index < task.health.count,
            let check = healthCheck(task, target.index)
        else { return }
        let before = task.health[target.index]
        var after = before
        if let failure {
            let isInGrace = (task.startedAt.map { $0 + Int(check.gracePeriodSeconds * 1000) > now }) ?? true
            if before.firstSuccess == nil, isInGrace { return }
            emitFailedCheck(task, check)
            after.consecutiveFailures += 1
            after.lastFailure = now
            after.lastFailureCause = failure
        } else {
            after.consecutiveFailures = 0
            after.firstSuccess = before.firstSuccess ?? now
            after.lastSuccess = now
            // One moment may hold both; the later answer counts.
            if let failed = after.lastFailure, failed >= now { after.lastFailure = Moment(milliseconds: now.milliseconds - 1) }
        }
        tasks.modify(task.id) { $0.health[target.index] = after }
        if check.maxConsecutiveFailures > 0, failure != nil, before.consecutiveFailures >= check.maxConsecutiveFailures,
            task.killedAt == nil
        {
            emitUnhealthyKill(task)
            kill(task.id)
        }
        if before.isAlive != after.isAlive {
            emitHealthChanged(task, alive: after.isAlive)
            changed(task.app, task.id, .healthChanged)
        }
    }
}
