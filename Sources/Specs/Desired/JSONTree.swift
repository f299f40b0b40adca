/// JSON text with the place of every value, so that one can be replaced and all else kept; secrets go through whole.
struct JSONTree: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        /// As it reads, escapes resolved.
        var key: String
        /// Where the key begins, its quote included.
        var start: Int
        var value: JSONTree
    }

    enum Kind: Hashable, Sendable {
        /// As it reads, escapes resolved.
        case text(Content)
        /// A number, `true`, `false`, `null`; or something of which a part is hidden.
        case word(Content)
        case list([JSONTree])
        /// In the order of the text, keys that stand twice included.
        case object([Member])
    }

    var kind: Kind
    /// Of the units that were read.
    var range: Range<Int>
}

extension JSONTree {
    var members: [Member]? { if case .object(let members) = kind { members } else { nil } }

    /// Whether both are the same JSON value: objects in any order, of equal keys the last one, numbers by value.
    func means(_ other: JSONTree) -> Bool {
        switch (kind, other.kind) {
        case (.text(let a), .text(let b)): return a == b
        case (.word(let a), .word(let b)): return a == b || Self.areEqualNumbers(a, b)
        case (.list(let a), .list(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.means($1) }
        case (.object(let a), .object(let b)):
            let (left, right) = (Self.last(a), Self.last(b))
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.means($0) } ?? false }
        case (.text, _), (.word, _), (.list, _), (.object, _): return false
        }
    }

    private static func last(_ members: [Member]) -> [String: JSONTree] {
        Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
    }

    /// Beyond 2^53 a `Double` would take different whole numbers for one.
    private static func areEqualNumbers(_ a: Content, _ b: Content) -> Bool {
        guard let a = a.plainText, let b = b.plainText, JSONNumber.isValid(a), JSONNumber.isValid(b) else {
            return false
        }
        if let left = Int(a), let right = Int(b) { return left == right }
        guard let left = Double(a), let right = Double(b) else { return false }
        return left == right && abs(left) < 9_007_199_254_740_992
    }
}

/// Why a text is no JSON.
struct JSONFault: Error, Hashable {
    var message: String
    /// 1-based.
    var line: Int
}

/// Reads JSON (RFC 8259) as strictly as Go does, with hidden parts in place of texts, or of parts of them.
struct JSONScanner {
    private let units: [ContentUnit]
    private var index = 0
    /// Go refuses more than 10,000; nobody writes 100.
    private static let deepest = 100

    /// The one value that `units` are.
    static func tree(_ units: [ContentUnit]) throws(JSONFault) -> JSONTree {
        var scanner = JSONScanner(units: units)
        let tree = try scanner.value(depth: 1)
        scanner.skipSpace()
        guard scanner.index == units.count else {
            throw scanner.fault("the value is complete, yet something follows it")
        }
        return tree
    }

    private init(units: [ContentUnit]) { self.units = units }

    private var next: ContentUnit? { index < units.count ? units[index] : nil }

    private func fault(_ message: String) -> JSONFault {
        let line = 1 + units[..<min(index, units.count)].count { $0 == "\n" }
        return JSONFault(message: next == nil ? "the text is cut off" : message, line: line)
    }

    private mutating func skipSpace() { while let unit = next, JSONTree.isSpace(unit) { index += 1 } }

    private mutating func take(_ unit: ContentUnit) -> Bool {
        guard next == unit else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONTree {
        skipSpace()
        guard depth <= Self.deepest else { throw fault("nested more than \(Self.deepest) deep") }
        let start = index
        let kind: JSONTree.Kind =
            switch next {
            case "{": .object(try members(depth: depth))
            case "[": .list(try items(depth: depth))
            case "\"": .text(try text())
            default: .word(try word())
            }
        return JSONTree(kind: kind, range: start..<index)
    }

    private mutating func items(depth: Int) throws(JSONFault) -> [JSONTree] {
        index += 1
        var items: [JSONTree] = []
        skipSpace()
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw fault("a list goes on with `,` or ends with `]`") }
        }
    }

    private mutating func members(depth: Int) throws(JSONFault) -> [JSONTree.Member] {
        index += 1
        var members: [JSONTree.Member] = []
        skipSpace()
        if take("}") { return members }
        while true {
            skipSpace()
            let start = index
            guard next == "\"" else { throw fault("a key stands in double quotes") }
            let key = try text().shown
            skipSpace()
            guard take(":") else { throw fault("a key is followed by `:`") }
            members.append(JSONTree.Member(key: key, start: start, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return members }
            guard take(",") else { throw fault("an object goes on with `,` or ends with `}`") }
        }
    }

    private mutating func word() throws(JSONFault) -> Content {
        let start = index
        while let unit = next, !JSONTree.isSpace(unit), ![",", "]", "}", ":", "\""].contains(unit) { index += 1 }
        let word = Content(units: units[start..<index])
        guard let plain = word.plainText else { return word }
        guard ["true", "false", "null"].contains(plain) || JSONNumber.isValid(plain) else {
            index = start
            throw fault("`\(plain.abbreviated)` is no JSON value")
        }
        return word
    }

    /// The text at `index`, which is left after its closing quote.
    private mutating func text() throws(JSONFault) -> Content {
        index += 1
        var result: [ContentUnit] = []
        while let unit = next {
            switch unit {
            case "\"":
                index += 1
                return Content(units: result)
            case "\\": result.append(.scalar(try escape()))
            case .scalar(let scalar) where scalar.value < 0x20:
                throw fault("a text holds no control characters as they are")
            default:
                result.append(unit)
                index += 1
            }
        }
        throw fault("a text has no closing quote")
    }

    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        index += 1
        let short: [Unicode.Scalar: Unicode.Scalar] = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let scalar = next?.scalar else { throw fault("an escape is cut off") }
        if let meant = short[scalar] {
            index += 1
            return meant
        }
        guard scalar == "u", let first = codeUnit(at: index + 1) else { throw fault("this is no escape of JSON") }
        index += 5
        if let scalar = Unicode.Scalar(first) { return scalar }
        // Half of a pair stands for the replacement character, as in Go.
        guard first < 0xDC00, units[index...].starts(with: ["\\", "u"]), let second = codeUnit(at: index + 2),
            (0xDC00...0xDFFF).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)) ?? "\u{FFFD}"
    }

    private func codeUnit(at start: Int) -> UInt16? {
        guard let digits = units[min(start, units.count)...].prefix(4).plainText, digits.utf8.count == 4,
            digits.allSatisfy(\.isHexDigit)
        else { return nil }
        return UInt16(digits, radix: 16)
    }
}

extension JSONTree {
    static func isSpace(_ unit: ContentUnit) -> Bool { unit == " " || unit == "\n" || unit == "\t" || unit == "\r" }
}
