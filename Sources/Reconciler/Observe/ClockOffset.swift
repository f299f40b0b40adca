/// How far a node's clock is ahead of the observation's own, within bounds, in seconds.
///
/// A node looks at its clock at some moment of its visit, and nobody knows at which: so much is uncertain. Differences
/// between two nodes' offsets are those between their clocks.
public struct ClockOffset: Hashable, Sendable, Codable {
    public var atLeast: Double
    public var atMost: Double

    public init(atLeast: Double, atMost: Double) {
        self.atLeast = atLeast
        self.atMost = atMost
    }

    init(_ seconds: Double, askedAfter began: Duration, answeredBefore ended: Duration) {
        self.init(atLeast: seconds - ended.inSeconds, atMost: seconds - began.inSeconds)
    }

    /// By how many seconds this clock is surely ahead of `other`; 0 where it may not be.
    public func surelyAhead(of other: ClockOffset) -> Double { max(0, atLeast - other.atMost) }
}
