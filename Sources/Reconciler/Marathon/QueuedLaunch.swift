/// What an app still waits to launch (marathon-api.md 1.9).
public struct QueuedLaunch: Hashable, Sendable, Codable {
    /// How often offers were turned down for one reason, such as `InsufficientCpus` (1.4+).
    public struct Rejection: Hashable, Sendable, Codable {
        public var reason: String
        public var declined: Int
        public var processed: Int

        public init(reason: String, declined: Int, processed: Int) {
            self.reason = reason
            self.declined = declined
            self.processed = processed
        }
    }

    public var app: String
    /// Tasks still to be launched.
    public var count: Int
    /// True: it waits for offers; false: it waits after a failure.
    public var isOverdue: Bool
    /// Until the next try; nil before 0.10.
    public var timeLeftSeconds: Int?
    /// Of the last offers, in the order in which Marathon checks; nil before 1.4.
    public var lastRejections: [Rejection]?
    /// Since the launch was asked for; nil before 1.4.
    public var rejections: [Rejection]?

    public init(
        app: String,
        count: Int,
        isOverdue: Bool,
        timeLeftSeconds: Int? = nil,
        lastRejections: [Rejection]? = nil,
        rejections: [Rejection]? = nil
    ) {
        self.app = app
        self.count = count
        self.isOverdue = isOverdue
        self.timeLeftSeconds = timeLeftSeconds
        self.lastRejections = lastRejections
        self.rejections = rejections
    }

    /// nil for a pod.
    init?(_ answer: AnswerField) throws(ShapeFault) {
        guard let app = try answer.optional("app") else {
            guard try answer.optional("pod") != nil else { throw answer.fault("app") }
            return nil
        }
        let delay = try answer.required("delay")
        let summary = try answer.optional("processedOffersSummary")
        self.init(
            app: try app.text("id"),
            // 0.7 has one item a task.
            count: try answer.optionalInteger("count") ?? 1,
            isOverdue: try delay.required("overdue").boolean(),
            timeLeftSeconds: try delay.optionalInteger("timeLeftSeconds"),
            lastRejections: try summary.map { (field) throws(ShapeFault) in
                try Self.rejections(field, "rejectSummaryLastOffers")
            },
            rejections: try summary.map { (field) throws(ShapeFault) in
                try Self.rejections(field, "rejectSummaryLaunchAttempt")
            }
        )
    }

    private static func rejections(_ summary: AnswerField, _ key: String) throws(ShapeFault) -> [Rejection] {
        var rejections: [Rejection] = []
        for item in try summary.optionalItems(key) {
            rejections.append(
                Rejection(
                    reason: try item.text("reason"),
                    declined: try item.integer("declined"),
                    processed: try item.integer("processed")
                )
            )
        }
        return rejections
    }
}

extension [QueuedLaunch] {
    /// By app; 0.7's items of one app are one entry.
    var byApp: [String: QueuedLaunch] {
        Dictionary(map { ($0.app, $0) }) { first, second in
            var both = first
            both.count += second.count
            both.isOverdue = first.isOverdue || second.isOverdue
            return both
        }
    }
}
