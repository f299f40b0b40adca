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
            addresses: [
                "mesos-master1": .found(["127.0.1.1"]), "mesos-slave3": .found(["10.16.40.13"]),
                "registry.local": .absent,
            ],
            network: .found(network),
            reached: [
                PeerPort("10.16.40.2", 2181): .found(.connected), PeerPort("10.16.40.2", 5050): .found(.refused),
                PeerPort("10.16.40.3", 2181): .found(.silent("no answer within 3 s")),
                PeerPort("10.16.40.13", 5051): .unknown("no tool is here that opens a connection"),
            ],
            clockOffset: ClockOffset(atLeast: 1000, atMost: 1001),
            clock: .found(1_714_560_000.1234),
            loadBalancer: .found(balancer)
        )
        return ObservedCluster(
            nodes: [
                "mesos-master1": .answered(node),
                "mesos-master2": .answered(late),
                "mesos-slave3": .silent(NodeAccessError(.timedOut, "connect to 10.16.40.13 port 22: timed out")),
            ],
            balanced: .found([
                BalancedTask(app: "/web", host: "10.16.40.11", ports: [31000], servicePorts: [80], isAlive: true),
                BalancedTask(app: "/web", host: "10.16.40.12", ports: [31001], servicePorts: [80], isAlive: false),
            ])
        )
    }

    /// Its clock is off, and nothing was said of the rest.
    private static var late: ObservedNode {
        ObservedNode(
            name: "mesos-master2",
            platform: .unknown("no /etc/os-release"),
            network: .unknown("ip is not here (iproute2)"),
            clockOffset: ClockOffset(atLeast: 1090.5, atMost: 1092),
            loadBalancer: .found(
                ObservedLoadBalancer(
                    lastRun: .unknown("it cannot be read"),
                    isLastGood: .found(false),
                    listening: .found([])
                )
            )
        )
    }

    private static var network: NetworkAnswer {
        NetworkAnswer(
            links: [
                .init(name: "lo", isUp: true, addresses: ["127.0.0.1/8"], owner: .unknown),
                .init(
                    name: "eth0",
                    isUp: true,
                    addresses: ["10.16.40.1/23", "fd00::5/64"],
                    owner: .ifupdown,
                    file: "/etc/network/interfaces",
                    dynamicAddresses: ["fd00::5/64"]
                ),
                .init(name: "docker0", isUp: false, addresses: ["172.17.0.1/16"], owner: .unknown),
            ],
            gateways: [.init(address: "10.16.41.254", interface: "eth0")],
            nameservers: ["8.8.8.8"],
            hostname: "mesos-master1"
        )
    }

    private static var balancer: ObservedLoadBalancer {
        ObservedLoadBalancer(
            lastRun: .found(
                BridgeRun(
                    at: 1_714_559_970,
                    outcome: .kept,
                    since: 1_714_559_000,
                    message: "no Marathon answered\u{1B}[2J"
                )
            ),
            isLastGood: .found(true),
            listening: .found([
                ListeningSocket(address: "0.0.0.0", port: 80, pid: 900, program: "haproxy", started: 1_714_550_000),
                ListeningSocket(address: "0.0.0.0", port: 22),
            ])
        )
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
