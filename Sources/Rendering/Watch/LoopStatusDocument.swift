// How the loop stands, as other programs read it: what `watch --listen` serves at /api/v1.

public import Reconciler
internal import Specs

/// What `/api/v1/status` answers.
public struct LoopStatusDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "status"
    /// Of the program.
    public var version: String
    public var cluster: String
    /// `report` or `correct`.
    public var mode: String
    /// All times are ISO 8601, UTC.
    public var started: String
    public var intervalSeconds: Int
    public var health: Health
    public var revision: Revision
    /// Absent before the first has ended.
    public var lastRound: Round?
    /// When the last round ended that saw everything and failed in nothing; absent where none has since the loop began.
    public var lastSuccess: String?
    /// When the plan of `/api/v1/plan` was made; absent before the first.
    public var lastLook: String?
    /// Absent while a round goes on.
    public var nextRound: String?
    /// As of the beginning of the last round; absent where it was not paused.
    public var pause: Pause?
    public var items: [LoopNoticeDocument.Item]
    /// Since the loop began.
    public var counters: Counters

    /// - Parameters:
    ///   - status: As published last.
    ///   - trouble: What is wrong with the loop itself; nil where it goes on.
    ///   - version: Of the program.
    public init(_ status: LoopStatus, trouble: String?, version: String) {
        self.version = version
        cluster = status.cluster
        mode = status.mode.rawValue
        started = UTCTime.text(status.started)
        intervalSeconds = status.intervalSeconds
        health = Health(alive: trouble == nil, reason: trouble)
        revision = Revision(
            good: status.revision.good,
            bad: status.revision.bad.map { Revision.Bad(revision: $0.revision, reason: $0.reason) }
        )
        lastRound = status.lastRound.map(Round.init)
        lastSuccess = status.lastSuccess.map(UTCTime.text)
        lastLook = status.lastLook.map { UTCTime.text($0.at) }
        nextRound = status.nextRound.map(UTCTime.text)
        pause = status.pause.map(Pause.init)
        items = status.items.map(LoopNoticeDocument.Item.init)
        counters = Counters(status.counters)
    }

    public var json: String { Rendering.json(self) }

    /// Of the loop itself, as `/healthz` says it; the cluster's is in `lastRound` and `items`.
    public struct Health: Hashable, Sendable, Encodable {
        public var alive: Bool
        public var reason: String?
    }

    public struct Revision: Hashable, Sendable, Encodable {
        /// What is planned by; absent outside git.
        public var good: String?
        /// The newest declaration, where it cannot be used.
        public var bad: Bad?

        public struct Bad: Hashable, Sendable, Encodable {
            public var revision: String?
            public var reason: String
        }
    }

    public struct Round: Hashable, Sendable, Encodable {
        public var began: String
        public var ended: String
        public var revision: String?
        /// `inSync`, `reported`, `corrected`, `failed`, `refused`, `incomplete`, `paused` or `busy`.
        public var outcome: String
        public var messages: [String]

        init(_ round: LoopStatus.Round) {
            began = UTCTime.text(round.began)
            ended = UTCTime.text(round.ended)
            revision = round.revision
            outcome = round.outcome.rawValue
            messages = round.messages
        }
    }

    public struct Pause: Hashable, Sendable, Encodable {
        public var reason: String
        /// `user@host`.
        public var by: String
        public var since: String
        public var until: String

        init(_ pause: LoopPause) {
            reason = pause.reason
            by = pause.by
            since = UTCTime.text(pause.since)
            until = UTCTime.text(pause.until)
        }
    }

    public struct Counters: Hashable, Sendable, Encodable {
        public var rounds: Int
        public var failedRounds: Int
        public var driftFound: Int
        public var corrections: Int
        public var badRevisions: Int
        public var webhookFailures: Int

        init(_ counters: LoopStatus.Counters) {
            rounds = counters.rounds
            failedRounds = counters.failedRounds
            driftFound = counters.driftFound
            corrections = counters.corrections
            badRevisions = counters.badRevisions
            webhookFailures = counters.webhookFailures
        }
    }
}

/// What `/api/v1/plan` answers: the plan of the last look that came to one, ignored drift included.
public struct LookDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "look"
    /// ISO 8601, UTC.
    public var time: String
    public var revision: String?
    /// As `plan --format json` prints it.
    public var plan: PlanDocument

    public init(_ plan: Plan, _ look: LoopStatus.Look) {
        time = UTCTime.text(look.at)
        revision = look.revision
        self.plan = PlanDocument(plan)
    }

    public var json: String { Rendering.json(self) }
}

/// Why a request is not answered with what it asks for.
public struct RequestErrorDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "error"
    /// The status of HTTP.
    public var status: Int
    public var message: String

    public init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    public var json: String { Rendering.json(self) }
}
