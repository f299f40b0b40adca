import Daemons
import Testing

/// marathon-api.md 1.4.
@Suite struct MarathonAppListTests {
    static func world(_ release: String) throws -> World {
        let world = try World.leading(release)
        let apps: JSON = [
            ["id": "/web", "cmd": "python serve", "cpus": 0.1, "labels": ["tier": "front", "team": "a"]],
            ["id": "/api", "cmd": "java serve", "cpus": 0.1, "labels": ["tier": "back"]],
            ["id": "/db", "cmd": "Java store", "cpus": 0.1],
        ]
        world.ask("PUT", "/v2/apps", apps)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        return world
    }

    static func ids(_ world: World, _ query: String) -> [String] {
        (world.ask("GET", "/v2/apps?" + query).json["apps"]?.array ?? []).compactMap { $0["id"]?.string }.sorted()
    }

    @Test(
        arguments: [
            ("label=tier", ["/api", "/web"]), ("label=tier%3D%3Dfront", ["/web"]), ("label=tier!%3Dfront", ["/api"]),
            ("label=tier+in+(back,front),team", ["/web"]), ("label=tier+notin+(back)", ["/web"]),
            ("cmd=JAVA", ["/api", "/db"]),
            ("id=B", ["/db", "/web"]), ("cmd=java&id=db", ["/db"]), ("label=none", []),
        ])
    func `a list is filtered by all that is asked for`(_ query: String, _ ids: [String]) throws {
        for release in ["0.8.2", "1.11.24"] {
            #expect(Self.ids(try Self.world(release), query) == ids, "\(release) \(query)")
        }
    }

    @Test func `either filter was enough in 0_7, and labels were not known`() throws {
        let world = try Self.world("0.7.6")
        #expect(Self.ids(world, "cmd=java&id=web") == ["/api", "/db", "/web"])
        #expect(Self.ids(world, "label=tier").count == 3)
    }

    @Test(arguments: releases)
    func `members are embedded where they are asked for`(_ release: String) throws {
        let world = try Self.world(release)
        let first = { (query: String) in
            world.ask("GET", "/v2/apps?id=web&cmd=python&\(query)").json["apps"]?.array?.first
        }
        #expect(first("")?["tasks"] == nil)
        #expect(first("embed=apps.tasks")?["tasks"]?.array?.count == 1)
        #expect(first("embed=apps.failures")?["tasks"]?.array?.count == 1)
        let stats = first("embed=apps.taskStats")
        switch release {
        case "1.4.13": #expect(stats?["taskStats"]?["totalSummary"]?["stats"]?["counts"]?["running"] == 1)
        case "1.11.24": #expect(stats?["tasksStats"]?["withLatestConfig"]?["stats"]?["counts"]?["running"] == 1)
        default: #expect(stats?["taskStats"] == nil && stats?["tasksStats"] == nil)
        }
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `outdated tasks show while a rollout waits`(_ release: String) throws {
        let world = try Self.world(release)
        world.ask("PUT", "/v2/apps/web", ["cpus": 64])
        world.run(for: 2000)
        let app = world.ask("GET", "/v2/apps?id=web&embed=apps.taskStats").json["apps"]?.array?.first
        let stats = app?["taskStats"] ?? app?["tasksStats"]
        #expect(stats?["withOutdatedConfig"]?["stats"]?["counts"]?["running"] == 1)
        #expect(stats?["withLatestConfig"] == nil)
        #expect(app?["deployments"]?.array?.count == 1)
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `parts of a group are shown as named`(_ release: String) throws {
        let world = try Self.world(release)
        let group = world.ask("GET", "/v2/groups?embed=group.apps&embed=group.apps.counts").json
        #expect(group["groups"] == nil)
        #expect(group["apps"]?.array?.first?["tasksRunning"] == 1)
        #expect(world.ask("GET", "/v2/groups").json["apps"]?.array?.first?["tasksRunning"] == nil)
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `a PATCH changes what is there and creates nothing`(_ release: String) throws {
        let world = try Self.world(release)
        #expect(world.ask("PATCH", "/v2/apps/none", ["instances": 2]).status == 404)
        #expect(world.ask("PATCH", "/v2/apps/web", ["instances": 2]).status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/web") == 2)
        let whole = world.ask("PUT", "/v2/apps/web?partialUpdate=false", ["cmd": "sleep 9", "cpus": 0.1])
        #expect(whole.status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/web") == 1)
    }
}
