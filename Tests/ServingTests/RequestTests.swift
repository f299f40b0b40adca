import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Requests {
        /// Answers with the request as JSON-less text: a line each for method, target, client, fields, body.
        private static let echo: HTTPListener.Handler = { request in
            let fields = request.headers.map { "\($0.name): \($0.value)" }
            let lines = [request.method, request.target, request.client] + fields
            return .whole(
                HTTPResponse(
                    200,
                    text: (lines + [String(decoding: request.body, as: UTF8.self)]).joined(separator: "\n")
                )
            )
        }

        @Test func `a request arrives as it was sent`() async throws {
            try await serving(Self.echo) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send(
                    "PUT /v2/apps//a%2Fb?force=true&x=%20 HTTP/1.1\r\nx-CaSe: 1\r\nhost: m:8080\r\nX-Case: 2\r\nContent-Length: 3\r\n\r\nabc"
                )
                let answer = try await connection.read(to: "abc")
                #expect(
                    answer.hasSuffix(
                        "\r\n\r\nPUT\n/v2/apps//a%2Fb?force=true&x=%20\n127.0.0.1\nHost: m:8080\nx-CaSe: 1\nX-Case: 2\nContent-Length: 3\nabc"
                    )
                )
                try await connection.close()
            }
        }

        @Test func `a body in chunks arrives whole`() async throws {
            try await serving(Self.echo) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
                )
                try await connection.send("2\r\nde\r\n0\r\n\r\n")
                #expect(try await connection.read(to: "\nabcde").hasPrefix("HTTP/1.1 200"))
                try await connection.close()
            }
        }

        @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
        func `methods pass through`(_ method: String) async throws {
            try await serving({ request in .whole(HTTPResponse(200, text: "<\(request.method)>")) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                #expect(try await connection.read(to: "<\(method)>").hasPrefix("HTTP/1.1 200"))
                try await connection.close()
            }
        }

        @Test(arguments: [
            "GARBAGE\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "FOO / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "GET / HTTP/1.1\r\nX: ", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        ])
        func `what is no request is answered 400 and ends only its own connection`(_ sent: String) async throws {
            try await serving(Self.echo) { port in
                let connection = try await RawConnection.open(port)
                // A field that does not end is the one that is too long.
                try await connection.send(sent.hasSuffix("X: ") ? sent + String(repeating: "x", count: 70_000) : sent)
                #expect(
                    try await connection.read()
                        == "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                )
                let next = try await RawConnection.open(port)
                try await next.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await next.read().contains("/next"))
            }
        }

        @Test(arguments: [
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ])
        func `a request that breaks off never reaches the handler`(_ sent: String) async throws {
            let notes = Notes()
            try await serving({ request in
                notes.note(request.target)
                return .whole(HTTPResponse(200))
            }) { port in
                for abrupt in [true, false] {
                    let connection = try await RawConnection.open(port)
                    try await connection.send(sent)
                    if abrupt { try await connection.close() } else { try await connection.endSending() }
                    _ = try await connection.read()
                }
                let next = try await RawConnection.open(port)
                try await next.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                _ = try await next.read()
            }
            #expect(await notes.all() == ["/next"])
        }

        @Test func `1,000 requests one after the other on one connection`() async throws {
            try await serving({ request in .whole(HTTPResponse(200, text: request.target)) }) { port in
                let connection = try await RawConnection.open(port)
                for number in 1...1_000 {
                    try await connection.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try await connection.read(to: "/\(number)").hasPrefix("HTTP/1.1 200"))
                }
                try await connection.close()
            }
        }
    }
}
