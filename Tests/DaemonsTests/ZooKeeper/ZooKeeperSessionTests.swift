import FoundationEssentials
import Testing

@testable import Daemons

@Suite struct ZooKeeperSessionTests {
    private func three(_ seed: UInt64 = 1, version: String = "3.8.0") throws -> Ensemble {
        var ensemble = Ensemble(seed: seed, version: version)
        for server in 1...3 { try ensemble.start(server, [1, 2, 3]) }
        ensemble.pass(5000)
        return ensemble
    }

    @Test func `requests are answered as the C client knows it`() throws {
        var ensemble = try three()
        let client = ensemble.connect("a", to: [1, 2, 3])
        ensemble.pass(100)
        func ask(_ request: (Int) -> CoordinationRequest) -> CoordinationAnswer? { ensemble.ask(client, request) }
        #expect(
            ask { .create(tag: $0, path: "/a", data: "1", ephemeral: false, sequential: false) } == .created(path: "/a")
        )
        #expect(ask { .create(tag: $0, path: "/a", data: "1", ephemeral: false, sequential: false) } == .exists)
        #expect(ask { .create(tag: $0, path: "/x/y", data: "", ephemeral: false, sequential: false) } == .noNode)
        for name in ["/a/n_0000000000", "/a/n_0000000001"] {
            let answer = ask { .create(tag: $0, path: "/a/n_", data: "", ephemeral: true, sequential: true) }
            #expect(answer == .created(path: name))
        }
        #expect(ask { .delete(tag: $0, path: "/a") } == .notEmpty)
        #expect(ask { .delete(tag: $0, path: "/a/n_0000000000") } == .done)
        #expect(ask { .children(tag: $0, path: "/a", watch: false) } == .children(["n_0000000001"]))
        #expect(ask { .set(tag: $0, path: "/a", data: "2") } == .done)
        #expect(ask { .get(tag: $0, path: "/a") } == .data("2"))
        #expect(ask { .get(tag: $0, path: "/b") } == .noNode)
        #expect(ask { .set(tag: $0, path: "/b", data: "") } == .noNode)
        ensemble.service.request(.close, from: client, at: ensemble.now)
        ensemble.pass(100)
        #expect(ensemble.children(1, of: "/a") == [])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `ephemeral nodes of a killed client go after its timeout, and watches tell`(seed: UInt64) throws {
        var ensemble = try three(seed)
        let watcher = ensemble.connect("a", to: [1, 2, 3])
        let victim = ensemble.connect("b", to: [1, 2, 3], timeout: 6000)
        ensemble.pass(100)
        #expect(ensemble.create("/e", victim, ephemeral: true) == .created(path: "/e"))
        #expect(ensemble.ask(watcher) { .children(tag: $0, path: "/", watch: true) } == .children(["e", "zookeeper"]))
        ensemble.service.clientEnded(victim, at: ensemble.now)
        let spent = try #require(ensemble.pass(upTo: 20_000) { $0.children(1) == ["zookeeper"] })
        #expect(6000...8000 ~= spent, "\(spent) ms")
        #expect(ensemble.events[watcher]?.last == .childrenChanged(path: "/"))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a session outlives the leader, and the request on its way is lost`(seed: UInt64) throws {
        var ensemble = try three(seed)
        let client = ensemble.connect("a", to: [1, 2, 3])
        ensemble.pass(100)
        #expect(ensemble.create("/e", client, ephemeral: true) == .created(path: "/e"))
        let leader = try #require(ensemble.leaders.first)
        ensemble.events = [:]
        ensemble.stop(leader)
        ensemble.service.request(.set(tag: 99, path: "/e", data: "2"), from: client, at: ensemble.now)
        ensemble.pass(5000)
        let events = ensemble.events[client] ?? []
        #expect(events.first == .disconnected)
        #expect(events.contains(.answer(tag: 99, .lost)))
        guard case .connected(_, again: true) = events.last else {
            Issue.record("seed \(seed): \(events)")
            return
        }
        ensemble.pass(30_000)
        #expect(ensemble.children(ensemble.leaders[0]) == ["e", "zookeeper"])
    }

    @Test func `what changed while nobody was connected is told on reconnection`() throws {
        var ensemble = try three()
        let watcher = ensemble.connect("a", to: [1])
        let other = ensemble.connect("b", to: [2, 3])
        ensemble.pass(100)
        _ = ensemble.ask(watcher) { .children(tag: $0, path: "/", watch: true) }
        ensemble.network.groups["a"] = 1
        ensemble.pass(8000)
        #expect(ensemble.events[watcher]?.last == .disconnected)
        _ = ensemble.create("/new", other)
        ensemble.network.groups = [:]
        ensemble.pass(1500)
        #expect(ensemble.events[watcher]?.contains(.childrenChanged(path: "/")) == true)
        #expect(ensemble.isConnected(watcher))
    }

    @Test func `a client that is away for too long learns that its session is over`() throws {
        var ensemble = try three()
        let client = ensemble.connect("a", to: [1, 2, 3])
        ensemble.pass(100)
        _ = ensemble.create("/e", client, ephemeral: true)
        ensemble.network.groups["a"] = 1
        ensemble.pass(20_000)
        #expect(ensemble.children(1) == ["zookeeper"])
        ensemble.network.groups = [:]
        ensemble.pass(6000)
        #expect(ensemble.events[client]?.last == .expired)
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a cut-off leader steps down and loses nothing that was acknowledged`(seed: UInt64) throws {
        var ensemble = try three(seed)
        let old = try #require(ensemble.leaders.first)
        let inside = ensemble.connect("a", to: [old])
        ensemble.pass(100)
        ensemble.network.groups = ["zk\(old)": 1, "a": 1]
        #expect(ensemble.ask(inside) { .set(tag: $0, path: "/", data: "never") } == nil)
        ensemble.pass(30_000)
        #expect(ensemble.leaders.count == 1 && ensemble.leaders != [old])
        #expect(ensemble.mode(old) == .looking)
        let outside = ensemble.connect("b", to: ensemble.leaders)
        ensemble.pass(100)
        #expect(ensemble.create("/kept", outside) == .created(path: "/kept"))
        ensemble.network.groups = [:]
        ensemble.pass(30_000)
        #expect(ensemble.mode(old) == .follower)
        for server in 1...3 { #expect(ensemble.children(server) == ["kept", "zookeeper"]) }
        #expect(ensemble.service.data(of: ensemble.id(old))?.node("/") == "")
    }

    /// Crashes, restarts and partitions of a minority at random while a client writes.
    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `with equal lists there is one leader at most, and no acknowledged write is lost`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed, for: "storm")
        var ensemble = Ensemble(seed: seed, version: seed % 2 == 0 ? "3.8.0" : "3.4.6")
        let all = Array(1...5)
        for server in all { try ensemble.start(server, all) }
        ensemble.pass(5000)
        let client = ensemble.connect("a", to: all)
        var written: [String] = []
        var down: Set<Int> = []
        for round in 0..<40 {
            let victim = Int.random(in: 1...5, using: &numbers)
            let deed = Int.random(in: 0..<3, using: &numbers)
            if down.contains(victim) {
                if ensemble.disks[victim] != nil {
                    try ensemble.start(victim, all)
                    ensemble.disks[victim] = nil
                }
                ensemble.network.groups["zk\(victim)"] = nil
                down.remove(victim)
            } else if down.count < 2 {
                down.insert(victim)
                if deed == 0 { ensemble.network.groups["zk\(victim)"] = victim } else { ensemble.stop(victim) }
            }
            for _ in 0..<Int.random(in: 1...40, using: &numbers) {
                ensemble.pass(100)
                let epochs = ensemble.service.servers.compactMap { server -> Int? in
                    guard ensemble.service.processes[server]?.leading?.isServing == true else { return nil }
                    return ensemble.service.processes[server]?.leading?.epoch
                }
                #expect(Set(epochs).count == epochs.count, "seed \(seed): two leaders of one epoch")
            }
            let path = "/n\(round)"
            if case .created = ensemble.create(path, client) { written.append(path) }
        }
        for server in down where ensemble.disks[server] != nil {
            try ensemble.start(server, all)
        }
        ensemble.network.groups = [:]
        ensemble.pass(30_000)
        #expect(ensemble.leaders.count == 1, "seed \(seed)")
        for server in all {
            let data = ensemble.service.data(of: ensemble.id(server))
            let missing = written.filter { data?.node($0) == nil }
            #expect(missing.isEmpty, "seed \(seed), server \(server)")
        }
        #expect(written.count > 10, "seed \(seed)")
    }

    @Test func `a service that is stored and read back goes on as if nothing had been`() throws {
        func text(_ service: ZooKeeperService) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(service), as: UTF8.self)
        }
        var ensemble = try three()
        let clients = ["a", "b", "c"].map { ensemble.connect($0, to: [1, 2, 3]) }
        ensemble.pass(100)
        for (number, client) in clients.enumerated() {
            _ = ensemble.create("/e\(number)", client, ephemeral: true)
            _ = ensemble.ask(client) { .children(tag: $0, path: "/", watch: true) }
        }
        ensemble.stop(try #require(ensemble.leaders.first))
        ensemble.service.clientEnded(clients[0], at: ensemble.now)
        ensemble.pass(150)
        var copy = ensemble
        let stored = try text(ensemble.service)
        copy.service = try JSONDecoder().decode(ZooKeeperService.self, from: Data(stored.utf8))
        #expect(try text(copy.service) == stored)
        for _ in 0..<100 {
            ensemble.pass(300)
            copy.pass(300)
        }
        #expect(try text(copy.service) == text(ensemble.service))
        #expect(copy.events == ensemble.events)
        #expect(copy.children(copy.leaders[0]) == ["e1", "e2", "zookeeper"])
    }

    @Test func `3.4 counts the acknowledgement of a server that its list does not name`() throws {
        for (version, isServed) in [("3.4.6", true), ("3.8.0", false)] {
            var ensemble = try three(1, version: version)
            let leader = try #require(ensemble.leaders.first)
            try ensemble.start(4, [1, 2, 3, 4])
            ensemble.pass(4000)
            #expect(ensemble.mode(4) == .follower)
            for server in 1...3 where server != leader { ensemble.stop(server) }
            ensemble.pass(5000)
            #expect((ensemble.leaders == [leader]) == isServed)
        }
    }

    @Test func `a thousand sessions and ten thousand nodes survive an election`() throws {
        var ensemble = try three()
        let clients = (0..<1000).map { ensemble.connect("agent\($0)", to: [1, 2, 3]) }
        ensemble.pass(3000)
        #expect(clients.allSatisfy { ensemble.isConnected($0) })
        for number in 0..<10_000 {
            let request = CoordinationRequest.create(
                tag: number + 1_000_000,
                path: "/n",
                data: "",
                ephemeral: number % 10 == 0,
                sequential: true
            )
            ensemble.service.request(request, from: clients[number % 1000], at: ensemble.now)
        }
        ensemble.pass(1000)
        ensemble.stop(try #require(ensemble.leaders.first))
        ensemble.pass(10_000)
        #expect(clients.allSatisfy { ensemble.isConnected($0) })
        #expect(ensemble.children(ensemble.leaders[0])?.count == 10_001)
    }
}
