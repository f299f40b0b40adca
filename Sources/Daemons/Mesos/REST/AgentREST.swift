extension MesosAgent {
    private var rest: MesosREST { MesosREST(version: version) }

    public mutating func answer(
        _ request: HTTPRequest,
        at now: Moment,
        effects: inout [DaemonEffect]
    ) -> HTTPAnswer {
        .response(respond(request, now))
    }

    /// Which paths there are: mesos-zk-ops.md 5.1, and the `route(` lines of slave.cpp of each tag.
    private func respond(_ request: HTTPRequest, _ now: Moment) -> HTTPResponse {
        var segments = request.segments
        if segments.first == "slave(1)" { segments.removeFirst() }
        let path = segments.joined(separator: "/")
        switch path {
        case "health": return MesosREST.empty
        case "version" where version.atLeast(0, 26): return rest.ok(rest.versionAnswer)
        default: break
        }
        if path == "api/v1", version.atLeast(1, 0) {
            return refusal(of: request, "readwrite") ?? call(request, now)
        }
        guard let document = document(path, now) else { return MesosREST.notFound }
        return refusal(of: request, "readonly") ?? rest.ok(document)
    }

    private func document(_ path: String, _ now: Moment) -> JSON? {
        switch path {
        case "state.json" where !version.atLeast(1, 8), "state" where version.atLeast(0, 25): state()
        case "flags" where version.atLeast(0, 26): ["flags": .object(flags.shown)]
        case "metrics/snapshot": .object(metrics(now))
        case "stats.json" where !version.atLeast(0, 23): stats(now)
        case "monitor/statistics.json" where !version.atLeast(1, 8), "monitor/statistics" where version.atLeast(0, 25),
            "containers" where version.atLeast(1, 0):
            .array(running.map(container))
        default: nil
        }
    }

    private func refusal(of request: HTTPRequest, _ realm: String) -> HTTPResponse? {
        guard flags.isOn("authenticate_http_\(realm)"), !credentials.admit(request[header: "Authorization"]) else {
            return nil
        }
        return MesosREST.unauthorized("mesos-agent-\(realm)")
    }

    private var running: [Run] { runs.values.sorted { $0.key < $1.key }.filter { !$0.task.state.isTerminal } }

    private var used: Mesos.Resources { running.reduce(into: Mesos.Resources()) { $0 += $1.task.info.resources } }

    private func container(_ run: Run) -> JSON {
        [
            "container_id": .string(run.container), "executor_id": .string(run.key.task),
            "executor_name": .string("Command Executor (Task: \(run.key.task))"),
            "framework_id": .string(run.key.framework), "source": .string(run.key.task),
            "statistics": [
                "cpus_limit": .number(run.task.info.resources.cpus),
                "mem_limit_bytes": .integer(Int(run.task.info.resources.mem * 1_048_576)),
            ],
        ]
    }

    private func call(_ request: HTTPRequest, _ now: Moment) -> HTTPResponse {
        guard request.method == "POST" else { return MesosREST.methodNotAllowed(["POST"], request.method) }
        let json: JSON
        do throws(JSONFault) { json = try JSON(parsing: request.body) } catch {
            return MesosREST.refusal(400, "Failed to parse body into JSON")
        }
        switch json["type"]?.string ?? "" {
        case "GET_HEALTH": return rest.call("GET_HEALTH", ["healthy": true])
        case "GET_FLAGS":
            let list = flags.shown.members.map { ["name": .string($0.key), "value": $0.value] as JSON }
            return rest.call("GET_FLAGS", ["flags": .array(list)])
        case "GET_VERSION": return rest.call("GET_VERSION", ["version_info": rest.versionAnswer])
        case "GET_METRICS":
            let list = metrics(now).members.map { ["name": .string($0.key), "value": $0.value] as JSON }
            return rest.call("GET_METRICS", ["metrics": .array(list)])
        case "GET_AGENT" where version.atLeast(1, 5):
            return rest.call("GET_AGENT", ["agent_info": info.json(withRoles: false)])
        case let type: return MesosREST.refusal(501, "Unsupported call \(type)")
        }
    }

    private func state() -> JSON {
        let total = info.resources
        var object = rest.build(started)
        object["id"] = .string(info.id)
        object["pid"] = .string("\(pid)")
        object["hostname"] = .string(info.hostname)
        if version.atLeast(1, 4) {
            object["capabilities"] = .array(MesosREST.agentCapabilities(version).map(JSON.string))
        }
        object["resources"] = rest.resources(total)
        if version.atLeast(1, 0) { addReservations(total, to: &object) }
        if version.atLeast(1, 5) { object["resource_providers"] = [] }
        object["attributes"] = rest.attributes(info.attributes)
        if !version.atLeast(0, 28) { addCounts(to: &object) }
        if master != nil, let leader { object["master_hostname"] = .string(masterHostname(leader)) }
        object["log_dir"] = flags["log_dir"].map(JSON.string)
        object["flags"] = .object(flags.shown)
        object["frameworks"] = .array(frameworks.keys.sorted().compactMap { view($0, isCompleted: false) })
        let ended = Set(completed.map(\.key.framework)).subtracting(frameworks.keys)
        object["completed_frameworks"] = .array(ended.sorted().compactMap { view($0, isCompleted: true) })
        return rest.object(object)
    }

    private func addReservations(_ total: Mesos.Resources, to object: inout JSONObject) {
        object["reserved_resources"] = rest.reserved(total)
        object["unreserved_resources"] = rest.resources(rest.unreserved(total))
        object["reserved_resources_full"] = rest.reservedFull(total)
        object["unreserved_resources_full"] = rest.unreserved(total).json
        object["reserved_resources_allocated"] = rest.reserved(used)
        object["unreserved_resources_allocated"] = rest.resources(rest.unreserved(used))
    }

    private func addCounts(to object: inout JSONObject) {
        object["staged_tasks"] = rest.number(0)
        object["started_tasks"] = rest.number(0)
        for name in ["finished", "killed", "failed", "lost"] {
            object["\(name)_tasks"] = rest.number(counters["tasks_\(name)"])
        }
    }

    private func masterHostname(_ process: ProcessID) -> String {
        detection?.leader?.hostname ?? process.endpoint.host
    }

    private func view(_ id: String, isCompleted: Bool) -> JSON? {
        let info = frameworks[id]
        func executors(_ runs: [Run]) -> JSON { .array(runs.map { executor($0, id) }) }
        var object: JSONObject = ["id": .string(id)]
        if let info {
            object["name"] = .string(info.name)
            object["user"] = .string(info.user)
            object["failover_timeout"] = rest.number(info.failoverTimeoutSeconds)
            object["checkpoint"] = .bool(info.checkpoint)
            object["hostname"] = .string(info.hostname)
            if version.atLeast(1, 0) { object["principal"] = info.principal.map(JSON.string) }
            object["role"] = .string(info.role)
        }
        object["executors"] = executors(runs.values.filter { $0.key.framework == id }.sorted { $0.key < $1.key })
        object["completed_executors"] = executors(completed.filter { $0.key.framework == id })
        return rest.object(object)
    }

    private func executor(_ run: Run, _ framework: String) -> JSON {
        let role = frameworks[framework]?.role ?? "*"
        let task = rest.task(run.task, role: role)
        let isOver = run.updates.isEmpty && run.task.state.isTerminal
        let isQueued = run.task.state == .staging
        var object: JSONObject = [
            "id": .string(run.key.task), "name": .string("Command Executor (Task: \(run.key.task))"),
            "source": .string(run.key.task), "container": .string(run.container),
            "directory": .string(run.directory), "resources": rest.resources(run.task.info.resources),
        ]
        if version.atLeast(1, 0) { object["role"] = .string(role) }
        object["tasks"] = isOver || isQueued ? [] : [task]
        object["queued_tasks"] = isQueued ? [task] : []
        object["completed_tasks"] = isOver ? [task] : []
        return rest.object(object)
    }

    // MARK: - Figures

    func metrics(_ now: Moment) -> JSONObject {
        var names = version.atLeast(1, 0) ? MesosMetricNames.agent1 : MesosMetricNames.agent0
        if version.atLeast(1, 5) { names.append("slave/recovery_time_secs") }
        var values = MesosREST.system(facts)
        for name in ["finished", "failed", "killed", "lost"] {
            values["slave/tasks_\(name)"] = Double(counters["tasks_\(name)"])
        }
        values["slave/registered"] = master == nil ? 0 : 1
        values["slave/uptime_secs"] = Double(now - started) / 1000
        values["slave/frameworks_active"] = Double(frameworks.count)
        let states = Dictionary(grouping: runs.values, by: \.task.state).mapValues { Double($0.count) }
        values["slave/tasks_staging"] = states[.staging] ?? 0
        values["slave/tasks_starting"] = states[.starting] ?? 0
        values["slave/tasks_running"] = states[.running] ?? 0
        values["slave/executors_registering"] = states[.staging] ?? 0
        values["slave/executors_running"] = (states[.running] ?? 0) + (states[.starting] ?? 0) + (states[.killing] ?? 0)
        let used = used
        for name in ["cpus", "mem", "disk"] {
            let (all, taken) = (info.resources.scalar(name), used.scalar(name))
            values["slave/\(name)_total"] = all
            values["slave/\(name)_used"] = taken
            values["slave/\(name)_percent"] = all > 0 ? taken / all : 0
        }
        var object = JSONObject()
        for name in Set(names).sorted() { object.append(name, rest.number(values[name] ?? 0)) }
        return object
    }

    private func stats(_ now: Moment) -> JSON {
        var object: JSONObject = [
            "uptime": rest.number(Double(now - started) / 1000), "total_frameworks": rest.number(frameworks.count),
            "registered": rest.number(master == nil ? 0 : 1), "recovery_errors": rest.number(0),
            "queued_tasks_gauge": rest.number(running.count { $0.task.state == .staging }),
            "launched_tasks_gauge": rest.number(running.count { $0.task.state != .staging }),
            "valid_status_updates": rest.number(0), "invalid_status_updates": rest.number(0),
        ]
        addCounts(to: &object)
        for member in metrics(now).members { object.append(member.key, member.value) }
        return JSON.object(object).topLevelSorted
    }
}
