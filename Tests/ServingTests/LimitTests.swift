import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Limits {
        private static let count: HTTPListener.Handler = { request in
            .whole(HTTPResponse(200, text: "\(request.body.count) bytes"))
        }
        private static let limits = HTTPLimits(body: 1_000_000, patience: .milliseconds(300))

        @Test func `ten megabytes pass`() async throws {
            try await serving(Self.count) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485760\r\n\r\n")
                try await connection.send([UInt8](repeating: 120, count: 10_485_760))
                #expect(try await connection.read(to: "10485760 bytes").hasPrefix("HTTP/1.1 200"))
                try await connection.close()
            }
        }

        @Test func `a body over the limit is answered 413, and the connection ends`() async throws {
            try await serving(Self.count) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485761\r\n\r\n")
                try await connection.send([UInt8](repeating: 120, count: 10_485_761))
                #expect(try await connection.read().hasPrefix("HTTP/1.1 413 "))
            }
        }

        @Test func `a body without end is answered 413 too`() async throws {
            try await serving(limits: Self.limits, Self.count) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "100000\r\n" + String(repeating: "x", count: 0x100000) + "\r\n"
                let sending = Task { while true { try await connection.send(chunk) } }
                #expect(try await connection.read().hasPrefix("HTTP/1.1 413 "))
                sending.cancel()
                try? await connection.close()
            }
        }

        @Test func `a client that asks first is told to go on, or not to send at all`() async throws {
            try await serving(limits: Self.limits, Self.count) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send(
                    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
                )
                #expect(try await connection.read(to: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send("abc")
                #expect(try await connection.read(to: "3 bytes").hasPrefix("HTTP/1.1 200"))
                try await connection.send(
                    "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1000001\r\n\r\n"
                )
                #expect(try await connection.read().hasPrefix("HTTP/1.1 413 "))
            }
        }

        @Test func `a body that drips is answered 408`() async throws {
            try await serving(limits: Self.limits, Self.count) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
                let dripping = Task {
                    while !Task.isCancelled {
                        try await connection.send("x")
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                #expect(try await connection.read().hasPrefix("HTTP/1.1 408 "))
                dripping.cancel()
            }
        }

        @Test(arguments: ["", "GET / HTTP/1.1\r\nHost:"])
        func `a connection without a whole request is not kept`(_ sent: String) async throws {
            try await serving(limits: Self.limits, Self.count) { port in
                let connection = try await RawConnection.open(port)
                if !sent.isEmpty { try await connection.send(sent) }
                #expect(try await connection.read().isEmpty)
            }
        }

        @Test func `further connections wait until one ends`() async throws {
            let limits = HTTPLimits(connections: 1)
            try await serving(limits: limits, Self.count) { port in
                let first = try await RawConnection.open(port)
                try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await first.read(to: "0 bytes").hasPrefix("HTTP/1.1 200"))
                let second = try await RawConnection.open(port)
                let answered = Notes()
                let reading = Task {
                    try await second.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    let answer = try await second.read(to: "0 bytes")
                    answered.note("answered")
                    return answer
                }
                try await Task.sleep(for: .milliseconds(300))
                answered.note("first closed")
                try await first.close()
                #expect(try await reading.value.hasPrefix("HTTP/1.1 200"))
                #expect(try await answered.wait(for: "answered") == ["first closed", "answered"])
            }
        }

        @Test func `a connection ends with its lifetime, also that of a client that reads nothing`() async throws {
            let limits = HTTPLimits(connections: 1, lifetime: .milliseconds(500))
            let large: HTTPListener.Handler = { request in
                .whole(HTTPResponse(200, text: request.path == "/" ? "x" : String(repeating: "x", count: 50_000_000)))
            }
            try await serving(limits: limits, large) { port in
                let deaf = try await RawConnection.open(port, window: 4096)
                try await deaf.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
                let next = try await RawConnection.open(port)
                try await next.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await next.read(to: "x").hasPrefix("HTTP/1.1 200"))
                try? await deaf.close()
            }
        }
    }
}
