/// JSON text (RFC 8259) → the same node tree that YAML gives, with the same positions.
///
/// libyaml rejects legal JSON (surrogate escapes, keys of more than 1,024 characters), hence a reader of its own.
/// What breaks the syntax or a limit ends the parse; duplicate keys are collected beside the tree.
struct JSONParser {
    private let source: SourceText
    private let limits: ReadingLimits
    private var faults: [Diagnostic] = []
    private var nodeCount = 0
    private var offset = 0
    private var line = 1
    private var column = 1

    /// The tree of the one value in `source`, and the faults that do not stop the reading of it.
    static func parse(
        _ source: SourceText,
        limits: ReadingLimits = ReadingLimits()
    ) throws(InvalidSpec) -> (root: YAMLNode, faults: [Diagnostic]) {
        var parser = JSONParser(source: source, limits: limits)
        parser.skipSpace()
        let root = try parser.value(depth: 1)
        parser.skipSpace()
        guard parser.next == nil else { throw parser.failure("the value is complete, yet something follows it") }
        return (root, parser.faults)
    }

    private init(source: SourceText, limits: ReadingLimits) {
        self.source = source
        self.limits = limits
    }

    private var next: UInt8? { offset < source.bytes.count ? source.bytes[offset] : nil }

    private var position: SourcePosition { SourcePosition(file: source.file, line: line, column: column) }

    private func failure(
        _ message: String,
        at place: SourcePosition? = nil,
        hint: String? = nil
    ) -> InvalidSpec {
        InvalidSpec(Diagnostic(.error, message, at: place ?? position, hint: hint))
    }

    /// Such as "`}`", for messages.
    private var found: String {
        guard next != nil else { return "the end of the file" }
        let text = String(decoding: source.bytes[offset...].prefix(4), as: UTF8.self)
        return "`\(text.first.map(String.init) ?? "")`"
    }

