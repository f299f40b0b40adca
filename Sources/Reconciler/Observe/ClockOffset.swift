public import Specs

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

extension ClockOffset {
    fileprivate var middle: Double { (atLeast + atMost) / 2 }
}

/// How far a node's clock surely is from that of the node in the middle.
public struct ClockSkew: Hashable, Sendable {
    public var node: NodeName
    public var reference: NodeName
    /// At least so many; what may be the length of a visit is not counted.
    public var seconds: Double
    public var isAhead: Bool

    /// Such as `at least 90 s behind mesos-master1's`.
    public var words: String {
        "at least \(Int(min(seconds, 1e15))) s \(isAhead ? "ahead of" : "behind") \(reference)'s"
    }

    /// Those that surely differ at all, by node.
    ///
    /// Against the one in the middle: a single clock that is off is told of itself, and not of all others.
    public static func among(_ offsets: [NodeName: ClockOffset]) -> [ClockSkew] {
        let sorted = offsets.sorted { ($0.value.middle, $0.key) < ($1.value.middle, $1.key) }
        guard sorted.count > 1 else { return [] }
        let reference = sorted[(sorted.count - 1) / 2]
        return offsets.sorted { $0.key < $1.key }.compactMap { name, offset in
            let ahead = offset.surelyAhead(of: reference.value)
            let behind = reference.value.surelyAhead(of: offset)
            let seconds = max(ahead, behind)
            guard name != reference.key, seconds > 0 else { return nil }
            return ClockSkew(node: name, reference: reference.key, seconds: seconds, isAhead: ahead > 0)
        }
    }
}
