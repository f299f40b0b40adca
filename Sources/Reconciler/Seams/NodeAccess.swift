public import Specs

/// The half of the way to a node that looks: nothing on it can be changed through this.
public protocol NodeObserving: Sendable {
    /// Answers every request, in order; writes nothing on the node.
    ///
    /// - Throws: `NodeAccessError` when the node as a whole could not be asked. A single fact that could not be had is
    ///   `.unknown` in its answer.
    func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer]
}

/// The way to one node: what it is asked and what is done on it, one visit each, however much it is.
///
/// Conformers: OpenSSH (`Transport`), and the same node script on a scratch root (`Transport`, for tests and rehearsals).
public protocol NodeAccess: NodeObserving {
    /// Performs `actions` in order and stops at the first that does not succeed; the results cover those tried.
    ///
    /// - Throws: `NodeAccessError` when the connection broke: what was reached is then unknown and must be observed again.
    func perform(
        _ actions: [NodeAction],
        run: RunID,
        on node: NodeTarget
    ) async throws(NodeAccessError) -> [ActionResult]

    /// Ends the connection to the node that visits share, so that the next visit makes a new one.
    ///
    /// Says nothing of whether the node can be reached.
    func renew(_ node: NodeTarget) async
}

/// A node as the transport needs to know it.
public struct NodeTarget: Hashable, Sendable {
    public var name: NodeName
    public var address: String
    public var ssh: SSHSpec
    /// Enrols a bare node's key; nil leaves known_hosts alone.
    public var hostKey: String?

    /// `ssh` is the node's own over the cluster's, field by field.
    public init(name: NodeName, address: String, ssh: SSHSpec, hostKey: String? = nil) {
        self.name = name
        self.address = address
        self.ssh = ssh
        self.hostKey = hostKey
    }
}

/// A run of `apply`, which names its backups and results on the nodes; letters, digits and `-` only.
public struct RunID: Hashable, Sendable, Codable, CustomStringConvertible {
    public var text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }
}

/// Why a node as a whole could not be asked.
public struct NodeAccessError: Error, Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// No route, or nobody answers: the host may be down.
        case unreachable
        /// The host answers and refuses the port.
        case refused
        case timedOut
        case hostKeyUnknown
        case hostKeyChanged
        /// The key or the user is not accepted.
        case authentication
        /// sudo asks for a password or refuses.
        case privilege
        case nameNotFound
        case diskFull
        /// The connection broke, or the answer was not whole.
        case interrupted
        /// The shell on the node did not understand the script or ended early.
        case protocolViolation
        /// What was to be done could not be written to the run's journal first, so nothing was sent.
        case unrecorded
    }

    public var kind: Kind
    /// What happened, in ssh's own words where it has any, and the next move; no secrets.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether asking again soon may help.
    public var isRetryable: Bool {
        switch kind {
        case .unreachable, .refused, .timedOut, .interrupted: true
        case .hostKeyUnknown, .hostKeyChanged, .authentication, .privilege, .nameNotFound, .diskFull,
            .protocolViolation, .unrecorded:
            false
        }
    }
}

extension NodeAccess {
    /// Where visits share no connection each is a new one already.
    public func renew(_ node: NodeTarget) async {}
}
