import Daemons
import Testing

@Suite struct MarathonLeadershipTests {
    static let app: JSON = ["id": "/prod/web", "cmd": "sleep 100", "instances": 2, "cpus": 0.1, "mem": 16]

    static func two(_ release: String) throws -> World {
        let world = try World.leading(release)
        try world.start("b")
        world.run(for: 3000)
        return world
    }

    @Test(arguments: releases)
    func `a standby passes requests to the leader`(_ release: String) throws {
        let world = try Self.two(release)
        #expect(world.ask("POST", "/v2/apps", Self.app, of: "b").status == 201)
        #expect(world.run(until: { $0.deployments.isEmpty }))
        let answer = world.ask("GET", "/v2/apps/prod/web", of: "b")
        #expect(answer.json["app"]?["tasksRunning"] == 2)
        #expect((answer.header("X-Marathon-Via") == nil) == release.hasPrefix("0."))
        #expect(world.ask("GET", "/ping", of: "b").text.hasPrefix("pong"))
        guard !release.hasPrefix("0.") else { return }
        #expect(answer.header("X-Marathon-Leader") == "http://a:8080")
        let loop = world.ask("GET", "/v2/apps", headers: [HTTPField("X-Marathon-Via", "1.1 b:8080")], of: "b")
        #expect(loop.status == 502)
        #expect(loop.text.contains("Detected proxying loop."))
    }

    @Test(arguments: ["1.4.13", "1.11.24"])
    func `events of a standby are passed on up to 1_6 and are elsewhere later`(_ release: String) throws {
        let world = try Self.two(release)
        let accept = [HTTPField("Accept", "text/event-stream")]
        let answer = world.ask("GET", "/v2/events?event_type=x", headers: accept, of: "b")
        if release == "1.4.13" {
            #expect(answer.header("X-Test-Stream") == "a/1")
        } else {
            #expect(answer.status == 302)
            #expect(answer.header("Location") == "http://a:8080/v2/events?event_type=x")
        }
    }

    @Test(arguments: [("0.7.6", 200), ("0.8.2", 200), ("1.1.5", 502), ("1.4.13", 503), ("1.11.24", 502)])
    func `a leader that cannot be reached is told of as the release does`(_ release: String, _ status: Int) throws {
        let world = try Self.two(release)
        world.crash("a")
        let answer = world.ask("GET", "/v2/apps", of: "b")
        #expect(answer.status == status)
        #expect(answer.response.body.isEmpty == release.hasPrefix("0."))
    }

    @Test(arguments: [("0.9.2", 503), ("1.4.13", 503), ("1.11.24", 502)])
    func `without a leader it is asked for ten times`(_ release: String, _ status: Int) throws {
        let world = World(release)
        try world.start("a", ["--http_port", "8080"])
        let before = world.now
        // Nothing is answered by a ZooKeeper that is never heard of.
        world.crash("a")
        try world.start("b")
        let start = world.now
        #expect(start == before)
        var request = HTTPRequest("GET", "/v2/apps")
        var effects: [DaemonEffect] = []
        for attempt in 0..<10 {
            request.attempt = attempt
            var marathon = try #require(world.marathons["b"])
            #expect(marathon.answer(request, at: world.now, effects: &effects) == .askAgain(milliseconds: 250))
        }
        request.attempt = 10
        var marathon = try #require(world.marathons["b"])
        guard case .response(let response) = marathon.answer(request, at: world.now, effects: &effects) else {
            Issue.record("no answer")
            return
        }
        #expect(response.status == status)
        #expect(response.text.contains("Could not determine the current leader"))
    }

