internal import Specs

/// Control group hierarchies of version 1, without which an agent's Docker containerizer does not start
/// (mesos-zk-ops.md 4.3).
enum ControlGroupsFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        node.has(.mesosAgent) ? [.controlGroups] : []
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let mounted: Observation<[String]>? = answers.value(of: .controlGroups) { answer in
            if case .controlGroups(let version1, _) = answer { version1 } else { nil }
        }
        if let mounted { observed.controlGroups = mounted }
    }
}
