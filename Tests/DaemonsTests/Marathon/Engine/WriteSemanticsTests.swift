import Daemons
import Testing

/// marathon-api.md 2.2, 2.3 and 5.5.
@Suite struct MarathonWriteSemanticsTests {
    static let app: JSON = ["id": "/web", "cmd": "sleep 100", "instances": 2, "cpus": 0.5, "mem": 64]
    /// More than all agents have.
    static let huge: JSON = ["id": "/huge", "cmd": "sleep 1", "cpus": 64]

    @Test(arguments: releases)
    func `a PUT that changes nothing has a fresh deployment, and restarts in 0_7_6 only`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let before = Set(world.tasks("/web").compactMap { $0["id"]?.string })
        let first = world.ask("PUT", "/v2/apps/web", ["cmd": "sleep 100"])
        #expect(first.status == 200)
        #expect(world.deployments.isEmpty == (release != "0.7.6"))
        #expect(world.run(until: { $0.deployments.isEmpty }))
        let second = world.ask("PUT", "/v2/apps/web", ["cmd": "sleep 100"])
        #expect(second.status == 200)
        #expect(first.json["deploymentId"] != second.json["deploymentId"])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        world.run(for: 2000)
        let after = Set(world.tasks("/web").compactMap { $0["id"]?.string })
        #expect((before == after) == (release != "0.7.6"))
    }

    @Test(arguments: releases)
    func `a no-op keeps the version that requests see, except in 0_7_6`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let version = { world.ask("GET", "/v2/apps/web").json["app"]?["version"]?.string }
        let groups = { world.ask("GET", "/v2/groups").json["version"]?.string }
        let (before, root) = (version(), groups())
        world.ask("PUT", "/v2/apps/web", ["cmd": "sleep 100"])
        #expect((version() == before) == (release != "0.7.6"))
        #expect(groups() != root)
    }

    @Test(arguments: releases)
    func `an app under deployment is locked until it is forced`(_ release: String) throws {
        let world = try World.leading(release)
        let created = world.ask("POST", "/v2/apps", Self.huge)
        #expect(created.status == 201, "\(created.text)")
        let id = try #require(world.deployments.first?["id"]?.string)
        let refused = world.ask("PUT", "/v2/apps/huge", ["instances": 2])
        #expect(refused.status == 409)
        #expect(refused.json["deployments"] == [["id": .string(id)]])
        #expect(
            refused.json["message"]?.string
                == "App is locked by one or more deployments. Override with the option '?force=true'. "
                + "View details at '/v2/deployments/<DEPLOYMENT_ID>'.")
        let forced = world.ask("PUT", "/v2/apps/huge?force=true", ["cpus": 0.1])
        #expect(forced.status == 200)
        #expect(world.deployments.count == 1)
        #expect(world.deployments.first?["id"] == forced.json["deploymentId"])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/huge") == 1)
    }

    @Test(arguments: ["0.8.2", "1.4.13", "1.11.24"])
    func `a no-op of a locked app is not refused`(_ release: String) throws {
        let world = try World.leading(release)
        world.ask("POST", "/v2/apps", Self.huge)
        #expect(world.ask("PUT", "/v2/apps/huge", ["cpus": 64]).status == 200)
        #expect(world.deployments.count == 1)
    }

    @Test(arguments: releases)
    func `a second POST replaces in 0_7 and is a duplicate later`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let again = world.ask("POST", "/v2/apps", Self.app)
        #expect(again.status == (release == "0.7.6" ? 201 : 409))
        guard release != "0.7.6" else { return }
        #expect(again.json["message"] == "An app with id [/web] already exists.")
        #expect(again.json["deployments"] == nil)
    }

    @Test(arguments: releases)
    func `after a forced cancel the same definition is a no-op that leaves the old tasks`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let update: JSON = ["cpus": 64]
        let id = try #require(world.ask("PUT", "/v2/apps/web", update).json["deploymentId"]?.string)
        world.run(for: 2000)
        let cancelled = world.ask("DELETE", "/v2/deployments/\(id)?force=true")
        #expect(cancelled.status == 202)
        #expect(cancelled.response.body.isEmpty)
        #expect(world.deployments.isEmpty)
        guard release != "0.7.6" else { return }
        #expect(world.ask("PUT", "/v2/apps/web", update).status == 200)
        #expect(world.deployments.isEmpty)
        #expect(world.runningCount("/web") == 2)
    }

    @Test(arguments: releases)
    func `a deployment deleted is rolled back by another`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let id = try #require(world.ask("PUT", "/v2/apps/web", ["cpus": 64]).json["deploymentId"]?.string)
        let back = world.ask("DELETE", "/v2/deployments/\(id)")
        #expect(back.status == 200)
        #expect(back.json["deploymentId"]?.string != id)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        let cpus = world.ask("GET", "/v2/apps/web").json["app"]?["cpus"]?.double
        #expect(cpus == 0.5)
        #expect(world.ask("DELETE", "/v2/deployments/\(id)").status == 404)
    }

    @Test(arguments: releases)
    func `the rollback of a create deletes`(_ release: String) throws {
        let world = try World.leading(release)
        world.ask("POST", "/v2/apps", Self.huge)
        let id = try #require(world.deployments.first?["id"]?.string)
        #expect(world.ask("DELETE", "/v2/deployments/\(id)").status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.ask("GET", "/v2/apps/huge").status == 404)
        #expect(world.ask("GET", "/v2/queue").json == ["queue": []])
    }

    @Test(arguments: releases)
    func `many apps are put in one deployment or not at all`(_ release: String) throws {
        let world = try World.leading(release)
        let apps: JSON = [
            ["id": "/a", "cmd": "sleep 1", "dependencies": ["/b"], "cpus": 0.1], ["id": "/b", "cmd": "sleep 1", "cpus": 0.1],
        ]
        let put = world.ask("PUT", "/v2/apps", apps)
        #expect(put.status == 200, "\(put.text)")
        #expect(world.deployments.count == 1)
        #expect(world.deployments.first?["affectedApps"] == ["/a", "/b"])
        #expect(world.deployments.first?["totalSteps"] == 3)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        let bad = world.ask("PUT", "/v2/apps", [["id": "/a", "cmd": "sleep 2"], ["id": "/C_", "cmd": "x y"]])
        #expect(bad.status == 422)
        #expect(world.deployments.isEmpty)
        #expect(world.ask("GET", "/v2/apps/a").json["app"]?["cmd"] == "sleep 1")
    }

    @Test(arguments: releases)
    func `a version put alone rolls back to it`(_ release: String) throws {
        guard release != "0.7.6" else { return }
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let versions = { world.ask("GET", "/v2/apps/web/versions").json["versions"]?.array ?? [] }
        let first = try #require(versions().first?.string)
        world.ask("PUT", "/v2/apps/web", ["cmd": "sleep 5"])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(versions().count == 2)
        #expect(versions().last?.string == first)
        #expect(world.ask("GET", "/v2/apps/web/versions/\(first)").json["cmd"] == "sleep 100")
        let back = world.ask("PUT", "/v2/apps/web", ["id": "/web", "version": .string(first)])
        #expect(back.status == 200, "\(back.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.ask("GET", "/v2/apps/web").json["app"]?["cmd"] == "sleep 100")
    }

    @Test(arguments: releases)
    func `a restart replaces every task and changes nothing else`(_ release: String) throws {
        let world = try World.leading(release)
        #expect(world.create(Self.app))
        let before = Set(world.tasks("/web").compactMap { $0["id"]?.string })
        let restarted = world.ask("POST", "/v2/apps/web/restart")
        #expect(restarted.status == 200, "\(restarted.text)")
        #expect(world.deployments.first?["totalSteps"] == 1)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        world.run(for: 2000)
        let after = Set(world.tasks("/web").compactMap { $0["id"]?.string })
        #expect(after.count == 2)
        #expect(before.isDisjoint(with: after))
    }
}
