internal import Specs

/// Which nodes hold parts, and who needs them still; pure.
struct Staging: Sendable {
    private struct Shipment: Hashable, Sendable {
        var node: NodeName
        var reference: String
        var isTree: Bool
    }

    /// Steps that have not ended.
    private var open: [Int: Shipment] = [:]
    /// Nodes whose step has staged parts and goes on.
    private var atWork: Set<NodeName> = []
    /// What each node has, or may have, parts of.
    private var held: [NodeName: Set<String>] = [:]

    init(_ steps: [Step]) {
        for step in steps {
            guard case .image(let act) = step.act, case .ship = act.operation, let node = act.node else { continue }
            open[step.id] = Shipment(node: node, reference: act.reference, isTree: act.transfer.isTree)
        }
    }

    /// Sorted.
    var nodes: [NodeName] { held.keys.sorted() }

    mutating func stage(_ reference: String, on node: NodeName) {
        atWork.insert(node)
        held[node, default: []].insert(reference)
    }

    mutating func end(_ step: Int) {
        if let shipment = open.removeValue(forKey: step) { atWork.remove(shipment.node) }
    }

    mutating func clear(_ node: NodeName) { held[node] = nil }

    /// Nodes whose parts nobody needs, sorted: their own step is over, and no other node may be fed from them.
    var unneeded: [NodeName] {
        let wanted = Set(open.values.filter(\.isTree).map(\.reference))
        return nodes.filter { !atWork.contains($0) && wanted.isDisjoint(with: held[$0] ?? []) }
    }
}
