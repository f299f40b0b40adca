/// What survives a change of the leading master: the admitted agents, and maintenance.
///
/// Its form in the log and at `/registrar(1)/registry` is the real one's (mesos-captures/; mesos 1.11.0, registry.proto).
struct Registry: Hashable, Sendable, Codable {
    struct Admission: Hashable, Sendable, Codable {
        var info: Mesos.AgentInfo
        var isDeactivated = false
        var drain: Drain?
        /// Its part of the registry's text, made once: the registry is written often, and an agent seldom changes.
        private(set) var text = ""

        mutating func write(_ version: MesosVersion) { text = json(version).text }

        func json(_ version: MesosVersion) -> JSON {
            var object = JSONObject()
            if version.atLeast(1, 9) { object["deactivated"] = .bool(isDeactivated) }
            object["drain_info"] = drain?.json
            object["info"] = info.json()
            return JSON.object(object).sortedByKey
        }
    }

    /// A draining of 1.9+ (mesos-zk-ops.md 4.4).
    struct Drain: Hashable, Sendable, Codable {
        var isDrained = false
        var maxGraceSeconds: Double?
        var marksGone: Bool

        var config: JSON {
            var object = JSONObject()
            object["max_grace_period"] = maxGraceSeconds.map { ["nanoseconds": .integer(Int($0 * 1e9))] }
            object["mark_gone"] = .bool(marksGone)
            return .object(object)
        }

        var json: JSON { ["state": .string(isDrained ? "DRAINED" : "DRAINING"), "config": config] }

        init(isDrained: Bool = false, maxGraceSeconds: Double?, marksGone: Bool) {
            self.isDrained = isDrained
            self.maxGraceSeconds = maxGraceSeconds
            self.marksGone = marksGone
        }

        init?(_ json: JSON) {
            guard let config = json["config"] else { return nil }
            isDrained = json["state"]?.string == "DRAINED"
            maxGraceSeconds = config["max_grace_period"]?["nanoseconds"]?.double.map { $0 / 1e9 }
            marksGone = config["mark_gone"]?.bool ?? false
        }
    }

    enum Operation: Hashable, Sendable, Codable {
        case recover(Mesos.MasterInfo)
        case admit(Mesos.AgentInfo, pid: ProcessID)
        case update(Mesos.AgentInfo)
        case remove(id: String)
        case markUnreachable(id: String, seconds: Double)
        case markReachable(Mesos.AgentInfo)
        case maintain(Maintenance)
        case deactivate(id: String, Drain?)
        case reactivate(id: String)
    }

    private(set) var master: Mesos.MasterInfo?
    private(set) var agents: [String: Admission] = [:]
    /// Ids in the order of their admission.
    private(set) var order: [String] = []
    /// Since when, in seconds since 1970.
    private(set) var unreachable: [String: Double] = [:]
    private(set) var maintenance = Maintenance()

    init() {}

    mutating func apply(_ operation: Operation, _ version: MesosVersion) {
        switch operation {
        case .recover(let info): master = info
        case .admit(let info, _), .markReachable(let info):
            if agents[info.id] == nil { order.append(info.id) }
            put(Admission(info: info), version)
            unreachable[info.id] = nil
        case .update(let info): change(info.id, version) { $0.info = info }
        case .remove(let id):
            remove(id)
            unreachable[id] = nil
        case .markUnreachable(let id, let seconds):
            guard agents[id] != nil else { return }
            remove(id)
            unreachable[id] = seconds
        case .maintain(let maintenance): self.maintenance = maintenance
        case .deactivate(let id, let drain): change(id, version) { ($0.isDeactivated, $0.drain) = (true, drain) }
        case .reactivate(let id): change(id, version) { ($0.isDeactivated, $0.drain) = (false, nil) }
        }
    }

    private mutating func put(_ admission: Admission, _ version: MesosVersion) {
        var admission = admission
        admission.write(version)
        agents[admission.info.id] = admission
    }

    private mutating func change(_ id: String, _ version: MesosVersion, _ body: (inout Admission) -> Void) {
        guard var admission = agents[id] else { return }
        body(&admission)
        put(admission, version)
    }

    private mutating func remove(_ id: String) {
        if agents.removeValue(forKey: id) != nil { order.removeAll { $0 == id } }
    }

    func json(_ version: MesosVersion) -> JSON {
        var object = JSONObject()
        object["machines"] = maintenance.machinesInRegistry
        object["master"] = master.map { ["info": $0.json] }
        object["schedules"] = maintenance.schedule.windows.isEmpty ? nil : [maintenance.schedule.json]
        object["slaves"] = ["slaves": .array(order.compactMap { agents[$0]?.json(version) })]
        if !unreachable.isEmpty {
            object["unreachable"] = [
                "slaves": .array(
                    unreachable.sorted { $0.key < $1.key }.map {
                        ["id": .id($0.key), "timestamp": ["nanoseconds": .integer(Int($0.value * 1e9))]]
                    }
                )
            ]
        }
        return .object(object)
    }

    /// The same as `json`, for the log.
    func text(_ version: MesosVersion) -> String {
        var empty = self
        (empty.agents, empty.order) = ([:], [])
        let mark = "\"slaves\":{\"slaves\":["
        let text = empty.json(version).text
        guard let place = text.firstRange(of: mark) else { return json(version).text }
        let entries = order.compactMap { agents[$0]?.text }.joined(separator: ",")
        return text[..<place.upperBound] + entries + text[place.upperBound...]
    }

    init?(text: String, _ version: MesosVersion) {
        let json: JSON
        do throws(JSONFault) { json = try JSON(parsing: text) } catch { return nil }
        master = json["master"]?["info"].flatMap { Mesos.MasterInfo($0) }
        for entry in json["slaves"]?["slaves"]?.array ?? [] {
            guard let info = entry["info"].flatMap({ Mesos.AgentInfo($0) }) else { continue }
            order.append(info.id)
            let admission = Admission(
                info: info,
                isDeactivated: entry["deactivated"]?.bool ?? false,
                drain: entry["drain_info"].flatMap { Drain($0) }
            )
            put(admission, version)
        }
        for entry in json["unreachable"]?["slaves"]?.array ?? [] {
            guard let id = entry.id("id"), let time = entry["timestamp"]?["nanoseconds"]?.double else { continue }
            unreachable[id] = time / 1e9
        }
        maintenance = Maintenance(registry: json)
    }
}
