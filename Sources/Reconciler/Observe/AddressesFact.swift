internal import Specs

/// What names lead to on the node: its own, where loopback binds daemons where nobody reaches them (mesos-zk-ops.md F7, F22),
/// and those of the other nodes.
enum AddressesFact: Fact {
    /// In a larger cluster a node is asked for its own names and for those of its masters alone.
    static let nodesAskedFor = 64

    /// Of `network.hosts`.
    static let hostsAskedFor = 64

    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        let isSmall = spec.nodes.count <= nodesAskedFor
        let others = spec.nodes.filter { other in
            other.name.value != node.name.value && (isSmall || other.has(.mesosMaster) || other.has(.zookeeper))
        }
        // An address leads to itself.
        let foreign = others.flatMap(names).filter { IPAddress($0) == nil }
        let declared = spec.other.network?.hosts.prefix(hostsAskedFor).map(\.name.value) ?? []
        return (names(node) + foreign + declared).unique.map { .resolve(name: $0) }
    }

    private static func names(_ node: NodeSpec) -> [String] {
        [node.name.value.text, node.hostname?.value].compactMap { $0 }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .resolve(let name) in answers.requests {
            observed.addresses[name] = answers.value(of: .resolve(name: name)) { answer in
                if case .addresses(let addresses) = answer { addresses } else { nil }
            }
        }
    }
}
