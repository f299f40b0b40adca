import Testing

@testable import Daemons

/// The experiments of labs/zookeeper-3.8.0-experiments.txt, by their numbers.
@Suite struct ZooKeeperExperimentTests {
    @Test(
        arguments: [
            ("4", 1, "My id 4 not in the peer list"),
            (nil, 2, "java.lang.IllegalArgumentException: myid file is missing"),
            (
                "replace this text with the cluster-unique zookeeper's instance id (1-255)\n", 2,
                "serverid replace this text with the cluster-unique zookeeper's instance id (1-255) is not a number"
            ),
            (" 1 \n", 2, "serverid  1  is not a number"),
        ] as [(String?, Int, String)]
    )
    func `E1 to E3b: a wrong myid ends the server with its words`(myid: String?, status: Int, words: String) throws {
        let ensemble = Ensemble(isRecorded: true)
        let start = ZooKeeperServerStart(
            version: "3.8.0",
            config: ensemble.config(1, [1, 2, 3]),
            configPath: "/srv/lab/n1/conf/zoo.cfg",
            myid: myid,
            addresses: ["127.0.40.1"]
        )
        var service = ensemble.service
        let exit = #expect(throws: DaemonExit.self) { try service.start(ensemble.id(1), start, at: ensemble.now) }
        #expect(exit?.status == status)
        #expect(exit?.message.contains(words) == true)
        #expect(service.servers.isEmpty)
    }

