// The documents of the master: fields and their order are those of mesos-captures/, and for 0.21 of src/master/http.cpp at
// that tag.

extension MesosMaster {
    private var rest: MesosREST { MesosREST(version: version) }

    /// Newest first, as the captures of two agents have it.
    private var agentsInOrder: [Agent] {
        agents.values.sorted { ($1.registered, $1.info.id) < ($0.registered, $0.info.id) }
    }

    private var frameworksInOrder: [Framework] { frameworks.values.sorted { $0.id < $1.id } }

    func state() -> JSON {
        var object = rest.build(started)
        if let elected { object["elected_time"] = rest.number(elected.seconds) }
        object["id"] = .string(info.id)
        object["pid"] = .string("\(pid)")
        object["hostname"] = .string(info.hostname)
        if version.atLeast(1, 9) { object["capabilities"] = .array(info.capabilities.map(JSON.string)) }
        let active = agents.values.count { $0.isActive && !isDeactivated($0) }
        object["activated_slaves"] = rest.number(active)
        object["deactivated_slaves"] = rest.number(agents.count - active)
        if version.atLeast(1, 1) { object["unreachable_slaves"] = rest.number(registrar.registry.unreachable.count) }
        if !version.atLeast(0, 28) { addTaskCounts(to: &object) }
        if let leader {
            object["leader"] = .string("\(leader.pid)")
            if version.atLeast(1, 0) {
                object["leader_info"] = [
                    "id": .string(leader.id), "pid": .string("\(leader.pid)"), "port": .integer(leader.endpoint.port),
                    "hostname": .string(leader.hostname),
                ]
            }
        }
        object["cluster"] = flags["cluster"].map(JSON.string)
        object["log_dir"] = flags["log_dir"].map(JSON.string)
        object["flags"] = .object(flags.shown)
        object["slaves"] = .array(agentsInOrder.map { view($0, isFull: false) })
        if version.atLeast(1, 2) { object["recovered_slaves"] = recoveredView }
        addFrameworks(to: &object)
        object["orphan_tasks"] = .array(orphans.map { rest.task($0, role: "*") })
        let unregistered = version.atLeast(1, 2) ? [] : frameworksInOrder.filter(\.isRecovered)
        object["unregistered_frameworks"] = .array(unregistered.map { .string($0.id) })
        return rest.object(object)
    }

    private func addTaskCounts(to object: inout JSONObject) {
        for (key, name) in Self.taskCounts { object[key] = rest.number(counters[name]) }
    }

    private static let taskCounts = [
        ("staged_tasks", "messages_launch_tasks"), ("started_tasks", "tasks_starting"),
        ("finished_tasks", "tasks_finished"), ("killed_tasks", "tasks_killed"), ("failed_tasks", "tasks_failed"),
        ("lost_tasks", "tasks_lost"),
    ]

    /// Tasks of frameworks that only agents have told of; from 1.2 on those frameworks are shown as recovered.
    private var orphans: [Mesos.Task] {
        guard !version.atLeast(1, 2) else { return [] }
        return frameworksInOrder.filter(\.isRecovered)
            .flatMap { $0.tasks.values.sorted { $0.info.taskID < $1.info.taskID } }
    }

    private var shownFrameworks: [Framework] {
        version.atLeast(1, 2) ? frameworksInOrder : frameworksInOrder.filter { !$0.isRecovered }
    }

    private func addFrameworks(to object: inout JSONObject) {
        object["frameworks"] = .array(shownFrameworks.map(view))
        object["completed_frameworks"] = .array(completedFrameworks.map(view))
    }

    func isDeactivated(_ agent: Agent) -> Bool { registrar.registry.agents[agent.info.id]?.isDeactivated == true }

    private var recoveredView: JSON {
        .array(
            recoveredAgents.values.sorted { $0.id < $1.id }.map { agent in
                [
                    "id": .string(agent.id), "hostname": .string(agent.hostname), "port": .integer(agent.port),
                    "attributes": rest.attributes(agent.attributes), "resources": rest.resources(agent.resources),
                ]
            }
        )
    }

    func slaves() -> JSON {
        var object: JSONObject = ["slaves": .array(agentsInOrder.map { view($0, isFull: true) })]
        if version.atLeast(1, 2) { object["recovered_slaves"] = recoveredView }
        return rest.object(object)
    }

    private func offered(_ agent: Agent) -> Mesos.Resources {
        agent.offers.sorted().compactMap { offers[$0] }.reduce(into: Mesos.Resources()) { $0 += $1.resources }
    }

