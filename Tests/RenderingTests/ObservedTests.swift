import Reconciler
import Specs
import Testing

@testable import Rendering

@Suite struct ObservedTests {
    private static var observed: ObservedCluster {
        let platform = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)
        let secret = Content([.literal("ops "), .secret(.file("secrets/mesos")), .literal("\n")])
        let node = ObservedNode(
            name: "mesos-master1",
            platform: .found(platform),
            hostname: "mesos-master1",
            packages: [
                "mesos": .found(PackageAnswer(name: "mesos", installed: "1.11.0-1", offered: ["1.11.0-1"])),
                "marathon": .found(PackageAnswer(name: "marathon", offered: ["1.11.24"])),
                "docker.io": .unknown("apt is locked"),
            ],
            files: [
                "/etc/mesos/zk": .found(
                    ObservedFile(
                        path: "/etc/mesos/zk",
                        resolvedPath: "/etc/mesos/zk",
                        size: 6,
                        version: .digest("abc"),
                        content: "zk://a"
                    )
                ),
                "/etc/mesos-master/credentials": .found(
                    ObservedFile(
                        path: "/etc/mesos-master/credentials",
                        resolvedPath: "/etc/mesos-master/credentials",
                        mode: 0o600,
                        size: 9,
                        version: .stamp("1:2:3"),
                        content: secret
                    )
                ),
                "/etc/mesos-master/quorum": .absent,
            ],
            services: [
                .zooKeeper: .found(
                    ObservedService(name: .zooKeeper, boot: .on, run: .running, pid: 812, started: 1, restarts: 2)
                ),
                .mesosAgent: .found(ObservedService(name: .mesosAgent, boot: .masked, run: .stopped)),
                .mesosMaster: .unknown("systemctl did not answer"),
            ],
            zooKeeper: .found(
                ZooKeeperServer(mode: .leader, version: "3.8.0", zxid: 0x1_0000_0003, nodeCount: 5, serverID: 1)
            ),
            clock: .found(1_714_560_000.1234)
        )
        return ObservedCluster(nodes: [
            "mesos-master1": .answered(node),
            "mesos-slave3": .silent(NodeAccessError(.timedOut, "connect to 10.16.40.13 port 22: timed out")),
        ])
    }

    @Test func readsAsTheGoldenFileSays() throws {
        try expectGolden(ObservedView(Self.observed, cluster: "east").text, "observed.txt")
        try expectGolden(ObservedView(Self.observed, cluster: "east", isVerbose: true).text, "observed-verbose.txt")
        try expectGolden(ObservedDocument(Self.observed, cluster: "east").json, "observed.json")
    }

    @Test func noDigestOfASecretIsKept() {
        let document = ObservedDocument(Self.observed, cluster: "east")
        let file = document.nodes[0].files?["/etc/mesos-master/credentials"]?.value
        #expect(file?.digest == nil && file?.content == "ops ${file:secrets/mesos}\n")
    }

    @Test func aSilentNodeMakesTheObservationIncomplete() {
        #expect(ObservedDocument(Self.observed, cluster: "east").incomplete)
    }
}
