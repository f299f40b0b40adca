/// What reading cluster.yaml and the files it names gave.
public struct SpecReading: Sendable {
    /// nil exactly where `diagnostics` has an error.
    public var spec: ClusterSpec?
    /// Sorted by file (cluster.yaml first), line and column; warnings too.
    public var diagnostics: [Diagnostic]
    /// The text of every file that was read, by the name it has in positions; lines end in `\n`, for carets.
    public var texts: [String: String]
    /// The apps that could be read, in the order of the files.
    public var apps: [AppDefinition]

    public init(
        spec: ClusterSpec?,
        diagnostics: [Diagnostic] = [],
        texts: [String: String] = [:],
        apps: [AppDefinition] = []
    ) {
        self.spec = spec
        self.diagnostics = diagnostics
        self.texts = texts
        self.apps = apps
    }

    public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    public var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }

    /// The spec, or all errors.
    public func checked() throws(InvalidSpec) -> ClusterSpec {
        guard let spec else { throw InvalidSpec(diagnostics: errors) }
        return spec
    }
}
