public import Daemons
public import Reconciler
public import Specs

/// A simulated cluster as a value: machines, the network between them, their daemons and containers, and the time.
///
/// Discrete events in their order; the same seed and the same calls give the same world, byte for byte.
public struct LabWorld: Codable, Sendable {
    public let seed: UInt64
    public internal(set) var now: Moment

    /// When every new lab begins: 2026-01-05, a Monday, 09:00 UTC.
    public static let beginning = Moment(milliseconds: 1_767_603_600_000)

    /// The declared machines, bare, powered on, on the declared platform (`debian-12` where none is declared).
    ///
    /// - Throws: Which declared version or platform the lab does not know, and which it does.
    public init(spec: ClusterSpec, seed: UInt64) throws(LabError) {
        self.seed = seed
        now = Self.beginning
    }

    /// When something happens next by itself; nil for never.
    public var nextEvent: Moment? { nil }

    /// Lets time pass; everything that is due by then happens, in order.
    public mutating func advance(to moment: Moment) { now = max(now, moment) }

    // MARK: Visits

    public mutating func observe(
        _ requests: [FactRequest],
        on node: NodeName
    ) throws(NodeAccessError) -> [FactAnswer] {
        throw NodeAccessError(.nameNotFound, "no node named \(node)")
    }

    /// `actions` hold no secret references any more. `.collect` answers at once with what there is.
    public mutating func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeName
    ) throws(NodeAccessError) -> [ActionResult] {
        throw NodeAccessError(.nameNotFound, "no node named \(node)")
    }

    // MARK: Clients

    /// How a request that a client makes to a daemon ends.
    public enum HTTPOutcome: Hashable, Sendable {
        case response(HTTPResponse)
        /// What was sent before, the head included, and what follows comes from `takeStream`.
        case stream(LabStreamID, status: Int, headers: [HTTPField])
        /// The host is there and nobody listens.
        case refused
        /// No answer: the host is gone, cut off, or does not exist.
        case unreachable
    }

    /// Asks a daemon, from a node or from outside (nil); follows forwards.
    ///
    /// Where the daemon wants to be asked again, time passes until it answers.
    public mutating func http(_ request: HTTPRequest, to endpoint: Endpoint, from node: NodeName? = nil) -> HTTPOutcome
    {
        .unreachable
    }

    /// What a stream has brought since the last time; `isOpen` is false once its daemon has ended it.
    public mutating func takeStream(_ id: LabStreamID) -> (bytes: [UInt8], isOpen: Bool) { ([], false) }

    /// Its client goes away.
    public mutating func closeStream(_ id: LabStreamID) {}

    // MARK: Faults

    /// - Throws: There is no such target.
    public mutating func inject(_ fault: LabFault) throws(LabError) {}

    /// Breaks something, with a target of its own choice where none is given.
    ///
    /// - Returns: A sentence saying what was done.
    /// - Throws: There is nothing here to break in this way.
    public mutating func breakSomething(_ kind: LabBreak, on node: NodeName? = nil) throws(LabError) -> String { "" }

    public var status: LabStatus {
        LabStatus(seed: seed, now: now, nodes: [], agents: [], apps: [])
    }
}

/// An open stream of one client (SSE).
public struct LabStreamID: Hashable, Sendable, Codable {
    var number: Int
}
