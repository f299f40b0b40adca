/// How the loop stands, for whoever looks at it from outside; holds no secret's value.
///
/// Times are seconds since 1970.
public struct LoopStatus: Hashable, Sendable, Codable {
    public enum Mode: String, Hashable, Sendable, Codable {
        case report, correct
    }

    /// Where the declaration comes from.
    public struct Revision: Hashable, Sendable, Codable {
        /// The one that is planned by: the newest that could be read.
        public var good: String?
        /// A newer one that could not, and why.
        public var bad: Bad?

        public struct Bad: Hashable, Sendable, Codable {
            public var revision: String?
            public var reason: String

            public init(revision: String?, reason: String) {
                self.revision = revision
                self.reason = reason
            }
        }

        public init(good: String? = nil, bad: Bad? = nil) {
            self.good = good
            self.bad = bad
        }
    }

    /// One look at the cluster and what came of it.
    public struct Round: Hashable, Sendable, Codable {
        public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
            /// Nothing differs.
            case inSync
            /// Differences are told and left: nothing was to be done by the loop, or it was called off after a step.
            case reported
            /// Everything that the loop may do was done.
            case corrected
            case failed
            /// A rule forbids the plan.
            case refused
            /// A node or an API did not answer.
            case incomplete
            case paused
            /// Another holds the cluster.
            case busy
        }

        public var began: Int
        public var ended: Int
        public var revision: String?
        public var outcome: Outcome
        /// What failed or was refused, a sentence each.
        public var messages: [String]

        public init(began: Int, ended: Int, revision: String?, outcome: Outcome, messages: [String] = []) {
            self.began = began
            self.ended = ended
            self.revision = revision
            self.outcome = outcome
            self.messages = messages
        }
    }

    /// When the cluster was seen, and by which revision it was judged.
    public struct Look: Hashable, Sendable, Codable {
        public var at: Int
        public var revision: String?

        public init(at: Int, revision: String?) {
            self.at = at
            self.revision = revision
        }
    }

    /// Something that differs, or was corrected in the last round.
    public struct Item: Hashable, Sendable, Codable {
        public enum State: String, Hashable, Sendable, Codable, CaseIterable {
            case found, corrected, failed
            /// Left to people; `detail` says why.
            case withheld
            /// No longer corrected; `detail` is the evidence.
            case raised
            /// A rule or something unknown is in the way.
            case blocked
        }

        public var item: LoopItem
        public var cause: Change.Cause
        public var summary: String
        public var state: State
        public var detail: [String]

        public init(item: LoopItem, cause: Change.Cause, summary: String, state: State, detail: [String] = []) {
            self.item = item
            self.cause = cause
            self.summary = summary
            self.state = state
            self.detail = detail
        }
    }

    public struct Counters: Hashable, Sendable, Codable {
        public var rounds: Int
        public var failedRounds: Int
        /// Resources that were found changed without a commit, each time anew after it was as declared.
        public var driftFound: Int
        public var corrections: Int
        public var badRevisions: Int
        /// Tries that did not deliver a notice, and notices that were dropped before any did.
        public var webhookFailures: Int

        public init(
            rounds: Int = 0,
            failedRounds: Int = 0,
            driftFound: Int = 0,
            corrections: Int = 0,
            badRevisions: Int = 0,
            webhookFailures: Int = 0
        ) {
            self.rounds = rounds
            self.failedRounds = failedRounds
            self.driftFound = driftFound
            self.corrections = corrections
            self.badRevisions = badRevisions
            self.webhookFailures = webhookFailures
        }
    }

    public var cluster: String
    public var mode: Mode
    public var started: Int
    public var intervalSeconds: Int
    public var revision: Revision
    /// nil before the first has ended.
    public var lastRound: Round?
    /// When the last round ended that saw everything and failed in nothing.
    public var lastSuccess: Int?
    /// The last that came to a plan, which is the one that is published.
    public var lastLook: Look?
    /// nil while a round goes on.
    public var nextRound: Int?
    public var pause: LoopPause?
    /// Sorted; what the last round could not see stays as it was known.
    public var items: [Item]
    public var counters: Counters

    public init(
        cluster: String,
        mode: Mode,
        started: Int,
        intervalSeconds: Int,
        revision: Revision = Revision(),
        lastRound: Round? = nil,
        lastSuccess: Int? = nil,
        lastLook: Look? = nil,
        nextRound: Int? = nil,
        pause: LoopPause? = nil,
        items: [Item] = [],
        counters: Counters = Counters()
    ) {
        self.cluster = cluster
        self.mode = mode
        self.started = started
        self.intervalSeconds = intervalSeconds
        self.revision = revision
        self.lastRound = lastRound
        self.lastSuccess = lastSuccess
        self.lastLook = lastLook
        self.nextRound = nextRound
        self.pause = pause
        self.items = items
        self.counters = counters
    }
}

/// What somebody is told: the webhook's kinds.
public struct LoopNotice: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case found, corrected, failed
        /// An item that is no longer corrected.
        case givenUp
        /// In sync again after something was told.
        case recovered
        /// A revision that could not be read; the last good one stays.
        case badRevision
        /// One that can be read, after one that could not.
        case goodRevision
    }

    public var kind: Kind
    public var cluster: String
    /// Seconds since 1970.
    public var at: Int
    public var revision: String?
    public var items: [LoopStatus.Item]
    public var messages: [String]

    public init(
        kind: Kind,
        cluster: String,
        at: Int,
        revision: String?,
        items: [LoopStatus.Item] = [],
        messages: [String] = []
    ) {
        self.kind = kind
        self.cluster = cluster
        self.at = at
        self.revision = revision
        self.items = items
        self.messages = messages
    }
}
