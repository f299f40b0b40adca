/// Shell assignments, as a file that is sourced: quotes, escapes, `export`, several on a line.
///
/// What is more than assignments (`if`, `&&`, commands) is kept as it stands; assignments in it count as computed.
struct ShellScanner {
    private let units: [ContentUnit]
    private var index = 0
    /// How many `if`, `case`, loops and braces are open.
    private var depth = 0
    private let followsBlocks: Bool

    static func lines(_ units: [ContentUnit]) -> [KeyedLine] {
        var scanner = ShellScanner(units: units, followsBlocks: true)
        let lines = scanner.lines()
        guard scanner.depth > 0 else { return lines }
        // A block that never ends: every shell would refuse the file, and an edit at its end would never count.
        var flat = ShellScanner(units: units, followsBlocks: false)
        return flat.lines()
    }

    private init(units: [ContentUnit], followsBlocks: Bool) {
        self.units = units
        self.followsBlocks = followsBlocks
    }

    private mutating func lines() -> [KeyedLine] {
        var lines: [KeyedLine] = []
        while index < units.count { lines.append(line()) }
        return lines
    }

    private mutating func line() -> KeyedLine {
        let start = index
        var found: [KeyedLine.Assignment] = []
        var comment: Range<Int>?
        var isPlain = depth == 0
        var isExported = false
        var isAtStart = true
        while index < units.count, units[index] != "\n" {
            let unit = units[index]
            if isBlank(unit) || isContinuation(at: index) {
                index += unit == "\\" ? 2 : 1
            } else if unit == "#" {
                let commentStart = index
                index = endOfPhysicalLine(index)
                comment = (commentStart - start)..<(index - start)
            } else if unit == ";" {
                (isExported, isAtStart) = (false, true)
                index += 1
            } else if isOperator(unit) {
                (isPlain, isAtStart) = (false, true)
                index += 1
            } else if let word = word() {
                if isAtStart, !isExported, word.bare == "export" {
                    isExported = true
                } else if let assignment = word.assignment(lineStart: start, isExported: isExported) {
                    found.append(assignment)
                } else {
                    isPlain = false
                    follow(word.bare)
                }
                isAtStart = false
            } else {
                // A quote that never ends: no shell would read on.
                return unreadable(from: start)
            }
        }
        let hasComment = comment != nil && !found.isEmpty
        if index < units.count { index += 1 }
        return KeyedLine(
            raw: Array(units[start..<index]),
            assignments: isPlain ? found : found.map(\.asComputed),
            comment: hasComment ? comment : nil
        )
    }

    private mutating func unreadable(from start: Int) -> KeyedLine {
        index = min(endOfPhysicalLine(start) + 1, units.count)
        return KeyedLine(raw: Array(units[start..<index]))
    }

    private mutating func follow(_ word: String?) {
        guard followsBlocks else { return }
        switch word {
        case "if", "case", "for", "while", "until", "select", "{": depth += 1
        case "fi", "esac", "done", "}": depth = max(0, depth - 1)
        default: break
        }
    }

    // MARK: Words

    private struct Word {
        var start: Int
        var end: Int
        /// Each unit as the shell reads it, with its place; `isQuoted` where a quote or escape made it literal.
        var text: [(unit: ContentUnit, place: Int, isQuoted: Bool)] = []
        var isComputed = false
        var raw: ArraySlice<ContentUnit>

        /// The word, if nothing of it is quoted or expanded.
        var bare: String? {
            isComputed || text.contains { $0.isQuoted } ? nil : text.map(\.unit).plainText
        }

        func assignment(lineStart: Int, isExported: Bool) -> KeyedLine.Assignment? {
            guard let equals = text.firstIndex(where: { $0.unit == "=" && !$0.isQuoted }), equals > 0,
                text[..<equals].allSatisfy({ !$0.isQuoted }), let name = text[..<equals].map(\.unit).plainText,
                ShellScanner.isName(name)
            else { return nil }
            let place = text[equals].place
            let source = Content(units: raw[(place + 1)...])
            let value = Content(units: text[(equals + 1)...].map(\.unit))
            return KeyedLine.Assignment(
                key: name,
                value: isComputed ? .computed(source) : .text(value),
                range: (start - lineStart)..<(end - lineStart),
                valueRange: (place + 1 - lineStart)..<(end - lineStart),
                isExported: isExported
            )
        }
    }

    /// The word at `index`, which is left after it; nil when a quote in it never ends.
    private mutating func word() -> Word? {
        var word = Word(start: index, end: index, raw: [])
        while index < units.count, !isBlank(units[index]), units[index] != "\n", !isOperator(units[index]) {
            let unit = units[index]
            switch unit {
            case "\\":
                if isContinuation(at: index) {
                    index += 2
                } else {
                    if index + 1 < units.count { word.text.append((units[index + 1], index + 1, true)) }
                    index = min(index + 2, units.count)
                }
            case "'":
                guard let close = units[(index + 1)...].firstIndex(of: "'") else { return nil }
                word.text += ((index + 1)..<close).map { (units[$0], $0, true) }
                index = close + 1
            case "\"":
                guard doubleQuoted(into: &word) else { return nil }
            case "$", "`":
                guard expansion(into: &word) else { return nil }
            default:
                word.text.append((unit, index, false))
                index += 1
            }
        }
        word.end = index
        word.raw = units[..<index]
        return word
    }

    private mutating func doubleQuoted(into word: inout Word) -> Bool {
        index += 1
        while index < units.count, units[index] != "\"" {
            switch units[index] {
            case "\\" where isContinuation(at: index): index += 2
            case "\\":
                let isEscape = index + 1 < units.count && ["$", "`", "\"", "\\"].contains(units[index + 1])
                if isEscape { index += 1 }
                word.text.append((units[index], index, true))
                index += 1
            case "$", "`":
                guard expansion(into: &word) else { return false }
            default:
                word.text.append((units[index], index, true))
                index += 1
            }
        }
        guard index < units.count else { return false }
        index += 1
        return true
    }

    /// `$NAME`, `${…}`, `$(…)` or backticks: skipped as a whole.
    private mutating func expansion(into word: inout Word) -> Bool {
        word.isComputed = true
        let opening = index
        index += 1
        if units[opening] == "`" {
            guard let close = units[index...].firstIndex(of: "`") else { return false }
            index = close + 1
        } else if index < units.count, units[index] == "(" || units[index] == "{" {
            let (open, close): (ContentUnit, ContentUnit) = units[index] == "(" ? ("(", ")") : ("{", "}")
            var level = 0
            repeat {
                guard index < units.count else { return false }
                if units[index] == open { level += 1 }
                if units[index] == close { level -= 1 }
                index += 1
            } while level > 0
        }
        word.text += (opening..<index).map { (units[$0], $0, true) }
        return true
    }

    // MARK: Units

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
    }

    private func isBlank(_ unit: ContentUnit) -> Bool { unit == " " || unit == "\t" }

    private func isOperator(_ unit: ContentUnit) -> Bool { [";", "&", "|", "(", ")", "<", ">"].contains(unit) }

    private func isContinuation(at index: Int) -> Bool {
        units[index] == "\\" && index + 1 < units.count && units[index + 1] == "\n"
    }

    private func endOfPhysicalLine(_ index: Int) -> Int { units[index...].firstIndex(of: "\n") ?? units.count }
}

extension KeyedLine.Assignment {
    /// Read, but neither known nor to be touched: it stands in code.
    fileprivate var asComputed: KeyedLine.Assignment {
        var copy = self
        copy.value = .computed(value.content)
        copy.isEditable = false
        return copy
    }
}
