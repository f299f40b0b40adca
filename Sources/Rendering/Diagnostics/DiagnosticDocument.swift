public import Specs

/// What `validate --format json` prints.
public struct DiagnosticDocument: Hashable, Sendable, Encodable {
    public struct Entry: Hashable, Sendable, Encodable {
        /// `error` or `warning`.
        public var severity: String
        public var file: String
        /// 1-based.
        public var line: Int
        /// 1-based, in Unicode scalars.
        public var column: Int
        public var message: String
        public var hint: String?
    }

    public var formatVersion = documentFormatVersion
    public var type = "validation"
    /// Whether the files can be planned from: no errors, warnings allowed.
    public var isValid: Bool
    /// In the order of files and lines.
    public var diagnostics: [Entry]

    public init(_ diagnostics: [Diagnostic]) {
        isValid = !diagnostics.contains { $0.severity == .error }
        self.diagnostics = diagnostics.enumerated()
            .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
            .map {
                Entry(
                    severity: $0.severity.rawValue,
                    file: $0.position.file,
                    line: $0.position.line,
                    column: $0.position.column,
                    message: $0.message,
                    hint: $0.hint
                )
            }
    }

    public var json: String { Rendering.json(self) }
}
