import Specs
import Testing

@testable import Reconciler

@Suite("What Marathon refuses")
struct MarathonFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var status: Int
        var body: String
        var kind: MarathonFault.Kind
        /// What must be in the message.
        var words: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "0.8 validation",
            status: 422,
            body:
                #"{"errors":[{"attribute":"id","error":"path contains invalid characters"},{"attribute":"","error":"b"}]}"#,
            kind: .invalid,
            words: "id: path contains invalid characters; b"
        ),
        Case(
            name: "0.11 validation",
            status: 422,
            body:
                #"{"message":"Bean is not valid","errors":[{"attribute":"upgradeStrategy","error":"is greater than 1"}]}"#,
            kind: .invalid,
            words: "Bean is not valid: upgradeStrategy: is greater than 1"
        ),
        Case(
            name: "0.15 validation",
            status: 422,
            body: #"{"message":"Object is not valid","details":[{"attribute":"mem","error":"must be positive"}]}"#,
            kind: .invalid,
            words: "Object is not valid: mem: must be positive"
        ),
        Case(
            name: "1.0 validation",
            status: 422,
            body:
                #"{"message":"Object is not valid","details":[{"path":"/healthChecks(0)/portIndex","errors":["a","b"]}]}"#,
            kind: .invalid,
            words: "Object is not valid: /healthChecks(0)/portIndex: a, b"
        ),
        Case(
            name: "a text for details",
            status: 400,
            body: #"{"message":"Invalid JSON","details":"Unexpected end-of-input"}"#,
            kind: .invalid,
            words: "Invalid JSON: Unexpected end-of-input"
        ),
        Case(
            name: "a list of texts",
            status: 422,
            body: #"{"message":null,"errors":["one","two"]}"#,
            kind: .invalid,
            words: "one; two"
        ),
        Case(
            name: "0.7 of another shape",
            status: 500,
            body: #"{"message":"JsResultException(errors:List())"}"#,
            kind: .invalid,
            words: "JsResultException"
        ),
        Case(
            name: "locked",
            status: 409,
            body: #"{"message":"App is locked by one or more deployments.","deployments":[{"id":"d1"},{"id":"d2"}]}"#,
            kind: .locked(deployments: ["d1", "d2"]),
            words: "is locked by"
        ),
        Case(
            name: "locked by nobody known",
            status: 409,
            body: #"{"message":"App is locked by one or more deployments.","deployments":[]}"#,
            kind: .locked(deployments: []),
            words: "is locked by"
        ),
        Case(
            name: "taken",
            status: 409,
            body: #"{"message":"An app with id [/x] already exists."}"#,
            kind: .exists,
            words: "already exists"
        ),
        Case(
            name: "a service port that is taken",
            status: 409,
            body: #"{"message":"Requested service port 9000 conflicts with a service port in app /other"}"#,
            kind: .invalid,
            words: "service port 9000"
        ),
        Case(
            name: "unknown",
            status: 404,
            body: #"{"message":"App '/x' does not exist"}"#,
            kind: .missing,
            words: "'/x' does not exist"
        ),
        Case(
            name: "an unknown path",
            status: 404,
            body: #"{"message":"URI not found: /v2/apps"}"#,
            kind: .failed(status: 404),
            words: "marathon.endpoint"
        ),
        Case(
            name: "404 of another server",
            status: 404,
            body: "<h1>nginx</h1>",
            kind: .failed(status: 404),
            words: "404"
        ),
        Case(
            name: "401 of Jetty",
            status: 401,
            body: "<html><title>Error 401 Unauthorized</title></html>",
            kind: .unauthorized,
            words: "401"
        ),
        Case(name: "401 with nothing", status: 401, body: "", kind: .unauthorized, words: "401"),
        Case(
            name: "401 of a plugin",
            status: 401,
            body: #"{"message":"Invalid username or password."}"#,
            kind: .unauthorized,
            words: "Invalid username or password."
        ),
        Case(
            name: "403",
            status: 403,
            body: #"{"message":"Not Authorized to perform this action!"}"#,
            kind: .forbidden,
            words: "Not Authorized"
        ),
        Case(name: "405", status: 405, body: "", kind: .failed(status: 405), words: "405"),
        Case(
            name: "500",
            status: 500,
            body: #"{"message":"boom"}"#,
            kind: .failed(status: 500),
            words: "boom"
        ),
    ]

    @Test(arguments: cases)
    func `its own words are found in every form they have had`(one: Case) async throws {
        let marathons = ScriptedMarathons { _, _ in .answer(one.status, one.body) }
        let fault = try #require(
            await MarathonFault.from { () throws(MarathonFault) in
                try await marathons.client().restart(id: "/x", force: false)
            }
        )
        #expect(fault.kind == one.kind)
        #expect(fault.message.contains(one.words), "\(fault.message)")
        #expect(fault.message.contains("http://a:8080 answers \(one.status) to POST /v2/apps/x/restart?force=false"))
        #expect(fault.mayHaveBeenDone == (one.status == 500 && one.kind != .invalid))
    }

    @Test(arguments: ["v0.7.6-put-app-409-locked.json", "v0.8.2-put-app-409-locked.json"])
    func `the published lock names its deployment`(example: String) async throws {
        let body = try marathonExample(example)
        let marathons = ScriptedMarathons { _, _ in .answer(409, body) }
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await marathons.client().delete(id: "/x")
        }
        #expect(fault?.kind == .locked(deployments: ["5cd987cd-85ae-4e70-8df7-f1438367d9cb"]))
    }

    @Test func `an echoed definition does not show its secrets`() async throws {
        let words = #"{"message":"Invalid: AppUpdate(env: DB=hunter2 PASSWORD=other, http://me:pw@host/x)"}"#
        let marathons = ScriptedMarathons { _, _ in .answer(422, words) }
        let client = marathons.client(secrets: [.environment("DB"): "hunter2"])
        let fault = try #require(
            await MarathonFault.from { () throws(MarathonFault) in
                try await client.delete(id: "/x")
            }
        )
        #expect(fault.message.contains("DB=${env:DB}"))
        for secret in ["hunter2", "other", "me:pw"] { #expect(!fault.message.contains(secret), "\(fault.message)") }
    }

    @Test func `a body with a secret without a value is not sent`() async throws {
        let marathons = ScriptedMarathons { _, _ in .answer(200, "{}") }
        let body: AppValue = ["cmd": .text(Content([.secret(.environment("PW"))]))]
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await marathons.client().put(AppWrite(.merge, body: body), id: "/x", force: false)
        }
        #expect(fault?.kind == .invalid)
        #expect(fault?.message.contains("${env:PW}") == true)
        #expect(marathons.log == [])
    }
}
