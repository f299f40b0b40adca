/// An http or https URL taken apart.
///
/// It may be a secret: nothing but its host is ever shown of it.
public struct WebAddress: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public var isEncrypted: Bool
    /// A name or an address, without brackets.
    public var host: String
    public var port: Int
    /// `user:password`, decoded, where the URL has it.
    public var credentials: String?
    /// Path and query as they are sent.
    public var target: String

    /// Why a text is no such URL; never any part of it.
    public struct Fault: Error, Hashable, Sendable {
        public var fact: String
        public var move: String?

        public var message: String { move.map { "\(fact); \($0)" } ?? fact }
    }

    /// Nothing but what may be shown.
    public var description: String { host.contains(":") ? "[\(host)]" : host }
    public var customMirror: Mirror { Mirror(self, children: []) }

    public init(_ url: String) throws(Fault) {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Fault(fact: "it holds a space or a character outside ASCII", move: "percent-encode it")
        }
        guard let mark = Self.end(ofSchemeOf: url) else {
            throw Fault(fact: "it is no URL", move: "write https://… or http://…")
        }
        isEncrypted = url.lowercased().hasPrefix("https:")
        let rest = url[mark...]
        guard !rest.contains("#") else {
            throw Fault(fact: "it has a fragment (`#…`), which is never sent", move: "leave it out")
        }
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest[place.endIndex...]
        target = tail.hasPrefix("/") ? String(tail) : "/\(tail)"
        var authority = place
        if let at = place.lastIndex(of: "@") {
            guard let decoded = String(place[..<at]).percentDecoded else {
                throw Fault(fact: "its user and password are not percent-encoded as they should be")
            }
            credentials = decoded.contains(":") ? decoded : decoded + ":"
            authority = place[place.index(after: at)...]
        }
        let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
        var name = authority
        var number = isEncrypted ? "443" : "80"
        if let colon = authority[afterBracket...].lastIndex(of: ":") {
            name = authority[..<colon]
            number = String(authority[colon...].dropFirst())
        }
        guard number.allSatisfy(\.isNumber), let port = Int(number), 1...65_535 ~= port else {
            throw Fault(fact: "its port is no number from 1 to 65535")
        }
        self.port = port
        if name.hasPrefix("["), name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
            guard IPAddress(host)?.isIPv6 == true else { throw Fault(fact: "its host is no IPv6 address") }
        } else {
            host = String(name)
            let isName = host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
            guard isName, host.contains(where: { $0 != "." }) else { throw Fault(fact: "it names no host") }
        }
    }

    /// Whether what is sent there stays on this machine.
    public var isOfThisMachine: Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
    }

    /// Behind `http://` or `https://`.
    static func end(ofSchemeOf url: String) -> String.Index? {
        let schemes = ["https://", "http://"]
        return schemes.first { url.lowercased().hasPrefix($0) }.map { url.index(url.startIndex, offsetBy: $0.count) }
    }
}

extension String {
    /// nil where a `%` is followed by no two hexadecimal digits, or the bytes are no UTF-8.
    fileprivate var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let digits = String(rest.prefix(2)), !digits.hasPrefix("+"),
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
