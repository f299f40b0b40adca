/// One 512-byte header of a tar (POSIX.1-1988 ustar, with GNU's and pax's ways of saying more).
struct TarHeader: Hashable {
    enum Kind: Hashable {
        case file
        case link(target: String)
        /// The next header's name (GNU).
        case longName
        /// Fields for the next header (pax).
        case extended
        case other
    }

    static let block = 512

    var name: String
    var kind: Kind
    var size: Int

    /// Bytes of zeros after `size` bytes of content.
    static func padding(after size: Int) -> Int { (block - size % block) % block }

    /// - Returns: nil for the block of zeros at the end.
    /// - Throws: What is wrong with it.
    static func read(_ bytes: [UInt8]) throws(TarFault) -> TarHeader? {
        guard bytes.count == block else { throw .cutOff }
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        let sum = bytes.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
        guard number(bytes[148..<156]) == sum else { throw .noTar }
        guard let size = number(bytes[124..<136]) else { throw .noTar }
        let isUstar = bytes[257..<262].elementsEqual("ustar".utf8)
        let prefix = isUstar && bytes[262] == 0 ? text(bytes[345..<500]) : ""
        let name = text(bytes[0..<100])
        let kind: Kind =
            switch bytes[156] {
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
            case UInt8(ascii: "1"), UInt8(ascii: "2"): .link(target: text(bytes[157..<257]))
            case UInt8(ascii: "L"): .longName
            case UInt8(ascii: "x"): .extended
            default: .other
            }
        let hasContent = bytes[156] != UInt8(ascii: "1") && bytes[156] != UInt8(ascii: "2")
        return TarHeader(
            name: prefix.isEmpty ? name : "\(prefix)/\(name)",
            kind: kind,
            size: hasContent ? size : 0
        )
    }

    /// The header of a regular file: owner root, mode 0644, the beginning of time; names up to 100 bytes.
    static func file(_ name: String, size: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
        }
        put(String(name.prefix(100)), at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        if size < 1 << 33 {
            put(octal(size, digits: 11), at: 124)
        } else {
            // GNU's form for more than eleven octal digits hold: a set bit, then a big-endian number.
            bytes[124] = 0x80
            for index in 0..<8 { bytes[128 + index] = UInt8(truncatingIfNeeded: size >> (8 * (7 - index))) }
        }
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        let sum = bytes.reduce(0) { $0 + Int($1) }
        put(octal(sum, digits: 6) + "\0 ", at: 148)
        return bytes
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            let digits = field.dropFirst().drop { $0 == 0 }
            return digits.count < 8 ? digits.reduce(0) { $0 << 8 | Int($1) } : nil
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        // A sign would be read as well.
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }) else { return nil }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Why bytes are no whole tar.
enum TarFault: Error, Hashable {
    case cutOff
    case noTar
    /// Reading it failed, in the system's words.
    case unreadable(String)

    var words: String {
        switch self {
        case .cutOff: "it is cut off"
        case .noTar: "it is no tar archive"
        case .unreadable(let words): words
        }
    }
}
