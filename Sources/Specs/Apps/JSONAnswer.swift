/// Why bytes are no JSON, such as a body that was cut off.
public struct InvalidJSON: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    public var message: String
    /// Bytes before what is wrong.
    public var offset: Int

    public init(_ message: String, offset: Int) {
        (self.message, self.offset) = (message, offset)
    }

    public var description: String { "\(message) at byte \(offset)" }
}

extension AppValue {
    /// How deep lists and objects may be nested.
    static let deepest = 200

    /// The one JSON value (RFC 8259) that `bytes` are, whole.
    ///
    /// Texts are taken as literals. Of equal keys the last one counts, as Marathon's own reader has it.
    ///
    /// - Throws: What is wrong first: a value that is cut off or followed by something, text that is no UTF-8, nesting of more
    ///   than 200 levels, a number that no `Double` holds.
    public init(json bytes: [UInt8]) throws(InvalidJSON) {
        let read = bytes.withUnsafeBufferPointer { buffer -> Result<AppValue, InvalidJSON> in
            var reader = JSONAnswerReader(bytes: buffer)
            do throws(InvalidJSON) { return .success(try reader.whole()) } catch { return .failure(error) }
        }
        self = try read.get()
    }
}

/// Reads server answers, where no positions are needed and 15 MB must not be felt; `JSONParser` reads what people write.
private struct JSONAnswerReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    /// Members of the objects that are being read, so that each dictionary is made once, in its size.
    private var pending: [(key: String, value: AppValue)] = []
    /// Keys and short texts recur in every app: one place each by a hash of their bytes.
    private var recurring = [Recurring](repeating: Recurring(), count: 1024)

    private struct Recurring {
        var text = ""
        var content = Content("")
    }

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func whole() throws(InvalidJSON) -> AppValue {
        let value = try value(depth: 1)
        skipSpace()
        guard offset == bytes.count else { throw failure("something follows the value") }
        return value
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func failure(_ message: String) -> InvalidJSON {
        InvalidJSON(offset < bytes.count ? message : "the text is cut off", offset: offset)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func value(depth: Int) throws(InvalidJSON) -> AppValue {
        skipSpace()
        guard depth <= AppValue.deepest else { throw failure("nested more than \(AppValue.deepest) deep") }
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .list(try items(depth: depth))
        case UInt8(ascii: "\""): return .text(try content())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: AppValue) throws(InvalidJSON) -> AppValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw failure("no JSON value") }
            offset += 1
        }
        return value
    }

    private mutating func items(depth: Int) throws(InvalidJSON) -> [AppValue] {
        offset += 1
        var items: [AppValue] = []
        skipSpace()
        if take("]") { return items }
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("expected `,` or `]`") }
        return items
    }

    private mutating func members(depth: Int) throws(InvalidJSON) -> [String: AppValue] {
        offset += 1
        skipSpace()
        if take("}") { return [:] }
        let first = pending.count
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("expected a key") }
            let key = try key()
            skipSpace()
            guard take(":") else { throw failure("expected `:`") }
            pending.append((key, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("expected `,` or `}`") }
        var members = Dictionary<String, AppValue>(minimumCapacity: pending.count - first)
        for (key, value) in pending[first...] { members[key] = value }
        pending.removeSubrange(first...)
        return members
    }

    // MARK: Numbers

    private mutating func number() throws(InvalidJSON) -> Double {
        let start = offset
        while let byte = next, byte.isPartOfNumber { offset += 1 }
        if let small = smallWhole(start) { return small }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard JSONNumber.isValid(text), let number = Double(text), number.isFinite else {
            if offset < bytes.count { offset = start }
            throw failure("no JSON value")
        }
        return number
    }

    /// Most numbers: up to fifteen digits and nothing else.
    private func smallWhole(_ start: Int) -> Double? {
        let digits = bytes[start..<offset]
        guard 1...15 ~= digits.count, digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var whole = 0
        for digit in digits {
            guard 0x30...0x39 ~= digit else { return nil }
            whole = whole * 10 + Int(digit - 0x30)
        }
        return Double(whole)
    }

    // MARK: Texts

    private mutating func key() throws(InvalidJSON) -> String {
        guard let place = try recurringPlace() else { return try text() }
        return recurring[place].text
    }

    private mutating func content() throws(InvalidJSON) -> Content {
        guard let place = try recurringPlace() else { return Content(try text()) }
        return recurring[place].content
    }

    /// Takes a short text without escapes; nil, and takes nothing, where it is another one.
    private mutating func recurringPlace() throws(InvalidJSON) -> Int? {
        let start = offset + 1
        var end = start
        var hash: UInt32 = 2_166_136_261
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            guard bytes[end] >= 0x20, bytes[end] < 0x80, bytes[end] != UInt8(ascii: "\\"), end - start < 32 else {
                return nil
            }
            hash = (hash ^ UInt32(bytes[end])) &* 16_777_619
            end += 1
        }
        guard end < bytes.count else { return nil }
        let part = UnsafeBufferPointer(rebasing: bytes[start..<end])
        let place = Int((hash ^ hash >> 16) % UInt32(recurring.count))
        if !recurring[place].text.utf8.elementsEqual(part) {
            let text = try checked(part)
            recurring[place] = Recurring(text: text, content: Content(text))
        }
        offset = end + 1
        return place
    }

    private mutating func text() throws(InvalidJSON) -> String {
        offset += 1
        let start = offset
        try skipOrdinary()
        if next == UInt8(ascii: "\"") {
            let text = try checked(bytes[start..<offset])
            offset += 1
            return text
        }
        return try escapedText(from: start)
    }

    /// Up to a quote or a backslash.
    private mutating func skipOrdinary() throws(InvalidJSON) {
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw failure("a control character in a text") }
            offset += 1
        }
        guard offset < bytes.count else { throw failure("") }
    }

    private func checked(_ part: some Collection<UInt8>) throws(InvalidJSON) -> String {
        guard let text = String(validating: part, as: UTF8.self) else { throw failure("a text that is no UTF-8") }
        return text
    }

    private mutating func escapedText(from first: Int) throws(InvalidJSON) -> String {
        var text: [UInt8] = []
        var start = first
        while true {
            try skipOrdinary()
            text += bytes[start..<offset]
            if take("\"") { return try checked(text) }
            offset += 1
            text += Array(String(try escape()).utf8)
            start = offset
        }
    }

    private mutating func escape() throws(InvalidJSON) -> Unicode.Scalar {
        guard let byte = next else { throw failure("") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("no escape of JSON")
        }
    }

    /// `XXXX`, or a surrogate pair `XXXX\uXXXX`.
    private mutating func unicodeEscape() throws(InvalidJSON) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw failure("half of a surrogate pair") }
        let second = try codeUnit()
        guard 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw failure("half of a surrogate pair") }
        return scalar
    }

    private mutating func codeUnit() throws(InvalidJSON) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw failure("`\\u` wants four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}

extension UInt8 {
    fileprivate var isPartOfNumber: Bool {
        switch self {
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
