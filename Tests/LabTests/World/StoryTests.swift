import Daemons
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Lab

@Suite("A cluster's story on the lab", .timeLimit(.minutes(20)))
struct StoryTests {
    @Test(arguments: LabFixture.files)
    func `a bare cluster converges in one run, and a second has nothing to do`(file: String) async throws {
        let fixture = try LabFixture(file)
        let plan = try await fixture.plan()
        #expect(plan.refusals == [] && plan.blocked == [], "\(plan.words)")
        let report = try await fixture.apply(plan).get()
        #expect(report.ending == .completed)
        #expect(report.troubles == [])
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
        let status = try fixture.status()
        #expect(status.zooKeeperLeader != nil && status.mesosLeader != nil && status.marathonLeader != nil)
        #expect(status.agents.count == 3)
    }

    @Test(arguments: LabFixture.files)
    func `a file edited by hand is shown as drift and written back`(file: String) async throws {
        let fixture = try await LabFixture.converged(file)
        let path = "/etc/mesos-slave/executor_registration_timeout"
        let wanted = try fixture.file(path, on: "mesos-slave2")
        try fixture.inject(.write(path: path, text: "7mins\n", on: "mesos-slave2"))
        let plan = try await fixture.plan()
        let causes = plan.steps.flatMap(\.changes).filter { $0.resource == "file:\(path)" }.map(\.cause)
        #expect(causes == [.drift], "\(plan.words)")
        let last = try await fixture.converge("heal")
        #expect(last.isEmpty, "\(last.words)")
        #expect(try fixture.file(path, on: "mesos-slave2") == wanted)
    }

    @Test(arguments: LabFixture.files)
    func `a dead host is named, disturbs nobody else, and is well again when it is back`(file: String) async throws {
        let fixture = try await LabFixture.converged(file)
        try fixture.inject(.powerOff("mesos-slave3"))
        let plan = try await fixture.plan()
        #expect(plan.nodes.filter { $0.failure != nil }.map(\.name) == ["mesos-slave3"])
        #expect(plan.steps == [], "\(plan.words)")
        try await fixture.pass(200)
        #expect(try fixture.status().agents.filter(\.isActive).count == 2)
        try fixture.inject(.powerOn("mesos-slave3"))
        try await fixture.pass(200)
        #expect(try fixture.status().agents.filter(\.isActive).count == 3)
        let last = try await fixture.converge("back")
        #expect(last.isEmpty, "\(last.words)")
    }

