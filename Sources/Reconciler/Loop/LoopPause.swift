/// Somebody asked the loop to leave the cluster alone for a while.
public struct LoopPause: Hashable, Sendable, Codable {
    public var reason: String
    /// `user@host`.
    public var by: String
    /// Seconds since 1970.
    public var since: Int
    /// Seconds since 1970; it ends by itself then, so that a forgotten one does no harm.
    public var until: Int

    public init(reason: String, by: String, since: Int, until: Int) {
        self.reason = reason
        self.by = by
        self.since = since
        self.until = until
    }

    public func holds(at now: Int) -> Bool { now < until }
}

/// What outlives a run of the loop; kept beside the journal.
public struct LoopMemory: Hashable, Sendable, Codable {
    public var breaker: Breaker
    /// The newest revision that could be read whole; nil outside git.
    public var goodRevision: String?
    /// Rounds that failed, one after the other.
    public var failures: Int

    public init(breaker: Breaker = Breaker(), goodRevision: String? = nil, failures: Int = 0) {
        self.breaker = breaker
        self.goodRevision = goodRevision
        self.failures = failures
    }
}
