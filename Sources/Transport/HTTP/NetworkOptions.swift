/// Limits of REST over the network.
public struct NetworkOptions: Hashable, Sendable {
    /// For a connection with its TLS handshake: a dead host must not eat the request's deadline.
    public var connectTimeout: Duration
    /// Bytes of an answer's body; a longer one is an error.
    public var bodyLimit: Int
    /// Requests under way at once, all endpoints together; others wait within their deadline.
    public var requestsAtOnce: Int

    public init(connectTimeout: Duration = .seconds(3), bodyLimit: Int = 256 << 20, requestsAtOnce: Int = 64) {
        self.connectTimeout = connectTimeout
        self.bodyLimit = bodyLimit
        self.requestsAtOnce = requestsAtOnce
    }
}
