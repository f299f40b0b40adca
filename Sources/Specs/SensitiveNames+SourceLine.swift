extension SensitiveNames {
    /// `line` of a declaration, as it is shown beside a fault: values of sensitive names and logins in URLs as `•`, one for each
    /// scalar, so that columns stay what they are.
    ///
    /// The line may be of YAML or JSON, and broken; in doubt more is hidden. `${…}` stays.
    public static func hidingValues(inSourceLine line: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var search = SourceLine(scalars: line)
        search.hideValues()
        search.hideUserinfo()
        return search.shown
    }
}

/// A source line that is gone through once for names and once for URLs.
private struct SourceLine {
    let scalars: [Unicode.Scalar]
    private(set) var shown: [Unicode.Scalar]

    init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
        shown = scalars
    }

    mutating func hideValues() {
        var index = 0
        while index < scalars.count {
            guard isName(index) else {
                index += 1
                continue
            }
            let end = scalars[index...].firstIndex { !Self.isNameScalar($0) } ?? scalars.count
            let name = text(index..<end)
            let isOption = name.hasPrefix("--")
            if SensitiveNames.isSensitive(flag: name.hasPrefix("-D") ? String(name.dropFirst(2)) : name),
                let value = value(after: end, isOption: isOption)
            {
                hide(value)
            }
            index = end
        }
    }

    mutating func hideUserinfo() {
        for start in scalars.indices where scalars[start...].starts(with: "://".unicodeScalars) {
            let url = scalars[(start + 3)...].prefix {
                !$0.properties.isWhitespace && !"\"'`<>".unicodeScalars.contains($0)
            }
            guard let at = url.lastIndex(of: "@") else { continue }
            hide(start + 3..<at)
        }
    }

    // MARK: Parts

    /// What belongs to a name that ends at `end`; nil where nothing does.
    private func value(after end: Int, isOption: Bool) -> Range<Int>? {
        var index = skipBlanks(end)
        if index < scalars.count, Self.isQuote(scalars[index]) || scalars[index] == "\\" {
            index = skipBlanks(scalars[index...].firstIndex { $0 != "\\" && !Self.isQuote($0) } ?? scalars.count)
        }
        guard index < scalars.count else { return nil }
        if scalars[index] == ":" || scalars[index] == "=" {
            index = skipBlanks(index + 1)
        } else if !isOption || index == end {
            return nil
        }
        guard index < scalars.count else { return nil }
        return index..<self.end(of: index, isOption: isOption)
    }

    private func end(of start: Int, isOption: Bool) -> Int {
        let rest = scalars[start...]
        if Self.isQuote(scalars[start]) {
            let quote = scalars[start]
            var isEscaped = false
            for index in rest.indices.dropFirst() {
                if !isEscaped, scalars[index] == quote { return index }
                isEscaped = !isEscaped && scalars[index] == "\\"
            }
            return scalars.count
        }
        if scalars[start] == "{" || scalars[start] == "[" {
            var depth = 0
            for index in rest.indices {
                if scalars[index] == "{" || scalars[index] == "[" { depth += 1 }
                if scalars[index] == "}" || scalars[index] == "]" { depth -= 1 }
                if depth == 0 { return index + 1 }
            }
            return scalars.count
        }
        // Within a flow mapping or a string another value may follow; else it reaches to the end.
        let isInFlow = scalars[..<start].contains { "{\"'".unicodeScalars.contains($0) }
        return rest.firstIndex { scalar in
            (isInFlow && (scalar == "," || scalar == "}" || Self.isQuote(scalar)))
                || (isOption && scalar.properties.isWhitespace)
        } ?? scalars.count
    }

    /// References stay: they are no value.
    private mutating func hide(_ range: Range<Int>) {
        var isReference = false
        for index in range {
            if scalars[index] == "$", index + 1 < scalars.count, scalars[index + 1] == "{" { isReference = true }
            if !isReference, !Self.isQuote(scalars[index]), !scalars[index].properties.isWhitespace {
                shown[index] = "•"
            }
            if scalars[index] == "}" { isReference = false }
        }
    }

    private func isName(_ index: Int) -> Bool {
        Self.isNameScalar(scalars[index]) && (index == 0 || !Self.isNameScalar(scalars[index - 1]))
    }

    private func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(scalars[range]))
    }

    private func skipBlanks(_ index: Int) -> Int {
        scalars[index...].firstIndex { $0 != " " && $0 != "\t" } ?? scalars.count
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            || "_-.".unicodeScalars.contains(scalar)
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "'" }
}
