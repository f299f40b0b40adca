/// Fast leader election as its outcome: who may agree with whom, and when.
extension ZooKeeperService {
    /// Followers leave a leader that is none any more, those who look agree on one.
    mutating func settle(_ now: Moment, _ network: some ZooKeeperNetwork) {
        for server in servers { checkLeader(of: server, now, network) }
        let looking = servers.filter { processes[$0].map { $0.isLooking && $0.quorumAddress != nil } ?? false }
        guard !looking.isEmpty else { return }
        var links = Links()
        var choices = joins(looking, now, network, &links)
        let undecided = looking.filter { choices[$0] == nil && processes[$0]?.isObserver == false }
        for (server, leader) in agreements(undecided, network, &links) { choices[server] = leader }
        for server in looking { consider(server, choices[server], now) }
        for server in looking where processes[server]?.choice == server {
            guard let due = processes[server]?.decidesAt, due <= now else { continue }
            elect(server, looking.filter { $0 != server && processes[$0]?.choice == server }, now, network)
        }
        for server in looking {
            guard let process = processes[server], process.isLooking, let leader = process.choice,
                processes[leader]?.leading != nil, let due = process.decidesAt, due <= now
            else { continue }
            follow(leader, server, now, network)
        }
    }

    /// Which election links stand; asked for once in an evaluation.
    struct Links {
        private var known: [[ZooKeeperServerID]: Bool] = [:]

        mutating func stand(
            _ a: ZooKeeperServerID,
            _ b: ZooKeeperServerID,
            in service: ZooKeeperService,
            _ network: some ZooKeeperNetwork
        ) -> Bool {
            let key = a < b ? [a, b] : [b, a]
            if let known = known[key] { return known }
            let stands = service.areLinked(a, b, network)
            known[key] = stands
            return stands
        }
    }

    /// Of two servers the one with the higher id dials; a lower one that dials is hung up on and dialled back.
    ///
    /// QuorumCnxManager.handleConnection: dialled back at the address of its own list, from 3.5 on also at the one that the
    /// other announces; 3.4 knows only ids of its list. That is why a server whose election port is bound to a loopback
    /// address is heard by lower ids only (mesos-zk-ops.md 6, E10).
    func areLinked(_ a: ZooKeeperServerID, _ b: ZooKeeperServerID, _ network: some ZooKeeperNetwork) -> Bool {
        guard let first = processes[a], let second = processes[b], first.id != second.id else { return false }
        let (low, high) = first.id < second.id ? (a, b) : (b, a)
        guard let lower = processes[low], let higher = processes[high] else { return false }
        let listed = higher.config.member(lower.id)
        if let listed, let address = network.resolve(listed.host, on: high.node),
            dials(high, low, address, network)
        {
            return true
        }
        guard let member = lower.config.member(higher.id),
            let address = network.resolve(member.host, on: low.node), dials(low, high, address, network),
            higher.version.isDynamic, lower.version.isDynamic, let announced = lower.quorumAddress
        else { return false }
        return dials(high, low, announced == "*" ? lower.addresses.first ?? "127.0.0.1" : announced, network)
    }

    /// Whether `from` gets a connection to the election or quorum port of `to` at that address.
    func dials(
        _ from: ZooKeeperServerID,
        _ to: ZooKeeperServerID,
        _ address: String,
        _ network: some ZooKeeperNetwork
    ) -> Bool {
        guard let target = processes[to], target.role != .starting, let bound = target.quorumAddress else {
            return false
        }
        guard bound == address || bound == "*" && target.owns(address) else { return false }
        if address.isLoopback, !target.addresses.contains(address) { return from.node == to.node }
        return network.reaches(from: from.node, address: address)
    }

