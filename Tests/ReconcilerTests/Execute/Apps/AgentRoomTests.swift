import Specs
import Testing

@testable import Reconciler

@Suite("What agents have free")
struct AgentRoomTests {
    /// Of 0.21: agents do not say what is used.
    private static let old = #"""
        {"pid":"master@10.0.0.1:5050","leader":"master@10.0.0.1:5050","slaves":[
          {"id":"S2","pid":"slave(1)@10.0.0.13:5051","hostname":"a3","resources":{"cpus":2}},
          {"id":"S0","pid":"slave(1)@10.0.0.11:5051","hostname":"a1",
           "resources":{"cpus":4,"mem":1024,"disk":10,"ports":"[31000-32000]"}},
          {"id":"S1","pid":"slave(1)@10.0.0.12:5051","hostname":"a2","active":false,"resources":{"cpus":4}}],
         "frameworks":[{"id":"F0","tasks":[{"slave_id":"S0","resources":{"cpus":1.5,"mem":24}}]}]}
        """#
    private static let standby = old.replacing(#""leader":"master@10.0.0.1"#, with: #""leader":"master@10.0.0.2"#)
    private static let new = #"""
        {"pid":"master@10.0.0.1:5050","leader":"master@10.0.0.1:5050","slaves":[
          {"id":"S0","pid":"slave(1)@10.0.0.11:5051","hostname":"a1","resources":{"cpus":4},
           "used_resources":{"cpus":3}}]}
        """#

    @Test func `rooms are those of active agents by host, their use from their tasks before 0.26`() throws {
        let rooms = try #require(MesosListing(Self.old)).rooms
        #expect(rooms.map(\.hostname) == ["a1", "a3"])
        #expect(rooms.first?.free["cpus"] == 2.5 && rooms.first?.free["mem"] == 1000)
        #expect(rooms.last?.free["cpus"] == 2)
        #expect(try #require(MesosListing(Self.new)).rooms.first?.free["cpus"] == 1)
    }

    @Test func `a room knows each resource, none of it below 0, and takes for free what nobody says is used`() {
        let total = MesosResources(scalars: ["cpus": 4, "mem": 64], ranges: ["ports": "[1-2]"])
        var agent = ListedAgent(id: "S0", pid: "slave(1)@10.0.0.11:5051", hostname: "a1", resources: total)
        let all: [String: Double] = ["cpus": 4, "mem": 64, "disk": 0, "gpus": 0]
        #expect(AgentRoom(agent) == AgentRoom(hostname: "a1", total: all, free: all))
        agent.used = MesosResources(scalars: ["cpus": 1, "mem": 96, "gpus": 1])
        #expect(AgentRoom(agent).total == all)
        #expect(AgentRoom(agent).free == ["cpus": 3, "mem": 0, "disk": 0, "gpus": 0])
    }

    // MARK: Who is asked

    private static func reach(
        _ script: [String: ScriptedTransport.Answer],
        login: Content? = nil
    ) -> (MastersReach, ScriptedTransport) {
        let transport = ScriptedTransport(script)
        let reach = RESTReach(transport, logins: RESTLogins(mesos: login), secrets: SecretStore())
        let places = (1...3).map { ServicePlace(NodeName("m\($0)"), address: "10.0.0.\($0)", port: 5050) }
        return (MastersReach(reach: reach, places: places), transport)
    }

    @Test func `masters are asked in turn until the leading one tells, each at the path that its release has`() async {
        let (masters, transport) = Self.reach(
            ["10.0.0.1/state": .status(307, location: "//10.0.0.3:5050"), "10.0.0.2/state.json": .ok(Self.standby)]
                .merging(["10.0.0.3/state.json": .ok(Self.old)]) { $1 },
            login: "user:password"
        )
        #expect(await masters.agents()?.map(\.hostname) == ["a1", "a3"])
        #expect(
            transport.asked.map { "\($0.host)\($0.path)" } == [
                "10.0.0.1/state", "10.0.0.2/state", "10.0.0.2/state.json", "10.0.0.3/state", "10.0.0.3/state.json",
            ]
        )
        #expect(transport.asked.allSatisfy { $0.authorization == "Basic dXNlcjpwYXNzd29yZA==" })
    }

    @Test func `who cannot be reached is passed over`() async {
        let (masters, _) = Self.reach(["10.0.0.1/state": .fails(.timedOut), "10.0.0.2/state": .ok(Self.new)])
        #expect(await masters.agents()?.map(\.hostname) == ["a1"])
    }

    @Test(arguments: [standby, "{}", "", #"{"slaves":"#])
    func `a standby's view and what is no state tell nothing`(body: String) async {
        let (masters, _) = Self.reach(["10.0.0.1/state": .ok(body), "10.0.0.3/state": .ok(body)])
        #expect(await masters.agents() == nil)
    }

    @Test func `nothing is told, and nobody asked, where the login has no value`() async {
        let login = Content([.secret(.environment("LOGIN"))])
        let (masters, transport) = Self.reach(["10.0.0.1/state": .ok(Self.new)], login: login)
        #expect(await masters.agents() == nil)
        #expect(transport.asked.isEmpty)
    }
}
