internal import Daemons
internal import Reconciler

/// The network that a node's cable leads to, whatever the node thinks of it.
public struct LabSegment: Hashable, Sendable, Codable {
    /// Routers through which the operator is reached; empty: he is on the segment himself.
    public var routers: [String]
    /// The length of the segment's own network.
    public var prefix: Int

    public init(routers: [String], prefix: Int) {
        self.routers = routers
        self.prefix = prefix
    }
}

/// Whom a node reaches through its link as it is.
struct LinkReach: Hashable, Sendable, Codable {
    var isUp = true
    /// Whether answers find their way to the operator.
    var isRouted = true
}

/// netguard.sh at work: a change of a link that waits to be confirmed.
struct LinkGuard: Hashable, Sendable, Codable {
    enum Phase: String, Hashable, Sendable, Codable {
        case armed, applying, applied, reverting
    }

    var token: String
    var link: String
    var seconds: Int
    /// Texts by path; nil where there was no file.
    var old: [String: String?]
    var new: [String: String]
    var phase = Phase.armed
    /// When the phase ends by itself.
    var wakes: Moment
    var why = ""
}
