/// The public keys of one file, as `gpg --export` writes them, armored or not.
///
/// Only what is needed to know which keys they are: packets are taken apart, nothing in them is verified.
public struct OpenPGPKeyring: Hashable, Sendable {
    /// In the order of the file; at least one.
    public let keys: [OpenPGPKey]
    /// The packets, without armor.
    public let bytes: [UInt8]

    /// Larger files are no signing keys; and what is written from them must stay readable whole on a node (64 KiB).
    public static let mostBytes = 45_000

    /// Reads a file.
    ///
    /// - Throws: Why it is no file of public keys: private material, damage, or something else altogether.
    public init(_ file: [UInt8]) throws(OpenPGPFault) {
        let bytes = try OpenPGPArmor.isArmored(file) ? OpenPGPArmor.decoded(file) : file
        guard bytes.count <= Self.mostBytes else {
            throw OpenPGPFault(
                "it is larger than \(Self.mostBytes) bytes",
                hint: "write the keys alone: `gpg --export-options export-minimal --export FINGERPRINT`"
            )
        }
        keys = try Self.keys(in: bytes)
        self.bytes = bytes
    }

    /// The keys as one armored block, the same for the same packets.
    public var armored: String { OpenPGPArmor.encoded(bytes) }

    private static func keys(in bytes: [UInt8]) throws(OpenPGPFault) -> [OpenPGPKey] {
        guard let first = bytes.first else { throw OpenPGPFault("it is empty") }
        if bytes.dropFirst(8).starts(with: Array("KBXf".utf8)) {
            throw OpenPGPFault("it is a keybox of gpg's own", hint: "write what `gpg --export FINGERPRINT` gives")
        }
        guard first & 0x80 != 0 else {
            let hint = first == UInt8(ascii: "<") ? "it looks like a web page" : nil
            throw OpenPGPFault("it is neither armored nor made of OpenPGP packets", hint: hint)
        }
        var keys: [OpenPGPKey] = []
        for packet in try OpenPGPPacket.all(in: bytes) {
            switch packet.kind {
            case .publicKey: keys.append(OpenPGPKey(material: try packet.keyMaterial()))
            case .publicSubkey:
                guard !keys.isEmpty else { throw OpenPGPFault("it begins with a subkey") }
                keys[keys.count - 1].subkeys.append(try packet.keyMaterial())
            case .userID:
                guard !keys.isEmpty else { throw OpenPGPFault("it begins with a user ID") }
                keys[keys.count - 1].userIDs.append(packet.text)
            case .other: continue
            }
        }
        guard !keys.isEmpty else { throw OpenPGPFault("it holds no public key") }
        return keys
    }
}

/// A primary public key with what belongs to it.
public struct OpenPGPKey: Hashable, Sendable {
    public var material: OpenPGPMaterial
    public var subkeys: [OpenPGPMaterial]
    /// As written in the key, control characters left out; anybody may have put them there.
    public var userIDs: [String]

    init(material: OpenPGPMaterial) { (self.material, subkeys, userIDs) = (material, [], []) }
}

/// What a fingerprint is a digest of, and of which kind (RFC 4880 12.2, RFC 9580 5.5.4).
public struct OpenPGPMaterial: Hashable, Sendable {
    public enum Digest: Hashable, Sendable {
        /// Version 4: 40 hexadecimal digits.
        case sha1
        /// Versions 5 and 6: 64.
        case sha256
    }

    public var digest: Digest
    public var bytes: [UInt8]
}

/// Why a file is none of public keys.
public struct OpenPGPFault: Error, Hashable, Sendable {
    /// Such as "it is cut off", of the file.
    public var message: String
    public var hint: String?

    init(_ message: String, hint: String? = nil) { (self.message, self.hint) = (message, hint) }
}
