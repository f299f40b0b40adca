public import Daemons

/// The lab's clock: goes on only while somebody sleeps on it and nothing else is left to do.
public struct LabClock: Clock, Sendable {
    public struct Instant: InstantProtocol, Sendable {
        /// Since 1970.
        public var offset: Duration

        public init(_ moment: Moment) { offset = .milliseconds(moment.milliseconds) }

        public func advanced(by duration: Duration) -> Instant {
            var instant = self
            instant.offset += duration
            return instant
        }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }

        /// Rounded up, so that nobody wakes too early.
        var moment: Moment {
            let (seconds, attoseconds) = offset.components
            let perMillisecond: Int64 = 1_000_000_000_000_000
            return Moment(milliseconds: Int(seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond))
        }
    }

    let time: LabTime

    public var now: Instant { Instant(time.now) }
    public var minimumResolution: Duration { .milliseconds(1) }

    /// - Throws: `CancellationError`, or why the lab could not go on.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await time.sleep(until: deadline.moment)
    }
}
