internal import Specs

/// Which of some masters is elected, from what each says of itself (mesos-zk-ops.md 3.3).
struct MasterElection: Hashable, Sendable {
    /// Each must answer.
    var masters: [ServicePlace]
    /// One of these may be the elected one; who is silent among them is passed over.
    var others: [ServicePlace] = []

    func ask(into questions: inout GateQuestions) {
        for master in masters + others { questions.ask(Self.metrics(master)) }
    }

    /// All answer, and exactly one is elected.
    func health(_ answers: GateAnswers) -> EnsembleHealth {
        var elected: [NodeName] = []
        var missing: [String] = []
        for master in masters {
            switch MasterElectedFact.elected(answers.reply(to: Self.metrics(master))) {
            case .found(true): elected.append(master.node)
            case .found(false): break
            case .absent: missing.append("the master on \(master.node) takes no connection")
            case .unknown(let reason): missing.append("the master on \(master.node): \(reason)")
            }
        }
        for master in others where MasterElectedFact.elected(answers.reply(to: Self.metrics(master))).value == true {
            elected.append(master.node)
        }
        guard missing.isEmpty else { return .unhealthy(missing.joined(separator: ", ")) }
        guard let leader = elected.first, elected.count == 1 else {
            return .unhealthy(
                elected.isEmpty
                    ? "no master is elected"
                    : "\(elected.count) masters are elected: \(elected.map(\.text).joined(separator: ", "))"
            )
        }
        return .healthy(leader: leader)
    }

    /// The elected one's place; nil where there is not exactly one.
    func leader(_ answers: GateAnswers) -> ServicePlace? {
        let elected = (masters + others).filter {
            MasterElectedFact.elected(answers.reply(to: Self.metrics($0))).value == true
        }
        return elected.count == 1 ? elected.first : nil
    }

    static func metrics(_ master: ServicePlace) -> RESTQuestion {
        RESTQuestion(.mesosMaster, at: master, ["/metrics/snapshot"])
    }

    static func agents(_ master: ServicePlace) -> RESTQuestion {
        RESTQuestion(.mesosMaster, at: master, MesosListing.agentPaths)
    }

    static func frameworks(_ master: ServicePlace) -> RESTQuestion {
        RESTQuestion(.mesosMaster, at: master, MesosListing.frameworkPaths)
    }
}

extension MasterGate {
    private var election: MasterElection { MasterElection(masters: masters, others: others) }

    private func health(_ master: ServicePlace) -> RESTQuestion { RESTQuestion(.mesosMaster, at: master, ["/health"]) }

    private func flags(_ master: ServicePlace) -> RESTQuestion {
        RESTQuestion(.mesosMaster, at: master, MesosSelf.paths)
    }

    func ask(into questions: inout GateQuestions) {
        election.ask(into: &questions)
        for master in masters {
            questions.ask(health(master))
            questions.ask(flags(master))
        }
        for master in masters + others { questions.ask(MasterElection.agents(master)) }
    }

    /// Gate G of mesos-zk-ops.md 3.2: what REST can tell of it.
    ///
    /// A quorum that a settled process runs with does not change any more: then waiting longer cannot help.
    func verdict(
        _ answers: GateAnswers,
        before: GateAnswers?,
        remaining: Set<NodeName>,
        hasSettled: Bool
    ) -> GateVerdict {
        for master in masters {
            if case .answered(200, _, _) = answers.reply(to: health(master)) { continue }
            let words = answers.reply(to: health(master)).missing("/health")
            return .notYet(missing: "the master on \(master.node): \(words)")
        }
        var wrong: [String] = []
        var missing: [String] = []
        for master in masters {
            let name = "the master on \(master.node)"
            switch answers.reply(to: flags(master)).read("/flags", MesosSelf.init) {
            case .absent: missing.append("\(name) takes no connection")
            case .unknown(let reason): missing.append("\(name): \(reason)")
            case .found(let own): wrong += faults(in: own.flags, hasNewFlags: !remaining.contains(master.node), name)
            }
            missing += logFaults(answers.reply(to: MasterElection.metrics(master)), name)
        }
        guard wrong.isEmpty else {
            let words = wrong.joined(separator: ", ")
            return hasSettled ? .impossible(words) : .notYet(missing: words)
        }
        if case .unhealthy(let words) = election.health(answers) { missing.insert(words, at: 0) }
        guard missing.isEmpty else { return .notYet(missing: missing.joined(separator: ", ")) }
        return agentsAreBack(answers, before).map { .notYet(missing: $0) } ?? .holds
    }

