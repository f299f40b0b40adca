import Specs
import Testing

@testable import Reconciler

@Suite("Answers of every release")
struct MarathonAnswerTests {
    /// A client whose Marathons answer `path` with `body`, and `/v2/info` as `release`.
    private func client(_ path: String, _ body: String, release: String = "1.11.24") -> MarathonClient {
        ScriptedMarathons { _, request in
            if request.path == "/v2/info" { return .answer(200, infoAnswer(release)) }
            return request.path == path ? .answer(200, body) : .answer(404, #"{"message":"App '/x' does not exist"}"#)
        }.client()
    }

    // MARK: Info

    @Test(
        arguments: [
            ("v0.7.6-get-info.json", MarathonRelease(0, 7), "127.0.0.1:8080"),
            ("v0.8.2-get-info.json", MarathonRelease(0, 7), "127.0.0.1:8080"),
            ("go-marathon-get-info.json", MarathonRelease(0, 7), "127.0.0.1:8080"),
            ("v1.11-info.json", MarathonRelease(1, 5), "localhost:8080"),
        ]
    )
    func `published infos tell the release and the leader`(
        example: String,
        release: MarathonRelease,
        leader: String
    ) async throws {
        let body = try marathonExample(example)
        let info = try await ScriptedMarathons { _, _ in .answer(200, body) }.client().info()
        #expect(info.context.release == release)
        #expect(info.leader == leader)
        #expect(info.frameworkID?.isEmpty == false)
        #expect(info.endpoint == "http://a:8080")
    }

    @Test func `flags that change definitions are read where they are set`() async throws {
        let body = try marathonExample("v1.11-info.json")
        let info = try await ScriptedMarathons { _, _ in .answer(200, body) }.client().info()
        #expect(info.context.role == "slave_public")
        #expect(info.context.defaultNetworkName == "container-network")
        let bare = infoAnswer(
            "1.4.13",
            config: #""mesos_role":null,"default_network_name":null,"features":["secrets","gpu_resources"]"#
        )
        let context = try await ScriptedMarathons { _, _ in .answer(200, bare) }.client().info().context
        #expect(
            context == AppContext(release: MarathonRelease(1, 4, 13), features: ["secrets", "gpu_resources"])
        )
    }

    @Test(arguments: ["{}", "[]", #"{"name":"nginx","version":"1.2.3"}"#, #"{"name":"marathon","version":"new"}"#])
    func `JSON of somebody else is not Marathon's`(body: String) async {
        let client = ScriptedMarathons { _, _ in .answer(200, body) }.client()
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await client.info()
        }
        #expect(fault?.kind == .unreadable)
    }

    // MARK: Apps

    @Test(arguments: [
        ("0.7.6", "apps.tasks"), ("0.10.1", "apps.tasks"), ("0.11.0", "apps.taskStats"), ("1.11.24", "apps.taskStats"),
    ])
    func `the list is asked for with the one embed its release needs`(release: String, embed: String) async throws {
        let marathons = ScriptedMarathons { _, request in
            .answer(200, request.path == "/v2/info" ? infoAnswer(release) : #"{"apps":[]}"#)
        }
        let client = marathons.client()
        #expect(try await client.apps() == [])
        #expect(try await client.apps() == [])
        #expect(
            marathons.log == ["a GET /v2/info", "a GET /v2/apps?embed=\(embed)", "a GET /v2/apps?embed=\(embed)"]
        )
    }

    @Test func `an app's counts and locks are apart from its definition`() async throws {
        let body = try marathonExample("v1.11-app_list.json")
        let apps = try await client("/v2/apps?embed=apps.taskStats", body).apps()
        let app = try #require(apps.first)
        #expect(apps.count == 1)
        #expect(app.id == "/myapp")
        #expect(app.instances == 3)
        #expect(app.version == "2015-09-25T15:13:48.343Z")
        #expect(app.lastConfigChange == "2015-09-25T15:13:48.343Z")
        #expect(app.deployments == ["9538079c-3898-4e32-aa31-799bf9097f74"])
        #expect(app.tasksHealthy == 0 && app.tasksUnhealthy == 0)
        let keys = try #require(app.definition.members).keys
        #expect(keys.contains("args") && keys.contains("id") && keys.contains("instances"))
        #expect(keys.allSatisfy { !$0.hasPrefix("tasks") && !$0.hasPrefix("version") && $0 != "deployments" })
    }

    @Test(arguments: ["v0.7.6-get-apps-embed-tasks.json", "v0.8.2-get-apps-embed-tasks.json"])
    func `the published single app has its tasks and its last failure`(example: String) async throws {
        // Published without the counts, which the code always adds (marathon-api.md 1.4).
        let body = try marathonExample(example)
            .replacing(
                #""requirePorts": false,"#,
                with: #""requirePorts": false, "tasksRunning": 2, "tasksStaged": 0,"#
            )
        let client = client("/v2/apps/toggle", body, release: "0.7.6")
        let app = try #require(try await client.app("/toggle"))
        #expect(app.tasksRunning == 2)
        #expect(app.tasksHealthy == 2 && app.tasksUnhealthy == 0)
        #expect(app.definition["tasks"] == nil && app.definition["lastTaskFailure"] == nil)
        let failure = try #require(try await client.lastTaskFailure("/toggle"))
        #expect(failure.message == "Abnormal executor termination")
        #expect(failure.state == "TASK_FAILED")
        #expect(failure.host == "10.141.141.10")
    }

    @Test(arguments: [("taskStats", "1.8.244"), ("tasksStats", "1.11.24")])
    func `task statistics count running tasks of older configurations, and none where they are left out`(
        key: String,
        release: String
    ) async throws {
        let outdated =
            #","\#(key)":{"withOutdatedConfig":{"stats":{"counts":{"staged":1,"running":3,"healthy":0,"unhealthy":0}}}}"#
        let latest =
            #","\#(key)":{"withLatestConfig":{"stats":{"counts":{"staged":0,"running":1,"healthy":0,"unhealthy":0}}}}"#
        let body = #"{"apps":[\#(appAnswer("/a", outdated)),\#(appAnswer("/b", latest)),\#(appAnswer("/c"))]}"#
        let apps = try await client("/v2/apps?embed=apps.taskStats", body, release: release).apps()
        #expect(apps.map(\.outdatedTasks) == [3, 0, nil])
    }

    @Test(
        arguments: [
            #"{"apps":[{"id":"/x"}]}"#, #"{"apps":{}}"#, #"{"items":[]}"#, "[]", #"{"apps":[null]}"#, "",
            "<html></html>",
            #"{"apps":[\#(appAnswer("/x"))"#, #"{"apps":[\#(appAnswer("x"))]}"#,
        ]
    )
    func `half a list and a list of other things are no empty list`(body: String) async {
        let client = client("/v2/apps?embed=apps.taskStats", body)
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await client.apps()
        }
        #expect(fault?.kind == (body.isEmpty ? .unreachable : .unreadable), "\(fault?.message ?? "")")
    }

