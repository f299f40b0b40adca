import Daemons
import Serving
import Testing

extension Serving {
    @Suite struct Life {
        private static func listener(
            _ address: String = "127.0.0.1",
            _ port: Int = 0,
            _ handler: @escaping HTTPListener.Handler = { _ in .whole(HTTPResponse(200)) }
        ) -> HTTPListener {
            HTTPListener(address: address, port: port, handler: handler)
        }

        @Test func `a taken port is a failure with its name, and the other listeners do not stay`() async throws {
            try await within {
                let first = try await Served([Self.listener()])
                let free = try await Served([Self.listener("127.0.0.2")])
                try await free.stop()
                await #expect(
                    throws: HTTPListenerFailure(
                        address: "127.0.0.1",
                        port: first.port,
                        reason: "Address already in use"
                    )
                ) {
                    try await HTTPServer([
                        Self.listener("127.0.0.2", free.port), Self.listener("127.0.0.1", first.port),
                    ]).run()
                }
                let again = try await Served([Self.listener("127.0.0.2", free.port)])
                try await again.stop()
                try await first.stop()
            }
        }

        @Test func `an address that is not this machine's is a failure`() async throws {
            let foreign = HTTPListenerFailure(
                address: "192.0.2.1",
                port: 8080,
                reason: "Cannot assign requested address"
            )
            try await within {
                _ = await #expect(throws: foreign) { try await HTTPServer([Self.listener("192.0.2.1", 8080)]).run() }
            }
        }

        @Test func `200 listeners on addresses of their own start together, answer and stop together`() async throws {
            try await within {
                let served = try await Served(
                    (1...200).map { number in
                        Self.listener("127.16.40.\(number)") { _ in .whole(HTTPResponse(200, text: "\(number)")) }
                    }
                )
                let caller = HTTPCaller()
                for (index, port) in served.ports.enumerated() {
                    let endpoint = Endpoint("127.16.40.\(index + 1)", port)
                    let answer = try await caller.answer(
                        to: HTTPRequest("GET", "/"),
                        from: endpoint,
                        within: .seconds(30)
                    )
                    #expect(answer.text == "\(index + 1)")
                }
                try await served.stop()
                // The system may reset once a connection that it had taken for a listener which was just closing.
                let endpoint = Endpoint("127.16.40.1", served.port)
                var failure: HTTPCallFailure?
                repeat {
                    do throws(HTTPCallFailure) {
                        let answer = try await caller.answer(
                            to: HTTPRequest("GET", "/"),
                            from: endpoint,
                            within: .seconds(30)
                        )
                        Issue.record("answered \(answer.status) after its end")
                        failure = .refused("Connection refused")
                    } catch {
                        failure = error
                    }
                } while failure != .refused("Connection refused") && !Task.isCancelled
                #expect(failure == .refused("Connection refused"))
            }
        }

        @Test func `stopping ends streams, finishes answers and closes idle connections, soon`() async throws {
            let (chunks, into) = AsyncStream<[UInt8]>.makeStream()
            let notes = Notes()
            try await within(.seconds(30)) {
                let listener = Self.listener { request in
                    guard request.target == "/stream" else {
                        notes.note("asked")
                        try? await Task.sleep(for: .milliseconds(300))
                        return .whole(HTTPResponse(200, text: "done"))
                    }
                    return .stream(status: 200, headers: [], chunks: chunks) { notes.note("closed") }
                }
                let served = try await Served([listener], grace: .seconds(60))
                let idle = try await RawConnection.open(served.port)
                let stream = try await RawConnection.open(served.port)
                let answer = try await RawConnection.open(served.port)
                try await stream.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await stream.read(to: "\r\n\r\n")
                try await answer.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await notes.wait(for: "asked")
                let stopping = Task { try await served.stop() }
                #expect(try await stream.read() == "0\r\n\r\n")
                #expect(try await answer.read().hasSuffix("\r\n\r\ndone"))
                #expect(try await idle.read().isEmpty)
                #expect(try await notes.wait(for: "closed") == ["closed"])
                try await stopping.value
            }
            into.finish()
        }

        @Test func `a server cancelled before it runs ends too`() async throws {
            try await within(.seconds(30)) {
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await HTTPServer([Self.listener()]).run()
                }
                try await task.value
            }
        }
    }
}
