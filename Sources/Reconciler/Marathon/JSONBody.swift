internal import Specs

extension SecretStore {
    /// `value` as JSON (RFC 8259) with the values of secrets in the place of their references, for a request only.
    ///
    /// Keys are sorted, so that equal values are equal bytes; whole numbers have no `.0`. nil where a secret has no value or a
    /// part is redacted, which cannot be sent.
    func json(_ value: AppValue) -> [UInt8]? {
        var writer = JSONBodyWriter(secrets: self)
        return writer.write(value) ? writer.bytes : nil
    }
}

private struct JSONBodyWriter {
    let secrets: SecretStore
    var bytes: [UInt8] = []

    init(secrets: SecretStore) { self.secrets = secrets }

    mutating func write(_ value: AppValue) -> Bool {
        switch value {
        case .null: bytes += "null".utf8
        case .boolean(let flag): bytes += (flag ? "true" : "false").utf8
        case .number(let number): return write(number)
        case .text(let content):
            guard let text = secrets.reveal(content) else { return false }
            write(text)
        case .list(let items): return write(items, "[", "]") { writer, item in writer.write(item) }
        case .object(let members):
            return write(members.sorted { $0.key < $1.key }, "{", "}") { writer, member in
                writer.write(member.key)
                writer.bytes.append(UInt8(ascii: ":"))
                return writer.write(member.value)
            }
        }
        return true
    }

    private mutating func write<Part>(
        _ parts: [Part],
        _ open: Unicode.Scalar,
        _ close: Unicode.Scalar,
        _ one: (inout JSONBodyWriter, Part) -> Bool
    ) -> Bool {
        bytes.append(UInt8(ascii: open))
        for (index, part) in parts.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard one(&self, part) else { return false }
        }
        bytes.append(UInt8(ascii: close))
        return true
    }

    private mutating func write(_ number: Double) -> Bool {
        guard number.isFinite else { return false }
        let whole = Int(exactly: number).map(String.init)
        bytes += (whole ?? "\(number)").utf8
        return true
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += #"\n"#.utf8
            case 0x00..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes += "\\u00".utf8
                bytes += (digits.count == 1 ? "0" + digits : digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
