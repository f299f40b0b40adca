internal import Specs

/// What is free on one Mesos agent.
struct AgentRoom: Hashable, Sendable {
    var hostname: String
    /// `cpus`, `mem`, `disk`, `gpus`.
    var total: [String: Double]
    var free: [String: Double]

    static let resources = ["cpus", "mem", "disk", "gpus"]
}

extension AgentRoom {
    /// What is not known to be used counts as free: an obstacle that nobody has seen is not told.
    init(_ agent: ListedAgent) {
        func amounts(_ scalars: [String: Double]) -> [String: Double] {
            Dictionary(uniqueKeysWithValues: Self.resources.map { ($0, max(scalars[$0] ?? 0, 0)) })
        }
        let total = agent.resources.scalars
        self.init(hostname: agent.hostname, total: amounts(total), free: amounts(agent.free ?? total))
    }
}

extension MesosListing {
    /// What is free on its active agents, by host.
    var rooms: [AgentRoom] {
        agents.filter(\.isActive).map { AgentRoom($0) }.sorted { $0.hostname < $1.hostname }
    }
}

/// What one task of an app needs of an agent.
struct TaskNeeds: Hashable, Sendable {
    /// By `AgentRoom.resources`, without what is 0.
    var amounts: [String: Double]
    /// Such as `hostname UNIQUE`.
    var constraints: [String]

    init(_ definition: AppValue) {
        let pairs = AgentRoom.resources.map { ($0, definition[$0]?.number ?? 0) }
        amounts = Dictionary(uniqueKeysWithValues: pairs.filter { $0.1 > 0 })
        constraints = (definition["constraints"]?.items ?? []).map { constraint in
            (constraint.items ?? []).map { $0.content?.shown ?? "" }.joined(separator: " ")
        }
    }

    /// Why no agent has room for one more task; nil where one has.
    func obstacle(_ agents: [AgentRoom]) -> String? {
        guard !agents.isEmpty else { return "no active agent is registered with the leading Mesos master" }
        let short = AgentRoom.resources.compactMap { shortage(of: $0, agents) }
        if !short.isEmpty { return short.joined(separator: "; ") }
        guard !agents.contains(where: fits) else { return nil }
        let needs = AgentRoom.resources.compactMap { name in amounts[name].map { Self.words($0, of: name) } }
        let free = agents.prefix(4).map { agent in
            let have = AgentRoom.resources.filter { amounts[$0] != nil }.map { Self.words(agent.free[$0] ?? 0, of: $0) }
            return "\(agent.hostname) \(have.joined(separator: ", "))"
        }
        return "needs \(needs.joined(separator: ", ")) on one agent; free are \(free.joined(separator: "; "))"
            + (agents.count > 4 ? "; and \(agents.count - 4) more with too little" : "")
    }

    private func fits(_ agent: AgentRoom) -> Bool {
        amounts.allSatisfy { (agent.free[$0.key] ?? 0) >= $0.value }
    }

    private func shortage(of name: String, _ agents: [AgentRoom]) -> String? {
        guard let need = amounts[name],
            let best = agents.max(by: { ($0.free[name] ?? 0, $1.hostname) < ($1.free[name] ?? 0, $0.hostname) }),
            let free = best.free[name], free < need
        else { return nil }
        let needs = "needs \(Self.words(need, of: name))"
        let largest = agents.compactMap { $0.total[name] }.max() ?? 0
        if largest < need {
            return "\(needs); \(Self.has(best, free, name)), and no agent has more than \(Self.number(largest))"
        }
        return "\(needs); \(Self.has(best, free, name))"
    }

    private static func has(_ agent: AgentRoom, _ free: Double, _ name: String) -> String {
        "the largest free agent has \(number(free)) (\(agent.hostname))"
    }

    private static func words(_ amount: Double, of name: String) -> String {
        switch name {
        case "mem", "disk": "\(number(amount)) MB of \(name == "mem" ? "memory" : "disk")"
        default: "\(number(amount)) \(name)"
        }
    }

    /// At most three decimals, as Mesos counts.
    private static func number(_ amount: Double) -> String {
        let rounded = (amount * 1000).rounded() / 1000
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}
