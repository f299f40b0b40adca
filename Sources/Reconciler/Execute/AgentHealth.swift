internal import Specs

extension AgentGate {
    private var election: MasterElection { MasterElection(masters: [], others: masters) }

    private func metrics(_ agent: ServicePlace) -> RESTQuestion {
        RESTQuestion(.mesosAgent, at: agent, ["/metrics/snapshot"])
    }

    func ask(into questions: inout GateQuestions) {
        for agent in agents { questions.ask(metrics(agent.place)) }
        election.ask(into: &questions)
        for master in masters { questions.ask(MasterElection.agents(master)) }
    }

    /// Each says that it is registered, without errors of recovery, and the elected master lists it as active
    /// (mesos-zk-ops.md 4.4, 5.3).
    func verdict(_ answers: GateAnswers) -> GateVerdict {
        var missing = agents.compactMap { agent in trouble(of: agent.place, answers) }
        guard missing.isEmpty else { return .notYet(missing: missing.joined(separator: ", ")) }
        guard !masters.isEmpty else { return .holds }
        guard let leader = election.leader(answers) else { return .notYet(missing: election.silence(answers)) }
        switch answers.reply(to: MasterElection.agents(leader)).read("/slaves", MesosListing.init) {
        case .absent: return .notYet(missing: "the master on \(leader.node) takes no connection")
        case .unknown(let reason): return .notYet(missing: "the master on \(leader.node): \(reason)")
        case .found(let listing):
            missing = agents.compactMap { agent in
                let listed = listing.agents.filter {
                    $0.address == agent.place.endpoint.host || $0.hostname == agent.hostname
                }
                if listed.contains(where: \.isActive) { return nil }
                return listed.isEmpty
                    ? "the elected master (\(leader.node)) does not list the agent on \(agent.place.node)"
                    : "the elected master (\(leader.node)) does not take the agent on \(agent.place.node) for active"
            }
        }
        return missing.isEmpty ? .holds : .notYet(missing: missing.joined(separator: ", "))
    }

    private func trouble(of agent: ServicePlace, _ answers: GateAnswers) -> String? {
        let name = "the agent on \(agent.node)"
        switch answers.reply(to: metrics(agent)).read("/metrics/snapshot", MesosMetrics.init) {
        case .absent: return "\(name) takes no connection"
        case .unknown(let reason): return "\(name): \(reason)"
        case .found(let metrics):
            if let errors = metrics.count("slave/recovery_errors"), errors > 0 {
                return "\(name) has \(errors) errors of recovery: read its log"
            }
            switch metrics.isOne("slave/registered") {
            case true?: return nil
            case false?: return "\(name) has not registered"
            case nil: return "\(name) does not say whether it has registered"
            }
        }
    }
}

extension MasterElection {
    /// Why nobody is known to be elected.
    func silence(_ answers: GateAnswers) -> String {
        let all = MasterElection(masters: masters + others)
        if case .unhealthy(let words) = all.health(answers) { return words }
        return "no master is elected"
    }
}
