/// What a client asked for; bodies are not read yet by any daemon.
public struct HTTPRequest: Sendable {
    public let method: String
    /// Without the query.
    public let path: String
    /// Whether the client wants the connection closed after the answer.
    let closes: Bool

    /// Reads the head of a request; nil if it is none.
    init?(head: String) {
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        closes = words[2] == "HTTP/1.0" || lines.contains { $0.lowercased() == "connection: close" }
    }
}

public struct HTTPResponse: Sendable {
    public var status: String
    public var contentType: String?
    public var body: String

    public init(_ status: String = "200 OK", contentType: String? = nil, body: String = "") {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public init(_ value: JSON) { self.init(contentType: "application/json", body: value.encoded) }

    public static let notFound = HTTPResponse("404 Not Found")

    func encoded(forMethod method: String) -> String {
        let type = contentType.map { "Content-Type: \($0)\r\n" } ?? ""
        let head = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(type)\r\n"
        return method == "HEAD" ? head : head + body
    }
}
