public import Specs

/// A condition that is polled after a step until it holds or its deadline passes.
public struct Gate: Hashable, Sendable, Codable {
    public var condition: GateCondition
    public var deadlineSeconds: Int
    /// What is being waited for, in words, such as "one leader and two followers".
    public var words: String

    public init(_ condition: GateCondition, deadlineSeconds: Int, words: String) {
        self.condition = condition
        self.deadlineSeconds = deadlineSeconds
        self.words = words
    }
}

/// What a gate looks at; each is a small observation of the nodes it concerns.
public enum GateCondition: Hashable, Sendable, Codable {
    /// Exactly one leader, all others following it, each with its own id where it tells.
    case zooKeeperQuorum(ZooKeeperRing)
    /// Running with one and the same main process for `seconds`, and listening on `ports` of `address`.
    case serviceStable(ServiceName, node: NodeName, seconds: Int, listening: [Endpoint])
    /// Running for `seconds`, with one and the same main process where it has one: a timer or a one-time service has none.
    case serviceUp(ServiceName, node: NodeName, seconds: Int)
    /// Stopped, and off at boot.
    case serviceOff(ServiceName, node: NodeName)
    case dockerEngine(node: NodeName)
    /// The platform is what was assumed: the layout facts, and the named packages at the expected upstream versions.
    case platform(node: NodeName, Platform)
    /// The node's sources offer a version of a package that begins with `pin`.
    case offered(String, pin: String, node: NodeName)
    /// All answer, exactly one is elected, each runs with the declared quorum and has its log, and the agents that were
    /// registered before are again.
    case mesosMasters(MasterGate)
    case mesosAgents(AgentGate)
    case marathon(MarathonGate)
    /// HAProxy and the bridge's cron run, the bridge has run well, and every listener of haproxy.cfg listens.
    case loadBalancer(LoadBalancerGate)
    case all([GateCondition])

    public struct Endpoint: Hashable, Sendable, Codable {
        public var address: String
        public var port: Int
        /// Path of a GET that must answer 200; nil: that the port takes a connection is enough.
        public var path: String?

        public init(address: String, port: Int, path: String? = nil) {
            self.address = address
            self.port = port
            self.path = path
        }
    }
}