    /// Who finds a leader that a majority of its own list follows already.
    private func joins(
        _ looking: [ZooKeeperServerID],
        _ now: Moment,
        _ network: some ZooKeeperNetwork,
        _ links: inout Links
    ) -> [ZooKeeperServerID: ZooKeeperServerID] {
        let leaders = servers.filter { processes[$0]?.leading != nil }
        var choices: [ZooKeeperServerID: ZooKeeperServerID] = [:]
        for server in looking {
            guard let process = processes[server], process.joinsFrom <= now else { continue }
            choices[server] = leaders.first { leader in
                guard let id = processes[leader]?.id, process.config.member(id) != nil,
                    links.stand(server, leader, in: self, network)
                else { return false }
                let followers = servers.filter {
                    processes[$0]?.following?.leader == leader && links.stand(server, $0, in: self, network)
                }
                return process.isListedQuorum([id] + followers.compactMap { processes[$0]?.id })
            }
        }
        return choices
    }

    /// Who agrees with a majority of its own list on the best vote there is.
    private func agreements(
        _ looking: [ZooKeeperServerID],
        _ network: some ZooKeeperNetwork,
        _ links: inout Links
    ) -> [(ZooKeeperServerID, ZooKeeperServerID)] {
        var best: [ZooKeeperServerID: ZooKeeperServerID] = [:]
        for server in looking { best[server] = server }
        var peers: [ZooKeeperServerID: [ZooKeeperServerID]] = [:]
        for server in looking {
            guard let list = processes[server]?.config else { continue }
            peers[server] = looking.filter { peer in
                guard peer != server, let id = processes[peer]?.id, list.member(id) != nil else { return false }
                return links.stand(server, peer, in: self, network)
            }
        }
        // A vote goes on from server to server: at most as many rounds as there are servers.
        for _ in looking {
            for server in looking {
                for peer in peers[server] ?? [] {
                    guard let heard = best[peer], let mine = best[server], let list = processes[server]?.config,
                        let id = processes[heard]?.id, list.member(id) != nil, vote(mine) < vote(heard)
                    else { continue }
                    best[server] = heard
                }
            }
        }
        return looking.compactMap { server in
            guard let process = processes[server], let choice = best[server] else { return nil }
            let voters = [server] + (peers[server] ?? []).filter { best[$0] == choice }
            return process.isListedQuorum(voters.compactMap { processes[$0]?.id }) ? (server, choice) : nil
        }
    }

    /// The later epoch, then the later transaction, then the higher id wins.
    private func vote(_ server: ZooKeeperServerID) -> (Int, Int, Int) {
        (disks[server]?.epoch ?? 0, disks[server]?.zxid ?? 0, processes[server]?.id ?? 0)
    }

    /// A choice must stand for a while: 200 ms among those who look (`finalizeWait`), longer where a leader is found.
    private mutating func consider(_ server: ZooKeeperServerID, _ choice: ZooKeeperServerID?, _ now: Moment) {
        guard processes[server]?.choice != choice || choice != nil && processes[server]?.decidesAt == nil else {
            return
        }
        processes[server]?.choice = choice
        guard let choice else {
            processes[server]?.decidesAt = nil
            return
        }
        let isJoining = processes[choice]?.leading != nil
        let due = now + (isJoining ? 300 + random(500) : 200 + random(60))
        processes[server]?.decidesAt = due
        agenda.add(.settle, at: due)
    }

    private mutating func elect(
        _ leader: ZooKeeperServerID,
        _ followers: [ZooKeeperServerID],
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) {
        guard let config = processes[leader]?.config else { return }
        let limit = now + config.initLimit * config.tickTime
        processes[leader]?.role = .leading(.init(givesUpAt: limit))
        processes[leader]?.leadingSince = now
        processes[leader]?.choice = nil
        processes[leader]?.decidesAt = nil
        for follower in followers { follow(leader, follower, now, network) }
        establish(leader, now)
    }

    private mutating func follow(
        _ leader: ZooKeeperServerID,
        _ server: ZooKeeperServerID,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) {
        guard let id = processes[leader]?.id, let member = processes[server]?.config.member(id) else { return }
        let address = network.resolve(member.host, on: server.node) ?? member.host
        processes[server]?.role = .following(
            .init(leader: leader, leaderID: id, address: address, since: now, lastHeard: now)
        )
        processes[server]?.choice = nil
        processes[server]?.decidesAt = nil
        step(server, after: 10 + random(20), from: now)
    }
}
