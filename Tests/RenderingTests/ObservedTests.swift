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

    private static var withMarathon: ObservedCluster {
        var observed = observed
        var marathon = ObservedMarathon(
            endpoint: "http://10.16.40.1:8080",
            context: AppContext(release: MarathonRelease(1, 4, 13)),
            leader: "mesos-master1:8080",
            apps: [
                "/hello": LiveApp(
                    id: "/hello",
                    version: "2015-03-01T10:00:00.000Z",
                    definition: ["env": ["PASSWORD": "hunter2"]],
                    instances: 3,
                    tasksRunning: 2,
                    tasksStaged: 1,
                    deployments: ["867ed450"]
                )
            ],
            hidden: ["/web": "403 Forbidden"]
        )
        marathon.deployments = [
            LiveDeployment(
                id: "867ed450",
                version: "2015-03-01T10:00:00.000Z",
                affectedApps: ["/hello"],
                currentStep: 1,
                totalSteps: 2
            )
        ]
        observed.marathon = .found(marathon)
        return observed
    }

    @Test func marathonIsShownWithItsLeaderAppsAndDeployments() throws {
        let view = ObservedView(Self.withMarathon, cluster: "east", isVerbose: true)
        let block = try #require(view.marathon.first)
        #expect(
            block.lines == [
                "  marathon   1.4.13 at http://10.16.40.1:8080, led by mesos-master1:8080   1 app, 2 tasks running, "
                    + "1 deployment under way", "    ?          /web: 403 Forbidden",
                "    deployment 867ed450 since 2015-03-01T10:00:00.000Z, step 1 of 2: /hello",
                "    app        /hello   2 of 3 running, 1 staged, being deployed",
            ]
        )
        #expect(view.text.hasSuffix(block))
    }

    /// An environment may hold what nobody declared a secret.
    @Test func definitionsAreNoPartOfAnObservation() throws {
        let document = ObservedDocument(Self.withMarathon, cluster: "east")
        #expect(document.marathon.value?.apps["/hello"]?.tasksStaged == 1)
        #expect(document.marathon.value?.hidden == ["/web": "403 Forbidden"])
        #expect(!document.json.contains("hunter2"))
    }

    @Test func aMarathonThatDoesNotAnswerMakesTheObservationIncomplete() {
        let observed = ObservedCluster(nodes: [:], marathon: .unknown("401 Unauthorized"))
        #expect(ObservedDocument(observed, cluster: "east").incomplete)
        #expect(ObservedView(observed, cluster: "east").text.contains("? marathon   401 Unauthorized"))
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