    /// `isFull` adds what `/slaves` has more than `/state`.
    private func view(_ agent: Agent, isFull: Bool) -> JSON {
        let total = agent.info.resources
        var object: JSONObject = ["id": .string(agent.info.id), "hostname": .string(agent.info.hostname)]
        if version.atLeast(1, 0) { object["port"] = .integer(agent.info.port) }
        object["attributes"] = rest.attributes(agent.info.attributes)
        object["pid"] = .string("\(agent.pid)")
        object["registered_time"] = rest.number(agent.registered.seconds)
        if let again = agent.reregistered { object["reregistered_time"] = rest.number(again.seconds) }
        object["resources"] = rest.resources(total)
        let offered = offered(agent)
        let used = total - agent.free - offered
        if version.atLeast(0, 26) {
            object["used_resources"] = rest.resources(used)
            object["offered_resources"] = rest.resources(offered)
            object["reserved_resources"] = rest.reserved(total)
            object["unreserved_resources"] = rest.resources(rest.unreserved(total))
        }
        if version.atLeast(0, 22) { object["active"] = .bool(agent.isActive) }
        if version.atLeast(1, 9) { object["deactivated"] = .bool(isDeactivated(agent)) }
        if version.atLeast(0, 26) { object["version"] = .string(agent.version) }
        if let drain = registrar.registry.agents[agent.info.id]?.drain { object["drain_info"] = drain.json }
        if version.atLeast(1, 4) {
            let release = MesosVersion(agent.version)
            object["capabilities"] = .array(MesosREST.agentCapabilities(release).map(JSON.string))
        }
        object["domain"] = agent.info.domain.map(JSON.string)
        if isFull, version.atLeast(1, 0) {
            object["reserved_resources_full"] = rest.reservedFull(total)
            object["unreserved_resources_full"] = rest.unreserved(total).json
            object["used_resources_full"] = used.json
            object["offered_resources_full"] = offered.json
        }
        return rest.object(object)
    }

    // MARK: - Frameworks

    private func used(_ framework: Framework) -> Mesos.Resources {
        let ports = framework.tasks.values.filter { !$0.state.isTerminal }.flatMap(\.info.resources.ports)
        return Mesos.Resources(
            cpus: framework.usedCPUs,
            mem: framework.usedMemory,
            disk: framework.usedDisk,
            ports: ports
        )
    }

    private func offered(_ framework: Framework) -> Mesos.Resources {
        let mine = framework.offers.sorted().compactMap { offers[$0]?.resources }
        return Mesos.Resources(
            cpus: mine.reduce(0) { $0 + $1.cpus },
            mem: mine.reduce(0) { $0 + $1.mem },
            disk: mine.reduce(0) { $0 + $1.disk },
            ports: mine.flatMap(\.ports)
        )
    }

    private func summary(_ framework: Framework) -> JSONObject {
        var object: JSONObject = ["id": .string(framework.id), "name": .string(framework.info.name)]
        if version.atLeast(0, 24), let process = framework.pid { object["pid"] = .string("\(process)") }
        object["used_resources"] = rest.resources(used(framework))
        object["offered_resources"] = rest.resources(offered(framework))
        if version.atLeast(0, 25) { object["capabilities"] = .array(framework.info.capabilities.map(JSON.string)) }
        object["hostname"] = .string(framework.info.hostname)
        object["webui_url"] = .string(framework.info.webUIURL ?? "")
        object["active"] = .bool(framework.isActive)
        if version.atLeast(1, 1) {
            object["connected"] = .bool(framework.isConnected)
            object["recovered"] = .bool(framework.isRecovered)
        }
        return object
    }

    private func view(_ framework: Framework) -> JSON {
        var object = summary(framework)
        object["user"] = .string(framework.info.user)
        object["failover_timeout"] = rest.number(framework.info.failoverTimeoutSeconds)
        object["checkpoint"] = .bool(framework.info.checkpoint)
        object["registered_time"] = rest.number(framework.registered.seconds)
        object["unregistered_time"] = rest.number(framework.unregistered?.seconds ?? 0)
        if version.atLeast(0, 25) { object["principal"] = framework.info.principal.map(JSON.string) }
        object["resources"] = rest.resources(used(framework) + offered(framework))
        if let again = framework.reregistered { object["reregistered_time"] = rest.number(again.seconds) }
        object["role"] = .string(framework.info.role)
        let role = framework.info.role
        func list(_ tasks: some Sequence<Mesos.Task>) -> JSON { .array(tasks.map { rest.task($0, role: role) }) }
        object["tasks"] = list(framework.tasks.values.sorted { $0.info.taskID < $1.info.taskID })
        if version.atLeast(1, 1) {
            object["unreachable_tasks"] = list(framework.unreachable.values.sorted { $0.info.taskID < $1.info.taskID })
        }
        object["completed_tasks"] = list(framework.completed.suffix(completedTaskLimit))
        object["offers"] = .array(framework.offers.sorted().compactMap { offers[$0] }.map { view($0, role: role) })
        if version.atLeast(0, 25) { object["executors"] = [] }
        if version.atLeast(1, 11) { object["offer_constraints"] = [:] }
        return rest.object(object)
    }

