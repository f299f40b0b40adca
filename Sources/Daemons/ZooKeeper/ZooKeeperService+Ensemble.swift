/// Leaders and their followers: getting in sync, staying in touch, going back to looking.
extension ZooKeeperService {
    /// The next step of a server's own: its port after its start, its leader's port, the end of its synchronisation.
    mutating func step(_ server: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        processes[server]?.stepsAt = nil
        guard let process = processes[server] else { return }
        switch process.role {
        case .starting: listen(server, now, network)
        case .following(let following):
            switch following.stage {
            case .connecting: dialLeader(server, following, now, network)
            case .syncing: finishSync(server, following, now)
            case .synced: break
            }
        case .looking: if process.bindFailure != nil { end(server, now) }
        case .standalone, .leading: break
        }
        settle(now, network)
    }

    /// The ports are bound: the client port, and for a member the election port at its own entry's address.
    private mutating func listen(_ server: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        guard let process = processes[server] else { return }
        guard process.isReplicated, let own = process.config.member(process.id) else {
            processes[server]?.role = .standalone
            countSessions(of: server, now)
            return
        }
        processes[server]?.role = .looking
        let address = network.resolve(own.host, on: server.node)
        let isTaken = processes.contains { id, other in
            id != server && (id.node == server.node || address?.isLoopback ?? false) && other.quorumAddress == address
                && other.electionPort == own.electionPort
        }
        if process.config.listensOnAllAddresses {
            processes[server]?.quorumAddress = "*"
        } else if let address, process.owns(address), !isTaken {
            processes[server]?.quorumAddress = address
        } else if process.version.isDynamic {
            processes[server]?.bindFailure = isTaken ? "Address already in use" : "Cannot assign requested address"
            step(server, after: 3000, from: now)
        }
    }

    /// 3.4 stays up, deaf; later versions try three times and end (E4; `ExitCode.UNABLE_TO_BIND_QUORUM_PORT`).
    private mutating func end(_ server: ZooKeeperServerID, _ now: Moment) {
        guard let process = processes[server], let failure = process.bindFailure,
            let own = process.config.member(process.id), let data = stop(server, at: now)
        else { return }
        let message = """
            Exception while listening to address \(own.host):\(own.electionPort)
            java.net.BindException: \(failure)
            """
        exits.append(Exit(server: server, exit: DaemonExit(status: 14, message), data: data))
    }

    private mutating func dialLeader(
        _ server: ZooKeeperServerID,
        _ following: ZooKeeperServer.Following,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) {
        guard let leading = processes[following.leader]?.leading,
            dials(server, following.leader, following.address, network)
        else {
            // Learner.connectToLeader: five attempts, a second apart.
            if now - following.since >= 5000 { look(server, now) } else { step(server, after: 1000, from: now) }
            return
        }
        if let epoch = leading.epoch {
            guard disks[server]?.epoch ?? 0 <= epoch else {
                // "Leaders epoch, X is less than accepted epoch, Y": again and again.
                look(server, now)
                processes[server]?.joinsFrom = now + 1000
                return
            }
            startSync(server, with: following.leader, epoch, now)
        } else {
            changeFollowing(server) { $0.stage = .syncing }
            establish(following.leader, now)
        }
    }

    /// The new epoch stands as soon as a majority is connected to the leader.
    mutating func establish(_ leader: ZooKeeperServerID, _ now: Moment) {
        guard let process = processes[leader], let leading = process.leading, leading.epoch == nil else { return }
        let connected = servers.filter {
            processes[$0]?.following.map { $0.leader == leader && $0.stage == .syncing } ?? false
        }
        let voters = connected.filter { processes[$0]?.isObserver == false }
        guard process.isQuorum([process.id] + voters.compactMap { processes[$0]?.id }) else { return }
        let epoch = ([leader] + connected).map { disks[$0]?.epoch ?? 0 }.reduce(0, max) + 1
        disks[leader]?.epoch = epoch
        changeLeading(leader) { $0.epoch = epoch }
        for server in connected { startSync(server, with: leader, epoch, now) }
        serve(leader, now)
    }

    private mutating func startSync(
        _ server: ZooKeeperServerID,
        with leader: ZooKeeperServerID,
        _ epoch: Int,
        _ now: Moment
    ) {
        let isServing = processes[leader]?.leading?.isServing ?? false
        // Those who make a leader one keep the zxid of before; a later one gets the epoch's first (E5, E6).
        let zxid = isServing ? max(epoch << 32, disks[leader]?.zxid ?? 0) : disks[leader]?.zxid ?? 0
        changeFollowing(server) {
            $0.stage = .syncing
            $0.zxid = zxid
        }
        step(server, after: 40 + random(50), from: now)
    }

