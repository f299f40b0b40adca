/// A source of packages that a node should have: its files, and what they say.
public struct DesiredRepository: Hashable, Sendable {
    public var name: String
    public var uri: String
    /// `URI SUITE COMPONENT…`, as plans show it.
    public var summary: String
    /// The file that package managers list sources in.
    public var path: String
    /// The file of its keys, where it has any.
    public var keyPath: String?
    /// Of its keys, as declared; upper-case digits.
    public var fingerprints: [String]
    /// Why it cannot be written on this node.
    public var problem: String?
    public var reason: Reason

    public init(
        name: String,
        uri: String,
        summary: String,
        path: String,
        keyPath: String? = nil,
        fingerprints: [String] = [],
        problem: String? = nil,
        reason: Reason
    ) {
        self.name = name
        self.uri = uri
        self.summary = summary
        self.path = path
        self.keyPath = keyPath
        self.fingerprints = fingerprints
        self.problem = problem
        self.reason = reason
    }

    /// The key first, so that a source is never listed before it can be checked.
    public var paths: [String] { [keyPath, path].compactMap(\.self) }
}

/// A package that is kept at the version it has, where it is installed.
public struct DesiredHold: Hashable, Sendable {
    public var name: String
    public var reason: Reason

    public init(name: String, reason: Reason) {
        self.name = name
        self.reason = reason
    }
}
