/// A version of Docker: `1.4.1`, `1.13.1`, `20.10.24+dfsg1`.
public struct DockerVersion: Hashable, Sendable, Codable {
    public var text: String

    public init(_ text: String) { self.text = text }
}

/// Who runs the client.
public enum DockerUser: Hashable, Sendable, Codable {
    /// root, or a member of the group docker.
    case root
    /// Anybody else: may not talk to the daemon's socket.
    case other
}

/// A file as `docker load` and `docker import` see it.
public enum DockerFile: Hashable, Sendable, Codable {
    /// What `docker save` wrote, whole or cut off.
    case archive(DockerArchive, isTruncated: Bool = false)
    /// A tar of a file system, for `import`.
    case fileSystem(seed: UInt64, bytes: Int)
    case empty
    case garbage
}

/// What `docker save` writes.
public struct DockerArchive: Hashable, Sendable, Codable {
    public init() {}
}

/// What a run of the client gives.
public struct DockerAnswer: Hashable, Sendable, Codable {
    public var standardOutput = ""
    public var standardError = ""
    public var status = 0
    /// An archive that was written to a file, or to standard output where the path is nil.
    public var written: DockerWritten?

    public init(standardOutput: String = "", standardError: String = "", status: Int = 0) {
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.status = status
    }
}

/// An archive that `docker save` wrote.
public struct DockerWritten: Hashable, Sendable, Codable {
    /// nil for standard output.
    public var path: String?
    public var archive: DockerArchive
}
