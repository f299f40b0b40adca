/// All ZooKeeper servers and client sessions of a world.
///
/// One value, because election and replication are about the network between them: the world hands the network in with
/// every `advance`. Facts are from mesos-zk-ops.md section 2 and labs/zookeeper-3.8.0-experiments.txt. Servers in sync
/// share their leader's data; one that is cut off keeps a copy of its own.
///
/// Left out: ACLs, TTL and container nodes, data versions and data watches, transactions of several operations, dynamic
/// reconfiguration, autopurge, TLS, SASL, `maxClientCnxns`, and proposals that are logged but never acknowledged (a
/// write is done on a majority, or waits, or is lost).
public struct ZooKeeperService: Sendable, Codable {
    enum Due: Sendable, Codable {
        case heartbeat
        case settle
        case step(ZooKeeperServerID)
        case departed(ZooKeeperServerID)
        case client(ZooKeeperClientID)
    }

    struct Delivery: Sendable, Codable {
        var client: ZooKeeperClientID
        var event: CoordinationEvent
    }

    /// A server that ended by itself.
    public struct Exit: Sendable, Codable {
        public var server: ZooKeeperServerID
        public var exit: DaemonExit
        /// What stays on its disk.
        public var data: ZooKeeperData
    }

    /// Leaders ping and count their followers twice a tick of 2 s; also how often links are looked at.
    static let heartbeat = 1000

    var processes: [ZooKeeperServerID: ZooKeeperServer] = [:]
    /// Apart from the processes, so that a copy of one does not hold the tree; none for a server that shares its leader's.
    var disks: [ZooKeeperServerID: ZooKeeperData] = [:]
    var clients: [ZooKeeperClientID: ZooKeeperClient] = [:]
    var connections: [ZooKeeperServerID: SteadySet<ZooKeeperClientID>] = [:]
    /// By path, in the order of their registration.
    var watchers: [String: [ZooKeeperClientID]] = [:]
    /// Sessions without a living connection, by the leader that counts their time.
    var expiring: [ZooKeeperServerID: [Int: Moment]] = [:]
    var agenda = Agenda<Due>()
    var beatsAt: Moment?
    var networkGeneration: Int?
    var numbers: SeededNumbers
    let seed: UInt64
    var deliveries: [Delivery] = []
    var exits: [Exit] = []

    public init(seed: UInt64) {
        self.seed = seed
        numbers = SeededNumbers(seed, for: "zookeeper")
    }

    /// A server process begins.
    /// - Parameters:
    ///   - server: Which; none of that id runs.
    ///   - start: What it is started with.
    ///   - now: When.
    /// - Throws: The real server's last words, where it ends by itself at once.
    public mutating func start(
        _ server: ZooKeeperServerID,
        _ start: ZooKeeperServerStart,
        at now: Moment
    ) throws(DaemonExit) {
        var process = try ZooKeeperServer(start, at: now)
        let neighbours = processes.filter { $0.key.node == server.node && $0.key != server }.values
        if neighbours.contains(where: { $0.sharesClientPort(with: process) }) {
            throw DaemonExit(
                status: 1,
                "Unexpected exception, exiting abnormally\njava.net.BindException: Address already in use"
            )
        }
        let ready = now + 500 + random(500)
        process.stepsAt = ready
        processes[server] = process
        disks[server] = start.data ?? ZooKeeperData()
        agenda.add(.step(server), at: ready)
        beat(from: now)
    }

    /// Ends a server process, by whatever signal.
    /// - Returns: What stays on its disk; nil where no such server runs.
    @discardableResult
    public mutating func stop(_ server: ZooKeeperServerID, at now: Moment) -> ZooKeeperData? {
        guard let process = processes[server] else { return nil }
        if process.leading != nil { unshareFollowers(of: server) }
        unshare(server)
        expiring[server] = nil
        processes[server] = nil
        agenda.add(.departed(server), at: now)
        return disks.removeValue(forKey: server)
    }

    /// What a running server has on its disk; nil where no such server runs.
    public func data(of server: ZooKeeperServerID) -> ZooKeeperData? {
        guard processes[server] != nil, var data = disks[holder(of: server)] else { return nil }
        if holder(of: server) != server { data.zxid = zxid(of: server) }
        return data
    }

