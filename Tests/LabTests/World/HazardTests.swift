import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

/// What loses data on real ensembles loses it here, when it is forced by hand (mesos-zk-ops.md 0).
@Suite("Hazards of ZooKeeper ensembles", .timeLimit(.minutes(20)))
struct HazardTests {
    private let masters: [NodeName] = ["mesos-master1", "mesos-master2", "mesos-master3"]

    private func nodeCount(_ fixture: LabFixture, _ node: NodeName) throws -> Int? {
        try fixture.lab.read { $0.zooKeeper.status(of: ZooKeeperServerID(node: node.text))?.nodeCount }
    }

    @Test func `two empty servers that start first wipe what the third one holds`() async throws {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        for service: ServiceName in [.marathon, .mesosMaster] {
            for node in masters { try fixture.inject(.stop(service, on: node)) }
        }
        let before = try #require(try nodeCount(fixture, masters[0]))
        #expect(before > 5)
        for node in masters { try fixture.inject(.stop(.zooKeeper, on: node)) }
        for node in masters.dropFirst() {
            try fixture.inject(.delete(path: "/var/lib/zookeeper/version-2", on: node))
            try fixture.inject(.start(.zooKeeper, on: node))
        }
        try await fixture.pass(30)
        try fixture.inject(.start(.zooKeeper, on: masters[0]))
        try await fixture.pass(30)
        let after = try #require(try nodeCount(fixture, masters[0]))
        #expect(after < before)
        #expect(try fixture.status().zooKeeperLeader != masters[0])
    }

    @Test func `a list grown from three to five in one step lets two lead at once`() async throws {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        let joining: [NodeName] = ["mesos-slave1", "mesos-slave2"]
        for node in joining {
            try fixture.lab.change { world in
                let install = NodeAction.installPackages([PackageInstall(name: "zookeeperd")], job: "by-hand")
                _ = try? world.perform([.service(.maskUnit(.zooKeeper)), install], run: RunID("hand"), on: node)
            }
        }
        try await fixture.pass(300)
        let zooCfg = "/etc/zookeeper/conf/zoo.cfg"
        let old = try #require(try fixture.file(zooCfg, on: "mesos-master1"))
        let new = old + "server.4=10.16.40.11:2888:3888\nserver.5=10.16.40.12:2888:3888\n"
        // The third restarts under the new list together with the two that join; the first two keep the old one.
        try fixture.inject(.stop(.zooKeeper, on: masters[2]))
        for (index, node) in joining.enumerated() {
            try fixture.inject(.write(path: "/var/lib/zookeeper/myid", text: "\(index + 4)\n", on: node))
        }
        for node in [masters[2]] + joining {
            try fixture.inject(.write(path: zooCfg, text: new, on: node))
        }
        for node in [joining[1], joining[0], masters[2]] { try fixture.inject(.start(.zooKeeper, on: node)) }
        try await fixture.pass(60)
        let leaders = try fixture.status().nodes.filter { $0.zooKeeperMode == "leader" }.map(\.name)
        #expect(leaders.count == 2, "\(leaders)")
    }
}
