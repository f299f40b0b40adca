internal import Specs

/// What the node's own names resolve to: loopback there binds daemons where nobody reaches them (mesos-zk-ops.md F7, F22).
enum AddressesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        let names = [node.name.value.text, node.hostname?.value].compactMap { $0 }
        return names.map { .resolve(name: $0) }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .resolve(let name) in answers.requests {
            observed.addresses[name] = answers.value(of: .resolve(name: name)) { answer in
                if case .addresses(let addresses) = answer { addresses } else { nil }
            }
        }
    }
}
