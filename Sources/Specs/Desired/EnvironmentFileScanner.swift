/// systemd's `EnvironmentFile`, which is no shell: no `export`, no expansion, no comment after a value
/// (systemd.exec(5); the reader is parse_env_file).
enum EnvironmentFileScanner {
    static func lines(_ units: [ContentUnit]) -> [KeyedLine] {
        var lines: [KeyedLine] = []
        var start = 0
        while start < units.count {
            let (line, end) = line(in: units, from: start)
            lines.append(line)
            start = end
        }
        return lines
    }

    private static func line(in units: [ContentUnit], from start: Int) -> (KeyedLine, end: Int) {
        let first = units[start...].firstIndex { $0 != " " && $0 != "\t" } ?? units.count
        let physicalEnd = units[start...].firstIndex(of: "\n").map { $0 + 1 } ?? units.count
        let isComment = first < units.count && (units[first] == "#" || units[first] == ";")
        guard !isComment, let equals = units[first..<physicalEnd].firstIndex(of: "="),
            let name = units[first..<equals].plainText.map(trimmed), ShellScanner.isName(name)
        else { return (KeyedLine(raw: Array(units[start..<physicalEnd])), physicalEnd) }
        let (value, end) = value(in: units, from: equals + 1)
        let next = end < units.count ? end + 1 : end
        let assignment = KeyedLine.Assignment(
            key: name,
            value: .text(Content(units: value)),
            range: (first - start)..<(end - start),
            valueRange: (equals + 1 - start)..<(end - start)
        )
        return (KeyedLine(raw: Array(units[start..<next]), assignments: [assignment]), next)
    }

    /// The value and where its line ends (at the newline).
    private static func value(in units: [ContentUnit], from start: Int) -> ([ContentUnit], end: Int) {
        var value: [ContentUnit] = []
        /// As much of the value as does not count as white space at its end.
        var kept = 0
        var index = start
        while index < units.count, units[index] != "\n" {
            switch units[index] {
            case "\\":
                guard index + 1 < units.count else { return (value, units.count) }
                if units[index + 1] != "\n" {
                    value.append(units[index + 1])
                    kept = value.count
                }
                index += 2
            case "'" where kept == 0 || isQuoteEnd(units[index - 1]):
                index = quoted(in: units, from: index, into: &value)
                kept = value.count
            case "\"" where kept == 0 || isQuoteEnd(units[index - 1]):
                index = quoted(in: units, from: index, into: &value)
                kept = value.count
            case " ", "\t", "\r":
                if !value.isEmpty { value.append(units[index]) }
                index += 1
            case let unit:
                value.append(unit)
                kept = value.count
                index += 1
            }
        }
        return (Array(value[..<kept]), index)
    }

    private static func quoted(in units: [ContentUnit], from start: Int, into value: inout [ContentUnit]) -> Int {
        let quote = units[start]
        var index = start + 1
        while index < units.count, units[index] != quote {
            if quote == "\"", units[index] == "\\", index + 1 < units.count {
                index += 1
                if !["\"", "\\", "$", "`", "\n"].contains(units[index]) { value.append("\\") }
                if units[index] != "\n" { value.append(units[index]) }
            } else {
                value.append(units[index])
            }
            index += 1
        }
        return min(index + 1, units.count)
    }

    private static func isQuoteEnd(_ unit: ContentUnit) -> Bool { unit == "'" || unit == "\"" }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
