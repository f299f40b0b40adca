extension SensitiveNames {
    /// `content` with values of sensitive names redacted wherever they stand: `NAME=value`, `name: value` and `--name value`,
    /// in comments too.
    ///
    /// A value at the beginning of a line (after `#`, `-` or `export`) reaches to its end, one of a header to a quote, any
    /// other to white space or a quote.
    /// Values for which `isKnown` stay.
    public static func redactingValues(
        in content: Content,
        of isSensitive: (String) -> Bool,
        unless isKnown: (Content) -> Bool
    ) -> Content {
        let units = content.units
        var result: [ContentUnit] = []
        var index = 0
        while index < units.count {
            guard let name = name(in: units, at: index) else {
                result.append(units[index])
                index += 1
                continue
            }
            result += units[index..<name.end]
            index = name.end
            guard isSensitive(name.text), let start = valueStart(in: units, after: name) else { continue }
            let isLineKey = isAtLineStart(units, name.start) && !name.isOption
            let isHeader = units[skipBlanks(units, name.end)] == ":"
            let value = units[start...].prefix { unit in
                if isLineKey { return unit != "\n" && unit != "\r" }
                return isHeader ? !["\n", "\r", "\"", "'"].contains(unit) : !isValueEnd(unit)
            }
            guard !value.isEmpty else { continue }
            result += units[index..<start]
            let whole = Content(units: value)
            let keeps = value.allSatisfy { $0.scalar == nil } || isKnown(whole) || isKnown(unquoted(whole))
            result += keeps ? Array(value) : [.opaque(.redacted)]
            index = value.endIndex
        }
        return Content(units: result)
    }

    private struct Name {
        var text: String
        var start: Int
        var end: Int
        /// `--name` rather than `name`.
        var isOption: Bool
    }

    /// The whole name that begins at `index`.
    private static func name(in units: [ContentUnit], at index: Int) -> Name? {
        guard isNameUnit(units[index]), index == 0 || !isNameUnit(units[index - 1]) else { return nil }
        let run = units[index...].prefix(while: isNameUnit)
        guard let text = run.plainText else { return nil }
        let isOption = text.hasPrefix("--")
        var bare = text.drop { $0 == "-" }
        // `-Djavax.net.ssl.keyStorePassword=…`
        if text.hasPrefix("-D") { bare = bare.dropFirst() }
        return Name(text: String(bare), start: index, end: run.endIndex, isOption: isOption)
    }

    /// Where the value of `name` begins: after `=` (or `:` with a blank or quote), or after blanks for an option.
    private static func valueStart(in units: [ContentUnit], after name: Name) -> Int? {
        var index = skipBlanks(units, name.end)
        guard index < units.count else { return nil }
        if units[index] == "=" {
            index = index + 1
            return isAtLineStart(units, name.start) ? skipBlanks(units, index) : index
        }
        // YAML's keys and HTTP's fields; what follows a path is a sentence about it.
        if units[index] == ":", index + 1 < units.count, units[index + 1] == " " || units[index + 1] == "\t" {
            guard name.start == 0 || units[name.start - 1] != "/" else { return nil }
            index = skipBlanks(units, index + 1)
            return index < units.count ? index : nil
        }
        // JSON: "secret": "value"
        if units[index] == "\"", index + 1 < units.count, units[index + 1] == ":" {
            index = skipBlanks(units, index + 2)
            return index < units.count && units[index] == "\"" ? index + 1 : index
        }
        return name.isOption && index > name.end ? index : nil
    }

    private static func isAtLineStart(_ units: [ContentUnit], _ index: Int) -> Bool {
        let head = units[..<index].reversed().prefix { $0 != "\n" && $0 != "\r" }.reversed()
        guard let text = head.plainText else { return false }
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "#" || $0 == "!" || $0 == ";" || $0 == "-" }
        return words.isEmpty || words == ["export"]
    }

    private static func unquoted(_ value: Content) -> Content {
        let units = value.units
        guard units.count >= 2, units.first == units.last, units.first == "'" || units.first == "\"" else {
            return value
        }
        return Content(units: units.dropFirst().dropLast())
    }

    private static func isNameUnit(_ unit: ContentUnit) -> Bool {
        guard let scalar = unit.scalar else { return false }
        return scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            || scalar == "_" || scalar == "-" || scalar == "."
    }

    private static func isValueEnd(_ unit: ContentUnit) -> Bool {
        guard let scalar = unit.scalar else { return false }
        return scalar.properties.isWhitespace || scalar == "\"" || scalar == "'"
    }

    private static func skipBlanks(_ units: [ContentUnit], _ index: Int) -> Int {
        units[index...].firstIndex { $0 != " " && $0 != "\t" } ?? units.count
    }
}
