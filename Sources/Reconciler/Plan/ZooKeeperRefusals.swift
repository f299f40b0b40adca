internal import Specs

extension Planning {
    /// Dangers D1 and D2, and what would give a living member another identity.
    mutating func refuseZooKeeperDangers() {
        guard let ensemble = desired.zooKeeper else { return }
        let (members, _) = members(of: .zooKeeper)
        let state = ZooKeeperState(ensemble, members)
        for member in members {
            refuseMembership(member, state)
            refuseIdentity(member, state)
            refuseDataDirectory(member, state)
        }
        refuseDataMinority(state)
    }

    /// The list a server runs with must be the declared one: changing it is a staged procedure (mesos-zk-ops.md 2.5).
    private mutating func refuseMembership(_ member: NodeDifference, _ state: ZooKeeperState) {
        let ensemble = state.ensemble
        guard let server = member.observed.zooKeeper.value else { return }
        if server.mode == .standalone, ensemble.members.count > 1 {
            guard state.holdsData(member) != false else { return }
            refuse(
                "zookeeper-standalone-data",
                [member.name],
                "it runs standalone and holds data, and \(ensemble.members.count) members are declared: were two empty members "
                    + "to form the first quorum, the data would be wiped (D2)",
                remedy: "by hand: stop it, give it its myid and the full list, start it first, then one new member, "
                    + "wait until both serve, then the rest",
                at: ensemble.position
            )
            return
        }
        guard state.serves(member) || server.mode == .notServing, let running = member.runningServers(state) else {
            return
        }
        let declared = ensemble.servers.mapValues(Self.withoutSuffix)
        guard running != declared else { return }
        let difference = Self.words(from: running, to: declared)
        guard !state.isFresh else { return }
        refuse(
            "zookeeper-membership",
            [member.name],
            "the running list of servers differs from the declared one (\(difference)): members with different lists can elect "
                + "two leaders (D1)",
            remedy:
                "change one member at a time by hand: start the new one with the longer list, then rewrite and restart the "
                + "others, the leader last; this version does not carry that out",
            at: ensemble.position
        )
    }

    private static func words(from running: [Int: String], to declared: [Int: String]) -> String {
        let ids = Set(running.keys).union(declared.keys).sorted()
        return ids.compactMap { id -> String? in
            switch (running[id], declared[id]) {
            case (let old?, let new?): old == new ? nil : "server.\(id) \(old) → \(new)"
            case (let old?, nil): "- server.\(id)=\(old)"
            case (nil, let new?): "+ server.\(id)=\(new)"
            case (nil, nil): nil
            }
        }.joined(separator: ", ")
    }

    /// `host:2888:3888` of `host:2888:3888:participant;2181`.
    static func withoutSuffix(_ server: String) -> String {
        let address = server.split(separator: ";").first.map(String.init) ?? server
        return address.hasSuffix(":participant") ? String(address.dropLast(":participant".count)) : address
    }

    private mutating func refuseIdentity(_ member: NodeDifference, _ state: ZooKeeperState) {
        guard let declared = state.ensemble.members.first(where: { $0.node == member.name })?.id else { return }
        let running = member.observed.zooKeeper.value.flatMap { $0.mode == .standalone ? nil : $0.serverID }
        let written = member.observed.files["\(state.ensemble.dataDirectory)/myid"]?.value?.content?.plainText
            .flatMap { Int($0.filter { !$0.isWhitespace }) }
        let isLiving = state.serves(member) || state.holdsData(member) == true
        guard isLiving, let present = running ?? written, present != declared else { return }
        // A hand edit of the file under a process that still has the declared id is plain drift.
        if running == declared { return }
        refuse(
            "zookeeper-myid",
            [member.name],
            "this member is server.\(present) and server.\(declared) is declared; an existing member never changes its id (F1)",
            remedy: "write id \(present) for \(member.name) in zookeeper.ensemble",
            at: state.ensemble.position
        )
    }

    private mutating func refuseDataDirectory(_ member: NodeDifference, _ state: ZooKeeperState) {
        guard state.serves(member), let running = member.runningValue(of: "dataDir"),
            running != state.ensemble.dataDirectory
        else { return }
        refuse(
            "zookeeper-data-directory",
            [member.name],
            "the running server keeps its data in \(running) and \(state.ensemble.dataDirectory) is declared: it would start empty",
            remedy: "declare zookeeper.dataDir: \(running), or move the data by hand while the member is stopped",
            at: state.ensemble.position
        )
    }

    /// Fewer data holders than a majority could be outvoted by empty members (D2, F6).
    private mutating func refuseDataMinority(_ state: ZooKeeperState) {
        guard state.allAnswered, !state.hasQuorum, !state.isFresh else { return }
        let holders = state.members.filter { state.holdsData($0) != false }
        let servers = state.members.compactMap { $0.observed.zooKeeper.value?.mode }
        guard !holders.isEmpty, holders.count < state.majority, !servers.contains(.standalone) else { return }
        refuse(
            "zookeeper-data-minority",
            holders.map(\.name),
            "only \(holders.count) of \(state.ensemble.members.count) members hold data and there is no quorum: the empty majority "
                + "could elect a leader without it, and the data would be wiped (D2)",
            remedy:
                "by hand: start a member that holds the data first, then one empty member, wait until both serve, then the rest",
            at: state.ensemble.position
        )
    }
}

extension NodeDifference {
    /// The list the running server uses: from `conf`, else from zoo.cfg as it was read; nil when neither is known.
    func runningServers(_ state: ZooKeeperState) -> [Int: String]? {
        if let members = observed.zooKeeper.value?.members { return members.mapValues(Planning.withoutSuffix) }
        guard let text = runningZooCfg else { return nil }
        var servers: [Int: String] = [:]
        for key in text.keys where key.hasPrefix("server.") {
            guard let id = Int(key.dropFirst("server.".count)), let value = text[key]?.shown else { continue }
            servers[id] = Planning.withoutSuffix(value)
        }
        return servers
    }

    func runningValue(of key: String) -> String? { runningZooCfg?[key]?.shown }

    private var runningZooCfg: KeyedText? {
        guard let service = observed.services[.zooKeeper]?.value, service.run == .running,
            let file = desired.files.first(where: { $0.path.hasSuffix("/zoo.cfg") }),
            let content = service.asRead(file.path, on: observed)
        else { return nil }
        return KeyedText(content, format: .properties)
    }
}
