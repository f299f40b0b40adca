/// One packet of an OpenPGP file (RFC 4880 4.2 and 4.3, RFC 9580 4.2).
struct OpenPGPPacket {
    enum Kind {
        case publicKey, publicSubkey, userID
        /// What belongs to keys and does not name them: signatures, attributes, trust, markers, padding.
        case other
    }

    let kind: Kind
    let body: ArraySlice<UInt8>

    /// All packets, in order.
    static func all(in bytes: [UInt8]) throws(OpenPGPFault) -> [OpenPGPPacket] {
        var packets: [OpenPGPPacket] = []
        var rest = bytes[...]
        while let head = rest.popFirst() {
            guard head & 0x80 != 0 else {
                throw OpenPGPFault("packet \(packets.count + 1) begins with no packet's tag")
            }
            let isNew = head & 0x40 != 0
            let tag = isNew ? head & 0x3f : head >> 2 & 0x0f
            let length = try isNew ? newLength(&rest) : oldLength(head & 3, &rest)
            guard length <= rest.count else { throw OpenPGPFault("it is cut off in packet \(packets.count + 1)") }
            packets.append(OpenPGPPacket(kind: try kind(of: tag), body: rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return packets
    }

    private static func kind(of tag: UInt8) throws(OpenPGPFault) -> Kind {
        switch tag {
        case 6: return .publicKey
        case 14: return .publicSubkey
        case 13: return .userID
        case 2, 10, 12, 17, 21: return .other
        case 5, 7:
            throw OpenPGPFault(
                "it holds a PRIVATE key, which has no place here: take it out of the repository and its history, and have "
                    + "the key replaced",
                hint: "write the public part: `gpg --export FINGERPRINT`"
            )
        default: throw OpenPGPFault("a packet of type \(tag) is no part of a public key")
        }
    }

    private static func newLength(_ rest: inout ArraySlice<UInt8>) throws(OpenPGPFault) -> Int {
        let first = try number(1, &rest)
        switch first {
        case ..<192: return first
        case ..<224: return (first - 192) << 8 + (try number(1, &rest)) + 192
        case 255: return try number(4, &rest)
        default: throw OpenPGPFault("a packet comes in parts, as none of a key may")
        }
    }

    private static func oldLength(_ type: UInt8, _ rest: inout ArraySlice<UInt8>) throws(OpenPGPFault) -> Int {
        switch type {
        case 0: return try number(1, &rest)
        case 1: return try number(2, &rest)
        case 2: return try number(4, &rest)
        default: throw OpenPGPFault("a packet has no length, as none of a key may")
        }
    }

    /// Big-endian.
    private static func number(_ octets: Int, _ rest: inout ArraySlice<UInt8>) throws(OpenPGPFault) -> Int {
        guard rest.count >= octets else { throw OpenPGPFault("it is cut off in a packet's length") }
        defer { rest = rest.dropFirst(octets) }
        return rest.prefix(octets).reduce(0) { $0 << 8 | Int($1) }
    }

    /// What the fingerprint of the key in this packet is made from.
    func keyMaterial() throws(OpenPGPFault) -> OpenPGPMaterial {
        func octets(_ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: body.count >> ($0 * 8)) }
        }
        switch body.first {
        case 4?:
            guard body.count <= 0xffff else { throw OpenPGPFault("a key is longer than any key") }
            return OpenPGPMaterial(digest: .sha1, bytes: [0x99] + octets(2) + body)
        case 5?: return OpenPGPMaterial(digest: .sha256, bytes: [0x9a] + octets(4) + body)
        case 6?: return OpenPGPMaterial(digest: .sha256, bytes: [0x9b] + octets(4) + body)
        case let version?: throw OpenPGPFault("a key is of version \(version); 4, 5 and 6 are known")
        case nil: throw OpenPGPFault("a key is empty")
        }
    }

    /// The text of a user ID.
    var text: String {
        let scalars = String(decoding: body, as: UTF8.self).unicodeScalars
        return String(String.UnicodeScalarView(scalars.filter { $0.value >= 0x20 && !(0x7f...0x9f ~= $0.value) }))
    }
}
