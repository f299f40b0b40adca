/// What a node tells of its bridge and of who listens.
public struct ObservedLoadBalancer: Hashable, Sendable, Codable {
    /// The bridge's own word on its last run; absent before the first.
    public var lastRun: Observation<BridgeRun>
    /// Whether haproxy.cfg is, byte for byte, what the bridge last gave HAProxy; absent where one of both is not there.
    public var isLastGood: Observation<Bool>
    /// Of a haproxy.cfg that is too large to be shown (64 KiB) and holds no secret: SHA-256, hexadecimal.
    public var digest: String?
    /// Every TCP socket that listens.
    public var listening: Observation<[ListeningSocket]>

    public init(
        lastRun: Observation<BridgeRun> = .absent,
        isLastGood: Observation<Bool> = .absent,
        digest: String? = nil,
        listening: Observation<[ListeningSocket]> = .unknown("not asked")
    ) {
        self.lastRun = lastRun
        self.isLastGood = isLastGood
        self.digest = digest
        self.listening = listening
    }
}

/// One run of the bridge, as it wrote it down.
public struct BridgeRun: Hashable, Sendable, Codable {
    public enum Outcome: String, Hashable, Sendable, Codable {
        case unchanged, updated
        /// What was there stays, since what there is to be had cannot be trusted.
        case kept
        case failed

        public var isWell: Bool { self == .unchanged || self == .updated }
    }

    /// Seconds since 1970 on the node's clock.
    public var at: Int
    public var outcome: Outcome
    /// From when on every run went well (`unchanged`, `updated`), or did not (`kept`, `failed`); nil where it is not told.
    public var since: Int?
    /// The Marathon that answered.
    public var marathon: String?
    /// Why it kept or failed, and what was left out; one line.
    public var message: String

    public init(at: Int, outcome: Outcome, since: Int? = nil, marathon: String? = nil, message: String = "") {
        self.at = at
        self.outcome = outcome
        self.since = since
        self.marathon = marathon
        self.message = message
    }

    /// `key=value` lines; nil where the time or the outcome is missing.
    public init?(_ text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = line[line.index(after: equals)...]
        }
        guard let at = values["at"].flatMap({ Int($0) }),
            let outcome = values["outcome"].flatMap({ Outcome(rawValue: String($0)) })
        else { return nil }
        self.init(
            at: at,
            outcome: outcome,
            since: values["since"].flatMap { Int($0) },
            marathon: values["marathon"].flatMap { $0.isEmpty ? nil : String($0) },
            message: String(values["message"] ?? "")
        )
    }
}
