public import Reconciler

/// What `plan --out` writes and `apply FILE` reads.
public enum SavedPlanDocument {
    public static func text(_ plan: SavedPlan) -> String { SealedText.text(plan, type: "saved-plan") }

    public static func read(_ text: String) throws(SealedDocumentError) -> SavedPlan {
        try SealedText.body(SavedPlan.self, of: text, type: "saved-plan")
    }
}

/// A look at a cluster, to plan on where the cluster cannot be reached; secrets are references, or are left out.
public struct ClusterSnapshot: Hashable, Sendable, Codable {
    public var tool: String
    public var cluster: String
    /// Seconds since 1970.
    public var observedAt: Int
    public var observed: ObservedCluster

    public init(tool: String, cluster: String, observedAt: Int, observed: ObservedCluster) {
        self.tool = tool
        self.cluster = cluster
        self.observedAt = observedAt
        self.observed = observed
    }

    /// What `observe --snapshot` writes and `plan --observed` reads.
    public var text: String { SealedText.text(self, type: "snapshot") }

    public static func read(_ text: String) throws(SealedDocumentError) -> ClusterSnapshot {
        try SealedText.body(ClusterSnapshot.self, of: text, type: "snapshot")
    }
}
