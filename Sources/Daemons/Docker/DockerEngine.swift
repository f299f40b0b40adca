/// The Docker engine of a node with its command line: images, tags, archives, containers.
public struct DockerEngine: Sendable, Codable {
    /// Such as `1.4.1`, `1.13.1`, `20.10.24`.
    public let version: DockerVersion
    /// Whether the daemon runs; the client answers without it.
    public private(set) var isRunning = true

    /// An engine without images whose daemon runs.
    public init(version: DockerVersion, node: String, seed: UInt64) { self.version = version }

    /// Carries out `docker ARGUMENTS…`.
    /// - Parameters:
    ///   - arguments: After `docker`.
    ///   - user: Who asks.
    ///   - input: Standard input, for `load` and `import`.
    ///   - now: The node's clock.
    ///   - files: What is in a file of the node; nil where there is none.
    /// - Returns: What is printed, and files that were written.
    public mutating func command(
        _ arguments: [String],
        by user: DockerUser = .root,
        input: DockerFile? = nil,
        at now: Moment,
        files: (String) -> DockerFile? = { _ in nil }
    ) -> DockerAnswer { DockerAnswer() }

    /// The daemon begins; containers of before are `Exited` unless they could live on.
    public mutating func startEngine(at now: Moment) {}

    /// The daemon ends.
    /// - Returns: The containers that end with it.
    public mutating func stopEngine(at now: Moment) -> [String] { [] }

    /// What Mesos finds out about Docker on this node (mesos-zk-ops.md 4.3).
    public func probe(hasCPUHierarchy: Bool = true) -> DockerProbe {
        DockerProbe(clientLine: "", version: "", engineAnswers: isRunning, hasCPUHierarchy: hasCPUHierarchy)
    }
}

extension DockerEngine {
    /// Makes an image as `docker build` or `docker import` does, and tags it.
    /// - Parameters:
    ///   - reference: `repository` or `repository:tag`.
    ///   - content: What is in the image: the same content gives the same layers.
    ///   - bytes: Unpacked size.
    ///   - now: The time of its creation, which goes into its id.
    /// - Returns: Its id, with `sha256:` from 1.10 on.
    @discardableResult
    public mutating func build(_ reference: String, content: String, bytes: Int, at now: Moment) -> String { "" }

    /// The id of what a name, a name and tag, or a (short) id refers to; nil where there is none.
    public func imageID(_ reference: String) -> String? { nil }

    /// `docker run -d`: the container runs, or the client's words why not.
    /// - Parameters:
    ///   - run: As Mesos asks for it.
    ///   - name: Of the container.
    ///   - portsInUse: TCP ports that other processes of the node hold.
    ///   - now: The node's clock.
    /// - Returns: What `docker run -d` prints: the container's id, or standard error and status 125.
    public mutating func run(_ run: DockerRun, name: String, portsInUse: Set<Int> = [], at now: Moment) -> DockerAnswer {
        DockerAnswer()
    }

    /// A container's main process has ended by itself.
    public mutating func containerEnded(_ name: String, status: Int, at now: Moment) {}

    /// Bytes that images and containers take of the disk.
    public var diskBytes: Int { 0 }
}
