/// A client process and its session, as the C client keeps them.
struct ZooKeeperClient: Sendable, Codable {
    enum State: Hashable, Sendable, Codable {
        /// No session wanted: before `.connect`, after `.expired`.
        case idle
        case connecting
        case connected(ZooKeeperServerID, address: String)
    }

    struct Outstanding: Sendable, Codable {
        var at: Moment
        var request: CoordinationRequest
    }

    var state = State.idle
    /// In the order in which they are tried.
    var servers: [Endpoint] = []
    var next = 0
    var timeoutMilliseconds = 0
    var session: Int?
    /// Requests that are not answered yet, in order, and when they get to the server.
    var outstanding: [Outstanding] = []
    /// Children watches: the path, and the transaction that had changed the children last.
    var watches: [String: Int] = [:]
    /// Since when the server has not been heard of.
    var silentSince: Moment?
    /// The only entry of the agenda that counts.
    var wakesAt: Moment?
    var received = 0

    var server: ZooKeeperServerID? {
        if case .connected(let server, _) = state { server } else { nil }
    }
}
