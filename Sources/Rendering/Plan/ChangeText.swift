internal import Reconciler
internal import Specs

extension Change {
    /// `file /etc/mesos/zk`, `package mesos`.
    var resourceLabel: String {
        guard let colon = resource.firstIndex(of: ":") else { return visible(resource) }
        return visible("\(resource[..<colon]) \(resource[resource.index(after: colon)...])")
    }

    /// `/etc/mesos/zk`, `mesos`.
    var resourceName: String {
        guard let colon = resource.firstIndex(of: ":") else { return visible(resource) }
        return visible(resource[resource.index(after: colon)...])
    }
}

/// What changes in a text, as the lines under its step.
struct ChangeBody: Hashable {
    var before: Content?
    var after: Content?

    init(_ change: Change) {
        (before, after) = (change.shownBefore, change.shownAfter)
    }

    /// One value on one line needs no difference: the step's own line says `1mins → 5mins`.
    var hasLines: Bool { [before, after].compactMap { $0?.shown }.contains { $0.lines.count > 1 } }

    /// The single value of a new or removed one-line file, for when the step's line does not hold it.
    var onlyValue: String? {
        guard !hasLines, (before == nil) != (after == nil) else { return nil }
        return (before ?? after)?.shown.lines.first.map { visible($0) }
    }

    /// As `diff -u`; from more than `limit` lines on the first ones and how many are left.
    func lines(style: TextStyle, limit: Int) -> [String] {
        guard hasLines else { return [] }
        let diff = LineDiff(from: before?.shown, to: after?.shown).lines
        // Equal as shown and yet different: the difference is in what must not be shown.
        guard !diff.isEmpty else { return ["(differs in a part that is secret)"] }
        let rows = diff.filter { if case .hunk = $0 { before != nil && after != nil } else { true } }
        let shown = rows.prefix(rows.count - 1 > limit ? limit : rows.count).map { $0.text(style) }
        return shown + (rows.count > shown.count ? ["… \(rows.count - shown.count) more lines (-v shows all)"] : [])
    }
}

extension LineDiff.Line {
    fileprivate func text(_ style: TextStyle) -> String {
        switch self {
        case .same(let line): " \(visible(line))"
        case .removed(let line): style("-\(visible(line))", .removed)
        case .added(let line): style("+\(visible(line))", .created)
        case .noNewline: style("\\ no newline at the end", .quiet)
        case .hunk(let header): style(header, .quiet)
        }
    }
}
