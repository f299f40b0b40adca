@testable import Daemons

/// Hosts 127.0.40.N, or N as a name, with switches that cut them off from each other.
struct TestNetwork: ZooKeeperNetwork {
    private(set) var addresses: [String: String] = [:]
    private var owners: [String: String] = [:]
    /// Names that a node resolves in its own way.
    var overrides: [String: [String: String]] = [:]
    var groups: [String: Int] = [:]

    mutating func add(_ node: String, _ address: String) {
        addresses[node] = address
        owners[address] = node
    }

    func reaches(from node: String, address: String) -> Bool {
        guard let owner = owners[address] else { return false }
        return groups[node, default: 0] == groups[owner, default: 0]
    }

    func resolve(_ host: String, on node: String) -> String? {
        if let address = overrides[node]?[host] { return address }
        return addresses[host] ?? (host.first?.isNumber == true ? host : nil)
    }
}

/// Servers with a clock.
struct Ensemble {
    var service: ZooKeeperService
    var network = TestNetwork()
    var now = Moment(milliseconds: 1_700_000_000_000)
    var version = "3.8.0"
    var events: [ZooKeeperClientID: [CoordinationEvent]] = [:]
    var disks: [Int: ZooKeeperData] = [:]
    /// Addresses 127.0.40.N as in the recorded runs, or 10.0.0.N.
    var isRecorded = false
    private var tag = 0

    init(seed: UInt64 = 1, version: String = "3.8.0", isRecorded: Bool = false) {
        service = ZooKeeperService(seed: seed)
        self.version = version
        self.isRecorded = isRecorded
    }

    func id(_ number: Int) -> ZooKeeperServerID { ZooKeeperServerID(node: "zk\(number)") }
    func address(_ number: Int) -> String { isRecorded ? "127.0.40.\(number)" : "10.0.0.\(number)" }

    func config(_ number: Int, _ members: [Int], extra: String = "") -> String {
        """
        tickTime=2000
        initLimit=10
        syncLimit=5
        dataDir=/srv/lab/n\(number)/data
        clientPort=2181
        4lw.commands.whitelist=*
        admin.enableServer=false
        \(extra)
        \(members.map { "server.\($0)=\(address($0)):2888:3888" }.joined(separator: "\n"))
        """
    }

    mutating func start(
        _ number: Int,
        _ members: [Int],
        myid: String? = nil,
        config: String? = nil,
        extra: String = ""
    ) throws {
        network.add("zk\(number)", address(number))
        try service.start(
            id(number),
            ZooKeeperServerStart(
                version: version,
                config: config ?? self.config(number, members, extra: extra),
                configPath: "/srv/lab/n\(number)/conf/zoo.cfg",
                myid: myid ?? "\(number)\n",
                data: disks[number],
                addresses: [address(number)]
            ),
            at: now
        )
    }

    mutating func stop(_ number: Int) {
        disks[number] = service.stop(id(number), at: now)
    }

    mutating func pass(_ milliseconds: Int) {
        now = now + milliseconds
        service.advance(to: now, over: network)
        for (client, event) in service.takeEvents() { events[client, default: []].append(event) }
    }

    /// Lets time pass until something is so, in steps of 10 ms.
    /// - Returns: The milliseconds that took; nil where it was not so within the limit.
    @discardableResult
    mutating func pass(upTo limit: Int, until condition: (Ensemble) -> Bool) -> Int? {
        var spent = 0
        while !condition(self) {
            guard spent < limit else { return nil }
            pass(10)
            spent += 10
        }
        return spent
    }

    func mode(_ number: Int) -> ZooKeeperStatus.Mode? {
        service.status(of: id(number)).flatMap { $0.isServing || $0.mode == .starting ? $0.mode : .looking }
    }

    var leaders: [Int] {
        service.servers.compactMap { service.status(of: $0) }.filter { $0.isServing && $0.mode == .leader }.map(\.id)
    }

    mutating func word(_ word: String, _ number: Int) -> String? {
        service.word(word, to: Endpoint(address(number), 2181), on: "zk\(number)", at: now)
    }

    // MARK: Clients

    mutating func connect(_ name: String, to servers: [Int], timeout: Int = 10_000) -> ZooKeeperClientID {
        let client = ZooKeeperClientID(node: name, process: "test")
        network.add(name, "10.0.1.\(network.addresses.count)")
        let endpoints = servers.map { Endpoint(address($0), 2181) }
        service.request(.connect(servers: endpoints, sessionMilliseconds: timeout), from: client, at: now)
        return client
    }

    /// Asks and waits for the answer.
    mutating func ask(
        _ client: ZooKeeperClientID,
        within limit: Int = 1000,
        _ request: (Int) -> CoordinationRequest
    ) -> CoordinationAnswer? {
        tag += 1
        let tag = tag
        service.request(request(tag), from: client, at: now)
        pass(upTo: limit) { $0.answer(tag, client) != nil }
        return answer(tag, client)
    }

    func answer(_ tag: Int, _ client: ZooKeeperClientID) -> CoordinationAnswer? {
        for case .answer(tag, let answer) in events[client] ?? [] { return answer }
        return nil
    }

    mutating func create(_ path: String, _ client: ZooKeeperClientID, ephemeral: Bool = false) -> CoordinationAnswer? {
        ask(client) { .create(tag: $0, path: path, data: "x", ephemeral: ephemeral, sequential: false) }
    }

    func children(_ number: Int, of path: String = "/") -> [String]? {
        service.data(of: id(number))?.children(of: path)
    }

    func isConnected(_ client: ZooKeeperClientID) -> Bool {
        for event in (events[client] ?? []).reversed() {
            switch event {
            case .connected: return true
            case .disconnected, .expired: return false
            case .answer, .childrenChanged: break
            }
        }
        return false
    }
}
