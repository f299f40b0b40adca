import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Gates of Mesos on the lab", .timeLimit(.minutes(20)))
struct MesosStoryTests {
    /// With and without a way to the REST APIs besides the nodes themselves.
    private static let ways = [true, false]

    private func fixture(_ file: String, hasNetwork: Bool) async throws -> LabFixture {
        var fixture = try await LabFixture.converged(file)
        if !hasNetwork { fixture.transport = nil }
        return fixture
    }

    private func setting(_ name: String, _ value: Content) -> Setting {
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        return Setting(name: Located(name, at: here), value: Located(value, at: here))
    }

    /// Rolls all masters.
    private func withMasterFlag(_ fixture: LabFixture) -> LabFixture {
        var fixture = fixture
        fixture.spec.mesos?.master.flags.append(setting("registry_fetch_timeout", "2mins"))
        return fixture
    }

    private func rolled(_ fixture: LabFixture, _ service: ServiceName, since: Int) -> [NodeName] {
        fixture.access.restarts.dropFirst(since).filter { $0.service == service }.map(\.node)
    }

    @Test(arguments: LabFixture.files, ways)
    func `masters roll through their gates, and agents are back after each`(file: String, network: Bool) async throws {
        let fixture = withMasterFlag(try await fixture(file, hasNetwork: network))
        let before = fixture.access.restarts.count
        let plan = try await fixture.plan()
        #expect(plan.blocked == [] && plan.refusals == [], "\(plan.words)")
        let report = try await fixture.apply(plan, as: "roll").get()
        #expect(report.troubles == [])
        #expect(rolled(fixture, .mesosMaster, since: before).count == 3)
        #expect(fixture.access.restarts.dropFirst(before).filter { $0.service == .mesosMaster }.map(\.led).last == true)
        #expect(try fixture.status().agents.filter(\.isActive).count == 3)
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
    }

    @Test(arguments: LabFixture.files, ways)
    func `a master that comes back with the wrong quorum stops the roll`(file: String, network: Bool) async throws {
        let fixture = withMasterFlag(try await fixture(file, hasNetwork: network))
        let plan = try await fixture.plan()
        let before = fixture.access.restarts.count
        // By hand, between the plan and the run, on whichever is restarted first.
        for node in ["mesos-master1", "mesos-master2", "mesos-master3"] {
            try fixture.inject(.write(path: "/etc/mesos-master/quorum", text: "3\n", on: NodeName(node)))
        }
        let report = try await fixture.apply(plan, as: "roll").get()
        let restarted = rolled(fixture, .mesosMaster, since: before)
        #expect(restarted.count == 1)
        #expect(
            report.troubles.contains { $0.contains("runs with quorum 3 instead of 2") && $0.contains("not restarted") },
            "\(report.troubles)"
        )
    }

    @Test(arguments: LabFixture.files, ways)
    func `an agent that does not register again fails the step, by name`(file: String, network: Bool) async throws {
        let fixture = withMasterFlag(try await fixture(file, hasNetwork: network))
        let plan = try await fixture.plan()
        let report = try await fixture.apply(plan, as: "roll") { event in
            // Once the first master is restarted the agent's host is gone; the leader of the moment may list it still for a
            // while, the next one does not.
            if case .progress = event { try? fixture.inject(.powerOff("mesos-slave3")) }
        }.get()
        #expect(
            report.troubles.contains {
                $0.contains("not within 300 s: 2 of 3 agents registered again; mesos-slave3 not")
            },
            "\(report.troubles)"
        )
    }

    @Test(arguments: LabFixture.files, ways)
    func `a restarted agent is waited for until the elected master lists it`(file: String, network: Bool) async throws {
        var fixture = try await fixture(file, hasNetwork: network)
        fixture.spec.mesos?.agent.flags.append(setting("gc_delay", "3days"))
        let plan = try await fixture.plan()
        let report = try await fixture.apply(plan, as: "agents").get()
        #expect(report.troubles == [])
        #expect(try fixture.status().agents.filter(\.isActive).count == 3)
        let second = try await fixture.plan()
        #expect(second.isEmpty, "\(second.words)")
    }

    @Test(arguments: LabFixture.files)
    func `all daemons tell of themselves over REST`(file: String) async throws {
        let fixture = try await fixture(file, hasNetwork: true)
        let seen = try await fixture.observe()
        #expect(seen.mesos.masters.values.allSatisfy { $0.value?.flags.value?["quorum"] == "2" })
        #expect(seen.mesos.masters.values.count { $0.value?.metrics.value?.isElected == true } == 1)
        #expect(seen.mesos.agents.values.allSatisfy { $0.value?.metrics.value?.isRegistered == true })
        #expect(seen.mesos.registered.value?.agents.filter(\.isActive).count == 3)
        #expect(
            seen.mesos.registered.value?.frameworks.filter { $0.name.hasPrefix("marathon") && $0.isActive }.count == 1
        )
        let desired = DesiredCluster(fixture.spec, observed: seen)
        #expect(FlagColumns.differing(desired, seen) == [])
        let services = seen.nodes.values.compactMap(\.node).flatMap { $0.services.values.compactMap(\.value) }
        #expect(services.allSatisfy { contradictoryFlags($0).isEmpty })
    }
}
