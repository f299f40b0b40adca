public import Daemons

/// What a handler answers with: a whole answer, or a head and a stream that stays open.
public enum HTTPReply: Sendable {
    case whole(HTTPResponse)
    /// The server writes each chunk as it comes and ends the answer with the sequence; `closed` is called when either side ends it.
    case stream(status: Int, headers: [HTTPField], chunks: AsyncStream<[UInt8]>, closed: @Sendable () -> Void)
}
