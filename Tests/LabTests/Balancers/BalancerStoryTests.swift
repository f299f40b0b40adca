import Daemons
import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("A load balancer's story on the lab", .timeLimit(.minutes(20)))
struct BalancerStoryTests {
    static let masters = ["mesos-master1", "mesos-master2", "mesos-master3"]

    private func configuration(_ fixture: LabFixture, _ node: String = masters[0]) throws -> String {
        try fixture.file(BridgeScript.Paths.configuration, on: node) ?? ""
    }

    private func lastRun(_ fixture: LabFixture, _ node: String = masters[0]) throws -> BridgeRun? {
        try fixture.file(BridgeScript.Paths.lastRun, on: node).flatMap(BridgeRun.init)
    }

    /// Without /hello, whose tasks end every half minute.
    private func settled(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.contains("hello-") }
    }

    private func servers(_ text: String) -> Int { text.split(separator: "\n").count { $0.hasPrefix("  server ") } }

    /// Nodes, and Marathon's tasks beside them, as the program looks.
    private func plan(_ fixture: LabFixture) async throws -> Plan {
        var seen = try await fixture.observe()
        seen.balanced = try await tasks(fixture)
        return Plan(
            desired: DesiredCluster(fixture.spec, observed: seen),
            observed: seen,
            source: Plan.Source(file: "cluster.yaml", revision: "abc")
        )
    }

    private func tasks(_ fixture: LabFixture) async throws -> Observation<[BalancedTask]> {
        guard let reach = MarathonClient.Reach(fixture.spec), let transport = fixture.transport else { return .absent }
        let client = MarathonClient(
            reach: reach,
            transport: transport,
            secrets: SecretStore(),
            clock: fixture.lab.clock
        )
        return try await fixture.lab.run { await client.balancedTasks() }
    }

    private func app(_ instances: Int) -> String {
        """
        {"id": "web", "cmd": "sleep 100000", "instances": \(instances), "cpus": 0.1, "mem": 16, "ports": [7000]}
        """
    }

    /// Converged, with an app of three instances that is balanced.
    private func balanced(_ file: String) async throws -> LabFixture {
        let fixture = try await LabFixture.converged(file)
        let answer = try #require(try fixture.marathon("POST", "/v2/apps", app(3)))
        #expect(answer.status == 201, "\(answer.text)")
        try await fixture.pass(150)
        return fixture
    }

    @Test(
        "a bare cluster has balancers that run on every master, and a file that follows an app from three to five",
        arguments: LabFixture.files
    )
    func follows(file: String) async throws {
        let fixture = try await balanced(file)
        for node in Self.masters {
            let text = try configuration(fixture, node)
            #expect(text.contains("listen web-7000\n") && servers(text) == 3, "\(node): \(text)")
            #expect(try lastRun(fixture, node)?.outcome != .failed)
        }
        let calm = try await plan(fixture)
        #expect(calm.isEmpty, "\(calm.words)")
        _ = try fixture.marathon("PUT", "/v2/apps/web", #"{"instances": 5}"#)
        try await fixture.pass(30)
        let meanwhile = try await plan(fixture)
        #expect(meanwhile.isEmpty, "\(meanwhile.words)")
        try await fixture.pass(150)
        #expect(try servers(configuration(fixture)) == 5)
        let after = try await plan(fixture)
        #expect(after.isEmpty && !after.notes.contains { $0.text.contains("haproxy.cfg") }, "\(after.words)")
    }

    @Test("while no Marathon answers the file stays, and the bridge says why", arguments: LabFixture.files)
    func marathonGone(file: String) async throws {
        let fixture = try await balanced(file)
        let before = try configuration(fixture)
        for node in Self.masters { try fixture.inject(.stop(.marathon, on: NodeName(node))) }
        try await fixture.pass(130)
        #expect(try configuration(fixture) == before && servers(before) == 3)
        let run = try #require(try lastRun(fixture))
        #expect(run.outcome == .kept && run.message.contains("8080 does not answer"))
    }

    @Test("a cron file that somebody took away is told and put back", arguments: LabFixture.files)
    func cronFileGone(file: String) async throws {
        let fixture = try await balanced(file)
        try fixture.inject(.delete(path: BridgeScript.Paths.cron, on: "mesos-master2"))
        try await fixture.pass(240)
        let before = try #require(try lastRun(fixture, Self.masters[1]))
        let plan = try await plan(fixture)
        let step = try #require(plan.steps.first, "\(plan.words)")
        #expect(plan.steps.count == 1 && step.nodes == ["mesos-master2"])
        #expect(step.changes.map(\.resource).contains("file:\(BridgeScript.Paths.cron)"))
        #expect(step.changes.contains { $0.summary.contains("has not run for") })
        #expect(try await fixture.apply(plan, as: "cron").get().troubles == [])
        #expect(try #require(try lastRun(fixture, Self.masters[1])).at > before.at)
        let after = try await self.plan(fixture)
        #expect(after.isEmpty, "\(after.words)")
    }

    @Test(
        "an edit by hand becomes a step, and is kept as a backup; so does a cluster whose cron is dead",
        arguments: LabFixture.files
    )
    func handEdit(file: String) async throws {
        let fixture = try await balanced(file)
        try fixture.inject(.stop("cron", on: "mesos-master3"))
        let made = try configuration(fixture, Self.masters[2])
        try fixture.inject(
            .write(
                path: BridgeScript.Paths.configuration,
                text: made.replacing("leastconn", with: "source"),
                on: "mesos-master3"
            )
        )
        try await fixture.pass(60)
        let plan = try await plan(fixture)
        let step = try #require(plan.steps.first, "\(plan.words)")
        #expect(plan.steps.count == 1 && step.nodes == ["mesos-master3"] && step.impact != .none)
        #expect(step.title == "start cron, refresh haproxy.cfg")
        #expect(step.changes.contains { $0.cause == .drift && $0.summary.contains("balance source") })
        #expect(try await fixture.apply(plan, as: "edit").get().troubles == [])
        #expect(try configuration(fixture, Self.masters[2]) == made)
        let backup = "/var/lib/reconciler/backup/edit\(BridgeScript.Paths.configuration)"
        #expect(try fixture.file(backup, on: "mesos-master3")?.contains("balance source") == true)
        let after = try await self.plan(fixture)
        #expect(after.isEmpty, "\(after.words)")
    }

    @Test("whoever runs the bridge makes the same file as the engine expects", arguments: LabFixture.files)
    func agreement(file: String) async throws {
        let fixture = try await balanced(file)
        for (id, ports) in [("/shop/cart", "[7001, 7002]"), ("other", "[7000]"), ("taken", "[8080]"), ("none", "[]")] {
            let body =
                #"{"id": "\#(id)", "cmd": "sleep 100000", "instances": 2, "cpus": 0.1, "mem": 8, "ports": \#(ports)}"#
            _ = try fixture.marathon("POST", "/v2/apps", body)
        }
        try await fixture.pass(200)
        let live = try #require(try await tasks(fixture).value)
        let wanted = DesiredCluster(fixture.spec, platforms: [:]).nodes.compactMap { node in
            node.loadBalancer.map { (node.name, $0) }
        }
        for (name, balancer) in wanted {
            let expected = HAProxyConfiguration(live, reserved: Set(balancer.reserved))
                .text(header: balancer.header, bind: balancer.bind)?.plainText
            #expect(settled(try configuration(fixture, name.text)) == settled(expected ?? ""), "\(name): \(live)")
        }
        let plan = try await plan(fixture)
        #expect(plan.isEmpty, "\(plan.words)")
        let note = try #require(plan.notes.first { $0.text.contains("service port 7000 of /web") }, "\(plan.notes)")
        #expect(note.text.hasSuffix("is not balanced: /other has it"))
    }

    @Test("a port that somebody else has keeps HAProxy on what it had, and the plan says who it is")
    func portTaken() async throws {
        let fixture = try await balanced(LabFixture.files[1])
        _ = try fixture.marathon(
            "POST",
            "/v2/apps",
            app(1).replacing("\"web\"", with: "\"agent\"").replacing("7000", with: "5050")
        )
        try await fixture.pass(150)
        let plan = try await plan(fixture)
        #expect(plan.isEmpty, "a reserved port gets no listener: \(plan.words)")
        #expect(plan.notes.contains { $0.text.contains("service port 5050 of /agent is not balanced") })
    }
}
