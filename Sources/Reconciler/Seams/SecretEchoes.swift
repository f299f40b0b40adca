internal import Specs

/// What values of secrets look like in the words of whoever was given them.
struct SecretEchoes: Sendable {
    /// The longest first.
    private let needles: [[UInt8]]
    /// Values and parts of them, as they are decoded from base64.
    private let parts: [[UInt8]]

    /// Shorter parts are words of any sentence.
    private static let shortest = 6

    init(of values: some Sequence<String>) {
        let texts = Set(values.flatMap { value in [value] + Self.parts(of: value) }).filter {
            $0.utf8.count >= Self.shortest
        }
        parts = texts.map { Array($0.utf8) }
        needles = Set(texts.flatMap { [$0] + Self.forms(of: $0) }).map { Array($0.utf8) }
            .sorted { ($1.count, $0.description) < ($0.count, $1.description) }
    }

    func hidden(in text: String) -> [Content.Segment] {
        let runs = withoutEncoded(text)
        return runs.flatMap { segment -> [Content.Segment] in
            guard case .literal(let literal) = segment else { return [segment] }
            return needles.reduce([.literal(literal)]) { segments, needle in
                segments.flatMap { segment -> [Content.Segment] in
                    guard case .literal(let literal) = segment else { return [segment] }
                    return literal.parts(between: needle).map { [.literal($0)] }
                        .joined(separator: [Content.Segment.redacted]).map { $0 }
                }
            }
        }
    }

    // MARK: Parts

    /// The password of `user:password`, the secret of `principal secret` in each line, and those in JSON.
    private static func parts(of value: String) -> [String] {
        let members = KeyedText.membersOfJSON(Content(value)).filter { SensitiveNames.isSensitive(flag: $0.key) }
        guard members.isEmpty else { return members.compactMap(\.value.plainText) }
        let lines = value.split(whereSeparator: \.isNewline)
        let words = lines.flatMap { $0.split { $0 == " " || $0 == "\t" }.dropFirst() }
        let passwords = lines.compactMap { line in line.firstIndex(of: ":").map { line[line.index(after: $0)...] } }
        return (lines.count > 1 ? lines : []).map(String.init) + (words + passwords).map(String.init)
    }

    /// Percent-encoded, and as a JSON string has it; those that differ from the text.
    private static func forms(of text: String) -> [String] {
        let isPlain: (UInt8) -> Bool = { byte in
            0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || "-._~".utf8.contains(byte)
        }
        func percent(_ isUpper: Bool, _ kept: String) -> String {
            text.utf8.map { byte in
                if isPlain(byte) || kept.utf8.contains(byte) { return String(UnicodeScalar(byte)) }
                let digits = String(byte, radix: 16, uppercase: isUpper)
                return "%" + (byte < 16 ? "0" : "") + digits
            }.joined()
        }
        func json(_ escapesSlash: Bool, _ escapesOthers: Bool) -> String {
            text.unicodeScalars.map { scalar -> String in
                switch scalar {
                case "\"": return "\\\""
                case "\\": return "\\\\"
                case "\n": return "\\n"
                case "\t": return "\\t"
                case "\r": return "\\r"
                case "/": return escapesSlash ? "\\/" : "/"
                default:
                    guard escapesOthers, !scalar.isASCII else { return String(scalar) }
                    return String(scalar).utf16.map { unit in
                        let digits = String(unit, radix: 16)
                        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }.joined()
                }
            }.joined()
        }
        let forms =
            [percent(true, ""), percent(false, ""), percent(true, "!$&'()*+,;=:@/")]
            + [(true, true), (true, false), (false, true), (false, false)].map { json($0.0, $0.1) }
        return forms.filter { $0 != text }
    }

    // MARK: Base64

    /// Runs of base64 in which a value is, such as what follows `Basic`.
    private func withoutEncoded(_ text: String) -> [Content.Segment] {
        guard !parts.isEmpty else { return [.literal(text)] }
        var segments: [Content.Segment] = []
        var (plain, run) = ([UInt8](), [UInt8]())
        func flush() {
            if isEncoded(run) {
                segments += [.literal(String(decoding: plain, as: UTF8.self)), .redacted]
                plain = []
            } else {
                plain += run
            }
            run = []
        }
        for byte in text.utf8 {
            if Self.digit(byte) != nil || byte == UInt8(ascii: "=") {
                run.append(byte)
            } else {
                flush()
                plain.append(byte)
            }
        }
        flush()
        return segments + [.literal(String(decoding: plain, as: UTF8.self))]
    }

    private func isEncoded(_ run: [UInt8]) -> Bool {
        guard run.count >= Self.shortest * 4 / 3 else { return false }
        // What is written before it without a blank, such as `auth=`, may shift it.
        return (0..<4).contains { offset in
            let bytes = Self.decoded(run.dropFirst(offset))
            let text = String(decoding: bytes, as: UTF8.self)
            return parts.contains { text.parts(between: $0).count > 1 }
        }
    }

    private static func decoded(_ run: ArraySlice<UInt8>) -> [UInt8] {
        var (bytes, bits, count) = ([UInt8](), 0, 0)
        for digit in run.compactMap(digit) {
            (bits, count) = ((bits << 6 | digit) & 0xFFFF, count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x41...0x5A: Int(byte) - 0x41
        case 0x61...0x7A: Int(byte) - 0x61 + 26
        case 0x30...0x39: Int(byte) - 0x30 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
