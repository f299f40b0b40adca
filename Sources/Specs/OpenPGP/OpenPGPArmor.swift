/// Packets as lines of text (RFC 4880 6.2).
enum OpenPGPArmor {
    private static let title = "PGP PUBLIC KEY BLOCK"

    static func isArmored(_ file: [UInt8]) -> Bool { file.firstRange(of: Array("-----BEGIN ".utf8)) != nil }

    /// The packets of every block, one after the other; text around the blocks is nobody's.
    static func decoded(_ file: [UInt8]) throws(OpenPGPFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var block: Block?
        for (index, raw) in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = String(decoding: raw, as: UTF8.self).withoutTrailingBlanks
            if let name = line.framed("BEGIN") {
                guard block == nil else { throw OpenPGPFault("line \(index + 1): a block begins inside another") }
                guard name == title else { throw wrongTitle(name, line: index + 1) }
                block = Block(line: index + 1)
            } else if let name = line.framed("END") {
                guard let open = block, name == title else {
                    throw OpenPGPFault("line \(index + 1): `\(name.abbreviated)` ends where it did not begin")
                }
                bytes += try open.decoded()
                block = nil
            } else {
                block?.add(line)
            }
        }
        if let block { throw OpenPGPFault("the block of line \(block.line) is cut off: it has no END line") }
        return bytes
    }

    private static func wrongTitle(_ name: String, line: Int) -> OpenPGPFault {
        guard name.contains("PRIVATE") || name.contains("SECRET") else {
            return OpenPGPFault("line \(line): `\(name.abbreviated)` is no public key")
        }
        return OpenPGPFault(
            "line \(line): it holds a PRIVATE key, which has no place here: take it out of the repository and its history, "
                + "and have the key replaced",
            hint: "write the public part: `gpg --armor --export FINGERPRINT`"
        )
    }

    /// One block of 64 characters a line, with its checksum.
    static func encoded(_ bytes: [UInt8]) -> String {
        let text = Base64.encode(bytes)
        var lines = ["-----BEGIN \(title)-----", ""]
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        let sum = checksum(bytes)
        lines.append("=" + Base64.encode([16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }))
        return (lines + ["-----END \(title)-----", ""]).joined(separator: "\n")
    }

    /// CRC-24 (RFC 4880 6.1).
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0xb704ce as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte) << 16) { sum, _ in
                let shifted = sum << 1
                return shifted & 0x100_0000 == 0 ? shifted : shifted ^ 0x186_4cfb
            }
        }
    }

    /// What stands between BEGIN and END.
    private struct Block {
        let line: Int
        var isHead = true
        var text: [UInt8] = []
        var sum: [UInt8]?

        init(line: Int) { self.line = line }

        mutating func add(_ line: String) {
            // Headers such as `Version: GnuPG v1`, up to an empty line; some writers leave both out.
            if isHead, line.isEmpty || line.contains(": ") {
                if line.isEmpty { isHead = false }
                return
            }
            isHead = false
            if line.utf8.count == 5, line.utf8.first == UInt8(ascii: "=") {
                sum = Array(line.utf8.dropFirst())
            } else {
                text += line.utf8
            }
        }

        func decoded() throws(OpenPGPFault) -> [UInt8] {
            guard let bytes = Base64.decode(text), !bytes.isEmpty else {
                throw OpenPGPFault("the block of line \(line) is damaged: it is no base64")
            }
            guard let sum else { return bytes }
            let stated = Base64.decode(sum).map { $0.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } }
            guard stated == OpenPGPArmor.checksum(bytes) else {
                throw OpenPGPFault("the block of line \(line) is damaged: its checksum is another")
            }
            return bytes
        }
    }
}

extension Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
            let letters = [18, 12, 6, 0].map { digits[Int(bits >> UInt32($0) & 63)] }
            text += letters.prefix(group.count + 1) + Array(repeating: UInt8(ascii: "="), count: 3 - group.count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// The title of a line such as `-----BEGIN PGP PUBLIC KEY BLOCK-----`.
    fileprivate func framed(_ word: String) -> String? {
        guard hasPrefix("-----\(word) "), hasSuffix("-----"), count > word.count + 11 else { return nil }
        return String(dropFirst(word.count + 6).dropLast(5))
    }

    fileprivate var withoutTrailingBlanks: String {
        var text = self
        while let last = text.unicodeScalars.last, [" ", "\t", "\r"].contains(last) { text.unicodeScalars.removeLast() }
        return text
    }
}
