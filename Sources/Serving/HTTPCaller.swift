public import Daemons
import NIOCore
import NIOHTTP1
import NIOPosix

/// Asks HTTP/1.1 servers: one connection a request, whole bodies, redirects not followed.
///
/// Meant for daemons of one machine that speak to each other; it knows no TLS, no proxies and no pool.
public struct HTTPCaller: Sendable {
    /// Bytes of an answer's body; a longer one is a failure.
    public var largestBody: Int

    public init(largestBody: Int = 64 * 1024 * 1024) { self.largestBody = largestBody }

    /// Sends a request and waits for the whole answer.
    ///
    /// Header fields leave and arrive with their names as given. `Host` is added where it is missing, `Content-Length` is set.
    ///
    /// - Parameters:
    ///   - request: Sent as it is.
    ///   - endpoint: Where to connect, whatever the request's `Host`.
    ///   - timeout: For everything, connecting included.
    /// - Returns: The answer, whatever its status.
    /// - Throws: When there is none; `broken` also when the task is cancelled.
    public func answer(
        to request: HTTPRequest,
        from endpoint: Endpoint,
        within timeout: Duration
    ) async throws(HTTPCallFailure) -> HTTPResponse {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        do {
            let connection = try await connect(to: endpoint, within: TimeAmount(timeout))
            let late = connection.channel.eventLoop.scheduleTask(deadline: deadline) {
                connection.channel.close(promise: nil)
            }
            defer { late.cancel() }
            return try await Self.exchange(request, with: endpoint, over: connection)
        } catch let failure as HTTPCallFailure {
            throw NIODeadline.now() >= deadline ? .timedOut : failure
        } catch {
            throw NIODeadline.now() >= deadline ? .timedOut : .broken(systemReason(of: error))
        }
    }

    private typealias Connection = NIOAsyncChannel<NIOHTTPClientResponseFull, HTTPClientRequestPart>

    private func connect(to endpoint: Endpoint, within timeout: TimeAmount) async throws -> Connection {
        let largestBody = largestBody
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(timeout)
        do {
            return try await bootstrap.connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        NIOHTTPClientResponseAggregator(maxContentLength: largestBody)
                    )
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        } catch {
            throw HTTPCallFailure.refused(systemReason(of: error))
        }
    }

    private static func exchange(
        _ request: HTTPRequest,
        with endpoint: Endpoint,
        over connection: Connection
    ) async throws -> HTTPResponse {
        try await connection.executeThenClose { inbound, outbound in
            var parts: [HTTPClientRequestPart] = [.head(head(of: request, to: endpoint))]
            if !request.body.isEmpty { parts.append(.body(.byteBuffer(ByteBuffer(bytes: request.body)))) }
            try await outbound.write(contentsOf: parts + [.end(nil)])
            for try await answer in inbound {
                return HTTPResponse(
                    Int(answer.head.status.code),
                    headers: answer.head.headers.map { HTTPField($0.name, $0.value) },
                    body: answer.body.map { Array($0.readableBytesView) } ?? []
                )
            }
            throw HTTPCallFailure.broken("the connection ended before the answer did")
        }
    }

    private static func head(of request: HTTPRequest, to endpoint: Endpoint) -> HTTPRequestHead {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: "\(endpoint)") }
        headers.remove(name: "Transfer-Encoding")
        headers.remove(name: "Expect")
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        } else {
            headers.remove(name: "Content-Length")
        }
        return HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.method),
            uri: request.target,
            headers: headers
        )
    }
}

/// Why there is no answer.
public enum HTTPCallFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens there, or the way there does not exist; in the system's words.
    case refused(String)
    case timedOut
    /// The connection was there and ended, or what came was no HTTP.
    case broken(String)

    public var description: String {
        switch self {
        case .refused(let reason): reason
        case .timedOut: "no answer in time"
        case .broken(let reason): reason
        }
    }
}
