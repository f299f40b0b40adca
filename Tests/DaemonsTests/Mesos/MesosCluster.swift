@testable import Daemons

/// Masters and agents with a network, disks, containers and a clock of their own.
struct MesosCluster {
    enum Daemon {
        case master(MesosMaster)
        case agent(MesosAgent)

        var wakes: Moment? {
            switch self {
            case .master(let master): master.wakes
            case .agent(let agent): agent.wakes
            }
        }
    }

    struct Node {
        var daemon: Daemon?
        var files: [String: String] = [:]
        var links: [String: String] = [:]
        /// Running, with their launches.
        var containers: [String: ContainerLaunch] = [:]
        var facts: HostFacts
        /// Of the last start that failed, or the last end.
        var exit: DaemonExit?
        var starts = 0

        func resolved(_ path: String) -> String {
            for (link, target) in links where path.hasPrefix(link + "/") { return target + path.dropFirst(link.count) }
            return path
        }
    }

    var now = Moment(milliseconds: 1_795_353_270_000)
    var nodes: [String: Node] = [:]
    var coordination = MemoryCoordination()
    /// What reached the schedulers, which are no daemons here.
    var inbox: [DaemonMessage] = []
    /// How long a container takes to start; nil never does.
    var startMilliseconds: Int? = 50
    /// Every message, by name.
    private(set) var traffic: [String: Int] = [:]
    private var queue: [(at: Moment, order: Int, node: String, event: DaemonEvent)] = []
    private var order = 0
    let version: String
    /// Addresses a test wants silent, as if cut off.
    var unplugged: Set<String> = []

    init(version: String) { self.version = version }

    static func address(_ name: String) -> String {
        let number = Int(name.drop { !$0.isNumber }) ?? 0
        return name.hasPrefix("m") ? "10.0.0.\(number)" : "10.0.\(1 + number / 250).\(number % 250 + 1)"
    }

    // MARK: - Starting and stopping

    mutating func startMaster(_ name: String, quorum: Int = 2, _ flags: [String] = [], zk: Bool = true) {
        var arguments = ["--work_dir=/var/lib/mesos", "--hostname=\(name).test", "--cluster=lab"] + flags
        if zk { arguments += ["--zk=zk://10.9.9.9:2181/mesos", "--quorum=\(quorum)"] }
        start(name, arguments)
    }

    mutating func startAgent(_ name: String, _ flags: [String] = [], master: String = "zk://10.9.9.9:2181/mesos") {
        start(name, ["--master=\(master)", "--work_dir=/var/lib/mesos"] + flags)
    }

    mutating func start(_ name: String, _ arguments: [String], environment: [String: String] = [:]) {
        var node = nodes[name] ?? Node(facts: Self.facts(name))
        node.starts += 1
        let (files, links) = (node.files, node.links)
        let start = DaemonStart(
            version: version,
            arguments: arguments,
            environment: environment,
            host: node.facts,
            readFile: { path in
                for (link, target) in links where path.hasPrefix(link + "/") {
                    return files[target + path.dropFirst(link.count)]
                }
                return files[path]
            },
            seed: UInt64(order &+ node.starts) &* 31 &+ UInt64(Int(name.drop { !$0.isNumber }) ?? 0),
            pid: 1000 + order % 30_000,
            freePort: 40_000
        )
        var effects: [DaemonEffect] = []
        node.exit = nil
        do throws(DaemonExit) {
            node.daemon =
                name.hasPrefix("m")
                ? .master(try MesosMaster(start, at: now, effects: &effects))
                : .agent(try MesosAgent(start, at: now, effects: &effects))
            nodes[name] = node
            carryOut(effects, of: name)
        } catch {
            node.daemon = nil
            node.exit = error
            nodes[name] = node
        }
    }

    static func facts(_ name: String) -> HostFacts {
        HostFacts(
            hostname: "\(name).test",
            address: address(name),
            bootID: "boot-1",
            cpus: 2,
            memoryMegabytes: 24_105,
            diskMegabytes: 258_019
        )
    }

    /// The process is gone at once; its session when it has run out.
    mutating func kill(_ name: String, sessionMilliseconds: Int = 10_000) {
        stopped(name)
        order += 1
        expiries.append((now + sessionMilliseconds, name, nodes[name]?.starts ?? 0))
    }

    private var expiries: [(at: Moment, node: String, start: Int)] = []

