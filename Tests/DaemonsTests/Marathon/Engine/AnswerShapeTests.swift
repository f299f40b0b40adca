import Daemons
import Testing

@Suite struct MarathonAnswerShapeTests {
    static let huge: JSON = ["id": "/huge", "cmd": "sleep 1", "cpus": 64]

    @Test(
        arguments: [
            ("0.7.6", [[["action": "StartApplication", "app": "/huge"]], [["action": "ScaleApplication", "app": "/huge"]]]),
            ("0.8.2", [[["action": "StartApplication", "app": "/huge"]], [["action": "ScaleApplication", "app": "/huge"]]]),
            (
                "1.4.13",
                [
                    ["actions": [["action": "StartApplication", "app": "/huge"]]],
                    ["actions": [["action": "ScaleApplication", "app": "/huge"]]],
                ]
            ),
            (
                "1.11.24",
                [
                    ["actions": [["action": "StartApplication", "app": "/huge"]]],
                    ["actions": [["action": "ScaleApplication", "app": "/huge"]]],
                ]
            ),
        ] as [(String, JSON)])
    func `steps are nested arrays at first and objects later`(_ release: String, _ steps: JSON) throws {
        let world = try World.leading(release)
        world.ask("POST", "/v2/apps", Self.huge)
        let deployment = try #require(world.deployments.first)
        #expect(deployment["steps"] == steps)
        #expect(deployment["currentStep"] == 2)
        #expect(deployment["totalSteps"] == 2)
        #expect((deployment["affectedPods"] != nil) == (release.hasPrefix("1.")))
    }

    /// marathon-api.md 7.3.
    @Test(
        arguments: [
            ("0.7.6", 6, "checkpoint executor failover_timeout ha hostname local_port_max local_port_min master "
                + "mesos_role mesos_user reconciliation_initial_delay reconciliation_interval task_launch_timeout"),
            ("0.8.2", 8, "checkpoint executor failover_timeout ha hostname local_port_max local_port_min "
                + "marathon_store_timeout master mesos_role mesos_user reconciliation_initial_delay "
                + "reconciliation_interval task_launch_timeout webui_url"),
        ])
    func `the keys of info are the release's`(_ release: String, _ _: Int, _ keys: String) throws {
        let info = try World.leading(release).ask("GET", "/v2/info").json
        let config = info["marathon_config"]?.object?.keys.sorted() ?? []
        #expect(config == keys.split(separator: " ").map(String.init))
        #expect((info["elected"] == nil) == (release == "0.7.6"))
        #expect(info["event_subscriber"] == .null)
        #expect(info["frameworkId"] == "F1")
        #expect(info["version"] == .string(release))
        #expect(info["http_config"]?.object?.keys == ["assets_path", "http_port", "https_port"])
    }

    @Test func `1_4 tells 39 flags of its own`() throws {
        let info = try World.leading("1.4.13").ask("GET", "/v2/info").json
        #expect(info["marathon_config"]?.object?.keys.count == 39)
        #expect(info["zookeeper_config"]?.object?.keys.count == 8)
        #expect(info["leader"] == "a:8080")
    }

    @Test func `passwords are hidden from 1_7 on`() throws {
        for (release, shows) in [("1.4.13", true), ("1.11.24", false)] {
            let world = World(release)
            try world.start("b", ["--framework_name", "m"])
            world.run(for: 3000)
            let info = world.ask("GET", "/v2/info", of: "b").json
            #expect(info["zookeeper_config"]?["zk"] == "zk://zoo:2181/marathon")
            let secret = World(release)
            // The last of a repeated option is refused, so this one has its own world.
            #expect(throws: DaemonExit.self) { try secret.start("c", ["--zk", "zk://u:p@zoo:2181/m"]) }
            _ = shows
        }
    }

    @Test(arguments: releases)
    func `tasks in plain text are a table of tabs`(_ release: String) throws {
        let world = try World.leading(release)
        let app: JSON = ["id": "/prod/web", "cmd": "sleep 1", "instances": 2, "cpus": 0.1, "ports": [9000, 9001]]
        #expect(world.create(app))
        #expect(world.create(["id": "/none", "cmd": "sleep 1", "cpus": 0.1, "ports": []]))
        let accept = [HTTPField("Accept", "text/plain")]
        let answer = world.ask("GET", "/v2/tasks", headers: accept)
        guard release != "1.11.24" else {
            #expect(answer.status == 406)
            #expect(world.ask("GET", "/v2/apps/prod/web/tasks", headers: accept).status == 406)
            return
        }
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/plain")
        let tasks = world.tasks("/prod/web")
        var lines = world.tasks("/none").map { "none\t \t\($0["host"]?.string ?? "") \n" }
        for (index, port) in [9000, 9001].enumerated() {
            let places = tasks.map { "\($0["host"]?.string ?? ""):\($0["ports"]?.array?[index].int ?? 0)\t" }
            lines.append("prod_web\t\(port)\t" + places.joined() + "\n")
        }
        #expect(answer.text == lines.joined())
        #expect(world.ask("GET", "/v2/apps/prod/web/tasks", headers: accept).text == lines.dropFirst().joined())
        // An app without tasks has its line as well.
        world.ask("POST", "/v2/apps", ["id": "/huge", "cmd": "sleep 1", "cpus": 64, "ports": [9100]])
        #expect(world.ask("GET", "/v2/apps/huge/tasks", headers: accept).text == "huge\t9100\t\n")
    }

