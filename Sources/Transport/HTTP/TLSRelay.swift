internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
internal import Reconciler
internal import Synchronization

/// TLS to an endpoint behind a unix socket, for one connection.
///
/// async-http-client knows no name to verify where it connects to a socket: here the endpoint's own is verified, and only
/// then is there a second socket, beside the first, on which one plain connection is taken in.
struct TLSRelay: Sendable {
    private typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let far: Bytes
    private let server: NIOAsyncChannel<Bytes, Never>
    private let path: String

    /// Connects, shakes hands and verifies.
    static func open(
        to endpoint: RESTEndpoint,
        through socket: String,
        at path: String,
        tls: TLSConfiguration,
        within limit: Duration
    ) async throws(Fault) -> TLSRelay {
        let limits = NetworkOptions(connectTimeout: limit)
        do {
            let far = try await connect(to: endpoint, through: socket, tls: tls, within: limit)
            do {
                let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .bind(unixDomainSocketPath: path) { channel in
                        channel.eventLoop.makeCompletedFuture { try Bytes(wrappingChannelSynchronously: channel) }
                    }
                return TLSRelay(far: far, server: server, path: path)
            } catch {
                far.channel.close(promise: nil)
                throw error
            }
        } catch {
            let fault = Fault(error, after: WholeAnswer.Progress(), limits: limits)
            guard fault.kind == .untrusted else { throw fault }
            throw await CertificateFault.explained(fault, endpoint, at: .socket(socket), tls: tls, within: limit)
        }
    }

    /// Gives the plain socket to `body` and carries what goes over it; gone when `body` ends.
    func relaying(_ body: (String) async throws(Fault) -> RESTAnswer) async throws(Fault) -> RESTAnswer {
        let isCut = Cut()
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await carry(noting: isCut) }
            let outcome: Result<RESTAnswer, Fault>
            do throws(Fault) {
                outcome = .success(try await body(path))
            } catch {
                outcome = .failure(error)
            }
            far.channel.close(promise: nil)
            server.channel.close(promise: nil)
            group.cancelAll()
            _ = unlink(path)
            return outcome
        }
        let answer = try outcome.get()
        // Such an answer ends with the connection, and the plain side cannot tell an end from a cut.
        let isFramed = answer.header("Content-Length") != nil || answer.header("Transfer-Encoding") != nil
        guard isFramed || !isCut.happened else {
            throw Fault(
                .interrupted,
                mayHaveArrived: true,
                "the TLS connection was cut in the middle of the answer",
                "look at the log of the process there"
            )
        }
        return answer
    }

    private func carry(noting isCut: Cut) async throws {
        try await far.executeThenClose { fromFar, toFar in
            try await server.executeThenClose { connections in
                for try await near in connections {
                    try await near.executeThenClose { fromNear, toNear in
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask {
                                for try await bytes in fromNear { try await toFar.write(bytes) }
                            }
                            group.addTask {
                                do {
                                    for try await bytes in fromFar { try await toNear.write(bytes) }
                                } catch {
                                    isCut.note()
                                    throw error
                                }
                            }
                            // Whoever hangs up ends both: HTTP's own framing tells whether that was the end.
                            try await group.next()
                            group.cancelAll()
                        }
                    }
                    return
                }
            }
        }
    }

    private static func connect(
        to endpoint: RESTEndpoint,
        through socket: String,
        tls: TLSConfiguration,
        within limit: Duration
    ) async throws -> Bytes {
        let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port)
        var tls = tls
        tls.applicationProtocols = ["http/1.1"]
        // An address cannot be a server name: it is compared below.
        if address != nil { tls.certificateVerification = .noHostnameVerification }
        let context = try NIOSSLContext(configuration: tls)
        let name = address == nil ? endpoint.host : nil
        let (bytes, shaken) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
            .connect(unixDomainSocketPath: socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let shaken = channel.eventLoop.makePromise(of: Void.self)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                    try pipeline.addHandler(HandshakeWaiter(shaken, within: limit))
                    return (try Bytes(wrappingChannelSynchronously: channel), shaken.futureResult)
                }
            }
        do {
            try await shaken.get()
            if address != nil {
                let certificate = try await bytes.channel.nioSSL_peerCertificate().get()
                guard certificate?.names.addresses.contains(endpoint.host.addressBytes) ?? false else {
                    throw NIOSSLExtraError.failedToValidateHostname
                }
            }
            return bytes
        } catch {
            bytes.channel.close(promise: nil)
            throw error
        }
    }
}

/// Whether the far side ended without TLS's own farewell.
private final class Cut: Sendable {
    private let state = Mutex(false)
    var happened: Bool { state.withLock { $0 } }
    func note() { state.withLock { $0 = true } }
}

/// Keeps its promise when the handshake is over, one way or the other.
private final class HandshakeWaiter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let shaken: EventLoopPromise<Void>
    private let limit: Duration
    private var late: Scheduled<Void>?

    init(_ shaken: EventLoopPromise<Void>, within limit: Duration) {
        self.shaken = shaken
        self.limit = limit
    }

    func handlerAdded(context: ChannelHandlerContext) {
        late = context.eventLoop.scheduleTask(in: TimeAmount(limit)) { [shaken, limit] in
            shaken.fail(Fault(noHandshakeWithin: limit))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { end(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(Fault.endedInHandshake))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(.failure(Fault.endedInHandshake)) }

    /// Only the first outcome counts.
    private func end(_ outcome: Result<Void, any Error>) {
        late?.cancel()
        shaken.completeWith(outcome)
    }
}

extension Fault {
    fileprivate static let endedInHandshake = Fault(
        .interrupted,
        "the connection ended in the TLS handshake",
        "check that it speaks https on that port"
    ).muted
}
