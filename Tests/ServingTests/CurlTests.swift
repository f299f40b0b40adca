import Daemons
import Serving
import Subprocess
import Testing

extension Serving {
    /// What people ask with.
    @Suite struct Curl {
        private static func curl(_ arguments: [String]) async throws -> String {
            let result = try await Subprocess.run(
                .name("curl"),
                arguments: Arguments(["--silent", "--show-error", "--max-time", "5", "--noproxy", "*"] + arguments),
                output: .string(limit: 1 << 24),
                error: .string(limit: 1 << 16)
            )
            #expect(result.terminationStatus == .exited(0), "\(result.standardError)")
            return result.standardOutput
        }

        private static let size: HTTPListener.Handler = { request in
            .whole(HTTPResponse(200, text: "\(request.method) \(request.body.count)"))
        }

        @Test func `GET, HEAD and bodies small and big`() async throws {
            try await serving(Self.size) { port in
                let url = "http://127.0.0.1:\(port)/"
                let put = ["--request", "PUT", "--data", String(repeating: "x", count: 100_000), url]
                for (arguments, expected) in [
                    ([url, url], "GET 0GET 0"), (["--data", "abc", url], "POST 3"), (["--http1.0", url], "GET 0"),
                    (["--header", "Expect: 100-continue"] + put, "PUT 100000"),
                    (["--header", "Transfer-Encoding: chunked"] + put, "PUT 100000"),
                    (["--head", url], "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n"),
                ] {
                    let answer = try await Self.curl(arguments)
                    #expect(answer == expected)
                }
            }
        }

        @Test func `a redirect is followed with its body, and a stream is read to its end`() async throws {
            try await serving({ request in
                switch request.path {
                case "/redirect":
                    let host = request[header: "host"] ?? ""
                    return .whole(HTTPResponse(307, headers: [HTTPField("Location", "//\(host)/to")]))
                case "/events":
                    let chunks = ["event: a\n\n", "event: b\n\n"].map { Array($0.utf8) }
                    let stream = AsyncStream { into in
                        for chunk in chunks { into.yield(chunk) }
                        into.finish()
                    }
                    return .stream(status: 200, headers: [], chunks: stream, closed: {})
                default:
                    return await Self.size(request)
                }
            }) { port in
                let url = "http://127.0.0.1:\(port)"
                let followed = try await Self.curl(["--location", "--data", "abc", "\(url)/redirect"])
                #expect(followed == "POST 3")
                let events = try await Self.curl(["--no-buffer", "\(url)/events"])
                #expect(events == "event: a\n\nevent: b\n\n")
            }
        }
    }
}
