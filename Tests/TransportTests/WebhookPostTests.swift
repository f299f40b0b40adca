import Daemons
import FoundationEssentials
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Transport

@Suite("A notice on its way to a webhook", .ownThread)
struct WebhookPostTests {
    private static let now = 784_111_777

    private func send(
        _ body: String = "{}",
        headers: [(name: String, value: String)] = [],
        to url: String,
        authority: String? = nil,
        within limit: Duration = .seconds(90),
        from directory: String = "."
    ) async throws -> WebhookAnswer {
        let post = WebhookPost(directory: directory)
        let answer = await post.send(
            Array(body.utf8),
            headers: headers,
            to: try WebAddress(url),
            authority: authority,
            within: limit,
            at: Self.now
        )
        await post.close()
        return try #require(answer)
    }

    @Test("goes to the path and query that are declared, with the URL's user and password apart")
    func request() async throws {
        let seen = Mutex<HTTPRequest?>(nil)
        try await serving { request in
            seen.withLock { $0 = request }
            return HTTPResponse(204)
        } _: { port in
            let url = "http://me:p%40ss@127.0.0.1:\(port)/services//T0/secret/?a=%20b"
            let answer = try await send("{\"a\":1}", headers: [("X-Test", "1")], to: url)
            #expect(answer == .status(204))
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == "POST" && request.target == "/services//T0/secret/?a=%20b")
        #expect(request.body == Array("{\"a\":1}".utf8) && request[header: "X-Test"] == "1")
        #expect(request[header: "Content-Type"] == "application/json")
        #expect(request[header: "Authorization"] == "Basic " + Data("me:p@ss".utf8).base64EncodedString())
    }

    @Test("follows no redirect, reads Retry-After, and takes an answer by its head")
    func answers() async throws {
        let paths = Mutex<[String]>([])
        try await serving { request in
            paths.withLock { $0.append(request.target) }
            switch request.target {
            case "/moved": return HTTPResponse(307, headers: [HTTPField("Location", "/elsewhere")])
            case "/busy": return HTTPResponse(429, headers: [HTTPField("Retry-After", "17")])
            case "/dated":
                let date = "Sun, 06 Nov 1994 08:50:37 GMT"
                return HTTPResponse(503, headers: [HTTPField("Retry-After", date)])
            case "/packed": return HTTPResponse(200, headers: [HTTPField("Content-Encoding", "gzip")], body: [1])
            default: return HTTPResponse(200, body: [UInt8](repeating: 32, count: 1 << 20))
            }
        } _: { port in
            let base = "http://localhost:\(port)"
            let expected: [(String, WebhookAnswer)] = [
                ("/moved", .status(307)), ("/busy", .status(429, retryAfterSeconds: 17)),
                ("/dated", .status(503, retryAfterSeconds: 60)), ("/packed", .status(200)), ("/large", .status(200)),
            ]
            for (path, answer) in expected {
                let given = try await send(to: base + path)
                #expect(given == answer)
            }
        }
        #expect(paths.withLock { $0 } == ["/moved", "/busy", "/dated", "/packed", "/large"])
    }

    @Test("a receiver that is not there or does not answer is told by its host alone")
    func silence() async throws {
        let mute = try LoopbackServer(nil)
        let url = "http://user:hunter2@127.0.0.1:\(mute.port)/T0/XXXX?token=YYYY"
        let late = try await send(to: url, within: .milliseconds(300))
        mute.stop()
        let gone = try await send(to: url)
        for (answer, kind) in [(late, RESTError.Kind.timedOut), (gone, .refused)] {
            guard case .none(let found, let words) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(found == kind, "\(words)")
            #expect(words.contains("127.0.0.1"))
            for secret in ["hunter2", "user", "T0", "XXXX", "YYYY"] { #expect(!words.contains(secret), "\(words)") }
        }
    }

    @Test("a certificate that is not trusted gets nothing")
    func certificates() async throws {
        let authority = try await TestAuthority()
        try await authority.issue("good", for: "IP:127.0.0.1")
        let server = try await authority.serve("good")
        let url = "https://127.0.0.1:\(server.port)/T0/XXXX"
        let stranger = try await send(to: url)
        guard case .none(.untrusted, let words) = stranger else {
            Issue.record("\(stranger)")
            return
        }
        #expect(!words.contains("XXXX"))
        let known = try await send(to: url, authority: "ca.pem", within: .seconds(2), from: authority.directory.path)
        if case .none(.untrusted, let words) = known { Issue.record("\(words)") }
    }

    @Test("the receiver's script in docs/watch.md tells ours from others', and old ones from new ones")
    func script() async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        let page = try String(contentsOf: root + "/docs/watch.md")
        let blocks = page.split(separator: "```sh\n# verify.sh")
        let script = try #require(blocks.dropFirst().first?.split(separator: "```").first)
        let directory = try #require(PrivateDirectory())
        defer { directory.remove() }
        func put(_ text: String, _ name: String) throws -> String {
            let path = "\(directory.path)/\(name)"
            try Data(text.utf8).write(to: URL(filePath: path))
            return path
        }
        let key = "correct horse battery staple"
        let messages = ["100 % \"full\"\n"]
        let notice = LoopNotice(kind: .failed, cluster: "ost-zürich", at: 0, revision: nil, messages: messages)
        let body = String(decoding: try JSONEncoder().encode(notice), as: UTF8.self)
        let now = Int(Date().timeIntervalSince1970)
        let program = try put("# verify.sh" + script, "verify.sh")
        func verdict(_ body: String, _ header: String, _ key: String) async throws -> Bool {
            let arguments = [program, try put(body, "body"), header, try put(key + "\n", "key")]
            let child = ChildProcess(program: "sh", arguments: arguments, deadline: .seconds(90))
            let ended = try await child.run(in: "/tmp")
            #expect(ended.errors.isEmpty, "\(ended.errors)")
            return ended.exitCode == 0
        }
        let header = WebhookSignature.header(of: Array(body.utf8), key: Array(key.utf8), at: now)
        #expect(try await verdict(body, header, key))
        #expect(try await !verdict(body + " ", header, key))
        #expect(try await !verdict(body, header, key + "!"))
        #expect(try await !verdict(body, header.replacing("t=\(now)", with: "t=\(now + 1)"), key))
        #expect(try await !verdict(body, "", key))
        let old = WebhookSignature.header(of: Array(body.utf8), key: Array(key.utf8), at: now - 301)
        #expect(try await !verdict(body, old, key))
    }
}
