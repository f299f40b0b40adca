// The events and their members: marathon-api.md 1.10.

extension MarathonEngine {
    // MARK: Groups and deployments

    mutating func emitGroupChange(_ group: String, _ version: Moment) {
        emit("group_change_success") { _ in ["groupId": .string(group), "version": .string(version.iso8601)] }
    }

    mutating func emitDeploymentInfo(_ plan: DeploymentPlan, _ step: [DeploymentPlan.Action]) {
        emitStep("deployment_info", plan, step)
    }

    mutating func emitStepSuccess(_ plan: DeploymentPlan, _ step: [DeploymentPlan.Action]) {
        emitStep("deployment_step_success", plan, step)
    }

    private mutating func emitStep(_ type: String, _ plan: DeploymentPlan, _ step: [DeploymentPlan.Action]) {
        guard !events.isEmpty else { return }
        let actions: JSON = ["actions": .array(step.map { json($0) })]
        let (full, light) = (json(plan, isLight: false), json(plan, isLight: true))
        emit(type) { ["plan": $0.isLight ? light : full, "currentStep": actions] }
    }

    mutating func emitDeploymentSuccess(_ plan: DeploymentPlan) { emitEnd("deployment_success", plan, nil) }

    mutating func emitDeploymentFailed(_ plan: DeploymentPlan) {
        emitEnd("deployment_failed", plan, "Deployment was cancelled")
    }

    private mutating func emitEnd(_ type: String, _ plan: DeploymentPlan, _ reason: String?) {
        guard !events.isEmpty else { return }
        let (full, light) = (json(plan, isLight: false), json(plan, isLight: true))
        let release = release
        emit(type) { stream in
            var members: JSONObject = ["id": .string(plan.id)]
            if release >= .init(0, 10) { members["plan"] = stream.isLight ? light : full }
            if release >= .init(1, 6) { members["reason"] = reason.map(JSON.string) }
            return members
        }
    }

    /// Events say `type` up to 1.1.1, whatever `/v2/deployments` says.
    private func json(_ action: DeploymentPlan.Action) -> JSON {
        let key = release < .init(1, 1, 2) ? "type" : "action"
        return [key: .string(action.kind.rawValue), "app": .string(action.app)]
    }

    /// The groups before and after hold the apps the plan is about, where the real ones are whole roots.
    private func json(_ plan: DeploymentPlan, isLight: Bool) -> JSON {
        var object: JSONObject = ["id": .string(plan.id)]
        if !isLight {
            object["original"] = tree(plan.original.values.map { $0 }, plan.version)
            object["target"] = tree(plan.target.values.map { $0 }, plan.version)
        }
        object["steps"] = .array(plan.steps.map { ["actions": .array($0.map { json($0) })] })
        object["version"] = .string(plan.version.iso8601)
        return .object(object)
    }

    private func tree(_ apps: [MarathonApp], _ version: Moment) -> JSON {
        let tree = MarathonRoot(
            apps: apps.sorted { $0.id < $1.id },
            groups: ["/": MarathonRoot.Group(version: version)],
            history: [],
            at: version
        )
        return GroupWriter(codec: codec, root: tree).json("/") { _ in ([], nil, nil) }
    }

    mutating func emitPost(_ request: HTTPRequest, _ app: MarathonApp) {
        let definition = codec.json(app)
        emit("api_post_event") { _ in
            ["clientIp": .string(request.client), "uri": .string(request.path), "appDefinition": definition]
        }
    }

    mutating func emitAppTerminated(_ app: String) {
        emit("app_terminated_event") { _ in ["appId": .string(app)] }
    }

    // MARK: Tasks

    mutating func emit(_ status: Mesos.TaskStatus, _ task: MarathonTask) {
        let release = release
        emit("status_update_event") { _ in
            var members: JSONObject = [
                "slaveId": .string(task.agent), "taskId": .string(task.id),
                "taskStatus": .string(status.state.rawValue), "message": .string(status.message ?? ""),
                "appId": .string(task.app), "host": .string(task.host),
            ]
            if release >= .init(0, 14) { members["ipAddresses"] = [] }
            members["ports"] = .array(task.ports.map(JSON.integer))
            members["version"] = .string(task.version.iso8601)
            return members
        }
        let condition = status.state.rawValue.dropFirst("TASK_".count)
        emitInstanceChanged(task, condition.prefix(1) + condition.dropFirst().lowercased())
    }

    /// From 1.4.
    mutating func emitInstanceChanged(_ task: MarathonTask, _ condition: String) {
        guard let instance = task.instance else { return }
        emit("instance_changed_event") { _ in
            [
                "instanceId": .string(instance), "condition": .string(condition), "runSpecId": .string(task.app),
                "agentId": .string(task.agent), "host": .string(task.host),
                "runSpecVersion": .string(task.version.iso8601),
            ]
        }
    }

    /// `taskId`, and from 1.4 `instanceId`.
    private static func subject(_ task: MarathonTask) -> (String, JSON) {
        if let instance = task.instance { return ("instanceId", .string(instance)) }
        return ("taskId", .string(task.id))
    }

    mutating func emitFailedCheck(_ task: MarathonTask, _ check: MarathonApp.HealthCheck) {
        let (key, id) = Self.subject(task)
        emit("failed_health_check_event") { _ in
            var members: JSONObject = ["appId": .string(task.app)]
            members[key] = id
            members["healthCheck"] = [
                "protocol": .string(check.protocol), "path": check.path.map(JSON.string) ?? .null,
                "portIndex": .integer(check.portIndex ?? 0), "gracePeriodSeconds": .number(check.gracePeriodSeconds),
                "intervalSeconds": .number(check.intervalSeconds), "timeoutSeconds": .number(check.timeoutSeconds),
                "maxConsecutiveFailures": .integer(check.maxConsecutiveFailures),
            ]
            return members
        }
    }

    mutating func emitHealthChanged(_ task: MarathonTask, alive: Bool) {
        let (key, id) = Self.subject(task)
        emit("health_status_changed_event") { _ in
            var members: JSONObject = ["appId": .string(task.app)]
            members[key] = id
            members["version"] = .string(task.version.iso8601)
            members["alive"] = .bool(alive)
            return members
        }
        if let instance = task.instance {
            emit("instance_health_changed_event") { _ in
                [
                    "instanceId": .string(instance), "runSpecId": .string(task.app),
                    "runSpecVersion": .string(task.version.iso8601), "healthy": .bool(alive),
                ]
            }
        }
    }

    mutating func emitUnhealthyKill(_ task: MarathonTask) {
        let (key, id) = Self.subject(task)
        let type = task.instance == nil ? "unhealthy_task_kill_event" : "unhealthy_instance_kill_event"
        emit(type) { _ in
            var members: JSONObject = ["appId": .string(task.app)]
            members["taskId"] = .string(task.id)
            members[key] = id
            members["version"] = .string(task.version.iso8601)
            members["reason"] = "health check failed"
            members["host"] = .string(task.host)
            members["slaveId"] = .string(task.agent)
            return members
        }
    }
}
