import Daemons
import Testing

/// marathon-api.md 5.2.
@Suite struct MarathonRolloutTests {
    private struct Strategy {
        var instances: Int
        var floor: Double
        var over: Double

        init(_ numbers: inout SeededNumbers) {
            instances = Int.random(in: 1...7, using: &numbers)
            floor = Double(Int.random(in: 0...4, using: &numbers)) / 4
            over = Double(Int.random(in: 0...4, using: &numbers)) / 4
        }

        var json: JSON { ["minimumHealthCapacity": .number(floor), "maximumOverCapacity": .number(over)] }
    }

    @Test(arguments: releases, Array(0..<12 as Range<UInt64>))
    func `a rollout keeps its floor and its capacity`(_ release: String, _ seed: UInt64) throws {
        var numbers = SeededNumbers(seed, for: "rollout")
        var strategy = Strategy(&numbers)
        // 0.7 has no over-capacity of its own.
        if release == "0.7.6" { strategy.over = 1 }
        let world = try World.leading(release)
        let upgrade: JSON =
            release == "0.7.6" ? ["minimumHealthCapacity": .number(strategy.floor)] : strategy.json
        let app: JSON = [
            "id": "/roll", "cmd": "sleep 1", "cpus": 0.1, "mem": 16, "instances": .integer(strategy.instances),
            "upgradeStrategy": upgrade,
        ]
        #expect(world.create(app))
        let floor = Int((Double(strategy.instances) * strategy.floor).rounded(.up))
        // One more than allowed where nothing could move otherwise.
        let ceiling = max(Int(Double(strategy.instances) * (1 + strategy.over)), strategy.instances + 1)
        var (lowest, highest) = (Int.max, 0)
        world.watch = { world in
            let tasks = world.master.tasks.values
            lowest = min(lowest, tasks.count { $0.state == .running })
            highest = max(highest, tasks.count)
        }
        #expect(world.ask("PUT", "/v2/apps/roll", ["cmd": "sleep 2"]).status == 200)
        #expect(world.run(until: { $0.deployments.isEmpty }), "seed \(seed): \(strategy)")
        #expect(lowest >= floor, "seed \(seed): \(strategy)")
        #expect(highest <= ceiling, "seed \(seed): \(strategy)")
        world.run(for: 2000)
        let tasks = world.master.tasks.values
        #expect(tasks.count == strategy.instances, "seed \(seed): \(strategy)")
        #expect(tasks.allSatisfy { $0.info.command.value == "sleep 2" })
    }

    @Test(arguments: releases)
    func `a rollout waits for health where there are checks`(_ release: String) throws {
        let world = try World.leading(release)
        let check: JSON = ["protocol": "TCP", "portIndex": 0, "gracePeriodSeconds": 600, "intervalSeconds": 5]
        let app: JSON = [
            "id": "/h", "cmd": "sleep 1", "cpus": 0.1, "instances": 2, "ports": [0], "healthChecks": [check],
        ]
        #expect(world.create(app))
        let old = Set(world.master.tasks.keys)
        world.health = { old.contains($0.task) ? nil : "refused" }
        world.ask("PUT", "/v2/apps/h", ["cmd": "sleep 2"])
        world.run(for: 120_000)
        #expect(world.deployments.count == 1)
        #expect(old.isSubset(of: world.master.tasks.keys))
        #expect(world.master.tasks.count == 4)
        world.health = { _ in nil }
        #expect(world.run(until: { $0.deployments.isEmpty }))
        world.run(for: 1000)
        #expect(old.isDisjoint(with: world.master.tasks.keys))
    }

    @Test(arguments: releases)
    func `dependencies are served first`(_ release: String) throws {
        let world = try World.leading(release)
        let group: JSON = [
            "id": "/g",
            "groups": [
                ["id": "front", "dependencies": ["/g/back"], "apps": [["id": "web", "cmd": "sleep 1", "cpus": 0.1]]],
                ["id": "back", "apps": [["id": "db", "cmd": "sleep 1", "cpus": 0.1]]],
            ],
        ]
        var order: [String] = []
        world.watch = { world in
            for task in world.master.tasks.values where !order.contains(task.info.name) { order.append(task.info.name) }
        }
        let created = world.ask("POST", "/v2/groups", group)
        #expect(created.status == 201, "\(created.text)")
        #expect(world.run(until: { $0.deployments.isEmpty }))
        #expect(order == ["db.back.g", "web.front.g"])
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `youngest or oldest tasks go when an app shrinks`(_ release: String) throws {
        for (selection, stays) in [("YOUNGEST_FIRST", 0), ("OLDEST_FIRST", 2)] {
            let world = try World.leading(release)
            #expect(world.create(["id": "/k", "cmd": "sleep 1", "cpus": 0.1, "killSelection": .string(selection)]))
            for instances in 2...3 {
                world.run(for: 5000)
                world.ask("PUT", "/v2/apps/k", ["instances": .integer(instances)])
                #expect(world.run(until: { $0.deployments.isEmpty }))
            }
            let byAge = world.tasks("/k").sorted { ($0["startedAt"]?.string ?? "") < ($1["startedAt"]?.string ?? "") }
            world.ask("PUT", "/v2/apps/k", ["instances": 1])
            #expect(world.run(until: { $0.deployments.isEmpty }))
            #expect(world.master.tasks.keys.first == byAge[stays]["id"]?.string)
        }
    }
}
