import Reconciler
import Specs
import Testing

@testable import Lab

@Suite("The client and the lab's Marathons", .timeLimit(.minutes(20)))
struct MarathonClientLabTests {
    static let app: AppValue = [
        "id": "/shop/cart", "cmd": "sleep 1000", "cpus": 0.1, "mem": 16, "instances": 2, "env": ["TOKEN": "t-9999"],
    ]

    private func create(_ cluster: MarathonCluster, _ client: MarathonClient, id: String = "/shop/cart") async throws {
        var members = try #require(Self.app.members)
        members["id"] = .text(Content(id))
        let body = AppValue.object(members)
        _ = try await client.put(AppWrite(.merge, body: body), id: id, force: false)
        let runs = try await cluster.wait {
            let app = try await client.app(id)
            return app?.tasksRunning == 2 && app?.deployments == []
        }
        #expect(runs, "\(id) does not run")
    }

    @Test(arguments: MarathonCluster.releases)
    func `an app is created, scaled, restarted and deleted, and seen at every step`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client()
        let desired = desiredApps(["/shop/cart": Self.app])
        try await cluster.run {
            let before = try #require(await client.observe(desired).value)
            #expect(before.context.release == MarathonRelease(release))
            #expect(before.apps.isEmpty && before.hidden.isEmpty && before.leader != nil)
            #expect(cluster.log.writes == [])

            let created = try await client.put(AppWrite(.merge, body: Self.app), id: "/shop/cart", force: false)
            // Up to 0.8.0 a creation answers with the app alone (marathon-api.md 1.4).
            #expect((created.deployment == nil) == (release == "0.7.6"))
            let runs = try await cluster.wait { try await client.app("/shop/cart")?.tasksRunning == 2 }
            #expect(runs)

            let seen = try #require(await client.observe(desired).value?.apps["/shop/cart"])
            #expect(seen.definition["cmd"] == "sleep 1000" && seen.instances == 2)
            #expect(seen.outdatedTasks == 0)
            #expect(try await client.tasks("/shop/cart")?.count { $0.isRunning } == 2)
            #expect(try await client.versions("/shop/cart")?.contains(seen.version) == true)
            let raw = try #require(try await client.app("/shop/cart", version: seen.version))
            #expect(raw.definition["cmd"] == "sleep 1000")

            let scaled = try await client.put(AppWrite(.merge, body: ["instances": 3]), id: "/shop/cart", force: false)
            let isScaled = try await cluster.wait {
                let app = try await client.app("/shop/cart")
                return app?.tasksRunning == 3 && app?.deployments == []
            }
            #expect(isScaled)
            let after = try #require(await client.observe(desired).value)
            #expect(after.apps["/shop/cart"]?.outdatedTasks == 0, "only scaled")
            #expect(after.deployments.allSatisfy { $0.id != scaled.deployment })

            let old = Set(try await client.tasks("/shop/cart")?.map(\.id) ?? [])
            _ = try await client.restart(id: "/shop/cart", force: false)
            let isRestarted = try await cluster.wait {
                let tasks = try await client.tasks("/shop/cart")?.filter(\.isRunning).map(\.id) ?? []
                return tasks.count == 3 && old.isDisjoint(with: tasks)
            }
            #expect(isRestarted)

            _ = try await client.delete(id: "/shop/cart", force: true)
            let isGone = try await cluster.wait { try await client.app("/shop/cart") == nil }
            #expect(isGone)
            #expect(await client.observe(desired).value?.apps.isEmpty == true)
        }
    }

    @Test(arguments: MarathonCluster.releases)
    func `a standby answers as the leader does`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let standby = try cluster.standby
        let client = try cluster.client(reach: try cluster.reach(first: standby))
        try await cluster.run {
            try await create(cluster, client)
            let seen = try #require(await client.observe(desiredApps(["/shop/cart": Self.app])).value)
            let address = try #require(cluster.spec.nodes.first { $0.name.value == standby }?.address.value)
            #expect(seen.endpoint == "http://\(address):8080")
            #expect(seen.leader?.hasPrefix(address + ":") == false)
            #expect(seen.apps["/shop/cart"]?.tasksRunning == 2)
        }
    }

    @Test(arguments: MarathonCluster.releases)
    func `a leader that is killed is replaced by another, which goes on`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client(reach: try cluster.reach(first: try #require(try cluster.leader)))
        try await cluster.run {
            try await create(cluster, client)
            let leader = try #require(try cluster.leader)
            _ = try await client.put(AppWrite(.merge, body: ["instances": 4]), id: "/shop/cart", force: false)
            try cluster.inject(.stop("marathon", on: leader))
            let seen = try await cluster.wait {
                let seen = await client.observe(desiredApps(["/shop/cart": Self.app])).value
                #expect(seen?.hidden.isEmpty != false)
                let app = seen?.apps["/shop/cart"]
                // Whatever answers: the app is never absent.
                if seen != nil { #expect(app?.instances == 2 || app?.instances == 4) }
                return app?.tasksRunning == 4 && app?.deployments == []
            }
            #expect(seen)
            #expect(try cluster.leader != leader)
            let ticket = try await client.put(AppWrite(.merge, body: ["instances": 1]), id: "/shop/cart", force: false)
            #expect(ticket.deployment != nil)
        }
    }

    @Test(arguments: MarathonCluster.releases)
    func `an app that cannot be placed waits in the queue, and locks itself`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client()
        try await cluster.run {
            let huge: AppValue = ["id": "/huge", "cmd": "sleep 1000", "cpus": 9000, "mem": 16, "instances": 1]
            let ticket = try await client.put(AppWrite(.merge, body: huge), id: "/huge", force: false)
            let waits = try await cluster.wait {
                let isQueued = try await client.queue()["/huge"]?.count == 1
                let isDeploying = try await !client.deployments().isEmpty
                return isQueued && isDeploying
            }
            #expect(waits)
            try await cluster.lab.clock.sleep(for: .seconds(120))
            let entry = try #require(try await client.queue()["/huge"])
            #expect(entry.isOverdue)
            if try #require(MarathonRelease(release)) >= MarathonRelease(1, 4) {
                #expect(entry.lastRejections?.contains { $0.reason == "InsufficientCpus" && $0.declined > 0 } == true)
            } else {
                #expect(entry.lastRejections == nil)
            }
            let deployment = try #require(try await client.deployments().first)
            #expect(deployment.affectedApps == ["/huge"])
            #expect(deployment.currentActions == [.init(action: "ScaleApplication", app: "/huge")])
            #expect(deployment.totalSteps == 2)
            #expect(ticket.deployment.map { $0 == deployment.id } ?? (release == "0.7.6"))
            let smaller = AppWrite(.merge, body: ["cpus": 0.1])
            let put = try await refusal { try await client.put(smaller, id: "/huge", force: false) }
            #expect(put?.kind == .locked(deployments: [deployment.id]) && put?.mayHaveBeenDone == false)
            let delete = try await refusal { try await client.delete(id: "/huge") }
            #expect(delete?.kind == .locked(deployments: [deployment.id]))
            _ = try await client.put(smaller, id: "/huge", force: true)
            let runs = try await cluster.wait { try await client.app("/huge")?.tasksRunning == 1 }
            #expect(runs)
        }
    }

    @Test(arguments: MarathonCluster.releases)
    func `what is refused says why in Marathon's words`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client(secrets: SecretStore([.environment("PW"): "hunter2"]))
        try await cluster.run {
            let secret = AppValue.text(Content([.secret(.environment("PW"))]))
            let wrong: AppValue = ["id": "/wrong", "cpus": "many", "mem": 16, "env": ["PW": secret]]
            let write = AppWrite(.merge, body: wrong)
            let put = try await refusal { try await client.put(write, id: "/wrong", force: false) }
            #expect(put?.kind == .invalid, "\(put?.message ?? "")")
            #expect(put?.message.contains("hunter2") == false)
            let app = try await client.app("/wrong")
            #expect(app == nil)
            let restart = try await refusal { try await client.restart(id: "/wrong", force: false) }
            #expect(restart?.kind == .missing)
        }
    }

    @Test(arguments: MarathonCluster.releases)
    func `tasks that fail say how, without secrets`(release: String) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client(secrets: SecretStore([.environment("TOKEN"): "t-9999"]))
        try await cluster.run {
            try await create(cluster, client)
            let seen = try #require(await client.observe(desiredApps(["/shop/cart": [:]])).value?.apps["/shop/cart"])
            #expect(seen.definition["env"]?["TOKEN"] == .text(Content([.secret(.environment("TOKEN"))])))
            let crash: AppValue = ["id": "/crash", "cmd": "exit 1", "cpus": 0.1, "mem": 16, "instances": 1]
            _ = try await client.put(AppWrite(.merge, body: crash), id: "/crash", force: false)
            let failed = try await cluster.wait { try await client.lastTaskFailure("/crash") != nil }
            #expect(failed)
            let failure = try #require(try await client.lastTaskFailure("/crash"))
            #expect(failure.state == "TASK_FAILED" && failure.task.hasPrefix("crash"))
        }
    }

    /// From 1.9 groups are asked as well, for the role that they enforce.
    @Test(arguments: [("0.8.2", 3), ("1.11.24", 4)])
    func `a plan over equal apps writes nothing and asks a few times`(release: String, questions: Int) async throws {
        let cluster = try await MarathonCluster.of(release)
        let client = try cluster.client()
        try await cluster.run {
            for id in ["/a", "/b", "/c"] { try await create(cluster, client, id: id) }
            cluster.log.clear()
            let seen = await client.observe(desiredApps(["/a": Self.app, "/b": Self.app, "/c": Self.app])).value
            #expect(seen?.apps.keys.sorted() == ["/a", "/b", "/c"])
            #expect(cluster.log.all.count == questions && cluster.log.writes == [])
        }
    }
}
