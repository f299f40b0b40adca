import Daemons
import Testing

@Suite struct MarathonFrameworkTests {
    @Test(arguments: releases)
    func `failing tasks come back more and more slowly`(_ release: String) throws {
        let world = try World.leading(release)
        world.master.fate = { _ in [(20, .running), (40, .failed)] }
        var launches: [Moment] = []
        var seen: Set<String> = []
        world.watch = { world in
            for id in world.master.tasks.keys where seen.insert(id).inserted { launches.append(world.now) }
        }
        let app: JSON = [
            "id": "/crash", "cmd": "exit 1", "cpus": 0.1, "backoffSeconds": 20, "backoffFactor": 2,
            "maxLaunchDelaySeconds": 60,
        ]
        world.ask("POST", "/v2/apps", app)
        world.run(for: 300_000)
        let gaps = zip(launches.dropFirst(), launches).map { $0 - $1 }
        try #require(gaps.count >= 4)
        #expect(gaps[0] >= 20_000)
        #expect(gaps[1] >= 40_000)
        // 0.7 knows no limit but its default of an hour.
        if release != "0.7.6" { #expect(gaps[2] >= 60_000 && gaps[2] < 75_000) }
        let item = try #require(world.ask("GET", "/v2/queue").json["queue"]?.array?.first)
        #expect(item["delay"]?["overdue"] == false)
        let failure = world.ask("GET", "/v2/apps/crash").json["app"]?["lastTaskFailure"]
        #expect(failure?["state"] == "TASK_FAILED")
        if release.hasPrefix("1.") {
            #expect((item["delay"]?["timeLeftSeconds"]?.int ?? 0) > 0)
            #expect(world.ask("DELETE", "/v2/queue/crash/delay").status == 204)
            #expect(world.ask("DELETE", "/v2/queue/none/delay").status == 404)
            let after = world.ask("GET", "/v2/queue").json["queue"]?.array?.first
            #expect(after?["delay"]?["overdue"] == true)
        }
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `the queue tells why a rollout without resources does not go on`(_ release: String) throws {
        let world = try World.leading(release, agents: [TinyMaster.Agent(1, cpus: 1, mem: 4096)])
        #expect(world.create(["id": "/full", "cmd": "sleep 1", "cpus": 0.8, "mem": 64]))
        world.ask("PUT", "/v2/apps/full", ["cmd": "sleep 2"])
        world.run(for: 600_000)
        #expect(world.deployments.count == 1)
        #expect(world.runningCount("/full") == 1)
        let item = try #require(world.ask("GET", "/v2/queue").json["queue"]?.array?.first)
        #expect(item["count"] == 1)
        #expect(item["delay"] == ["timeLeftSeconds": 0, "overdue": true])
        let summary = try #require(item["processedOffersSummary"])
        let last = summary["rejectSummaryLastOffers"]?.array ?? []
        #expect(last.first { $0["reason"] == "InsufficientCpus" }?["declined"] == 1)
        #expect(last.first { $0["reason"] == "InsufficientMemory" }?["processed"] == 0)
        #expect((summary["unusedOffersCount"]?.int ?? 0) > 0)
        // A smaller floor frees the place for the new task.
        let strategy: JSON = ["minimumHealthCapacity": 0, "maximumOverCapacity": 0]
        #expect(world.ask("PUT", "/v2/apps/full?force=true", ["upgradeStrategy": strategy]).status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/full") == 1)
    }

    @Test(arguments: releases)
    func `tasks spread as their constraints say`(_ release: String) throws {
        let rack = { (name: String) in [Mesos.Attribute("rack", .text(name))] }
        let agents = [
            TinyMaster.Agent(1, attributes: rack("r1")), TinyMaster.Agent(2, attributes: rack("r1")),
            TinyMaster.Agent(3, attributes: rack("r2")),
        ]
        let world = try World.leading(release, agents: agents)
        let app = { (id: String, instances: Int, constraint: JSON) -> JSON in
            [
                "id": .string(id), "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "instances": .integer(instances),
                "constraints": [constraint],
            ]
        }
        let hosts = { (id: String) in world.tasks(id).compactMap { $0["host"]?.string }.sorted() }
        #expect(world.create(app("/unique", 3, ["hostname", "UNIQUE"])))
        #expect(hosts("/unique") == ["node1", "node2", "node3"])
        #expect(world.create(app("/like", 2, ["rack", "LIKE", "r[2-9]"])))
        #expect(hosts("/like") == ["node3", "node3"])
        #expect(world.create(app("/unlike", 2, ["rack", "UNLIKE", "r1"])))
        #expect(hosts("/unlike") == ["node3", "node3"])
        #expect(world.create(app("/cluster", 2, ["rack", "CLUSTER", "r2"])))
        #expect(hosts("/cluster") == ["node3", "node3"])
        #expect(world.create(app("/group", 4, ["rack", "GROUP_BY"])))
        #expect(hosts("/group").count { $0 == "node3" } == 2)
        if release.hasPrefix("1.") {
            #expect(world.create(app("/max", 4, ["rack", "MAX_PER", "2"])))
            #expect(hosts("/max").count { $0 == "node3" } == 2)
        }
        world.ask("POST", "/v2/apps", app("/four", 4, ["hostname", "UNIQUE"]))
        world.run(for: 200_000)
        #expect(world.runningCount("/four") == 3)
    }

    @Test(arguments: releases)
    func `a task has its ports and its app in the environment`(_ release: String) throws {
        let world = World(release)
        try world.start("a", release.hasPrefix("1.") ? ["--env_vars_prefix", "P_"] : [])
        world.run(for: 3000)
        #expect(world.create(["id": "/a/b", "cmd": "sleep 1", "cpus": 0.1, "ports": [9000, 9001], "env": ["X": "y"]]))
        let task = try #require(world.master.tasks.values.first)
        let variables = task.info.command.environment
        let prefix = release.hasPrefix("1.") ? "P_" : ""
        let ports = task.info.resources.ports.flatMap { Array($0) }
        let first = try #require(variables[prefix + "PORT0"].flatMap { Int($0) })
        #expect(ports.contains(first) && ports.count == 2)
        #expect(variables[prefix + "PORT"] == "\(first)")
        #expect(variables[prefix + "PORTS"] == "\(first),\(variables[prefix + "PORT1"] ?? "")")
        #expect(variables[prefix + "HOST"]?.hasPrefix("node") == true)
        #expect(variables["MARATHON_APP_ID"] == "/a/b")
        #expect(variables["X"] == "y")
        #expect(task.info.name == "b.a")
        if release != "0.7.6" { #expect(variables[prefix + "PORT_9000"] == "\(first)") }
    }

    @Test(arguments: releases)
    func `a docker app is a container with its mappings`(_ release: String) throws {
        let world = try World.leading(release)
        let app: JSON = [
            "id": "/d", "cpus": 0.1, "mem": 16,
            "container": [
                "type": "DOCKER",
                "docker": [
                    "image": "nginx", "network": "BRIDGE", "portMappings": [["containerPort": 80, "hostPort": 0]],
                ],
                "volumes": [["containerPath": "/in", "hostPath": "/out", "mode": "RO"]],
            ],
        ]
        #expect(world.create(app))
        let info = try #require(world.master.tasks.values.first?.info)
        let docker = try #require(info.docker)
        #expect(docker.image == "nginx" && docker.network == "BRIDGE")
        #expect(docker.volumes == ["/out:/in:ro"])
        #expect(docker.portMappings.map(\.containerPort) == [80])
        #expect(31_000...32_000 ~= docker.portMappings[0].hostPort)
        #expect(info.command.value == nil)
    }

    @Test(arguments: releases)
    func `what is staged for too long is killed and started again`(_ release: String) throws {
        let world = try World.leading(release)
        world.master.fate = { _ in [] }
        world.ask("POST", "/v2/apps", ["id": "/slow", "cmd": "sleep 1", "cpus": 0.1])
        world.run(for: release == "0.7.6" ? 55_000 : 290_000)
        #expect(world.master.kills.isEmpty)
        let first = world.master.tasks.keys.first
        world.master.fate = { _ in [(50, .running)] }
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.master.kills == [first])
        #expect(world.runningCount("/slow") == 1)
    }

    @Test(arguments: releases)
    func `a lost task is replaced`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(["id": "/x", "cmd": "sleep 1", "cpus": 0.1, "instances": 2]))
        let id = try #require(world.master.tasks.keys.sorted().first)
        world.master.update(id, .lost, in: world)
        world.run(for: 200_000)
        #expect(world.runningCount("/x") == 2)
        #expect(world.master.tasks[id] == nil)
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `an unreachable task is replaced, and killed when it comes back`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(["id": "/x", "cmd": "sleep 1", "cpus": 0.1]))
        let id = try #require(world.master.tasks.keys.first)
        world.master.update(id, .unreachable, in: world)
        world.run(for: 150_000)
        #expect(world.runningCount("/x") == 1)
        #expect(world.master.tasks.count == 2)
        world.master.update(id, .running, in: world)
        world.run(for: 1000)
        #expect(world.master.kills == [id])
    }

    @Test(arguments: releases)
    func `unhealthy tasks are killed after their grace`(_ release: String) throws {
        let world = try World.leading(release)
        let check: JSON = [
            "protocol": "HTTP", "path": "/health", "portIndex": 0, "gracePeriodSeconds": 60, "intervalSeconds": 10,
            "maxConsecutiveFailures": 2,
        ]
        var sick = false
        world.health = { _ in sick ? "503" : nil }
        #expect(world.create(["id": "/h", "cmd": "sleep 1", "cpus": 0.1, "healthChecks": [check]]))
        let task = try #require(world.tasks("/h").first)
        #expect(task["healthCheckResults"]?.array?.first?["alive"] == true)
        if release != "0.7.6" { #expect(world.ask("GET", "/v2/apps/h").json["app"]?["tasksHealthy"] == 1) }
        sick = true
        world.run(for: 22_000)
        #expect(world.master.kills.isEmpty)
        world.run(for: 20_000)
        #expect(world.master.kills == [task["id"]?.string])
        // The next one is sick from its beginning, and has its grace.
        world.run(until: { $0.runningCount("/h") == 1 })
        world.run(for: 55_000)
        #expect(world.master.kills.count == 1)
        world.run(for: 60_000)
        #expect(world.master.kills.count == 2)
    }

    @Test(arguments: releases)
    func `tasks can be killed, with and without their places`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(["id": "/x", "cmd": "sleep 1", "cpus": 0.1, "instances": 3]))
        let ids = world.tasks("/x").compactMap { $0["id"]?.string }
        let killed = world.ask("DELETE", "/v2/apps/x/tasks/\(ids[0])")
        #expect(killed.json["task"]?["id"]?.string == ids[0])
        world.run(for: 200_000)
        #expect(world.runningCount("/x") == 3)
        let target = try #require(world.tasks("/x").first?["id"]?.string)
        let scaled = world.ask("DELETE", "/v2/apps/x/tasks/\(target)?scale=true")
        #expect(scaled.json["deploymentId"] != nil)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/x") == 2)
        #expect(world.master.tasks[target] == nil)
        #expect(world.ask("GET", "/v2/apps/x").json["app"]?["instances"] == 2)
        #expect(world.ask("DELETE", "/v2/apps/x/tasks/none").status == 404)
    }
}
