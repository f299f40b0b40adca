/// How much a spec file may hold; what is over it is refused, so that a hostile file fails at once.
public struct ReadingLimits: Hashable, Sendable {
    public var bytes: Int
    /// How deep lists and mappings may be nested.
    public var depth: Int
    /// Values in the tree, with those that aliases repeat.
    public var nodes: Int

    public init(bytes: Int = 2 << 20, depth: Int = 64, nodes: Int = 100_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }

    /// Of a file of apps: ten thousand of them in one.
    public static let apps = ReadingLimits(bytes: 32 << 20, nodes: 1_500_000)
}

/// A spec file's text: UTF-8 without a byte order mark and without NUL, every line ended by `\n`.
struct SourceText: Sendable {
    let file: String
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var start: SourcePosition { SourcePosition(file: file, line: 1, column: 1) }

    /// Checks `raw` before any parser sees it.
    init(_ raw: [UInt8], file: String, limits: ReadingLimits) throws(InvalidSpec) {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard raw.count <= limits.bytes else {
            let message = "the file has \(raw.count) bytes; at most \(limits.bytes) are read"
            throw InvalidSpec(Diagnostic(.error, message, at: start, hint: "split it into several files"))
        }
        let unmarked = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(raw.dropFirst(3)) : raw
        self.file = file
        bytes = unmarked.contains(0x0D) ? SourceText.withoutCarriageReturns(unmarked) : unmarked
        guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A }) else {
            throw InvalidSpec(Diagnostic(.error, "the file is empty", at: start))
        }
        if String(validating: bytes, as: UTF8.self) == nil {
            let offset = SourceText.lengthOfValidUTF8(in: bytes)
            let message = "byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) is not UTF-8"
            throw InvalidSpec(Diagnostic(.error, message, at: position(ofByte: offset), hint: "save the file as UTF-8"))
        }
        if let nul = bytes.firstIndex(of: 0) {
            throw InvalidSpec(Diagnostic(.error, "a NUL byte has no place in a text", at: position(ofByte: nul)))
        }
    }

    /// The place of the character that the byte at `offset` belongs to.
    func position(ofByte offset: Int) -> SourcePosition {
        let head = bytes.prefix(offset)
        let lineStart = head.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = head.count { $0 == 0x0A } + 1
        let column = head[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return SourcePosition(file: file, line: line, column: column)
    }

    /// The place of the byte at `offset`, counted on from `place`, which is that of the byte at `start`.
    func position(ofByte offset: Int, from place: SourcePosition, at start: Int) -> SourcePosition {
        var place = place
        for byte in bytes[start..<offset] {
            if byte == 0x0A {
                (place.line, place.column) = (place.line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                place.column += 1
            }
        }
        return place
    }

    /// The offset of the byte at `position`; nil when the text is shorter.
    func offset(of position: SourcePosition) -> Int? {
        var offset = 0
        for _ in 1..<max(position.line, 1) {
            guard let newline = bytes[offset...].firstIndex(of: 0x0A) else { return nil }
            offset = newline + 1
        }
        var column = 1
        while column < position.column {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            column += 1
        }
        return offset <= bytes.count ? offset : nil
    }

    /// The line that the byte at `offset` is in, no more than a few hundred bytes of it.
    func line(around offset: Int) -> String {
        let head = bytes[..<min(offset, bytes.count)].suffix(200).split(
            separator: 0x0A,
            omittingEmptySubsequences: false
        )
        let tail = bytes[min(offset, bytes.count)...].prefix(200).prefix { $0 != 0x0A }
        return String(decoding: (head.last ?? []) + tail, as: UTF8.self)
    }

    /// The offset of the first `wanted` at or behind `start`.
    func firstOffset(of wanted: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var offset = start
            while offset + wanted.count <= bytes.count {
                if bytes[offset] == wanted.first, bytes[offset..<offset + wanted.count].elementsEqual(wanted) {
                    return offset
                }
                offset += 1
            }
            return nil
        }
    }

    private static func withoutCarriageReturns(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0D: result.append(0x0A)
            case 0x0A where index > 0 && bytes[index - 1] == 0x0D: break
            default: result.append(byte)
            }
        }
        return result
    }

    /// How many bytes come before the first that no UTF-8 text has there.
    private static func lengthOfValidUTF8(in bytes: [UInt8]) -> Int {
        var offset = 0
        while offset < bytes.count {
            let length =
                switch bytes[offset] {
                case 0x00...0x7F: 1
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            let end = offset + length
            let isWhole = length > 0 && end <= bytes.count
            guard isWhole, String(validating: bytes[offset..<end], as: UTF8.self) != nil else { return offset }
            offset = end
        }
        return offset
    }
}

extension InvalidSpec {
    init(_ diagnostic: Diagnostic) { self.init(diagnostics: [diagnostic]) }
}
