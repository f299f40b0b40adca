import Daemons

/// Marathons, a ZooKeeper and a master in memory, on one clock.
final class World {
    private(set) var now = Moment(milliseconds: 1_412_380_000_000)
    let release: String
    private(set) var marathons: [String: Marathon] = [:]
    private(set) var exits: [String: DaemonExit] = [:]
    private(set) var streams: [String: String] = [:]
    private(set) var logs: [String] = []
    let zoo = Zoo()
    let master: TinyMaster
    /// What a check finds: nil for a task that is well.
    var health: (HealthProbe) -> String? = { _ in nil }
    /// Asked after every event.
    var watch: (World) -> Void = { _ in }
    private var agenda: [(at: Moment, order: Int, action: (World) -> Void)] = []
    private var order = 0

    init(_ release: String, agents: [TinyMaster.Agent] = TinyMaster.Agent.three) {
        self.release = release
        master = TinyMaster(agents: agents)
        master.begin(in: self)
    }

    /// A world with one Marathon that leads.
    static func leading(_ release: String, agents: [TinyMaster.Agent] = TinyMaster.Agent.three) throws -> World {
        let world = World(release, agents: agents)
        try world.start("a")
        world.run(for: 3000)
        return world
    }

    func start(_ name: String, _ options: [String] = [], environment: [String: String] = [:]) throws {
        let number = name.utf8.reduce(0) { $0 + Int($1) }
        let start = DaemonStart(
            version: release,
            arguments: ["--master", "zk://zoo:2181/mesos", "--zk", "zk://zoo:2181/marathon", "--hostname", name]
                + options,
            environment: environment,
            host: HostFacts(
                hostname: name,
                address: "10.0.0.\(number)",
                bootID: "boot",
                cpus: 4,
                memoryMegabytes: 4096,
                diskMegabytes: 10_000
            ),
            seed: 7,
            pid: number,
            freePort: 40_000
        )
        var effects: [DaemonEffect] = []
        marathons[name] = try Marathon(start, at: now, effects: &effects)
        carryOut(effects, of: name)
    }

    /// Gone without a word; its session lasts as long as ZooKeeper waits.
    func crash(_ name: String) {
        marathons[name] = nil
        after(10_000) { $0.zoo.expire(name, in: $0) }
    }

    func stop(_ name: String) { deliver(.terminate, to: name) }

    func after(_ milliseconds: Int, _ action: @escaping (World) -> Void) {
        order += 1
        agenda.append((now + milliseconds, order, action))
    }

    func run(for milliseconds: Int) {
        let end = now + milliseconds
        while let next = nextMoment, next <= end {
            now = max(now, next)
            step()
        }
        now = end
    }

    /// Runs until something is so, for at most five minutes.
    @discardableResult
    func run(until condition: (World) -> Bool, atMost milliseconds: Int = 300_000) -> Bool {
        let end = now + milliseconds
        while !condition(self) {
            guard let next = nextMoment, next <= end else { return false }
            now = max(now, next)
            step()
        }
        return true
    }

    private var nextMoment: Moment? {
        ([agenda.map(\.at).min()] + marathons.values.map(\.wakes)).compactMap { $0 }.min()
    }

    private func step() {
        if let index = agenda.indices.min(by: { (agenda[$0].at, agenda[$0].order) < (agenda[$1].at, agenda[$1].order) }),
            agenda[index].at <= now
        {
            agenda.remove(at: index).action(self)
        } else if let name = marathons.keys.sorted().first(where: { (marathons[$0]?.wakes).map { $0 <= now } ?? false }) {
            deliver(.wake, to: name)
        }
        watch(self)
    }

    func deliver(_ event: DaemonEvent, to name: String) {
        var effects: [DaemonEffect] = []
        marathons[name]?.receive(event, at: now, effects: &effects)
        carryOut(effects, of: name)
    }

    /// To whichever Marathon has that scheduler.
    func deliver(_ message: DaemonMessage) {
        for name in marathons.keys.sorted() where marathons[name]?.listeners.last == message.to.endpoint {
            deliver(.message(message), to: name)
        }
    }

    private func carryOut(_ effects: [DaemonEffect], of name: String) {
        for effect in effects {
            switch effect {
            case .coordinate(let request): zoo.handle(request, of: name, in: self)
            case .send(let message): after(1) { $0.master.receive(message, in: $0) }
            case .check(let id, let probe):
                after(5) { $0.deliver(.checked(id: id, failure: $0.health(probe)), to: name) }
            case .stream(let id, let bytes):
                streams["\(name)/\(id)", default: ""] += String(decoding: bytes, as: UTF8.self)
            case .log(_, let text): logs.append(text)
            case .exit(let exit):
                exits[name] = exit
                marathons[name] = nil
                return
            default: break
            }
        }
    }

    // MARK: HTTP

    struct Answer {
        var response: HTTPResponse
        var status: Int { response.status }
        var text: String { response.text }
        var json: JSON {
            do throws(JSONFault) { return try JSON(parsing: response.text) } catch { return .null }
        }
        func header(_ name: String) -> String? { response.headers[name] }
    }

    @discardableResult
    func ask(
        _ method: String,
        _ target: String,
        _ body: JSON? = nil,
        headers: [HTTPField] = [],
        of name: String = "a"
    ) -> Answer {
        let all = headers + (body == nil ? [] : [HTTPField("Content-Type", "application/json")])
        let bytes = body.map { Array($0.text.utf8) } ?? []
        return Answer(response: send(HTTPRequest(method, target, headers: all, body: bytes), to: name))
    }

    func send(_ request: HTTPRequest, to name: String) -> HTTPResponse {
        var request = request
        while marathons[name] != nil {
            var effects: [DaemonEffect] = []
            guard let answer = marathons[name]?.answer(request, at: now, effects: &effects) else { break }
            carryOut(effects, of: name)
            watch(self)
            switch answer {
            case .response(let response): return response
            case .stream(let id, let status, let headers):
                return HTTPResponse(status, headers: headers + [HTTPField("X-Test-Stream", "\(name)/\(id)")])
            case .askAgain(let milliseconds):
                request.attempt += 1
                run(for: milliseconds)
            case .forward(let forward):
                guard marathons[forward.to.host] != nil else { return forward.refused }
                var response = send(forward.request, to: forward.to.host)
                response.headers += forward.added
                return response
            }
        }
        return HTTPResponse(0)
    }

    // MARK: What tests look at

    func tasks(_ app: String) -> [JSON] { ask("GET", "/v2/apps\(app)/tasks").json["tasks"]?.array ?? [] }

    func runningCount(_ app: String) -> Int {
        tasks(app).count { task in task["startedAt"].map { !$0.isNull } ?? false }
    }

    var deployments: [JSON] { ask("GET", "/v2/deployments").json.array ?? [] }

    /// Creates an app, and waits until its deployment is over.
    @discardableResult
    func create(_ app: JSON) -> Bool {
        ask("POST", "/v2/apps", app).status == 201 && run(until: { $0.deployments.isEmpty })
    }

    /// The types of the events a stream has carried.
    func events(_ stream: String) -> [JSON] {
        (streams[stream] ?? "").split(separator: "\r\n").compactMap { line -> JSON? in
            guard line.hasPrefix("data: ") else { return nil }
            do throws(JSONFault) { return try JSON(parsing: String(line.dropFirst(6))) } catch { return nil }
        }
    }
}

/// The releases that everything is tried with.
let releases = ["0.7.6", "0.8.2", "1.4.13", "1.11.24"]
