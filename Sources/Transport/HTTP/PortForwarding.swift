public import Reconciler

/// The way to a port through a node that has a shell: a socket on this machine whose far end the node connects.
///
/// Conformer: OpenSSH (`ssh -O forward` on the node's shared connection).
public protocol PortForwarding: Sendable {
    /// The path of a unix socket that leads to `port`; made once, then remembered.
    ///
    /// Only this user may connect to it. Connecting succeeds whoever listens at the far end: `check` tells.
    func socket(to port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure) -> String

    /// Whether `node` can connect to `port` now; sends nothing over it.
    func check(_ port: ForwardedPort, on node: NodeTarget) async throws(ForwardFailure)

    /// Forgets a socket that does not take connections any more, and the ssh connection if that has ended.
    func forget(_ port: ForwardedPort, on node: NodeTarget) async

    /// Cancels every forwarded port and removes its socket.
    func cancelForwards() async
}

/// A port as the node names it.
public struct ForwardedPort: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, an IPv6 one without brackets.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// As ssh writes it: `10.16.40.1:8080`, `[::1]:8080`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a port cannot be reached through a node.
public enum ForwardFailure: Error, Hashable, Sendable {
    /// The node itself.
    case node(NodeAccessError)
    /// The node's sshd does not forward there; in its words.
    case forbidden(String)
    /// Nobody listens on the port.
    case refused(String)
    /// The node finds no way to it.
    case unreachable(String)
}
