/// Whose data a server shows, and who acknowledges a write.
extension ZooKeeperService {
    /// The server whose data this one shows: its leader while in sync, itself otherwise.
    func holder(of server: ZooKeeperServerID) -> ZooKeeperServerID {
        guard let following = processes[server]?.following, following.isSharing else { return server }
        return following.leader
    }

    func isServing(_ server: ZooKeeperServerID) -> Bool {
        guard let process = processes[server] else { return false }
        switch process.role {
        case .standalone: return true
        case .leading(let leading): return leading.isServing
        case .following(let following):
            guard following.stage == .synced else { return false }
            return !following.isSharing || processes[following.leader]?.leading?.isServing ?? false
        case .starting, .looking: return false
        }
    }

    /// What `srvr` calls Zxid: a leader's is at least its epoch's first.
    func zxid(of server: ZooKeeperServerID) -> Int {
        guard let process = processes[server] else { return 0 }
        let last = disks[holder(of: server)]?.zxid ?? 0
        if let epoch = process.leading?.epoch { return max(last, epoch << 32) }
        guard let following = process.following, following.isSharing else { return last }
        let epoch = processes[following.leader]?.leading?.epoch ?? 0
        return last > epoch << 32 ? last : following.zxid
    }

    func nextZxid(of leader: ZooKeeperServerID) -> Int { zxid(of: leader) + 1 }

    /// Who carries out the writes that come to a server; nil where its leader is out of reach.
    func writer(via server: ZooKeeperServerID, _ network: some ZooKeeperNetwork) -> ZooKeeperServerID? {
        guard let process = processes[server], isServing(server) else { return nil }
        guard let following = process.following else { return server }
        guard following.isSharing, isHeard(server, following, network), isServing(following.leader) else { return nil }
        return following.leader
    }

    /// Whether a write gets its majority of the leader's list; followers out of reach stay behind with what they have.
    mutating func acknowledge(_ leader: ZooKeeperServerID, _ network: some ZooKeeperNetwork) -> Bool {
        guard let process = processes[leader], let leading = process.leading else {
            return processes[leader]?.role == .standalone
        }
        guard leading.isServing else { return false }
        var ids = [process.id]
        for learner in leading.learners {
            guard let following = processes[learner.server]?.following, following.leader == leader else { continue }
            if following.isSharing, isHeard(learner.server, following, network) {
                if !learner.isObserver { ids.append(learner.id) }
            } else {
                unshare(learner.server)
            }
        }
        return process.isQuorum(ids)
    }

    private func isHeard(
        _ server: ZooKeeperServerID,
        _ following: ZooKeeperServer.Following,
        _ network: some ZooKeeperNetwork
    ) -> Bool {
        network.reaches(from: server.node, address: following.address)
            || following.address.isLoopback && server.node == following.leader.node
    }

    /// The server that listens for clients at an address, as a machine dials it.
    func server(at endpoint: Endpoint, from node: String) -> ZooKeeperServerID? {
        servers.first { server in
            guard let process = processes[server], process.config.clientPort == endpoint.port,
                process.accepts(endpoint.host)
            else { return false }
            return process.addresses.contains(endpoint.host) || endpoint.host.isLoopback && server.node == node
        }
    }

    mutating func beat(_ now: Moment, _ network: some ZooKeeperNetwork) {
        beatsAt = nil
        guard !processes.isEmpty else { return }
        for server in servers where processes[server]?.leading != nil { checkFollowers(of: server, now, network) }
        settle(now, network)
        checkConnections(now, network)
        for server in servers { expireSessions(of: server, now, network) }
        beat(from: now)
    }
}