    private func view(_ offer: Mesos.Offer, role: String) -> JSON {
        var object: JSONObject = ["id": .string(offer.id), "framework_id": .string(offer.frameworkID)]
        if version.atLeast(1, 4) { object["allocation_info"] = ["role": .string(role)] }
        object["slave_id"] = .string(offer.agentID)
        object["resources"] = rest.resources(offer.resources)
        return rest.object(object)
    }

    func frameworksAnswer() -> JSON {
        var object = JSONObject()
        addFrameworks(to: &object)
        object["unregistered_frameworks"] = []
        return rest.object(object)
    }

    // MARK: - Tasks, roles, summary

    /// The newest hundred, unless `limit`, `offset` and `order` say otherwise.
    func tasks(_ request: HTTPRequest) -> JSON {
        var all: [(task: Mesos.Task, role: String)] = []
        for framework in shownFrameworks + completedFrameworks {
            all += framework.tasks.values.sorted { $0.info.taskID < $1.info.taskID }
                .map { ($0, framework.info.role) }
            all += framework.completed.suffix(completedTaskLimit).map { ($0, framework.info.role) }
        }
        let isAscending = request.query("order") == "asc"
        let keyed = all.enumerated().map { ($0.offset, $0.element.task.steps.first?.timestamp ?? 0, $0.element) }
        let sorted = keyed.sorted { a, b in
            a.1 == b.1 ? a.0 < b.0 : (isAscending ? a.1 < b.1 : a.1 > b.1)
        }
        let offset = request.query("offset").flatMap { Int($0) } ?? 0
        let limit = request.query("limit").flatMap { Int($0) } ?? 100
        return [
            "tasks": .array(
                sorted.dropFirst(max(0, offset)).prefix(max(0, limit)).map { rest.task($0.2.task, role: $0.2.role) }
            )
        ]
    }

    func roles() -> JSON {
        var byRole: [String: [Framework]] = ["*": []]
        for framework in frameworksInOrder { byRole[framework.info.role, default: []].append(framework) }
        return [
            "roles": .array(
                byRole.sorted { $0.key < $1.key }.map { name, members in
                    let sum = members.reduce(into: Mesos.Resources()) { $0 += used($1) + offered($1) }
                    return [
                        "frameworks": .array(members.map { .string($0.id) }), "name": .string(name),
                        "resources": rest.resources(sum), "weight": rest.number(1.0),
                    ]
                }
            )
        ]
    }

    func summary() -> JSON {
        var object: JSONObject = ["hostname": .string(info.hostname)]
        object["cluster"] = flags["cluster"].map(JSON.string)
        object["slaves"] = .array(
            agentsInOrder.map { agent in
                var object = view(agent, isFull: false).object ?? [:]
                let tasks = agent.tasks.flatMap { id, names in names.compactMap { frameworks[id]?.tasks[$0] } }
                addStates(of: tasks, to: &object)
                object["framework_ids"] = .array(agent.tasks.keys.sorted().map(JSON.string))
                return .object(object)
            }
        )
        object["frameworks"] = .array(
            shownFrameworks.map { framework in
                var object = summary(framework)
                addStates(of: framework.tasks.values + framework.completed, to: &object)
                let hosts = Set(framework.tasks.values.map(\.info.agentID))
                object["slave_ids"] = .array(hosts.sorted().map(JSON.string))
                return .object(object)
            }
        )
        return .object(object)
    }

    private func addStates(of tasks: some Sequence<Mesos.Task>, to object: inout JSONObject) {
        var counts: [Mesos.TaskState: Int] = [:]
        for task in tasks { counts[task.state, default: 0] += 1 }
        for state in Mesos.TaskState.allCases { object[state.rawValue] = .integer(counts[state] ?? 0) }
    }

