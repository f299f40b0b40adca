import Testing

@testable import Daemons

@Suite struct MesosTasksTests {
    /// One master, agents, and a registered framework with its first offers.
    private static func cluster(
        _ version: String,
        agents: Int = 1,
        _ flags: [String] = []
    ) -> (MesosCluster, framework: String, offers: [Mesos.Offer]) {
        var cluster = MesosCluster(version: version)
        cluster.startMaster("m1", quorum: 1)
        cluster.run(seconds: 3)
        for number in 1...agents { cluster.startAgent("a\(number)", flags) }
        cluster.run(seconds: 4)
        let framework = cluster.registerFramework()
        return (cluster, framework.id, framework.offers)
    }

    private static func launched(
        _ version: String,
        _ flags: [String] = []
    ) throws -> (MesosCluster, String, Mesos.Offer) {
        var (cluster, framework, offers) = Self.cluster(version, flags)
        let offer = try #require(offers.first)
        let task = MesosCluster.task("t1", on: offer)
        cluster.schedule(Mesos.LaunchTasks(frameworkID: framework, offerIDs: [offer.id], tasks: [task]))
        cluster.run(seconds: 0.5)
        return (cluster, framework, offer)
    }

    @Test(arguments: MastersTests.versions)
    func `an offer is used, the task runs, and its end gives the resources back`(version: String) throws {
        var (cluster, framework, offer) = try Self.launched(version)
        #expect(offer.resources.cpus == 2 && offer.hostname == "a1.test" && offer.endpoint.port == 5051)
        let states = cluster.acknowledgeUpdates().map(\.state)
        cluster.run(seconds: 0.5)
        #expect(
            states + cluster.acknowledgeUpdates().map(\.state)
                == (version == "1.11.0" ? [.starting, .running] : [.running])
        )
        #expect(cluster.nodes["a1"]?.containers.values.first?.command == "sleep 1000")
        cluster.run(seconds: 6)
        let rest = cluster.takeInbox(Mesos.ResourceOffers.self).flatMap(\.offers)
        #expect(rest.map(\.resources.cpus) == [1.5])
        #expect(rest.first?.resources.ports == [31_001...32_000])
        for offer in rest {
            cluster.schedule(Mesos.DeclineOffers(frameworkID: framework, offerIDs: [offer.id], refuseSeconds: 0))
        }
        cluster.end(task: "t1", status: 1)
        cluster.run(seconds: 0.1)
        let end = cluster.acknowledgeUpdates()
        #expect(end.map(\.state) == [.failed])
        #expect(end.first?.message == "Command exited with status 1")
        cluster.run(seconds: 3)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self).flatMap(\.offers).last?.resources.cpus == 2)
        #expect(cluster.master("m1")?.frameworks[framework]?.completed.count == 1)
        #expect(cluster.agent("a1")?.runs.isEmpty == true)
    }

    @Test func `a declined offer comes back when its refusal is over, or revived`() throws {
        var (cluster, framework, offers) = Self.cluster("1.11.0")
        cluster.schedule(Mesos.DeclineOffers(frameworkID: framework, offerIDs: offers.map(\.id)))
        cluster.run(seconds: 4.5)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self) == [])
        cluster.run(seconds: 2)
        offers = cluster.takeInbox(Mesos.ResourceOffers.self).flatMap(\.offers)
        #expect(offers.count == 1)
        cluster.schedule(Mesos.DeclineOffers(frameworkID: framework, offerIDs: offers.map(\.id), refuseSeconds: 1000))
        cluster.run(seconds: 60)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self) == [])
        cluster.schedule(Mesos.ReviveOffers(frameworkID: framework))
        cluster.run(seconds: 2)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self).count == 1)
    }

    @Test(arguments: MastersTests.versions)
    func `an update is repeated until it is acknowledged`(version: String) throws {
        var (cluster, _, _) = try Self.launched(version)
        cluster.run(seconds: 35)
        let updates = cluster.takeInbox(Mesos.StatusUpdate.self)
        #expect(updates.count == 3)
        #expect(Set(updates.map(\.status.uuid)).count == 1)
    }

    @Test func `tasks outlive a restart of their agent`() throws {
        var (cluster, framework, _) = try Self.launched("1.4.3")
        _ = cluster.acknowledgeUpdates()
        cluster.run(seconds: 1)
        cluster.tell("a1", .terminate)
        #expect(cluster.nodes["a1"]?.exit?.status == 0)
        #expect(cluster.nodes["a1"]?.containers.count == 1)
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        #expect(cluster.master("m1")?.frameworks[framework]?.tasks["t1"]?.state == .running)
        cluster.end(task: "t1", status: 0)
        cluster.run(seconds: 1)
        #expect(cluster.acknowledgeUpdates().last?.state == .finished)
    }

    @Test func `each task is kept in files of its own, until its end is acknowledged`() throws {
        var (cluster, framework, offers) = Self.cluster("1.11.0")
        let offer = try #require(offers.first)
        var tasks = ["t1", "t2"].map { MesosCluster.task($0, on: offer) }
        tasks[1].resources = Mesos.Resources(cpus: 0.5, mem: 64, ports: [31_001...31_001])
        cluster.schedule(Mesos.LaunchTasks(frameworkID: framework, offerIDs: [offer.id], tasks: tasks))
        cluster.run(seconds: 1)
        for _ in 1...3 {
            _ = cluster.acknowledgeUpdates()
            cluster.run(seconds: 1)
        }
        func files(_ task: String) -> [String: String] {
            (cluster.nodes["a1"]?.files ?? [:]).filter {
                $0.key.contains("/frameworks/\(framework)/executors/\(task)/")
            }
        }
        let (first, second) = (files("t1"), files("t2"))
        #expect(first.count == 1 && first.keys.allSatisfy { $0.hasSuffix("/tasks/t1/task.info") })
        #expect(second.count == 1 && second.values.allSatisfy { $0.contains("TASK_RUNNING") })
        cluster.end(task: "t1", status: 0)
        cluster.run(seconds: 1)
        #expect(files("t1") != first && files("t2") == second, "an update is kept, of this task alone")
        #expect(cluster.acknowledgeUpdates().map(\.state) == [.finished])
        cluster.run(seconds: 1)
        #expect(files("t1").isEmpty && files("t2") == second)
        cluster.kill("a1")
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        #expect(cluster.agent("a1")?.runs.keys.map(\.task) == ["t2"])
        #expect(cluster.agent("a1")?.frameworks.keys.map { $0 } == [framework])
    }

    @Test func `a container that ended while the agent was away is found out`() throws {
        var (cluster, _, _) = try Self.launched("1.11.0")
        for _ in 1...3 {
            _ = cluster.acknowledgeUpdates()
            cluster.run(seconds: 1)
        }
        cluster.kill("a1")
        cluster.nodes["a1"]?.containers = [:]
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        #expect(cluster.acknowledgeUpdates().map(\.state) == [.failed])
    }

    @Test(arguments: [
        ("0.21.1", "Abnormal executor termination"), ("1.4.3", "Executor did not register within 5secs"),
    ])
    func `a container that is not up in time fails its task`(version: String, message: String) throws {
        var (cluster, framework, offers) = Self.cluster(version, ["--executor_registration_timeout=5secs"])
        let offer = try #require(offers.first)
        cluster.startMilliseconds = nil
        let task = MesosCluster.task("t1", on: offer)
        cluster.schedule(Mesos.LaunchTasks(frameworkID: framework, offerIDs: [offer.id], tasks: [task]))
        cluster.run(seconds: 6)
        let updates = cluster.acknowledgeUpdates()
        #expect(updates.map(\.state) == [.failed])
        #expect(updates.first?.message == message)
        #expect(cluster.nodes["a1"]?.containers.isEmpty == true)
    }

    @Test(arguments: MastersTests.versions)
    func `a killed task is killed`(version: String) throws {
        var (cluster, framework, _) = try Self.launched(version)
        for _ in 1...2 {
            _ = cluster.acknowledgeUpdates()
            cluster.run(seconds: 0.5)
        }
        cluster.schedule(Mesos.KillTask(frameworkID: framework, taskID: "t1"))
        cluster.run(seconds: 1)
        #expect(cluster.acknowledgeUpdates().map(\.state) == [.killed])
    }

    @Test func `what does not fit its offer is refused`() throws {
        var (cluster, framework, offers) = Self.cluster("1.11.0")
        let offer = try #require(offers.first)
        let big = MesosCluster.task("big", on: offer, cpus: 3)
        cluster.schedule(Mesos.LaunchTasks(frameworkID: framework, offerIDs: [offer.id], tasks: [big]))
        cluster.schedule(
            Mesos.LaunchTasks(
                frameworkID: framework,
                offerIDs: [offer.id],
                tasks: [MesosCluster.task("late", on: offer)]
            )
        )
        cluster.run(seconds: 0.5)
        let updates = cluster.takeInbox(Mesos.StatusUpdate.self).map(\.status)
        #expect(updates.map(\.state) == [.error, .lost])
        #expect(updates.last?.message == "Task launched with invalid offers: Offer \(offer.id) is no longer valid")
    }

    @Test(arguments: [("0.21.1", false), ("1.4.3", false), ("1.11.0", true)])
    func `the tasks of a silent agent are lost, and back from 1_5 on`(version: String, isBack: Bool) throws {
        var (cluster, framework, offer) = try Self.launched(version)
        for _ in 1...2 {
            _ = cluster.acknowledgeUpdates()
            cluster.run(seconds: 0.5)
        }
        cluster.unplugged = ["a1"]
        cluster.run(seconds: 100)
        let updates = cluster.acknowledgeUpdates()
        #expect(updates.map(\.state) == [.lost])
        #expect(updates.first?.reason == "REASON_SLAVE_REMOVED")
        #expect(cluster.takeInbox(Mesos.LostAgent.self).map(\.agentID) == [offer.agentID])
        cluster.unplugged = []
        cluster.run(seconds: 120)
        #expect((cluster.master("m1")?.frameworks[framework]?.tasks["t1"] != nil) == isBack)
        #expect((cluster.nodes["a1"]?.containers.count == 1) == isBack)
        let news = cluster.takeInbox(Mesos.StatusUpdate.self).map(\.status)
        #expect(news.contains { $0.state == .running && $0.reason == "REASON_SLAVE_REREGISTERED" } == isBack)
    }

    @Test(arguments: MastersTests.versions)
    func `a new leader learns of tasks from the agents and of frameworks from their schedulers`(version: String) throws
    {
        var cluster = MesosCluster(version: version)
        for name in ["m1", "m2", "m3"] { cluster.startMaster(name) }
        cluster.run(seconds: 5)
        cluster.startAgent("a1")
        cluster.run(seconds: 5)
        let (framework, offers) = cluster.registerFramework()
        let offer = try #require(offers.first)
        cluster.schedule(
            Mesos.LaunchTasks(frameworkID: framework, offerIDs: [offer.id], tasks: [MesosCluster.task("t1", on: offer)])
        )
        for _ in 1...3 {
            cluster.run(seconds: 1)
            _ = cluster.acknowledgeUpdates()
        }
        cluster.kill("m1")
        cluster.run(seconds: 20)
        #expect(cluster.master("m2")?.frameworks[framework]?.tasks["t1"]?.state == .running)
        #expect(cluster.master("m2")?.frameworks[framework]?.isConnected == false)
        var info = MesosCluster.framework
        info.id = framework
        cluster.schedule(Mesos.ReregisterFramework(framework: info, failover: false))
        cluster.run(seconds: 1)
        #expect(cluster.takeInbox(Mesos.FrameworkReregistered.self).map(\.frameworkID) == [framework])
        cluster.schedule(Mesos.ReconcileTasks(frameworkID: framework))
        cluster.run(seconds: 1)
        let answers = cluster.takeInbox(Mesos.StatusUpdate.self).map(\.status)
        #expect(answers.map(\.reason) == ["REASON_RECONCILIATION"])
        #expect(answers.map(\.state) == [.running])
    }

    @Test func `a new scheduler takes its framework over`() throws {
        var (cluster, framework, _) = Self.cluster("1.11.0")
        var info = MesosCluster.framework
        info.id = framework
        let next = ProcessID("scheduler-2", at: Endpoint("10.8.0.2", 40_002))
        cluster.schedule(Mesos.ReregisterFramework(framework: info, failover: true), from: next)
        cluster.run(seconds: 2)
        #expect(cluster.takeInbox(Mesos.FrameworkError.self).map(\.message) == ["Framework failed over"])
        #expect(cluster.inbox.contains { $0.to == next && $0.name == Mesos.FrameworkRegistered.name })
        #expect(cluster.inbox.contains { $0.to == next && $0.name == Mesos.ResourceOffers.name })
    }

    @Test func `a framework whose scheduler stays away loses its tasks after its failover timeout`() throws {
        var (cluster, framework, _) = try Self.launched("1.4.3")
        var info = MesosCluster.framework
        (info.id, info.failoverTimeoutSeconds) = (framework, 600)
        cluster.schedule(Mesos.ReregisterFramework(framework: info, failover: false))
        cluster.run(seconds: 1)
        cluster.tell("m1", .unreachable(MesosCluster.scheduler))
        cluster.run(seconds: 590)
        #expect(cluster.master("m1")?.frameworks[framework] != nil)
        cluster.run(seconds: 20)
        #expect(cluster.master("m1")?.frameworks[framework] == nil)
        #expect(cluster.nodes["a1"]?.containers.isEmpty == true)
        cluster.schedule(Mesos.ReregisterFramework(framework: info, failover: true))
        cluster.run(seconds: 1)
        #expect(cluster.takeInbox(Mesos.FrameworkError.self).map(\.message) == ["Framework has been removed"])
    }

    @Test func `draining kills the tasks of an agent and keeps offers from it`() throws {
        var (cluster, framework, offer) = try Self.launched("1.11.0")
        for _ in 1...3 {
            _ = cluster.acknowledgeUpdates()
            cluster.run(seconds: 0.5)
        }
        let call = #"{"type":"DRAIN_AGENT","drain_agent":{"agent_id":{"value":"\#(offer.agentID)"}}}"#
        #expect(cluster.post("/api/v1", call, to: "m1")?.status == 200)
        for _ in 1...3 {
            cluster.run(seconds: 1)
            _ = cluster.acknowledgeUpdates()
        }
        cluster.run(seconds: 1)
        let answer = cluster.get("/slaves", from: "m1")
        let view = try JSON(parsing: answer?.body ?? [])
        #expect(view["slaves"]?.array?.first?["drain_info"]?["state"] == "DRAINED")
        #expect(view["slaves"]?.array?.first?["deactivated"] == true)
        cluster.inbox = []
        cluster.run(seconds: 30)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self) == [])
        let again = #"{"type":"REACTIVATE_AGENT","reactivate_agent":{"agent_id":{"value":"\#(offer.agentID)"}}}"#
        #expect(cluster.post("/api/v1", again, to: "m1")?.status == 200)
        cluster.run(seconds: 3)
        #expect(cluster.takeInbox(Mesos.ResourceOffers.self).count == 1)
        #expect(cluster.master("m1")?.frameworks[framework]?.completed.map(\.state) == [.killed])
    }

    @Test func `a machine is taken down only out of a schedule and its agent stays out until it is up`() throws {
        var (cluster, _, _) = try Self.launched("1.4.3")
        let machine = #"[{"hostname":"a1.test","ip":"10.0.1.2"}]"#
        #expect(cluster.post("/machine/down", machine, to: "m1")?.status == 400)
        let schedule =
            #"{"windows":[{"machine_ids":[{"hostname":"a1.test","ip":"10.0.1.2"}],"unavailability":{"start":{"nanoseconds":1}}}]}"#
        #expect(cluster.post("/maintenance/schedule", schedule, to: "m1")?.status == 200)
        cluster.run(seconds: 1)
        #expect(cluster.get("/maintenance/status", from: "m1")?.text.contains("draining_machines") == true)
        #expect(cluster.post("/machine/down", machine, to: "m1")?.status == 200)
        cluster.run(seconds: 5)
        #expect(cluster.master("m1")?.agents.isEmpty == true)
        #expect(cluster.nodes["a1"]?.containers.isEmpty == true)
        cluster.startAgent("a1")
        cluster.run(seconds: 10)
        #expect(cluster.master("m1")?.agents.isEmpty == true)
        #expect(cluster.post("/machine/up", machine, to: "m1")?.status == 200)
        cluster.run(seconds: 1)
        cluster.startAgent("a1")
        cluster.run(seconds: 10)
        #expect(cluster.master("m1")?.agents.count == 1)
    }

    @Test func `states are saved and read back as they were`() throws {
        let (cluster, _, _) = try Self.launched("1.11.0")
        let master = try #require(cluster.master("m1"))
        let agent = try #require(cluster.agent("a1"))
        #expect(try Saved.copy(of: master).frameworks == master.frameworks)
        #expect(try Saved.copy(of: master).wakes == master.wakes)
        #expect(try Saved.copy(of: agent).runs == agent.runs)
    }
}
