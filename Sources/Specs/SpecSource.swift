/// Where spec files come from: a directory, a git revision, a table in a test.
public protocol SpecSource: Sendable {
    /// The bytes of a file, or nil when there is none; `path` is relative to cluster.yaml's directory, or absolute.
    func bytes(of path: String) throws(SpecSourceError) -> [UInt8]?
    /// The files that match a shell glob (`apps/*.json`), sorted; empty when none does.
    func paths(matching glob: String) throws(SpecSourceError) -> [String]
}

/// A file that is there and cannot be read.
public struct SpecSourceError: Error, Hashable, Sendable {
    /// Such as "apps/web.json: permission denied".
    public var message: String

    public init(_ message: String) { self.message = message }
}
