import Reconciler
import Specs
import Testing

@Suite struct ObserveRunningFlagsTests {
    private func service(
        _ name: ServiceName,
        _ arguments: [Content],
        _ environment: [String: Content] = [:]
    ) -> ObservedService {
        ObservedService(name: name, boot: .on, run: .running, arguments: arguments, environment: environment)
    }

    @Test func aMesosDaemonHasItsFlagsOnTheCommandLine() {
        let master = service(
            .mesosMaster,
            [
                "/usr/sbin/mesos-master", "--zk=zk://10.0.0.1:2181/mesos", "--no-hostname_lookup", "--quiet",
                "--cluster=",
                "--slave_ping_timeout=15secs", "--roles=a=b",
            ],
            ["MESOS_QUORUM": "3", "MESOS_ZK": "zk://other/mesos", "LIBPROCESS_IP": "10.0.0.1"]
        )
        #expect(
            runningFlags(master).mapValues(\.shown) == [
                "zk": "zk://10.0.0.1:2181/mesos", "hostname_lookup": "false", "quiet": "true", "cluster": "",
                "agent_ping_timeout": "15secs", "roles": "a=b", "quorum": "3",
            ]
        )
    }

    @Test func marathonUpTo13HasThemAsPairs() {
        let marathon = service(
            .marathon,
            [
                "java", "-Xmx512m", "-Djava.library.path=/usr/lib", "-cp", "/usr/bin/marathon",
                "mesosphere.marathon.Main",
                "--hostname", "10.0.0.1", "--disable_ha", "--zk", "zk://h/m", "--checkpoint",
            ]
        )
        #expect(
            runningFlags(marathon).mapValues(\.shown) == [
                "hostname": "10.0.0.1", "ha": "false", "zk": "zk://h/m", "checkpoint": "true",
            ]
        )
    }

    @Test func marathonSince14HasThemInItsEnvironment() {
        let marathon = service(
            .marathon,
            ["java", "--add-opens=java.base/x=ALL", "-jar", "/m.jar", "--zk", "zk://argument/m"],
            [
                "MARATHON_HOSTNAME": "late", "MARATHON_CMD_HOSTNAME": "h", "MARATHON_ZK": "zk://late/m",
                "MARATHON_DISABLE_HA": "", "MARATHON_APP_ID": "/x", "MARATHON_MASTER": "zk://h/mesos",
            ]
        )
        #expect(
            runningFlags(marathon).mapValues(\.shown) == [
                "hostname": "h", "zk": "zk://argument/m", "ha": "false", "master": "zk://h/mesos",
            ]
        )
    }

    @Test(arguments: [
        ("x", "60secs", "1mins", true), ("x", "5mins", "1mins", false), ("x", "true", "1", true),
        ("x", "a\n", "a", true),
        ("x", "2", "2.0", true), ("x", "1.10", "1.1", false), ("x", "a", "b", false), ("x", "0x10", "16", false),
        ("attributes", "rack:1;disk:ssd", "disk:ssd;rack:1", true), ("attributes", "rack:1", "disk:x;rack:1", true),
        ("attributes", "rack:1;disk:ssd", "rack:1", false), ("resources", "ports:[1-2, 4-5]", "ports:[1-2,4-5]", true),
    ])
    func valuesAreComparedByWhatTheyMean(name: String, declared: String, running: String, isEqual: Bool) {
        #expect(flagsEqual(name, declared: Content(declared), running: Content(running)) == isEqual)
    }

    @Test func aFlagThatIsMissingDiffers() {
        #expect(!flagsEqual("quiet", declared: "false", running: nil))
        #expect(flagsEqual("disable_http", declared: "false", running: nil))
    }

    @Test func aSecretIsComparedAsItsReference() {
        let secret = Content([.secret(.environment("S"))])
        #expect(flagsEqual("x", declared: "a:" + secret, running: "a:" + secret + "\n"))
        #expect(!flagsEqual("x", declared: "a:" + secret, running: Content([.redacted])))
    }

    @Test func onlyWhatDiffersIsTold() {
        let running = service(.mesosAgent, ["mesos-slave", "--executor_registration_timeout=1mins", "--ip=10.0.0.11"])
        let declared = [
            FlagValue("ip", "10.0.0.11"), FlagValue("executor_registration_timeout", "5mins"),
            FlagValue("containerizers", "docker,mesos"),
        ]
        let differing = differingFlags(declared, running: running)
        #expect(differing.map(\.flag.name) == ["executor_registration_timeout", "containerizers"])
        #expect(differing.map(\.running) == ["1mins", nil])
    }

    @Test(arguments: [
        ("disable_http", "true", "--disable_http"), ("ha", "false", "--disable_ha"), ("ha", "true", "--ha"),
    ])
    func marathonsSwitchesMeetWhatRuns(name: String, value: String, argument: String) {
        let running = service(.marathon, ["java", "mesosphere.marathon.Main", Content(argument)])
        #expect(differingFlags([FlagValue(name, Content(value))], running: running).isEmpty)
    }

    /// What is written, passed through the wrapper and read back from the process is what was declared.
    @Test func whatIsDeclaredIsWhatRunsAfterwards() throws {
        var spec = ObserveSample.cluster()
        spec.mesos?.agent.flags = [
            ObserveSample.setting("switch_user", "false"), ObserveSample.setting("gc_delay", "2days"),
            ObserveSample.setting("log_dir", "/data/log"),
        ]
        spec.mesos?.agent.attributes = [ObserveSample.setting("rack", "r1"), ObserveSample.setting("disk", "ssd")]
        let seen = try ObserveSample.observed(
            "a1",
            in: spec,
            answers: [
                .platform: .platform(ObserveSample.debian12),
                .file(path: "/etc/default/mesos"): .file(
                    ObserveSample.file("/etc/default/mesos", "LOGS=/var/log/mesos\n")
                ),
                .file(path: "/etc/default/mesos-slave"): .file(
                    ObserveSample.file(
                        "/etc/default/mesos-slave",
                        "MASTER=zk://10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181/mesos\n"
                    )
                ),
            ]
        )
        let cluster = DesiredCluster(spec, observed: ObservedCluster(nodes: ["a1": .answered(seen)]))
        let desired = try #require(cluster.node("a1"))
        let effective = try #require(seen.effectiveFlags(of: .mesosAgent, on: desired, afterWriting: true))
        #expect(effective.values.allSatisfy { $0.count == 1 })
        let arguments = effective.flatMap { name, found in found.map { Content("--\(name)=") + ($0.value ?? "") } }
        guard case .mesosFlags(let declared)? = desired.service(.mesosAgent)?.configuration else {
            Testing.Issue.record("the agent compares no flags")
            return
        }
        #expect(declared.count == 8)
        let differing = differingFlags(declared, running: service(.mesosAgent, ["mesos-slave"] + arguments))
        #expect(differing.map(\.flag.name) == [])
    }

    @Test func aFlagInTwoPlacesIsSeenBeforeAnythingIsWritten() throws {
        let seen = try ObserveSample.observed(
            "m1",
            answers: [
                .file(path: "/etc/default/mesos-master"): .file(
                    ObserveSample.file("/etc/default/mesos-master", "IP=10.0.0.1\nZK=`cat /etc/mesos/zk`\n")
                )
            ]
        )
        let cluster = DesiredCluster(ObserveSample.cluster(), observed: ObservedCluster(nodes: ["m1": .answered(seen)]))
        let desired = try #require(cluster.node("m1"))
        let now = try #require(seen.effectiveFlags(of: .mesosMaster, on: desired))
        let then = try #require(seen.effectiveFlags(of: .mesosMaster, on: desired, afterWriting: true))
        #expect(now["ip"]?.isFatal(mesos: nil) == false)
        #expect(then["ip"]?.isFatal(mesos: nil) == true)
    }

    @Test func whatCannotBeReadLeavesTheFlagsUnknown() throws {
        let seen = try ObserveSample.observed(
            "m1",
            answers: [.file(path: "/etc/default/mesos"): .unknown(reason: "permission denied")]
        )
        let cluster = DesiredCluster(ObserveSample.cluster(), platforms: [:])
        let desired = try #require(cluster.node("m1"))
        #expect(seen.effectiveFlags(of: .mesosMaster, on: desired) == nil)
    }
}