    // MARK: - The operator API

    func getMaster() -> JSON {
        let json = info.json
        var object = JSONObject()
        for key in ["id", "ip", "port", "pid", "hostname", "version", "address"] { object[key] = json[key] }
        if version.atLeast(1, 9) {
            // The v1 protobuf does not know QUOTA_V2, so it writes an empty capability.
            object["capabilities"] = [["type": "AGENT_UPDATE"], ["type": "AGENT_DRAINING"], [:]]
        }
        var answer: JSONObject = ["master_info": .object(object)]
        if version.atLeast(1, 5) {
            answer["start_time"] = .number(started.seconds)
            answer["elected_time"] = elected.map { .number($0.seconds) }
        }
        return .object(answer)
    }

    func getAgents() -> JSON {
        let list = agentsInOrder.map { agent -> JSON in
            var about = agent.info.json(withRoles: false).object ?? [:]
            if !version.atLeast(1, 5) { about["checkpoint"] = nil }
            var object: JSONObject = ["agent_info": .object(about), "active": .bool(agent.isActive)]
            if version.atLeast(1, 9) { object["deactivated"] = .bool(isDeactivated(agent)) }
            object["version"] = .string(agent.version)
            object["pid"] = .string("\(agent.pid)")
            object["registered_time"] = ["nanoseconds": .integer(agent.registered.milliseconds * 1_000_000)]
            if let again = agent.reregistered {
                object["reregistered_time"] = ["nanoseconds": .integer(again.milliseconds * 1_000_000)]
            }
            object["total_resources"] = agent.info.resources.json
            let used = agent.info.resources - agent.free - offered(agent)
            if !used.isEmpty { object["allocated_resources"] = used.json }
            let offered = offered(agent)
            if !offered.isEmpty { object["offered_resources"] = offered.json }
            object["drain_info"] = registrar.registry.agents[agent.info.id]?.drain?.json
            let capabilities = MesosREST.agentCapabilities(MesosVersion(agent.version))
            object["capabilities"] = .array(capabilities.map { ["type": .string($0)] })
            return .object(object)
        }
        var answer: JSONObject = ["agents": .array(list)]
        if version.atLeast(1, 5) {
            answer["recovered_agents"] = .array(
                recoveredAgents.values.sorted { $0.id < $1.id }.map { $0.json(withRoles: false) }
            )
        }
        return .object(answer)
    }

    func getTasks() -> JSON {
        func view(_ task: Mesos.Task) -> JSON {
            [
                "name": .string(task.info.name), "task_id": .id(task.info.taskID),
                "framework_id": .id(task.frameworkID), "agent_id": .id(task.info.agentID),
                "state": .string(task.state.rawValue), "resources": task.info.resources.json,
                "statuses": .array(
                    task.steps.map { ["state": .string($0.state.rawValue), "timestamp": .number($0.timestamp)] }
                ),
            ]
        }
        var answer = JSONObject()
        let all = frameworksInOrder.flatMap { $0.tasks.values.sorted { $0.info.taskID < $1.info.taskID } }
        let lost = frameworksInOrder.flatMap { $0.unreachable.values.sorted { $0.info.taskID < $1.info.taskID } }
        let done = (frameworksInOrder + completedFrameworks).flatMap { $0.completed.suffix(completedTaskLimit) }
        if !all.isEmpty { answer["tasks"] = .array(all.map(view)) }
        if !lost.isEmpty { answer["unreachable_tasks"] = .array(lost.map(view)) }
        if !done.isEmpty { answer["completed_tasks"] = .array(done.map(view)) }
        return .object(answer)
    }

    func getFrameworks() -> JSON {
        func view(_ framework: Framework) -> JSON {
            var object: JSONObject = [
                "framework_info": framework.info.json, "active": .bool(framework.isActive),
                "connected": .bool(framework.isConnected), "recovered": .bool(framework.isRecovered),
                "registered_time": ["nanoseconds": .integer(framework.registered.milliseconds * 1_000_000)],
            ]
            if let again = framework.reregistered {
                object["reregistered_time"] = ["nanoseconds": .integer(again.milliseconds * 1_000_000)]
            }
            return .object(object)
        }
        var answer = JSONObject()
        if !frameworks.isEmpty { answer["frameworks"] = .array(frameworksInOrder.map(view)) }
        if !completedFrameworks.isEmpty { answer["completed_frameworks"] = .array(completedFrameworks.map(view)) }
        return .object(answer)
    }
}