    /// In sync: what it had of its own, and the leader has not, is gone.
    private mutating func finishSync(
        _ server: ZooKeeperServerID,
        _ following: ZooKeeperServer.Following,
        _ now: Moment
    ) {
        guard let process = processes[server], processes[following.leader]?.leading?.epoch != nil else { return }
        changeFollowing(server) {
            $0.stage = .synced
            $0.isSharing = true
            $0.lastHeard = now
        }
        disks[server] = nil
        let learner = ZooKeeperServer.Learner(
            server: server,
            id: process.id,
            isObserver: process.isObserver,
            address: process.addresses.first ?? "127.0.0.1",
            lastHeard: now
        )
        changeLeading(following.leader) { leading in
            leading.learners.removeAll { $0.server == server }
            leading.learners.append(learner)
            leading.learners.sort { $0.id < $1.id }
        }
        serve(following.leader, now)
    }

    /// A leader serves as soon as a majority is in sync; every session gets its whole time anew.
    private mutating func serve(_ leader: ZooKeeperServerID, _ now: Moment) {
        guard let process = processes[leader], let leading = process.leading, leading.epoch != nil,
            !leading.isServing,
            process.isQuorum([process.id] + leading.learners.filter { !$0.isObserver }.map(\.id))
        else { return }
        changeLeading(leader) { $0.isServing = true }
        countSessions(of: leader, now)
    }

    /// Followers notice at once that a leader hung up, after `syncLimit` ticks that nothing comes any more.
    mutating func checkLeader(of server: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        guard let process = processes[server], let following = process.following else { return }
        let isReached =
            network.reaches(from: server.node, address: following.address) || isSameMachine(server, following)
        let leader = processes[following.leader]
        let leads = leader?.leading != nil && leader?.leadingSince.map { $0 <= following.since } ?? false
        if isReached {
            guard leads else { return look(server, now, network) }
            guard following.lastHeard != now else { return }
            changeFollowing(server) { $0.lastHeard = now }
            if following.stage == .synced, !following.isSharing { share(server, now) }
            return
        }
        unshare(server)
        if now - following.lastHeard > process.config.syncLimit * process.config.tickTime { look(server, now, network) }
    }

    private func isSameMachine(_ server: ZooKeeperServerID, _ following: ZooKeeperServer.Following) -> Bool {
        following.address.isLoopback && server.node == following.leader.node
    }

    /// Twice a tick a leader looks whether a majority is still there, and gives up without one.
    mutating func checkFollowers(of leader: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        guard let process = processes[leader], var leading = process.leading else { return }
        let patience = process.config.syncLimit * process.config.tickTime
        leading.learners = leading.learners.compactMap { learner in
            var learner = learner
            let follows = processes[learner.server]?.following?.leader == leader
            let isReached = network.reaches(from: leader.node, address: learner.address)
            if follows, isReached { learner.lastHeard = now }
            return follows && now - learner.lastHeard <= patience
                || !follows && !isReached
                    && now - learner.lastHeard <= patience
                ? learner : nil
        }
        processes[leader]?.role = .leading(leading)
        if leading.isServing {
            let ids = leading.learners.filter { !$0.isObserver }.map(\.id)
            if !process.isQuorum([process.id] + ids) { look(leader, now, network) }
        } else if leading.givesUpAt <= now {
            look(leader, now, network)
        }
    }

    /// Back to looking for a leader; connections of clients are closed.
    mutating func look(_ server: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        look(server, now)
        dropClients(of: server, now, network)
    }

    private mutating func look(_ server: ZooKeeperServerID, _ now: Moment) {
        let zxid = zxid(of: server)
        if processes[server]?.leading != nil { unshareFollowers(of: server) }
        unshare(server)
        disks[server]?.zxid = zxid
        expiring[server] = nil
        processes[server]?.role = .looking
        processes[server]?.leadingSince = nil
        processes[server]?.stepsAt = nil
        agenda.add(.settle, at: now)
    }

    /// A follower cut off from its leader stays with what it has.
    mutating func unshare(_ server: ZooKeeperServerID) {
        guard let following = processes[server]?.following, following.isSharing else { return }
        let zxid = zxid(of: server)
        disks[server] = disks[following.leader]
        disks[server]?.zxid = zxid
        changeFollowing(server) { $0.isSharing = false }
    }

    mutating func unshareFollowers(of leader: ZooKeeperServerID) {
        for server in servers where processes[server]?.following?.leader == leader { unshare(server) }
    }

    private mutating func share(_ server: ZooKeeperServerID, _ now: Moment) {
        changeFollowing(server) { $0.isSharing = true }
        disks[server] = nil
        for client in connections[server]?.sorted() ?? [] { checkWatches(of: client) }
    }

    mutating func changeFollowing(_ server: ZooKeeperServerID, _ change: (inout ZooKeeperServer.Following) -> Void) {
        guard var following = processes[server]?.following else { return }
        change(&following)
        processes[server]?.role = .following(following)
    }

    mutating func changeLeading(_ server: ZooKeeperServerID, _ change: (inout ZooKeeperServer.Leading) -> Void) {
        guard var leading = processes[server]?.leading else { return }
        change(&leading)
        processes[server]?.role = .leading(leading)
    }
}
