/// All ZooKeeper servers and client sessions of a world: one value, because election and replication are about the network between them.
public struct ZooKeeperService: Sendable, Codable {
    let seed: UInt64
    var events: [Delivery] = []

    struct Delivery: Sendable, Codable {
        var client: ZooKeeperClientID
        var event: CoordinationEvent
    }

    public init(seed: UInt64) { self.seed = seed }

    /// A server process begins.
    /// - Throws: The real server's last words, where it ends by itself at once.
    public mutating func start(
        _ server: ZooKeeperServerID,
        _ start: ZooKeeperServerStart,
        at now: Moment
    ) throws(DaemonExit) {}

    /// Ends a server process, by whatever signal.
    /// - Returns: What stays on its disk; nil where no such server runs.
    @discardableResult
    public mutating func stop(_ server: ZooKeeperServerID, at now: Moment) -> ZooKeeperData? { nil }

    /// What a running server has on its disk.
    public func data(of server: ZooKeeperServerID) -> ZooKeeperData? { nil }

    /// Servers whose processes run, sorted.
    public var servers: [ZooKeeperServerID] { [] }

    /// What is known of a running server from the inside.
    public func status(of server: ZooKeeperServerID) -> ZooKeeperStatus? { nil }

    /// Answers a four-letter word sent over TCP.
    /// - Returns: Every byte until the server closes; nil where nothing listens.
    public mutating func word(_ word: String, to endpoint: Endpoint, on node: String, at now: Moment) -> String? { nil }

    /// Takes a request of a client; carried out by `advance`.
    public mutating func request(_ request: CoordinationRequest, from client: ZooKeeperClientID, at now: Moment) {}

    /// A client process is gone without closing its session, which stays until its timeout.
    public mutating func clientEnded(_ client: ZooKeeperClientID, at now: Moment) {}

    /// Lets time pass: elections, synchronisation, requests, session expiry, over the network as it is now.
    public mutating func advance(to now: Moment, over network: some ZooKeeperNetwork) {}

    /// What has come for clients since the last call, in order.
    public mutating func takeEvents() -> [(client: ZooKeeperClientID, event: CoordinationEvent)] {
        defer { events = [] }
        return events.map { ($0.client, $0.event) }
    }

    /// When `advance` is wanted next; nil for as long as nothing else happens.
    public var wakes: Moment? { nil }
}

/// A running server from the inside, for tests and for showing a lab.
public struct ZooKeeperStatus: Hashable, Sendable, Codable {
    public enum Mode: String, Hashable, Sendable, Codable {
        case starting, looking, standalone, leader, follower, observer
    }

    public var mode: Mode
    /// Whether clients are served.
    public var isServing: Bool
    /// myid; 0 for a standalone server.
    public var id: Int
    /// Of the leader that it is or follows.
    public var leader: Int?
    public var zxid: Int
    public var nodeCount: Int
    /// The member ids of its own list, as read at its start.
    public var members: [Int]
    /// Ids of the followers that are in sync, for a leader.
    public var syncedFollowers: [Int]
    public var connections: Int
}
