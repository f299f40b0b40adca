public import Daemons

/// What a handler answers with: a whole answer, or a head and a stream that stays open.
public enum HTTPReply: Sendable {
    case whole(HTTPResponse)
    /// The server sends each chunk at once and ends the answer with the sequence; `closed` is called once, whoever ends it.
    case stream(status: Int, headers: [HTTPField], chunks: AsyncStream<[UInt8]>, closed: @Sendable () -> Void)
}
