import Daemons
import Testing

@Suite struct MarathonLifecycleTests {
    static let app: JSON = ["id": "/prod/web", "cmd": "sleep 100", "instances": 3, "cpus": 0.5, "mem": 64]

    @Test(arguments: releases)
    func `an app is created, scaled, updated and deleted`(_ release: String) throws {
        let world = try World.leading(release)
        let created = world.ask("POST", "/v2/apps", Self.app)
        #expect(created.status == 201, "\(created.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/prod/web") == 3)

        let scaled = world.ask("PUT", "/v2/apps/prod/web", ["instances": 5])
        #expect(scaled.status == 200, "\(scaled.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.runningCount("/prod/web") == 5)

        let before = Set(world.tasks("/prod/web").compactMap { $0["id"]?.string })
        let updated = world.ask("PUT", "/v2/apps/prod/web", ["cmd": "sleep 200"])
        #expect(updated.status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        world.run(for: 5000)
        let after = Set(world.tasks("/prod/web").compactMap { $0["id"]?.string })
        #expect(after.count == 5)
        #expect(before.isDisjoint(with: after))
        #expect(world.master.tasks.values.allSatisfy { $0.info.command.value == "sleep 200" })

        let shrunk = world.ask("PUT", "/v2/apps/prod/web", ["instances": 1])
        #expect(shrunk.status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.master.tasks.count == 1)

        let deleted = world.ask("DELETE", "/v2/apps/prod/web")
        #expect(deleted.status == 200)
        #expect(deleted.json["deploymentId"]?.string != nil)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(world.master.tasks.isEmpty)
        #expect(world.ask("GET", "/v2/apps/prod/web").status == 404)
        #expect(world.ask("GET", "/v2/apps").json == ["apps": []])
    }
}
