/// A host (name or address) and a port.
public struct Endpoint: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(_ host: String, _ port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            0...65_535 ~= port, colon != text.startIndex
        else { return nil }
        self.init(String(text[..<colon]), port)
    }

    public var description: String { "\(host):\(port)" }

    public static func < (a: Endpoint, b: Endpoint) -> Bool { (a.host, a.port) < (b.host, b.port) }
}

/// A libprocess process: `master@10.16.40.1:5050`, `slave(1)@10.16.40.11:5051` (mesos-zk-ops.md 5.3).
public struct ProcessID: Hashable, Sendable, Codable, CustomStringConvertible {
    public var name: String
    public var endpoint: Endpoint

    public init(_ name: String, at endpoint: Endpoint) {
        self.name = name
        self.endpoint = endpoint
    }

    public init?(_ text: String) {
        guard let at = text.firstIndex(of: "@"), let endpoint = Endpoint(text[text.index(after: at)...]) else {
            return nil
        }
        self.init(String(text[..<at]), at: endpoint)
    }

    public var description: String { "\(name)@\(endpoint)" }
}

/// A dictionary with such keys is saved as an object, whose members can be sorted, and not as a list in no order.
extension ProcessID: CodingKeyRepresentable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public var codingKey: any CodingKey { Key(stringValue: description) }
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}
