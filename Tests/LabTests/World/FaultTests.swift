import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Faults of the lab", .timeLimit(.minutes(20)))
struct FaultTests {
    private let masters: [NodeName] = ["mesos-master1", "mesos-master2", "mesos-master3"]
    private let agents: [NodeName] = ["mesos-slave1", "mesos-slave2", "mesos-slave3"]

    private func fixture() async throws -> LabFixture {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        try await fixture.pass(30)
        return fixture
    }

    private func activeAgents(_ fixture: LabFixture) throws -> [String] {
        try fixture.status().agents.filter(\.isActive).map(\.hostname)
    }

    // MARK: The network

    @Test func `while all messages get lost agents go, and afterwards they come back`() async throws {
        let fixture = try await fixture()
        try fixture.inject(.loseMessages(percent: 100, seconds: 300))
        try await fixture.pass(250)
        #expect(try activeAgents(fixture) == [])
        try await fixture.pass(200)
        #expect(try activeAgents(fixture).count == 3)
    }

    @Test func `a few lost messages are borne`() async throws {
        let fixture = try await fixture()
        try fixture.inject(.loseMessages(percent: 10, seconds: 300))
        try await fixture.pass(600)
        #expect(try activeAgents(fixture).count == 3)
    }

    @Test func `a cut between two hosts parts these two alone, until it is mended`() async throws {
        let fixture = try await fixture()
        let leader = try #require(try fixture.status().mesosLeader)
        try fixture.inject(.cut("mesos-slave1", leader))
        let reaches = try fixture.lab.read { world in
            [("mesos-slave1", leader.text), (leader.text, "mesos-slave1"), ("mesos-slave1", "mesos-slave2")]
                .map { world.network.reaches(from: $0, to: $1) } + [
                    world.network.reaches(from: nil, to: "mesos-slave1")
                ]
        }
        #expect(reaches == [false, false, true, true])
        try await fixture.pass(200)
        #expect(try fixture.status().mesosLeader == leader)
        #expect(try activeAgents(fixture).count == 2)
        try fixture.inject(.mend(leader, "mesos-slave1"))
        try await fixture.pass(200)
        #expect(try activeAgents(fixture).count == 3)
    }

    // MARK: Machines

    @Test func `a rebooted agent runs again by itself, under another boot id`() async throws {
        let fixture = try await fixture()
        func boot() throws -> String? {
            try fixture.lab.read { world in world.machines.first { $0.name == "mesos-slave1" }?.node.bootID }
        }
        let before = try boot()
        try fixture.inject(.reboot("mesos-slave1"))
        #expect(try fixture.status().nodes.filter { !$0.isPoweredOn }.map(\.name) == ["mesos-slave1"])
        try await fixture.pass(200)
        #expect(try boot() != before)
        #expect(try activeAgents(fixture).count == 3)
        #expect(try await fixture.plan().isEmpty)
    }

    @Test func `a clock that is wrong is seen as such, and stops nobody`() async throws {
        let fixture = try await fixture()
        try fixture.inject(.skewClock(seconds: 90, on: "mesos-slave1"))
        func offset(_ node: NodeName) throws -> Int? {
            try fixture.lab.change { world throws(LabError) in
                let answers = try? world.observe([.clock], on: node)
                guard case .clock(let seconds)? = answers?.first else { return nil }
                return Int(seconds) - world.now.milliseconds / 1000
            }
        }
        #expect(try offset("mesos-slave1") == 90 && offset("mesos-slave2") == 0)
        try await fixture.pass(300)
        #expect(try activeAgents(fixture).count == 3)
    }

