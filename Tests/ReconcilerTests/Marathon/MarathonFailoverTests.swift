import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("Which Marathon is asked")
struct MarathonFailoverTests {
    static let refusedByLeader = "<html><body><h2>HTTP ERROR 502</h2><p>Connection to leader refused.</p></body></html>"

    /// Answers of the first Marathon after which another may do it, whatever was asked.
    static let surelyNotDone: [(String, ScriptedMarathons.Reply)] = [
        ("refused", .error(.refused, mayHaveArrived: false)),
        ("unreachable", .error(.unreachable, mayHaveArrived: false)),
        ("untrusted", .error(.untrusted, mayHaveArrived: false)),
        ("502 refused", .answer(502, refusedByLeader)),
        ("503 refused (1.3, 1.4)", .answer(503, "<p>Connection to leader refused.</p>")),
        ("503 without a leader", .answer(503, "<title>Could not determine the current leader</title>")),
        ("502 without a leader", .answer(502, "Could not determine the current leader")),
        ("502 loop", .answer(502, "Detected proxying loop.")),
    ]

    /// After which only a read may be tried again.
    static let maybeDone: [(String, ScriptedMarathons.Reply)] = [
        ("timed out", .error(.timedOut, mayHaveArrived: true)),
        ("interrupted", .error(.interrupted, mayHaveArrived: true)),
        ("504", .answer(504, "Connection to leader timed out.")),
        ("503 inside Marathon", .answer(503, #"{"message":"Futures timed out after [10 seconds]"}"#)),
        ("502 of a proxy", .answer(502, "Bad Gateway")),
        ("nothing, of a standby up to 0.8", .answer(200, "")),
    ]

    private static func marathons(first: ScriptedMarathons.Reply) -> ScriptedMarathons {
        ScriptedMarathons { host, request in
            if host == "a" { return first }
            return .answer(200, request.method == .get ? "[]" : #"{"version":"v","deploymentId":"d"}"#)
        }
    }

    @Test func `a read goes on to the next one, and stays with the one that answered`() async throws {
        for (name, reply) in Self.surelyNotDone + Self.maybeDone {
            let marathons = Self.marathons(first: reply)
            let client = marathons.client()
            let copy = client
            #expect(try await client.deployments() == [], "\(name)")
            #expect(try await copy.deployments() == [], "\(name)")
            #expect(
                marathons.log == ["a GET /v2/deployments", "b GET /v2/deployments", "b GET /v2/deployments"],
                "\(name)"
            )
        }
    }

    @Test func `a write goes on only where it surely was not done`() async throws {
        for (name, reply) in Self.surelyNotDone {
            let marathons = Self.marathons(first: reply)
            let ticket = try await marathons.client().put(
                AppWrite(.merge, body: ["instances": 2]),
                id: "/x",
                force: false
            )
            #expect(ticket == MarathonClient.Ticket(deployment: "d", version: "v"), "\(name)")
            #expect(marathons.log == ["a PUT /v2/apps/x?force=false", "b PUT /v2/apps/x?force=false"], "\(name)")
        }
    }

    @Test func `a write that may have been done is not sent twice, and says so`() async throws {
        for (name, reply) in Self.maybeDone {
            let marathons = Self.marathons(first: reply)
            let fault = await MarathonFault.from { () throws(MarathonFault) in
                try await marathons.client().restart(id: "/x", force: false)
            }
            #expect(fault?.mayHaveBeenDone == true, "\(name)")
            #expect(marathons.log.count == 1, "\(name)")
        }
    }

    @Test func `an answer to a write that cannot be read may have been done`() async throws {
        for body in [#"{"version":"#, "<html>", "[]"] {
            let marathons = ScriptedMarathons { _, _ in .answer(200, body) }
            let fault = await MarathonFault.from { () throws(MarathonFault) in
                try await marathons.client().delete(id: "/x")
            }
            #expect(fault?.kind == .unreadable && fault?.mayHaveBeenDone == true, "\(body)")
            #expect(marathons.log == ["a DELETE /v2/apps/x?force=false"])
        }
    }

    @Test func `where nobody runs, each is asked once and all are named`() async throws {
        let marathons = ScriptedMarathons { _, _ in .error(.refused, mayHaveArrived: false) }
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await marathons.client().info()
        }
        #expect(fault?.kind == .unreachable)
        #expect(fault?.mayHaveBeenDone == false)
        #expect(marathons.log.count == 3)
        for host in ["a", "b", "c"] { #expect(fault?.message.contains("http://\(host):8080") == true) }
    }

    @Test func `while nobody leads it waits, and not for ever`() async throws {
        let electing = ScriptedMarathons { _, _ in .answer(503, "Could not determine the current leader") }
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await electing.client().info()
        }
        #expect(fault?.kind == .unreachable)
        #expect(fault?.message.contains("no Marathon leads") == true)
        // One round a second, for a minute.
        #expect(170...190 ~= electing.log.count)
    }

    @Test func `a leader that is elected meanwhile gets the write`() async throws {
        let rounds = Counter()
        let marathons = ScriptedMarathons { _, _ in
            rounds.next() < 8
                ? .answer(502, "Could not determine the current leader")
                : .answer(200, #"{"version":"v","deploymentId":"d"}"#)
        }
        let ticket = try await marathons.client().delete(id: "/x")
        #expect(ticket.deployment == "d")
        #expect(marathons.log.count == 9)
    }

    @Test func `redirects are not followed`() async throws {
        let marathons = ScriptedMarathons { _, _ in
            .answer(307, "", headers: [(name: "Location", value: "http://elsewhere/v2/info")])
        }
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await marathons.client().info()
        }
        #expect(fault?.kind == .failed(status: 307))
        #expect(marathons.log == ["a GET /v2/info"])
    }

    @Test func `every request says its type, and logs in as declared`() async throws {
        let secrets: [SecretReference: String] = [.environment("PW"): "p:w"]
        let marathons = ScriptedMarathons { _, _ in .answer(200, "[]") }
        _ = try await marathons.client(
            secrets: secrets,
            credentials: Content([.literal("admin:"), .secret(.environment("PW"))])
        ).deployments()
        _ = try await marathons.client(secrets: secrets, token: Content([.secret(.environment("PW"))])).deployments()
        let fields = marathons.requests.map { $0.headers.map { "\($0.name): \($0.value)" } }
        let json = ["Content-Type: application/json", "Accept: application/json"]
        #expect(fields == [json + ["Authorization: Basic YWRtaW46cDp3"], json + ["Authorization: token=p:w"]])
    }

    @Test func `a login whose secret has no value is not tried`() async throws {
        let marathons = ScriptedMarathons { _, _ in .answer(200, "[]") }
        let client = marathons.client(credentials: Content([.secret(.environment("PW"))]))
        let fault = await MarathonFault.from { () throws(MarathonFault) in
            try await client.deployments()
        }
        #expect(fault?.kind == .unauthorized)
        #expect(fault?.message.contains("${env:PW}") == true)
        #expect(marathons.log == [])
    }

    @Test func `a login is one line, however it was written down`() async throws {
        let secrets: [SecretReference: String] = [.file("t"): "abc", .file("p"): "pw"]
        let marathons = ScriptedMarathons { _, _ in .answer(200, "[]") }
        let basic = Content([.literal("me:"), .secret(.file("p")), .literal("\n")])
        _ = try await marathons.client(secrets: secrets, credentials: basic).deployments()
        _ = try await marathons.client(secrets: secrets, token: Content([.secret(.file("t")), .literal("\n")]))
            .deployments()
        let logins = marathons.requests.map { request in
            request.headers.filter { $0.name == "Authorization" }.map(\.value)
        }
        #expect(logins == [["Basic bWU6cHc="], ["token=abc"]])
    }
}

/// Counts from 0.
final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
