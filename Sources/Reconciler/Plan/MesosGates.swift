/// Masters that serve as one (mesos-zk-ops.md 3.2, gate G).
public struct MasterGate: Hashable, Sendable, Codable {
    /// Each must be well.
    public var masters: [ServicePlace]
    /// Declared masters that need not answer now, and one of which may be the elected one.
    public var others: [ServicePlace]
    public var quorum: Int
    public var zk: String
    /// Declared agents, for their names in what is missing.
    public var agents: [ServicePlace]

    public init(
        masters: [ServicePlace],
        others: [ServicePlace] = [],
        quorum: Int,
        zk: String,
        agents: [ServicePlace] = []
    ) {
        self.masters = masters
        self.others = others
        self.quorum = quorum
        self.zk = zk
        self.agents = agents
    }
}

/// Agents that have registered, and are listed by the elected one of `masters` (mesos-zk-ops.md 4.4).
public struct AgentGate: Hashable, Sendable, Codable {
    public struct Agent: Hashable, Sendable, Codable {
        public var place: ServicePlace
        /// As it announces itself; its address may be another one in the master's list (`--advertise_ip`).
        public var hostname: String?

        public init(_ place: ServicePlace, hostname: String? = nil) {
            self.place = place
            self.hostname = hostname
        }
    }

    public var agents: [Agent]
    /// Empty: this cluster declares none, and what the agents say of themselves must do.
    public var masters: [ServicePlace]

    public init(agents: [Agent], masters: [ServicePlace]) {
        self.agents = agents
        self.masters = masters
    }
}

/// Marathons that know a leader, with the framework that they had before (mesos-zk-ops.md 11).
public struct MarathonGate: Hashable, Sendable, Codable {
    public var marathons: [ServicePlace]
    /// Where the framework is looked up; empty: this cluster declares none, and it is not.
    public var masters: [ServicePlace]
    /// The release that each must say it is; nil: any.
    ///
    /// Set only where no other one runs, since standbys hand out what the leader says.
    public var version: String?

    public init(marathons: [ServicePlace], masters: [ServicePlace], version: String? = nil) {
        self.marathons = marathons
        self.masters = masters
        self.version = version
    }
}
