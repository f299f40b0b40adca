// The seams with their writing half taken away: whoever holds one of these can look and nothing else.

internal import Specs

/// A way to nodes on which nothing can be done.
///
/// It keeps the question alone, so that there is no cast back to what it was made of.
public struct ReadOnlyAccess: NodeObserving {
    private let ask:
        @Sendable (_ requests: [FactRequest], _ node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer]

    public init(_ access: some NodeObserving) {
        ask = { (requests, node) throws(NodeAccessError) in try await access.observe(requests, on: node) }
    }

    public func observe(_ requests: [FactRequest], on node: NodeTarget) async throws(NodeAccessError) -> [FactAnswer] {
        try await ask(requests, node)
    }
}

/// A way to REST APIs that lets nothing through but GET, which changes nothing (RFC 9110, 9.2.1).
public struct ReadOnlyTransport: HTTPTransport {
    private let transport: any HTTPTransport

    public init(_ transport: any HTTPTransport) { self.transport = transport }

    public func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        guard request.method == .get else {
            throw RESTError(
                .refused,
                mayHaveArrived: false,
                "\(endpoint): \(request.method.rawValue) was not sent: this way is for looking only"
            )
        }
        return try await transport.send(request, to: endpoint)
    }
}
