/// Java properties as `java.util.Properties.load` reads them, values trimmed as ZooKeeper does.
///
/// A separator is `=`, `:` or white space; a backslash at the end of a line continues it; `#` and `!` begin comments;
/// lines end in `\n`, `\r` or both.
enum PropertiesScanner {
    static func lines(_ units: [ContentUnit]) -> [KeyedLine] {
        var lines: [KeyedLine] = []
        var start = 0
        while start < units.count {
            let (logical, end) = logicalLine(in: units, from: start)
            let raw = Array(units[start..<end])
            lines.append(KeyedLine(raw: raw, assignments: assignment(logical, start: start).map { [$0] } ?? []))
            start = end
        }
        return lines
    }

    /// The units that count, each with its place, and where the next line begins.
    private static func logicalLine(
        in units: [ContentUnit],
        from start: Int
    ) -> (logical: [(unit: ContentUnit, place: Int)], end: Int) {
        var logical: [(unit: ContentUnit, place: Int)] = []
        var index = start
        var isFirst = true
        while true {
            index = skipBlanks(units, index)
            if isFirst, index < units.count, units[index] == "#" || units[index] == "!" {
                return ([], afterLineEnd(units, endOfNaturalLine(units, index)))
            }
            let end = endOfNaturalLine(units, index)
            let isContinued = units[index..<end].reversed().prefix { $0 == "\\" }.count % 2 == 1
            logical += units[index..<(isContinued ? end - 1 : end)].indices.map { (units[$0], $0) }
            index = afterLineEnd(units, end)
            guard isContinued, index < units.count else { return (logical, index) }
            isFirst = false
        }
    }

    private static func assignment(
        _ logical: [(unit: ContentUnit, place: Int)],
        start: Int
    ) -> KeyedLine.Assignment? {
        guard let first = logical.first, let last = logical.last else { return nil }
        var index = 0
        while index < logical.count, !isSeparator(logical[index].unit) {
            index += logical[index].unit == "\\" ? 2 : 1
        }
        let keyEnd = min(index, logical.count)
        guard let key = unescaped(logical[..<keyEnd].map(\.unit)).plainText else { return nil }
        index = skip(logical, keyEnd, while: isBlank)
        if index < logical.count, logical[index].unit == "=" || logical[index].unit == ":" {
            index = skip(logical, index + 1, while: isBlank)
        }
        let value = Content(units: unescaped(logical[index...].map(\.unit)))
        let end = last.place + 1 - start
        let valueStart = index < logical.count ? logical[index].place - start : end
        return KeyedLine.Assignment(
            key: key,
            value: .text(KeyedEdit.Format.properties.trimmed(value)),
            range: (first.place - start)..<end,
            valueRange: valueStart..<end
        )
    }

    // MARK: Escapes

    static func escaped(key: String) -> String {
        let special: Set<Unicode.Scalar> = ["=", ":", " ", "#", "!"]
        return key.unicodeScalars.map { special.contains($0) ? "\\\($0)" : escaped($0) }.joined()
    }

    static func escaped(value: Content) -> Content {
        let units = value.units
        return units.first.map { first in
            let head = first == " " ? Content("\\ ") : escaped(first)
            return units.dropFirst().reduce(head) { $0 + escaped($1) }
        } ?? ""
    }

    private static func escaped(_ unit: ContentUnit) -> Content {
        unit.scalar.map { Content(escaped($0)) } ?? Content(units: [unit])
    }

    /// The file is read as Latin-1: everything else is a `\u` escape of its UTF-16.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{0C}": return "\\f"
        case " "..."~": return String(scalar)
        default:
            return String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    private static func unescaped(_ units: [ContentUnit]) -> [ContentUnit] {
        var result: [ContentUnit] = []
        var index = 0
        while index < units.count {
            guard units[index] == "\\", index + 1 < units.count else {
                result.append(units[index])
                index += 1
                continue
            }
            let (unit, length) = escape(units[(index + 1)...])
            result.append(unit)
            index += 1 + length
        }
        return result
    }

    /// What an escape stands for, and how many units follow its backslash.
    private static func escape(_ units: ArraySlice<ContentUnit>) -> (ContentUnit, length: Int) {
        switch units.first {
        case "n": return ("\n", 1)
        case "r": return ("\r", 1)
        case "t": return ("\t", 1)
        case "f": return ("\u{0C}", 1)
        case "u":
            guard let high = codeUnit(units.dropFirst()) else { return ("u", 1) }
            if let scalar = Unicode.Scalar(high) { return (.scalar(scalar), 5) }
            let rest = units.dropFirst(5)
            guard rest.starts(with: ["\\", "u"]), let low = codeUnit(rest.dropFirst(2)),
                let scalar = String(decoding: [high, low], as: UTF16.self).unicodeScalars.first
            else { return ("\u{FFFD}", 5) }
            return (.scalar(scalar), 11)
        case let other?: return (other, 1)
        case nil: return ("\\", 0)
        }
    }

    private static func codeUnit(_ units: ArraySlice<ContentUnit>) -> UInt16? {
        guard let digits = units.prefix(4).plainText, digits.count == 4 else { return nil }
        return UInt16(digits, radix: 16)
    }

    // MARK: Lines

    private static func isBlank(_ unit: ContentUnit) -> Bool { unit == " " || unit == "\t" || unit == "\u{0C}" }

    private static func isSeparator(_ unit: ContentUnit) -> Bool { unit == "=" || unit == ":" || isBlank(unit) }

    private static func skipBlanks(_ units: [ContentUnit], _ index: Int) -> Int {
        units[index...].firstIndex { !isBlank($0) } ?? units.count
    }

    private static func skip(
        _ logical: [(unit: ContentUnit, place: Int)],
        _ index: Int,
        while holds: (ContentUnit) -> Bool
    ) -> Int {
        logical[min(index, logical.count)...].firstIndex { !holds($0.unit) } ?? logical.count
    }

    private static func endOfNaturalLine(_ units: [ContentUnit], _ index: Int) -> Int {
        units[index...].firstIndex { $0 == "\n" || $0 == "\r" } ?? units.count
    }

    private static func afterLineEnd(_ units: [ContentUnit], _ index: Int) -> Int {
        guard index < units.count else { return index }
        return units[index] == "\r" && index + 1 < units.count && units[index + 1] == "\n" ? index + 2 : index + 1
    }
}
