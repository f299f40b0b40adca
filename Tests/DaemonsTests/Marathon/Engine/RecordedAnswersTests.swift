import Daemons
import FoundationEssentials
import Testing

/// Everything that Marathon's documentation and clients have recorded, but the definition of an app itself.
@Suite struct MarathonRecordedAnswersTests {
    /// Members of the recorded bodies that are not answered, and why.
    static let exceptions: [String: [String]] = [
        // Recorded with pods and readiness checks, which the engine leaves out.
        "v1.11-deployments.json": [
            "[].affectedPods[]:text", "[].steps[].actions[].pod:text",
            "[].currentActions[].readinessCheckResults[]",
        ],
        // Agents of the tests have no region.
        "v1.11-tasks.json": ["tasks[].region:text", "tasks[].zone:text"],
        "v1.11-app_tasks.json": ["tasks[].region:text", "tasks[].zone:text"],
        // `lastUnusedOffers` only with its embed, which is left out; the last use belongs to an app half started.
        "v1.11-queue.json": [
            "queue[].lastUnusedOffers[]", "queue[].processedOffersSummary.lastUsedOfferAt:text",
        ],
        "v0.7.6-get-info.json": ["event_subscriber.type:text", "event_subscriber.http_endpoints[]:text"],
        // A 0.7 body: 0.8 tells a duration, and no state of its own.
        "v0.8.2-get-info.json": [
            "event_subscriber.type:text", "event_subscriber.http_endpoints[]:text", "zookeeper_config.zk_state:text",
            "zookeeper_config.zk_timeout:number",
        ],
    ]

    static let cases: [(file: String, release: String, path: String)] = [
        ("go-marathon-get-deployments-old.json", "0.8.2", "/v2/deployments"),
        ("v1.11-deployments.json", "1.11.24", "/v2/deployments"),
        ("v0.8.2-get-tasks.json", "0.8.2", "/v2/tasks"),
        ("v0.8.2-get-app-tasks.json", "0.8.2", "/v2/apps/shop/web/tasks"),
        ("v1.11-tasks.json", "1.11.24", "/v2/tasks"),
        ("v1.11-app_tasks.json", "1.11.24", "/v2/apps/shop/web/tasks"),
        ("v0.7.6-get-queue.json", "0.7.6", "/v2/queue"),
        ("v1.11-queue.json", "1.11.24", "/v2/queue"),
        ("v0.7.6-get-info.json", "0.7.6", "/v2/info"),
        ("v0.8.2-get-info.json", "0.8.2", "/v2/info"),
        ("v1.11-info.json", "1.11.24", "/v2/info"),
        ("v0.8.2-get-groups.json", "0.8.2", "/v2/groups"),
        ("v1.11-group.json", "1.11.24", "/v2/groups"),
        ("v0.8.2-get-leader.json", "0.8.2", "/v2/leader"),
        ("v0.8.2-get-app-versions.json", "0.8.2", "/v2/apps/shop/web/versions"),
    ]

    @Test(arguments: cases)
    func `what was recorded is answered`(_ file: String, _ release: String, _ path: String) throws {
        let answer = try Self.busy(release).ask("GET", path)
        #expect(answer.status == 200)
        try Self.compare(answer.json, file)
    }

    @Test func `what was recorded of writes is answered`() throws {
        let world = try Self.busy("0.8.2")
        let id = try #require(world.deployments.first?["id"]?.string)
        try Self.compare(world.ask("PUT", "/v2/apps/huge", ["cpus": 2]).json, "v0.8.2-put-app-409-locked.json")
        try Self.compare(
            world.ask("PUT", "/v2/apps/shop/web", ["instances": 1]).json,
            "v0.8.2-put-app-response-200.json"
        )
        let back = world.ask("DELETE", "/v2/deployments/\(id)").json
        try Self.compare(back, "v0.8.2-delete-deployment-response-200.json")
        #expect(world.ask("DELETE", "/v2/leader").json == (try Self.fixture("v0.8.2-delete-leader.json")))
        let dry = world.ask("PUT", "/v2/groups?dryRun=true", ["id": "/n", "apps": [["id": "a", "cmd": "sleep 1"]]]).json
        try Self.compare(dry, "v0.8.2-put-group-dryrun-response.json")
    }

    @Test func `what was recorded of a stream is told`() throws {
        let world = try World.leading("0.11.1")
        let accept = [HTTPField("Accept", "text/event-stream")]
        let stream = try #require(world.ask("GET", "/v2/events", headers: accept).header("X-Test-Stream"))
        world.master.fate = { _ in [(20, .running), (40, .failed)] }
        world.ask("POST", "/v2/apps", ["id": "/test-app", "cmd": "exit 1", "cpus": 0.1])
        world.run(for: 3000)
        let told = world.events(stream)
        for line in try Self.text("v1.11-events.txt").split(separator: "\n") where line.hasPrefix("data: ") {
            let recorded = try JSON(parsing: String(line.dropFirst(6)))
            let mine = told.first {
                $0["eventType"] == recorded["eventType"] && $0["taskStatus"] == recorded["taskStatus"]
            }
            #expect(Self.members(recorded, "").isSubset(of: Self.members(try #require(mine), "")))
        }
    }

    /// Something of everything: tasks that are well, and a deployment that waits for resources.
    static func busy(_ release: String) throws -> World {
        let world = World(release)
        var options = ["--mesos_user", "root"]
        if release.hasPrefix("1.") {
            options += [
                "--env_vars_prefix", "APP", "--default_network_name", "n", "--mesos_role", "*",
                "--access_control_allow_origin", "*",
            ]
        }
        try world.start("a", options)
        world.run(for: 3000)
        let check: JSON = ["protocol": "TCP", "portIndex": 0, "intervalSeconds": 5]
        let app: JSON = [
            "id": "/shop/web", "cmd": "sleep 1", "cpus": 0.1, "instances": 2, "ports": [9000], "healthChecks": [check],
        ]
        #expect(world.create(app))
        world.ask("PUT", "/v2/groups/shop/log", [:])
        world.ask("POST", "/v2/apps", ["id": "/huge", "cmd": "sleep 1", "cpus": 64])
        world.run(for: 130_000)
        return world
    }

    static func text(_ name: String, beside file: String = #filePath) throws -> String {
        let folder = file.split(separator: "/").dropLast(3).joined(separator: "/")
        let data = try #require(FileManager.default.contents(atPath: "/\(folder)/Fixtures/marathon-examples/\(name)"))
        return String(decoding: data, as: UTF8.self)
    }

    static func fixture(_ name: String) throws -> JSON { try JSON(parsing: text(name)) }

    static func compare(_ answer: JSON, _ file: String) throws {
        let missing = members(try fixture(file), "").subtracting(members(answer, "")).filter { member in
            !(exceptions[file] ?? []).contains { member.hasPrefix($0) } && !isOfApp(member)
        }
        #expect(missing.isEmpty, "\(file): \(missing.sorted())")
    }

    /// Definitions of apps are the business of other tests.
    static func isOfApp(_ member: String) -> Bool { member.contains("apps[]") || member.contains("queue[].app.") }

    /// Every member as a path with its kind; what is null may be anything.
    static func members(_ json: JSON, _ path: String) -> Set<String> {
        switch json {
        case .null: []
        case .bool: [path + ":truth"]
        case .integer, .number: [path + ":number"]
        case .string: [path + ":text"]
        case .array(let elements): Set(elements.flatMap { members($0, path + "[]") })
        case .object(let object):
            Set(object.members.flatMap { members($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") })
        }
    }
}
