/// `watch.webhook`: who is told what the loop found and did.
public struct WebhookSpec: Hashable, Sendable {
    /// Whoever knows it can write there: no part of it but its host may be shown, also where it refers to no secret.
    public var url: Located<Content>
    /// The key that notices are signed with; they are not signed where there is none.
    public var secret: Located<Content>?
    /// A PEM file with the authorities to trust instead of the system's, relative to cluster.yaml.
    public var authority: Located<String>?

    public init(url: Located<Content>, secret: Located<Content>? = nil, authority: Located<String>? = nil) {
        self.url = url
        self.secret = secret
        self.authority = authority
    }

    /// Every secret that is needed to send anything, sorted, each once.
    public var secretReferences: [SecretReference] {
        (url.value.references + (secret?.value.references ?? [])).sortedOnce()
    }
}

/// A webhook's URL taken apart.
public struct WebhookAddress: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
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
        public var message: String
    }

    /// Nothing but what may be shown.
    public var description: String { host.contains(":") ? "[\(host)]" : host }
    public var customMirror: Mirror { Mirror(self, children: []) }

    public init(_ url: String) throws(Fault) {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Fault(message: "it holds a space or a character outside ASCII; percent-encode it")
        }
        guard let mark = Self.end(ofSchemeOf: url) else {
            throw Fault(message: "it is no URL; write https://… or http://…")
        }
        isEncrypted = url.lowercased().hasPrefix("https:")
        let rest = url[mark...]
        guard !rest.contains("#") else {
            throw Fault(message: "it has a fragment (`#…`), which is never sent; leave it out")
        }
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = rest[place.endIndex...]
        target = tail.hasPrefix("/") ? String(tail) : "/\(tail)"
        var authority = place
        if let at = place.lastIndex(of: "@") {
            guard let decoded = String(place[..<at]).percentDecoded else {
                throw Fault(message: "its user and password are not percent-encoded as they should be")
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
            throw Fault(message: "its port is none")
        }
        self.port = port
        if name.hasPrefix("["), name.hasSuffix("]") {
            host = String(name.dropFirst().dropLast())
            guard IPAddress(host)?.isIPv6 == true else { throw Fault(message: "its host is no IPv6 address") }
        } else {
            host = String(name)
            let isName = host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }
            guard isName, host.contains(where: { $0 != "." }) else { throw Fault(message: "it names no host") }
        }
    }

    /// Where a notice to it stays on this machine.
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
