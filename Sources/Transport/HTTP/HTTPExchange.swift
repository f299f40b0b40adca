internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Reconciler

/// async-http-client, told to do one thing once: no redirect, no second try, no proxy, no cookie, no compression.
final class HTTPExchange: Sendable {
    /// Where the bytes go.
    enum Place: Hashable {
        /// The endpoint's own host and port.
        case network
        /// A unix socket that leads there; TLS, where the endpoint has it, is done behind the socket.
        case socket(String)
    }

    private let client: HTTPClient
    private let options: NetworkOptions

    init(options: NetworkOptions) {
        self.options = options
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: TimeAmount(options.connectTimeout)),
            connectionPool: HTTPClient.Configuration.ConnectionPool(
                idleTimeout: .seconds(1),
                concurrentHTTP1ConnectionsPerHostSoftLimit: options.requestsAtOnce
            ),
            proxy: nil,
            decompression: .disabled
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.maximumUsesPerConnection = 1
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }

    /// A client that was not shut down ends the program in a debug build.
    deinit { client.shutdown { _ in } }

    func close() async { try? await client.shutdown() }

    /// With `headDecides`, an answer counts once its head is there, whatever becomes of the rest.
    func answer(
        to request: RESTRequest,
        from endpoint: RESTEndpoint,
        at place: Place,
        tls: TLSConfiguration?,
        headDecides: Bool = false
    ) async throws(Fault) -> RESTAnswer {
        let delegate = WholeAnswer(limit: options.bodyLimit)
        do {
            let prepared = try prepared(request, endpoint, place, tls)
            // The channel on the delegate's own loop: no hop in which a written head is not yet a reported one.
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let task = client.execute(request: prepared, delegate: delegate, eventLoop: .delegateAndChannel(on: loop))
            return try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
        } catch {
            if headDecides, let head = delegate.head { return head }
            let fault = Fault(error, after: delegate.progress, limits: options)
            guard fault.kind == .untrusted, place == .network, let tls else { throw fault }
            throw await CertificateFault.explained(fault, endpoint, at: place, tls: tls, within: options.connectTimeout)
        }
    }

    private func prepared(
        _ request: RESTRequest,
        _ endpoint: RESTEndpoint,
        _ place: Place,
        _ tls: TLSConfiguration?
    ) throws -> HTTPClient.Request {
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        let base: String
        switch place {
        case .network: base = "\(endpoint.scheme.rawValue)://\(endpoint.port(of: endpoint.host))"
        case .socket(let path): base = "http+unix://" + path.split(separator: "/").map { "%2F\($0)" }.joined()
        }
        headers.replaceOrAdd(name: "Host", value: endpoint.port(of: endpoint.host))
        return try HTTPClient.Request(
            url: base + endpoint.basePath + request.path,
            method: HTTPMethod(rawValue: request.method.rawValue),
            headers: headers,
            body: request.body.isEmpty ? nil : .bytes(request.body),
            tlsConfiguration: place == .network ? tls : nil
        )
    }
}

extension RESTEndpoint {
    fileprivate func port(of host: String) -> String { "\(ForwardedPort(host: host, port: port))" }
}
