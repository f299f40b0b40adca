import Specs
import Testing

@testable import Reconciler

@Suite("Answers of Mesos")
struct MesosAnswersTests {
    private func fixture(_ name: String) throws -> String {
        let observe = #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Observe/here"
        return try ObserveSample.fixture("mesos-\(name).json", beside: observe)
    }

    @Test(arguments: [
        ("ha-leader-1.11.0", true, 2, 3), ("ha-follower-1.11.0", false, 0, 3), ("single-1.4.3", true, 2, 1),
    ])
    func `recorded metrics tell who is elected, the agents and the log`(
        name: String,
        isElected: Bool,
        agents: Int,
        size: Int
    ) throws {
        let metrics = MasterMetrics(try #require(MesosMetrics(try fixture("\(name)-metrics"))))
        #expect(metrics.isElected == isElected)
        #expect(metrics.agentsActive == agents && metrics.agentsConnected == agents)
        #expect(metrics.agentsInactive == 0 && metrics.agentsUnreachable == 0 && metrics.agentsDisconnected == 0)
        #expect(metrics.isLogRecovered == true && metrics.ensembleSize == size)
        #expect((metrics.uptimeSeconds ?? 0) > 5)
    }

    @Test func `metrics of 0.21 have no log, and that is not "not recovered"`() throws {
        let metrics = MasterMetrics(try #require(MesosMetrics(MesosBodies.metrics(elected: true, agents: 3))))
        #expect(metrics.isLogRecovered == nil && metrics.ensembleSize == nil && metrics.agentsActive == 3)
    }

    @Test func `an agent's metrics tell registration and errors of recovery`() throws {
        let metrics = AgentMetrics(try #require(MesosMetrics(try fixture("single-1.4.3-metrics"))))
        #expect(metrics.isRegistered == true && metrics.recoveryErrors == 0)
    }

    @Test(arguments: [
        ("ha-leader-1.11.0-flags", "quorum", "2"), ("ha-leader-1.11.0-flags", "zk", "zk://127.0.40.10:12181/mesos"),
        ("ha-leader-1.11.0-agent_flags", "attributes", "rack:r1;zone:a"),
        ("ha-leader-1.11.0-agent_flags", "master", "zk://127.0.40.10:12181/mesos"),
        ("single-1.4.3-flags", "work_dir", "/var/lib/mesos/master"), ("single-1.4.3-state", "cluster", "old"),
    ])
    func `recorded flags are texts, slashes escaped or not`(name: String, flag: String, value: String) throws {
        let own = try #require(MesosSelf(try fixture(name)))
        #expect(own.flags[flag] == value)
        #expect(own.version == (name.hasSuffix("state") ? "1.4.3" : nil))
    }

    @Test func `the leader's state lists agents by their real address, with what is free`() throws {
        let listing = try #require(MesosListing(try fixture("ha-leader-1.11.0-state")))
        #expect(listing.isLeaders)
        #expect(listing.agents.map(\.address) == ["127.0.40.21", "127.0.40.22"])
        #expect(listing.agents.map(\.hostname) == ["agent1.test", "agent2.test"])
        let agent = listing.agents[0]
        #expect(agent.isActive && agent.attributes == ["rack": "r1", "zone": "a"])
        #expect(agent.resources.scalars["cpus"] == 2 && agent.resources.ranges["ports"] == "[31000-32000]")
        #expect(agent.free?["mem"] == 23081)
        let slaves = try #require(MesosListing(try fixture("single-1.4.3-slaves")))
        #expect(slaves.agents.count == 2 && slaves.isLeaders)
    }

    @Test func `frameworks are read with id and activity`() throws {
        let frameworks = try #require(MesosListing.frameworks(try fixture("single-1.4.3-frameworks")))
        #expect(frameworks.map(\.name) == ["marathon"] && frameworks.allSatisfy(\.isActive))
    }

    @Test func `an old state counts its listed agents as active and does not invent what is used`() throws {
        let body = #"""
            {"version":"0.21.1","pid":"master@10.0.0.1:5050","leader":"master@10.0.0.1:5050","flags":{"quorum":"2"},
             "slaves":[{"id":"20150410-S0","pid":"slave(1)@10.0.0.11:5051","hostname":"a1","attributes":{"rack":2},
             "resources":{"cpus":4,"mem":2048.0,"ports":"[31000-32000]"}}],"frameworks":[]}
            """#
        let listing = try #require(MesosListing(body))
        #expect(listing.agents.map(\.isActive) == [true])
        #expect(listing.agents[0].attributes == ["rack": "2"])
        #expect(listing.agents[0].free == nil)
        #expect(MesosSelf(body)?.version == "0.21.1")
        let standby = body.replacing("leader\":\"master@10.0.0.1", with: "leader\":\"master@10.0.0.2")
        #expect(MesosListing(standby)?.isLeaders == false)
    }

    /// Two agents, of which none says what is used, and `frameworks`.
    private func silentAgents(_ frameworks: String) throws -> MesosListing {
        let agents = (0...1).map {
            #"{"id":"S\#($0)","pid":"slave(1)@10.0.0.1\#($0):5051","hostname":"a\#($0)","resources":{"cpus":4,"mem":2048.0}}"#
        }
        return try #require(MesosListing(#"{"slaves":[\#(agents.joined(separator: ","))]\#(frameworks)}"#))
    }

    @Test func `where agents do not say what is used, the tasks of all frameworks are summed`() throws {
        func task(_ agent: String, _ cpus: Double) -> String {
            #"{"slave_id":"\#(agent)","resources":{"cpus":\#(cpus),"mem":24,"ports":"[31000-31000]"}}"#
        }
        let both =
            #","frameworks":[{"id":"F0","tasks":[\#(task("S0", 1.5)),\#(task("S0", 1))]},"#
            + #"{"id":"F1","tasks":[\#(task("S0", 0.5)),\#(task("S9", 1))],"completed_tasks":[\#(task("S1", 1))]}]"#
        let listing = try silentAgents(both)
        #expect(listing.agents[0].used == MesosResources(scalars: ["cpus": 3, "mem": 72]))
        #expect(listing.agents[0].free == ["cpus": 1, "mem": 1976])
        #expect(listing.agents[1].free == ["cpus": 4, "mem": 2048])
        let idle = try silentAgents(#","frameworks":[{"id":"F0","tasks":[]}]"#)
        #expect(idle.agents.map { $0.free?["cpus"] } == [4, 4])
    }

    @Test(arguments: ["", #","frameworks":[]"#, #","frameworks":[{"id":"F0","name":"marathon"}]"#])
    func `an answer without tasks does not tell what is free`(frameworks: String) throws {
        #expect(try silentAgents(frameworks).agents.allSatisfy { $0.used == nil && $0.free == nil })
    }

    @Test func `what agents say themselves is not counted again from their tasks`() throws {
        let body = #"""
            {"slaves":[{"id":"S0","pid":"slave(1)@10.0.0.10:5051","resources":{"cpus":4},"used_resources":{"cpus":3}}],
             "frameworks":[{"id":"F0","tasks":[{"slave_id":"S0","resources":{"cpus":1}}]}]}
            """#
        #expect(MesosListing(body)?.agents.map(\.free) == [["cpus": 1]])
    }

    @Test(arguments: [
        ("", true), (#","active":true"#, true), (#","active":false"#, false),
        (#","active":true,"deactivated":false"#, true), (#","active":true,"deactivated":true"#, false),
        (#","deactivated":true"#, false),
    ])
    func `an agent is active unless it is said to be disconnected or deactivated`(said: String, isActive: Bool) {
        let body = #"{"slaves":[{"id":"S0","pid":"slave(1)@10.0.0.10:5051"\#(said)}]}"#
        #expect(MesosListing(body)?.agents.map(\.isActive) == [isActive])
    }

    @Test(arguments: ["", "{", #"{"flags":{"quorum":"2""#, "[]", "<html>", #"{"slaves":[{"id":"S1"}]}"#])
    func `half a body and another shape are nothing, never an empty answer`(body: String) {
        #expect(MesosSelf(body) == nil)
        #expect(MesosListing(body) == nil)
        if !body.hasPrefix("{\"slaves") { #expect(MesosMetrics(body) == nil) }
    }

    @Test(arguments: [
        ("//mesos-m1.test:5050/master/slaves", "mesos-m1.test", 5050), ("http://10.0.0.1:5050", "10.0.0.1", 5050),
        ("//[fd00::1]:5050/x", "fd00::1", 5050),
    ])
    func `redirects name host and port in both forms`(location: String, host: String, port: Int) {
        let target = RedirectTarget(location)
        #expect(target?.host == host && target?.port == port)
        #expect(RedirectTarget("/relative") == nil)
    }
}
