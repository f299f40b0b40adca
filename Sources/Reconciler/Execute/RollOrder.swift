internal import Specs

/// Who may be restarted next in a roll, and what must be seen first; pure.
struct RollOrder {
    let rule: RollRule
    /// Asked for `mesosLeaderLast`: every master that is known, not only those that are restarted.
    let masters: MasterElection?
    /// Members restarted in order that must be well before as after: agents whose program is replaced.
    private let agents: AgentGate?

    /// Masters that only the gate of `step` names must be healthy too; those of which it does not say where they are, are
    /// asked at their node's declared `address`.
    init(_ rule: RollRule, of service: ServiceName, in step: Step, address: (NodeName) -> String?) {
        self.rule = rule
        agents = rule == .inOrder ? step.gate?.condition.agents : nil
        guard case .mesosLeaderLast(let port) = rule else {
            masters = nil
            return
        }
        let named = Dictionary((step.gate?.condition.masters ?? []).map { ($0.node, $0) }) { first, _ in first }
        let nodes = Set(step.nodes + (step.gate?.condition.nodes(of: service) ?? []) + named.keys)
        masters = MasterElection(
            masters: nodes.sorted().map { node in
                named[node] ?? ServicePlace(node, address: address(node) ?? node.text, port: port)
            }
        )
    }

    /// What must be asked before each restart; empty where the rule asks for nothing.
    var questions: GateQuestions {
        var questions = GateQuestions()
        switch rule {
        case .zooKeeperLeaderLast(let ring): ring.ask(into: &questions)
        case .mesosLeaderLast: masters?.ask(into: &questions)
        case .inOrder: agents?.ask(into: &questions)
        }
        return questions
    }

    /// What must be seen, in words.
    var words: String {
        switch rule {
        case .zooKeeperLeaderLast(let ring):
            ring.servers.count == 1
                ? "the server serving" : "one leader and \(ring.servers.count - 1) followers, all synced"
        case .mesosLeaderLast: "all masters answering and one of them elected"
        case .inOrder: agents == nil ? "nothing" : "the agent registered and listed by the elected master"
        }
    }

    func health(_ answers: GateAnswers) -> EnsembleHealth {
        switch rule {
        case .zooKeeperLeaderLast(let ring): ring.health(answers)
        case .mesosLeaderLast: masters?.health(answers) ?? .unhealthy("no master is known")
        case .inOrder: agents?.health(answers) ?? .healthy(leader: nil)
        }
    }

    /// The first of the remaining that does not lead; the leader only when it is the only one left.
    static func next(of remaining: [Act.Member], leader: NodeName?) -> Act.Member? {
        remaining.first { $0.node != leader } ?? remaining.first
    }
}

extension GateCondition {
    /// The nodes on which it watches `service`.
    fileprivate func nodes(of service: ServiceName) -> [NodeName] {
        switch self {
        case .serviceStable(service, let node, _, _): [node]
        case .serviceUp(service, let node, _): [node]
        case .serviceUp: []
        case .all(let conditions): conditions.flatMap { $0.nodes(of: service) }
        case .zooKeeperQuorum, .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosMasters, .mesosAgents,
            .marathon:
            []
        case .loadBalancer, .offered: []
        }
    }

    /// The agents it wants to be well.
    fileprivate var agents: AgentGate? {
        switch self {
        case .mesosAgents(let gate): gate
        case .all(let conditions): conditions.lazy.compactMap(\.agents).first
        case .zooKeeperQuorum, .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosMasters, .marathon: nil
        case .serviceUp, .loadBalancer, .offered: nil
        }
    }

    /// The masters it wants to be well.
    fileprivate var masters: [ServicePlace] {
        switch self {
        case .mesosMasters(let gate): gate.masters
        case .all(let conditions): conditions.flatMap(\.masters)
        case .serviceUp: []
        case .zooKeeperQuorum, .serviceStable, .serviceOff, .dockerEngine, .platform, .mesosAgents, .marathon: []
        case .loadBalancer, .offered: []
        }
    }
}

extension AgentGate {
    fileprivate func health(_ answers: GateAnswers) -> EnsembleHealth {
        switch verdict(answers) {
        case .holds: .healthy(leader: nil)
        case .notYet(let words), .impossible(let words), .assumptionFailed(let words): .unhealthy(words)
        }
    }
}