    private func faults(in flags: [String: String], hasNewFlags: Bool, _ name: String) -> [String] {
        var faults: [String] = []
        if flags["quorum"].flatMap({ Int($0) }) != quorum {
            faults.append("\(name) runs with quorum \(flags["quorum"] ?? "unset") instead of \(quorum)")
        }
        // A list of ZooKeeper servers may change in a roll, member by member; a value with a login is not told.
        if hasNewFlags, flags["zk"] != zk {
            let shown = flags["zk"].map { SensitiveNames.redactingUserinfo(Content($0)).shown }
            faults.append("\(name) runs with zk \(shown ?? "unset") instead of \(zk)")
        }
        return faults
    }

    private func logFaults(_ reply: RESTReply, _ name: String) -> [String] {
        guard let metrics = reply.read("/metrics/snapshot", MesosMetrics.init).value else { return [] }
        var faults: [String] = []
        if metrics.isOne("registrar/log/recovered") == false {
            faults.append("\(name) has not recovered its replicated log")
        }
        let all = masters.count + others.count
        if let size = metrics.count("registrar/log/ensemble_size"), size < masters.count || size > all {
            faults.append("\(name) sees \(size) of \(masters.count) replicas of the log")
        }
        return faults
    }

    // MARK: Agents

    /// nil when as many are active as were before the step; by name where both lists could be read, else by number.
    private func agentsAreBack(_ answers: GateAnswers, _ before: GateAnswers?) -> String? {
        guard let before, let then = active(before) else { return nil }
        guard let now = active(answers) else { return "the elected master does not tell its agents" }
        if let old = then.listed, let new = now.listed {
            let away = old.filter { agent in !new.contains { $0.isSame(as: agent) } }
            guard !away.isEmpty else { return nil }
            let names = away.map(name).sorted().joined(separator: ", ")
            return "\(old.count - away.count) of \(old.count) agents registered again; \(names) not"
        }
        guard let old = then.count, old > 0 else { return nil }
        guard let new = now.count else { return "the elected master does not tell how many agents are active" }
        return new >= old ? nil : "\(new) of \(old) agents registered again"
    }

    /// Whether the elected master tells its agents, or no master is there at all.
    func isComparable(with answers: GateAnswers) -> Bool {
        if let active = active(answers) { return active.listed != nil || active.count != nil }
        return (masters + others).allSatisfy { answers.reply(to: MasterElection.metrics($0)) == .absent }
    }

    private struct Active {
        var listed: [ListedAgent]?
        var count: Int?
    }

    /// nil where it cannot be told who is elected.
    private func active(_ answers: GateAnswers) -> Active? {
        guard let leader = election.leader(answers) else { return nil }
        let listing = answers.reply(to: MasterElection.agents(leader)).read("/slaves", MesosListing.init).value
        let metrics = answers.reply(to: MasterElection.metrics(leader)).read("/metrics/snapshot", MesosMetrics.init)
        return Active(
            listed: listing?.agents.filter(\.isActive),
            count: metrics.value?.count("master/slaves_active")
        )
    }

    private func name(_ agent: ListedAgent) -> String {
        agents.first { $0.endpoint.host == agent.address }?.node.text ?? agent.hostname
    }
}

extension ListedAgent {
    /// The same agent, also when it came back under a new id.
    fileprivate func isSame(as other: ListedAgent) -> Bool { pid == other.pid }
}

extension RESTReply {
    /// What is wrong with it, for one that should be a 200.
    func missing(_ what: String) -> String {
        switch read(what, { $0 }) {
        case .found: "\(what) answers"
        case .absent: "takes no connection"
        case .unknown(let reason): reason
        }
    }
}
