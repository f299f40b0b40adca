/// What came of one try to deliver a notice.
public enum WebhookAnswer: Hashable, Sendable {
    /// `retryAfterSeconds` is what the receiver asked for.
    case status(Int, retryAfterSeconds: Int? = nil)
    /// There was no answer; in words without any secret.
    case none(RESTError.Kind, String)
    /// It could not be sent at all, such as for a secret without a value.
    case unsent(String)
}

/// How often a notice is tried, and how many wait; a value, so that it can be told without waiting.
public struct WebhookPolicy: Hashable, Sendable {
    /// After the first failure; doubled by each further one.
    public var firstWait: Duration
    public var longestWait: Duration
    /// A receiver may ask for a longer wait than `longestWait`, up to this one.
    public var longestRetryAfter: Duration
    /// From the first packet of a try to the head of the answer.
    public var deadline: Duration
    /// For what waits when the loop ends.
    public var farewell: Duration
    /// Of notices that wait.
    public var mostWaiting: Int
    /// Of their bodies together, in bytes.
    public var mostBytes: Int
    /// A notice that is older is of no use to anybody.
    public var oldestSeconds: Int

    public init(
        firstWait: Duration = .seconds(1),
        longestWait: Duration = .seconds(300),
        longestRetryAfter: Duration = .seconds(3600),
        deadline: Duration = .seconds(10),
        farewell: Duration = .seconds(5),
        mostWaiting: Int = 256,
        mostBytes: Int = 4 << 20,
        oldestSeconds: Int = 86_400
    ) {
        self.firstWait = firstWait
        self.longestWait = longestWait
        self.longestRetryAfter = longestRetryAfter
        self.deadline = deadline
        self.farewell = farewell
        self.mostWaiting = mostWaiting
        self.mostBytes = mostBytes
        self.oldestSeconds = oldestSeconds
    }

    public enum Verdict: Hashable, Sendable {
        case delivered
        case retry(after: Duration)
        /// Another try would be answered the same.
        case refused
    }

    /// What follows from the answer to the `tries`-th try of a notice; `jitter` is in 0..<1.
    ///
    /// RFC 9110: 408 (15.5.9), 429 (RFC 6585, 4) and what the server blames on itself (15.6) may pass. No redirect is followed:
    /// a signed notice goes where it was declared to go, or nowhere.
    public func verdict(on answer: WebhookAnswer, tries: Int, jitter: Double) -> Verdict {
        switch answer {
        case .status(200..<300, _): .delivered
        case .status(408, let asked), .status(429, let asked), .status(500..., let asked):
            .retry(after: max(wait(after: tries, jitter), min(.seconds(asked ?? 0), longestRetryAfter)))
        case .status: .refused
        case .none, .unsent: .retry(after: wait(after: tries, jitter))
        }
    }

    /// Between half of the doubled time and all of it, so that receivers that come back are not met by everybody at once.
    private func wait(after tries: Int, _ jitter: Double) -> Duration {
        let doubled = firstWait * (1 << min(max(tries - 1, 0), 30))
        return min(doubled, longestWait) * (0.5 + 0.5 * jitter)
    }
}

extension WebhookAnswer {
    /// Whether two failures are the same trouble to whoever is told.
    public var kind: String {
        switch self {
        case .status(let status, _): "\(status)"
        case .none(let kind, _): kind.rawValue
        case .unsent: "unsent"
        }
    }

    /// Such as "it answered 503".
    public var words: String {
        switch self {
        case .status(let status, let asked):
            "it answered \(status)" + (300..<400 ~= status ? ", a redirect, and none is followed" : "")
                + (asked.map { " and asked to wait for \($0) s" } ?? "")
        case .none(_, let words), .unsent(let words): words
        }
    }
}
