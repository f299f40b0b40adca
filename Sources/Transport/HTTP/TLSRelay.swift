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
    private let far: any Channel
    private let server: any Channel
    private let path: String
    private let cut: Cut

    /// Connects, shakes hands and verifies.
    static func open(
        to endpoint: RESTEndpoint,
        through socket: String,
        at path: String,
        tls: TLSConfiguration,
        within limit: Duration
    ) async throws(Fault) -> TLSRelay {
        do {
            let far = try await connect(to: endpoint, through: socket, tls: tls, within: limit)
            let cut = Cut()
            do {
                let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .childChannelInitializer { near in Splice.join(near, far, noting: cut) }
                    .bind(unixDomainSocketPath: path).get()
                return TLSRelay(far: far, server: server, path: path, cut: cut)
            } catch {
                far.close(promise: nil)
                throw error
            }
        } catch {
            let limits = NetworkOptions(connectTimeout: limit)
            let fault = Fault(error, after: WholeAnswer.Progress(), limits: limits)
            guard fault.kind == .untrusted else { throw fault }
            throw await CertificateFault.explained(fault, endpoint, at: .socket(socket), tls: tls, within: limit)
        }
    }

    /// Gives the plain socket to `body`; gone when `body` ends.
    func relaying(_ body: (String) async throws(Fault) -> RESTAnswer) async throws(Fault) -> RESTAnswer {
        defer {
            server.close(promise: nil)
            far.close(promise: nil)
            _ = unlink(path)
        }
        let answer = try await body(path)
        // Such an answer ends with the connection, and the plain side cannot tell an end from a cut.
        let isFramed = answer.header("Content-Length") != nil || answer.header("Transfer-Encoding") != nil
        guard isFramed || !cut.happened else {
            throw Fault(
                .interrupted,
                mayHaveArrived: true,
                "the TLS connection was cut in the middle of the answer",
                "look at the log of the process there"
            )
        }
        return answer
    }

    private static func connect(
        to endpoint: RESTEndpoint,
        through socket: String,
        tls: TLSConfiguration,
        within limit: Duration
    ) async throws -> any Channel {
        let address = endpoint.host.addressBytes
        var tls = tls
        tls.applicationProtocols = ["http/1.1"]
        // An address cannot be a server name: it is compared below.
        if !address.isEmpty { tls.certificateVerification = .noHostnameVerification }
        let context = try NIOSSLContext(configuration: tls)
        let name = address.isEmpty ? endpoint.host : nil
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let shaken = loop.makePromise(of: Void.self)
        let far: any Channel
        do {
            far = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(limit))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                        try pipeline.addHandler(HandshakeWaiter(shaken, within: limit))
                    }
                }
                .connect(unixDomainSocketPath: socket).get()
        } catch {
            shaken.fail(error)
            throw error
        }
        do {
            try await shaken.futureResult.get()
            guard !address.isEmpty else { return far }
            let certificate = try await far.nioSSL_peerCertificate().get()
            guard certificate?.names.addresses.contains(address) ?? false else {
                throw NIOSSLExtraError.failedToValidateHostname
            }
            return far
        } catch {
            far.close(promise: nil)
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

/// Carries what comes on its channel to another one, no faster than that takes it.
private final class Splice: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let partner: any Channel
    private let cut: Cut?

    private init(to partner: any Channel, noting cut: Cut?) {
        self.partner = partner
        self.cut = cut
    }

    static func join(_ near: any Channel, _ far: any Channel, noting cut: Cut) -> EventLoopFuture<Void> {
        near.eventLoop.makeCompletedFuture {
            try near.pipeline.syncOperations.addHandler(Splice(to: far, noting: nil))
        }.flatMap {
            far.eventLoop.submit {
                try far.pipeline.syncOperations.addHandler(Splice(to: near, noting: cut))
            }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if cut != nil, !context.channel.isActive { end() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partner.write(unwrapInboundIn(data), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { partner.flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        partner.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        cut?.note()
        context.close(promise: nil)
    }

    /// Once what was carried has left.
    private func end() {
        partner.writeAndFlush(ByteBuffer()).whenComplete { [partner] _ in partner.close(promise: nil) }
    }
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