    @Test(arguments: [(true, "Address already in use"), (false, "Cannot assign requested address")])
    func `E4: a second server of an id that runs ends by itself after some seconds`(
        isRecorded: Bool,
        words: String
    ) throws {
        var ensemble = Ensemble(isRecorded: isRecorded)
        try ensemble.start(1, [1, 2, 3])
        try ensemble.start(2, [1, 2, 3])
        ensemble.pass(3000)
        try ensemble.start(3, [1, 2, 3], myid: "2")
        ensemble.pass(1000)
        #expect(ensemble.word("srvr", 3) == "This ZooKeeper instance is not currently serving requests\n")
        ensemble.pass(3500)
        #expect(ensemble.word("srvr", 3) == nil)
        let exits = ensemble.service.takeExits()
        #expect(exits.map(\.exit.status) == [14])
        #expect(exits.first?.exit.message.contains(words) == true)
        #expect(ensemble.leaders == [2])
        #expect(ensemble.mode(1) == .follower)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `E5, D1: three servers changed to a list of five beside two of the old list are two ensembles`(
        seed: UInt64
    ) throws {
        var ensemble = Ensemble(seed: seed)
        for server in 1...2 { try ensemble.start(server, [1, 2, 3]) }
        ensemble.pass(4000)
        try ensemble.start(3, [1, 2, 3])
        ensemble.pass(4000)
        let first = ensemble.connect("a", to: [1])
        ensemble.pass(100)
        #expect(ensemble.create("/before", first) == .created(path: "/before"))
        ensemble.stop(3)
        try ensemble.start(3, [1, 2, 3, 4, 5])
        try ensemble.start(4, [1, 2, 3, 4, 5])
        try ensemble.start(5, [1, 2, 3, 4, 5])
        ensemble.pass(4000)
        #expect(ensemble.leaders == [2, 3])
        let second = ensemble.connect("b", to: [4])
        ensemble.pass(100)
        #expect(ensemble.create("/side1", first) == .created(path: "/side1"))
        #expect(ensemble.create("/side2", second) == .created(path: "/side2"))
        for server in 1...2 { #expect(ensemble.children(server) == ["before", "side1", "zookeeper"]) }
        for server in 3...5 { #expect(ensemble.children(server) == ["before", "side2", "zookeeper"]) }
        #expect(ensemble.service.status(of: ensemble.id(1))?.members == [1, 2, 3])
    }

    @Test func `E6: an ensemble grows by one member at a time without a second leader`() throws {
        var ensemble = Ensemble()
        func zxids(_ servers: ClosedRange<Int>) -> [Int?] {
            servers.map { ensemble.service.status(of: ensemble.id($0))?.zxid }
        }
        for server in 1...3 { try ensemble.start(server, [1, 2, 3]) }
        ensemble.pass(upTo: 5000) { $0.leaders == [3] && $0.mode(1) == .follower && $0.mode(2) == .follower }
        #expect(ensemble.leaders == [3])
        try ensemble.start(4, [1, 2, 3, 4])
        ensemble.pass(4000)
        #expect(ensemble.mode(4) == .follower)
        #expect(ensemble.word("mntr", 3)?.contains("zk_synced_non_voting_followers\t1\n") == true)
        #expect(ensemble.service.status(of: ensemble.id(4))?.zxid == 0x1_0000_0000)
        for server in [1, 2, 3] {
            ensemble.stop(server)
            ensemble.pass(10)
            try ensemble.start(server, [1, 2, 3, 4])
            ensemble.pass(5000)
            #expect(ensemble.leaders == [server == 3 ? 4 : 3])
        }
        #expect(zxids(1...4) == [0x1_0000_0000, 0x1_0000_0000, 0x2_0000_0000, 0x2_0000_0000])
        try ensemble.start(5, [1, 2, 3, 4, 5])
        ensemble.pass(4000)
        for server in [1, 2, 3, 4] {
            ensemble.stop(server)
            ensemble.pass(10)
            try ensemble.start(server, [1, 2, 3, 4, 5])
            ensemble.pass(5000)
            #expect(ensemble.leaders == [server == 4 ? 5 : 4])
        }
        #expect(zxids(1...5) == [0x2_0000_0000, 0x2_0000_0000, 0x2_0000_0000, 0x3_0000_0000, 0x3_0000_0000])
        #expect(ensemble.service.status(of: ensemble.id(5))?.syncedFollowers == [1, 2, 3, 4])
    }

    /// A standalone server 1 with two nodes, stopped.
    private func precious() throws -> Ensemble {
        var ensemble = Ensemble()
        try ensemble.start(1, [])
        ensemble.pass(2000)
        #expect(ensemble.mode(1) == .standalone)
        let client = ensemble.connect("a", to: [1])
        ensemble.pass(100)
        #expect(ensemble.create("/precious", client) == .created(path: "/precious"))
        #expect(ensemble.create("/precious2", client) == .created(path: "/precious2"))
        ensemble.stop(1)
        return ensemble
    }

    @Test func `E7a, D2: two empty servers that are first to be many wipe the one that has the data`() throws {
        var ensemble = try precious()
        try ensemble.start(2, [1, 2, 3])
        try ensemble.start(3, [1, 2, 3])
        ensemble.pass(3000)
        #expect(ensemble.leaders == [3])
        try ensemble.start(1, [1, 2, 3])
        ensemble.pass(4000)
        #expect(ensemble.mode(1) == .follower)
        for server in 1...3 { #expect(ensemble.children(server) == ["zookeeper"]) }
    }

    @Test func `E7b: started first, the one that has the data keeps it`() throws {
        var ensemble = try precious()
        try ensemble.start(1, [1, 2, 3])
        try ensemble.start(2, [1, 2, 3])
        ensemble.pass(3000)
        #expect(ensemble.leaders == [1])
        try ensemble.start(3, [1, 2, 3])
        ensemble.pass(4000)
        for server in 1...3 { #expect(ensemble.children(server) == ["precious", "precious2", "zookeeper"]) }
        #expect(ensemble.word("srvr", 1)?.contains("Zxid: 0x100000000") == true)
    }

    @Test func `E9: without a whitelist 3.8 executes srvr only, and 3.4 everything`() throws {
        for (version, ruok) in [
            ("3.8.0", "ruok is not executed because it is not in the whitelist.\n"), ("3.4.6", "imok"),
        ] {
            var ensemble = Ensemble(version: version)
            let config = ensemble.config(1, [1, 2, 3]).split(separator: "\n").filter { !$0.hasPrefix("4lw") }
            try ensemble.start(1, [], config: config.joined(separator: "\n"))
            ensemble.pass(2000)
            #expect(ensemble.word("ruok", 1) == ruok)
            #expect(ensemble.word("srvr", 1) == "This ZooKeeper instance is not currently serving requests\n")
        }
    }

    @Test(arguments: [([1, 2, 3], nil), ([], 4)] as [([Int], Int?)])
    func `E9b: a taken admin port ends a standalone server only`(members: [Int], status: Int?) throws {
        let ensemble = Ensemble()
        let config = ensemble.config(1, members).split(separator: "\n").filter { !$0.hasPrefix("admin") }
        let start = ZooKeeperServerStart(
            version: "3.8.0",
            config: config.joined(separator: "\n"),
            myid: "1",
            addresses: ["10.0.0.1"],
            portsInUse: [8080],
            hasAdminServer: true
        )
        var service = ensemble.service
        var exit: DaemonExit?
        do throws(DaemonExit) { try service.start(ensemble.id(1), start, at: ensemble.now) } catch { exit = error }
        #expect(exit?.status == status)
    }

    @Test(arguments: [1, 3]) func `E10: a member bound to loopback is no use as soon as it is needed`(
        trapped: Int
    ) throws {
        var ensemble = Ensemble()
        func config(_ number: Int) -> String {
            ensemble.config(number, []) + (1...3).map { "\nserver.\($0)=zk\($0):2888:3888" }.joined()
        }
        let trap = [("zk\(trapped)", "127.0.1.1")]
        ensemble.network.overrides["zk\(trapped)"] = Dictionary(uniqueKeysWithValues: trap)
        let others = [1, 2, 3].filter { $0 != trapped }
        for server in others { try ensemble.start(server, [], config: config(server)) }
        ensemble.pass(3000)
        try ensemble.start(trapped, [], config: config(trapped))
        ensemble.pass(4000)
        #expect(ensemble.leaders == [others[1]])
        // A high id dials out and looks well; a low one is hung up on and cannot be dialled back.
        #expect(ensemble.mode(trapped) == (trapped == 3 ? .follower : .looking))
        #expect(ensemble.service.listeners(of: ensemble.id(trapped)).contains(Endpoint("127.0.1.1", 3888)))
        ensemble.stop(others[1])
        ensemble.pass(60_000)
        #expect(ensemble.leaders == [])
    }

    @Test func `E10 as recorded, all on one machine: it follows, and nobody reaches it once it leads`() throws {
        var ensemble = Ensemble(isRecorded: true)
        let config = ensemble.config(1, []) + (1...3).map { "\nserver.\($0)=zk\($0):2888:3888" }.joined()
        for server in [2, 3, 1] {
            let id = ZooKeeperServerID(node: "lab", instance: "\(server)")
            ensemble.network.add("zk\(server)", ensemble.address(server))
            ensemble.network.overrides["lab"] = [:]
            let text = config + "\nclientPortAddress=\(ensemble.address(server))"
            if server == 1 { ensemble.network.overrides["lab"]?["zk1"] = "127.0.1.1" }
            try ensemble.service.start(
                id,
                ZooKeeperServerStart(
                    version: "3.8.0",
                    config: text,
                    myid: "\(server)",
                    addresses: [ensemble.address(server)]
                ),
                at: ensemble.now
            )
            ensemble.pass(server == 2 ? 10 : 3000)
        }
        // The name is resolved once for the port it binds, and otherwise by those who dial.
        ensemble.network.overrides["lab"] = ["zk1": "127.0.40.1"]
        ensemble.pass(3000)
        let ids = (1...3).map { ZooKeeperServerID(node: "lab", instance: "\($0)") }
        #expect(ensemble.service.status(of: ids[0])?.mode == .follower)
        #expect(ensemble.service.status(of: ids[2])?.mode == .leader)
        ensemble.service.stop(ids[2], at: ensemble.now)
        ensemble.pass(60_000)
        #expect(ids[0...1].map { ensemble.service.status(of: $0)?.isServing } == [false, false])
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `E13: a rolling restart with the leader last has one short window without a server`(seed: UInt64) throws {
        var ensemble = Ensemble(seed: seed)
        for server in 1...3 { try ensemble.start(server, [1, 2, 3]) }
        ensemble.pass(5000)
        let leader = try #require(ensemble.leaders.first)
        var windows = 0
        var dark = 0
        for server in [1, 2, 3].filter({ $0 != leader }) + [leader] {
            ensemble.stop(server)
            try ensemble.start(server, [1, 2, 3])
            var wasServed = true
            for _ in 0..<500 {
                ensemble.pass(10)
                let isServed = (1...3).contains { [.leader, .follower].contains(ensemble.mode($0)) }
                if wasServed, !isServed { windows += 1 }
                if !isServed { dark += 10 }
                wasServed = isServed
            }
            #expect(ensemble.mode(server) == .follower)
        }
        #expect(windows == 1)
        #expect(200...1000 ~= dark, "\(dark) ms")
    }

    @Test func `E14: logs without a snapshot stop 3.8, unless it is told to trust`() throws {
        var ensemble = try precious()
        ensemble.disks[1]?.hasSnapshot = false
        let exit = #expect(throws: DaemonExit.self) { try ensemble.start(1, []) }
        #expect(exit?.status == 1)
        #expect(exit?.message.contains("No snapshot found, but there are log entries. Something is broken!") == true)
        try ensemble.start(1, [], extra: "snapshot.trust.empty=true")
        ensemble.pass(2000)
        #expect(ensemble.children(1) == ["precious", "precious2", "zookeeper"])
    }

    @Test func `E16: a taken client port ends the server`() throws {
        let ensemble = Ensemble()
        let start = ZooKeeperServerStart(
            version: "3.8.0",
            config: ensemble.config(1, [1, 2, 3]),
            myid: "1",
            addresses: ["10.0.0.1"],
            portsInUse: [2181]
        )
        var service = ensemble.service
        let exit = #expect(throws: DaemonExit.self) { try service.start(ensemble.id(1), start, at: ensemble.now) }
        #expect(exit?.message.contains("java.net.BindException: Address already in use") == true)
        #expect(exit?.status == 1)
    }
}
