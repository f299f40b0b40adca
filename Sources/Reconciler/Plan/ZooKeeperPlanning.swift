internal import Specs

/// What the members of the ZooKeeper ensemble are like as a whole.
struct ZooKeeperState {
    let ensemble: DesiredEnsemble
    let members: [NodeDifference]

    init(_ ensemble: DesiredEnsemble, _ members: [NodeDifference]) {
        self.ensemble = ensemble
        self.members = members
    }

    var majority: Int { ensemble.members.count / 2 + 1 }
    var allAnswered: Bool { members.count == ensemble.members.count }

    /// No answering member holds data or serves in an ensemble; only then may all start together in any order.
    var isFresh: Bool {
        allAnswered
            && members.allSatisfy { member in
                holdsData(member) == false && !serves(member) && !isUpAndUnknown(member)
            }
    }

    /// It runs, and what it is could not be learned: it may serve.
    private func isUpAndUnknown(_ member: NodeDifference) -> Bool {
        guard case .unknown = member.observed.zooKeeper else { return false }
        return member.mayBeUp(.zooKeeper)
    }

    /// Whether the member's data directory holds transactions; nil where it could not be seen.
    ///
    /// Epoch files and the empty `snapshot.0` are written by any first election (mesos-zk-ops.md 2.1).
    func holdsData(_ member: NodeDifference) -> Bool? {
        if let count = member.observed.zooKeeper.value?.nodeCount, count > Self.emptyTreeNodes { return true }
        // `/tmp/zookeeper` is where a package's own zoo.cfg may have put an empty database; a server that serves from
        // there is told by its node count.
        let declared = "\(ensemble.dataDirectory)/version-2"
        let directories = member.observed.directories.filter {
            $0.key.hasSuffix("/version-2") && (!$0.key.hasPrefix("/tmp/") || $0.key == declared)
        }
        guard directories[declared] != nil else { return nil }
        // Another directory that its zoo.cfg names may hold everything.
        var isUnseen =
            member.observed.zooKeeper.value?.nodeCount == nil
            && member.zooCfgValues(of: "dataDir").contains { member.observed.directories["\($0)/version-2"] == nil }
        for directory in directories.values {
            switch directory {
            case .absent: break
            case .unknown: isUnseen = true
            case .found(let entries) where entries.contains(where: Self.isData): return true
            case .found: break
            }
        }
        return isUnseen ? nil : false
    }

    private static func isData(_ entry: ObservedFile) -> Bool {
        let name = entry.path.split(separator: "/").last.map(String.init) ?? ""
        return !["acceptedEpoch", "currentEpoch", "snapshot.0"].contains(name) && !name.hasSuffix(".tmp")
    }

    /// A new ensemble has `/`, `/zookeeper`, `/zookeeper/quota` and, from 3.5, `/zookeeper/config`; `Node count` says up to 5.
    static let emptyTreeNodes = 5

    func serves(_ member: NodeDifference) -> Bool {
        switch member.observed.zooKeeper.value?.mode {
        case .leader?, .follower?, .observer?: true
        case .standalone?, .notServing?, nil: false
        }
    }

    /// Members that serve together now: one leader and its followers, as far as they answered.
    var hasQuorum: Bool {
        let modes = members.compactMap { $0.observed.zooKeeper.value?.mode }
        if ensemble.members.count == 1 { return modes.contains(.standalone) || modes.contains(.leader) }
        return modes.count { $0 == .leader } == 1 && modes.count { $0 == .leader || $0 == .follower } >= majority
    }

    /// The whole declared ensemble serves once `starting` do, which every restart demands first.
    func isWhole(with starting: [NodeDifference]) -> Bool {
        if ensemble.members.count == 1 { return hasQuorum }
        return allAnswered
            && members.allSatisfy { member in serves(member) || starting.contains { $0.name == member.name } }
            && members.count { $0.observed.zooKeeper.value?.mode == .leader } <= 1
    }

    /// The first member that runs with a list of servers nobody knows.
    var unknownList: NodeName? {
        guard ensemble.members.count > 1, !isFresh else { return nil }
        return members.first { member in
            guard let mode = member.observed.zooKeeper.value?.mode, mode != .standalone else { return false }
            return member.runningServers == nil
        }?.name
    }

