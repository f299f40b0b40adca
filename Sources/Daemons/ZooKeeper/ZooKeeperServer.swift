/// A running server process.
struct ZooKeeperServer: Sendable, Codable {
    enum Role: Hashable, Sendable, Codable {
        /// Java starts: nothing listens yet.
        case starting
        case standalone
        case looking
        case leading(Leading)
        case following(Following)
    }

    struct Leading: Hashable, Sendable, Codable {
        /// nil as long as a majority has not accepted the new epoch.
        var epoch: Int?
        var isServing = false
        /// It goes back to looking where nobody comes until then (`initLimit`).
        var givesUpAt: Moment
        var learners: [Learner] = []
    }

    struct Learner: Hashable, Sendable, Codable {
        var server: ZooKeeperServerID
        var id: Int
        var isObserver: Bool
        /// One of its addresses.
        var address: String
        var lastHeard: Moment
    }

    struct Following: Hashable, Sendable, Codable {
        enum Stage: Hashable, Sendable, Codable { case connecting, syncing, synced }

        var leader: ZooKeeperServerID
        var leaderID: Int
        /// Where it dials the leader's quorum port.
        var address: String
        var stage = Stage.connecting
        var since: Moment
        var lastHeard: Moment
        /// Whether it has everything that the leader has, and so shares the leader's data.
        var isSharing = false
        /// The zxid of before the epoch, for one of those who made the leader one; the epoch's first for a later one.
        var zxid = 0
    }

    var version: ZooKeeperVersion
    var config: ZooKeeperConfig
    /// 0 for a standalone server.
    var id: Int
    /// The machine's addresses.
    var addresses: [String]
    var startedAt: Moment
    var leadingSince: Moment?
    var role = Role.starting
    /// Where its election and quorum ports listen: an address, `*`, or nil for a deaf server.
    var quorumAddress: String?
    /// Why its election port could not be bound: it ends soon.
    var bindFailure: String?
    /// The leader that it and a majority agree on, and when that becomes a decision.
    var choice: ZooKeeperServerID?
    var decidesAt: Moment?
    /// The only entry of the agenda that counts.
    var stepsAt: Moment?
    var nextSession: Int
    /// Not before then after a refusal.
    var joinsFrom: Moment
    var received = 0
    var sent = 0

    var isReplicated: Bool { config.isReplicated(version) }

    var isObserver: Bool {
        version.isDynamic ? config.member(id)?.isObserver ?? config.isObserver : config.isObserver
    }

    var isLooking: Bool { role == .looking }

    /// Whether `ids` are a majority of its own list; 3.4 counts whoever acknowledges (mesos-zk-ops.md 2.3).
    func isQuorum(_ ids: [Int]) -> Bool {
        let voters = config.voters
        let counted = version.isDynamic ? ids.filter { id in voters.contains { $0.id == id } } : ids
        return counted.count > voters.count / 2
    }

    /// Whether `ids`, all of its list, are a majority of it.
    func isListedQuorum(_ ids: [Int]) -> Bool {
        let voters = config.voters
        return ids.count { id in voters.contains { $0.id == id } } > voters.count / 2
    }

    var leading: Leading? {
        if case .leading(let leading) = role { leading } else { nil }
    }

    var following: Following? {
        if case .following(let following) = role { following } else { nil }
    }

    var electionPort: Int? { config.member(id)?.electionPort }

    /// Whether both want the same client port at the same address.
    func sharesClientPort(with other: ZooKeeperServer) -> Bool {
        guard let port = config.clientPort, port == other.config.clientPort else { return false }
        let mine = config.clientPortAddress, others = other.config.clientPortAddress
        return mine == nil || others == nil || mine == others
    }

    /// Whether something listens at that address for clients.
    func accepts(_ address: String) -> Bool {
        guard role != .starting, config.clientPort != nil else { return false }
        guard let bound = config.clientPortAddress, bound != "0.0.0.0" else { return owns(address) }
        return bound == address || !bound.first.isDigit && owns(address)
    }

    func owns(_ address: String) -> Bool { addresses.contains(address) || address.isLoopback }
}

extension Character? {
    fileprivate var isDigit: Bool { self?.isNumber ?? false }
}

extension String {
    /// An address of 127.0.0.0/8.
    var isLoopback: Bool { hasPrefix("127.") }
}
