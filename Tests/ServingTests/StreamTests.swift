import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Streams {
        private static let head = """
            HTTP/1.1 200 OK\r
            Content-Type: text/event-stream\r
            transfer-encoding: chunked\r
            \r

            """
        private static let get = "GET /v2/events HTTP/1.1\r\nHost: a\r\n\r\n"

        /// A handler that streams what comes, and notes when the stream is over.
        private static func streaming(_ chunks: AsyncStream<[UInt8]>, _ notes: Notes) -> HTTPListener.Handler {
            { _ in
                .stream(status: 200, headers: [HTTPField("Content-Type", "text/event-stream")], chunks: chunks) {
                    notes.note("closed")
                }
            }
        }

        @Test func `head and chunks leave at once, and the end ends the answer`() async throws {
            let (chunks, into) = AsyncStream<[UInt8]>.makeStream()
            let notes = Notes()
            try await serving(Self.streaming(chunks, notes)) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send(Self.get)
                #expect(try await connection.read(to: "\r\n\r\n") == Self.head)
                for event in ["event: a\n\n", "event: b\n\n"] {
                    into.yield(Array(event.utf8))
                    #expect(try await connection.read(to: "\n\n\r\n") == "a\r\n\(event)\r\n")
                }
                into.yield([])
                into.finish()
                #expect(try await connection.read(to: "0\r\n\r\n") == "0\r\n\r\n")
                #expect(try await notes.wait(for: "closed") == ["closed"])
                try await connection.close()
            }
        }

        @Test(arguments: [true, false])
        func `a client that goes away is noticed though nothing is sent`(_ abrupt: Bool) async throws {
            let (chunks, into) = AsyncStream<[UInt8]>.makeStream()
            let notes = Notes()
            into.onTermination = { _ in notes.note("terminated") }
            try await serving(Self.streaming(chunks, notes)) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send(Self.get)
                _ = try await connection.read(to: "\r\n\r\n")
                if abrupt { try await connection.close() } else { try await connection.endSending() }
                #expect(try await notes.wait(for: "closed") == ["terminated", "closed"])
                if !abrupt { #expect(try await connection.read() == "0\r\n\r\n") }
            }
            #expect(await notes.all().isEmpty, "closed is called once")
        }

        @Test func `a client that does not read is given up`() async throws {
            let chunks = AsyncStream<[UInt8]> { [UInt8](repeating: 120, count: 1_000_000) }
            let notes = Notes()
            try await serving(limits: HTTPLimits(patience: .milliseconds(300)), Self.streaming(chunks, notes)) { port in
                let connection = try await RawConnection.open(port, window: 4_096)
                try await connection.send(Self.get)
                #expect(try await notes.wait(for: "closed") == ["closed"])
                try? await connection.close()
            }
        }

        @Test func `HEAD of a stream is its head`() async throws {
            let (chunks, into) = AsyncStream<[UInt8]>.makeStream()
            let notes = Notes()
            try await serving(Self.streaming(chunks, notes)) { port in
                let connection = try await RawConnection.open(port)
                try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try await connection.read().hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"))
                #expect(try await notes.wait(for: "closed") == ["closed"])
            }
            into.finish()
        }
    }
}
