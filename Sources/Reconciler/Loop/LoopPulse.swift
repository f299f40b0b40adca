/// Whether the loop itself goes on, however the cluster is: judged by when it was heard of last and what was due since.
///
/// Times are durations on one clock that stands still while the machine sleeps.
public struct LoopPulse: Hashable, Sendable {
    /// How long nothing may be heard of a round: a look is bounded by the nodes' deadlines, and a run tells of everything
    /// that it waits for.
    public static let quietSeconds = 1800
    /// How late a round may begin.
    public static let lateSeconds = 600

    private var heard: Duration
    /// When the next round is to begin; nil while one goes on.
    private var due: Duration?
    private var last: LoopStatus?

    /// - Parameter now: The loop is about to begin.
    public init(at now: Duration) { heard = now }

    /// A state was published; one that says nothing new of the loop is no sign of it, but where it still waits for something
    /// to go by.
    public mutating func hear(_ status: LoopStatus, at now: Duration) {
        var status = status
        // Others than the loop count these.
        status.counters.webhookFailures = 0
        guard status != last || status.intervalSeconds == 0 else { return }
        defer { last = status }
        heard = now
        guard let next = status.nextRound, let round = status.lastRound else {
            due = nil
            return
        }
        // What is published between rounds puts none of them off.
        guard due == nil || round != last?.lastRound else { return }
        due = now + .seconds(max(0, next - round.ended))
    }

    /// A run under way told something.
    public mutating func beat(at now: Duration) { heard = now }

    /// What is wrong with the loop, as a clause; nil while it goes on.
    public func trouble(at now: Duration) -> String? {
        let interval = last?.intervalSeconds ?? 0
        if let due {
            let late = now - due
            guard late > .seconds(max(Self.lateSeconds, 2 * interval)) else { return nil }
            return "the next round was due \(Self.minutes(late)) ago and has not begun"
        }
        let quiet = now - heard
        guard quiet > .seconds(max(Self.quietSeconds, 3 * interval)) else { return nil }
        return "nothing was heard of the round under way for \(Self.minutes(quiet))"
    }

    private static func minutes(_ time: Duration) -> String { "\(time.components.seconds / 60) minutes" }
}
