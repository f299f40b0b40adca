public import Specs

/// A model of the ensembles, small enough to try every prefix of a plan on it.
///
/// It shares no code with the planner's decisions: what it finds is a defect of the plan, and the plan is refused with the
/// counterexample. The invariants are those of architecture.md, "Order and safety".
public struct SafetyModel: Hashable, Sendable {
    public struct Server: Hashable, Sendable {
        public var isUp: Bool
        /// nil where it could not be seen; then it counts as possibly holding data.
        public var holdsData: Bool?

        public init(isUp: Bool, holdsData: Bool?) {
            self.isUp = isUp
            self.holdsData = holdsData
        }
    }

    /// Declared members only; members whose running list is another one never get here (they are refused first).
    public var zooKeeper: [NodeName: Server]
    /// Every node on which a master may run, declared or not.
    public var mastersUp: Set<NodeName>
    public var quorum: Int
    /// Nodes that did not answer: they may be up or down, whichever is worse.
    public var silent: Set<NodeName>

    public init(zooKeeper: [NodeName: Server], mastersUp: Set<NodeName>, quorum: Int, silent: Set<NodeName>) {
        self.zooKeeper = zooKeeper
        self.mastersUp = mastersUp
        self.quorum = quorum
        self.silent = silent
    }

    /// Tries every prefix of `steps`; returns the first violation in words, with the step it comes from.
    public func violation(in steps: [Step]) -> (step: Step, words: String)? {
        var model = self
        var previous: Step?
        for step in steps {
            if let words = orderViolation(step, after: previous) ?? model.apply(step) { return (step, words) }
            if step.layer?.isEnsemble == true { previous = step }
        }
        return nil
    }

    /// Steps of ensembles form one total order, and layers go upwards (services are held off before).
    private func orderViolation(_ step: Step, after previous: Step?) -> String? {
        guard let layer = step.layer, layer.isEnsemble, let previous, let last = previous.layer else { return nil }
        // Each waits for the one before it, holds included: so it waits for all.
        if !step.needs.contains(previous.id) {
            return "it does not wait for step \(previous.id), which also touches an ensemble"
        }
        if !step.isHold, !previous.isHold, layer < last {
            return "a step of layer \(layer) comes after one of layer \(last)"
        }
        return nil
    }

    private mutating func apply(_ step: Step) -> String? {
        if case .network(let act) = step.act { return restart(.zooKeeper, on: act.node) }
        for (node, act) in step.serviceActs {
            if let words = apply(act, on: node, in: step) { return words }
        }
        return nil
    }

    private mutating func apply(_ act: ServiceAct, on node: NodeName, in step: Step) -> String? {
        switch act {
        case .startUnit(let name), .startJob(let name): start(name, on: node, in: step)
        case .stopUnit(let name), .stopJob(let name): stop(name, on: node, in: step)
        case .restartUnit(let name, _), .restartJob(let name, _):
            step.isGroupStart ? restartTogether(name, on: node, in: step) : restart(name, on: node)
        case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .holdJob, .releaseJob, .reloadUnit, .reloadJob: nil
        }
    }

    /// Only members that hold nothing may be restarted all at once.
    private mutating func restartTogether(_ name: ServiceName, on node: NodeName, in step: Step) -> String? {
        if name == .zooKeeper, let server = zooKeeper[node], server.isUp, server.holdsData != false {
            return "\(node) may hold data and is restarted together with others"
        }
        return start(name, on: node, in: step)
    }

    private mutating func start(_ name: ServiceName, on node: NodeName, in step: Step) -> String? {
        switch name {
        case .zooKeeper:
            guard let server = zooKeeper[node] else { return "\(node) is no declared member of the ensemble" }
            if server.holdsData == false, let words = emptyStartViolation(node, in: step) { return words }
            zooKeeper[node]?.isUp = true
        case .mesosMaster:
            mastersUp.insert(node)
            if mastersUp.count > 2 * quorum - 1 {
                return "\(mastersUp.count) masters could run with quorum \(quorum), which allows \(2 * quorum - 1) (D3)"
            }
        default: break
        }
        return nil
    }

