public import Specs

/// What would be done, why, in which order and at what risk: a value that can be read, saved, checked and carried out.
///
/// Deterministic: the same desired and observed clusters give the same plan, whatever the order of the input.
public struct Plan: Hashable, Sendable, Codable {
    public var cluster: String
    /// Where the declaration came from: the file and, in a git work tree, the short revision.
    public var source: Source
    public var nodes: [NodeSummary]
    /// In an order in which they may be carried out; ids count from 1.
    public var steps: [Step]
    /// What should be done and cannot be, and by which unknown or failure it is held.
    public var blocked: [Blocked]
    /// What a safety rule forbids; a plan with refusals is not carried out at all.
    public var refusals: [Refusal]
    /// What is worth knowing and no step: undeclared flags kept, recommendations, restarts that cannot be judged.
    public var notes: [Note]
    /// What the steps cost in failure tolerance, ensemble by ensemble; one sentence each.
    public var safety: [String]
    /// What it stands on where that is not the cluster as it is now, alone; see `PlanBasis`.
    public var basis: PlanBasis?

    public init(
        cluster: String,
        source: Source,
        nodes: [NodeSummary],
        steps: [Step] = [],
        blocked: [Blocked] = [],
        refusals: [Refusal] = [],
        notes: [Note] = [],
        safety: [String] = [],
        basis: PlanBasis? = nil
    ) {
        self.cluster = cluster
        self.source = source
        self.nodes = nodes
        self.steps = steps
        self.blocked = blocked
        self.refusals = refusals
        self.notes = notes
        self.safety = safety
        self.basis = basis
    }

    public var isEmpty: Bool { steps.isEmpty && blocked.isEmpty && refusals.isEmpty }
    /// Whether every node answered.
    public var isComplete: Bool { nodes.allSatisfy { $0.failure == nil } }

    public struct Source: Hashable, Sendable, Codable {
        public var file: String
        public var revision: String?

        public init(file: String, revision: String? = nil) {
            self.file = file
            self.revision = revision
        }
    }

    public struct NodeSummary: Hashable, Sendable, Codable {
        public var name: NodeName
        /// nil: the node answered.
        public var failure: NodeAccessError?
        /// Set where the platform is assumed, with the assumption's source.
        public var assumption: String?

        public init(name: NodeName, failure: NodeAccessError? = nil, assumption: String? = nil) {
            self.name = name
            self.failure = failure
            self.assumption = assumption
        }
    }
}

/// One idempotent act, with what it changes, what it needs first and what must hold after it.
public struct Step: Hashable, Sendable, Codable {
    public var id: Int
    /// Set where the step touches an ensemble: all such steps form one total order by `needs`.
    public var layer: Layer?
    /// What is done, in words, such as `restart mesos-slave`.
    public var title: String
    public var act: Act
    public var changes: [Change]
    /// Ids of steps that must have succeeded first.
    public var needs: [Int]
    public var gate: Gate?
    public var impact: Impact
    public var reasons: [Reason]
    /// How it is undone by hand, where it can be.
    public var undo: String?
    /// Whether somebody should be there: never carried out in an unattended loop.
    public var needsAttendance: Bool

    public init(
        id: Int,
        layer: Layer? = nil,
        title: String,
        act: Act,
        changes: [Change] = [],
        needs: [Int] = [],
        gate: Gate? = nil,
        impact: Impact = .none,
        reasons: [Reason] = [],
        undo: String? = nil,
        needsAttendance: Bool = false
    ) {
        self.id = id
        self.layer = layer
        self.title = title
        self.act = act
        self.changes = changes
        self.needs = needs
        self.gate = gate
        self.impact = impact
        self.reasons = reasons
        self.undo = undo
        self.needsAttendance = needsAttendance
    }

    /// The nodes it touches, in order; none for what is done through Marathon.
    public var nodes: [NodeName] {
        switch act {
        case .visit(let node, _): [node]
        case .start(_, let members), .roll(_, let members, _, _): members.map(\.node)
        case .app, .compareApps: []
        case .image(let act): [act.node].compactMap(\.self)
        case .network(let act): [act.node]
        }
    }
}

/// A step that should be and cannot.
public struct Blocked: Hashable, Sendable, Codable {
    /// nil for what is done through Marathon.
    public var node: NodeName?
    public var title: String
    public var layer: Layer?
    /// Such as "mesos-master3 does not answer (timed out), and it is a member of the same ensemble".
    public var because: String
    /// Whether an unknown (a silent host) holds it: exit 4; otherwise exit 1 when applied.
    public var isByUnknown: Bool
    /// The rule that forbids it, such as `app-recreate`: exit 3, and the rest of the plan is carried out all the same.
    ///
    /// A `Refusal` forbids a whole plan, since what it names could take an ensemble or the budget along; one app takes
    /// nothing along but what depends on it.
    public var rule: String?
    /// The next move, where there is one.
    public var remedy: String?
    public var position: SourcePosition?

    public init(
        node: NodeName? = nil,
        title: String,
        layer: Layer? = nil,
        because: String,
        isByUnknown: Bool,
        rule: String? = nil,
        remedy: String? = nil,
        position: SourcePosition? = nil
    ) {
        self.node = node
        self.title = title
        self.layer = layer
        self.because = because
        self.isByUnknown = isByUnknown
        self.rule = rule
        self.remedy = remedy
        self.position = position
    }
}

/// A rule that forbids the plan.
public struct Refusal: Hashable, Sendable, Codable {
    /// A stable name, such as `zookeeper-membership`.
    public var rule: String
    public var nodes: [NodeName]
    /// What would happen, with the facts.
    public var reason: String
    /// The safe way, where there is one.
    public var remedy: String?
    public var position: SourcePosition?

    public init(rule: String, nodes: [NodeName], reason: String, remedy: String? = nil, position: SourcePosition? = nil)
    {
        self.rule = rule
        self.nodes = nodes
        self.reason = reason
        self.remedy = remedy
        self.position = position
    }
}

public struct Note: Hashable, Sendable, Codable {
    public var node: NodeName?
    public var text: String

    public init(node: NodeName? = nil, _ text: String) {
        self.node = node
        self.text = text
    }
}
