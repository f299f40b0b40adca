import Daemons
import Reconciler
import Serving
import Testing

@testable import Transport

/// Serves on a free port of 127.0.0.1 while `body` runs.
func serving(
    at address: String = "127.0.0.1",
    _ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
    _ body: (_ port: Int) async throws -> Void
) async throws {
    let (ports, started) = AsyncStream<Int>.makeStream()
    let listener = HTTPListener(address: address, port: 0) { .whole(await handler($0)) }
    let server = Task {
        defer { started.finish() }
        try await HTTPServer([listener], grace: .milliseconds(200)).run { started.yield($0[0]) }
    }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next(), "no listener on \(address)")
    do {
        try await body(port)
    } catch {
        server.cancel()
        _ = await server.result
        throw error
    }
    server.cancel()
    try await server.value
}

/// Gives a transport to `body` and closes it in every ending.
func transporting(
    _ transport: NetworkTransport = NetworkTransport(options: NetworkOptions(connectTimeout: .seconds(30))),
    _ body: (NetworkTransport) async throws -> Void
) async throws {
    do {
        try await body(transport)
    } catch {
        await transport.close()
        throw error
    }
    await transport.close()
}

/// The error that `send` must throw.
func fault(
    of transport: NetworkTransport,
    _ request: RESTRequest = RESTRequest(.get, "/v2/info"),
    at endpoint: RESTEndpoint,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> RESTError {
    do throws(RESTError) {
        let answer = try await transport.send(request, to: endpoint)
        throw Surprise("answered \(answer.status)").asFault
    } catch {
        #expect(error.message.hasPrefix("\(endpoint): "), sourceLocation: sourceLocation)
        #expect(error.message.utf8.allSatisfy { $0 >= 32 }, sourceLocation: sourceLocation)
        return error
    }
}

extension Surprise {
    fileprivate var asFault: RESTError { RESTError(.cancelled, mayHaveArrived: true, description) }
}

extension RESTAnswer {
    var text: String { String(decoding: body, as: UTF8.self) }
}
