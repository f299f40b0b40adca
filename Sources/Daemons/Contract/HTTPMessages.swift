/// An HTTP request as a server sees it.
public struct HTTPRequest: Hashable, Sendable, Codable {
    /// Upper case.
    public var method: String
    /// Path and query as sent, percent-encoded.
    public var target: String
    public var headers: [HTTPField]
    public var body: [UInt8]
    /// The client's address.
    public var client: String
    /// How often `HTTPAnswer.askAgain` was answered to this very request.
    public var attempt: Int

    public init(
        _ method: String,
        _ target: String,
        headers: [HTTPField] = [],
        body: [UInt8] = [],
        client: String = "127.0.0.1",
        attempt: Int = 0
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.client = client
        self.attempt = attempt
    }

    /// The value of the first field of that name, whatever the case.
    public subscript(header name: String) -> String? { headers[name] }

    /// Still percent-encoded, without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The path's parts, percent-decoded, empty ones left out.
    public var segments: [String] { path.split(separator: "/").map { Self.decoded($0, plusIsSpace: false) } }

    /// The query in its order, percent-decoded; a name without `=` has an empty value.
    public var query: [HTTPField] {
        guard let mark = target.firstIndex(of: "?") else { return [] }
        return target[target.index(after: mark)...].split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPField(
                Self.decoded(parts[0], plusIsSpace: true),
                parts.count == 2 ? Self.decoded(parts[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The first query value of that name (names are case-sensitive).
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// A broken escape stays as it is.
    private static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A header field or a query item.
public struct HTTPField: Hashable, Sendable, Codable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [HTTPField] {
    /// The value of the first field of that name, whatever the case.
    public subscript(name: String) -> String? {
        let name = name.lowercased()
        return first { $0.name.lowercased() == name }?.value
    }
}

public struct HTTPResponse: Hashable, Sendable, Codable {
    public var status: Int
    public var headers: [HTTPField]
    public var body: [UInt8]

    public init(_ status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public init(_ status: Int, text: String, type: String = "text/plain", headers: [HTTPField] = []) {
        self.init(status, headers: [HTTPField("Content-Type", type)] + headers, body: Array(text.utf8))
    }

    public init(_ status: Int, json: JSON, type: String = "application/json", headers: [HTTPField] = []) {
        self.init(status, text: json.text, type: type, headers: headers)
    }

    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a daemon makes of a request.
public enum HTTPAnswer: Hashable, Sendable, Codable {
    case response(HTTPResponse)
    /// Ask another server and pass its answer on, as a standby Marathon does for its leader.
    case forward(HTTPForward)
    /// A stream that stays open (SSE): the head, then every `DaemonEffect.stream` of that id until either side ends it.
    case stream(id: Int, status: Int, headers: [HTTPField])
    /// Not to be answered yet: ask again after that many milliseconds, with `attempt` one higher.
    case askAgain(milliseconds: Int)
}

public struct HTTPForward: Hashable, Sendable, Codable {
    public var to: Endpoint
    public var request: HTTPRequest
    /// Fields to add to the answer.
    public var added: [HTTPField]
    /// When nobody listens there.
    public var refused: HTTPResponse
    /// When there is no answer in time.
    public var timedOut: HTTPResponse
    public var timeoutMilliseconds: Int

    public init(
        to: Endpoint,
        request: HTTPRequest,
        added: [HTTPField] = [],
        refused: HTTPResponse,
        timedOut: HTTPResponse,
        timeoutMilliseconds: Int = 30_000
    ) {
        self.to = to
        self.request = request
        self.added = added
        self.refused = refused
        self.timedOut = timedOut
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
