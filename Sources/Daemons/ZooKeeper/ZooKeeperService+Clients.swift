/// Client sessions: connecting, requests in their order, watches, expiry.
extension ZooKeeperService {
    mutating func step(_ client: ZooKeeperClientID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        clients[client]?.wakesAt = nil
        guard let state = clients[client] else { return }
        switch state.state {
        case .idle: break
        case .connecting: connect(client, state, now, network)
        case .connected(let server, let address):
            guard processes[server] != nil, isOpen(client, address, network) else {
                return beSilent(client, now, network)
            }
            carryOut(client, server, now, network)
        }
    }

    /// Whether packets get from a client to an address; to its own machine always.
    private func isOpen(_ client: ZooKeeperClientID, _ address: String, _ network: some ZooKeeperNetwork) -> Bool {
        address.isLoopback || network.reaches(from: client.node, address: address)
    }

    /// Tries the next server of the list; after the whole list waits a second.
    private mutating func connect(
        _ client: ZooKeeperClientID,
        _ state: ZooKeeperClient,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) {
        guard !state.servers.isEmpty else { return }
        let endpoint = state.servers[state.next % max(1, state.servers.count)]
        clients[client]?.next = (state.next + 1) % max(1, state.servers.count)
        let isRoundOver = clients[client]?.next == 0
        guard let address = network.resolve(endpoint.host, on: client.node) else {
            return wake(client, at: now + (isRoundOver ? 1000 + random(100) : 10))
        }
        guard isOpen(client, address, network) else {
            // Nothing comes back: the next one after a second, when TCP would have asked again.
            return wake(client, at: now + 1000)
        }
        guard let server = server(at: Endpoint(address, endpoint.port), from: client.node), isServing(server),
            open(client, state, via: server, now, network)
        else { return wake(client, at: now + (isRoundOver ? 1000 + random(100) : 10)) }
        guard clients[client]?.state == .connecting else { return }
        clients[client]?.state = .connected(server, address: address)
        clients[client]?.silentSince = nil
        connections[server, default: SteadySet()].insert(client)
        deliver(.connected(session: clients[client]?.session ?? 0, again: state.session != nil), to: client)
        checkWatches(of: client)
    }

    /// Opens a session, which is a write, or takes the old one up again where it still is.
    /// - Returns: Whether the server had an answer.
    private mutating func open(
        _ client: ZooKeeperClientID,
        _ state: ZooKeeperClient,
        via server: ZooKeeperServerID,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) -> Bool {
        guard let leader = writer(via: server, network) else { return false }
        processes[server]?.received += 1
        processes[server]?.sent += 1
        if let session = state.session {
            guard disks[leader]?.sessions[session] != nil else {
                forgetWatches(of: client)
                clients[client]?.session = nil
                clients[client]?.state = .idle
                deliver(.expired, to: client)
                return true
            }
            expiring[leader]?[session] = nil
            return true
        }
        guard acknowledge(leader, network), let process = processes[server] else { return false }
        let bounds = process.config.sessionTimeouts
        let timeout = min(max(state.timeoutMilliseconds, bounds.lowerBound), bounds.upperBound)
        let session = process.nextSession
        processes[server]?.nextSession += 1
        let zxid = nextZxid(of: leader)
        disks[leader]?.open(session: session, timeoutMilliseconds: timeout, zxid: zxid)
        clients[client]?.session = session
        clients[client]?.timeoutMilliseconds = timeout
        return true
    }

    /// Answers what has come to the server, in order; a write without a majority waits, and all behind it.
    private mutating func carryOut(
        _ client: ZooKeeperClientID,
        _ server: ZooKeeperServerID,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) {
        clients[client]?.silentSince = nil
        let requests = clients[client]?.outstanding ?? []
        for request in requests {
            guard request.at <= now else {
                wake(client, at: request.at)
                break
            }
            guard answer(request.request, client, server, now, network) else {
                wake(client, at: now + Self.heartbeat / 2)
                break
            }
            // A session that turned out to be over has ended the connection, and all behind it is lost.
            guard clients[client]?.server == server else { return }
            clients[client]?.outstanding.removeFirst()
            clients[client]?.received += 1
            processes[server]?.received += 1
            processes[server]?.sent += 1
        }
    }

