internal import Specs

/// What differs from what was last applied, told apart from what was committed since: the answer to "did anybody touch it?".
public struct DriftReport: Hashable, Sendable {
    /// A resource that differs.
    public struct Item: Hashable, Sendable {
        public var change: Change
        /// What is known of who changed it, and when; a line each.
        public var evidence: [String]

        public init(change: Change, evidence: [String]) {
            self.change = change
            self.evidence = evidence
        }
    }

    public var cluster: String
    public var source: Plan.Source
    public var nodes: [Plan.NodeSummary]
    /// Changed without a commit, sorted, each once; also what differs without a record that could tell why.
    public var drifted: [Item]
    /// Committed and not applied yet, sorted, each once.
    public var unapplied: [Change]
    /// What differs, or might, and cannot be corrected now.
    public var blocked: [Blocked]
    /// Rules that forbid a plan: what differs is not known then.
    public var refusals: [Refusal]
    /// How many resources drift that `watch.ignore` names.
    public var ignored: Int

    /// - Parameters:
    ///   - plan: Made from `observed`, whole.
    ///   - observed: What the evidence is taken from.
    ///   - ignore: `watch.ignore`.
    public init(_ plan: Plan, _ observed: ObservedCluster, ignore: [ResourcePattern]) {
        cluster = plan.cluster
        source = plan.source
        nodes = plan.nodes
        blocked = plan.blocked
        refusals = plan.refusals
        var changes: [LoopItem: Change] = [:]
        // Of two changes of one resource the drift counts: it must not hide behind a commit.
        for change in plan.steps.flatMap(\.changes) where changes[change.item].map({ $0.cause == .git }) ?? true {
            changes[change.item] = change
        }
        let sorted = changes.sorted { $0.key < $1.key }
        unapplied = sorted.map(\.value).filter { $0.cause == .git }
        let found = sorted.filter { $0.value.cause != .git }
        // By resource, not by step: a step that is left whole may hold an ignored one beside others.
        let told = found.filter { item, _ in !ignore.contains { $0.matches(item.resource) } }
        drifted = told.map { Item(change: $0.value, evidence: Evidence.lines(of: $0.key, in: observed)) }
        ignored = found.count - told.count
    }

    /// Whether every node and API answered.
    public var isComplete: Bool {
        nodes.allSatisfy { $0.failure == nil } && !blocked.contains(where: \.isByUnknown)
    }

    /// Whether something differs that no commit explains; what is blocked by something known differs too.
    public var hasDrift: Bool { !drifted.isEmpty || blocked.contains { !$0.isByUnknown } }
}