    @Test(arguments: releases)
    func `the next leader knows everything`(_ release: String) throws {
        let world = try Self.two(release)
        #expect(world.create(Self.app))
        world.ask("PUT", "/v2/groups/g", ["dependencies": ["/prod"]])
        world.ask("PUT", "/v2/apps/prod/web", ["instances": 3])
        #expect(world.run(until: { $0.deployments.isEmpty }))
        let tasks = Set(world.tasks("/prod/web").compactMap { $0["id"]?.string })
        let paths = ["/v2/apps/prod/web/versions", "/v2/groups", "/v2/groups/versions", "/v2/apps/prod/web"]
        let look = { (path: String, name: String) -> JSON in
            let answer = world.ask("GET", path, of: name).json
            guard case .object(var object) = answer, case .object(var app) = object["app"] else { return answer }
            // Which of two tasks of one moment comes first is not kept.
            app["tasks"] = nil
            object["app"] = .object(app)
            return .object(object)
        }
        let before = paths.map { look($0, "a") }
        world.crash("a")
        world.run(for: 20_000)
        #expect(world.ask("GET", "/v2/info", of: "b").json["frameworkId"] == "F1")
        #expect(world.master.registrations == ["register", "failover"])
        for (path, old) in zip(paths, before) { #expect(look(path, "b") == old, "\(path)") }
        world.run(for: 400_000)
        #expect(Set(world.master.tasks.keys) == tasks)
    }

    @Test(arguments: releases)
    func `a deployment under way is begun again by the next leader`(_ release: String) throws {
        let world = try Self.two(release)
        world.ask("POST", "/v2/apps", ["id": "/huge", "cmd": "sleep 1", "cpus": 64, "instances": 2])
        let id = world.deployments.first?["id"]
        world.run(for: 2000)
        world.crash("a")
        world.run(for: 15_000)
        let again = world.ask("GET", "/v2/deployments", of: "b").json.array
        #expect(again?.first?["id"] == id)
        #expect(again?.first?["currentStep"] == 2)
        world.master.agents.append(TinyMaster.Agent(4, cpus: 128))
        #expect(world.run(until: { $0.ask("GET", "/v2/deployments", of: "b").json == [] }))
        #expect(world.master.tasks.count == 2)
        world.crash("b")
        #expect(world.zoo.children("/marathon/state").allSatisfy { !$0.hasPrefix("deployment:") })
    }

    @Test(arguments: ["0.8.2", "1.4.13", "1.11.24"])
    func `a leader told to abdicates half a second later`(_ release: String) throws {
        let world = try Self.two(release)
        let answer = world.ask("DELETE", "/v2/leader", of: "b")
        let words = release == "0.8.2" ? "Leadership abdicted" : "Leadership abdicated"
        #expect(answer.json == ["message": .string(words)])
        world.run(for: 450)
        #expect(world.ask("GET", "/v2/leader").json["leader"] == "a:8080")
        world.run(for: 2000)
        #expect(world.ask("GET", "/v2/leader", of: "b").json["leader"] == "b:8080")
        #expect(world.exits["a"]?.status == ["0.8.2": nil, "1.4.13": 9, "1.11.24": 103][release] ?? nil)
        #expect((world.marathons["a"] != nil) == (release == "0.8.2"))
    }

    @Test(arguments: [("0.8.2", 9), ("1.4.13", 9), ("1.11.24", 103)])
    func `a leader whose session is over ends`(_ release: String, _ status: Int) throws {
        let world = try Self.two(release)
        world.zoo.expire("a", in: world)
        #expect(world.exits["a"]?.status == status)
        if status == 9 { #expect(world.exits["a"]?.message == "Committing suicide") }
    }

    @Test(arguments: releases)
    func `a Marathon that is stopped leaves its tasks and its place`(_ release: String) throws {
        let world = try Self.two(release)
        #expect(world.create(Self.app))
        world.stop("a")
        #expect(world.exits["a"]?.status == 143)
        world.run(for: 5000)
        #expect(world.ask("GET", "/v2/apps/prod/web", of: "b").json["app"]?["tasksRunning"] == 2)
        #expect(world.master.kills.isEmpty)
    }

    @Test(
        arguments: [
            ("0.8.2", ["--nonsense", "1"], 1), ("1.4.13", ["--nonsense", "1"], 1),
            ("1.11.24", ["--nonsense", "1"], 112),
            ("1.11.24", ["--event_subscriber", "http_callback"], 112), ("0.7.6", ["--webui_url", "x"], 1),
            ("1.11.24", ["--http_port", "many"], 112), ("1.4.13", ["--deprecated_features", "x"], 1),
        ])
    func `a flag the release does not know ends it`(_ release: String, _ options: [String], _ status: Int) throws {
        do {
            try World(release).start("a", options)
            Issue.record("it started")
        } catch let exit as DaemonExit { #expect(exit.status == status) }
    }

    @Test func `variables are flags from 1_0 on`() throws {
        let cases = [
            ("0.8.2", "MARATHON_HTTP_PORT", 8080), ("1.4.13", "MARATHON_CMD_HTTP_PORT", 9000),
            ("1.4.13", "MARATHON_HTTP_PORT", 8080), ("1.11.24", "MARATHON_HTTP_PORT", 9000),
        ]
        for (release, name, port) in cases {
            let world = World(release)
            try world.start("a", environment: [name: "9000", "MARATHON_APP_ID": "/marathon"])
            #expect(world.marathons["a"]?.listeners.first?.port == port, "\(release) \(name)")
        }
    }

    @Test func `who does not know whether it has joined takes another session`() throws {
        let world = World("1.4.13")
        try world.start("a")
        var effects: [DaemonEffect] = []
        var marathon = try #require(world.marathons["a"])
        let event = CoordinationEvent.connected(session: 9, again: false)
        marathon.receive(.coordination(event), at: world.now, effects: &effects)
        let tag = effects.compactMap { effect -> Int? in
            if case .coordinate(.create(let tag, _, _, ephemeral: true, _)) = effect { tag } else { nil }
        }
        effects = []
        let lost = CoordinationEvent.answer(tag: try #require(tag.first), .lost)
        marathon.receive(.coordination(lost), at: world.now, effects: &effects)
        #expect(effects.first == .coordinate(.close))
        #expect(effects.count == 2)
    }

    @Test func `a world can be saved and goes on`() throws {
        let world = try World.leading("1.4.13")
        #expect(world.create(Self.app))
        let marathon = try #require(world.marathons["a"])
        let copy = try JSON(encoding: marathon).decoded(as: Marathon.self)
        var (first, second) = (marathon, copy)
        var effects: [DaemonEffect] = []
        let request = HTTPRequest("GET", "/v2/apps?embed=apps.tasks")
        #expect(
            first.answer(request, at: world.now, effects: &effects)
                == second.answer(request, at: world.now, effects: &effects)
        )
        #expect(first.wakes == second.wakes)
    }
}
