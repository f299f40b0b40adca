internal import NIOSSL
internal import Reconciler

/// One request through a node's ssh connection.
struct SSHTunnel: Sendable {
    var forwarding: any PortForwarding
    var node: NodeTarget
    var exchange: HTTPExchange
    var options: NetworkOptions

    /// `number` names the socket of a TLS relay; another one each time.
    func answer(
        to request: RESTRequest,
        from endpoint: RESTEndpoint,
        tls: TLSConfiguration?,
        number: Int
    ) async throws(Fault) -> RESTAnswer {
        let port = ForwardedPort(host: endpoint.host, port: endpoint.port)
        var path = try await waited { [forwarding, node] () throws(ForwardFailure) in
            try await forwarding.socket(to: port, on: node)
        }
        // The socket takes a request also when nobody listens behind it; whether a write arrived would be unknown then.
        if request.method != .get, tls == nil { try await checked(port) }
        do throws(Fault) {
            return try await answer(to: request, from: endpoint, at: path, tls: tls, number: number)
        } catch  where error.isOfTheWay {
            // The connection that held the socket is gone. Nothing was sent: this is no second try.
            path = try await waited { [forwarding, node] () throws(ForwardFailure) in
                await forwarding.forget(port, on: node)
                return try await forwarding.socket(to: port, on: node)
            }
            return try await answer(to: request, from: endpoint, at: path, tls: tls, number: number)
        } catch  where error.isMute {
            try await checked(port, arrived: error.mayHaveArrived)
            throw error
        }
    }

    private func answer(
        to request: RESTRequest,
        from endpoint: RESTEndpoint,
        at path: String,
        tls: TLSConfiguration?,
        number: Int
    ) async throws(Fault) -> RESTAnswer {
        guard let tls else {
            return try await exchange.answer(to: request, from: endpoint, at: .socket(path), tls: nil)
        }
        let relay = try await TLSRelay.open(
            to: endpoint,
            through: path,
            at: "\(path)-\(number)",
            tls: tls,
            within: options.connectTimeout
        )
        return try await relay.relaying { relayed throws(Fault) in
            try await exchange.answer(to: request, from: endpoint, at: .socket(relayed), tls: nil)
        }
    }

    private func checked(_ port: ForwardedPort, arrived: Bool = false) async throws(Fault) {
        do {
            try await waited { [forwarding, node] () throws(ForwardFailure) in
                try await forwarding.check(port, on: node)
            }
        } catch {
            var fault = error
            fault.mayHaveArrived = arrived
            throw fault
        }
    }

    /// Waits unless it is cancelled; ssh goes on, since others may wait for the same connection.
    private func waited<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(ForwardFailure) -> Value
    ) async throws(Fault) -> Value {
        let (results, continuation) = AsyncStream<Result<Value, ForwardFailure>>.makeStream()
        Task {
            do throws(ForwardFailure) {
                continuation.yield(.success(try await body()))
            } catch {
                continuation.yield(.failure(error))
            }
            continuation.finish()
        }
        for await result in results {
            do throws(ForwardFailure) { return try result.get() } catch { throw Fault(error, on: node) }
        }
        throw Fault(.cancelled, "cancelled while ssh to \(SSHFailure.label(node)) was asked for the port")
    }
}

extension Fault {
    fileprivate init(_ failure: ForwardFailure, on node: NodeTarget) {
        switch failure {
        case .node(let error):
            // The way's own name goes before it.
            let label = "\(SSHFailure.label(node)): "
            let words = error.message
            self.init(.unreachable, words.hasPrefix(label) ? String(words.dropFirst(label.count)) : words)
        case .forbidden(let words):
            self.init(
                .unreachable,
                "its sshd forwards nothing to that port (\(words))",
                "allow it there (AllowTcpForwarding, PermitOpen, or the key's options in authorized_keys) or open the port"
            )
        case .refused(let words):
            self.init(.refused, "nobody listens on the port (\(words))", "check that the process runs there")
        case .unreachable(let words):
            self.init(.unreachable, "the node finds no way to it (\(words))", "check the host in cluster.yaml")
        }
    }
}