    private mutating func advance() {
        if source.bytes[offset] == UInt8(ascii: "\n") {
            (line, column) = (line + 1, 1)
        } else if source.bytes[offset] & 0xC0 != 0x80 {
            column += 1
        }
        offset += 1
        // A column counts characters: the bytes that continue one belong to it.
        while offset < source.bytes.count, source.bytes[offset] & 0xC0 == 0x80 { offset += 1 }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A { advance() }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    private mutating func value(depth: Int) throws(InvalidSpec) -> YAMLNode {
        nodeCount += 1
        guard nodeCount <= limits.nodes else {
            throw failure("more than \(limits.nodes) values", hint: "split the file")
        }
        let place = position
        switch next {
        case UInt8(ascii: "{"): return YAMLNode(.mapping(try object(depth: depth)), at: place)
        case UInt8(ascii: "["): return YAMLNode(.sequence(try array(depth: depth)), at: place)
        case UInt8(ascii: "\""): return YAMLNode(.scalar(YAMLNode.Scalar(try string(), isPlain: false)), at: place)
        default: return YAMLNode(.scalar(YAMLNode.Scalar(try word(), isPlain: true)), at: place)
        }
    }

    private mutating func open(depth: Int) throws(InvalidSpec) {
        guard depth <= limits.depth else {
            throw failure("lists and mappings are nested more than \(limits.depth) deep")
        }
        advance()
        skipSpace()
    }

    private mutating func array(depth: Int) throws(InvalidSpec) -> [YAMLNode] {
        try open(depth: depth)
        var items: [YAMLNode] = []
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw failure("expected `,` or `]`, found \(found)") }
            skipSpace()
            if next == UInt8(ascii: "]") { throw failure("a comma before `]` is no JSON", hint: "leave it out") }
        }
    }

    private mutating func object(depth: Int) throws(InvalidSpec) -> [YAMLNode.Entry] {
        try open(depth: depth)
        var mapping = MappingUnderConstruction()
        if take("}") { return [] }
        while true {
            guard next == UInt8(ascii: "\"") else { throw failure("expected a key in double quotes, found \(found)") }
            let place = position
            // A key counts as a value, as it does in YAML.
            nodeCount += 1
            let key = Located(try string(), at: place)
            skipSpace()
            guard take(":") else { throw failure("expected `:` after the key, found \(found)") }
            skipSpace()
            let value = try value(depth: depth + 1)
            if let fault = mapping.add(key, value) { faults.append(fault) }
            skipSpace()
            if take("}") { return mapping.merged() }
            guard take(",") else { throw failure("expected `,` or `}`, found \(found)") }
            skipSpace()
            if next == UInt8(ascii: "}") { throw failure("a comma before `}` is no JSON", hint: "leave it out") }
        }
    }

    /// A number, `true`, `false` or `null`, as it is written.
    private mutating func word() throws(InvalidSpec) -> String {
        let place = position
        let start = offset
        while let byte = next, byte.isPartOfWord { advance() }
        let text = String(decoding: source.bytes[start..<offset], as: UTF8.self)
        if ["true", "false", "null"].contains(text) || JSONNumber.isValid(text) { return text }
        guard !text.isEmpty else { throw failure("expected a value, found \(found)") }
        throw failure("`\(text.abbreviated)` is no JSON value", at: place, hint: "put a text into double quotes")
    }

    private mutating func string() throws(InvalidSpec) -> String {
        let place = position
        advance()
        var bytes: [UInt8] = []
        var start = offset
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                bytes += source.bytes[start..<offset]
                advance()
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                bytes += source.bytes[start..<offset]
                bytes += Array(String(try escape()).utf8)
                start = offset
            case 0x00..<0x20:
                throw failure(
                    "a text may not hold this control character as it is",
                    hint: "write `\\n`, `\\t` or `\\u00XX`"
                )
            default: skipOrdinary()
            }
        }
        throw failure("this text has no closing quote", at: place)
    }

    /// Passes over what stands for itself in a text; most of a large file is such.
    private mutating func skipOrdinary() {
        (offset, column) = source.bytes.withUnsafeBufferPointer { bytes in
            var (offset, column) = (offset, column)
            while offset < bytes.count {
                let byte = bytes[offset]
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
                if byte & 0xC0 != 0x80 { column += 1 }
                offset += 1
            }
            return (offset, column)
        }
    }

    private mutating func escape() throws(InvalidSpec) -> Unicode.Scalar {
        let place = position
        advance()
        guard let byte = next else { throw failure("this text has no closing quote", at: place) }
        if byte == UInt8(ascii: "u") { return try unicodeEscape(at: place) }
        guard let scalar = JSONParser.shortEscapes[byte] else {
            throw failure("`\\\(Unicode.Scalar(byte))` is no escape of JSON", at: place)
        }
        advance()
        return scalar
    }

    private static let shortEscapes: [UInt8: Unicode.Scalar] = [
        UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
        UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]

    /// `uXXXX`, or a surrogate pair of two such.
    private mutating func unicodeEscape(at place: SourcePosition) throws(InvalidSpec) -> Unicode.Scalar {
        let first = try codeUnit(at: place)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, next == UInt8(ascii: "\\") else {
            throw failure("half of a surrogate pair stands alone", at: place)
        }
        advance()
        guard next == UInt8(ascii: "u") else { throw failure("half of a surrogate pair stands alone", at: place) }
        let second = try codeUnit(at: place)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw failure("half of a surrogate pair stands alone", at: place) }
        return scalar
    }

    private mutating func codeUnit(at place: SourcePosition) throws(InvalidSpec) -> UInt16 {
        advance()
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("`\\u` wants four hexadecimal digits", at: place)
            }
            unit = unit << 4 | UInt16(digit)
            advance()
        }
        return unit
    }
}

extension UInt8 {
    fileprivate var isPartOfWord: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "'"), 0x80...:
            true
        default: false
        }
    }
}

/// The grammar of a JSON number.
enum JSONNumber {
    static func isValid(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func digits() -> Int {
            let count = rest.prefix { (0x30...0x39).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let hasLeadingZero = rest.first == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(hasLeadingZero && whole > 1) else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
