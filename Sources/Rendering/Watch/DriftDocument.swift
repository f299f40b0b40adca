// What changed without a commit, as other programs read it.

public import Reconciler
internal import Specs

/// What `drift --format json` prints.
public struct DriftDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "drift"
    public var cluster: String
    public var source: PlanDocument.Source
    /// Something differs that no commit explains: exit 2.
    public var hasDrift: Bool
    /// Some node or API did not answer: exit 4.
    public var incomplete: Bool
    /// A rule forbids the plan, so that what differs is not known: exit 3.
    public var refused: Bool
    public var nodes: [PlanDocument.Node]
    /// Changed without a commit.
    public var drift: [Item]
    /// Committed and not applied yet.
    public var unapplied: [PlanDocument.Change]
    /// What differs, or might, and cannot be corrected now.
    public var blocked: [PlanDocument.Blocked]
    public var refusals: [PlanDocument.Refusal]
    /// How many resources drift that `watch.ignore` names.
    public var ignored: Int

    public struct Item: Hashable, Sendable, Encodable {
        public var change: PlanDocument.Change
        /// What is known of who changed it and when, a line each.
        public var evidence: [String]
    }

    public init(_ report: DriftReport) {
        cluster = report.cluster
        source = PlanDocument.Source(file: report.source.file, revision: report.source.revision)
        hasDrift = report.hasDrift
        incomplete = !report.isComplete
        refused = !report.refusals.isEmpty
        nodes = report.nodes.map(PlanDocument.Node.init)
        drift = report.drifted.map { Item(change: PlanDocument.Change($0.change), evidence: $0.evidence) }
        unapplied = report.unapplied.map(PlanDocument.Change.init)
        blocked = report.blocked.map(PlanDocument.Blocked.init)
        refusals = report.refusals.map(PlanDocument.Refusal.init)
        ignored = report.ignored
    }

    public var json: String { Rendering.json(self) }
}