    @Test func `only Marathon's own word makes an app absent`() async throws {
        let unknown = ScriptedMarathons { _, _ in .answer(404, #"{"message":"App '/x' does not exist"}"#) }
        #expect(try await unknown.client().app("/x") == nil)
        for body in ["<h1>404</h1>", #"{"message":"URI not found"}"#, "{}"] {
            let other = ScriptedMarathons { _, _ in .answer(404, body) }.client()
            let fault = await MarathonFault.from { () throws(MarathonFault) in
                try await other.app("/x")
            }
            #expect(fault?.kind == .failed(status: 404), "\(body)")
        }
        let another = client("/v2/apps/x", #"{"app":\#(appAnswer("/y"))}"#)
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await another.app("/x")
        }
        #expect(fault?.kind == .unreadable)
    }

    @Test func `versions are listed, and each has its bare definition`() async throws {
        let list = try marathonExample("v0.8.2-get-app-versions.json")
        #expect(try await client("/v2/apps/x/versions", list).versions("/x") == ["2014-04-04T06:25:31.399Z"])
        let bare = try marathonExample("v0.8.2-get-app-version.json")
        let client = client("/v2/apps/x/versions/2014-03-01T23:17:50.295Z", bare)
        let raw = try #require(try await client.app("/x", version: "2014-03-01T23:17:50.295Z"))
        #expect(raw.definition["cmd"] == "sleep 60" && raw.definition["version"] == nil)
        #expect(try await client.app("/x", version: "2014-03-01T23:17:50.296Z") == nil)
    }

    @Test func `a raw definition shows nothing of itself`() async throws {
        let body = #"{"app":\#(appAnswer("/x", #","env":{"PW":"hunter2"}"#))}"#
        let raw = try #require(try await client("/v2/apps/x", body).rawApp("/x"))
        #expect(raw.definition["env"]?["PW"] == "hunter2")
        #expect(!"\(raw)".contains("hunter2") && !String(reflecting: raw).contains("hunter2"))
    }

    // MARK: Others

    @Test(
        arguments: [
            ("go-marathon-get-deployments-old.json", "/test", 1),
            ("go-marathon-get-deployments-v1.1.1.json", "/test-app-v1", 2),
            ("v1.11-deployments.json", "/foo", 1),
        ]
    )
    func `deployments are read with steps of both forms`(example: String, app: String, steps: Int) async throws {
        let body = try marathonExample(example)
        let deployment = try #require(try await client("/v2/deployments", body).deployments().first)
        #expect(deployment.affectedApps == [app])
        #expect(deployment.currentActions == [.init(action: "ScaleApplication", app: app)])
        #expect(deployment.currentStep == steps && deployment.totalSteps == steps)
        // Without `currentActions` the steps tell the same.
        let shorter = body.replacing("currentActions", with: "other").replacing("totalSteps", with: "others")
        let derived = try #require(try await client("/v2/deployments", shorter).deployments().first)
        #expect(derived.currentActions == deployment.currentActions)
    }

    @Test func `the queue is read in every form`() async throws {
        let old = try await client("/v2/queue", marathonExample("v0.7.6-get-queue.json")).queue()
        #expect(old == ["/test": QueuedLaunch(app: "/test", count: 1, isOverdue: true)])
        let item = #"{"app":{"id":"/x"},"delay":{"overdue":false}}"#
        let twice = try await client("/v2/queue", #"{"queue":[\#(item),\#(item)]}"#).queue()
        #expect(twice["/x"]?.count == 2 && twice["/x"]?.isOverdue == false)
        let new = try await client("/v2/queue", marathonExample("v1.11-queue.json")).queue()
        let foo = try #require(new["/foo"])
        #expect(foo.count == 2 && foo.isOverdue && foo.timeLeftSeconds == 0)
        let declined = foo.lastRejections?.filter { $0.declined > 0 }.map(\.reason)
        #expect(declined?.contains("InsufficientCpus") == true)
        #expect(foo.rejections?.first { $0.reason == "InsufficientCpus" }?.declined == 150)
        let pod = try await client("/v2/queue", #"{"queue":[{"pod":{"id":"/p"},"count":1,"delay":{}}]}"#).queue()
        #expect(pod.isEmpty)
    }

    @Test func `tasks of old and new releases are read`() async throws {
        let old = try await client("/v2/apps/my-app/tasks", marathonExample("v0.8.2-get-app-tasks.json")).tasks(
            "/my-app"
        )
        #expect(old?.map(\.isRunning) == [true, true])
        #expect(old?.first?.version == "2014-04-04T06:26:23.051Z")
        let path = "/v2/apps/minecraft/survival-world/tasks"
        let new = try await client(path, marathonExample("v1.11-app_tasks.json")).tasks("/minecraft/survival-world")
        #expect(new?.first?.state == "TASK_STAGING" && new?.first?.isRunning == false)
        #expect(try await client("/", "").tasks("/x") == nil)
    }

    // MARK: Writes

    @Test(
        arguments: [
            (#"{"version":"v","deploymentId":"d"}"#, nil, "d"), (#"{"version":"v"}"#, "h", "h"),
            (#"{"id":"/x","version":"v","deployments":[{"id":"c"}],"instances":1}"#, nil, "c"),
            (#"{"id":"/x","version":"v"}"#, nil, nil),
        ] as [(String, String?, String?)]
    )
    func `an accepted write names its deployment`(body: String, header: String?, deployment: String?) async throws {
        let headers = header.map { [(name: "marathon-deployment-id", value: $0)] } ?? []
        let marathons = ScriptedMarathons { _, _ in .answer(201, body, headers: headers) }
        let ticket = try await marathons.client().put(AppWrite(.merge, body: [:]), id: "/x", force: false)
        #expect(ticket == MarathonClient.Ticket(deployment: deployment, version: "v"))
    }

    @Test func `writes are put where they belong, with their force said`() async throws {
        let marathons = ScriptedMarathons { _, _ in .answer(200, #"{"version":"v","deploymentId":"d"}"#) }
        let client = marathons.client()
        _ = try await client.put(AppWrite(.merge, body: ["id": "x", "cmd": "a"]), id: "/g/x y", force: false)
        _ = try await client.put(AppWrite(.replace, body: ["cmd": "a"]), id: "/g/x", force: true)
        _ = try await client.delete(id: "/g/x")
        _ = try await client.delete(id: "/g/x", force: true)
        _ = try await client.restart(id: "/g/x", force: false)
        #expect(
            marathons.log.map { $0.dropFirst(2) } == [
                "PUT /v2/apps/g/x%20y?force=false", "PUT /v2/apps/g/x?force=true&partialUpdate=false",
                "DELETE /v2/apps/g/x?force=false", "DELETE /v2/apps/g/x?force=true",
                "POST /v2/apps/g/x/restart?force=false",
            ]
        )
        // Up to 0.9 the body's id wins over the path's: it must be the same.
        #expect(String(decoding: marathons.requests[0].body, as: UTF8.self) == #"{"cmd":"a","id":"/g/x y"}"#)
    }
}
