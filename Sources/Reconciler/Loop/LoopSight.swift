public import Specs

/// How far a look saw, so that what it did not see is never taken for what is not there.
public struct LoopSight: Hashable, Sendable {
    /// Nodes that did not answer, or of which something that matters is not known.
    public var darkNodes: Set<NodeName>
    /// Whether what runs in Marathon was compared.
    public var seesApps: Bool
    /// Whether nothing at all can be said.
    public var isBlind: Bool

    /// Of nothing.
    public static let blind = LoopSight(darkNodes: [], seesApps: false, isBlind: true)

    private init(darkNodes: Set<NodeName>, seesApps: Bool, isBlind: Bool) {
        self.darkNodes = darkNodes
        self.seesApps = seesApps
        self.isBlind = isBlind
    }

    /// Of the look that `plan` was made from; a plan that a rule forbids tells nothing of what differs.
    public init(_ plan: Plan) {
        let unknown = plan.blocked.filter(\.isByUnknown)
        let silent = plan.nodes.filter { $0.failure != nil }.map(\.name)
        let comparesLater = plan.steps.contains { if case .compareApps = $0.act { true } else { false } }
        self.init(
            darkNodes: Set(silent + unknown.compactMap(\.node)),
            seesApps: !comparesLater && !unknown.contains { $0.node == nil },
            isBlind: !plan.refusals.isEmpty
        )
    }

    /// Whether `item` would have been found if it differed.
    public func covers(_ item: LoopItem) -> Bool {
        guard !isBlind else { return false }
        return item.node.map { !darkNodes.contains($0) } ?? seesApps
    }
}
