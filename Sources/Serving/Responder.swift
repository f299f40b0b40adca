import Daemons
import HTTPTypes
import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// Carries requests to a listener's handler and its replies back.
struct Responder: Sendable {
    var listener: HTTPListener

    /// Answers one request.
    ///
    /// - Throws: When the connection is of no more use.
    @concurrent func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        var request = request
        switch try await arrival(of: request, writer) {
        case .whole(let body):
            let reply = await listener.handler(Daemons.HTTPRequest(request, body: body, client: channel.remoteAddress))
            // What is left of the request is needed to see the client go; its body has been read.
            request.body = RequestBody(buffer: body)
            try await send(reply, to: request, writer, channel)
        case .refused(let response):
            try await send(response, to: request, writer, channel)
        }
    }

    @concurrent private func send(
        _ reply: HTTPReply,
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        switch reply {
        case .whole(let response):
            try await send(response, to: request, writer, channel)
        case .stream(let status, let headers, let chunks, let closed):
            defer { closed() }
            let response = Daemons.HTTPResponse(status, headers: headers)
            guard request.method != .head else {
                return try await writer.writeResponse(response.head(framedBy: .nothing))
            }
            try await stream(chunks, head: response.head(framedBy: .nothing), to: request, writer, channel)
        }
    }

    @concurrent private func send(
        _ response: Daemons.HTTPResponse,
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        if request.method == .head {
            try await writer.writeResponse(response.head(framedBy: .lengthOfGet))
        } else {
            let body = ByteBuffer(bytes: response.body)
            try await writer.write(response: response.head(framedBy: .length), body: ResponseBody(byteBuffer: body))
        }
        if response.headers.endConnection || request.head.headerFields[.connection]?.lowercased() == "close" {
            // Only our half, so that what is still being sent arrives; the client's end closes the rest.
            channel.close(mode: .output, promise: nil)
        }
    }

    /// Sends chunks until they end, the client goes or the server ends.
    @concurrent private func stream(
        _ chunks: AsyncStream<[UInt8]>,
        head: HTTPResponseHead,
        to request: Request,
        _ writer: consuming ResponseWriter,
        _ channel: any Channel
    ) async throws {
        let body = try await writer.writeHead(head)
        do {
            try await withGracefulShutdownHandler {
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    var body = body
                    for await chunk in chunks where !chunk.isEmpty {
                        // A client that reads nothing for so long is as good as gone.
                        let stalled = channel.eventLoop.scheduleTask(in: TimeAmount(listener.limits.patience)) {
                            channel.close(promise: nil)
                        }
                        defer { stalled.cancel() }
                        try await body.write(ByteBuffer(bytes: chunk))
                    }
                }
            } onGracefulShutdown: {
                channel.close(mode: .input, promise: nil)
            }
        } catch is CancellationError {
            // The client went, or the server ends: the answer's end is still owed to one that only stopped sending.
        }
        try await body.finish(nil)
    }
}
