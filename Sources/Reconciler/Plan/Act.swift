public import Specs

/// What a step does.
public enum Act: Hashable, Sendable, Codable {
    /// Actions on one node, in one visit.
    case visit(NodeName, [PlannedAction])
    /// Starts the service on all members at once (a fresh ensemble needs them together).
    case start(ServiceName, [Member])
    /// Restarts the members one at a time; the order is chosen from observation at that moment.
    ///
    /// Before each restart every member must be healthy, after it the step's gate must hold; restarts begin at least
    /// `pauseSeconds` apart.
    case roll(ServiceName, [Member], RollRule, pauseSeconds: Int)
    /// One app of Marathon.
    case app(AppAct)
    /// Waits for a Marathon that this plan starts; what is there already can be compared only then, so the run ends here and
    /// plans again.
    case compareApps(deadlineSeconds: Int)
    /// One image, on one node or where it comes from.
    case image(ImageAct)
    /// One node's link, with its revert armed on the node.
    case network(NetworkAct)

    public struct Member: Hashable, Sendable, Codable {
        public var node: NodeName
        public var planned: [PlannedAction]

        public init(node: NodeName, planned: [PlannedAction]) {
            self.node = node
            self.planned = planned
        }

        public init(node: NodeName, actions: [NodeAction]) {
            self.init(node: node, planned: actions.map { .action($0) })
        }

        /// Those that are known beforehand.
        public var actions: [NodeAction] {
            planned.compactMap { if case .action(let action) = $0 { action } else { nil } }
        }
    }
}

public enum RollRule: Hashable, Sendable, Codable {
    /// Followers first, the leader of the moment last; needs one leader and all others synced before each restart.
    case zooKeeperLeaderLast(ZooKeeperRing)
    /// Standbys first, the elected master last; needs exactly one elected.
    case mesosLeaderLast(port: Int)
    /// In the order given.
    case inOrder
}

/// An ensemble as gates ask it.
public struct ZooKeeperRing: Hashable, Sendable, Codable {
    public struct Server: Hashable, Sendable, Codable {
        public var node: NodeName
        public var id: Int
        public var address: String
        public var port: Int

        public init(node: NodeName, id: Int, address: String, port: Int) {
            self.node = node
            self.id = id
            self.address = address
            self.port = port
        }
    }

    public var servers: [Server]

    public init(servers: [Server]) { self.servers = servers }
}

/// An action as planned; some content is known only once a package has brought its files.
public enum PlannedAction: Hashable, Sendable, Codable {
    case action(NodeAction)
    /// Sets keys in what is there at that moment (a package just installed brought it); read, edited and compare-and-swapped
    /// then.
    case edit(LateEdit)
    /// Stops here unless the program that is installed now knows the flags it would be started with.
    case checkFlags(FlagCheck)
}

/// What a program that was just installed will be started with; a Mesos daemon exits on a flag it does not know
/// (mesos-zk-ops.md 1.3, F15).
public struct FlagCheck: Hashable, Sendable, Codable {
    public var service: ServiceName
    /// Where its program may be, in the order of preference.
    public var programs: [String]
    /// Without dashes, sorted.
    public var flags: [String]

    public init(service: ServiceName, programs: [String], flags: [String]) {
        self.service = service
        self.programs = programs
        self.flags = flags
    }
}

/// A write whose starting content is not known when the plan is made.
public struct LateEdit: Hashable, Sendable, Codable {
    public enum Body: Hashable, Sendable, Codable {
        case whole(Content)
        case keyed(KeyedEdit)
        case absent
    }

    public var path: String
    public var body: Body
    public var mode: Int?
    public var owner: String?
    public var group: String?
    public var readBy: [ServiceName]
    /// What was observed and must still be there; nil where the file comes with a package that is yet to be installed.
    public var expected: FileExpectation?

    public init(
        path: String,
        body: Body,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        readBy: [ServiceName] = [],
        expected: FileExpectation? = nil
    ) {
        self.path = path
        self.body = body
        self.mode = mode
        self.owner = owner
        self.group = group
        self.readBy = readBy
        self.expected = expected
    }
}
