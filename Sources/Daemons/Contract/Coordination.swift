/// What a daemon asks of ZooKeeper; one session a daemon.
///
/// The shape of the C client, which the testbed's daemons use. Requests made while there is no connection are answered `.lost`.
public enum CoordinationRequest: Hashable, Sendable, Codable {
    /// Opens a session (a new one after `.expired`); `.connected` follows as soon as a server serves.
    case connect(servers: [Endpoint], sessionMilliseconds: Int)
    case close
    /// Answered `.created(path)`, with the sequence number in it, or `.exists`, `.noNode` (of the parent).
    case create(tag: Int, path: String, data: String, ephemeral: Bool, sequential: Bool)
    /// Answered `.done` or `.noNode`.
    case set(tag: Int, path: String, data: String)
    /// Answered `.done`, `.noNode` or `.notEmpty`.
    case delete(tag: Int, path: String)
    /// Answered `.data` or `.noNode`.
    case get(tag: Int, path: String)
    /// Answered `.children` (names, sorted) or `.noNode`; with `watch`, `.childrenChanged` follows once.
    case children(tag: Int, path: String, watch: Bool)
}

public enum CoordinationEvent: Hashable, Sendable, Codable {
    /// The session stands; `again` when it is the one from before a disconnection, whose ephemeral nodes still are.
    case connected(session: Int, again: Bool)
    case disconnected
    /// The session is over, and its ephemeral nodes with it; watches are gone. `.connect` again if wanted.
    case expired
    case answer(tag: Int, CoordinationAnswer)
    case childrenChanged(path: String)
}

public enum CoordinationAnswer: Hashable, Sendable, Codable {
    case created(path: String)
    case done
    case data(String)
    case children([String])
    case noNode
    case exists
    case notEmpty
    /// The connection was lost before an answer: done or not, nobody knows.
    case lost
}

/// `zk://[user:password@]host:port,host:port/path` as Mesos and Marathon take it.
public struct ZooKeeperURL: Hashable, Sendable, Codable {
    public var userinfo: String?
    public var servers: [Endpoint]
    /// With its leading slash, without a trailing one.
    public var path: String

    /// - Throws: The daemons' own words. Ports may be missing where `defaultPort` is given.
    public init(_ text: String, defaultPort: Int? = nil) throws(DaemonExit) {
        guard text.hasPrefix("zk://") else {
            throw DaemonExit("Error parsing ZooKeeper URL: Expecting 'zk://' at the beginning of the URL")
        }
        var rest = text.dropFirst(5)
        if let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") {
            userinfo = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let hosts = rest.prefix { $0 != "/" }
        path = String(rest.dropFirst(hosts.count))
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        if path.isEmpty { path = "/" }
        servers = []
        for host in hosts.split(separator: ",") {
            if let endpoint = Endpoint(host) {
                servers.append(endpoint)
            } else if let defaultPort, !host.contains(":") {
                servers.append(Endpoint(String(host), defaultPort))
            } else {
                throw DaemonExit("Error parsing ZooKeeper URL: no port in '\(host)'")
            }
        }
        guard !servers.isEmpty else { throw DaemonExit("Error parsing ZooKeeper URL: no servers in '\(text)'") }
    }
}
