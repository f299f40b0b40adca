internal import Specs

extension MarathonGate {
    private var election: MasterElection { MasterElection(masters: [], others: masters) }

    private func info(_ marathon: ServicePlace) -> RESTQuestion {
        RESTQuestion(.marathon, at: marathon, ["/v2/info"])
    }

    func ask(into questions: inout GateQuestions) {
        for marathon in marathons { questions.ask(info(marathon)) }
        election.ask(into: &questions)
        for master in masters { questions.ask(MasterElection.frameworks(master)) }
    }

    /// Standbys hand out the leader's `/v2/info` (mesos-zk-ops.md 11).
    ///
    /// Each names a leader; the framework is the one that was there before, and Mesos has exactly one active of that id.
    ///
    /// A Marathon that had no framework yet is held to naming a leader: it registers when it first leads.
    func verdict(_ answers: GateAnswers, before: GateAnswers?) -> GateVerdict {
        let known = before.flatMap { before in
            marathons.lazy.compactMap { standing($0, before).value?.frameworkID }.first
        }
        for marathon in marathons {
            let name = "Marathon on \(marathon.node)"
            switch standing(marathon, answers) {
            case .absent: return .notYet(missing: "\(name) takes no connection")
            case .unknown(let reason): return .notYet(missing: "\(name): \(reason)")
            case .found(let standing):
                guard standing.leader != nil else { return .notYet(missing: "\(name) knows no leader") }
                if let version, MarathonRelease(standing.version) != MarathonRelease(version) {
                    return .notYet(missing: "\(name) says it is \(standing.version), not \(version)")
                }
                guard let known else { continue }
                guard let id = standing.frameworkID else {
                    return .notYet(missing: "\(name) has not registered as framework \(known) again")
                }
                guard id == known else {
                    return .impossible(
                        "\(name) registered as framework \(id) instead of \(known): tasks of the old one are orphaned (D9)"
                    )
                }
            }
        }
        guard let known, !masters.isEmpty else { return .holds }
        return framework(known, answers).map { .notYet(missing: $0) } ?? .holds
    }

    /// Whether one of them tells its framework, or none is there at all.
    func isComparable(with answers: GateAnswers) -> Bool {
        let standings = marathons.map { standing($0, answers) }
        return standings.contains { $0.value != nil } || standings.allSatisfy { $0 == .absent }
    }

    private func standing(_ marathon: ServicePlace, _ answers: GateAnswers) -> Observation<MarathonInfo> {
        answers.reply(to: info(marathon)).read("/v2/info") { body in
            AppValue(body: body).flatMap { try? MarathonInfo(AnswerField($0), endpoint: marathon.endpoint.description) }
        }
    }

    private func framework(_ id: String, _ answers: GateAnswers) -> String? {
        guard let leader = election.leader(answers) else { return election.silence(answers) }
        switch answers.reply(to: MasterElection.frameworks(leader)).read("/state-summary", MesosListing.frameworks) {
        case .absent: return "the master on \(leader.node) takes no connection"
        case .unknown(let reason): return "the master on \(leader.node): \(reason)"
        case .found(let frameworks):
            let active = frameworks.filter { $0.id == id && $0.isActive }
            if active.count == 1 { return nil }
            return active.isEmpty
                ? "Mesos has no active framework \(id)" : "Mesos has \(active.count) active frameworks \(id)"
        }
    }
}
