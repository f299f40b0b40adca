public import Daemons

/// An address to serve HTTP/1.1 on, and who answers there.
///
/// The handler runs once a request has arrived whole, many at a time on one listener and one at a time on one connection. Names of header fields arrive as
/// they were sent and leave as the reply has them; `Host` comes first. Nothing is added to a reply but its framing. What the parser does not know as a method is
/// answered 400; HTTP/1.0 is answered in 1.1.
public struct HTTPListener: Sendable {
    /// Answers a request; its task is not cancelled when the client goes away.
    public typealias Handler = @Sendable (HTTPRequest) async -> HTTPReply

    /// A numeric address or a name of this machine.
    public var address: String
    /// 0 lets the kernel choose one.
    public var port: Int
    public var limits: HTTPLimits
    public var handler: Handler

    public init(address: String, port: Int, limits: HTTPLimits = HTTPLimits(), handler: @escaping Handler) {
        self.address = address
        self.port = port
        self.limits = limits
        self.handler = handler
    }
}

/// What a listener puts up with.
public struct HTTPLimits: Hashable, Sendable {
    /// Bytes of a request's body; a longer one is answered 413.
    public var body: Int
    /// Bytes of all header fields together; longer ones are answered 400.
    public var headers: Int
    /// For a body to arrive in whole (else 408), and for a connection to stay open without a request.
    public var patience: Duration
    /// Connections at once, nil for any number; further ones wait in the kernel's queue until one ends.
    public var connections: Int?
    /// After which a connection is cut, whatever goes on there; nil: a client that reads nothing holds it for good.
    public var lifetime: Duration?

    public init(
        body: Int = 10 * 1024 * 1024,
        headers: Int = 64 * 1024,
        patience: Duration = .seconds(60),
        connections: Int? = nil,
        lifetime: Duration? = nil
    ) {
        self.body = body
        self.headers = headers
        self.patience = patience
        self.connections = connections
        self.lifetime = lifetime
    }
}

/// An address that could not be listened on.
public struct HTTPListenerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var address: String
    public var port: Int
    /// In the system's words: `Address already in use`.
    public var reason: String

    public init(address: String, port: Int, reason: String) {
        self.address = address
        self.port = port
        self.reason = reason
    }

    public var description: String { "cannot listen on \(address):\(port): \(reason)" }
}
