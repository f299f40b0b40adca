// The plan as other programs read it. Its own types, so that the engine's may change: `formatVersion` names this shape.
// Text that holds a secret shows the reference (`${env:NAME}`) or `•••`, never a value.

public import Reconciler
internal import Specs

/// What `plan --format json` prints.
public struct PlanDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "plan"
    public var cluster: String
    public var source: Source
    /// Steps to take, or wanted and blocked: what makes `--detailed-exitcode` 2.
    public var changesPending: Bool
    /// A rule forbids the plan, or something that it would do (`blocked` with a `rule`): exit 3.
    public var refused: Bool
    /// Some node did not answer: exit 4.
    public var incomplete: Bool
    public var summary: Summary
    public var nodes: [Node]
    public var steps: [Step]
    public var blocked: [Blocked]
    public var refusals: [Refusal]
    public var notes: [Note]
    /// What the steps cost in failure tolerance, one sentence each.
    public var safety: [String]
    /// Absent where the plan stands on the cluster as it is now and is compared with nothing.
    public var basis: Basis?

    public init(_ plan: Plan) {
        cluster = plan.cluster
        source = Source(file: plan.source.file, revision: plan.source.revision)
        changesPending = !plan.steps.isEmpty || !plan.blocked.isEmpty
        refused = !plan.refusals.isEmpty || plan.blocked.contains { $0.rule != nil }
        incomplete = !plan.isComplete || plan.blocked.contains(where: \.isByUnknown)
        summary = Summary(PlanSummary(plan))
        nodes = plan.nodes.map(Node.init)
        steps = plan.steps.map(Step.init)
        blocked = plan.blocked.map(Blocked.init)
        refusals = plan.refusals.map(Refusal.init)
        notes = plan.notes.map { Note(node: $0.node?.text, text: $0.text) }
        safety = plan.safety
        basis = plan.basis.map(Basis.init)
    }

    public var json: String { Rendering.json(self) }
    public var jsonLine: String { Rendering.json(self, isOneLine: true) }

    public struct Source: Hashable, Sendable, Encodable {
        public var file: String
        /// Short git revision, `-dirty` included; absent outside a work tree.
        public var revision: String?
    }

    public struct Summary: Hashable, Sendable, Encodable {
        public var add: Int
        public var change: Int
        public var remove: Int
        public var restarts: Int
        public var starts: Int
        public var stops: Int
        /// Tasks of apps that are killed and replaced.
        public var tasksRestarted: Int
        /// New tasks in nobody's place.
        public var tasksAdded: Int
        /// Tasks killed for good.
        public var tasksKilled: Int
        /// What is brought where; absent where no image is touched.
        public var images: Images?

        init(_ summary: PlanSummary) {
            add = summary.add
            change = summary.change
            remove = summary.remove
            restarts = summary.runs(.restart).count
            starts = summary.runs(.start).count
            stops = summary.runs(.stop).count
            tasksRestarted = summary.tasks.restarted
            tasksAdded = summary.tasks.added
            tasksKilled = summary.tasks.killed
            images = summary.images.isEmpty ? nil : Images(summary.images)
        }
    }

    public struct Node: Hashable, Sendable, Encodable {
        public var name: String
        public var answered: Bool
        public var failure: Failure?
        /// Where the platform is assumed, what from.
        public var assumption: String?

        init(_ node: Plan.NodeSummary) {
            name = node.name.text
            answered = node.failure == nil
            failure = node.failure.map(Failure.init)
            assumption = node.assumption
        }
    }

    public struct Note: Hashable, Sendable, Encodable {
        public var node: String?
        public var text: String
    }

    public struct Blocked: Hashable, Sendable, Encodable {
        /// Absent for what is done through Marathon.
        public var node: String?
        public var title: String
        public var layer: String?
        public var because: String
        public var byUnknown: Bool
        /// Stable name of the rule that forbids it; then the rest of the plan is carried out all the same.
        public var rule: String?
        public var remedy: String?
        public var position: Position?

        init(_ blocked: Reconciler.Blocked) {
            node = blocked.node?.text
            title = blocked.title
            layer = blocked.layer?.word
            because = blocked.because
            byUnknown = blocked.isByUnknown
            rule = blocked.rule
            remedy = blocked.remedy
            position = blocked.position.map(Position.init)
        }
    }

    public struct Refusal: Hashable, Sendable, Encodable {
        /// Stable name.
        public var rule: String
        public var nodes: [String]
        public var reason: String
        public var remedy: String?
        public var position: Position?

        init(_ refusal: Reconciler.Refusal) {
            rule = refusal.rule
            nodes = refusal.nodes.map(\.text)
            reason = refusal.reason
            remedy = refusal.remedy
            position = refusal.position.map(Position.init)
        }
    }
}

/// Why a node as a whole could not be asked, as documents say it.
public struct Failure: Hashable, Sendable, Encodable {
    /// Such as `timedOut`, `hostKeyChanged`.
    public var kind: String
    public var message: String

    init(_ error: NodeAccessError) {
        kind = error.kind.word
        message = error.message
    }
}

/// A line of a spec file, as documents say it.
public struct Position: Hashable, Sendable, Encodable {
    public var file: String
    /// 1-based.
    public var line: Int
    /// 1-based, in Unicode scalars.
    public var column: Int

    init(_ position: SourcePosition) {
        (file, line, column) = (position.file, position.line, position.column)
    }
}