    @Test func `a slow mirror delays an installation by so much`() throws {
        var ends: [Int] = []
        for delay in [0, 600] {
            var world = try LabWorld(spec: LabFixture.spec("Testbed/cluster.yaml"), seed: 1)
            try world.inject(.slowPackages(seconds: delay, on: "mesos-slave1"))
            let install = NodeAction.installPackages([PackageInstall(name: "mesos")], job: "packages")
            _ = try world.perform([install], run: RunID("r"), on: "mesos-slave1")
            let end = try #require(world.jobEnds("packages", run: RunID("r"), on: "mesos-slave1"))
            ends.append(end - world.now)
            world.advance(to: end + -1)
            #expect(
                world.machines.first { $0.name == "mesos-slave1" }?.node.files.exists("/usr/sbin/mesos-slave") == false
            )
            world.advance(to: end)
            #expect(
                world.machines.first { $0.name == "mesos-slave1" }?.node.files.exists("/usr/sbin/mesos-slave") == true
            )
        }
        #expect(ends[1] - ends[0] == 600_000)
    }

    @Test func `a daemon cannot bind a port that ZooKeeper has`() async throws {
        let fixture = try await fixture()
        let node = masters[0]
        #expect(try fixture.lab.read { $0.portsOfZooKeeper(on: node.text).contains(2181) })
        try fixture.inject(.write(path: "/etc/mesos-master/port", text: "2181\n", on: node))
        try fixture.inject(.stop(.mesosMaster, on: node))
        try? fixture.inject(.start(.mesosMaster, on: node))
        try await fixture.pass(60)
        let listeners = try fixture.lab.read { $0.listeners }
        #expect(!listeners.contains { $0.node == node && $0.service == .mesosMaster })
        #expect(listeners.count { $0.service == .mesosMaster } == 2)
    }

    @Test func `mending restores power, cables and room, and says so`() async throws {
        let fixture = try await fixture()
        for fault: LabFault in [.powerOff(agents[0]), .unplug(agents[1]), .fillDisk(agents[2])] {
            try fixture.inject(fault)
        }
        func mend(_ node: NodeName?) throws -> [String] {
            try fixture.lab.change { world throws(LabError) in try world.mend(node) }
        }
        #expect(try mend("mesos-slave2") == ["mesos-slave2 is plugged in again."])
        #expect(
            try mend(nil) == ["mesos-slave1 has power again.", "The disk of mesos-slave3 has room again."]
        )
        try await fixture.pass(30)
        #expect(try mend(nil) == [], "it boots, and is not begun anew")
        try await fixture.pass(20)
        #expect(try fixture.status().nodes.allSatisfy { $0.isPoweredOn })
        #expect(throws: LabError.self) { try mend("nobody") }
        try await fixture.pass(200)
        #expect(try activeAgents(fixture).count == 3)
    }

    // MARK: Apps and their REST

    private static let app = """
        {"id":"/web","cmd":"sleep 1000000","instances":1,"cpus":0.1,"mem":32,"healthChecks":[{"protocol":"COMMAND",\
        "command":{"value":"true"},"gracePeriodSeconds":1,"intervalSeconds":5,"maxConsecutiveFailures":0}]}
        """

    @Test func `a task is as healthy as it is said to be, until that is taken back`() async throws {
        let fixture = try await fixture()
        #expect(try fixture.marathon("POST", "/v2/apps", Self.app)?.status == 201)
        func isHealthy() throws -> Bool? { try fixture.status().apps.first?.tasks.first?.isHealthy }
        try await fixture.pass(60)
        #expect(try isHealthy() == true)
        for (forced, found) in [(false, false), (nil, true)] as [(Bool?, Bool)] {
            try fixture.inject(.health(app: "/web", isHealthy: forced))
            try await fixture.pass(30)
            #expect(try isHealthy() == found)
        }
    }

    @Test func `a stream of events brings the creation of an app, and ends with its daemon`() async throws {
        let fixture = try await fixture()
        let leader = try #require(try fixture.status().marathonLeader)
        let door = try #require(
            try fixture.lab.read { $0.listeners }.first { $0.node == leader && $0.service == .marathon }
        )
        let request = HTTPRequest("GET", "/v2/events", headers: [HTTPField("Accept", "text/event-stream")])
        let outcome = try fixture.lab.change { $0.http(request, to: door.endpoint) }
        guard case .stream(let id, let status, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(status == 200)
        func taken() throws -> (text: String, isOpen: Bool) {
            let (bytes, isOpen) = try fixture.lab.change { $0.takeStream(id) }
            return (String(decoding: bytes, as: UTF8.self), isOpen)
        }
        #expect(try taken().text.contains("event: event_stream_attached"))
        #expect(try fixture.marathon("POST", "/v2/apps", Self.app)?.status == 201)
        try await fixture.pass(60)
        let (text, isOpen) = try taken()
        #expect(text.contains("event: api_post_event") && text.contains("event: deployment_success"))
        #expect(isOpen)
        try fixture.inject(.kill(.marathon, on: leader))
        #expect(try taken().isOpen == false)
    }

    @Test func `listeners are those daemons that run, where they answer`() async throws {
        let fixture = try await fixture()
        let before = try fixture.lab.read { $0.listeners }
        #expect(before.count { $0.service == .mesosMaster && $0.endpoint.port == 5050 } == 3)
        #expect(before.count { $0.service == .mesosAgent && $0.endpoint.port == 5051 } == 3)
        #expect(before.count { $0.service == .marathon && $0.endpoint.port == 8080 } == 3)
        let agent = try #require(before.first { $0.node == agents[0] })
        let request = HTTPRequest("GET", "/state")
        guard case .response(let response) = try fixture.lab.change({ $0.http(request, to: agent.endpoint) }) else {
            Issue.record("no answer")
            return
        }
        #expect(response.status == 200)
        try fixture.inject(.stop(.mesosAgent, on: agents[0]))
        #expect(try fixture.lab.read { $0.listeners } == before.filter { $0 != agent })
        #expect(try fixture.lab.change { $0.http(request, to: agent.endpoint) } == .refused)
    }
}
