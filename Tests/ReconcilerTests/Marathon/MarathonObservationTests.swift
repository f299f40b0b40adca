import FoundationEssentials
import Specs
import Testing

@testable import Reconciler

@Suite("Observing Marathon")
struct MarathonObservationTests {
    private func desired(_ ids: [String], _ definition: AppValue = [:]) -> DesiredApps {
        DesiredApps(
            apps: ids.map { id in
                DesiredApp(
                    id: id,
                    definition: definition,
                    position: SourcePosition(file: "apps/x.json", line: 1, column: 1)
                )
            }
        )
    }

    /// Marathons of `release` whose list holds `apps`; what is not in `others` does not exist.
    private func marathons(
        _ release: String = "1.11.24",
        apps: [String],
        others: [String: ScriptedMarathons.Reply] = [:]
    ) -> ScriptedMarathons {
        ScriptedMarathons { _, request in
            if let reply = others[request.path] { return reply }
            if request.path == "/v2/info" { return .answer(200, infoAnswer(release)) }
            if request.path == "/v2/groups?embed=group.groups" { return .answer(200, #"{"id":"/","groups":[]}"#) }
            if request.path == "/v2/deployments" { return .answer(200, "[]") }
            if request.path.hasPrefix("/v2/apps?") {
                return .answer(200, #"{"apps":[\#(apps.joined(separator: ","))]}"#)
            }
            return .answer(404, #"{"message":"App '\#(request.path.dropFirst(8))' does not exist"}"#)
        }
    }

    @Test(arguments: [("1.8.244", []), ("1.9.109", ["a GET /v2/groups?embed=group.groups"])])
    func `ten thousand apps need three requests, and one more where groups enforce roles`(
        release: String,
        more: [String]
    ) async throws {
        let ids = (0..<10_000).map { "/app-\($0)" }
        let marathons = marathons(release, apps: ids.map { appAnswer($0) })
        let seen = try #require(await marathons.client().observe(desired(ids)).value)
        #expect(seen.apps.count == 10_000 && seen.hidden.isEmpty)
        #expect(
            marathons.log == ["a GET /v2/info"] + more + [
                "a GET /v2/deployments", "a GET /v2/apps?embed=apps.taskStats",
            ]
        )
    }

    private static let groups = "/v2/groups?embed=group.groups"

    @Test func `top groups that enforce their role are known by name`() async throws {
        let body = """
            {"id":"/","dependencies":[],"version":"2026-01-05T09:00:00.000Z","enforceRole":false,"groups":[
             {"id":"/prod","dependencies":[],"version":"2026-01-05T09:00:00.000Z","enforceRole":true,"groups":[
              {"id":"/prod/db","dependencies":[],"version":"2026-01-05T09:00:00.000Z","enforceRole":true,"groups":[]}]},
             {"id":"/dev","dependencies":[],"version":"2026-01-05T09:00:00.000Z","enforceRole":false,"groups":[]},
             {"id":"/odd","groups":[]}]}
            """
        let marathons = marathons(apps: [], others: [Self.groups: .answer(200, body)])
        let context = try #require(await marathons.client().observe(desired([])).value).context
        #expect(context.enforcedGroups == ["/prod"])
        #expect(["/prod/db/x", "/prod", "/dev/x", "/production/x"].map(context.role) == ["prod", "prod", "*", "*"])
        #expect(try await marathons.client().context() == context)
    }

    @Test(arguments: [
        (403, #"{"message":"Not Authorized to perform this action!"}"#), (500, "<html>"), (200, #"{"groups":[{}]}"#),
        (200, #"{"groups":[{"id":"/prod","enforceRole":"yes"}]}"#), (200, #"{"groups":["#), (404, "<html>"),
    ])
    func `without the groups nothing is known of how apps are completed`(status: Int, body: String) async {
        let marathons = marathons(apps: [], others: [Self.groups: .answer(status, body)])
        #expect(await marathons.client().observe(desired([])).value == nil)
    }

    @Test func `a declared app that the list lacks is absent only where Marathon says so`() async throws {
        let marathons = marathons(
            apps: [appAnswer("/shown")],
            others: [
                "/v2/apps/filtered": .answer(403, #"{"message":"Not Authorized to perform this action!"}"#),
                "/v2/apps/broken": .answer(500, #"{"message":"boom"}"#),
                "/v2/apps/elsewhere": .answer(404, "<html>"), "/v2/apps/half": .answer(200, #"{"app":{"id":"/half""#),
                "/v2/apps/late": .answer(200, #"{"app":\#(appAnswer("/late"))}"#),
            ]
        )
        let ids = ["/shown", "/filtered", "/broken", "/elsewhere", "/half", "/late", "/absent"]
        let seen = try #require(await marathons.client().observe(desired(ids)).value)
        #expect(seen.apps.keys.sorted() == ["/late", "/shown"])
        #expect(seen.hidden.keys.sorted() == ["/broken", "/elsewhere", "/filtered", "/half"])
        #expect(seen.hidden["/filtered"]?.contains("Not Authorized") == true)
    }

    @Test(
        arguments: [
            ("/v2/info", ScriptedMarathons.Reply.answer(401, "<html>")),
            ("/v2/apps?embed=apps.taskStats", .answer(401, "<html>")),
            ("/v2/apps?embed=apps.taskStats", .answer(500, #"{"message":"boom"}"#)),
            ("/v2/apps?embed=apps.taskStats", .answer(403, "{}")),
            ("/v2/apps?embed=apps.taskStats", .answer(200, #"{"apps":[{"id":"/x","#)),
            ("/v2/apps?embed=apps.taskStats", .answer(200, #"{"groups":[]}"#)),
            ("/v2/apps?embed=apps.taskStats", .answer(200, "")),
            ("/v2/apps?embed=apps.taskStats", .answer(404, #"{"message":"App '/' does not exist"}"#)),
            ("/v2/deployments", .answer(503, "<html>")),
            ("/v2/deployments", .error(.timedOut, mayHaveArrived: true)),
            ("/v2/apps/x", .answer(401, "")),
            ("/v2/apps/x", .error(.refused, mayHaveArrived: false)),
        ]
    )
    func `anything but a whole answer is unknown, and says where`(path: String, reply: ScriptedMarathons.Reply) async {
        let seen = await marathons(apps: [], others: [path: reply]).client().observe(desired(["/x"]))
        guard case .unknown(let reason) = seen else {
            Issue.record("\(seen)")
            return
        }
        #expect(reason.contains("http://a:8080"), "\(reason)")
    }

    @Test func `nothing that is kept holds a secret's value`() async throws {
        let app = appAnswer(
            "/x",
            #","env":{"PW":"hunter2","API_KEY":"other"},"container":{"docker":{"image":"r/hunter2:1"}},"labels":{"a":"hunter2"}"#
        )
        let reference = AppValue.text(Content([.secret(.environment("PW"))]))
        let client = marathons(apps: [app]).client(secrets: [.environment("PW"): "hunter2"])
        let seen = await client.observe(desired(["/x"], ["env": ["PW": reference]]))
        let text = String(decoding: try JSONEncoder().encode(seen), as: UTF8.self)
        #expect(!text.contains("hunter2") && !text.contains("other"))
        #expect(seen.value?.apps["/x"]?.definition["env"]?["PW"] == reference)
    }

    // MARK: Outdated tasks up to 0.10

    private func oldApp(_ versions: [String]) -> String {
        let tasks = versions.map { #"{"id":"t","host":"h","startedAt":"s","version":"\#($0)"}"# }.joined(separator: ",")
        return appAnswer("/x", #","tasks":[\#(tasks)]"#)
    }

    @Test func `tasks of the app's own version need no further look`() async throws {
        let marathons = marathons("0.8.2", apps: [oldApp(["2026-01-05T09:00:00.000Z"])])
        let seen = try #require(await marathons.client().observe(desired(["/x"])).value)
        #expect(seen.apps["/x"]?.outdatedTasks == 0)
        #expect(marathons.log.count == 3)
    }

    @Test func `tasks of older versions are outdated where more than instances changed`() async throws {
        let now = "2026-01-05T09:00:00.000Z"
        let bare = #"{"id":"/x","cmd":"sleep 1","cpus":0.1,"mem":16.0,"instances":7,"version":"v1"}"#
        let marathons = marathons(
            "0.8.2",
            apps: [oldApp(["v1", "v1", "v2", now])],
            others: [
                "/v2/apps/x/versions/v1": .answer(200, bare),
                "/v2/apps/x/versions/v2": .answer(200, bare.replacing("sleep 1", with: "sleep 2")),
            ]
        )
        let seen = try #require(await marathons.client().observe(desired(["/x"])).value)
        #expect(seen.apps["/x"]?.outdatedTasks == 1)
        #expect(marathons.log.count == 5)
    }

    @Test func `where an older version is not to be seen, nothing is said of its tasks`() async throws {
        let seen = await marathons("0.8.2", apps: [oldApp(["v1"])]).client().observe(desired(["/x"])).value
        #expect(seen?.apps["/x"] != nil)
        #expect(seen?.apps["/x"]?.outdatedTasks == .some(nil))
    }

    @Test func `apps that nobody declared are not looked into`() async throws {
        let marathons = marathons("0.8.2", apps: [oldApp(["v1"])])
        #expect(await marathons.client().observe(desired([])).value?.apps.count == 1)
        #expect(marathons.log.count == 3)
    }
}