    var unknownListProblem: Problem? {
        unknownList.map { name in
            Problem(
                because:
                    "the list of servers that \(name) runs with is unknown: zoo.cfg is newer than its process, and it does "
                    + "not answer `conf`; allow conf in 4lw.commands.whitelist, or restart it by hand",
                isByUnknown: true
            )
        }
    }

    /// Why members with data cannot form their quorum again by being started together, if so.
    private var coldStartProblem: Problem? {
        if hasQuorum { return nil }
        if let member = members.first(where: { $0.mayBeUp(.zooKeeper) && holdsData($0) == false }) {
            return Problem(
                because:
                    "\(member.name) runs without data and there is no quorum: it could help elect a leader that lacks "
                    + "the latest data; stop it by hand first",
                isByUnknown: false
            )
        }
        if let member = members.first(where: serves) {
            return Problem(
                because: "\(member.name) serves and its quorum could not be seen as a whole",
                isByUnknown: true
            )
        }
        let able = members.count { holdsData($0) == true && ($0.mayBeUp(.zooKeeper) || $0.isStarted(.zooKeeper)) }
        if able >= majority { return nil }
        return Problem(
            because: "only \(able) of the \(majority) members that make a quorum hold data and can be started",
            isByUnknown: !allAnswered
        )
    }

    /// An empty member must not help elect a leader that lacks the data (danger D2).
    func startProblem(of member: NodeDifference) -> Problem? {
        if isFresh { return nil }
        if let unknownListProblem { return unknownListProblem }
        switch holdsData(member) {
        case true?: return coldStartProblem
        case nil:
            return Problem(because: "whether its data directory holds data could not be seen", isByUnknown: true)
        case false?:
            if hasQuorum { return nil }
            return Problem(
                because:
                    "it is empty and the members with data have no quorum: it could help elect a leader without the data",
                isByUnknown: !allAnswered
            )
        }
    }

    func ring(_ members: [NodeDifference]) -> ZooKeeperRing {
        let names = Set(members.map(\.name))
        return ZooKeeperRing(
            servers: ensemble.members.filter { names.contains($0.node) }.map {
                ZooKeeperRing.Server(node: $0.node, id: $0.id, address: $0.address, port: ensemble.clientPort)
            }
        )
    }
}

extension Planning {
    /// ZooKeeper: fresh members start together, stopped ones with data one by one, living ones roll with the leader last.
    mutating func planZooKeeper() {
        guard let ensemble = desired.zooKeeper else { return }
        let (members, _) = members(of: .zooKeeper)
        let state = ZooKeeperState(ensemble, members)
        let count = ensemble.members.count
        let followers = count == 1 ? "serving" : "one leader and \(count - 1) synced follower\(count == 2 ? "" : "s")"
        plan(
            EnsembleRules(
                layer: .zooKeeper,
                service: .zooKeeper,
                isFresh: state.isFresh,
                gate: { started in
                    let serving = members.filter { member in
                        started.contains { $0.name == member.name } || state.serves(member)
                            || (!state.hasQuorum && member.isUp(.zooKeeper))
                    }
                    return Gate(
                        .zooKeeperQuorum(state.ring(serving)),
                        deadlineSeconds: 120,
                        words: serving.count == count ? followers : "a leader and all started members following it"
                    )
                },
                roll: (.zooKeeperLeaderLast(state.ring(members)), pauseSeconds: 12),
                rollProblem: { starting in
                    if let problem = state.unknownListProblem { return problem }
                    if state.isWhole(with: starting) { return nil }
                    return Problem(
                        because:
                            "the ensemble is not whole (one leader, \(count - 1) followers): a restart could cost the quorum",
                        isByUnknown: true
                    )
                },
                startsTogether: !state.hasQuorum,
                startProblem: { member in state.startProblem(of: member) },
                serves: { state.serves($0) || (count == 1 && state.hasQuorum) },
                enough: state.majority,
                impact: "each server is away for 1–3 s; the leader's restart leaves under 3 s without a leader",
                safety: count == 1
                    ? "ZooKeeper: the only server restarts; nothing serves meanwhile"
                    : "ZooKeeper: one server at a time, the leader of the moment last; meanwhile \(count - 1) of \(count) serve "
                        + "and \(count - 1 - state.majority) more may fail"
            )
        )
    }
}
