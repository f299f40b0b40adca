public import Specs

/// Everything one visit asks a node.
public struct ObservationRequest: Hashable, Sendable {
    public var facts: [FactRequest]

    /// The facts that matter for the node's roles, each once, in a fixed order.
    public init(for node: NodeSpec, in spec: ClusterSpec) {
        var seen: Set<FactRequest> = []
        facts = ObservedFacts.all.flatMap { $0.requests(for: node, in: spec) }.filter { seen.insert($0).inserted }
    }
}
