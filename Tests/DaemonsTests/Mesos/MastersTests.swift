import Testing

@testable import Daemons

@Suite struct MastersTests {
    static let versions = ["0.21.1", "1.4.3", "1.11.0"]

    private static func three(_ version: String) -> MesosCluster {
        var cluster = MesosCluster(version: version)
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name) }
        cluster.run(seconds: 10)
        return cluster
    }

    @Test(arguments: versions)
    func `a first bootstrap waits for all masters of twice the quorum less one`(version: String) {
        var cluster = MesosCluster(version: version)
        cluster.startMaster("m1")
        cluster.startMaster("m2")
        cluster.run(seconds: 40)
        #expect(cluster.leaders == [])
        #expect(cluster.master("m1")?.log?.replica.status == .empty)
        cluster.startMaster("m3")
        cluster.run(seconds: 10)
        #expect(cluster.leaders == ["m1"])
        #expect(["m1", "m2", "m3"].allSatisfy { cluster.master($0)?.log?.isRecovered == true })
        #expect(cluster.master("m2")?.log?.members.count == 3)
    }

    @Test func `a leader that cannot fetch its registry ends after a minute`() {
        var cluster = MesosCluster(version: "1.11.0")
        cluster.startMaster("m1")
        cluster.run(seconds: 65)
        #expect(
            cluster.nodes["m1"]?.exit
                == DaemonExit(
                    status: 134,
                    "Recovery failed: Failed to recover registrar: Failed to perform fetch within 1mins"
                )
        )
    }

    @Test(arguments: versions)
    func `the death of the leader moves the leadership once its session is over`(version: String) {
        var cluster = Self.three(version)
        #expect(cluster.leaders == ["m1"])
        cluster.kill("m1")
        cluster.run(seconds: 5)
        #expect(cluster.leaders == [])
        cluster.run(seconds: 15)
        #expect(cluster.leaders == ["m2"])
        cluster.startMaster("m1")
        cluster.run(seconds: 15)
        #expect(cluster.leaders == ["m2"])
        #expect(cluster.master("m1")?.leader?.hostname == "m2.test")
    }

    @Test(arguments: [
        ("0.21.1", "Lost leadership... committing suicide!"),
        ("1.11.0", "Lost candidacy as a leader... committing suicide!"),
    ])
    func `a leader whose session is over ends`(version: String, words: String) {
        var cluster = Self.three(version)
        cluster.tell("m1", .coordination(.disconnected))
        cluster.run(seconds: 12)
        #expect(cluster.nodes["m1"]?.exit == DaemonExit(words))
    }

    @Test func `a leader without a quorum ends when its registry cannot be stored`() {
        var cluster = Self.three("1.11.0")
        cluster.kill("m2")
        cluster.kill("m3")
        cluster.startAgent("a1")
        cluster.run(seconds: 30)
        #expect(cluster.nodes["m1"]?.exit?.status == 134)
        #expect(cluster.nodes["m1"]?.exit?.message.hasSuffix("Failed to perform store within 20secs") == true)
    }

    @Test func `a majority that was wiped never votes again`() {
        var cluster = Self.three("1.11.0")
        for name in ["m1", "m2", "m3"] { cluster.kill(name) }
        cluster.run(seconds: 15)
        for name in ["m1", "m2"] { cluster.nodes[name]?.files = [:] }
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name) }
        cluster.run(seconds: 50)
        #expect(cluster.leaders == [])
        #expect(cluster.master("m1")?.log?.replica.status == .empty)
        #expect(cluster.master("m3")?.log?.replica.status == .voting)
    }

    @Test func `one wiped master catches up from the two that vote`() {
        var cluster = Self.three("1.11.0")
        cluster.startAgent("a1")
        cluster.run(seconds: 10)
        cluster.kill("m3")
        cluster.run(seconds: 15)
        cluster.nodes["m3"]?.files = [:]
        cluster.startMaster("m3")
        cluster.run(seconds: 10)
        let replica = cluster.master("m3")?.log?.replica
        #expect(replica?.status == .voting)
        #expect(replica?.value.flatMap { Registry(text: $0, MesosVersion("1.11.0")) }?.agents.count == 1)
    }

    @Test func `without automatic initialisation an empty log stays empty until the operator has set it up`() throws {
        var cluster = MesosCluster(version: "1.11.0")
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name, ["--no-log_auto_initialize"]) }
        cluster.run(seconds: 30)
        #expect(cluster.leaders == [])
        for name in ["m1", "m2", "m3"] {
            cluster.kill(name)
            let files = cluster.nodes[name]?.files ?? [:]
            let effect = try MesosMaster.initializeLog(workDirectory: "/var/lib/mesos") { files[$0] }
            guard case .write(let path, let text) = effect else { return }
            cluster.nodes[name]?.files[path] = text
            #expect(throws: DaemonExit("The log is not empty")) {
                try MesosMaster.initializeLog(workDirectory: "/var/lib/mesos") { _ in text }
            }
        }
        cluster.run(seconds: 15)
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name, ["--no-log_auto_initialize"]) }
        cluster.run(seconds: 10)
        #expect(cluster.leaders.count == 1)
    }

    @Test func `the agents of the registry are awaited by the next leader`() {
        var cluster = Self.three("1.11.0")
        cluster.startAgent("a1")
        cluster.startAgent("a2")
        cluster.run(seconds: 10)
        #expect(cluster.master("m1")?.agents.count == 2)
        cluster.unplugged = ["a2"]
        cluster.kill("m1")
        cluster.run(seconds: 20)
        let next = cluster.master("m2")
        #expect(next?.agents.count == 1)
        #expect(next?.recoveredAgents.count == 1)
        cluster.run(seconds: 700)
        #expect(cluster.master("m2")?.recoveredAgents.count == 0)
        #expect(cluster.master("m2")?.registrar.registry.unreachable.count == 1)
    }

    @Test(arguments: [
        ("0.21.1", ["--bogus=1"], "Failed to load unknown flag 'bogus'"),
        ("0.21.1", ["--port=1", "--port=2"], "Duplicate flag 'port' on command line"),
        ("1.4.3", ["--port=1", "--port=2"], "Flag 'port' is already loaded via name 'port'"),
        ("0.21.1", ["--agent_ping_timeout=15secs"], "Failed to load unknown flag 'agent_ping_timeout'"),
        ("1.4.3", ["--memory_profiling"], "Failed to load unknown flag 'memory_profiling'"),
        ("1.11.0", ["--registry=disk"], "'disk' is not a supported option for registry persistence"),
        (
            "1.11.0", ["--zk=zk://10.0.0.1:2181/mesos", "--work_dir=/w"],
            "Need to specify --quorum for replicated log based registry when using ZooKeeper"
        ),
        ("0.21.1", ["--zk=zk://10.0.0.1:2181/mesos"], "--work_dir needed for replicated log based registry"),
    ])
    func `wrong flags end a master in its own words`(version: String, flags: [String], words: String) {
        var cluster = MesosCluster(version: version)
        cluster.start("m1", flags)
        #expect(cluster.nodes["m1"]?.exit?.status == 1)
        #expect(cluster.nodes["m1"]?.exit?.message.hasPrefix(words) == true)
    }

    @Test func `a flag in the environment counts as given twice before 0.25 and yields to the command line later`() {
        for (version, isFine) in [("0.21.1", false), ("1.4.3", true)] {
            var cluster = MesosCluster(version: version)
            cluster.start("m1", ["--port=5050", "--work_dir=/w"], environment: ["MESOS_PORT": "5055"])
            #expect((cluster.nodes["m1"]?.exit == nil) == isFine)
        }
    }

    @Test(arguments: [("1.4.3", 307, 307), ("0.21.1", 200, 307)])
    func `a standby hands on to the leader or shows its own view`(version: String, state: Int, redirect: Int) {
        var cluster = Self.three(version)
        let answer = cluster.get("/master/state.json", from: "m2")
        #expect(answer?.status == state)
        if state == 307 { #expect(answer?.headers["Location"] == "//m1.test:5050/master/state.json") }
        let location = cluster.get("/redirect", from: "m2")?.headers["Location"]
        #expect(location == (version == "0.21.1" ? "http://m1.test:5050" : "//m1.test:5050"))
        cluster.kill("m1")
        cluster.kill("m3")
        cluster.run(seconds: 11)
        var alone = MesosCluster(version: version)
        alone.startMaster("m9")
        #expect(alone.get("/redirect", from: "m9")?.status == (version == "0.21.1" ? 307 : 503))
    }

    @Test func `reading needs the credentials that the flags ask for`() {
        var cluster = MesosCluster(version: "1.11.0")
        cluster.nodes["m1"] = MesosCluster.Node(facts: MesosCluster.facts("m1"))
        cluster.nodes["m1"]?.files["/etc/c"] = #"{"credentials":[{"principal":"p","secret":"s"}]}"#
        cluster.startMaster("m1", ["--authenticate_http_readonly", "--credentials=/etc/c"], zk: false)
        cluster.run(seconds: 3)
        let refused = cluster.get("/flags", from: "m1")
        #expect(refused?.status == 401)
        #expect(refused?.headers["WWW-Authenticate"] == #"Basic realm="mesos-master-readonly""#)
        let fields = [HTTPField("Authorization", "Basic cDpz")]
        #expect(cluster.get("/flags", from: "m1", headers: fields)?.status == 200)
        #expect(cluster.get("/health", from: "m1")?.status == 200)
    }
}
