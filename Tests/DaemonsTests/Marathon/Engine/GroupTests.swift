import Daemons
import Testing

/// marathon-api.md 1.6.
@Suite struct MarathonGroupTests {
    static let group: JSON = [
        "id": "/prod",
        "apps": [
            ["id": "web", "cmd": "sleep 1", "cpus": 0.1, "mem": 16],
            ["id": "api", "cmd": "sleep 1", "cpus": 0.1, "mem": 16],
        ],
        "groups": [["id": "db", "apps": [["id": "sql", "cmd": "sleep 1", "cpus": 0.1, "mem": 16]]]],
    ]

    static func world(_ release: String) throws -> World {
        let world = try World.leading(release)
        let created = world.ask("POST", "/v2/groups", group)
        #expect(created.status == 201, "\(created.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        return world
    }

    static func ids(_ world: World) -> [String] {
        (world.ask("GET", "/v2/apps").json["apps"]?.array ?? []).compactMap { $0["id"]?.string }.sorted()
    }

    @Test(arguments: releases)
    func `a group is created once`(_ release: String) throws {
        let world = try Self.world(release)
        #expect(Self.ids(world) == ["/prod/api", "/prod/db/sql", "/prod/web"])
        let again = world.ask("POST", "/v2/groups", Self.group)
        #expect(again.status == 409)
        #expect(again.json["message"] == "Group /prod is already created. Use PUT to change this group.")
        let group = world.ask("GET", "/v2/groups/prod").json
        #expect(group["apps"]?.array?.map { $0["id"] } == ["/prod/api", "/prod/web"])
        #expect(group["groups"]?.array?.first?["id"] == "/prod/db")
        #expect((group["pods"] != nil) == release.hasPrefix("1."))
        #expect((group["enforceRole"] != nil) == (release == "1.11.24"))
        #expect(world.ask("GET", "/v2/apps/prod/*").json["*"]?.array?.count == 3)
    }

    @Test(arguments: releases)
    func `what a PUT lists is replaced, and what it does not list goes`(_ release: String) throws {
        let world = try Self.world(release)
        let body: JSON = ["apps": [["id": "web", "cmd": "sleep 2", "cpus": 0.1, "mem": 16]]]
        let put = world.ask("PUT", "/v2/groups/prod", body)
        #expect(put.status == 200, "\(put.text)")
        #expect(world.deployments.first?["affectedApps"] == ["/prod/api", "/prod/web"])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(Self.ids(world) == ["/prod/db/sql", "/prod/web"])
        #expect(world.ask("PUT", "/v2/groups/prod", ["groups": []]).status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(Self.ids(world) == ["/prod/web"])
        #expect(world.ask("GET", "/v2/groups/prod/db").status == 404)
    }

    @Test(arguments: releases)
    func `a group goes back to a version`(_ release: String) throws {
        let world = try Self.world(release)
        let version = try #require(world.ask("GET", "/v2/groups").json["version"])
        world.ask("PUT", "/v2/groups/prod", ["apps": [], "groups": []])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(Self.ids(world).isEmpty)
        let back = world.ask("PUT", "/v2/groups", ["version": version])
        #expect(back.status == 200, "\(back.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(Self.ids(world) == ["/prod/api", "/prod/db/sql", "/prod/web"])
        let versions = world.ask("GET", "/v2/groups/versions").json.array ?? []
        #expect(versions.contains(version))
        let former = world.ask("GET", "/v2/groups/versions/\(version.string ?? "")").json
        #expect(former["groups"]?.array?.first?["apps"]?.array?.count == 2)
    }

    @Test(arguments: releases)
    func `a group is multiplied`(_ release: String) throws {
        let world = try Self.world(release)
        #expect(world.ask("PUT", "/v2/groups/prod", ["scaleBy": 3]).status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/prod/web") == 3)
        #expect(world.runningCount("/prod/db/sql") == 3)
    }

    @Test(arguments: ["0.8.2", "1.4.13", "1.11.24"])
    func `a dry run shows steps and changes nothing`(_ release: String) throws {
        let world = try World.leading(release)
        let answer = world.ask("PUT", "/v2/groups?dryRun=true", Self.group)
        #expect(answer.status == 200)
        let steps = answer.json["steps"]?.array ?? []
        #expect(steps.count == 2)
        let key = release == "0.8.2" ? "type" : "action"
        #expect(steps.first?["actions"]?.array?.first?[key] == "StartApplication")
        #expect(Self.ids(world).isEmpty)
        #expect(world.ask("GET", "/v2/groups/prod").status == 404)
    }

    @Test(arguments: releases)
    func `the same group again restarts its apps in 0_7_6 only`(_ release: String) throws {
        let world = try Self.world(release)
        let before = Set(world.master.tasks.keys)
        world.ask("PUT", "/v2/groups", ["groups": [Self.group]])
        #expect(world.deployments.isEmpty == (release != "0.7.6"))
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect((before == Set(world.master.tasks.keys)) == (release != "0.7.6"))
    }

    @Test(arguments: releases)
    func `a group is deleted with everything below`(_ release: String) throws {
        let world = try Self.world(release)
        #expect(world.ask("DELETE", "/v2/groups/prod").status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.master.tasks.isEmpty)
        #expect(world.ask("GET", "/v2/groups").json["groups"] == [])
    }
}
