/// A master's place in ZooKeeper: among the contenders, and among the replicas of the log (mesos-zk-ops.md 3.1).
struct MasterGroup: Hashable, Sendable, Codable {
    static let candidacyTag = 1
    static let replicaTag = 2
    static let ignoredTag = 3
    static let replicasTag = 4
    static let detectionTag = 10
    static let firstReplicaTag = 100

    let path: String
    var detection: Mesos.MasterDetection
    /// Made in this session.
    var candidacy: String?
    var membership: String?
    var isConnected = false
    /// Members of the log by node name; those whose data is asked for, by tag.
    var replicas: [String: ProcessID] = [:]
    var asked: [Int: String] = [:]
    private var nextTag = Self.firstReplicaTag

    init(_ path: String) {
        self.path = path
        detection = Mesos.MasterDetection(path: path, firstTag: Self.detectionTag)
    }

    var replicasPath: String { Mesos.MasterDetection.join(path, "log_replicas") }

    /// Asks for the data of members not known yet and forgets who is gone.
    mutating func see(_ names: [String], _ effects: inout [DaemonEffect]) {
        let present = Set(names)
        for name in replicas.keys where !present.contains(name) { replicas[name] = nil }
        for name in names where replicas[name] == nil && !asked.values.contains(name) {
            asked[nextTag] = name
            effects.append(.coordinate(.get(tag: nextTag, path: "\(replicasPath)/\(name)")))
            nextTag += 1
        }
    }

    mutating func forgetSession() { (candidacy, membership, asked) = (nil, nil, [:]) }
}

extension MesosMaster {
    mutating func coordinated(_ event: CoordinationEvent, _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard var group else { return }
        let before = group.replicas
        switch event {
        case .connected:
            group.isConnected = true
            timers.cancel(.session)
        case .disconnected:
            group.isConnected = false
            // The session is taken for lost when it must have run out on the servers (group.cpp, `timedout`).
            timers.set(.session, at: now + sessionMilliseconds)
        case .expired: group.forgetSession()
        case .answer(MasterGroup.candidacyTag, .created(let node)): group.candidacy = node
        case .answer(MasterGroup.replicaTag, .created(let node)): group.membership = node
        case .answer(MasterGroup.replicasTag, .children(let names)): group.see(names, &effects)
        case .answer(let tag, let answer) where tag >= MasterGroup.firstReplicaTag:
            if let name = group.asked.removeValue(forKey: tag), case .data(let text) = answer {
                group.replicas[name] = ProcessID(text)
            }
        case .childrenChanged(group.replicasPath): watchReplicas(group, &effects)
        default: break
        }
        _ = group.detection.receive(event, effects: &effects)
        self.group = group
        if case .connected = event { join(&effects) }
        if case .expired = event { return sessionLost(now, &effects) }
        if group.replicas != before { log?.setMembers(group.replicas.values.map { $0 }) }
        detected(now, &effects)
    }

    /// Joins the log and contends, with what this session lacks.
    private func join(_ effects: inout [DaemonEffect]) {
        guard let group else { return }
        if let log {
            create(MasterGroup.ignoredTag, group.replicasPath, "", isMember: false, &effects)
            if group.membership == nil {
                create(MasterGroup.replicaTag, "\(group.replicasPath)/", "\(log.me)", isMember: true, &effects)
            }
            watchReplicas(group, &effects)
        }
        if group.candidacy == nil {
            let label = version.atLeast(0, 24) ? "json.info_" : "info_"
            let node = Mesos.MasterDetection.join(group.path, label)
            create(MasterGroup.candidacyTag, node, info.json.text, isMember: true, &effects)
        }
    }

    private func create(
        _ tag: Int,
        _ path: String,
        _ data: String,
        isMember: Bool,
        _ effects: inout [DaemonEffect]
    ) {
        effects.append(
            .coordinate(.create(tag: tag, path: path, data: data, ephemeral: isMember, sequential: isMember))
        )
    }

    private func watchReplicas(_ group: MasterGroup, _ effects: inout [DaemonEffect]) {
        guard log != nil else { return }
        effects.append(
            .coordinate(.children(tag: MasterGroup.replicasTag, path: group.replicasPath, watch: true))
        )
    }

    private mutating func detected(_ now: Moment, _ effects: inout [DaemonEffect]) {
        let leader = group?.detection.leader
        if leader?.id == info.id {
            if !isElected { lead(now, &effects) }
        } else if isElected {
            concede(to: leader, &effects)
        }
    }

    /// The words of master.cpp, `detected`, of 0.21.1, 1.4.3 and 1.11.0.
    private func concede(to leader: Mesos.MasterInfo?, _ effects: inout [DaemonEffect]) {
        var words = "Lost leadership... committing suicide!"
        if version.atLeast(1, 0) {
            words =
                leader == nil
                ? "Lost leadership after indecisive election... committing suicide!"
                : "Conceded leadership to another master... committing suicide!"
        }
        effects.append(.exit(DaemonExit(words)))
    }

    /// The session is over, or must be taken for over: a leader ends, a standby contends again.
    mutating func sessionLost(_ now: Moment, _ effects: inout [DaemonEffect]) {
        guard !isElected else {
            let words =
                version.atLeast(1, 0)
                ? "Lost candidacy as a leader... committing suicide!" : "Lost leadership... committing suicide!"
            return effects.append(.exit(DaemonExit(words)))
        }
        _ = group?.detection.receive(.expired, effects: &effects)
        guard group?.isConnected == true || group?.candidacy == nil, let zk = flags["zk"] else { return }
        group?.isConnected = false
        do throws(DaemonExit) {
            let servers = try ZooKeeperURL(zk).servers
            effects.append(.log(.info, "Lost candidacy as a follower... Contend again"))
            effects.append(.coordinate(.connect(servers: servers, sessionMilliseconds: sessionMilliseconds)))
        } catch {
            effects.append(.exit(error))
        }
    }

    /// Elected: nothing is done before the registry is fetched.
    mutating func lead(_ now: Moment, _ effects: inout [DaemonEffect]) {
        elected = now
        effects.append(.log(.info, "Elected as the leading master!"))
        timers.set(.fetch, at: now + flags.milliseconds("registry_fetch_timeout", or: 60_000))
        guard var log else { return finish([.elected(value: nil)], now, &effects) }
        let outcomes = log.elect(&effects)
        self.log = log
        timers.need(.log, by: now + ReplicatedLog.retryMilliseconds)
        finish(outcomes, now, &effects)
    }
}
