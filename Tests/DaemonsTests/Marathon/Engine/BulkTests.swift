import Daemons
import Testing

@Suite struct MarathonBulkTests {
    @Test func `one app among thousands is written alone`() throws {
        let world = try World.leading("1.4.13", agents: [])
        let apps = (0..<2000).map { number -> JSON in
            ["id": .string("/g\(number % 20)/a\(number)"), "cmd": "sleep 1", "instances": 0]
        }
        #expect(world.ask("PUT", "/v2/apps", .array(apps)).status == 200)
        world.run(for: 1000)
        #expect(world.deployments.isEmpty)
        let (writes, bytes) = (world.zoo.writes, world.zoo.writtenBytes)
        #expect(world.ask("PUT", "/v2/apps/g1/a1", ["cmd": "sleep 2"]).status == 200)
        world.run(for: 1000)
        #expect(world.zoo.writes - writes <= 6)
        #expect(world.zoo.writtenBytes - bytes < 20_000)
        #expect(
            Set(world.ask("GET", "/v2/apps").json["apps"]?.array?.compactMap { $0["ports"]?.array?.first?.int } ?? [])
                .count == 2000
        )
    }

    @Test func `versions are kept as many as the flag says`() throws {
        let world = World("1.4.13")
        try world.start("a", ["--zk_max_versions", "3"])
        world.run(for: 3000)
        for number in 1...6 {
            world.ask("PUT", "/v2/apps/x", ["cmd": .string("sleep \(number)"), "instances": 0])
            world.run(for: 100)
        }
        #expect(world.ask("GET", "/v2/apps/x/versions").json["versions"]?.array?.count == 3)
        let kept = world.zoo.children("/marathon/state")
        #expect(kept.count { $0.hasPrefix("app:x:") } == 3)
        #expect(kept.count { $0.hasPrefix("group:root:") } == 3)
        world.ask("DELETE", "/v2/apps/x")
        world.run(for: 1000)
        #expect(world.zoo.children("/marathon/state").allSatisfy { !$0.hasPrefix("app:") })
    }

    @Test func `what is too long for a node is kept in several`() throws {
        let world = try World.leading("0.8.2")
        let text = String(repeating: "ü€", count: 300_000)
        world.ask("POST", "/v2/apps", ["id": "/long", "cmd": "sleep 1", "cpus": 64, "env": ["LONG": .string(text)]])
        world.run(for: 1000)
        #expect(world.zoo.children("/marathon/state").contains("app:long#3"))
        world.crash("a")
        try world.start("b")
        world.run(for: 15_000)
        #expect(world.ask("GET", "/v2/apps/long", of: "b").json["app"]?["env"]?["LONG"]?.string == text)
    }
}
