/// What is to be embedded in an app's answer (marathon-api.md 1.4).
enum AppEmbed: Hashable {
    case tasks
    case lastTaskFailure
    case taskStats
    case readiness
    case counts
    case deployments

    /// One of two up to 0.10; repeatable, and with any of three prefixes, later.
    static func wanted(by request: HTTPRequest, release: MarathonVersion) -> Set<AppEmbed> {
        let values = request.query.filter { $0.name == "embed" || $0.name == "embed[]" }.map(\.value)
        if release < .init(0, 11) {
            switch values.first {
            case "apps.tasks": return [.tasks]
            case "apps.failures": return [.tasks, .lastTaskFailure]
            default: return []
            }
        }
        return Set(values.flatMap { value in parts(of: value) })
    }

    private static func parts(of value: String) -> [AppEmbed] {
        guard let prefix = ["group.apps.", "apps.", "app."].first(where: value.hasPrefix) else { return [] }
        switch value.dropFirst(prefix.count) {
        case "tasks": return [.tasks, .deployments]
        case "lastTaskFailure": return [.lastTaskFailure]
        case "failures": return [.tasks, .lastTaskFailure, .deployments]
        case "taskStats": return [.taskStats]
        case "readiness": return [.readiness]
        case "counts": return [.counts]
        case "deployments": return [.deployments]
        default: return []
        }
    }
}

/// Which apps a list shows: `cmd`, `id` (parts, whatever the case) and `label`.
struct AppFilter {
    let cmd: String?
    let id: String?
    let labels: [LabelSelector]
    /// Up to 0.8.0 either of the two is enough.
    let isEither: Bool

    init(_ request: HTTPRequest, release: MarathonVersion) {
        cmd = request.query("cmd")?.lowercased()
        id = request.query("id")?.lowercased()
        labels = release < .init(0, 8, 1) ? [] : request.query("label").map(LabelSelector.read) ?? []
        isEither = release < .init(0, 8, 1)
    }

    func accepts(_ app: MarathonApp) -> Bool {
        var tests: [Bool] = []
        if let cmd { tests.append(app.cmd?.lowercased().contains(cmd) ?? false) }
        if let id { tests.append(app.id.lowercased().contains(id)) }
        guard isEither else { return tests.allSatisfy { $0 } && labels.allSatisfy { $0.accepts(app) } }
        return tests.isEmpty || tests.contains(true)
    }
}

/// One term of a label selector: `k`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`.
struct LabelSelector: Hashable {
    let name: String
    /// nil: any value.
    let values: [String]?
    let isNegated: Bool

    /// Terms are separated by commas outside of brackets.
    static func read(_ text: String) -> [LabelSelector] {
        var terms = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { terms.append("") } else { terms[terms.count - 1].append(character) }
        }
        return terms.compactMap { LabelSelector(term: $0) }
    }

    private init?(term: String) {
        let term = Self.trimmed(term[...])
        guard !term.isEmpty else { return nil }
        for (mark, negated) in [("==", false), ("!=", true)] {
            if let range = Self.range(of: mark, in: term) {
                name = Self.trimmed(term[..<range.lowerBound])
                values = [Self.trimmed(term[range.upperBound...])]
                isNegated = negated
                return
            }
        }
        for (mark, negated) in [(" notin ", true), (" in ", false)] {
            if let range = Self.range(of: mark, in: term) {
                name = Self.trimmed(term[..<range.lowerBound])
                values = term[range.upperBound...].filter { $0 != "(" && $0 != ")" }.split(separator: ",")
                    .map { Self.trimmed($0[...]) }
                isNegated = negated
                return
            }
        }
        (name, values, isNegated) = (term, nil, false)
    }

    func accepts(_ app: MarathonApp) -> Bool {
        guard let label = app.labels.first(where: { $0.name == name }) else { return false }
        return values.map { $0.contains(label.value) != isNegated } ?? true
    }

    private static func range(of mark: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(mark) { return start..<text.index(start, offsetBy: mark.count) }
            start = text.index(after: start)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
