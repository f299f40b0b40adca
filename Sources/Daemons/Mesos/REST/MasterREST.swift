extension MesosMaster {
    enum Route {
        case health, version, flags, metrics, registry, redirect, state, stats, slaves, summary, tasks, roles,
            frameworks
        case schedule, status, machineDown, machineUp, api, teardown
    }

    private var rest: MesosREST { MesosREST(version: version) }

    /// Which paths there are: mesos-zk-ops.md 5.1, and the `route(` lines of master.cpp of each tag.
    static func route(_ path: String, _ version: MesosVersion) -> Route? {
        func from(_ major: Int, _ minor: Int, _ route: Route) -> Route? {
            version.atLeast(major, minor) ? route : nil
        }
        func before(_ major: Int, _ minor: Int, _ route: Route) -> Route? {
            version.atLeast(major, minor) ? nil : route
        }
        switch path {
        case "health": return .health
        case "redirect": return .redirect
        case "state.json": return before(1, 8, .state)
        case "state": return from(0, 25, .state)
        case "flags": return from(0, 26, .flags)
        case "version": return from(0, 26, .version)
        case "slaves": return from(0, 22, .slaves)
        case "state-summary": return from(0, 23, .summary)
        case "tasks.json": return before(1, 8, .tasks)
        case "tasks": return from(0, 25, .tasks)
        case "roles.json": return before(1, 8, .roles)
        case "roles": return from(0, 25, .roles)
        case "frameworks": return from(0, 26, .frameworks)
        case "stats.json": return before(0, 23, .stats)
        case "maintenance/schedule": return from(0, 25, .schedule)
        case "maintenance/status": return from(0, 25, .status)
        case "machine/down": return from(0, 25, .machineDown)
        case "machine/up": return from(0, 25, .machineUp)
        case "api/v1": return from(1, 0, .api)
        case "teardown": return from(0, 23, .teardown)
        case "shutdown": return before(0, 23, .teardown)
        default: return nil
        }
    }

    public mutating func answer(
        _ request: HTTPRequest,
        at now: Moment,
        effects: inout [DaemonEffect]
    ) -> HTTPAnswer {
        .response(respond(request, now, &effects))
    }

    private mutating func respond(
        _ request: HTTPRequest,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        var segments = request.segments
        if segments.first == "master" { segments.removeFirst() }
        let path = segments.joined(separator: "/")
        let route: Route
        switch path {
        case "metrics/snapshot": route = .metrics
        case "registrar(1)/registry": route = .registry
        default:
            guard let known = Self.route(path, version) else { return MesosREST.notFound }
            route = known
        }
        if let refusal = refusal(of: request, route) { return refusal }
        if Self.isLeadersOnly(route), version.atLeast(1, 0), !isElected {
            return redirect(to: "/master/\(path)", request)
        }
        switch route {
        case .health: return MesosREST.empty
        case .version: return rest.ok(rest.versionAnswer)
        case .flags: return rest.ok(["flags": .object(flags.shown)])
        case .metrics: return rest.ok(.object(metrics(now)))
        case .registry:
            return rest.ok(registrar.isRecovered ? registrar.registry.json(version).sortedByKey : [:])
        case .redirect: return redirect(to: "", request)
        case .state: return rest.ok(state())
        case .stats: return rest.ok(stats(now))
        case .slaves: return rest.ok(slaves())
        case .summary: return rest.ok(summary())
        case .tasks: return rest.ok(tasks(request))
        case .roles: return rest.ok(roles())
        case .frameworks: return rest.ok(frameworksAnswer())
        case .schedule: return schedule(request, now)
        case .status: return rest.ok(registrar.registry.maintenance.status)
        case .machineDown: return machineDown(request, now, &effects)
        case .machineUp: return machineUp(request, now)
        case .api: return call(request, now, &effects)
        case .teardown: return teardown(request, now, &effects)
        }
    }

    /// What a standby of 1.0 and later hands on to the leader; before, it answers with its own view.
    private static func isLeadersOnly(_ route: Route) -> Bool {
        switch route {
        case .health, .version, .flags, .metrics, .registry, .redirect, .stats: false
        case .state, .slaves, .summary, .tasks, .roles, .frameworks, .schedule, .status, .machineDown, .machineUp,
            .api, .teardown:
            true
        }
    }

    /// `//host:port` from 0.23 on, `http://host:port` before; who knows no leader redirects to itself up to 0.28
    /// (mesos-zk-ops.md 3.3).
    private func redirect(to path: String, _ request: HTTPRequest) -> HTTPResponse {
        guard let target = leader ?? (version.atLeast(1, 0) ? nil : info) else {
            return MesosREST.refusal(503, "No leader elected")
        }
        let scheme = version.atLeast(0, 23) ? "//" : "http://"
        let query = path.isEmpty ? "" : String(request.target.dropFirst(request.path.count))
        let location = "\(scheme)\(target.hostname):\(target.endpoint.port)\(path)\(query)"
        return HTTPResponse(307, headers: [HTTPField("Location", location)])
    }

    private func refusal(of request: HTTPRequest, _ route: Route) -> HTTPResponse? {
        let isReadWrite: Bool
        switch route {
        case .health, .version, .redirect: return nil
        case .machineDown, .machineUp, .schedule, .status, .api, .teardown: isReadWrite = true
        case .flags, .metrics, .registry, .state, .stats, .slaves, .summary, .tasks, .roles, .frameworks:
            isReadWrite = false
        }
        let realm = isReadWrite ? "readwrite" : "readonly"
        guard flags.isOn("authenticate_http_\(realm)"), !credentials.admit(request[header: "Authorization"]) else {
            return nil
        }
        return MesosREST.unauthorized("mesos-master-\(realm)")
    }

    private mutating func teardown(
        _ request: HTTPRequest,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        guard request.method == "POST" else {
            return version.atLeast(1, 0)
                ? MesosREST.methodNotAllowed(["POST"], request.method) : MesosREST.refusal(400, "Expecting POST")
        }
        let form = HTTPRequest("POST", "/?" + String(decoding: request.body, as: UTF8.self))
        guard let id = form.query("frameworkId") else {
            return MesosREST.refusal(400, "Missing 'frameworkId' query parameter")
        }
        guard frameworks[id] != nil else { return MesosREST.refusal(400, "No framework found with specified ID") }
        remove(framework: id, now, &effects)
        return MesosREST.empty
    }

    private mutating func schedule(_ request: HTTPRequest, _ now: Moment) -> HTTPResponse {
        var maintenance = registrar.registry.maintenance
        guard request.method != "GET" else { return rest.ok(maintenance.schedule.json) }
        guard request.method == "POST" else { return MesosREST.methodNotAllowed(["GET", "POST"], request.method) }
        guard let json = Self.body(request), let schedule = Maintenance.Schedule(json) else {
            return MesosREST.refusal(400, "Failed to parse the maintenance schedule")
        }
        do throws(Maintenance.Refusal) { try maintenance.replace(schedule) } catch {
            return MesosREST.refusal(400, error.message)
        }
        change(.maintain(maintenance), now)
        return MesosREST.empty
    }

    /// Down: the agents there are shut down, and their tasks with them (mesos-zk-ops.md 0, D8).
    private mutating func machineDown(
        _ request: HTTPRequest,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        guard request.method == "POST" else { return MesosREST.methodNotAllowed(["POST"], request.method) }
        guard let machines = Self.machines(request) else { return MesosREST.refusal(400, "List of machines is empty") }
        var maintenance = registrar.registry.maintenance
        do throws(Maintenance.Refusal) { try maintenance.start(machines) } catch {
            return MesosREST.refusal(400, error.message)
        }
        change(.maintain(maintenance), now)
        for id in agents.keys.sorted() {
            guard let agent = agents[id], maintenance.isDown(hostname: agent.info.hostname, ip: agent.endpoint.host)
            else { continue }
            send(Mesos.Shutdown(message: "Operator initiated 'Machine DOWN'"), to: agent.pid, &effects)
            change(.remove(id: id), now)
        }
        return MesosREST.empty
    }

    private mutating func machineUp(_ request: HTTPRequest, _ now: Moment) -> HTTPResponse {
        guard request.method == "POST" else { return MesosREST.methodNotAllowed(["POST"], request.method) }
        guard let machines = Self.machines(request) else { return MesosREST.refusal(400, "List of machines is empty") }
        var maintenance = registrar.registry.maintenance
        do throws(Maintenance.Refusal) { try maintenance.stop(machines) } catch {
            return MesosREST.refusal(400, error.message)
        }
        change(.maintain(maintenance), now)
        return MesosREST.empty
    }

    private static func body(_ request: HTTPRequest) -> JSON? {
        do throws(JSONFault) { return try JSON(parsing: request.body) } catch { return nil }
    }

    private static func machines(_ request: HTTPRequest) -> [Maintenance.Machine]? {
        let machines = body(request)?.array?.compactMap { Maintenance.Machine($0) } ?? []
        return machines.isEmpty ? nil : machines
    }

    // MARK: - The operator API

    private mutating func call(
        _ request: HTTPRequest,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        guard request.method == "POST" else { return MesosREST.methodNotAllowed(["POST"], request.method) }
        guard let kind = request[header: "Content-Type"] else {
            return MesosREST.refusal(400, "Expecting 'Content-Type' to be present")
        }
        guard kind.hasPrefix("application/json") else {
            return MesosREST.refusal(
                415,
                "Expecting 'Content-Type' of application/json or application/x-protobuf"
            )
        }
        guard let json = Self.body(request) else {
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
        case "GET_AGENTS": return rest.call("GET_AGENTS", getAgents())
        case "GET_MASTER": return rest.call("GET_MASTER", getMaster())
        case "GET_TASKS": return rest.call("GET_TASKS", getTasks())
        case "GET_FRAMEWORKS": return rest.call("GET_FRAMEWORKS", getFrameworks())
        case "GET_STATE":
            return rest.call(
                "GET_STATE",
                [
                    "get_tasks": getTasks(), "get_executors": [:], "get_frameworks": getFrameworks(),
                    "get_agents": getAgents(),
                ]
            )
        case "DRAIN_AGENT" where version.atLeast(1, 9): return drain(json["drain_agent"] ?? [:], now, &effects)
        case "DEACTIVATE_AGENT" where version.atLeast(1, 9):
            return deactivate(json["deactivate_agent"] ?? [:], nil, now, &effects)
        case "REACTIVATE_AGENT" where version.atLeast(1, 9): return reactivate(json["reactivate_agent"] ?? [:], now)
        case let type:
            return MesosREST.refusal(
                400,
                "Failed to validate master::Call: Expecting 'type' to be present, not '\(type)'"
            )
        }
    }

    private mutating func drain(
        _ call: JSON,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        let period = call["max_grace_period"]
        let grace = period?["seconds"]?.double ?? period?["nanoseconds"]?.double.map { $0 / 1e9 }
        let drain = Registry.Drain(maxGraceSeconds: grace, marksGone: call["mark_gone"]?.bool ?? false)
        let response = deactivate(call, drain, now, &effects)
        guard response.status == 200, let id = call.id("agent_id"), let agent = agents[id] else { return response }
        for (framework, tasks) in agent.tasks.sorted(by: { $0.key < $1.key }) {
            for task in tasks.sorted() {
                send(Mesos.KillTask(frameworkID: framework, taskID: task), to: agent.pid, &effects)
            }
        }
        return response
    }

    private mutating func deactivate(
        _ call: JSON,
        _ drain: Registry.Drain?,
        _ now: Moment,
        _ effects: inout [DaemonEffect]
    ) -> HTTPResponse {
        guard let id = call.id("agent_id") else { return MesosREST.refusal(400, "Missing 'agent_id'") }
        guard let agent = agents[id] else { return MesosREST.refusal(404, "Unknown agent") }
        var drain = drain
        if agent.tasks.isEmpty { drain?.isDrained = true }
        for offer in agent.offers.sorted() { rescind(offer, &effects) }
        change(.deactivate(id: id, drain), now)
        return MesosREST.empty
    }

    private mutating func reactivate(_ call: JSON, _ now: Moment) -> HTTPResponse {
        guard let id = call.id("agent_id") else { return MesosREST.refusal(400, "Missing 'agent_id'") }
        guard let admission = registrar.registry.agents[id] else { return MesosREST.refusal(404, "Unknown agent") }
        guard admission.isDeactivated else { return MesosREST.refusal(400, "Agent is not deactivated") }
        if let drain = admission.drain, !drain.isDrained {
            return MesosREST.refusal(400, "Agent is still in the process of draining")
        }
        change(.reactivate(id: id), now)
        needAllocation(now)
        return MesosREST.empty
    }
}