    @Test func `1_10 gives the table only where it is asked for by a flag`() throws {
        let accept = [HTTPField("Accept", "text/plain")]
        for (options, status) in [([], 406), (["--deprecated_features", "text_plain_tasks"], 200)] {
            let world = World("1.10.26")
            try world.start("a", options)
            world.run(for: 3000)
            #expect(world.ask("GET", "/v2/tasks", headers: accept).status == status)
            #expect(world.ask("GET", "/v2/tasks").status == 200)
        }
    }

    @Test(
        arguments: [
            ("0.7.6", "appId host id ports servicePorts stagedAt startedAt version"),
            ("0.8.2", "appId host id ports servicePorts stagedAt startedAt version"),
            (
                "1.4.13",
                "appId host id ipAddresses localVolumes ports servicePorts slaveId stagedAt startedAt state version"
            ),
            (
                "1.11.24",
                "appId host id ipAddresses localVolumes ports role servicePorts slaveId stagedAt startedAt state version"
            ),
        ])
    func `the fields of a task are the release's`(_ release: String, _ keys: String) throws {
        let world = try World.leading(release)
        #expect(world.create(["id": "/a/b", "cmd": "sleep 1", "cpus": 0.1]))
        let task = try #require(world.ask("GET", "/v2/tasks").json["tasks"]?.array?.first)
        #expect(task.object?.keys.sorted() == keys.split(separator: " ").map(String.init))
        let id = try #require(task["id"]?.string)
        #expect(id.hasPrefix(release == "1.11.24" ? "a_b.instance-" : "a_b."))
        #expect(id.hasSuffix("._app.1") == (release == "1.11.24"))
        #expect(world.ask("GET", "/v2/tasks?status=staging").json == ["tasks": []])
        #expect(world.ask("GET", "/v2/tasks?status=running").json["tasks"]?.array?.count == 1)
    }

    @Test(arguments: releases)
    func `routes nobody has are answered as the release does`(_ release: String) throws {
        let world = try World.leading(release)
        let missing = world.ask("GET", "/v2/nothing")
        #expect(missing.status == (release == "1.11.24" ? 500 : 404))
        let words = release == "1.11.24" ? "URI not found" : "URI not found: /v2/nothing"
        #expect(missing.json["message"]?.string == words)
        #expect(world.ask("POST", "/v2/info", [:]).status == 405)
        #expect(world.ask("GET", "/v2/leader").status == (release == "0.7.6" ? 404 : 200))
        #expect(world.ask("GET", "/v2/apps/none").status == 404)
        #expect(world.ask("GET", "/v2/apps/none").json["message"] == "App '/none' does not exist")
        #expect(world.ask("DELETE", "/v2/groups/none").status == 404)
    }

    @Test(arguments: releases)
    func `a body without a type is refused up to 0_9`(_ release: String) throws {
        let world = try World.leading(release)
        let body = Array(#"{"id":"/x","cmd":"sleep 1"}"#.utf8)
        let answer = world.send(HTTPRequest("POST", "/v2/apps", body: body), to: "a")
        #expect(answer.status == (release.hasPrefix("0.") ? 415 : 201))
        let empty = world.send(HTTPRequest("POST", "/v2/apps"), to: "a")
        #expect(empty.status == 400)
    }

    @Test(arguments: releases)
    func `answers carry the release's fields`(_ release: String) throws {
        let world = try World.leading(release)
        let answer = world.ask("POST", "/v2/apps", ["id": "/x", "cmd": "sleep 1", "cpus": 0.1], headers: [HTTPField("Host", "m:80")])
        #expect(answer.header("Location") == "http://m:80/v2/apps/x")
        #expect((answer.header("Cache-Control") == nil) == (release == "0.7.6"))
        #expect((answer.header("Marathon-Deployment-Id") == nil) == release.hasPrefix("0."))
        #expect((answer.header("X-Marathon-Leader") == nil) == release.hasPrefix("0."))
        #expect((answer.header("X-Frame-Options") == nil) == (release != "1.11.24"))
    }

    @Test(arguments: releases)
    func `a password is asked for everywhere`(_ release: String) throws {
        let world = World(release)
        try world.start("a", ["--http_credentials", "me:se:cret"])
        world.run(for: 3000)
        for path in ["/ping", "/v2/apps", "/v2/info"] {
            let refused = world.ask("GET", path)
            #expect(refused.status == 401)
            let realm = release == "0.7.6" ? "chaos-realm" : "Mesosphere"
            #expect(refused.header("WWW-Authenticate") == "basic realm=\"\(realm)\"")
            #expect(refused.text.hasPrefix("<html>"))
            let right = [HTTPField("Authorization", "Basic bWU6c2U6Y3JldA==")]
            #expect(world.ask("GET", path, headers: right).status == 200)
            #expect(world.ask("GET", path, headers: [HTTPField("Authorization", "Basic bWU6c2U=")]).status == 401)
        }
    }
}
