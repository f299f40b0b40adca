import Daemons
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What came of a request's body.
enum Arrival: Sendable {
    case whole(ByteBuffer)
    case refused(Daemons.HTTPResponse)

    static let tooLarge = Arrival.refused(
        Daemons.HTTPResponse(
            413,
            text: "the request's body is too large\n",
            headers: [Daemons.HTTPField("Connection", "close")]
        )
    )
    static let late = Arrival.refused(
        Daemons.HTTPResponse(
            408,
            text: "the request did not arrive in time\n",
            headers: [Daemons.HTTPField("Connection", "close")]
        )
    )
}

extension Responder {
    /// Waits for the body of a request, bounded in size and time.
    ///
    /// - Throws: When the connection breaks before the body's end.
    @concurrent func arrival(of request: Request, _ writer: borrowing ResponseWriter) async throws -> Arrival {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        guard request.headers[.transferEncoding] != nil || (declared ?? 0) > 0 else { return .whole(ByteBuffer()) }
        if request.headers[.expect]?.lowercased() == "100-continue" {
            // This client waits for a word before it sends.
            guard (declared ?? 0) <= listener.limits.body else { return .tooLarge }
            try await writer.writeInformationalHead(.init(status: .continue))
        }
        let patience = listener.limits.patience
        let largest = listener.limits.body
        return try await withThrowingTaskGroup(of: Arrival.self) { group in
            group.addTask { try await Self.collected(request.body, upTo: largest) }
            group.addTask {
                try await Task.sleep(for: patience)
                return .late
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .late
        }
    }

    /// Reads a body to its end, keeping no more than allowed.
    ///
    /// One that is too long is read on and dropped up to ten times the limit: most clients listen only once they have sent everything.
    private static func collected(_ body: RequestBody, upTo largest: Int) async throws -> Arrival {
        var kept = ByteBuffer()
        var length = 0
        for try await part in body {
            length += part.readableBytes
            if length <= largest {
                kept.writeImmutableBuffer(part)
            } else {
                kept = ByteBuffer()
                if length / 10 > largest { break }
            }
        }
        return length <= largest ? .whole(kept) : .tooLarge
    }
}