    @Test(arguments: LabFixture.files)
    func `whoever leads is killed, another leads, and the supervisor brings it back`(file: String) async throws {
        let fixture = try await LabFixture.converged(file)
        let before = try fixture.status()
        let services: [(ServiceName, NodeName?)] = [
            (.zooKeeper, before.zooKeeperLeader), (.mesosMaster, before.mesosLeader),
            (.marathon, before.marathonLeader),
        ]
        for (service, leader) in services { try fixture.inject(.kill(service, on: try #require(leader))) }
        try await fixture.pass(120)
        let after = try fixture.status()
        #expect(after.zooKeeperLeader != nil && after.mesosLeader != nil && after.marathonLeader != nil)
        #expect(after.agents.filter(\.isActive).count == 3)
        let last = try await fixture.converge("killed")
        #expect(last.isEmpty, "\(last.words)")
    }

    /// A setting of zoo.cfg that rolls the ensemble.
    private func withTickTime(_ fixture: LabFixture) throws -> LabFixture {
        var fixture = fixture
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        let setting = Setting(
            name: Located("tickTime", at: here),
            value: Located(Content("3000"), at: here)
        )
        fixture.spec.zookeeper?.config.removeAll { $0.name.value == "tickTime" }
        fixture.spec.zookeeper?.config.append(setting)
        return fixture
    }

    @Test(arguments: LabFixture.files)
    func `a changed zoo.cfg rolls the servers one at a time, the leader last`(file: String) async throws {
        let fixture = try withTickTime(await LabFixture.converged(file))
        let before = fixture.access.restarts.count
        let plan = try await fixture.plan()
        #expect(plan.blocked == [] && plan.refusals == [], "\(plan.words)")
        let report = try await fixture.apply(plan, as: "roll").get()
        #expect(report.troubles == [])
        let restarts = fixture.access.restarts.dropFirst(before).filter { $0.service == .zooKeeper }
        #expect(restarts.map(\.node).sorted() == ["mesos-master1", "mesos-master2", "mesos-master3"])
        #expect(restarts.map(\.led) == [false, false, true])
        #expect(restarts.allSatisfy { $0.othersDown == 0 })
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
    }

    @Test(arguments: LabFixture.files, [3, 8, 12, 16, 20])
    func `a run that is killed on the way is finished by the next`(file: String, event: Int) async throws {
        let fixture = try withTickTime(await LabFixture.converged(file))
        let before = fixture.access.restarts.count
        let seen = Counter()
        _ = try await fixture.apply(await fixture.plan(), as: "roll") { _ in
            if seen.next() == event { fixture.access.kill(RunID("roll")) }
        }
        let last = try await fixture.converge("again")
        #expect(last.isEmpty, "killed at event \(event): \(last.words)")
        let restarts = fixture.access.restarts.dropFirst(before).filter { $0.service == .zooKeeper }
        #expect(restarts.map(\.node).sorted() == ["mesos-master1", "mesos-master2", "mesos-master3"])
        #expect(restarts.allSatisfy { $0.othersDown == 0 })
    }

    @Test(arguments: LabFixture.files, 1...UInt64(4))
    func `a bootstrap that is killed anywhere is finished by the next run`(file: String, seed: UInt64) async throws {
        var numbers = SeededNumbers(seed)
        let event = Int.random(in: 2...60, using: &numbers)
        let fixture = try LabFixture(file, seed: seed)
        let seen = Counter()
        _ = try await fixture.apply(await fixture.plan(), as: "first") { _ in
            if seen.next() == event { fixture.access.kill(RunID("first")) }
        }
        let last = try await fixture.converge("again")
        #expect(last.isEmpty, "seed \(seed), killed at event \(event): \(last.words)")
    }

    @Test(arguments: LabFixture.files, ["mesos-master1", "mesos-master2", "mesos-master3"])
    func `while a server is silent no other one is restarted`(file: String, silent: String) async throws {
        let fixture = try withTickTime(await LabFixture.converged(file))
        try fixture.inject(.unplug(NodeName(silent)))
        let before = fixture.access.restarts.count
        let last = try await fixture.converge("silent")
        #expect(!last.blocked.isEmpty)
        #expect(fixture.access.restarts.count == before)
    }

    /// What people do by hand.
    private static let perturbations: [[LabFault]] = [
        [.write(path: "/etc/zookeeper/conf/zoo.cfg", text: "tickTime=2000\n", on: "mesos-master2")],
        [.stop(.zooKeeper, on: "mesos-master1")],
        [.stop(.mesosMaster, on: "mesos-master2")],
        [.stop(.marathon, on: "mesos-master3")],
        [.start(.mesosMaster, on: "mesos-slave1")],
        [
            .stop(.zooKeeper, on: "mesos-master3"),
            .delete(path: "/var/lib/zookeeper/version-2", on: "mesos-master3"),
        ],
        [.write(path: "/etc/mesos-master/quorum.bak", text: "3\n", on: "mesos-master1")],
        [.delete(path: "/etc/mesos/zk", on: "mesos-slave2")],
    ]

    @Test(arguments: LabFixture.files, perturbations)
    func `what was done by hand is shown, and then gone or named`(file: String, faults: [LabFault]) async throws {
        let fixture = try await LabFixture.converged(file)
        for fault in faults { try fixture.inject(fault) }
        try await fixture.pass(20)
        let plan = try await fixture.plan()
        #expect(!plan.isEmpty, "\(faults)")
        let last = try await fixture.converge("heal")
        #expect(last.steps.isEmpty || !last.refusals.isEmpty, "\(faults): \(last.words)")
        #expect(last.blocked.allSatisfy { !$0.because.isEmpty } && last.refusals.allSatisfy { !$0.reason.isEmpty })
    }

    @Test(arguments: LabFixture.files)
    func `a visit that breaks between writing and restarting is made good by the next run`(file: String) async throws {
        let fixture = try await LabFixture.converged(file)
        try fixture.inject(.delete(path: "/etc/mesos-slave/containerizers", on: "mesos-slave1"))
        try fixture.inject(.breakVisit(afterActions: 1, on: "mesos-slave1"))
        _ = try await fixture.apply(await fixture.plan(), as: "broken")
        let last = try await fixture.converge("again")
        #expect(last.isEmpty, "\(last.words)")
    }

    @Test func `of two runs at once one holds the cluster, and the other says who`() async throws {
        let fixture = try LabFixture(LabFixture.files[1])
        let plan = try await fixture.plan()
        async let first = fixture.apply(plan, as: "first", lockTimeout: .zero)
        async let second = fixture.apply(plan, as: "second", lockTimeout: .zero)
        let results = try await [first, second]
        let done = results.compactMap { try? $0.get() }
        let refused = results.compactMap { result in
            if case .failure(.leaseHeld(let owner)) = result { owner.holder.user } else { nil }
        }
        #expect(done.count == 1 && refused.count == 1)
        #expect(done.map(\.run.text) == refused)
    }

    @Test func `the same seed gives the same world, byte for byte`() async throws {
        var saved: [[UInt8]] = []
        for _ in 1...2 {
            let fixture = try LabFixture(LabFixture.files[0], seed: 7)
            _ = try await fixture.converge()
            saved.append(try fixture.lab.read { try? LabFile.encoded($0) } ?? [])
        }
        #expect(!saved[0].isEmpty && saved[0] == saved[1])
        #expect(try LabFile.encoded(try LabFile.decoded(saved[0])) == saved[0])
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
