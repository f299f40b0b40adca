import Daemons
import HTTPTypes
import HummingbirdCore
import NIOCore

// The names of the daemons' contract are those of HTTPTypes too: theirs are spelled with their module wherever both are imported.

/// The library's head of an answer.
typealias HTTPResponseHead = HTTPTypes.HTTPResponse

extension Daemons.HTTPRequest {
    /// The library keeps `Host` apart from the other fields; it goes first again.
    init(_ request: Request, body: ByteBuffer, client: SocketAddress?) {
        let host = request.head.authority.map { [Daemons.HTTPField("Host", $0)] } ?? []
        self.init(
            request.head.method.rawValue,
            request.head.path ?? "/",
            headers: host + request.head.headerFields.map { Daemons.HTTPField($0.name.rawName, $0.value) },
            body: Array(body.readableBytesView),
            client: Self.unmapped(client?.ipAddress ?? "127.0.0.1")
        )
    }

    /// A socket that is bound as IPv6 shows clients of IPv4 as `::ffff:127.0.0.1`.
    private static func unmapped(_ address: String) -> String {
        let prefix = "::ffff:"
        return address.hasPrefix(prefix) && address.contains(".") ? String(address.dropFirst(prefix.count)) : address
    }
}

/// Who says where an answer's body ends.
enum BodyFraming {
    case length
    /// The answer to HEAD: what the reply says, else the length of the body that is not sent.
    case lengthOfGet
    /// Chunks, which the library's encoder announces, or no body at all.
    case nothing
}

extension Daemons.HTTPResponse {
    /// The head to send; framing fields of the reply's own are replaced, impossible names are left out, an impossible status is 500.
    func head(framedBy framing: BodyFraming) -> HTTPResponseHead {
        var fields = HTTPFields()
        for field in headers {
            guard let name = HTTPTypes.HTTPField.Name(field.name), name != .transferEncoding else { continue }
            if name == .contentLength, framing != .lengthOfGet { continue }
            fields.append(HTTPTypes.HTTPField(name: name, value: field.value))
        }
        if framing != .nothing, !fields.contains(.contentLength) {
            fields.append(HTTPTypes.HTTPField(name: .contentLength, value: String(body.count)))
        }
        return HTTPResponseHead(
            status: HTTPResponseHead.Status(code: 200...599 ~= status ? status : 500),
            headerFields: fields
        )
    }
}

extension [Daemons.HTTPField] {
    /// Whether the connection is to end with this answer.
    var endConnection: Bool { self["Connection"]?.lowercased() == "close" }
}
