public import Specs

/// Mesos as its daemons tell it over REST; holds no secret's value.
///
/// Kept beside the nodes, since a node that is silent by ssh may answer here, and the other way round.
public struct ObservedMesos: Hashable, Sendable, Codable {
    /// By declared node; absent where nobody listens or nothing is installed.
    public var masters: [NodeName: Observation<ObservedMaster>]
    public var agents: [NodeName: Observation<ObservedAgent>]
    /// What the elected master lists; unknown, with the reason, where none is elected or it could not be asked.
    public var registered: Observation<RegisteredWithMesos>

    public init(
        masters: [NodeName: Observation<ObservedMaster>] = [:],
        agents: [NodeName: Observation<ObservedAgent>] = [:],
        registered: Observation<RegisteredWithMesos> = .unknown("not asked")
    ) {
        self.masters = masters
        self.agents = agents
        self.registered = registered
    }

    /// The flags a daemon on `node` says it runs with, by folded name; nil where they could not be had.
    public func flags(of service: ServiceName, on node: NodeName) -> [String: Content]? {
        switch service {
        case .mesosMaster: masters[node]?.value?.flags.value
        case .mesosAgent: agents[node]?.value?.flags.value
        default: nil
        }
    }
}

/// What a master says of itself; standbys do too.
public typealias ObservedMaster = ObservedDaemon<MasterMetrics>

/// What an agent says of itself.
public typealias ObservedAgent = ObservedDaemon<AgentMetrics>

/// What a Mesos daemon says of itself.
public struct ObservedDaemon<Metrics: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    /// The address that answered.
    public var endpoint: String
    public var version: String?
    /// Its own, defaults included, by folded name (`FlagNames`); unset ones are not there.
    public var flags: Observation<[String: Content]>
    public var metrics: Observation<Metrics>

    public init(
        endpoint: String,
        version: String? = nil,
        flags: Observation<[String: Content]>,
        metrics: Observation<Metrics>
    ) {
        self.endpoint = endpoint
        self.version = version
        self.flags = flags
        self.metrics = metrics
    }
}

/// Of a master's `/metrics/snapshot`; nil is what this release does not have (mesos-zk-ops.md 5.3).
public struct MasterMetrics: Hashable, Sendable, Codable {
    public var isElected: Bool?
    public var uptimeSeconds: Double?
    public var agentsActive: Int?
    public var agentsInactive: Int?
    public var agentsConnected: Int?
    public var agentsDisconnected: Int?
    public var agentsUnreachable: Int?
    /// Whether its replica of the log has recovered; from 1.0.
    public var isLogRecovered: Bool?
    /// How many replicas of the log there are; from 1.4.
    public var ensembleSize: Int?

    public init(
        isElected: Bool? = nil,
        uptimeSeconds: Double? = nil,
        agentsActive: Int? = nil,
        agentsInactive: Int? = nil,
        agentsConnected: Int? = nil,
        agentsDisconnected: Int? = nil,
        agentsUnreachable: Int? = nil,
        isLogRecovered: Bool? = nil,
        ensembleSize: Int? = nil
    ) {
        self.isElected = isElected
        self.uptimeSeconds = uptimeSeconds
        self.agentsActive = agentsActive
        self.agentsInactive = agentsInactive
        self.agentsConnected = agentsConnected
        self.agentsDisconnected = agentsDisconnected
        self.agentsUnreachable = agentsUnreachable
        self.isLogRecovered = isLogRecovered
        self.ensembleSize = ensembleSize
    }
}

/// Of an agent's `/metrics/snapshot`; nil is what this release does not have (mesos-zk-ops.md 5.3).
public struct AgentMetrics: Hashable, Sendable, Codable {
    public var isRegistered: Bool?
    public var recoveryErrors: Int?
    public var uptimeSeconds: Double?

    public init(isRegistered: Bool? = nil, recoveryErrors: Int? = nil, uptimeSeconds: Double? = nil) {
        self.isRegistered = isRegistered
        self.recoveryErrors = recoveryErrors
        self.uptimeSeconds = uptimeSeconds
    }
}

/// The elected master's lists.
public struct RegisteredWithMesos: Hashable, Sendable, Codable {
    /// Who was asked.
    public var leader: NodeName
    /// In the order answered.
    public var agents: [ListedAgent]
    public var frameworks: [ListedFramework]

    public init(leader: NodeName, agents: [ListedAgent], frameworks: [ListedFramework]) {
        self.leader = leader
        self.agents = agents
        self.frameworks = frameworks
    }
}

/// An agent as a master lists it.
public struct ListedAgent: Hashable, Sendable, Codable {
    public var id: String
    /// Such as `slave(1)@10.16.40.11:5051`.
    public var pid: String
    public var hostname: String
    /// false while it is disconnected or deactivated.
    public var isActive: Bool
    public var attributes: [String: String]
    public var resources: MesosResources
    /// Before 0.26, which does not say, what its tasks use; nil where they are not told either.
    public var used: MesosResources?

    public init(
        id: String,
        pid: String,
        hostname: String,
        isActive: Bool = true,
        attributes: [String: String] = [:],
        resources: MesosResources = MesosResources(),
        used: MesosResources? = nil
    ) {
        self.id = id
        self.pid = pid
        self.hostname = hostname
        self.isActive = isActive
        self.attributes = attributes
        self.resources = resources
        self.used = used
    }

    /// Its real address: `hostname` may be anything (mesos-zk-ops.md 5.3).
    public var address: String {
        let place = pid.split(separator: "@").last ?? ""
        let host = place.lastIndex(of: ":").map { place[..<$0] } ?? place
        return String(host.drop { $0 == "[" }.prefix { $0 != "]" })
    }

    /// What no task holds; offers count as free, for they come back.
    ///
    /// nil where it is not known what is used.
    public var free: [String: Double]? {
        used.map { used in
            resources.scalars.reduce(into: [:]) { $0[$1.key] = $1.value - (used.scalars[$1.key] ?? 0) }
        }
    }
}

/// Resources by name: `cpus` and `mem` are numbers, `ports` are ranges such as `[31000-32000]`.
public struct MesosResources: Hashable, Sendable, Codable {
    public var scalars: [String: Double]
    public var ranges: [String: String]

    public init(scalars: [String: Double] = [:], ranges: [String: String] = [:]) {
        self.scalars = scalars
        self.ranges = ranges
    }
}

/// A framework as a master lists it.
public struct ListedFramework: Hashable, Sendable, Codable {
    public var id: String
    public var name: String
    /// Of a Marathon, the leading one's.
    public var hostname: String
    public var isActive: Bool

    public init(id: String, name: String, hostname: String = "", isActive: Bool = true) {
        self.id = id
        self.name = name
        self.hostname = hostname
        self.isActive = isActive
    }
}
