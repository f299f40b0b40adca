import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Replies {
        @Test func `a reply leaves as it is, names in their case and nothing added but the length`() async throws {
            let reply = HTTPResponse(
                201,
                text: "[]",
                type: "application/json",
                headers: [
                    HTTPField("Marathon-Deployment-Id", "5ed4c0c5"), HTTPField("x-lower", "1"),
                    HTTPField("X-Lower", "2"),
                ]
            )
            try await serving({ _ in .whole(reply) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(
                    try await connection.read(to: "[]") == """
                        HTTP/1.1 201 Created\r
                        Content-Type: application/json\r
                        Marathon-Deployment-Id: 5ed4c0c5\r
                        x-lower: 1\r
                        X-Lower: 2\r
                        Content-Length: 2\r
                        \r
                        []
                        """
                )
                try await connection.close()
            }
        }

        @Test(arguments: [
            (HTTPResponse(204), "HTTP/1.1 204 No Content\r\n\r\n"),
            (HTTPResponse(304), "HTTP/1.1 304 Not Modified\r\n\r\n"),
            (HTTPResponse(0), "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
            (
                HTTPResponse(
                    200,
                    headers: [HTTPField("Content-Length", "99"), HTTPField("Transfer-Encoding", "chunked")]
                ),
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            ),
            (
                HTTPResponse(200, headers: [HTTPField("X-A", "1\r\nX-B: 2"), HTTPField("no name", "3")]),
                "HTTP/1.1 200 OK\r\nX-A: 1  X-B: 2\r\nContent-Length: 0\r\n\r\n"
            ),
        ])
        func `a reply that cannot be sent as it is leaves well-formed`(
            _ reply: HTTPResponse,
            _ sent: String
        ) async throws {
            try await serving({ _ in .whole(reply) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await connection.read() == sent)
            }
        }

        @Test func `HEAD is answered with the length and without the body`() async throws {
            try await serving({ request in .whole(HTTPResponse(200, text: request.method)) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try await connection.read(to: "\r\n\r\n")
                #expect(head.hasSuffix("Content-Length: 4\r\n\r\n"))
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.read(to: "GET").hasPrefix("HTTP/1.1 200 OK\r\n"))
                try await connection.close()
            }
        }

        @Test func `a connection carries one request after another, also ones sent ahead`() async throws {
            try await serving({ request in .whole(HTTPResponse(200, text: request.target)) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.read(to: "/1").hasPrefix("HTTP/1.1 200"))
                try await connection.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
                let both = try await connection.read(to: "/3")
                #expect(both.contains("\r\n\r\n/2HTTP/1.1 200"))
                try await connection.close()
            }
        }

        @Test(arguments: [
            ("Connection: close\r\n", []), ("connection: Close\r\n", []), ("", [HTTPField("Connection", "close")]),
        ])
        func `a connection ends after the answer when either side says so`(
            _ asked: String,
            _ said: [HTTPField]
        ) async throws {
            // More than the kernel buffers: the answer's rest must not be lost with the connection.
            let body = String(repeating: "0123456789abcdef", count: 500_000)
            try await serving({ _ in .whole(HTTPResponse(200, text: body, headers: said)) }) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\(asked)\r\n")
                #expect(try await connection.read().utf8.count > body.utf8.count)
            }
        }
    }
}
