import Daemons
import Glibc
import Reconciler
import Testing

@testable import Transport

@Suite(.ownThread) struct NetworkTransportTests {
    @Test(
        "What is sent arrives as it is, and the whole answer comes back",
        arguments: [RESTRequest.Method.get, .put, .post, .delete]
    )
    func requestsAndAnswersAreWhole(_ method: RESTRequest.Method) async throws {
        let body = String(repeating: "{\"id\": \"/é\"}", count: 20_000)
        try await serving { request in
            var answer = HTTPResponse(201, headers: [HTTPField("X-Marathon-Leader", "http://a:8080")])
            let token = request.headers.first { $0.name == "Authorization" }?.value ?? "none"
            let host = request.headers.first { $0.name == "Host" }?.value ?? "none"
            answer.body = Array("\(request.method) \(request.target) \(token) \(host) ".utf8) + request.body
            return answer
        } _: { port in
            try await transporting { transport in
                let target = "/v2/apps//a/b%2Fc?embed=apps.tasks&label=a%20%3D%3D%20b&force=true"
                let request = RESTRequest(
                    method,
                    target,
                    headers: [("Authorization", "token=x"), ("Content-Type", "application/json")],
                    body: method == .get ? [] : Array(body.utf8)
                )
                let endpoint = RESTEndpoint(host: "127.0.0.1", port: port, basePath: "/service/marathon")
                let answer = try await transport.send(request, to: endpoint)
                #expect(answer.status == 201)
                #expect(answer.header("x-marathon-leader") == "http://a:8080")
                let sent = method == .get ? "" : body
                #expect(
                    answer.text == "\(method.rawValue) /service/marathon\(target) token=x 127.0.0.1:\(port) \(sent)"
                )
            }
        }
    }

    @Test(
        "A redirect, a refusal and a failure are answers, and nothing is asked twice",
        arguments: [302, 307, 401, 409, 503]
    )
    func noStatusIsActedOn(_ status: Int) async throws {
        let peer = try ScriptedPeer([
            .readHead,
            .send("HTTP/1.1 \(status) X\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nno"),
            .stay,
        ])
        defer { peer.stop() }
        try await transporting { transport in
            let answer = try await transport.send(
                RESTRequest(.get, "/"),
                to: RESTEndpoint(host: "127.0.0.1", port: peer.port)
            )
            #expect(answer.status == status)
            #expect(answer.text == "no")
            #expect(peer.connections == 1)
        }
    }

    @Test("No proxy of the environment is used")
    func proxiesAreLeftAlone() async throws {
        let proxy = try ScriptedPeer([.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"), .stay])
        defer { proxy.stop() }
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy"] { setenv(name, "http://127.0.0.1:\(proxy.port)", 1) }
        defer { for name in ["http_proxy", "HTTP_PROXY", "all_proxy"] { unsetenv(name) } }
        try await serving { _ in
            HTTPResponse(200, body: Array("server".utf8))
        } _: { port in
            try await transporting { transport in
                let endpoint = RESTEndpoint(host: "127.0.0.1", port: port)
                let answer = try await transport.send(RESTRequest(.get, "/"), to: endpoint)
                #expect(answer.text == "server")
            }
        }
        #expect(proxy.connections == 0)
    }

    struct Misdeed: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var script: [ScriptedPeer.Step]
        var kind: RESTError.Kind
        var words: String

        init(_ name: String, _ script: [ScriptedPeer.Step], _ kind: RESTError.Kind, _ words: String) {
            testDescription = name
            self.script = script
            self.kind = kind
            self.words = words
        }
    }

    static let misdeeds = [
        Misdeed("ends after the request", [.readHead], .interrupted, "without an answer"),
        Misdeed("resets after the request", [.readHead, .reset], .interrupted, "connection"),
        Misdeed(
            "answers garbage",
            [.readHead, .send("SSH-2.0-OpenSSH_9.2\r\n\r\n"), .stay],
            .interrupted,
            "no whole HTTP answer"
        ),
        Misdeed(
            "ends in the middle of the head",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Le")],
            .interrupted,
            "connection"
        ),
        Misdeed(
            "ends in the middle of the body",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"apps\": [")],
            .interrupted,
            "middle of the answer"
        ),
        Misdeed(
            "ends in the middle of a chunk",
            [.readHead, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"apps\": [")],
            .interrupted,
            "middle of the answer"
        ),
        Misdeed(
            "names two lengths",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), .stay],
            .interrupted,
            "no whole HTTP answer"
        ),
        Misdeed(
            "sends less than it announced and stays",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), .stay],
            .timedOut,
            "within 4 s"
        ),
        Misdeed("never answers", [.readHead, .stay], .timedOut, "no whole answer within 4 s"),
        Misdeed(
            "drips for longer than the deadline",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")]
                + Array(repeating: [.send("a"), .wait(.milliseconds(400))], count: 20).flatMap(\.self),
            .timedOut,
            "no whole answer within 4 s"
        ),
        Misdeed(
            "announces too much",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), .stay],
            .tooLarge,
            "larger than 1 MiB"
        ),
        Misdeed(
            "sends too much without announcing it",
            [.readHead, .send("HTTP/1.1 200 OK\r\n\r\n"), .flood(String(repeating: "x", count: 65_536))],
            .tooLarge,
            "larger than 1 MiB"
        ),
        Misdeed(
            "compresses without being asked",
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"), .stay],
            .interrupted,
            "compressed (gzip)"
        ),
    ]

    @Test("A server that misbehaves gives no answer, is asked once, and may have read the request", arguments: misdeeds)
    func misdeedsAreErrors(_ misdeed: Misdeed) async throws {
        let peer = try ScriptedPeer(misdeed.script)
        defer { peer.stop() }
        try await transporting(NetworkTransport(options: NetworkOptions(bodyLimit: 1 << 20))) { transport in
            let request = RESTRequest(
                .put,
                "/v2/apps//a",
                headers: [("Authorization", "Basic tops3cret")],
                deadline: .seconds(4)
            )
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await fault(of: transport, request, at: RESTEndpoint(host: "127.0.0.1", port: peer.port))
            #expect(error.kind == misdeed.kind, "\(error)")
            #expect(error.mayHaveArrived, "\(error)")
            #expect(error.message.contains(misdeed.words), "\(error)")
            #expect(!error.message.contains("tops3cret"))
            #expect(clock.now - start < .seconds(60))
            #expect(peer.connections == 1)
        }
    }

    @Test("Nobody on the port is told from nobody at home, and nothing arrived")
    func closedPortsAreTold() async throws {
        let hole = try BlackHole()
        let closed = try ScriptedPeer.closedPort()
        try await transporting(NetworkTransport(options: NetworkOptions(connectTimeout: .milliseconds(700)))) {
            transport in
            let refused = try await fault(of: transport, at: RESTEndpoint(host: "127.0.0.1", port: closed))
            #expect(refused.kind == .refused)
            #expect(!refused.mayHaveArrived)
            #expect(refused.message.contains("nobody listens on the port (Connection refused)"), "\(refused)")
            let named = try await fault(of: transport, at: RESTEndpoint(host: "localhost", port: closed))
            #expect(named.kind == .refused, "\(named)")
            let dropped = try await fault(of: transport, at: RESTEndpoint(host: "127.0.0.1", port: hole.port))
            #expect(dropped.kind == .unreachable)
            #expect(!dropped.mayHaveArrived)
            #expect(dropped.message.contains("no connection within 0.70 s"), "\(dropped)")
            // A label longer than DNS allows: no resolver has to be asked.
            let nameless = RESTEndpoint(host: String(repeating: "a", count: 70) + ".invalid", port: 80)
            let lost = try await fault(of: transport, at: nameless)
            #expect(lost.kind == .unreachable)
            #expect(lost.message.contains("does not resolve"), "\(lost)")
        }
    }

    @Test("The deadline covers connecting too")
    func theDeadlineIsShorterThanTheConnectTimeout() async throws {
        let hole = try BlackHole()
        try await transporting(NetworkTransport(options: NetworkOptions(connectTimeout: .seconds(20)))) { transport in
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await fault(
                of: transport,
                RESTRequest(.get, "/", deadline: .milliseconds(500)),
                at: RESTEndpoint(host: "127.0.0.1", port: hole.port)
            )
            #expect(error.kind == .unreachable)
            #expect(!error.mayHaveArrived)
            #expect(error.message.contains("no connection within 0.50 s"), "\(error)")
            #expect(clock.now - start < .seconds(15))
        }
    }

    @Test("Cancelled in the middle, it ends at once and says whether it was sent")
    func cancellationEndsIt() async throws {
        let peer = try ScriptedPeer([.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), .stay])
        defer { peer.stop() }
        let hole = try BlackHole()
        try await transporting(NetworkTransport(options: NetworkOptions(connectTimeout: .seconds(20)))) { transport in
            for (port, arrived) in [(peer.port, true), (hole.port, false)] {
                let endpoint = RESTEndpoint(host: "127.0.0.1", port: port)
                let asked = Task(executorPreference: OwnThread.current) {
                    try await fault(of: transport, RESTRequest(.post, "/", deadline: .seconds(90)), at: endpoint)
                }
                // Nobody can see the one that is connecting; cancelled before, it says the same.
                try await Task.sleep(for: .milliseconds(400))
                if arrived { try await waitUntil { peer.heads == 1 } }
                let clock = ContinuousClock()
                let start = clock.now
                asked.cancel()
                let error = try await asked.value
                #expect(error.kind == .cancelled, "\(error)")
                #expect(error.mayHaveArrived == arrived, "\(error)")
                #expect(clock.now - start < .seconds(15))
            }
        }
    }

    @Test("An IPv6 address is a host like another")
    func addressesOfSixteenBytes() async throws {
        let peer = try ScriptedPeer(
            [.readHead, .send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix"), .stay],
            family: AF_INET6
        )
        defer { peer.stop() }
        try await transporting { transport in
            let endpoint = RESTEndpoint(host: "::1", port: peer.port)
            let answer = try await transport.send(RESTRequest(.get, "/ping"), to: endpoint)
            #expect(answer.text == "six")
        }
    }

    @Test("More requests than may be under way wait their turn within their deadline")
    func manyAtOnce() async throws {
        try await serving { _ in
            try? await Task.sleep(for: .milliseconds(400))
            return HTTPResponse(200)
        } _: { port in
            try await transporting(
                NetworkTransport(options: NetworkOptions(connectTimeout: .seconds(2), requestsAtOnce: 3))
            ) {
                transport in
                let endpoint = RESTEndpoint(host: "127.0.0.1", port: port)
                let statuses = try await (0..<18).mapConcurrently(limit: 18) { _ in
                    try await transport.send(RESTRequest(.get, "/"), to: endpoint).status
                }
                #expect(statuses == Array(repeating: 200, count: 18))
            }
        }
    }

    @Test("A header that HTTP forbids is not sent, and not quoted")
    func aBrokenHeader() async throws {
        try await transporting { transport in
            let request = RESTRequest(.get, "/", headers: [("Authorization", "token=tops3cret\r\nX: y")])
            let error = try await fault(of: transport, request, at: RESTEndpoint(host: "127.0.0.1", port: 9))
            #expect(!error.mayHaveArrived)
            #expect(!error.message.contains("tops3cret"), "\(error)")
        }
    }

    @Test("Closing ends what is under way, may be done twice, and nothing is sent afterwards")
    func closing() async throws {
        let peer = try ScriptedPeer([.readHead, .stay])
        defer { peer.stop() }
        let transport = NetworkTransport()
        let endpoint = RESTEndpoint(host: "127.0.0.1", port: peer.port)
        let asked = Task(executorPreference: OwnThread.current) {
            try await fault(of: transport, at: endpoint)
        }
        try await waitUntil { peer.connections == 1 }
        let closing = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await transport.close()
        }
        await closing.value
        #expect(try await asked.value.kind == .cancelled)
        await transport.close()
        #expect(try await fault(of: transport, at: endpoint).message.contains("the run is ending"))
        #expect(peer.connections == 1)
    }
}
