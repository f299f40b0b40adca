public import Specs

/// Diagnostics as an editor and a reader want them: `path:line:column: error: message`, the source line, a caret, a hint.
public struct DiagnosticView: Sendable {
    public var diagnostics: [Diagnostic]
    /// The files' texts by the path that positions name; a position without one goes without its source line.
    public var texts: [String: String]
    public var style: TextStyle

    public init(_ diagnostics: [Diagnostic], texts: [String: String] = [:], style: TextStyle = .plain) {
        self.diagnostics = diagnostics
        self.texts = texts
        self.style = style
    }

    /// In the order of files and lines, then how many there are; empty when there are none.
    public var text: String {
        guard !diagnostics.isEmpty else { return "" }
        let lines = texts.mapValues(\.lines)
        let ordered = diagnostics.enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
        // Many faults may stand in one long line: it is taken apart once.
        var shown: (file: String, line: Int, scalars: [Unicode.Scalar]?)?
        var text = ""
        for diagnostic in ordered {
            let place = diagnostic.position
            if shown?.file != place.file || shown?.line != place.line {
                let source = lines[place.file].flatMap { $0.dropFirst(max(0, place.line - 1)).first }
                let scalars = source.map {
                    MaskedLine(SensitiveNames.hidingValues(inSourceLine: Array($0.unicodeScalars))).scalars
                }
                shown = (place.file, place.line, scalars)
            }
            text += entry(for: diagnostic, source: shown?.scalars)
        }
        return text + tally + "\n"
    }

    private var tally: String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        return [errors > 0 ? count(errors, "error") : nil, warnings > 0 ? count(warnings, "warning") : nil]
            .compactMap(\.self).joined(separator: ", ")
    }

    private func entry(for diagnostic: Diagnostic, source: [Unicode.Scalar]?) -> String {
        let severity = style(diagnostic.severity.rawValue, diagnostic.severity == .error ? .failure : .warning)
        var text = "\(visible(diagnostic.position.description)): \(severity): \(visible(diagnostic.message))\n"
        let number = String(diagnostic.position.line)
        let gutter = String(repeating: " ", count: max(0, 4 - number.count))
        let blank = String(repeating: " ", count: gutter.count + number.count)
        if let source {
            let excerpt = Excerpt(source, column: diagnostic.position.column)
            text += "\(gutter)\(number) | \(excerpt.line)\n"
            text += "\(blank) | \(excerpt.indent)\(style("^", .failure))\n"
        }
        if let hint = diagnostic.hint { text += "\(blank) = \(style("hint:", .heading)) \(visible(hint))\n" }
        return text
    }
}

/// A source line and the blanks that put a caret under one of its columns, whatever the tab stops are.
struct Excerpt: Hashable {
    var line: String
    var indent: String

    /// Longer lines (a minified JSON file) show this many columns around the place.
    static let longest = 160

    /// `column` is 1-based and counts Unicode scalars; one past the end is the end.
    init(_ scalars: [Unicode.Scalar], column: Int) {
        let place = min(max(column - 1, 0), scalars.count)
        let start = scalars.count > Self.longest ? max(0, place - Self.longest / 2) : 0
        let end = min(scalars.count, start + Self.longest)
        line = (start > 0 ? "…" : "") + scalars[start..<end].map(visible).joined() + (end < scalars.count ? "…" : "")
        indent =
            (start > 0 ? " " : "")
            + scalars[start..<place].map { scalar in
                scalar == "\t" ? "\t" : String(repeating: " ", count: displayWidth(visible(scalar)))
            }.joined()
    }
}
