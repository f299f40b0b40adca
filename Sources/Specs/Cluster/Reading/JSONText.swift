/// JSON text made from a node tree: plain scalars that are JSON values stay values, all others become texts.
enum JSONText {
    /// The text for `field`, on one line; secrets in texts stay references.
    static func content(of field: Field) -> Content? {
        switch field.node.value {
        case .scalar(let scalar):
            let isValue = ["true", "false", "null"].contains(scalar.text) || JSONNumber.isValid(scalar.text)
            if scalar.isPlain, isValue { return Content(scalar.text) }
            guard !field.node.isNull else { return "null" }
            return field.expand(scalar.text).map { quoted($0) }
        case .sequence(let items):
            let parts = items.enumerated().map { index, item in
                content(of: field.inner("\(index)", item, key: item.position))
            }
            return joined(parts).map { "[" + $0 + "]" }
        case .mapping(let entries):
            let parts = entries.map { entry in
                content(of: field.inner(entry.key.value, entry.value, key: entry.key.position))
                    .map { Content(quote(entry.key.value) + ": ") + $0 }
            }
            return joined(parts).map { "{" + $0 + "}" }
        }
    }

    private static func joined(_ parts: [Content?]) -> Content? {
        let whole = parts.compactMap { $0 }
        guard whole.count == parts.count else { return nil }
        return Content(Array(whole.map(\.segments).joined(separator: [.literal(", ")])))
    }

    private static func quoted(_ content: Content) -> Content {
        let segments = content.segments.map { segment in
            if case .literal(let text) = segment { Content.Segment.literal(escaped(text)) } else { segment }
        }
        return "\"" + Content(segments) + "\""
    }

    static func quote(_ text: String) -> String { "\"\(escaped(text))\"" }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
