/// Whether a text holds any known secret's value, in one pass over its bytes.
struct SecretSearch: Sendable {
    private let needles: [[UInt8]]
    /// By the first byte.
    private let begins: [Bool]
    private let shortest: Int

    init(_ secrets: SecretStore) {
        needles = secrets.searchedBytes
        var begins = [Bool](repeating: false, count: 256)
        for needle in needles { begins[Int(needle[0])] = true }
        self.begins = begins
        shortest = needles.map(\.count).min() ?? .max
    }

    func finds(_ text: String) -> Bool {
        guard text.utf8.count >= shortest else { return false }
        var text = text
        return text.withUTF8 { bytes in
            for index in 0...(bytes.count - shortest) where begins[Int(bytes[index])] {
                if needles.contains(where: { bytes.has($0, at: index) }) { return true }
            }
            return false
        }
    }
}

/// Whether a text may hold a value under a sensitive name, or a login in a URL: cheap, and wrong only towards yes.
enum SensitiveScan {
    /// What every name contains for which `Redaction.isSensitive` holds.
    private static let words = [
        "credential", "secret", "pass", "pwd", "token", "key", "auth", "docker_config", "superdigest",
    ].map { Array($0.utf8) }
    private static let begins = (UInt8.min...UInt8.max).map { byte in words.contains { $0[0] == byte } }

    /// The same as `Redaction.isSensitive`, which most names need not be asked.
    static func isSensitive(_ name: String) -> Bool {
        var name = name
        let hasWord = name.withUTF8 { bytes in bytes.indices.contains { holdsWord(bytes, at: $0) } }
        return hasWord && Redaction.isSensitive(name)
    }

    private static func holdsWord(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        begins[Int(bytes[index] | 0x20)] && words.contains { bytes.hasFolded($0, at: index) }
    }

    static func mayHold(_ text: String) -> Bool {
        guard text.utf8.count > 4 else { return false }
        var text = text
        return text.withUTF8 { bytes in
            var hasWord = false
            var hasMark = false
            var hasLogin = false
            for index in bytes.indices {
                switch bytes[index] {
                case UInt8(ascii: "@"): hasLogin = true
                case UInt8(ascii: "="), UInt8(ascii: "-"), UInt8(ascii: "\""), UInt8(ascii: ":"): hasMark = true
                default: hasWord = hasWord || holdsWord(bytes, at: index)
                }
            }
            return hasMark && (hasWord || hasLogin)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func has(_ needle: [UInt8], at index: Int) -> Bool {
        guard needle.count <= count - index else { return false }
        for offset in needle.indices where self[index + offset] != needle[offset] { return false }
        return true
    }

    /// Whatever the case of its letters; `needle` is in lower case.
    fileprivate func hasFolded(_ needle: [UInt8], at index: Int) -> Bool {
        guard needle.count <= count - index else { return false }
        for offset in needle.indices {
            let byte = self[index + offset]
            // `-` and `_` are the same in names of flags.
            let folded = 0x41...0x5A ~= byte ? byte | 0x20 : byte == 0x2D ? 0x5F : byte
            if folded != needle[offset] { return false }
        }
        return true
    }
}