    private mutating func answer(
        _ request: CoordinationRequest,
        _ client: ZooKeeperClientID,
        _ server: ZooKeeperServerID,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) -> Bool {
        if request.isWrite { return write(request, client, server, now, network) }
        let disk = holder(of: server)
        switch request {
        case .get(let tag, let path):
            let data = disks[disk]?.tree[path]?.data
            deliver(.answer(tag: tag, data.map { .data($0) } ?? .noNode), to: client)
        case .children(let tag, let path, let watch):
            guard let node = disks[disk]?.tree[path] else {
                deliver(.answer(tag: tag, .noNode), to: client)
                break
            }
            if watch, clients[client]?.watches.updateValue(node.childrenChanged, forKey: path) == nil {
                watchers[path, default: []].append(client)
            }
            deliver(.answer(tag: tag, .children(node.children.sorted())), to: client)
        case .connect, .close, .create, .set, .delete: break
        }
        return true
    }

    private mutating func write(
        _ request: CoordinationRequest,
        _ client: ZooKeeperClientID,
        _ server: ZooKeeperServerID,
        _ now: Moment,
        _ network: some ZooKeeperNetwork
    ) -> Bool {
        guard let leader = writer(via: server, network), acknowledge(leader, network),
            let session = clients[client]?.session
        else { return false }
        guard disks[leader]?.sessions[session] != nil else {
            // The session ended while nothing came through: the server says so and hangs up.
            disconnect(client, now)
            return true
        }
        let zxid = nextZxid(of: leader)
        guard let tag = request.tag else {
            guard let change = disks[leader]?.close(session: session, zxid: zxid) else { return false }
            forgetWatches(of: client)
            connections[server]?.remove(client)
            clients[client] = nil
            fire(change.touched, on: leader)
            return true
        }
        guard let change = disks[leader]?.apply(request, session: session, zxid: zxid) else { return false }
        fire(change.touched, on: leader)
        deliver(.answer(tag: tag, change.answer), to: client)
        return true
    }

    /// Sessions whose time is over end with their ephemeral nodes, counted by the leader (SessionTrackerImpl).
    mutating func expireSessions(of leader: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        let over = (expiring[leader] ?? [:]).filter { $0.value <= now }.keys.sorted()
        guard !over.isEmpty, isServing(leader), acknowledge(leader, network) else { return }
        for session in over {
            expiring[leader]?[session] = nil
            let zxid = nextZxid(of: leader)
            guard let change = disks[leader]?.close(session: session, zxid: zxid) else { continue }
            fire(change.touched, on: leader)
        }
    }

    /// Every session has its whole time before it, and no connection yet.
    mutating func countSessions(of leader: ZooKeeperServerID, _ now: Moment) {
        expiring[leader] = disks[leader]?.sessions.mapValues { now + $0.timeoutMilliseconds } ?? [:]
    }

    /// The time of a session without a connection runs.
    mutating func startExpiry(of client: ZooKeeperClientID, via server: ZooKeeperServerID, at now: Moment) {
        guard let state = clients[client], let session = state.session else { return }
        let leader = processes[server]?.following?.leader ?? server
        guard processes[leader] != nil, disks[leader]?.sessions[session] != nil else { return }
        let since = state.silentSince ?? now
        if expiring[leader]?[session] == nil {
            expiring[leader, default: [:]][session] = since + state.timeoutMilliseconds
        }
    }

    /// Connections of a server that does not serve any more.
    mutating func dropClients(of server: ZooKeeperServerID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        for client in connections[server]?.sorted() ?? [] {
            guard case .connected(_, let address) = clients[client]?.state else { continue }
            if isOpen(client, address, network) {
                disconnect(client, now)
            } else {
                beSilent(client, now, network)
            }
        }
    }