    /// Danger D2: empty members must not be able to form a quorum while another holds data and is not in it.
    private func emptyStartViolation(_ node: NodeName, in step: Step) -> String? {
        let holders = zooKeeper.filter { $0.value.holdsData != false }
        guard !holders.isEmpty else { return nil }
        let upHolders = holders.count { $0.value.isUp && !silent.contains($0.key) }
        let majority = zooKeeper.count / 2 + 1
        let empty = zooKeeper.count { $0.value.holdsData == false && ($0.value.isUp || $0.key == node) }
        if empty >= majority {
            return "\(empty) empty members could elect a leader without the data of the others (D2)"
        }
        return upHolders == 0 ? "no member that holds data is up (D2)" : nil
    }

    private mutating func stop(_ name: ServiceName, on node: NodeName, in step: Step) -> String? {
        switch name {
        case .zooKeeper where zooKeeper[node]?.isUp == true:
            return "a declared member of the ensemble is stopped"
        case .mesosMaster:
            mastersUp.remove(node)
        default: break
        }
        return nil
    }

    /// While one member restarts, a majority of the declared list must stay up (a single server excepted).
    private func restart(_ name: ServiceName, on node: NodeName) -> String? {
        guard name == .zooKeeper, zooKeeper.count > 1 else { return nil }
        let up = zooKeeper.count { $0.value.isUp && $0.key != node && !silent.contains($0.key) }
        let majority = zooKeeper.count / 2 + 1
        return up >= majority ? nil : "while \(node) restarts only \(up) of \(zooKeeper.count) members are up"
    }
}

extension Step {
    /// Every service act with its node, members of a group in their order.
    var serviceActs: [(NodeName, ServiceAct)] {
        switch act {
        case .visit(let node, let actions):
            actions.compactMap { planned in
                if case .action(.service(let act)) = planned { (node, act) } else { nil }
            }
        case .start(_, let members), .roll(_, let members, _, _):
            members.flatMap { member in
                member.actions.compactMap { action in
                    if case .service(let act) = action { (member.node, act) } else { nil }
                }
            }
        case .app, .compareApps, .image: []
        case .network: []
        }
    }

    var isGroupStart: Bool {
        if case .start = act { true } else { false }
    }

    var isInstall: Bool {
        guard case .visit(_, let actions) = act else { return false }
        return actions.contains {
            if case .action(.installPackages) = $0 { true } else { false }
        }
    }

    var isHold: Bool {
        serviceActs.contains { act in
            switch act.1 {
            case .stopUnit, .stopJob: true
            default: false
            }
        } && !isInstall
    }
}

extension Planning {
    /// Tries the draft on the model; a violation refuses the plan with its counterexample.
    mutating func proveSafe() {
        let steps = draft.numbered()
        guard draft.refusals.isEmpty, let violation = safetyModel.violation(in: steps) else { return }
        let prefix = steps.prefix(violation.step.id).filter { $0.layer?.isEnsemble == true }
            .map { "\($0.id) \($0.title) (\($0.nodes.map(\.text).joined(separator: ", ")))" }
        refuse(
            "unsafe-order",
            violation.step.nodes,
            "step \(violation.step.id) (\(violation.step.title)): \(violation.words); after: \(prefix.joined(separator: "; "))",
            remedy: "this is a defect of reconciler, please report it; nothing was done"
        )
    }

    private var safetyModel: SafetyModel {
        let declared = desired.zooKeeper?.members.map(\.node) ?? []
        let state = desired.zooKeeper.map { ZooKeeperState($0, members(of: .zooKeeper).answering) }
        var servers: [NodeName: SafetyModel.Server] = [:]
        for node in declared {
            guard let member = difference(node) else {
                servers[node] = .init(isUp: false, holdsData: nil)
                continue
            }
            servers[node] = .init(isUp: member.isUp(.zooKeeper), holdsData: state?.holdsData(member))
        }
        return SafetyModel(
            zooKeeper: servers,
            // A crash loop may come up at any moment, and a silent node's master may be up.
            mastersUp: Set(
                differences.filter { $0.mayBeUp(.mesosMaster) }.map(\.name)
                    + (desired.masters?.nodes.filter { difference($0) == nil } ?? [])
            ),
            quorum: desired.masters?.quorum ?? 1,
            silent: Set(desired.nodes.map(\.name).filter { difference($0) == nil })
        )
    }
}
