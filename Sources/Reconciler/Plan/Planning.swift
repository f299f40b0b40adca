public import Specs

extension Plan {
    /// The difference between what is declared and what was observed, as ordered steps.
    ///
    /// Pure and deterministic. A node that did not answer gets no step; what its silence makes unsafe elsewhere is blocked.
    public init(desired: DesiredCluster, observed: ObservedCluster, source: Source) {
        var planning = Planning(desired, observed, revision: source.revision)
        planning.refuseWhatLosesData()
        planning.planNames()
        planning.holdServicesOff()
        planning.planSources()
        planning.installPackages()
        planning.holdPackages()
        planning.startEngines()
        planning.planLinks()
        planning.planZooKeeper()
        planning.planMasters()
        if !planning.marathonFollowsAgents { planning.planMarathon() }
        planning.restartEngines()
        planning.planAgents()
        if planning.marathonFollowsAgents { planning.planMarathon() }
        planning.withholdMisplacedSiteFiles()
        planning.planLoadBalancers()
        planning.planOtherFiles()
        planning.planSiteServices(except: planning.balancerServices)
        planning.planImages()
        planning.planApps()
        planning.noteAppsKeepingImages()
        planning.noteNetworkBetweenNodes()
        planning.proveSafe()
        self.init(
            cluster: desired.name,
            source: source,
            nodes: planning.summaries,
            steps: planning.draft.refusals.isEmpty ? planning.draft.numbered() : [],
            blocked: planning.draft.blocked,
            refusals: planning.draft.refusals,
            notes: planning.draft.notes,
            safety: planning.draft.safety
        )
    }
}

/// The planner at work: what differs where, and the draft it fills.
struct Planning {
    let desired: DesiredCluster
    let observed: ObservedCluster
    let revision: String?
    /// The nodes that answered and whose platform is known, in the order of cluster.yaml.
    let differences: [NodeDifference]
    var draft = PlanDraft()
    /// Layers that will not serve even after this plan.
    var layerProblems: [Layer: Problem] = [:]
    /// Files that a step has taken up, by node.
    var planned: [NodeName: Set<String>] = [:]
    /// Files that differ and are not written, since the step they belong to is blocked; by node.
    var withheld: [NodeName: Set<String>] = [:]
    /// How each declared image stands, by reference and node.
    var imageStates: [String: [NodeName: ImageState]] = [:]

    init(_ desired: DesiredCluster, _ observed: ObservedCluster, revision: String?) {
        self.desired = desired
        self.observed = observed
        self.revision = revision
        var differences: [NodeDifference] = []
        for node in desired.nodes {
            guard let seen = observed[node.name] else { continue }
            if case .unknown(let reason) = seen.platform {
                draft.blocked.append(
                    Blocked(node: node.name, title: "everything on \(node.name)", because: reason, isByUnknown: true)
                )
                continue
            }
            let difference = NodeDifference(node, seen, revision: revision)
            draft.blocked += difference.blocked
            draft.notes += difference.notes
            differences.append(difference)
        }
        let judged = UpgradeJudgement(desired, observed, differences)
        self.differences = judged.differences
        draft.blocked += judged.blocked
        draft.notes += judged.notes
        draft.notes += desired.advice.map { Note($0) }
        for node in desired.nodes {
            let reason: String
            switch observed.nodes[node.name] {
            case .answered?: continue
            case .silent(let error)?: reason = error.message
            case nil: reason = "\(node.name) was not observed"
            }
            draft.blocked.append(
                Blocked(node: node.name, title: "everything on \(node.name)", because: reason, isByUnknown: true)
            )
        }
    }

    var summaries: [Plan.NodeSummary] {
        desired.nodes.map { node in
            switch observed.nodes[node.name] {
            case .answered?:
                Plan.NodeSummary(name: node.name, assumption: node.assumption?.source)
            case .silent(let error)?:
                Plan.NodeSummary(name: node.name, failure: error)
            case nil:
                Plan.NodeSummary(
                    name: node.name,
                    failure: NodeAccessError(.interrupted, "\(node.name) was not observed")
                )
            }
        }
    }

    func difference(_ name: NodeName) -> NodeDifference? { differences.first { $0.name == name } }

    /// The services of a layer that are wanted, with their nodes' differences; silent nodes are in `silent`.
    func members(of service: ServiceName) -> (answering: [NodeDifference], silent: [NodeName]) {
        let wanted = desired.nodes.filter { $0.service(service)?.running == true }.map(\.name)
        return (wanted.compactMap(difference), wanted.filter { difference($0) == nil })
    }
}
