internal import Glibc
internal import NIOCore
internal import NIOSSL

/// Whom a certificate is for: its subject alternative names (RFC 5280 4.2.1.6).
struct CertificateNames: Hashable {
    var hosts: [String] = []
    /// Four bytes or sixteen each.
    var addresses: [[UInt8]] = []

    /// Only for words about a certificate that was refused; what is trusted, BoringSSL decides.
    func fit(_ host: String) -> Bool {
        let address = host.addressBytes
        guard address.isEmpty else { return addresses.contains(address) }
        let host = host.lowercased()
        let parent = host.split(separator: ".").dropFirst().joined(separator: ".")
        return hosts.contains { name in
            let name = name.lowercased()
            return name == host || (!parent.isEmpty && name == "*.\(parent)")
        }
    }

    var words: String {
        let all = hosts + addresses.map(\.address)
        return all.isEmpty ? "no host at all" : all.prefix(4).joined(separator: ", ") + (all.count > 4 ? ", …" : "")
    }
}

extension NIOSSLCertificate {
    var names: CertificateNames {
        var names = CertificateNames()
        for name in _subjectAlternativeNames() {
            let bytes = name.contents.withUnsafeBufferPointer { Array($0) }
            switch name.nameType {
            // Somebody else's words: nothing that a terminal would obey.
            case .dnsName: names.hosts.append(String(decoding: bytes.filter { (33...126).contains($0) }, as: UTF8.self))
            case .ipAddress: names.addresses.append(bytes)
            default: break
            }
        }
        return names
    }

    /// Whether issuer and subject are one (RFC 5280 4.1: version, serial number, algorithm, issuer, validity, subject).
    var isSelfIssued: Bool {
        guard let bytes = try? toDERBytes() else { return false }
        var outer = DERReader(bytes[...])
        guard let certificate = outer.next() else { return false }
        var inner = DERReader(certificate.content)
        guard let signed = inner.next() else { return false }
        var body = DERReader(signed.content)
        var fields: [DERReader.Element] = []
        while fields.count < 6, let field = body.next() {
            // The version is there only in certificates that are not of the first.
            if fields.isEmpty, field.tag == 0xA0 { continue }
            fields.append(field)
        }
        return fields.count >= 5 && fields[2].content == fields[4].content
    }
}

/// Elements of DER, one after the other; nil at the end and at what is none.
struct DERReader {
    struct Element {
        var tag: UInt8
        var content: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> Element? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Element(tag: tag, content: rest.prefix(length))
    }
}

extension String {
    /// Of an IP address; empty where this is none.
    var addressBytes: [UInt8] {
        var v4 = in_addr()
        if inet_pton(AF_INET, self, &v4) == 1 { return withUnsafeBytes(of: &v4) { Array($0) } }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, self, &v6) == 1 { return withUnsafeBytes(of: &v6) { Array($0) } }
        return []
    }
}

extension [UInt8] {
    /// As it is written.
    fileprivate var address: String {
        let buffer = ByteBuffer(bytes: self)
        return (try? SocketAddress(packedIPAddress: buffer, port: 0))?.ipAddress ?? "an address"
    }
}
