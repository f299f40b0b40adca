public import Specs

/// One thing that can drift: a resource on a node, or an app.
public struct LoopItem: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// nil for an app.
    public var node: NodeName?
    /// As in `Change.resource`.
    public var resource: String

    public init(node: NodeName? = nil, resource: String) {
        self.node = node
        self.resource = resource
    }

    public var description: String { node.map { "\($0) \(resource)" } ?? resource }

    public static func < (a: LoopItem, b: LoopItem) -> Bool {
        (a.node?.text ?? "", a.resource) < (b.node?.text ?? "", b.resource)
    }
}

extension Change {
    public var item: LoopItem { LoopItem(node: node, resource: resource) }
}

/// Stops correcting what comes back again and again: whoever undoes a correction three times in an hour means it.
///
/// A loop that looks seldom corrects seldom, so its hour is as long as four of its intervals.
///
/// Times are seconds since 1970 by the clock of the machine that runs the loop.
public struct Breaker: Hashable, Sendable, Codable {
    /// How many corrections within `period` are enough.
    public static let corrections = 3
    /// Seconds; of a loop that looks every 15 minutes or more often.
    public static let period = 3600

    /// Seconds, for a loop that looks every so many seconds and up to a tenth later: three corrections and the look after.
    public static func period(interval: Int) -> Int { max(period, 4 * interval) }

    /// An item that is no longer corrected.
    public struct Raised: Hashable, Sendable, Codable {
        /// Seconds since 1970.
        public var since: Int
        /// When it differed last, as far as was seen.
        public var lastSeen: Int
        /// When it was corrected last, newest last.
        public var corrected: [Int]
        /// What is known of who undid it and when, a line each.
        public var evidence: [String]

        public init(since: Int, corrected: [Int], evidence: [String]) {
            self.since = since
            lastSeen = since
            self.corrected = corrected
            self.evidence = evidence
        }

        /// Why it is left alone.
        public var words: String {
            let hours = max(1, (since - (corrected.first ?? since) + 3599) / 3600)
            let span = hours == 1 ? "an hour" : "\(hours) hours"
            return "it was corrected \(corrected.count) times within \(span) and came back: "
                + "settle who is right, then `reconciler resume`"
        }
    }

    /// When each item was corrected within the last period, oldest first.
    public private(set) var history: [LoopItem: [Int]]
    public private(set) var raised: [LoopItem: Raised]

    public init() {
        history = [:]
        raised = [:]
    }

    /// Takes note of corrections that succeeded.
    public mutating func corrected(_ items: some Sequence<LoopItem>, at now: Int, within period: Int = period) {
        for item in Set(items) { history[item, default: []].append(now) }
        forget(before: now, within: period)
    }

    /// Looks at what differs by drift in this round, and gives what is raised now for the first time.
    ///
    /// `isKnown` says whether an item that does not differ was seen to be as declared; `evidence` what is known of who changed
    /// one, and when.
    public mutating func seen(
        _ items: some Sequence<LoopItem>,
        at now: Int,
        isKnown: (LoopItem) -> Bool = { _ in true },
        within period: Int = period,
        evidence: (LoopItem) -> [String]
    ) -> [LoopItem] {
        forget(before: now, within: period)
        let items = Set(items)
        let new = items.filter { raised[$0] == nil && (history[$0]?.count ?? 0) >= Self.corrections }
        for item in new {
            raised[item] = Raised(since: now, corrected: history[item] ?? [], evidence: evidence(item))
        }
        for (item, raise) in raised {
            if items.contains(item) || !isKnown(item) {
                raised[item]?.lastSeen = now
            } else if now - raise.lastSeen >= period {
                // Gone for a whole period: whoever undid it has given in.
                raised[item] = nil
                history[item] = nil
            }
        }
        return new.sorted()
    }

    /// Corrects `item` again; every one where it is nil.
    public mutating func resume(_ item: LoopItem? = nil) {
        guard let item else {
            self = Breaker()
            return
        }
        raised[item] = nil
        history[item] = nil
    }

    private mutating func forget(before now: Int, within period: Int) {
        history = history.compactMapValues { times in
            let recent = times.filter { now - $0 < period }
            return recent.isEmpty ? nil : recent
        }
    }
}
