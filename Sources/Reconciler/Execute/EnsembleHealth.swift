internal import Specs

/// Whether an ensemble may lose a member at this moment, and who leads it.
enum EnsembleHealth: Hashable, Sendable {
    /// `leader` is nil where the kind has none.
    case healthy(leader: NodeName?)
    /// Says what is missing.
    case unhealthy(String)
}

extension ZooKeeperRing {
    func ask(into questions: inout GateQuestions) {
        for server in servers {
            questions.ask(["srvr", "conf", "mntr"].map { server.word($0) }, of: server.node)
        }
    }

    /// One leader, all others following and synced, each with its own id where it tells (mesos-zk-ops.md 2.5).
    func health(_ answers: GateAnswers) -> EnsembleHealth {
        var leaders: [Server] = []
        var missing: [String] = []
        for server in servers {
            let name = "server \(server.id) (\(server.node))"
            let answer = answers.answer(server.word("srvr"), of: server.node)
            guard case .text(let text) = answer else {
                missing.append("\(name) \(answer.silence)")
                continue
            }
            switch ServerWords.zooKeeperMode(srvr: text) {
            case .leader: leaders.append(server)
            case .follower: break
            case .standalone where servers.count == 1: leaders.append(server)
            case .standalone: missing.append("\(name) runs alone, outside the ensemble")
            case .observer: missing.append("\(name) only observes")
            case .notServing: missing.append("\(name) is not serving")
            case nil: missing.append("\(name) says neither leader nor follower")
            }
            if case .text(let conf) = answers.answer(server.word("conf"), of: server.node),
                let id = ServerWords.zooKeeperID(conf: conf), id != server.id, servers.count > 1
            {
                missing.append("\(name) has the id \(id)")
            }
        }
        guard missing.isEmpty else { return .unhealthy(missing.joined(separator: ", ")) }
        guard let leader = leaders.first, leaders.count == 1 else {
            return .unhealthy(
                leaders.isEmpty
                    ? "no leader" : "\(leaders.count) leaders: \(leaders.map(\.node.text).joined(separator: ", "))"
            )
        }
        if case .text(let mntr) = answers.answer(leader.word("mntr"), of: leader.node), servers.count > 1,
            let synced = ServerWords.syncedFollowers(mntr: mntr), synced != servers.count - 1
        {
            return .unhealthy("\(synced) of \(servers.count - 1) followers synced with \(leader.node)")
        }
        return .healthy(leader: leader.node)
    }
}

extension ZooKeeperRing.Server {
    func word(_ word: String) -> FactRequest { .fourLetterWord(word, address: address, port: port) }
}
