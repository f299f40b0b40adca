public import Daemons
public import Specs

/// What goes on in the lab, for people.
public struct LabStatus: Hashable, Sendable, Codable {
    public struct Node: Hashable, Sendable, Codable {
        public var name: NodeName
        public var address: String
        public var isPoweredOn: Bool
        public var isPluggedIn: Bool
        /// By pid.
        public var services: [Service]
        /// `leader`, `follower`, `standalone`, `looking` or `starting`; nil where no ZooKeeper server runs.
        public var zooKeeperMode: String?
        /// That run.
        public var containers: Int
        /// `repository:tag` of every image that its Docker engine holds, sorted; nil where there is no engine yet.
        public var images: [String]?
    }

    /// One that runs.
    public struct Service: Hashable, Sendable, Codable {
        public var name: ServiceName
        /// Upstream version.
        public var version: String
        public var pid: Int
    }

    public struct Agent: Hashable, Sendable, Codable {
        public var id: String
        public var hostname: String
        public var isActive: Bool
        public var tasks: Int
    }

    public struct App: Hashable, Sendable, Codable {
        public var id: String
        /// As declared to Marathon.
        public var instances: Int
        public var tasks: [Task]
    }

    public struct Task: Hashable, Sendable, Codable {
        public var id: String
        public var host: String
        /// `TASK_RUNNING` and so on.
        public var state: String
        /// nil where nothing checks it.
        public var isHealthy: Bool?
    }

    public var seed: UInt64
    public var now: Moment
    /// In the order of the file.
    public var nodes: [Node]
    public var zooKeeperLeader: NodeName?
    public var mesosLeader: NodeName?
    public var marathonLeader: NodeName?
    /// As the leading master has registered them, by hostname.
    public var agents: [Agent]
    /// As the leading Marathon has them, by id.
    public var apps: [App]
}
