import Daemons
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Lab

@Suite("Upgrades on the lab", .timeLimit(.minutes(20)))
struct UpgradeStoryTests {
    private static let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)

    /// The testbed's cluster with these versions everywhere, and newer ones in the repositories.
    private func fixture(
        _ versions: (zooKeeper: String, mesos: String, marathon: String),
        offering: [String: [String]]
    ) async throws -> LabFixture {
        var fixture = try LabFixture("Testbed/cluster.yaml")
        try fixture.lab.change { world in
            for index in world.machines.indices {
                for (name, offered) in offering { world.machines[index].node.catalogue.offered[name] = offered }
            }
        }
        declare(versions, in: &fixture)
        let last = try await fixture.converge("first")
        try #require(last.isEmpty, "\(last.words)")
        return fixture
    }

    private func declare(
        _ versions: (zooKeeper: String, mesos: String, marathon: String),
        in fixture: inout LabFixture
    ) {
        fixture.spec.versions.zookeeper = Located(versions.zooKeeper, at: Self.here)
        fixture.spec.versions.mesos = Located(versions.mesos, at: Self.here)
        fixture.spec.versions.marathon = Located(versions.marathon, at: Self.here)
    }

    private static let offering = [
        "zookeeper": ["3.8.4-1", "3.8.0-11+deb12u2"], "zookeeperd": ["3.8.4-1", "3.8.0-11+deb12u2"],
        "mesos": ["1.11.0-2.0.1", "1.10.0-2.0.1"], "marathon": ["1.11.24-0.1.debian9", "1.10.26-0.1.debian9"],
    ]
    private static let old = (zooKeeper: "3.8.0", mesos: "1.10.0", marathon: "1.10.26")
    private static let new = (zooKeeper: "3.8.4", mesos: "1.11.0", marathon: "1.11.24")

    private func versions(_ seen: ObservedCluster) -> Set<String> {
        let servers = seen.nodes.values.compactMap { $0.node?.zooKeeper.value?.version }
        let masters = seen.mesos.masters.values.compactMap { $0.value?.version }
        let agents = seen.mesos.agents.values.compactMap { $0.value?.version }
        return Set(servers.map { "zookeeper \($0)" } + masters.map { "master \($0)" } + agents.map { "agent \($0)" })
    }

    /// What the leading Marathon says of itself.
    private func info(_ fixture: LabFixture) throws -> JSON {
        let reply = try #require(try fixture.marathon("GET", "/v2/info"))
        return try JSON(parsing: reply.body)
    }

    private func expectNew(_ fixture: LabFixture) async throws {
        let seen = try await fixture.observe()
        #expect(versions(seen) == ["zookeeper 3.8.4", "master 1.11.0", "agent 1.11.0"])
        #expect(try info(fixture)["version"] == .string("1.11.24"))
        let status = try fixture.status()
        #expect(status.agents.filter(\.isActive).count == 3)
    }

    @Test func `all three go to new versions in one run, servers and masters with their leaders last`() async throws {
        var fixture = try await fixture(Self.old, offering: Self.offering)
        let framework = try #require(try info(fixture)["frameworkId"])
        let before = fixture.access.restarts.count
        declare(Self.new, in: &fixture)
        let plan = try await fixture.plan()
        #expect(plan.blocked == [] && plan.refusals == [], "\(plan.words)")
        let report = try await fixture.apply(plan, as: "upgrade").get()
        #expect(report.troubles == [])
        let restarts = fixture.access.restarts.dropFirst(before)
        for service in [ServiceName.zooKeeper, .mesosMaster] {
            let own = restarts.filter { $0.service == service }
            #expect(own.count == 3 && own.map(\.led) == [false, false, true] && own.allSatisfy { $0.othersDown == 0 })
        }
        try await expectNew(fixture)
        #expect(try info(fixture)["frameworkId"] == framework)
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
    }

    @Test(arguments: [5, 15, 30, 45, 60, 75, 90])
    func `an upgrade that is killed on the way is finished by the next run`(event: Int) async throws {
        var fixture = try await fixture(Self.old, offering: Self.offering)
        declare(Self.new, in: &fixture)
        let seen = EventCounter()
        let access = fixture.access
        _ = try await fixture.apply(await fixture.plan(), as: "cut") { _ in
            if seen.next() == event { access.kill(RunID("cut")) }
        }
        try await fixture.pass(60)
        let last = try await fixture.converge("again")
        #expect(last.isEmpty, "killed at event \(event): \(last.words)")
        try await expectNew(fixture)
    }

    /// From now on Mesosphere's packages come from a repository that no node knows yet.
    private func moveToRepository(_ fixture: inout LabFixture, lacking: Set<String> = []) throws {
        fixture.spec.other.repositories = try RepositoryStoryTests.spec("Testbed/cluster.yaml").other.repositories
        let repositories = LabRepository.declared(by: fixture.spec)
        try fixture.lab.change { world in
            for index in world.machines.indices {
                world.machines[index].node.repositories = repositories?.map { repository in
                    var repository = repository
                    if lacking.contains(world.machines[index].name) { repository.offers = [] }
                    return repository
                }
            }
        }
    }

    @Test func `new sources and the upgrades that only they offer are one run`() async throws {
        var fixture = try await fixture(Self.old, offering: Self.offering)
        try moveToRepository(&fixture)
        declare(Self.new, in: &fixture)
        let plan = try await fixture.plan()
        #expect(plan.blocked == [] && plan.refusals == [], "\(plan.words)")
        #expect(plan.steps.count { $0.title == "set up repository mesosphere" } == fixture.spec.nodes.count)
        let report = try await fixture.apply(plan, as: "upgrade").get()
        #expect(report.troubles == [])
        try await expectNew(fixture)
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
    }

    @Test func `a version that the sources of one node lack is begun nowhere, and looked for once`() async throws {
        var fixture = try await fixture(Self.old, offering: Self.offering)
        try moveToRepository(&fixture, lacking: ["mesos-slave3"])
        var wanted = Self.old
        wanted.mesos = Self.new.mesos
        declare(wanted, in: &fixture)
        let before = fixture.access.restarts.count
        let report = try await fixture.apply(await fixture.plan(), as: "upgrade").get()
        let words = "version 1.11.0 of mesos is declared and the sources of mesos-slave3"
        #expect(report.troubles.contains { $0.contains(words) }, "\(report.troubles)")
        #expect(fixture.access.restarts.count == before)
        let seen = try await fixture.observe()
        #expect(
            seen.nodes.values.allSatisfy { $0.node?.packages["mesos"]?.value?.installed?.hasPrefix("1.10.0") == true }
        )
        let second = try await fixture.plan()
        #expect(second.steps == [], "\(second.words)")
        #expect(!second.blocked.isEmpty && second.blocked.allSatisfy { $0.rule == "upgrade-not-offered" })
    }

    @Test func `a declared version that is older touches nothing`() async throws {
        var fixture = try await fixture(Self.new, offering: Self.offering)
        let before = fixture.access.restarts.count
        declare(Self.old, in: &fixture)
        let plan = try await fixture.plan()
        #expect(plan.steps == [], "\(plan.words)")
        #expect(!plan.blocked.isEmpty && plan.blocked.allSatisfy { $0.rule == "package-downgrade" })
        #expect(fixture.access.restarts.count == before)
    }
}

private final class EventCounter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
