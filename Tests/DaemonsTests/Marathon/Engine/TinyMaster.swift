import Daemons

/// The smallest master that offers, launches, kills and reconciles.
final class TinyMaster {
    struct Agent {
        var id: String
        var hostname: String
        var resources: Mesos.Resources
        var attributes: [Mesos.Attribute] = []

        init(_ number: Int, cpus: Double = 4, mem: Double = 4096, attributes: [Mesos.Attribute] = []) {
            id = "S\(number)"
            hostname = "node\(number)"
            resources = Mesos.Resources(cpus: cpus, mem: mem, disk: 10_000, ports: [31_000...32_000])
            self.attributes = attributes
        }

        static let three = [Agent(1), Agent(2), Agent(3)]
    }

    struct Task {
        var info: Mesos.TaskInfo
        var state: Mesos.TaskState
    }

    let endpoint = Endpoint("10.0.1.1", 5050)
    var agents: [Agent]
    private(set) var tasks: [String: Task] = [:]
    private(set) var scheduler: ProcessID?
    private(set) var registrations: [String] = []
    private(set) var kills: [String] = []
    private(set) var declines = 0
    /// What becomes of a task, and when, since its launch.
    var fate: (Mesos.TaskInfo) -> [(after: Int, state: Mesos.TaskState)] = { _ in [(50, .running)] }
    var killMilliseconds = 30
    private var outstanding: [String: String] = [:]
    private var refusedUntil: [String: Moment] = [:]
    private var offers = 0
    private var uuids = 0

    init(agents: [Agent]) { self.agents = agents }

    private var pid: ProcessID { ProcessID("master", at: endpoint) }
    private var info: Mesos.MasterInfo {
        Mesos.MasterInfo(id: "master-1", endpoint: endpoint, hostname: "master", version: "1.4.3")
    }

    func begin(in world: World) {
        world.zoo.put("/mesos", "", in: world)
        world.zoo.put("/mesos/json.info_0000000001", info.json.text, in: world)
        world.after(500) { $0.master.allocate(in: $0) }
    }

    // MARK: Offers

    private func free(_ agent: Agent) -> Mesos.Resources {
        var rest = agent.resources
        for task in tasks.values where task.info.agentID == agent.id { rest -= task.info.resources }
        return rest
    }

    private func allocate(in world: World) {
        world.after(500) { $0.master.allocate(in: $0) }
        guard scheduler != nil else { return }
        for agent in agents where !outstanding.values.contains(agent.id) {
            let rest = free(agent)
            guard !rest.isEmpty, refusedUntil[agent.id].map({ $0 <= world.now }) ?? true else { continue }
            offers += 1
            outstanding["O\(offers)"] = agent.id
            let offer = Mesos.Offer(
                id: "O\(offers)",
                frameworkID: "F1",
                agentID: agent.id,
                hostname: agent.hostname,
                endpoint: Endpoint("10.0.2.\(offers % 200)", 5051),
                resources: rest,
                attributes: agent.attributes
            )
            send(Mesos.ResourceOffers(offers: [offer]), world)
        }
    }

    private func send(_ message: some MesosMessage, _ world: World) {
        guard let scheduler else { return }
        let message = DaemonMessage(from: pid, to: scheduler, message)
        world.after(1) { $0.deliver(message) }
    }

    func receive(_ message: DaemonMessage, in world: World) {
        if message.read(as: Mesos.RegisterFramework.self) != nil {
            register(message.from, "register", world)
        } else if let again = message.read(as: Mesos.ReregisterFramework.self) {
            register(message.from, again.failover ? "failover" : "reregister", world)
        } else if let launch = message.read(as: Mesos.LaunchTasks.self) {
            for id in launch.offerIDs { outstanding[id] = nil }
            for task in launch.tasks { self.launch(task, world) }
        } else if let decline = message.read(as: Mesos.DeclineOffers.self) {
            declines += 1
            for id in decline.offerIDs {
                guard let agent = outstanding.removeValue(forKey: id) else { continue }
                refusedUntil[agent] = world.now + Int((decline.refuseSeconds ?? 5) * 1000)
            }
        } else if message.read(as: Mesos.ReviveOffers.self) != nil {
            refusedUntil = [:]
        } else if let kill = message.read(as: Mesos.KillTask.self) {
            kills.append(kill.taskID)
            world.after(killMilliseconds) { $0.master.update(kill.taskID, .killed, in: $0) }
        } else if let reconcile = message.read(as: Mesos.ReconcileTasks.self) {
            self.reconcile(reconcile, world)
        } else if message.read(as: Mesos.DeactivateFramework.self) != nil {
            scheduler = nil
            outstanding = [:]
        }
    }

    private func register(_ from: ProcessID, _ how: String, _ world: World) {
        registrations.append(how)
        scheduler = from
        outstanding = [:]
        refusedUntil = [:]
        if how == "reregister" {
            send(Mesos.FrameworkReregistered(frameworkID: "F1", master: info), world)
        } else {
            send(Mesos.FrameworkRegistered(frameworkID: "F1", master: info), world)
        }
    }

    // MARK: Tasks

    private func launch(_ task: Mesos.TaskInfo, _ world: World) {
        tasks[task.taskID] = Task(info: task, state: .staging)
        for (after, state) in fate(task) { world.after(after) { $0.master.update(task.taskID, state, in: $0) } }
    }

    func update(_ id: String, _ state: Mesos.TaskState, in world: World) {
        guard let task = tasks[id] else { return }
        if state.isTerminal { tasks[id] = nil } else { tasks[id]?.state = state }
        uuids += 1
        let status = Mesos.TaskStatus(
            taskID: id,
            state: state,
            message: "",
            agentID: task.info.agentID,
            timestamp: world.now.seconds,
            uuid: "u\(uuids)"
        )
        send(Mesos.StatusUpdate(frameworkID: "F1", status: status), world)
    }

    private func reconcile(_ message: Mesos.ReconcileTasks, _ world: World) {
        let ids = message.statuses.isEmpty ? tasks.keys.sorted() : message.statuses.map(\.taskID)
        for id in ids {
            let status = Mesos.TaskStatus(
                taskID: id,
                state: tasks[id]?.state ?? .lost,
                reason: "REASON_RECONCILIATION",
                agentID: tasks[id]?.info.agentID
            )
            send(Mesos.StatusUpdate(frameworkID: "F1", status: status), world)
        }
    }
}
