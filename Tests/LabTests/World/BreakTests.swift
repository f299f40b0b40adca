import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("Breaking the lab", .timeLimit(.minutes(20)))
struct BreakTests {
    /// A converged cluster with an app of three instances, and an image on its agents.
    private func busy() async throws -> LabFixture {
        let fixture = try await LabFixture.converged("Testbed/cluster.yaml")
        try await fixture.pass(30)
        let app = #"{"id":"/web","cmd":"python3 -m http.server","instances":3,"cpus":0.1,"mem":32}"#
        let response = try fixture.marathon("POST", "/v2/apps", app)
        #expect(response?.status == 201, "\(response?.text ?? "nobody answers")")
        try fixture.inject(.addImage("feuyeux/nginx", on: "mesos-slave1"))
        try await fixture.pass(60)
        return fixture
    }

    @Test func `an app of three instances has three running tasks`() async throws {
        let fixture = try await busy()
        let app = try #require(try fixture.status().apps.first)
        #expect(app.id == "/web" && app.instances == 3)
        #expect(app.tasks.map(\.state) == Array(repeating: "TASK_RUNNING", count: 3))
    }

    @Test func `tasks live through a restart of their agent, and are replaced when their host dies`() async throws {
        let fixture = try await busy()
        let before = try fixture.status().apps.first?.tasks.map(\.id)
        for agent: NodeName in ["mesos-slave1", "mesos-slave2", "mesos-slave3"] {
            try fixture.inject(.kill(.mesosAgent, on: agent))
        }
        try await fixture.pass(60)
        #expect(try fixture.status().apps.first?.tasks.map(\.id) == before)
        let victim = try #require(try fixture.status().nodes.first { $0.containers > 0 }?.name)
        try fixture.inject(.powerOff(victim))
        try await fixture.pass(600)
        let tasks = try fixture.status().apps.first?.tasks.filter { $0.state == "TASK_RUNNING" } ?? []
        #expect(tasks.count == 3)
        #expect(tasks.map(\.id) != before)
    }

    @Test(arguments: LabBreak.allCases)
    func `everything that can be broken leaves a trace and a sentence`(kind: LabBreak) async throws {
        let fixture = try await busy()
        let before = try fixture.lab.read { try? LabFile.encoded($0) }
        let words = try fixture.lab.change { world throws(LabError) in try world.breakSomething(kind) }
        #expect(words.hasSuffix("."))
        #expect(try fixture.lab.read { try? LabFile.encoded($0) } != before)
        let plan = try await fixture.plan()
        switch kind {
        case .handEditedFile, .strayFlagFile, .stoppedService: #expect(!plan.isEmpty, "\(words) \(plan.words)")
        case .deadHost: #expect(plan.nodes.contains { $0.failure != nil }, "\(words)")
        case .killedLeader: break
        case .scaledApp: #expect(try fixture.status().apps.first?.instances == 5)
        case .lostImage: #expect(words.contains("feuyeux/nginx"))
        case .cutTransfer:
            #expect(try fixture.lab.read { world in world.machines.contains { $0.cutsTransfer == true } })
        case .fullDisk:
            #expect(try fixture.lab.read { world in world.machines.contains { $0.node.freeBytes == 0 } })
        }
    }

    @Test func `a bare lab has little to break, and says so`() throws {
        var world = try LabWorld(spec: LabFixture.spec("Testbed/cluster.yaml"), seed: 1)
        for kind in [LabBreak.handEditedFile, .stoppedService, .killedLeader, .scaledApp, .lostImage] {
            #expect(throws: LabError.self) { try world.breakSomething(kind) }
        }
        #expect(throws: LabError.self) { try world.inject(.powerOff("nobody")) }
    }
}
