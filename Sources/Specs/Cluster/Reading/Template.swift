/// A text with `${var:NAME}`, `${env:NAME}` and `${file:PATH}` in it; every other `${` is ordinary text.
enum Template {
    enum Part: Hashable {
        case literal(String)
        case variable(String)
        case secret(SecretReference)
        /// One of ours that is not well formed, such as `${env:}`.
        case broken(String, problem: String)

        /// As it is written.
        var token: String {
            switch self {
            case .literal(let text): text
            case .variable(let name): "${var:\(name)}"
            case .secret(let reference): reference.description
            case .broken(let token, _): token
            }
        }
    }

    static func parts(of text: String) -> [Part] {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text.isEmpty ? [] : [.literal(text)] }
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let dollar = rest.firstRange(of: "${") {
            literal += rest[..<dollar.lowerBound]
            let inside = rest[dollar.upperBound...]
            guard let kind = Kind.allCases.first(where: { inside.hasPrefix($0.rawValue + ":") }) else {
                literal += "${"
                rest = inside
                continue
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            let body = inside.dropFirst(kind.rawValue.count + 1)
            guard let end = body.firstIndex(of: "}") else {
                parts.append(.broken("${\(kind.rawValue):", problem: "`${\(kind.rawValue):` has no closing brace"))
                return parts
            }
            parts.append(kind.part(String(body[..<end])))
            rest = body[body.index(after: end)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    private enum Kind: String, CaseIterable {
        case variable = "var"
        case environment = "env"
        case file

        func part(_ name: String) -> Part {
            let token = "${\(rawValue):\(name)}"
            switch self {
            case .variable where NameRule.variable.problem(name) == nil: return .variable(name)
            case .environment where NameRule.environmentVariable.problem(name) == nil:
                return .secret(.environment(name))
            case .file where !name.isEmpty && !name.contains("\0"): return .secret(.file(name))
            case .variable: return .broken(token, problem: "`\(token)` names no variable")
            case .environment: return .broken(token, problem: "`\(token)` names no environment variable")
            case .file: return .broken(token, problem: "`\(token)` names no file")
            }
        }
    }
}

extension Field {
    /// `text`, which stands in this field, with variables put in; faults are reported, at their own places.
    func expand(_ text: String) -> Content? {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return Content(text) }
        var expansion = Expansion()
        var search = TokenSearch(in: self)
        for part in Template.parts(of: text) {
            guard !context.isOverwhelmed else { return nil }
            switch part {
            case .literal(let literal): expansion.append(literal)
            case .secret(let reference): expansion.append(reference)
            case .broken(let token, let problem):
                expansion.isWhole = false
                fault(problem, at: search.position(of: token))
            case .variable(let name):
                let place = search.position(of: part.token)
                guard let value = context.variables[name] else {
                    let hint = Suggestion.hint(for: name, in: context.variables.keys.prefix(1000).sorted())
                    expansion.isWhole = false
                    fault("`vars` has no `\(name.abbreviated)`", at: place, hint: hint)
                    continue
                }
                expansion.append(value.value)
                guard context.hasRoom(for: value.value) else {
                    fault("the variables that are put in make the file too long", at: place)
                    return nil
                }
            }
        }
        return expansion.content
    }
}

/// A text while its parts arrive; literals are joined here, so that many of them stay cheap.
private struct Expansion {
    private var segments: [Content.Segment] = []
    private var literal = ""
    var isWhole = true

    mutating func append(_ text: String) { literal += text }

    mutating func append(_ reference: SecretReference) {
        segments += [.literal(literal), .secret(reference)]
        literal = ""
    }

    mutating func append(_ content: Content) {
        for segment in content.segments {
            switch segment {
            case .literal(let text): append(text)
            case .secret(let reference): append(reference)
            case .redacted: break
            }
        }
    }

    /// nil where a part was faulty.
    var content: Content? { isWhole ? Content(segments + [.literal(literal)]) : nil }
}

/// Finds the places of a value's tokens in the source, one after the other; each byte is looked at once.
private struct TokenSearch {
    private let field: Field
    private var reached: (offset: Int, position: SourcePosition)?
    private var isLost = false

    init(in field: Field) { self.field = field }

    /// The place of the next `token`; that of the value where escapes hide it.
    mutating func position(of token: String) -> SourcePosition {
        guard !isLost, let source = field.context.source(of: field.position.file) else { return field.position }
        let last = reached ?? source.offset(of: field.position).map { ($0, field.position) }
        guard let last, let found = source.firstOffset(of: Array(token.utf8), from: last.offset) else {
            isLost = true
            return field.position
        }
        let place = source.position(ofByte: found, from: last.position, at: last.offset)
        let end = found + token.utf8.count
        reached = (end, source.position(ofByte: end, from: place, at: found))
        return place
    }
}
