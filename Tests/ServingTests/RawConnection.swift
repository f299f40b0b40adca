import NIOCore
import NIOPosix

/// A TCP connection that sends and reads what it is told to, HTTP or not.
struct RawConnection: Sendable {
    private let inbound: AsyncStream<ByteBuffer>
    private let channel: any Channel

    /// Connects, and holds at most `window` unread bytes in the kernel when given.
    static func open(_ port: Int, window: Int? = nil) async throws -> RawConnection {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        if let window {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf),
                value: ChannelOptions.Types.SocketOption.Value(window)
            )
        }
        let (inbound, into) = AsyncStream<ByteBuffer>.makeStream()
        let channel =
            try await bootstrap
            .channelOption(.autoRead, value: window == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(into: into))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(inbound: inbound, channel: channel)
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func endSending() async throws { try await channel.close(mode: .output) }

    func close() async throws { try await channel.close() }

    /// What arrives until it ends with `end`, or until the other side is done when none is given.
    func read(to end: String? = nil) async throws -> String {
        try await within(.seconds(30)) {
            var text = ""
            for await part in inbound {
                text += String(buffer: part)
                if let end, text.hasSuffix(end) { break }
            }
            return text
        }
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let into: AsyncStream<ByteBuffer>.Continuation

    init(into: AsyncStream<ByteBuffer>.Continuation) { self.into = into }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { into.yield(unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { into.finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { into.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        into.finish()
        context.close(promise: nil)
    }
}

/// A server of one connection that says its text, whatever is asked, and hangs up.
enum RawListener {
    static func answering(_ text: String) async throws -> Int {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Sayer(text: text))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return server.localAddress?.port ?? 0
    }

    private final class Sayer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let text: String

        init(text: String) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
            context.channel.parent?.close(promise: nil)
        }
    }
}
