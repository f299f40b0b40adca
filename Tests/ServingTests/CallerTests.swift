import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Calls {
        private static func call(
            _ request: HTTPRequest,
            _ port: Int,
            within timeout: Duration = .seconds(30),
            caller: HTTPCaller = HTTPCaller()
        ) async throws(HTTPCallFailure) -> HTTPResponse {
            try await caller.answer(to: request, from: Endpoint("127.0.0.1", port), within: timeout)
        }

        @Test func `request and answer pass as they are`() async throws {
            try await serving({ request in
                let names = request.headers.map(\.name).joined(separator: " ")
                let fields = [HTTPField("X-Names", names), HTTPField("Location", "/elsewhere")]
                return .whole(HTTPResponse(302, headers: fields, body: request.body.reversed()))
            }) { port in
                let answer = try await Self.call(
                    HTTPRequest("PUT", "/a?b=%20", headers: [HTTPField("x-cAsE", "1")], body: [1, 2, 3]),
                    port
                )
                #expect(answer.status == 302)
                #expect(answer.body == [3, 2, 1])
                #expect(
                    answer.headers == [
                        HTTPField("X-Names", "Host x-cAsE Content-Length"), HTTPField("Location", "/elsewhere"),
                        HTTPField("Content-Length", "3"),
                    ]
                )
            }
        }

        @Test func `HEAD and big bodies`() async throws {
            try await serving({ request in .whole(HTTPResponse(200, body: request.body + request.body)) }) { port in
                let head = try await Self.call(HTTPRequest("HEAD", "/", body: [1]), port)
                #expect(head.headers["Content-Length"] == "2")
                #expect(head.body.isEmpty)
                let big = HTTPRequest("POST", "/", body: [UInt8](repeating: 7, count: 5_000_000))
                #expect(try await Self.call(big, port).body.count == 10_000_000)
                await #expect(throws: HTTPCallFailure.self) {
                    try await Self.call(big, port, caller: HTTPCaller(largestBody: 9_999_999))
                }
            }
        }

        @Test func `an answer that is late is no answer`() async throws {
            try await serving({ _ in
                try? await Task.sleep(for: .seconds(2))
                return .whole(HTTPResponse(200))
            }) { port in
                await #expect(throws: HTTPCallFailure.timedOut) {
                    try await Self.call(HTTPRequest("GET", "/"), port, within: .milliseconds(100))
                }
            }
        }

        @Test func `nobody there, or nobody who speaks HTTP`() async throws {
            let port = try await RawListener.answering("SSH-2.0-OpenSSH_9.2\r\n")
            await #expect(throws: HTTPCallFailure.self) { try await Self.call(HTTPRequest("GET", "/"), port) }
            let silent = try await RawListener.answering("")
            await #expect(throws: HTTPCallFailure.broken("the connection ended before the answer did")) {
                try await Self.call(HTTPRequest("GET", "/"), silent)
            }
        }
    }
}
