internal import Specs

/// The version of the Docker engine that answers.
enum DockerEngineFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        node.has(.docker) ? [.dockerEngine] : []
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let engine: Observation<String>? = answers.value(of: .dockerEngine) { answer in
            if case .dockerEngine(let version) = answer { version } else { nil }
        }
        if let engine { observed.dockerEngine = engine }
    }
}
