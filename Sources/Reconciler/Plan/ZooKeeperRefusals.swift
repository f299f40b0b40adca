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
            refuseDynamicConfiguration(member, state)
        }
        refuseDataMinority(state)
        refuseLeavingServers(ensemble)
    }

    /// The list a server runs with must be the declared one: changing it is a staged procedure (mesos-zk-ops.md 2.5).
    private mutating func refuseMembership(_ member: NodeDifference, _ state: ZooKeeperState) {
        let ensemble = state.ensemble
        let server = member.observed.zooKeeper.value
        if server?.mode == .standalone, ensemble.members.count > 1 {
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
        // What a process of an unknown list, or a stopped one, would come back with is in the file.
        let isInEnsemble = state.serves(member) || server?.mode == .notServing
        if !isInEnsemble, ensemble.members.count == 1 || state.hasQuorum || state.holdsData(member) == false { return }
        guard let running = (isInEnsemble ? member.runningServers : nil) ?? member.writtenServers else { return }
        let declared = ensemble.servers.mapValues(Self.withoutSuffix)
        guard running != declared, !state.isFresh else { return }
        let difference = Self.words(from: running, to: declared)
        refuse(
            "zookeeper-membership",
            [member.name],
            "the \(isInEnsemble ? "running" : "last") list of servers differs from the declared one (\(difference)): members with different lists can elect "
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
        // A hand edit of the file under a process that still has the declared id is plain drift, and so is one of what was
        // last applied.
        let path = "\(state.ensemble.dataDirectory)/myid"
        if running == declared || running == nil && member.wasApplied(path) { return }
        refuse(
            "zookeeper-myid",
            [member.name],
            "this member is server.\(present) and server.\(declared) is declared; an existing member never changes its id (F1)",
            remedy: "write id \(present) for \(member.name) in zookeeper.ensemble",
            at: state.ensemble.position
        )
    }

    private mutating func refuseDataDirectory(_ member: NodeDifference, _ state: ZooKeeperState) {
        guard member.mayBeUp(.zooKeeper), state.serves(member) || state.holdsData(member) != false,
            let running = member.runningValue(of: "dataDir"), running != state.ensemble.dataDirectory
        else { return }
        refuse(
            "zookeeper-data-directory",
            [member.name],
            "the running server keeps its data in \(running) and \(state.ensemble.dataDirectory) is declared: it would start empty",
            remedy: "declare zookeeper.dataDir: \(running), or move the data by hand while the member is stopped",
            at: state.ensemble.position
        )
    }

    /// With `reconfigEnabled` the server moves the list out of zoo.cfg at each start (mesos-zk-ops.md 2.3).
    private mutating func refuseDynamicConfiguration(_ member: NodeDifference, _ state: ZooKeeperState) {
        guard let file = member.zooCfg?["dynamicConfigFile"]?.shown else { return }
        refuse(
            "zookeeper-dynamic-config",
            [member.name],
            "its zoo.cfg names dynamicConfigFile \(file): the server keeps the list of servers there and rewrites zoo.cfg at each "
                + "start, so a list written into zoo.cfg would stand against it",
            remedy:
                "turn reconfigEnabled off by hand and put the list back into zoo.cfg, member by member, the leader last",
            at: state.ensemble.position
        )
    }

    /// A server on a node without the role is stopped only where it is no ensemble's member and holds nothing.
    private mutating func refuseLeavingServers(_ ensemble: DesiredEnsemble) {
        for node in differences {
            guard case .holdOff(true)? = node.service(.zooKeeper)?.need,
                case .found(let server) = node.observed.zooKeeper
            else { continue }
            if server.mode == .standalone, let count = server.nodeCount, count <= ZooKeeperState.emptyTreeNodes {
                continue
            }
            let state =
                server.mode == .standalone
                ? "runs standalone with \(server.nodeCount.map(String.init) ?? "an unknown number of") nodes of data"
                : "is a member of an ensemble (\(server.mode.rawValue))"
            refuse(
                "zookeeper-leaves",
                [node.name],
                "the node has no role zookeeper, and the server on it \(state): stopping it could cost that ensemble its quorum or "
                    + "leave its data behind",
                remedy:
                    "remove it from the ensemble one member at a time by hand and stop it there, or give the node the role",
                at: ensemble.position
            )
        }
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
    var runningServers: [Int: String]? {
        if let members = observed.zooKeeper.value?.members { return members.mapValues(Planning.withoutSuffix) }
        return runningZooCfg.map(Self.servers)
    }

    /// The list in zoo.cfg, which the next start reads; nil where there is no such file or it cannot be read.
    var writtenServers: [Int: String]? { zooCfg.map(Self.servers) }

    private static func servers(_ text: KeyedText) -> [Int: String] {
        var servers: [Int: String] = [:]
        for key in text.keys where key.hasPrefix("server.") {
            guard let id = Int(key.dropFirst("server.".count)), let value = text[key]?.shown else { continue }
            servers[id] = Planning.withoutSuffix(value)
        }
        return servers
    }

    func runningValue(of key: String) -> String? { runningZooCfg?[key]?.shown }

    /// What the process and the file say of a key, each once.
    func zooCfgValues(of key: String) -> [String] {
        [runningValue(of: key), zooCfg?[key]?.shown].compactMap { $0 }.unique
    }

    /// Whether a file's declared content is what was last applied to it.
    func wasApplied(_ path: String) -> Bool {
        guard let file = desired.files.first(where: { $0.path == path }) else { return false }
        return appliedDigest(of: "file:\(path)") == file.wantedDigest
    }

    var zooCfg: KeyedText? {
        guard let file = desired.files.first(where: { $0.path.hasSuffix("/zoo.cfg") }),
            let content = observed.files[file.path]?.value?.content
        else { return nil }
        return KeyedText(content, format: .properties)
    }

    private var runningZooCfg: KeyedText? {
        guard let service = observed.services[.zooKeeper]?.value, service.run == .running,
            let file = desired.files.first(where: { $0.path.hasSuffix("/zoo.cfg") }),
            let content = service.asRead(file.path, on: observed)
        else { return nil }
        return KeyedText(content, format: .properties)
    }
}
