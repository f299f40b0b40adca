/// `haproxy:`.
public struct HAProxySpec: Hashable, Sendable {
    public struct Stats: Hashable, Sendable {
        /// `host:port`.
        public var bind: Located<HostPort>?
        /// `user:password`.
        public var credentials: Located<Content>?

        public init(bind: Located<HostPort>? = nil, credentials: Located<Content>? = nil) {
            self.bind = bind
            self.credentials = credentials
        }
    }

    /// Where `haproxy:` stands.
    public var position: SourcePosition
    /// The Marathons that are asked for tasks.
    public var marathons: [Located<HostPort>]
    /// The address of the listeners; the node's own where nothing is said.
    public var bind: Located<String>?
    public var stats: Stats
    public var maximumConnections: Located<Int>?
    /// `connect`, `client`, `server` and others of HAProxy's `timeout` words.
    public var timeouts: [Setting]

    public init(
        position: SourcePosition,
        marathons: [Located<HostPort>] = [],
        bind: Located<String>? = nil,
        stats: Stats = Stats(),
        maximumConnections: Located<Int>? = nil,
        timeouts: [Setting] = []
    ) {
        self.position = position
        self.marathons = marathons
        self.bind = bind
        self.stats = stats
        self.maximumConnections = maximumConnections
        self.timeouts = timeouts
    }
}

/// A host name or address and a port, such as `localhost:8080` or `[::1]:9090`.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        let written = text[..<colon]
        if written.first == "[", written.last == "]" {
            let address = String(written.dropFirst().dropLast())
            guard IPAddress(address)?.isIPv6 == true else { return nil }
            host = address
        } else {
            guard NameRule.host.problem(String(written)) == nil else { return nil }
            host = String(written)
        }
        self.port = port
    }

    /// Whether only the machine itself reaches it.
    public var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
