import Daemons
import NIOCore
import NIOHTTP1

/// One request over a connection of its own, answered in whole.
struct HTTPCall {
    enum Failure: Error {
        /// Nobody takes the connection.
        case refused
        case timedOut
        /// The connection broke before the answer was complete.
        case broken
    }

    private static let longestAnswer = 64 << 20

    var endpoint: Endpoint
    var method: String
    var target: String
    var headers: [HTTPField]
    var body: [UInt8] = []
    var timeoutMilliseconds: Int

    /// - Throws: `Failure`.
    func answer() async throws(Failure) -> HTTPResponse {
        let outcome = await withTaskGroup(of: Result<HTTPResponse, Failure>.self) { group in
            group.addTask { await exchange() }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(timeoutMilliseconds))
                return .failure(.timedOut)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(.timedOut)
        }
        return try outcome.get()
    }

    private func exchange() async -> Result<HTTPResponse, Failure> {
        guard let connection = try? await connectHTTP(to: endpoint, milliseconds: timeoutMilliseconds) else {
            return .failure(.refused)
        }
        do {
            return try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(.head(head))
                if !body.isEmpty { try await outbound.write(.body(ByteBuffer(bytes: body))) }
                try await outbound.write(.end(nil))
                var response = HTTPResponse(0)
                for try await part in inbound {
                    switch part {
                    case .head(let head) where head.status.code >= 200:
                        response.status = Int(head.status.code)
                        response.headers = head.headers.map { HTTPField($0.name, $0.value) }
                    case .body(let buffer):
                        response.body += buffer.readableBytesView
                        guard response.body.count <= Self.longestAnswer else { return .failure(.broken) }
                    case .end where response.status > 0: return .success(response)
                    case .head, .end: break
                    }
                }
                return .failure(.broken)
            }
        } catch {
            return .failure(.broken)
        }
    }

    private var head: HTTPRequestHead {
        var fields = HTTPHeaders()
        if headers["Host"] == nil { fields.add(name: "Host", value: endpoint.description) }
        let own = ["connection", "content-length", "transfer-encoding", "keep-alive"]
        for field in headers where !own.contains(field.name.lowercased()) { fields.add(name: field.name, value: field.value) }
        if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) {
            fields.add(name: "Content-Length", value: String(body.count))
        }
        fields.add(name: "Connection", value: "close")
        return HTTPRequestHead(version: .http1_1, method: NIOHTTP1.HTTPMethod(rawValue: method), uri: target, headers: fields)
    }
}
