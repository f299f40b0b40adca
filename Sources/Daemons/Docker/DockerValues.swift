/// A version of Docker: `1.4.1`, `1.13.1`, `20.10.24+dfsg1`.
public struct DockerVersion: Hashable, Sendable, Codable {
    public var text: String

    public init(_ text: String) { self.text = text }

    private func isAtLeast(_ other: [Int]) -> Bool {
        let numbers = text.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
        return !numbers.lexicographicallyPrecedes(other)
    }

    /// 1.10: ids are digests of the image's configuration (mesos-zk-ops.md 7).
    var isContentAddressed: Bool { isAtLeast([1, 10]) }
    /// 1.9: an image's names in `docker inspect`.
    var tellsNames: Bool { isAtLeast([1, 9]) }
    /// 1.8: `docker version` in sections (mesos-zk-ops.md 4.3).
    var hasSections: Bool { isAtLeast([1, 8]) }
    /// 1.13: `docker image inspect` and its like.
    var hasManagementCommands: Bool { isAtLeast([1, 13]) }
    /// 1.7: errors without logrus' `FATA[0000]` before them.
    var hasPlainErrors: Bool { isAtLeast([1, 7]) }
    /// 20.10: narrow columns, `Client:`/`Server:` in `info`.
    var isRecent: Bool { isAtLeast([20, 10]) }
    /// 1.12: containers can outlive the daemon.
    var hasLiveRestore: Bool { isAtLeast([1, 12]) }

    /// Of the builds that Mesosphere's era and Debian 12 have.
    var build: (commit: String, go: String, api: String, built: String) {
        if isRecent { return ("297e128", "go1.19.8", "1.41", "Thu May 18 08:38:34 2023") }
        if isAtLeast([1, 13]) { return ("092cba3", "go1.7.5", "1.26", "Wed Feb  8 06:50:14 2017") }
        if isAtLeast([1, 10]) { return ("590d5108", "go1.5.3", "1.22", "Thu Feb  4 19:04:33 2016") }
        if isAtLeast([1, 8]) { return ("0d03096", "go1.4.2", "1.20", "Tue Aug 11 17:17:40 UTC 2015") }
        return ("5bc2ff8", "go1.3.3", "1.16", "")
    }
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
    /// What `docker save` wrote, whole or cut off; compressed makes no difference.
    case archive(DockerArchive, isTruncated: Bool = false)
    /// A tar of a file system, for `import`: the same content gives the same layer.
    case fileSystem(content: String, bytes: Int)
    case empty
    case garbage
}

public struct DockerLayer: Hashable, Sendable, Codable {
    /// `sha256:` and 64 digits.
    public var diffID: String
    /// Unpacked.
    public var bytes: Int
}

public struct DockerImage: Hashable, Sendable, Codable {
    /// A layer of a new image.
    public struct Content: Hashable, Sendable {
        /// The same text gives the same layer.
        public var text: String
        /// Unpacked.
        public var bytes: Int

        public init(_ text: String, bytes: Int) {
            self.text = text
            self.bytes = bytes
        }
    }

    /// `sha256:` and 64 digits of its configuration; before 1.10 64 digits that say nothing.
    public var id: String
    /// Bottom first.
    public var layers: [DockerLayer]
    public var created: Moment
    public var architecture = "amd64"
    /// What made it: `Imported from -` for an import.
    public var comment = ""
    /// nil for none.
    public var labels: [String: String]?

    /// Unpacked.
    public var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }

    /// The document whose digest is the id from 1.10 on.
    var configuration: JSON {
        [
            "architecture": .string(architecture), "comment": .string(comment), "config": config,
            "created": .string(created.iso8601), "os": "linux",
            "rootfs": ["type": "layers", "diff_ids": .array(layers.map { .string($0.diffID) })],
        ]
    }

    var config: JSON {
        guard let labels else { return [:] }
        let members = labels.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, .string($0.value)) }
        return ["Labels": .object(JSONObject(unique: members))]
    }

    var digest: String { "sha256:" + DockerDigest.hex(configuration.text) }

    /// The directories of the layers in an archive: ids of the old kind, made from what is below.
    var layerDirectories: [String] {
        var above = ""
        return layers.map { layer in
            above = DockerDigest.hex("\(above) \(layer.diffID)")
            return above
        }
    }
}

public struct DockerContainer: Hashable, Sendable, Codable {
    public enum State: Hashable, Sendable, Codable {
        case created
        case running(since: Moment)
        case exited(status: Int, at: Moment)
    }

    /// 64 digits.
    public var id: String
    public var name: String
    /// As asked for.
    public var image: String
    public var imageID: String
    public var created: Moment
    public var state: State
    public var run: DockerRun

    public var isRunning: Bool {
        if case .running = state { true } else { false }
    }

    /// As `inspect` and filters call its state.
    var stateName: String {
        switch state {
        case .created: "created"
        case .running: "running"
        case .exited: "exited"
        }
    }
}

/// What a run of the client gives.
public struct DockerAnswer: Hashable, Sendable, Codable {
    public var standardOutput: String
    public var standardError: String
    public var status: Int
    /// An archive that was written to a file, or to standard output where the path is nil.
    public var written: DockerWritten?
    /// Names of containers that ended.
    public var ended: [String] = []

    public init(standardOutput: String = "", standardError: String = "", status: Int = 0) {
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.status = status
    }

    /// Lines on standard output.
    static func lines(_ lines: [String]) -> Self { Self(standardOutput: lines.map { $0 + "\n" }.joined()) }
}

/// An archive that `docker save` wrote: mode 0600, owned by who ran the client.
public struct DockerWritten: Hashable, Sendable, Codable {
    /// nil for standard output.
    public var path: String?
    public var archive: DockerArchive
}