    /// Nothing comes from the server: after two thirds of the session's time the client gives up on it.
    private mutating func beSilent(_ client: ZooKeeperClientID, _ now: Moment, _ network: some ZooKeeperNetwork) {
        guard let state = clients[client], case .connected(let server, let address) = state.state else { return }
        if processes[server].map({ $0.role == .starting }) ?? true,
            isOpen(client, address, network)
        {
            return disconnect(client, now)
        }
        let since = state.silentSince ?? now
        clients[client]?.silentSince = since
        startExpiry(of: client, via: server, at: now)
        let end = since + state.timeoutMilliseconds * 2 / 3
        if end <= now { disconnect(client, now) } else { wake(client, at: end) }
    }

    private mutating func disconnect(_ client: ZooKeeperClientID, _ now: Moment) {
        guard let state = clients[client], let server = state.server else { return }
        startExpiry(of: client, via: server, at: now)
        connections[server]?.remove(client)
        clients[client]?.state = .connecting
        clients[client]?.silentSince = nil
        clients[client]?.outstanding = []
        deliver(.disconnected, to: client)
        for request in state.outstanding {
            if let tag = request.request.tag { deliver(.answer(tag: tag, .lost), to: client) }
        }
        if state.outstanding.contains(where: { $0.request == .close }) {
            forgetWatches(of: client)
            clients[client] = nil
        } else {
            wake(client, at: now + 10 + random(40))
        }
    }

    /// Looks at every connection whose way may have changed.
    mutating func checkConnections(_ now: Moment, _ network: some ZooKeeperNetwork) {
        let generation = network.generation
        defer { networkGeneration = generation }
        guard generation == nil || generation != networkGeneration else { return }
        for server in connections.keys.sorted() {
            for client in connections[server]?.sorted() ?? [] {
                guard case .connected(_, let address) = clients[client]?.state, !address.isLoopback else { continue }
                if !network.reaches(from: client.node, address: address) {
                    beSilent(client, now, network)
                } else if clients[client]?.silentSince != nil {
                    clients[client]?.silentSince = nil
                    let leader = processes[server]?.following?.leader ?? server
                    if let session = clients[client]?.session { expiring[leader]?[session] = nil }
                    if clients[client]?.outstanding.isEmpty == false { wake(client, at: now + 1) }
                }
            }
        }
    }

    /// Watches of clients whose server has that leader's data.
    private mutating func fire(_ touched: [String], on leader: ZooKeeperServerID) {
        for path in touched {
            guard let waiting = watchers.removeValue(forKey: path) else { continue }
            var kept: [ZooKeeperClientID] = []
            for client in waiting {
                guard let server = clients[client]?.server, holder(of: server) == leader,
                    clients[client]?.silentSince == nil
                else {
                    kept.append(client)
                    continue
                }
                clients[client]?.watches[path] = nil
                deliver(.childrenChanged(path: path), to: client)
            }
            if !kept.isEmpty { watchers[path] = kept }
        }
    }

    /// After a reconnection (SetWatches): what has changed in between is told now.
    mutating func checkWatches(of client: ZooKeeperClientID) {
        guard let state = clients[client], let server = state.server else { return }
        let disk = holder(of: server)
        for (path, changed) in state.watches.sorted(by: { $0.key < $1.key })
        where disks[disk]?.tree[path]?.childrenChanged != changed {
            clients[client]?.watches[path] = nil
            watchers[path]?.removeAll { $0 == client }
            deliver(.childrenChanged(path: path), to: client)
        }
    }

    mutating func forgetWatches(of client: ZooKeeperClientID) {
        for path in (clients[client]?.watches ?? [:]).keys { watchers[path]?.removeAll { $0 == client } }
        clients[client]?.watches = [:]
    }
}
