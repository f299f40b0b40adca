internal import Reconciler
internal import Specs

extension PlanDocument {
    /// One numbered step.
    public struct Step: Hashable, Sendable, Encodable {
        public var id: Int
        public var title: String
        /// `create`, `change`, `remove`, `disruptive`, `transfer` or `unknown`: the words of the symbols `+ ~ - ! > ?`.
        public var effect: String
        /// `visit` (actions on one node), `start` (members together), `roll` (members one at a time), `app`, `image`, or
        /// `compare-apps` (waits for a Marathon that this plan starts; then the plan is made again), or `network` (a link, with
        /// its revert armed on the node).
        public var act: String
        /// Service of a `start` or `roll`.
        public var service: String?
        /// Order of a `roll`: `zookeeper-leader-last`, `mesos-leader-last`, `as-listed`.
        public var order: String?
        /// Least seconds between the restarts of a `roll`.
        public var pauseSeconds: Int?
        public var layer: String?
        public var nodes: [String]
        public var actions: [Action]
        public var changes: [Change]
        /// Ids of steps that must have succeeded first.
        public var needs: [Int]
        public var gate: Gate?
        /// What it costs while it goes on; absent where it costs nothing.
        public var impact: String?
        public var why: [Why]
        public var undo: String?
        /// Somebody should be there: an unattended loop never carries it out; absent: it may.
        public var needsAttendance: Bool?
        /// Of `app`.
        public var app: App?
        /// Of `image`.
        public var image: Image?

        init(_ step: Reconciler.Step) {
            id = step.id
            title = step.title
            effect = step.effect.rawValue
            layer = step.layer?.word
            nodes = step.nodes.map(\.text)
            actions = ActionWords(step).lines.map { Action(node: $0.node, text: $0.text) }
            changes = step.changes.map(Change.init)
            needs = step.needs.sorted()
            gate = step.gate.map { Gate(words: $0.words, deadlineSeconds: $0.deadlineSeconds) }
            if case .disruptive(let text) = step.impact { impact = text }
            why = step.reasons.map { Why(text: $0.text, position: $0.position.map(Position.init)) }
            undo = step.undo
            needsAttendance = step.needsAttendance ? true : nil
            switch step.act {
            case .visit: act = "visit"
            case .app(let app): (act, self.app) = ("app", App(app))
            case .image(let image): (act, self.image) = ("image", Image(image))
            case .compareApps: act = "compare-apps"
            case .network: act = "network"
            case .start(let name, _): (act, service) = ("start", name.text)
            case .roll(let name, _, let rule, let pause):
                (act, service, order, pauseSeconds) = ("roll", name.text, rule.word, pause)
            }
        }
    }

    /// In words for people: the text may be rephrased under the same `formatVersion`.
    public struct Action: Hashable, Sendable, Encodable {
        public var node: String
        public var text: String
    }

    public struct Gate: Hashable, Sendable, Encodable {
        public var words: String
        public var deadlineSeconds: Int
    }

    public struct Why: Hashable, Sendable, Encodable {
        public var text: String
        public var position: Position?
    }

    public struct Change: Hashable, Sendable, Encodable {
        /// Absent for an app.
        public var node: String?
        /// `file:PATH`, `package:NAME`, `repository:NAME`, `service:NAME`, `app:/ID`, `image:REFERENCE`.
        public var resource: String
        /// `create`, `update`, `remove`, or `run` (a process is started, stopped or restarted).
        public var kind: String
        /// `git`, `drift` or `unattributed`.
        public var cause: String
        public var before: String?
        public var after: String?
        /// Whether `before`, `after` or a field has parts that are not shown.
        public var hasSecrets: Bool
        public var summary: String
        /// Of an app: every field that differs, sorted by path.
        public var fields: [Field]?

        init(_ change: Reconciler.Change) {
            node = change.node?.text
            resource = change.resource
            kind = change.kind.rawValue
            cause = change.cause.rawValue
            let contents = (change.shownBefore, change.shownAfter)
            (before, after) = (contents.0?.shown, contents.1?.shown)
            let fields = change.fields.map(Field.init)
            hasSecrets =
                [contents.0, contents.1].contains { $0?.isSensitive == true }
                || fields.contains(where: \.hasSecrets)
            summary = change.summary
            self.fields = fields.isEmpty ? nil : fields
        }
    }
}

extension RollRule {
    fileprivate var word: String {
        switch self {
        case .zooKeeperLeaderLast: "zookeeper-leader-last"
        case .mesosLeaderLast: "mesos-leader-last"
        case .inOrder: "as-listed"
        }
    }
}

extension Layer {
    /// As documents spell it.
    var word: String {
        switch self {
        case .engine: "engine"
        case .network: "network"
        case .zooKeeper: "zookeeper"
        case .masters: "mesos-masters"
        case .marathon: "marathon"
        case .agents: "mesos-agents"
        case .site: "site"
        }
    }
}

extension NodeAccessError.Kind {
    /// As documents spell it.
    var word: String {
        switch self {
        case .unreachable: "unreachable"
        case .refused: "refused"
        case .timedOut: "timedOut"
        case .hostKeyUnknown: "hostKeyUnknown"
        case .hostKeyChanged: "hostKeyChanged"
        case .authentication: "authentication"
        case .privilege: "privilege"
        case .nameNotFound: "nameNotFound"
        case .unrecorded: "unrecorded"
        case .diskFull: "diskFull"
        case .interrupted: "interrupted"
        case .protocolViolation: "protocolViolation"
        }
    }
}
