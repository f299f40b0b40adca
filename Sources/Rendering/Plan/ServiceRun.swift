internal import Reconciler
internal import Specs

/// What a step does to one running service on one node.
struct ServiceRun: Hashable {
    enum Verb: String, Hashable {
        case start, restart, stop
    }

    var verb: Verb
    var service: ServiceName
    var node: NodeName
}

extension Step {
    /// The services this step starts, restarts or stops, in order.
    ///
    /// A stop that the same visit follows by a start is one restart. A stop counts where the step says that it costs
    /// something: holding a service off that does not run stops nothing.
    var runs: [ServiceRun] {
        switch act {
        case .visit(let node, let actions): Self.runs(actions.compactMap(\.serviceAct), on: node, impact: impact)
        case .start(let service, let members):
            members.map { ServiceRun(verb: .start, service: service, node: $0.node) }
        case .roll(let service, let members, _, _):
            members.map { ServiceRun(verb: .restart, service: service, node: $0.node) }
        case .app, .compareApps, .image: []
        case .network: []
        }
    }

    private static func runs(_ acts: [ServiceAct], on node: NodeName, impact: Impact) -> [ServiceRun] {
        var runs: [ServiceRun] = []
        var stopped: Set<ServiceName> = []
        for act in acts {
            switch act {
            case .stopUnit(let service), .stopJob(let service):
                stopped.insert(service)
                if impact != .none { runs.append(ServiceRun(verb: .stop, service: service, node: node)) }
            case .startUnit(let service), .startJob(let service):
                let isRestart = stopped.remove(service) != nil && impact != .none
                runs.removeAll { isRestart && $0.service == service && $0.verb == .stop }
                runs.append(ServiceRun(verb: isRestart ? .restart : .start, service: service, node: node))
            case .restartUnit(let service, _), .restartJob(let service, _):
                runs.append(ServiceRun(verb: .restart, service: service, node: node))
            case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .holdJob, .releaseJob, .reloadUnit, .reloadJob:
                break
            }
        }
        return runs
    }
}

extension PlannedAction {
    fileprivate var serviceAct: ServiceAct? {
        if case .action(.service(let act)) = self { act } else { nil }
    }
}
