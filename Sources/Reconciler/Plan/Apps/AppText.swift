public import Specs

extension AppValue {
    /// On one line: a text as it is, anything else as JSON; secrets as references or `•••`.
    public var shown: String { content?.shown ?? json }

    /// The same, cut at `limit` characters.
    public func shown(limit: Int) -> String { shown.cut(at: limit) }

    /// JSON with sorted keys and shortest numbers; secrets as references or `•••`.
    public var json: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
        case .text(let content): content.shown.quoted
        case .list(let items): "[" + items.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key.quoted):\($0.value.json)" }.joined(separator: ",")
                + "}"
        }
    }

    /// Whether any text in it must not be shown.
    public var isSensitive: Bool {
        switch self {
        case .null, .boolean, .number: false
        case .text(let content): content.isSensitive
        case .list(let items): items.contains { $0.isSensitive }
        case .object(let members): members.values.contains { $0.isSensitive }
        }
    }

    /// SHA-256 of the canonical form: keys sorted, numbers numeric, secrets as references; never a secret's value.
    var digest: String { sha256(canonical) }

    private var canonical: String {
        switch self {
        case .null, .boolean, .number: json
        case .text(let content): "t" + content.digest
        case .list(let items): "[" + items.map(\.canonical).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\($0.key.quoted):\($0.value.canonical)" }
                .joined(separator: ",") + "}"
        }
    }
}

extension FieldDifference {
    /// `a → b`, `unset → b` or `a → unset`; values on one line, each cut at `limit` characters.
    public func words(limit: Int) -> String {
        let (before, after) = (shownBefore?.shown, shownAfter?.shown)
        guard let before, let after else {
            return "\(before?.cut(at: limit) ?? "unset") → \(after?.cut(at: limit) ?? "unset")"
        }
        // Equal as shown and yet different: the difference is in what must not be shown.
        guard before != after else { return "\(before.cut(at: limit)) → another value (secret)" }
        guard max(before.count, after.count) > limit else { return "\(before) → \(after)" }
        // Long values often differ near their end: what they have in common is cut away first.
        let common = zip(before, after).prefix { $0 == $1 }.count
        guard common > limit / 2 else { return "\(before.cut(at: limit)) → \(after.cut(at: limit))" }
        let kept = common - limit / 4
        return "…\(String(before.dropFirst(kept)).cut(at: limit)) → …\(String(after.dropFirst(kept)).cut(at: limit))"
    }
}

extension [FieldDifference] {
    /// The first few and how many more there are.
    var summary: String {
        let shown = prefix(3).map { "\($0.path) \($0.words(limit: 40))" }.joined(separator: ", ")
        return count > 3 ? "\(shown) and \(count - 3) more" : shown
    }
}

extension String {
    fileprivate func cut(at limit: Int) -> String { count > limit ? prefix(max(0, limit - 1)) + "…" : self }

    /// As a JSON string.
    fileprivate var quoted: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
