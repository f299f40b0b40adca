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

/// What a step does.
public enum Act: Hashable, Sendable, Codable {
    /// Actions on one node, in one visit.
    case visit(NodeName, [PlannedAction])
    /// Starts the service on all members at once (a fresh ensemble needs them together).
    case start(ServiceName, [Member])
    /// Restarts the members one at a time; the order is chosen from observation at that moment.
    ///
    /// Before each restart every member must be healthy, after it the step's gate must hold; restarts begin at least
    /// `pauseSeconds` apart.
    case roll(ServiceName, [Member], RollRule, pauseSeconds: Int)
    /// One app of Marathon.
    case app(AppAct)
    /// Waits for a Marathon that this plan starts; what is there already can be compared only then, so the run ends here and
    /// plans again.
    case compareApps(deadlineSeconds: Int)
    /// One image, on one node or where it comes from.
    case image(ImageAct)
    /// One node's link, with its revert armed on the node.
    case network(NetworkAct)

    public struct Member: Hashable, Sendable, Codable {
        public var node: NodeName
        public var planned: [PlannedAction]

        public init(node: NodeName, planned: [PlannedAction]) {
            self.node = node
            self.planned = planned
        }

        public init(node: NodeName, actions: [NodeAction]) {
            self.init(node: node, planned: actions.map { .action($0) })
        }

        /// Those that are known beforehand.
        public var actions: [NodeAction] {
            planned.compactMap { if case .action(let action) = $0 { action } else { nil } }
        }
    }
}

public enum RollRule: Hashable, Sendable, Codable {
    /// Followers first, the leader of the moment last; needs one leader and all others synced before each restart.
    case zooKeeperLeaderLast(ZooKeeperRing)
    /// Standbys first, the elected master last; needs exactly one elected.
    case mesosLeaderLast(port: Int)
    /// In the order given.
    case inOrder
}

/// An ensemble as gates ask it.
public struct ZooKeeperRing: Hashable, Sendable, Codable {
    public struct Server: Hashable, Sendable, Codable {
        public var node: NodeName
        public var id: Int
        public var address: String
        public var port: Int

        public init(node: NodeName, id: Int, address: String, port: Int) {
            self.node = node
            self.id = id
            self.address = address
            self.port = port
        }
    }

    public var servers: [Server]

    public init(servers: [Server]) { self.servers = servers }
}

/// An action as planned; some content is known only once a package has brought its files.
public enum PlannedAction: Hashable, Sendable, Codable {
    case action(NodeAction)
    /// Sets keys in what is there at that moment (a package just installed brought it); read, edited and compare-and-swapped
    /// then.
    case edit(LateEdit)
    /// Stops here unless the program that is installed now knows the flags it would be started with.
    case checkFlags(FlagCheck)
}

/// What a program that was just installed will be started with; a Mesos daemon exits on a flag it does not know
/// (mesos-zk-ops.md 1.3, F15).
public struct FlagCheck: Hashable, Sendable, Codable {
    public var service: ServiceName
    /// Where its program may be, in the order of preference.
    public var programs: [String]
    /// Without dashes, sorted.
    public var flags: [String]

    public init(service: ServiceName, programs: [String], flags: [String]) {
        self.service = service
        self.programs = programs
        self.flags = flags
    }
}

/// A write whose starting content is not known when the plan is made.
public struct LateEdit: Hashable, Sendable, Codable {
    public enum Body: Hashable, Sendable, Codable {
        case whole(Content)
        case keyed(KeyedEdit)
        case absent
    }

    public var path: String
    public var body: Body
    public var mode: Int?
    public var owner: String?
    public var group: String?
    public var readBy: [ServiceName]
    /// What was observed and must still be there; nil where the file comes with a package that is yet to be installed.
    public var expected: FileExpectation?

    public init(
        path: String,
        body: Body,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        readBy: [ServiceName] = [],
        expected: FileExpectation? = nil
    ) {
        self.path = path
        self.body = body
        self.mode = mode
        self.owner = owner
        self.group = group
        self.readBy = readBy
        self.expected = expected
    }
}

/// One resource before and after, with its cause.
public struct Change: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case create, update, remove
        /// A service's process is started, stopped or restarted.
        case run
    }

    public enum Cause: String, Hashable, Sendable, Codable {
        /// Observed differs from what was last applied.
        case drift
        /// Last applied differs from what is declared.
        case git
        /// There is no record.
        case unattributed
    }

    /// nil for an app.
    public var node: NodeName?
    /// Such as `file:/etc/mesos/zk`, `package:mesos`, `repository:site`, `service:zookeeper`, `app:/shop/cart`; as in the
    /// applied record.
    public var resource: String
    public var kind: Kind
    public var cause: Cause
    /// Masked text; nil where there is none or it is no text.
    public var before: Content?
    public var after: Content?
    /// One line for the plan, such as `1mins → 5mins`.
    public var summary: String
    /// What the applied record should say afterwards; nil for what is not recorded.
    public var applied: AppliedEntry?
    /// Of an app: each field that differs, sorted by path.
    public var fields: [FieldDifference]

    public init(
        node: NodeName? = nil,
        resource: String,
        kind: Kind,
        cause: Cause,
        before: Content? = nil,
        after: Content? = nil,
        summary: String,
        applied: AppliedEntry? = nil,
        fields: [FieldDifference] = []
    ) {
        self.node = node
        self.resource = resource
        self.kind = kind
        self.cause = cause
        self.before = before
        self.after = after
        self.summary = summary
        self.applied = applied
        self.fields = fields
    }
}

/// What a step may cost while it goes on.
public enum Impact: Hashable, Sendable, Codable {
    case none
    /// Restarts or stops something; says what, for whom and how long.
    case disruptive(String)
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
