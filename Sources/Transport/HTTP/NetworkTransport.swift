public import Reconciler
public import Specs
internal import Synchronization

/// REST over the network, and through a node's ssh connection where the network does not lead to a port.
///
/// One connection a request, none kept: an idle one that the server ends meanwhile would leave open whether a write
/// arrived. `close()` ends what is under way and lets go of the forwarded ports.
public final class NetworkTransport: HTTPTransport {
    private let options: NetworkOptions
    private let targets: [NodeName: NodeTarget]
    private let forwarding: (any PortForwarding)?
    private let exchange: HTTPExchange
    private let trust: TrustStore
    private let doorway: Turnstile
    /// The way that last led to an endpoint.
    private let known = Mutex<[RESTEndpoint: Way]>([:])
    /// Numbers the sockets of TLS relays.
    private let relays = Mutex(0)

    /// - Parameters:
    ///   - options: Its limits.
    ///   - targets: The nodes whose ssh connection may be used, by the endpoints' `node`.
    ///   - forwarding: How; nil leaves the network alone.
    ///   - directory: That of cluster.yaml, from which `RESTEndpoint.authority` is named.
    public init(
        options: NetworkOptions = NetworkOptions(),
        targets: [NodeName: NodeTarget] = [:],
        forwarding: (any PortForwarding)? = nil,
        directory: String = "."
    ) {
        self.options = options
        self.targets = targets
        self.forwarding = forwarding
        exchange = HTTPExchange(options: options)
        trust = TrustStore(directory: directory)
        doorway = Turnstile(limit: options.requestsAtOnce)
    }

    public func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let outcome = await limited(to: request.deadline) { [self] in
            await doorway.pass { await answer(to: request, from: endpoint) }
                ?? .failure(Fault(.cancelled, "cancelled before it was sent"))
        }
        do {
            return try outcome.get()
        } catch {
            throw error.error(at: endpoint)
        }
    }

    /// Ends every request and cancels the forwarded ports; nothing can be sent afterwards.
    ///
    /// Takes as long as a connection that is being made, the connect timeout at most.
    public func close() async {
        await exchange.close()
        await forwarding?.cancelForwards()
    }

    enum Way: Hashable {
        case direct
        case ssh(NodeTarget)
    }

    /// What worked comes first; else the network, which costs nobody a login.
    private func ways(to endpoint: RESTEndpoint) -> [Way] {
        let target = forwarding == nil ? nil : endpoint.node.flatMap { targets[$0] }
        guard let target else { return [.direct] }
        let ways = [Way.direct, .ssh(target)]
        return known.withLock { $0[endpoint] } == .ssh(target) ? ways.reversed() : ways
    }

    private func answer(to request: RESTRequest, from endpoint: RESTEndpoint) async -> Result<RESTAnswer, Fault> {
        var closed: [(way: Way, fault: Fault)] = []
        for way in ways(to: endpoint) {
            do throws(Fault) {
                let answer = try await answer(to: request, from: endpoint, by: way)
                known.withLock { $0[endpoint] = way }
                return .success(answer)
            } catch {
                closed.append((way, error))
                guard error.isOfTheWay else {
                    // It led there, whatever was found.
                    if error.kind != .cancelled { known.withLock { $0[endpoint] = way } }
                    break
                }
            }
        }
        return .failure(Fault.joined(closed))
    }

    private func answer(
        to request: RESTRequest,
        from endpoint: RESTEndpoint,
        by way: Way
    ) async throws(Fault) -> RESTAnswer {
        let tls = try trust.configuration(for: endpoint)
        switch way {
        case .direct:
            return try await exchange.answer(to: request, from: endpoint, at: .network, tls: tls)
        case .ssh(let node):
            guard let forwarding else { throw Fault(.unreachable, "no ssh connection may be used") }
            let tunnel = SSHTunnel(forwarding: forwarding, node: node, exchange: exchange, options: options)
            return try await tunnel.answer(to: request, from: endpoint, tls: tls, number: number())
        }
    }

    private func number() -> Int {
        relays.withLock { count in
            count += 1
            return count
        }
    }
}