    private mutating func stopped(_ name: String) {
        guard nodes[name]?.daemon != nil else { return }
        nodes[name]?.daemon = nil
        queue.removeAll { $0.node == name }
        let process =
            name.hasPrefix("m")
            ? ProcessID("master", at: Endpoint(Self.address(name), 5050))
            : ProcessID("slave(1)", at: Endpoint(Self.address(name), 5051))
        for other in nodes.keys.sorted() where nodes[other]?.daemon != nil { push(other, .unreachable(process)) }
    }

    // MARK: - Time

    mutating func run(seconds: Double) {
        let end = now + Int(seconds * 1000)
        while let next = nextMoment, next <= end {
            now = max(now, next)
            step()
        }
        now = end
    }

    /// Until a condition holds, at most that long.
    mutating func run(until condition: (MesosCluster) -> Bool, atMost seconds: Double = 120) -> Bool {
        let end = now + Int(seconds * 1000)
        while !condition(self) {
            guard let next = nextMoment, next <= end else { return false }
            now = max(now, next)
            step()
        }
        return true
    }

    private var nextMoment: Moment? {
        var next = queue.first?.at
        for (_, node) in nodes { if let wakes = node.daemon?.wakes { next = next.map { min($0, wakes) } ?? wakes } }
        for expiry in expiries { next = next.map { min($0, expiry.at) } ?? expiry.at }
        return next
    }

    private mutating func step() {
        for expiry in expiries where expiry.at <= now && nodes[expiry.node]?.starts == expiry.start {
            coordination.expire(expiry.node, tells: false)
        }
        expiries.removeAll { $0.at <= now }
        deliverCoordination()
        while let first = queue.first, first.at <= now {
            queue.removeFirst()
            hand(first.event, to: first.node)
        }
        for name in nodes.keys.sorted() {
            while let wakes = nodes[name]?.daemon?.wakes, wakes <= now { hand(.wake, to: name) }
        }
        deliverCoordination()
    }

    private mutating func deliverCoordination() {
        for (name, event) in coordination.takeEvents() where nodes[name]?.daemon != nil {
            push(name, .coordination(event))
        }
    }

    private mutating func push(_ node: String, _ event: DaemonEvent, after milliseconds: Int = 1) {
        order += 1
        let entry = (at: now + milliseconds, order: order, node: node, event: event)
        let index = queue.lastIndex { ($0.at, $0.order) < (entry.at, entry.order) }.map { $0 + 1 } ?? 0
        queue.insert(entry, at: index)
    }

    private mutating func hand(_ event: DaemonEvent, to name: String) {
        var effects: [DaemonEffect] = []
        switch nodes[name]?.daemon {
        case .master(var master):
            nodes[name]?.daemon = nil
            master.receive(event, at: now, effects: &effects)
            nodes[name]?.daemon = .master(master)
        case .agent(var agent):
            nodes[name]?.daemon = nil
            agent.receive(event, at: now, effects: &effects)
            nodes[name]?.daemon = .agent(agent)
        case nil: return
        }
        carryOut(effects, of: name)
    }

    /// Hands an event in from outside.
    mutating func tell(_ name: String, _ event: DaemonEvent) { hand(event, to: name) }

    private mutating func carryOut(_ effects: [DaemonEffect], of name: String) {
        for effect in effects {
            switch effect {
            case .send(let message): send(message, from: name)
            case .coordinate(let request): coordination.handle(request, from: name)
            case .container(let request): contain(request, on: name)
            case .write(let path, let text): nodes[name]?.files[path] = text
            case .link(let path, let target): nodes[name]?.links[path] = target
            case .remove(let path):
                nodes[name]?.links[path] = nil
                for file in nodes[name]?.files.keys.map({ $0 }) ?? [] where file == path || file.hasPrefix(path + "/") {
                    nodes[name]?.files[file] = nil
                }
            case .exit(let exit):
                nodes[name]?.exit = exit
                kill(name, sessionMilliseconds: 0)
                return
            case .check, .stream, .closeStream, .log: break
            }
        }
    }

    private mutating func send(_ message: DaemonMessage, from name: String) {
        traffic[message.name, default: 0] += 1
        let host = message.to.endpoint.host
        if host.hasPrefix("10.8.") {
            inbox.append(message)
        } else if let target = nodes.keys.sorted().first(where: { Self.address($0) == host }),
            nodes[target]?.daemon != nil, !unplugged.contains(target), !unplugged.contains(name)
        {
            push(target, .message(message))
        } else if !unplugged.contains(name),
            nodes.keys.contains(where: { Self.address($0) == host && !unplugged.contains($0) })
        {
            push(name, .unreachable(message.to))
        }
    }

