extension Shape where Value == Content {
    /// Text that may hold secrets; quoted, it may be empty.
    static var content: Shape {
        Shape { field in
            guard let text = field.scalarText() else { return nil }
            return field.expand(text)
        }
    }

    /// A setting's value: as `content`, on one line.
    static var lineContent: Shape {
        content.checked { $0.shown.contains(where: \.isNewline) ? Fault("the value must stand on one line") : nil }
    }

    /// JSON text: as it is written, or made from a mapping or list.
    static var json: Shape {
        Shape { field in
            guard field.node.scalar == nil else { return content.read(field) }
            return JSONText.content(of: field)
        }
    }
}

extension Shape where Value == String {
    /// Text on one line that is not empty and holds no secret.
    static var text: Shape {
        Shape { field in
            guard let written = field.scalarText(), let content = field.expand(written) else { return nil }
            guard let text = content.plainText else {
                field.fault("`\(field.path)` cannot hold a secret", hint: "write the value itself")
                return nil
            }
            guard !text.isEmpty else {
                field.fault("`\(field.path)` is empty")
                return nil
            }
            guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                field.fault("`\(field.path)` must stand on one line, without control characters")
                return nil
            }
            return text
        }
    }

    static func text(_ rule: NameRule) -> Shape { text.checked(rule.problem) }

    static var absolutePath: Shape { text(.absolutePath) }

    /// A version such as `0.21.1` or `3.4.5+dfsg`.
    static var version: Shape {
        text.checked { version in
            let isVersion = version.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".+~-".contains($0)) }
            guard isVersion, version.first?.isNumber == true else {
                return Fault("`\(version.abbreviated)` is no version", hint: "write numbers and dots, such as 1.4.1")
            }
            return nil
        }
    }

    /// A Mesos duration, as it is written.
    static var duration: Shape {
        text.checked { text in
            guard MesosDuration(text) == nil else { return nil }
            return Fault("`\(text.abbreviated)` is no duration", hint: MesosDuration.hint(for: text))
        }
    }
}

extension Shape where Value == MesosDuration {
    static var length: Shape {
        Shape { field in Shape<String>.duration.read(field).flatMap { MesosDuration($0) } }
    }
}

extension Shape where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            let digits = text.first == "-" ? text.dropFirst() : text[...]
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else {
                field.fault("`\(field.path)` must be a whole number, not `\(text.abbreviated)`")
                return nil
            }
            guard digits.first != "0" || digits.count == 1 else {
                field.fault("`\(field.path)`: `\(text)` starts with a zero", hint: "write \(number)")
                return nil
            }
            guard range.contains(number) else {
                let limit =
                    range.upperBound == .max
                    ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
                field.fault("`\(field.path)` must be \(limit), not \(number)")
                return nil
            }
            return number
        }
    }

    static var port: Shape { integer(1...65535) }

    /// Permission bits in octal digits, such as `0644`.
    static var fileMode: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
            guard (3...4).contains(digits.count), let mode = Int(digits, radix: 8), mode >= 0 else {
                field.fault("`\(text.abbreviated)` is no file mode", hint: "write octal digits, such as 0644")
                return nil
            }
            return mode
        }
    }

    /// Whole seconds: a number, or a Mesos duration.
    static var wholeSeconds: Shape {
        Shape { field in
            guard let text = field.node.scalar?.text, let duration = MesosDuration(text) else {
                return integer(1...86_400).read(field)
            }
            let seconds = Int(duration.nanoseconds / 1_000_000_000)
            guard seconds >= 1, seconds <= 86_400, duration == .seconds(Int64(seconds)) else {
                field.fault("`\(field.path)` must be whole seconds, 1 to 86400, not `\(text)`")
                return nil
            }
            return seconds
        }
    }
}

extension Shape where Value == Bool {
    static var boolean: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            switch text {
            case "true", "yes", "on": return true
            case "false", "no", "off": return false
            default:
                field.fault("`\(field.path)` must be true or false, not `\(text.abbreviated)`")
                return nil
            }
        }
    }
}

extension Shape where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a closed set of words.
    static var word: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            if let value = Value(rawValue: text) { return value }
            let words = Value.allCases.map(\.rawValue)
            let name = field.path.split(separator: ".").last { Int($0) == nil } ?? ""
            field.fault(
                "`\(text.abbreviated)` is none of the words for `\(name)`",
                hint: Suggestion.hint(for: text, in: words)
            )
            return nil
        }
    }
}

extension Field {
    /// The text of a scalar that says something; else a fault.
    func scalarText() -> String? {
        guard let scalar = node.scalar else {
            fault("`\(path)` must be a text, not \(node.kind)")
            return nil
        }
        guard !node.isNull else {
            fault("`\(path)` has no value", at: key, hint: "leave the key out, or write '' for an empty text")
            return nil
        }
        guard !scalar.text.unicodeScalars.contains("\0") else {
            fault("`\(path)` holds a NUL character")
            return nil
        }
        return scalar.text
    }
}

extension MesosDuration {
    /// Such as "did you mean `5mins`?".
    static func hint(for text: String) -> String {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).filter { !$0.isWhitespace }.lowercased()
        let name =
            switch unit {
            case "s", "sec", "second", "seconds": "secs"
            case "m", "min", "minute", "minutes": "mins"
            case "h", "hr", "hour", "hours": "hrs"
            case "d", "day": "days"
            case "w", "week": "weeks"
            default: unitNames.first { $0 == unit }
            }
        if !number.isEmpty, let name, MesosDuration("\(number)\(name)") != nil {
            return "did you mean `\(number)\(name)`?"
        }
        return "write a number and one of \(unitNames.joined(separator: ", ")), such as 5mins"
    }
}
