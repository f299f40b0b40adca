/// Notices that wait for their receiver, the oldest first; none goes before an earlier one.
public struct WebhookQueue: Hashable, Sendable, Codable {
    public struct Entry: Hashable, Sendable, Codable {
        /// The same for every try.
        public var id: String
        /// When it was told, seconds since 1970.
        public var at: Int
        /// So far.
        public var tries: Int
        /// What is sent, the same for every try.
        public var body: String

        public init(id: String, at: Int, tries: Int = 0, body: String) {
            self.id = id
            self.at = at
            self.tries = tries
            self.body = body
        }
    }

    public private(set) var entries: [Entry]
    /// Of the last notice that came, delivered or not; whoever receives them sees by it what was lost.
    public private(set) var sequence: Int
    /// Not before then, seconds since 1970, is the next try due.
    public private(set) var notBefore: Int?

    public init() {
        entries = []
        sequence = 0
    }

    /// Adds a notice at the end; `body` is given its number.
    ///
    /// - Returns: How many of the oldest were dropped for it.
    public mutating func add(id: String, at now: Int, _ policy: WebhookPolicy, body: (Int) -> String) -> Int {
        sequence += 1
        entries.append(Entry(id: id, at: now, body: body(sequence)))
        var dropped = 0
        var bytes = entries.reduce(0) { $0 + $1.body.utf8.count }
        while entries.count > 1, entries.count > policy.mostWaiting || bytes > policy.mostBytes {
            bytes -= entries.removeFirst().body.utf8.count
            dropped += 1
        }
        return dropped
    }

    /// - Returns: How many were too old and are gone.
    public mutating func expire(at now: Int, _ policy: WebhookPolicy) -> Int {
        let count = entries.count
        entries.removeAll { now - $0.at > policy.oldestSeconds }
        return count - entries.count
    }

    /// - Returns: How many were waiting.
    public mutating func removeAll() -> Int {
        defer { entries = [] }
        notBefore = nil
        return entries.count
    }

    /// What follows from a try of the first one; nil where it is gone meanwhile.
    public mutating func settle(
        _ id: String,
        _ answer: WebhookAnswer,
        _ policy: WebhookPolicy,
        at now: Int,
        jitter: Double
    ) -> WebhookPolicy.Verdict? {
        notBefore = nil
        guard entries.first?.id == id else { return nil }
        entries[0].tries += 1
        let verdict = policy.verdict(on: answer, tries: entries[0].tries, jitter: jitter)
        switch verdict {
        case .delivered, .refused: entries.removeFirst()
        case .retry(let wait): notBefore = now + Int(wait.components.seconds) + 1
        }
        return verdict
    }

    /// How long a loop that begins now has still to wait, whatever happened to the clock meanwhile.
    public func wait(at now: Int, _ policy: WebhookPolicy) -> Duration {
        let seconds = notBefore.map { max(0, $0 - now) } ?? 0
        return min(.seconds(seconds), policy.longestRetryAfter)
    }
}
