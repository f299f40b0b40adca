internal import Specs

/// Links, routes and names as they are, and the two files that give names.
enum NetworkFact: Fact {
    static let files = ["/etc/hostname", "/etc/hosts"]

    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        [.network] + files.map { .file(path: $0) }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        let network: Observation<NetworkAnswer>? = answers.value(of: .network) { answer in
            if case .network(let network) = answer { network } else { nil }
        }
        if let network { observed.network = network }
    }
}