    private mutating func contain(_ request: ContainerRequest, on name: String) {
        switch request {
        case .launch(let launch):
            nodes[name]?.containers[launch.id] = launch
            if let startMilliseconds { push(name, .container(.started(id: launch.id)), after: startMilliseconds) }
        case .kill(let id, _):
            if nodes[name]?.containers.removeValue(forKey: id) != nil {
                push(name, .container(.exited(id: id, status: 143)), after: 10)
            }
        case .recover: push(name, .container(.recovered(ids: nodes[name]?.containers.keys.sorted() ?? [])))
        }
    }

    /// A container ends by itself.
    mutating func end(task: String, status: Int) {
        for name in nodes.keys.sorted() {
            for (id, launch) in nodes[name]?.containers ?? [:] where launch.taskID == task {
                nodes[name]?.containers[id] = nil
                push(name, .container(.exited(id: id, status: status)))
            }
        }
    }

    // MARK: - Looking

    func master(_ name: String) -> MesosMaster? {
        if case .master(let master) = nodes[name]?.daemon { master } else { nil }
    }

    func agent(_ name: String) -> MesosAgent? {
        if case .agent(let agent) = nodes[name]?.daemon { agent } else { nil }
    }

    /// Who leads with its registry at hand.
    var leaders: [String] {
        nodes.keys.sorted().filter { master($0).map { $0.isElected && $0.registrar.isRecovered } ?? false }
    }

    mutating func get(_ target: String, from name: String, headers: [HTTPField] = []) -> HTTPResponse? {
        ask(HTTPRequest("GET", target, headers: headers), of: name)
    }

    mutating func post(_ target: String, _ body: String, to name: String) -> HTTPResponse? {
        let headers = [HTTPField("Content-Type", "application/json")]
        return ask(HTTPRequest("POST", target, headers: headers, body: Array(body.utf8)), of: name)
    }

    private mutating func ask(_ request: HTTPRequest, of name: String) -> HTTPResponse? {
        var effects: [DaemonEffect] = []
        let answer: HTTPAnswer
        switch nodes[name]?.daemon {
        case .master(var master):
            answer = master.answer(request, at: now, effects: &effects)
            nodes[name]?.daemon = .master(master)
        case .agent(var agent):
            answer = agent.answer(request, at: now, effects: &effects)
            nodes[name]?.daemon = .agent(agent)
        case nil: return nil
        }
        carryOut(effects, of: name)
        if case .response(let response) = answer { return response }
        return nil
    }

    // MARK: - A scheduler

    static let scheduler = ProcessID("scheduler-1", at: Endpoint("10.8.0.1", 40_001))

    mutating func schedule(_ message: some MesosMessage, from process: ProcessID = Self.scheduler) {
        guard let leader = leaders.first, let pid = master(leader)?.pid else { return }
        push(leader, .message(DaemonMessage(from: process, to: pid, message)))
    }

    mutating func takeInbox<Message: MesosMessage>(_ type: Message.Type) -> [Message] {
        let found = inbox.compactMap { $0.read(as: type) }
        inbox.removeAll { $0.name == type.name }
        return found
    }

    static let framework = Mesos.FrameworkInfo(
        name: "marathon",
        user: "root",
        hostname: "mar.test",
        failoverTimeoutSeconds: 604_800,
        checkpoint: true
    )

    /// Registers and takes the first offers.
    mutating func registerFramework() -> (id: String, offers: [Mesos.Offer]) {
        schedule(Mesos.RegisterFramework(framework: Self.framework))
        run(seconds: 3)
        let id = takeInbox(Mesos.FrameworkRegistered.self).first?.frameworkID ?? ""
        return (id, takeInbox(Mesos.ResourceOffers.self).flatMap(\.offers))
    }

    static func task(_ id: String, on offer: Mesos.Offer, cpus: Double = 0.5) -> Mesos.TaskInfo {
        Mesos.TaskInfo(
            taskID: id,
            name: id,
            agentID: offer.agentID,
            command: Mesos.CommandInfo(value: "sleep 1000"),
            resources: Mesos.Resources(cpus: cpus, mem: 64, ports: [31_000...31_000])
        )
    }

    /// Acknowledges what has come, as a scheduler's driver does.
    mutating func acknowledgeUpdates() -> [Mesos.TaskStatus] {
        let updates = takeInbox(Mesos.StatusUpdate.self)
        for update in updates {
            guard let uuid = update.status.uuid, let agent = update.status.agentID else { continue }
            schedule(
                Mesos.StatusUpdateAcknowledgement(
                    agentID: agent,
                    frameworkID: update.frameworkID,
                    taskID: update.status.taskID,
                    uuid: uuid
                )
            )
        }
        return updates.map(\.status)
    }
}
