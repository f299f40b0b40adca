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
                rest = body
                continue
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
        guard text.contains("${") else { return Content(text) }
        var segments: [Content.Segment] = []
        var occurrences: [String: Int] = [:]
        var isWhole = true
        for part in Template.parts(of: text) {
            let occurrence = occurrences[part.token, default: 0]
            occurrences[part.token] = occurrence + 1
            func report(_ message: String, hint: String? = nil) {
                isWhole = false
                let place = context.position(of: part.token, occurrence: occurrence, from: position)
                fault(message, at: place, hint: hint)
            }
            switch part {
            case .literal(let literal): segments.append(.literal(literal))
            case .secret(let reference): segments.append(.secret(reference))
            case .broken(_, let problem): report(problem)
            case .variable(let name):
                guard let value = context.variables[name] else {
                    let hint = Suggestion.hint(for: name, in: Array(context.variables.keys).sorted())
                    report("`vars` has no `\(name)`", hint: hint)
                    continue
                }
                context.markUsed(variable: name)
                segments += value.value.segments
            }
        }
        return isWhole ? Content(segments) : nil
    }
}