    /// Servers whose processes run, sorted.
    public var servers: [ZooKeeperServerID] { processes.keys.sorted() }

    /// Takes a request of a client, which `advance` carries out.
    public mutating func request(_ request: CoordinationRequest, from client: ZooKeeperClientID, at now: Moment) {
        if case .connect(let endpoints, let timeout) = request {
            clientEnded(client, at: now)
            var numbers = SeededNumbers(seed, for: "\(client) \(now.milliseconds)")
            var state = ZooKeeperClient()
            state.state = .connecting
            state.servers = endpoints.shuffled(using: &numbers)
            state.timeoutMilliseconds = timeout
            clients[client] = state
            wake(client, at: now + 1)
            return
        }
        guard clients[client]?.server != nil else {
            if let tag = request.tag { deliver(.answer(tag: tag, .lost), to: client) }
            if request == .close { clientEnded(client, at: now) }
            return
        }
        clients[client]?.outstanding.append(.init(at: now + 2, request: request))
        wake(client, at: now + 2)
    }

    /// A client process is gone without closing its session, which stays until its timeout.
    public mutating func clientEnded(_ client: ZooKeeperClientID, at now: Moment) {
        guard let state = clients[client] else { return }
        forgetWatches(of: client)
        if let server = state.server {
            connections[server]?.remove(client)
            startExpiry(of: client, via: server, at: now)
        }
        clients[client] = nil
    }

    /// Lets time pass: elections, synchronisation, requests, session expiry, over the network as it is now.
    public mutating func advance(to now: Moment, over network: some ZooKeeperNetwork) {
        while let (at, due) = agenda.popDue(at: now) {
            switch due {
            case .heartbeat: if at == beatsAt { beat(at, network) }
            case .settle: settle(at, network)
            case .step(let server): if processes[server]?.stepsAt == at { step(server, at, network) }
            case .departed(let server):
                if processes[server] == nil || processes[server]?.role == .starting {
                    dropClients(of: server, at, network)
                }
                settle(at, network)
            case .client(let client): if clients[client]?.wakesAt == at { step(client, at, network) }
            }
        }
    }

    /// What has come for clients since the last call, in order.
    public mutating func takeEvents() -> [(client: ZooKeeperClientID, event: CoordinationEvent)] {
        defer { deliveries = [] }
        return deliveries.map { ($0.client, $0.event) }
    }

    /// Servers that ended by themselves since the last call.
    public mutating func takeExits() -> [Exit] {
        defer { exits = [] }
        return exits
    }

    /// When `advance` is wanted next; nil for as long as nothing else happens.
    public var wakes: Moment? { agenda.next }
}

extension ZooKeeperService {
    mutating func random(_ below: Int) -> Int { Int.random(in: 0..<below, using: &numbers) }

    mutating func deliver(_ event: CoordinationEvent, to client: ZooKeeperClientID) {
        deliveries.append(Delivery(client: client, event: event))
    }

    mutating func wake(_ client: ZooKeeperClientID, at moment: Moment) {
        if let earlier = clients[client]?.wakesAt, earlier <= moment { return }
        clients[client]?.wakesAt = moment
        agenda.add(.client(client), at: moment)
    }

    mutating func step(_ server: ZooKeeperServerID, after milliseconds: Int, from now: Moment) {
        processes[server]?.stepsAt = now + milliseconds
        agenda.add(.step(server), at: now + milliseconds)
    }

    mutating func beat(from now: Moment) {
        guard beatsAt == nil else { return }
        beatsAt = now + Self.heartbeat
        agenda.add(.heartbeat, at: now + Self.heartbeat)
    }
}

extension CoordinationRequest {
    var tag: Int? {
        switch self {
        case .connect, .close: nil
        case .create(let tag, _, _, _, _), .set(let tag, _, _), .delete(let tag, _), .get(let tag, _),
            .children(let tag, _, _):
            tag
        }
    }

    var isWrite: Bool {
        switch self {
        case .create, .set, .delete, .close: true
        case .connect, .get, .children: false
        }
    }
}
