public import Specs

/// One thing that a run has written down; no secret's value is in any of them.
public enum JournalRecord: Hashable, Sendable {
    /// The lease is held and the plan agreed to; nothing was done yet.
    case began(JournaledRun)
    /// The step is begun next.
    case intent(JournaledIntent)
    /// This is sent next.
    case act(JournaledAct)
    /// What came of the act of that number, a line for each of its words.
    case acted(number: Int, results: [String])
    case outcome(step: Int, StepOutcome)
    /// The run is over; `counts` has how many steps came to each outcome, by the words of `StepOutcome`.
    case ended(RunReport.Ending, counts: [String: Int])
    /// What was found of a step that an earlier run left open.
    case reobserved(Reobserved)
    /// Written by a later version under the same format; its type.
    case other(String)
}

/// What a run is of, and whose.
public struct JournaledRun: Hashable, Sendable, Codable {
    public var cluster: String
    /// Of the declaration.
    public var file: String
    /// nil outside git.
    public var revision: String?
    public var command: String
    public var user: String
    public var host: String
    public var pid: Int
    /// How many steps are planned.
    public var steps: Int
    /// SHA-256 of the plan as JSON; nil for what has no plan.
    public var planDigest: String?

    public init(
        cluster: String,
        file: String,
        revision: String?,
        command: String,
        user: String,
        host: String,
        pid: Int,
        steps: Int,
        planDigest: String?
    ) {
        self.cluster = cluster
        self.file = file
        self.revision = revision
        self.command = command
        self.user = user
        self.host = host
        self.pid = pid
        self.steps = steps
        self.planDigest = planDigest
    }
}

public struct JournaledIntent: Hashable, Sendable, Codable {
    /// What a step is to change.
    public struct Resource: Hashable, Sendable, Codable {
        /// nil for an app.
        public var node: NodeName?
        /// As `Change.resource`.
        public var resource: String

        public init(node: NodeName?, resource: String) {
            self.node = node
            self.resource = resource
        }
    }

    /// The step's id in its plan.
    public var step: Int
    public var title: String
    public var nodes: [NodeName]
    public var resources: [Resource]

    public init(step: Int, title: String, nodes: [NodeName], resources: [Resource]) {
        self.step = step
        self.title = title
        self.nodes = nodes
        self.resources = resources
    }

    public init(_ step: Step) {
        self.init(
            step: step.id,
            title: step.title,
            nodes: step.nodes,
            resources: step.changes.map { Resource(node: $0.node, resource: $0.resource) }
        )
    }
}

public struct JournaledAct: Hashable, Sendable, Codable {
    /// Counts from 1 in each run.
    public var number: Int
    /// nil for what belongs to no step.
    public var step: Int?
    /// A node, or the API that is asked.
    public var place: String
    /// What is sent, such as `write /etc/mesos/zk` or `PUT /v2/apps/shop/cart?force=false`.
    public var words: [String]

    public init(number: Int, step: Int?, place: String, words: [String]) {
        self.number = number
        self.step = step
        self.place = place
        self.words = words
    }
}

/// What a later look has found of a step whose end is not known.
public struct Reobserved: Hashable, Sendable, Codable {
    public enum Finding: String, Hashable, Sendable, Codable {
        /// Nothing is left to do for what it was to change.
        case done
        /// Something is left to do for it: a step for it is in the plan again.
        case notDone
        /// It is no longer declared, or its node is not: nobody looks at it any more.
        case undeclared
        case unknown
    }

    /// The run that left it open.
    public var run: RunID
    public var step: Int
    public var finding: Finding
    /// Why, such as "m2 does not answer (timed out)".
    public var words: String

    public init(run: RunID, step: Int, finding: Finding, words: String) {
        self.run = run
        self.step = step
        self.finding = finding
        self.words = words
    }
}

extension Reobserved.Finding {
    /// Whether nothing is to be looked for any more.
    public var isFinal: Bool { self != .unknown }
}
