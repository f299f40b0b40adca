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
    /// Id of the leader that it is or follows.
    public var leader: Int?
    public var zxid: Int
    /// As `srvr` counts them.
    public var nodeCount: Int
    /// The member ids of its own list, as read at its start.
    public var members: [Int]
    /// Ids of the voting followers that are in sync, for a leader.
    public var syncedFollowers: [Int]
    /// Of clients.
    public var connections: Int
}

extension ZooKeeperService {
    /// What is known of a running server; nil where none runs.
    public func status(of server: ZooKeeperServerID) -> ZooKeeperStatus? {
        guard let process = processes[server] else { return nil }
        return ZooKeeperStatus(
            mode: mode(process),
            isServing: isServing(server),
            id: process.id,
            leader: process.leading != nil ? process.id : process.following?.leaderID,
            zxid: zxid(of: server),
            nodeCount: nodeCount(server),
            members: process.config.members.map(\.id),
            syncedFollowers: process.leading?.learners.filter { !$0.isObserver }.map(\.id) ?? [],
            connections: connections[server]?.count ?? 0
        )
    }

    private func mode(_ process: ZooKeeperServer) -> ZooKeeperStatus.Mode {
        switch process.role {
        case .starting: .starting
        case .looking: .looking
        case .standalone: .standalone
        case .leading: .leader
        case .following: process.isObserver ? .observer : .follower
        }
    }

    /// Beside the tree: the empty path, and from 3.5 on /zookeeper/config.
    func nodeCount(_ server: ZooKeeperServerID) -> Int {
        (disks[holder(of: server)]?.nodeCount ?? 0) + (processes[server]?.version.isDynamic ?? false ? 2 : 1)
    }

    /// Where a server's process listens on its node now; `*` for all its addresses.
    public func listeners(of server: ZooKeeperServerID) -> [Endpoint] {
        guard let process = processes[server], process.role != .starting else { return [] }
        var listeners: [Endpoint] = []
        if let port = process.config.clientPort {
            listeners.append(Endpoint(process.config.clientPortAddress ?? "*", port))
        }
        if let address = process.quorumAddress, let own = process.config.member(process.id) {
            if process.leading != nil { listeners.append(Endpoint(address, own.quorumPort)) }
            listeners.append(Endpoint(address, own.electionPort))
        }
        return listeners
    }
}
