import Reconciler
import Specs
import Testing

@Suite struct ObserveNodeTests {
    // MARK: Asking

    @Test func aMasterIsAskedEverythingAtOnce() throws {
        let spec = ObserveSample.cluster()
        let facts = ObservationRequest(for: try #require(spec.node("m1")), in: spec).facts
        let expected: [FactRequest] = [
            .platform, .package("zookeeperd"), .package("zookeeper"), .package("mesosphere-zookeeper"),
            .package("mesos"),
            .package("marathon"), .file(path: "/etc/zookeeper/conf/zoo.cfg"), .file(path: "/var/lib/zookeeper/myid"),
            .file(path: "/etc/mesos/zk"), .file(path: "/etc/default/mesos"), .file(path: "/etc/default/mesos-master"),
            .file(path: "/etc/default/marathon"), .file(path: "/etc/sysconfig/marathon"),
            .directory(path: "/etc/mesos-master", recursive: false),
            .directory(path: "/etc/marathon/conf", recursive: true),
            .directory(path: "/var/lib/zookeeper/version-2", recursive: false),
            .directory(path: "/tmp/zookeeper/version-2", recursive: false),
            .directory(path: "/var/lib/mesos/replicated_log", recursive: false), .service(.zooKeeper),
            .service(.mesosMaster), .service(.mesosAgent), .service(.marathon),
            .flagNames(program: "/usr/sbin/mesos-master"), .fourLetterWord("srvr", address: "10.0.0.1", port: 2181),
            .fourLetterWord("conf", address: "10.0.0.1", port: 2181),
            .fourLetterWord("mntr", address: "10.0.0.1", port: 2181),
            .http(address: "10.0.0.1", port: 5050, path: "/metrics/snapshot"), .resolve(name: "m1"), .disk(path: "/"),
            .disk(path: "/var/lib"), .clock, .applied,
        ]
        #expect(expected.filter { !facts.contains($0) } == [])
        #expect(Set(facts).count == facts.count)
        #expect(!facts.contains(.dockerEngine))
        #expect(!facts.contains { if case .directory("/etc/mesos-slave", _) = $0 { true } else { false } })
    }

    @Test func anAgentIsAskedInBothLayouts() throws {
        let spec = ObserveSample.cluster()
        let facts = ObservationRequest(for: try #require(spec.node("a1")), in: spec).facts
        let expected: [FactRequest] = [
            .directory(path: "/etc/mesos-slave", recursive: false),
            .directory(path: "/etc/mesos-agent", recursive: false),
            .directory(path: "/etc/mesos-slave/attributes", recursive: false),
            .directory(path: "/etc/mesos-agent/resources", recursive: false),
            .file(path: "/etc/default/mesos-slave"), .file(path: "/etc/default/mesos-agent"),
            .file(path: "/var/lib/mesos/meta/slaves/latest"), .package("docker.io"), .package("docker"),
            .service(.docker), .service(.zooKeeper), .dockerEngine, .flagNames(program: "/usr/sbin/mesos-agent"),
            .flagNames(program: "/usr/sbin/mesos-slave"),
        ]
        #expect(expected.filter { !facts.contains($0) } == [])
        #expect(facts.contains(.fourLetterWord("srvr", address: "10.0.0.11", port: 2181)))
        #expect(!facts.contains(.package("zookeeperd")))
    }

    @Test func aDeclaredPortIsAskedAt() throws {
        var spec = ObserveSample.cluster()
        spec.mesos?.master.flags = [ObserveSample.setting("port", "5055")]
        let facts = ObservationRequest(for: try #require(spec.node("m1")), in: spec).facts
        #expect(facts.contains(.http(address: "10.0.0.1", port: 5055, path: "/metrics/snapshot")))
    }

    // MARK: Reading

    @Test func thePlatformIsPutTogether() throws {
        let seen = try ObserveSample.observed(
            "m1",
            answers: [
                .platform: .platform(ObserveSample.debian12),
                .package("mesos"): .package(PackageAnswer(name: "mesos", installed: "1.11.0-2", offered: ["1.11.0-2"])),
                .package("marathon"): .package(PackageAnswer(name: "marathon", offered: ["1.11.24-1"])),
            ]
        )
        let expected = Platform(
            os: "debian-12",
            initSystem: .systemd,
            packageManager: .apt,
            packages: ["mesos": "1.11.0-2"]
        )
        #expect(seen.platform == .found(expected))
        #expect(seen.hostname == "m1")
        #expect(seen.packages["zookeeperd"] == .absent)
    }

    @Test func theInstalledWrapperNamesTheAgentsDirectory() throws {
        var words = ObserveSample.debian12
        words.wrapperAgentDirectory = "/etc/mesos-agent"
        let seen = try ObserveSample.observed("a1", answers: [.platform: .platform(words)])
        #expect(seen.platform.value?.agentFlagDirectory == "/etc/mesos-agent")
    }

    @Test(arguments: [
        ("", "systemd", "apt", "/etc/os-release"), ("debian", "sysvinit", "apt", "sysvinit"),
        ("debian", "", "apt", "none that could be told"), ("alpine", "systemd", "", "neither apt nor yum"),
    ])
    func aSystemThatCannotBeHandledIsUnknownWithItsReason(
        os: String,
        initSystem: String,
        manager: String,
        words: String
    )
        throws
    {
        var answer = ObserveSample.debian12
        (answer.osID, answer.initSystem, answer.packageManager) = (os, initSystem, manager)
        let seen = try ObserveSample.observed("m1", answers: [.platform: .platform(answer)])
        guard case .unknown(let reason) = seen.platform else {
            Testing.Issue.record("the platform was taken for known")
            return
        }
        #expect(reason.contains(words))
    }

    @Test func entriesOfADirectoryAreFilesAndWhatItLacksIsAbsent() throws {
        let seen = try ObserveSample.observed(
            "m1",
            answers: [
                .directory(path: "/etc/mesos-master", recursive: false): .directory(
                    path: "/etc/mesos-master",
                    entries: [
                        ObserveSample.file("/etc/mesos-master/quorum.bak", "3\n"),
                        ObserveSample.file("/etc/mesos-master/quorum", "2\n"),
                    ]
                )
            ]
        )
        let entries = try #require(seen.directories["/etc/mesos-master"]?.value)
        #expect(entries.map(\.path) == ["/etc/mesos-master/quorum", "/etc/mesos-master/quorum.bak"])
        #expect(seen.files["/etc/mesos-master/quorum"]?.value?.content == "2\n")
        #expect(seen.files["/etc/mesos-master/quorum"]?.value?.version == .digest(sha256("2\n")))
        #expect(seen.files["/etc/mesos-master/ip"] == .absent)
        #expect(seen.file(at: "/etc/mesos-master/zk") == .absent)
        #expect(seen.file(at: "/etc/passwd") == .unknown("/etc/passwd was not asked for"))
    }

    @Test func whatCouldNotBeReadIsUnknownAndNeverAbsent() throws {
        let why = FactAnswer.unknown(reason: "permission denied")
        let seen = try ObserveSample.observed(
            "m1",
            answers: [
                .directory(path: "/etc/mesos-master", recursive: false): why, .file(path: "/etc/mesos/zk"): why,
                .service(.zooKeeper): why, .package("mesos"): why, .platform: why, .applied: why,
                .disk(path: "/"): why, .clock: .text("not a clock"),
            ]
        )
        #expect(seen.files["/etc/mesos-master/quorum"] == .unknown("permission denied"))
        #expect(seen.files["/etc/mesos/zk"] == .unknown("permission denied"))
        #expect(seen.services[.zooKeeper] == .unknown("permission denied"))
        #expect(seen.packages["mesos"] == .unknown("permission denied"))
        #expect(seen.platform == .unknown("permission denied"))
        #expect(seen.applied == .unknown("permission denied"))
        #expect(seen.freeBytes["/"] == .unknown("permission denied"))
        #expect(seen.clock == .unknown("the answer is of another kind than the question"))
    }

    @Test func anAnswerThatIsMissingIsUnknown() throws {
        let spec = ObserveSample.cluster()
        let node = try #require(spec.node("m1"))
        let requests = ObservationRequest(for: node, in: spec).facts
        let seen = ObservedNode(node, in: spec, requests: requests, answers: [], secrets: SecretStore())
        #expect(seen.platform == .unknown("not answered"))
        #expect(seen.files["/etc/mesos/zk"] == .unknown("not answered"))
        #expect(seen.zooKeeper == .unknown("not answered"))
    }

    @Test func aLinkThatLeadsNowhereIsWrittenAsIfNothingWereThere() throws {
        let path = "/var/lib/zookeeper/myid"
        let link = ObserveSample.file(path, nil, kind: .dangling)
        let seen = try ObserveSample.observed("m1", answers: [.file(path: path): .file(link)])
        #expect(seen.files[path]?.value?.version == .absent)
        #expect(seen.files[path]?.value?.kind == .dangling)
    }

    @Test(arguments: [
        (#"{"master\/elected":1.0,"master/x":0}"#, Observation<Bool>.found(true)),
        (#"{"master/elected":0}"#, .found(false)),
        (#"{"slave/registered":1}"#, .unknown("/metrics/snapshot does not name master/elected")),
        ("<html>", .unknown("/metrics/snapshot is not whole, or of another shape than any release gives")),
        (
            #"{"master/elected":"#,
            .unknown("/metrics/snapshot is not whole, or of another shape than any release gives")
        ),
    ])
    func aMasterSaysWhetherItIsElected(body: String, elected: Observation<Bool>) throws {
        let request = FactRequest.http(address: "10.0.0.1", port: 5050, path: "/metrics/snapshot")
        let seen = try ObserveSample.observed("m1", answers: [request: .http(status: 200, body: body)])
        #expect(seen.masterElected == elected)
        let refused = try ObserveSample.observed("m1", answers: [request: .http(status: 401, body: "")])
        #expect(refused.masterElected == .unknown("/metrics/snapshot answers 401: it asks for a login"))
    }

    @Test(arguments: [("ha-leader-1.11.0", true), ("ha-follower-1.11.0", false), ("single-1.4.3", true)])
    func realMastersSayWhetherTheyAreElected(name: String, isElected: Bool) throws {
        let body = try ObserveSample.fixture("mesos-\(name)-metrics.json")
        let request = FactRequest.http(address: "10.0.0.1", port: 5050, path: "/metrics/snapshot")
        let seen = try ObserveSample.observed("m1", answers: [request: .http(status: 200, body: body)])
        #expect(seen.masterElected == .found(isElected))
    }

    @Test func theFirstProgramThatIsThereTellsItsFlags() throws {
        let seen = try ObserveSample.observed(
            "a1",
            answers: [.flagNames(program: "/usr/sbin/mesos-slave"): .flagNames(["ip", "master"])]
        )
        #expect(seen.knownFlags[.mesosAgent] == .found(["ip", "master"]))
        #expect(seen.knownFlags[.mesosMaster] == nil)
    }

    @Test func theLastLineOfAResourceIsWhatWasApplied() throws {
        let text = "file:/a\tone\tabc\trun-1\t17\nfile:/b\ttwo\t-\nbroken line\nfile:/a\tthree\tdef\trun-2\t18\n"
        let seen = try ObserveSample.observed("m1", answers: [.applied: .applied(text: text)])
        #expect(
            seen.applied
                == .found([
                    "file:/a": AppliedEntry(resource: "file:/a", digest: "three", revision: "def"),
                    "file:/b": AppliedEntry(resource: "file:/b", digest: "two", revision: "-"),
                ])
        )
    }

    @Test func theRestIsCarriedOver() throws {
        let seen = try ObserveSample.observed(
            "a1",
            answers: [
                .resolve(name: "a1"): .addresses(["127.0.1.1"]), .disk(path: "/"): .disk(freeBytes: 5, totalBytes: 9),
                .clock: .clock(seconds: 17.5), .dockerEngine: .dockerEngine(version: "20.10.24"),
            ]
        )
        #expect(seen.addresses["a1"] == .found(["127.0.1.1"]))
        #expect(seen.freeBytes["/"] == .found(5))
        #expect(seen.clock == .found(17.5))
        #expect(seen.dockerEngine == .found("20.10.24"))
    }
}
