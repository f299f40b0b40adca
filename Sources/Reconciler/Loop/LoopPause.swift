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
    /// Whether a newer revision that could not be read was told, and not yet that this is over, by this process or an earlier one.
    public var hasToldBadRevision: Bool?
    /// Rounds that failed, one after the other.
    public var failures: Int
    /// What a round is correcting; of an earlier process, what it was correcting when it was killed.
    public var underWay: UnderWay?

    /// What earlier processes were correcting when they were killed; nil once a look under the lease has come after them.
    public var cut: [LoopItem]?

    public struct UnderWay: Hashable, Sendable, Codable {
        /// Sorted, each once; commits are not among them.
        public var items: [LoopItem]
        /// Seconds since 1970.
        public var since: Int

        public init(items: [LoopItem], since: Int) {
            self.items = items
            self.since = since
        }
    }

    public init(breaker: Breaker = Breaker(), goodRevision: String? = nil, failures: Int = 0) {
        self.breaker = breaker
        self.goodRevision = goodRevision
        self.failures = failures
    }

    /// What a killed process had begun to correct counts as corrected: else one that is killed each time never gives up.
    mutating func closeUnderWay(within period: Int) {
        guard let left = underWay else { return }
        breaker.corrected(left.items, at: left.since, within: period)
        cut = Set((cut ?? []) + left.items).sorted()
        underWay = nil
    }
}
