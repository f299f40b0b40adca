internal import Daemons
import Specs

extension LabWorld {
    /// What goes on: the machines' own state, and what the leading daemons answer.
    ///
    /// Asked of a copy, so nothing here leaves a trace.
    public var status: LabStatus {
        var copy = self
        return copy.askForStatus()
    }

    private mutating func askForStatus() -> LabStatus {
        let master = leadingMaster()
        let state = master.flatMap { ask("/state", $0) ?? ask("/state.json", $0) }
        let (marathon, leader) = leadingMarathon()
        return LabStatus(
            seed: seed,
            now: now,
            nodes: machines.map(node),
            zooKeeperLeader: machines.first { mode($0) == .leader }?.node.name,
            mesosLeader: master.flatMap { name(ofHost: $0.host) },
            marathonLeader: leader,
            agents: state.map(Self.agents) ?? [],
            apps: marathon.map { apps($0) } ?? []
        )
    }

    // MARK: Machines

    private func node(_ machine: LabMachine) -> LabStatus.Node {
        LabStatus.Node(
            name: machine.node.name,
            address: machine.node.address,
            isPoweredOn: machine.node.isUp,
            isPluggedIn: network.isPluggedIn(machine.node.name),
            services: machine.node.processes.map {
                LabStatus.Service(name: $0.service, version: $0.version, pid: $0.pid)
            },
            zooKeeperMode: mode(machine)?.rawValue,
            containers: machine.containers.values.count { $0.startedAt != nil },
            images: machine.node.engine?.tags.keys.sorted()
        )
    }

    private func mode(_ machine: LabMachine) -> ZooKeeperStatus.Mode? {
        zooKeeper.status(of: ZooKeeperServerID(node: machine.name))?.mode
    }

    private func name(ofHost host: String) -> NodeName? {
        machine(at: host, askedOn: nil).map { machines[$0].node.name }
    }

    // MARK: Daemons

    /// The body of a GET as JSON; nil for anything but 200.
    private mutating func ask(_ target: String, _ endpoint: Endpoint) -> JSON? {
        let request = HTTPRequest(
            "GET",
            target,
            headers: [HTTPField("Accept", "application/json")],
            client: Self.operatorAddress
        )
        guard case .response(let response) = http(request, to: endpoint), response.status == 200 else { return nil }
        return try? JSON(parsing: response.body)
    }

    private mutating func leadingMaster() -> Endpoint? {
        for endpoint in rests(of: .mesosMaster) where ask("/metrics/snapshot", endpoint)?["master/elected"]?.double == 1
        {
            return endpoint
        }
        return nil
    }

    /// A Marathon that answers, and the node that leads.
    private mutating func leadingMarathon() -> (Endpoint?, NodeName?) {
        for endpoint in rests(of: .marathon) {
            guard let info = ask("/v2/info", endpoint) else { continue }
            let leader = info["leader"]?.string.flatMap { Endpoint($0) }
            return (endpoint, leader.flatMap { name(ofHost: $0.host) })
        }
        return (nil, nil)
    }

    /// By hostname, and by id where several share one.
    private static func agents(_ state: JSON) -> [LabStatus.Agent] {
        var tasks: [String: Int] = [:]
        for framework in state["frameworks"]?.array ?? [] {
            for task in framework["tasks"]?.array ?? [] { tasks[task["slave_id"]?.string ?? "", default: 0] += 1 }
        }
        let agents = (state["slaves"]?.array ?? []).map { slave in
            let id = slave["id"]?.string ?? ""
            return LabStatus.Agent(
                id: id,
                hostname: slave["hostname"]?.string ?? "",
                isActive: slave["active"]?.bool ?? true,
                tasks: tasks[id] ?? 0
            )
        }
        return agents.sorted { ($0.hostname, $0.id) < ($1.hostname, $1.id) }
    }

    private mutating func apps(_ marathon: Endpoint) -> [LabStatus.App] {
        var tasks: [String: [LabStatus.Task]] = [:]
        for task in ask("/v2/tasks", marathon)?["tasks"]?.array ?? [] {
            let checks = task["healthCheckResults"]?.array ?? []
            let state = task["state"]?.string ?? (task["startedAt"]?.string == nil ? "TASK_STAGING" : "TASK_RUNNING")
            tasks[task["appId"]?.string ?? "", default: []].append(
                LabStatus.Task(
                    id: task["id"]?.string ?? "",
                    host: task["host"]?.string ?? "",
                    state: state,
                    isHealthy: checks.isEmpty ? nil : checks.allSatisfy { $0["alive"]?.bool == true }
                )
            )
        }
        let apps = (ask("/v2/apps", marathon)?["apps"]?.array ?? []).map { app in
            let id = app["id"]?.string ?? ""
            return LabStatus.App(
                id: id,
                instances: app["instances"]?.int ?? 0,
                tasks: (tasks[id] ?? []).sorted { $0.id < $1.id }
            )
        }
        return apps.sorted { $0.id < $1.id }
    }
}
