internal import Specs

/// Why an app does not come up, as far as Marathon and Mesos tell: failures of its tasks, its queue, and what offers have.
struct AppReasons {
    let run: AppRun
    let goal: AppGoal

    /// A verdict does not wait for long to be explained.
    private static let limit = Duration.seconds(30)

    /// Follows what is missing; empty where nothing is known.
    func words(_ sight: AppSight) async -> String {
        let found = await run.context.clock.within(Self.limit) { await list(sight) }
        let reasons = found ?? ["why could not be asked within \(Self.limit.components.seconds) s"]
        return reasons.isEmpty ? "" : "; reason: \(reasons.joined(separator: "; "))"
    }

    private func list(_ sight: AppSight) async -> [String] {
        var reasons = goal.ownFailure(sight).map { [$0.words] } ?? []
        guard goal.definition != nil, let app = sight.app else { return reasons }
        let unhealthy = sight.tasks.filter { $0.isAlive == false }.map(\.host).uniqued
        if !unhealthy.isEmpty {
            reasons.append("health checks fail on \(unhealthy.joined(separator: ", "))")
        } else if app.tasksRunning > 0, app.definition["healthChecks"]?.items?.isEmpty == false,
            sight.tasks.contains(where: { $0.isRunning && $0.isAlive == nil })
        {
            reasons.append(
                "not every task has passed a health check yet; within gracePeriodSeconds failures are not told"
            )
        }
        reasons += await readiness()
        let isShort =
            sight.tasks.count < app.instances || app.tasksRunning + app.tasksStaged < app.instances
            || goal.outdated(sight) > 0
        let queued: QueuedLaunch?
        do throws(MarathonFault) { queued = try await run.tools.marathon.queue()[goal.id] } catch {
            reasons.append("the launch queue could not be read (\(error.message))")
            queued = nil
        }
        reasons += queued?.reasons ?? []
        guard queued?.isOverdue ?? isShort else { return reasons }
        return reasons + (await offers(app, isWaiting: queued != nil))
    }

    /// Readiness checks that have not passed (1.1+, marathon-api.md 1.8); what they answered may hold secrets and is not told.
    private func readiness() async -> [String] {
        guard goal.context.release >= MarathonRelease(1, 1),
            goal.definition?["readinessChecks"]?.items?.isEmpty == false,
            let answer = try? await run.tools.marathon.get("/v2/deployments"),
            let deployments = try? AppValue(json: answer.answer.body)
        else { return [] }
        let actions = (deployments.items ?? []).flatMap { $0["currentActions"]?.items ?? [] }
        let results = actions.filter { $0["app"]?.plainText == goal.id }
            .flatMap { $0["readinessCheckResults"]?.items ?? [] }
        return results.filter { $0["ready"]?.boolean == false }.map { result in
            let name = result["name"]?.plainText ?? "a readiness check"
            let status = result["lastResponse"]?["status"]?.integer.map { " (it answers \($0))" } ?? ""
            return "\(name) of \(result["taskId"]?.plainText ?? "a task") is not ready\(status)"
        }
        .uniqued
    }

    /// What the app needs against what agents have free.
    private func offers(_ app: LiveApp, isWaiting: Bool) async -> [String] {
        let needs = TaskNeeds(app.definition)
        let constraints = needs.constraints.joined(separator: ", ")
        guard let agents = await run.tools.masters?.agents() else {
            return isWaiting && !constraints.isEmpty ? ["its constraints are \(constraints)"] : []
        }
        if let obstacle = needs.obstacle(agents) { return [obstacle] }
        guard isWaiting, !constraints.isEmpty else { return [] }
        return ["an agent has room enough, so that its constraints (\(constraints)) may rule out those that have"]
    }
}

extension TaskFailure {
    /// Such as "TASK_FAILED on mesos-slave2: Command exited with status 1".
    var words: String { "\(state) on \(host)\(message.isEmpty ? "" : ": \(message)")" }
}

extension QueuedLaunch {
    /// Why it waits (marathon-api.md 1.9).
    fileprivate var reasons: [String] {
        guard isOverdue else {
            guard let seconds = timeLeftSeconds else { return ["launches are held back after failures"] }
            return seconds > 0 ? ["launches are held back for \(seconds) s after failures"] : []
        }
        let declined = (lastRejections ?? []).filter { $0.declined > 0 }
        guard !declined.isEmpty else { return ["it waits for offers that fit"] }
        let words = declined.map { "\($0.reason) in \($0.declined) of \($0.processed)" }
        return ["the last offers are declined: \(words.joined(separator: ", "))"]
    }
}
