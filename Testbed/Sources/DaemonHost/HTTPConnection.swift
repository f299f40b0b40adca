import Daemons
import NIOCore
import NIOHTTP1
import NIOPosix

/// A connection as a client: answers in, requests out.
typealias HTTPConnection = NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, ByteBuffer>>

/// Connects to a server.
///
/// - Parameters:
///   - endpoint: Its address or name, and port.
///   - milliseconds: How long that may take.
/// - Returns: The connection, to be used with `executeThenClose`.
/// - Throws: What the system says.
func connectHTTP(to endpoint: Endpoint, milliseconds: Int) async throws -> HTTPConnection {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.milliseconds(Int64(milliseconds)))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: endpoint.host, port: endpoint.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(BodyBuffers())
                return try HTTPConnection(wrappingChannelSynchronously: channel)
            }
        }
}

/// Hands on requests whose bodies are buffers: the codec's own body type cannot be sent between tasks.
private final class BodyBuffers: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPPart<HTTPRequestHead, ByteBuffer>
    typealias OutboundOut = HTTPClientRequestPart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part: HTTPClientRequestPart =
            switch unwrapOutboundIn(data) {
            case .head(let head): .head(head)
            case .body(let buffer): .body(.byteBuffer(buffer))
            case .end(let trailers): .end(trailers)
            }
        context.write(wrapOutboundOut(part), promise: promise)
    }
}
