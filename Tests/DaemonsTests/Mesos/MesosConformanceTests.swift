import FoundationEssentials
import Testing

@testable import Daemons

/// Answers of the models against what real masters and agents answered in the same situation (Fixtures/mesos-captures).
@Suite struct MesosConformanceTests {
    private static func capture(_ name: String) throws -> JSON {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/mesos-captures/\(name)")
        return try JSON(parsing: Array(try Data(contentsOf: file)))
    }

    private static func body(_ response: HTTPResponse?) throws -> JSON {
        try JSON(parsing: try #require(response).body)
    }

    /// Three masters and two agents of 1.11.0, the second with attributes, as in the captures.
    private static func ensemble() -> MesosCluster {
        var cluster = MesosCluster(version: "1.11.0")
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name, ["--ip=\(MesosCluster.address(name))"]) }
        cluster.run(seconds: 10)
        for (name, flags) in [("a1", []), ("a2", ["--attributes=rack:r1;zone:a"])] {
            cluster.startAgent(
                name,
                ["--ip=\(MesosCluster.address(name))", "--hostname=\(name).test"] + flags
            )
            cluster.run(seconds: 5)
        }
        return cluster
    }

    /// One master of 1.4.3 without ZooKeeper, an agent, and a framework.
    private static func single() -> MesosCluster {
        var cluster = MesosCluster(version: "1.4.3")
        cluster.startMaster("m1", zk: false)
        cluster.startAgent("a1", ["--hostname=a1.test"], master: "10.0.0.1:5050")
        cluster.run(seconds: 5)
        let framework = cluster.registerFramework()
        cluster.schedule(Mesos.DeclineOffers(frameworkID: framework.id, offerIDs: framework.offers.map(\.id)))
        cluster.run(seconds: 0.5)
        return cluster
    }

    private static let documents: [(file: String, node: String, target: String, exceptions: [String])] = [
        ("flags.json", "m1", "/flags", []),
        ("state.json", "m1", "/state", []),
        ("slaves.json", "m1", "/slaves", []),
        ("frameworks.json", "m1", "/frameworks", []),
        ("version.json", "m1", "/version", []),
        ("metrics_snapshot.json", "m1", "/metrics/snapshot", []),
        ("registrar_1__registry.json", "m1", "/registrar(1)/registry", []),
        ("maintenance_schedule.json", "m1", "/maintenance/schedule", []),
        ("maintenance_status.json", "m1", "/maintenance/status", []),
        ("agent_flags.json", "a2", "/flags", []),
        ("agent_state.json", "a2", "/state", []),
        ("agent_version.json", "a2", "/version", []),
    ]

    @Test(arguments: documents.indices)
    func `a leader of 1_11 and its agent answer as real ones`(index: Int) throws {
        let document = Self.documents[index]
        var cluster = Self.ensemble()
        let actual = try Self.body(cluster.get(document.target, from: document.node))
        let expected = try Self.capture("ha-leader-1.11.0/\(document.file)")
        let shape = JSONShape(exceptions: document.exceptions)
        #expect(shape.differences(actual, from: expected) == [], "\(document.target)")
    }

    @Test(arguments: [
        ("flags.json", "m2", "/flags"), ("metrics_snapshot.json", "m2", "/metrics/snapshot"),
        ("registrar_1__registry.json", "m2", "/registrar(1)/registry"), ("version.json", "m2", "/version"),
    ])
    func `a standby of 1_11 answers for itself as a real one`(file: String, node: String, target: String) throws {
        var cluster = Self.ensemble()
        let actual = try Self.body(cluster.get(target, from: node))
        #expect(JSONShape().differences(actual, from: try Self.capture("ha-follower-1.11.0/\(file)")) == [])
    }

    /// Where the capture of 1.4.3 shows more than one program.
    ///
    /// It is of `mesos-local`, a master and two agents in one process: its metrics are both programs' and the scheduler
    /// driver's, its agents were told of their master without a flag, and its allocator counts filters and shares by role,
    /// which is not done here.
    private static let exceptions143: [String: [String]] = [
        "metrics_snapshot.json": [
            "slave/*", "containerizer/*", "scheduler/*", "allocator/mesos/offer_filters/*", "allocator/mesos/roles/*",
        ],
        "agent_flags.json": ["flags.master"], "agent_state.json": ["flags.master"],
    ]

    @Test(arguments: documents.indices)
    func `a master of 1_4 and its agent answer as real ones`(index: Int) throws {
        let document = Self.documents[index]
        var cluster = Self.single()
        let node = document.node == "a2" ? "a1" : document.node
        let actual = try Self.body(cluster.get(document.target, from: node))
        let expected = try Self.capture("single-1.4.3/\(document.file)")
        let shape = JSONShape(exceptions: Self.exceptions143[document.file] ?? [])
        #expect(shape.differences(actual, from: expected) == [], "\(document.target)")
    }

    @Test(arguments: ["GET_AGENTS", "GET_FLAGS", "GET_MASTER"])
    func `calls of the operator API are answered as by real masters`(call: String) throws {
        for (name, cluster) in [("ha-leader-1.11.0", Self.ensemble()), ("single-1.4.3", Self.single())] {
            var cluster = cluster
            let actual = try Self.body(cluster.post("/api/v1", #"{"type":"\#(call)"}"#, to: "m1"))
            let expected = try Self.capture("\(name)/v1_\(call).json")
            #expect(JSONShape().differences(actual, from: expected) == [], "\(name)")
        }
    }

    @Test func `keys come in the order of real masters`() throws {
        var cluster = Self.ensemble()
        for (file, target) in [("state.json", "/state"), ("slaves.json", "/slaves")] {
            let actual = try Self.body(cluster.get(target, from: "m1"))
            let expected = try Self.capture("ha-leader-1.11.0/\(file)")
            #expect(actual.object?.keys == expected.object?.keys)
            #expect(actual["slaves"]?.array?.first?.object?.keys == expected["slaves"]?.array?.first?.object?.keys)
        }
    }

    @Test func `0_21 has the metrics of its sources and no others`() throws {
        var cluster = MesosCluster(version: "0.21.1")
        cluster.startMaster("m1", zk: false)
        cluster.run(seconds: 2)
        let names = try Self.body(cluster.get("/metrics/snapshot", from: "m1")).object?.keys ?? []
        #expect(names.contains("master/elected") && names.contains("registrar/state_store_ms"))
        #expect(
            !names.contains { $0.contains("revocable") || $0.contains("registrar/log") || $0.contains("allocator") }
        )
    }

    @Test func `slashes are escaped up to 1_4`() throws {
        var old = Self.single()
        #expect(old.get("/flags", from: "m1")?.text.contains(#"\/var\/lib\/mesos"#) == true)
        var new = Self.ensemble()
        #expect(new.get("/flags", from: "m1")?.text.contains("/var/lib/mesos") == true)
    }

    @Test(arguments: [
        ("0.21.1", "/state", 404), ("0.21.1", "/state.json", 200), ("0.21.1", "/flags", 404),
        ("0.21.1", "/slaves", 404),
        ("0.21.1", "/stats.json", 200), ("0.21.1", "/metrics/snapshot", 200), ("0.21.1", "/master/state.json", 200),
        ("0.21.1", "/version", 404), ("0.21.1", "/roles.json", 200), ("0.21.1", "/maintenance/status", 404),
        ("1.4.3", "/state.json", 200), ("1.4.3", "/stats.json", 404), ("1.4.3", "/state-summary", 200),
        ("1.11.0", "/state.json", 404), ("1.11.0", "/master/slaves", 200), ("1.11.0", "/tasks", 200),
        ("1.11.0", "/roles", 200), ("1.11.0", "/nothing", 404), ("1.11.0", "/master/health", 200),
    ])
    func `each release has its endpoints`(version: String, target: String, status: Int) {
        var cluster = MesosCluster(version: version)
        cluster.startMaster("m1", zk: false)
        cluster.run(seconds: 2)
        #expect(cluster.get(target, from: "m1")?.status == status)
    }

    @Test func `0_21 shows the fields of its sources`() throws {
        var cluster = MesosCluster(version: "0.21.1")
        cluster.startMaster("m1", zk: false)
        cluster.startAgent("a1", ["--attributes=rack:2"], master: "10.0.0.1:5050")
        cluster.run(seconds: 5)
        let state = try Self.body(cluster.get("/state.json", from: "m1"))
        let names =
            "activated_slaves build_date build_time build_user cluster completed_frameworks deactivated_slaves elected_time"
            + " failed_tasks finished_tasks flags frameworks hostname id killed_tasks leader lost_tasks orphan_tasks pid"
            + " slaves staged_tasks start_time started_tasks unregistered_frameworks version"
        #expect(state.object?.keys.joined(separator: " ") == names)
        let slave = state["slaves"]?.array?.first
        #expect(
            slave?.object?.keys == ["attributes", "hostname", "id", "pid", "registered_time", "resources"]
        )
        #expect(slave?["attributes"]?["rack"] == .integer(2))
        #expect(slave?["resources"]?.text == #"{"cpus":2,"disk":252899,"mem":23081,"ports":"[31000-32000]"}"#)
        #expect(state["id"]?.string?.hasPrefix("20261122-") == true)
    }
}
