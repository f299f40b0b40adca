/// What a Docker engine answered about itself and everything it holds: raw words (mesos-zk-ops.md 7).
public struct ImagesAnswer: Hashable, Sendable, Codable {
    /// The engine's version.
    public var version: String
    /// `docker info`: one JSON object from 1.13 on, lines of `Key: value` before.
    public var info: String
    /// `docker images --no-trunc`: the table, with its header.
    public var table: String
    /// `docker inspect` of every image: a JSON array; `[]` where there is none.
    public var inspected: String
    /// Ids of the images that containers, running or not, were made from; one a line.
    public var used: String
    /// Bytes free where the engine keeps its data; nil where that could not be told.
    public var freeBytes: Int?
    /// Bytes that an earlier run left in our directory of parts; 0 where there is none.
    public var stagedBytes: Int

    public init(
        version: String,
        info: String,
        table: String,
        inspected: String,
        used: String,
        freeBytes: Int? = nil,
        stagedBytes: Int = 0
    ) {
        self.version = version
        self.info = info
        self.table = table
        self.inspected = inspected
        self.used = used
        self.freeBytes = freeBytes
        self.stagedBytes = stagedBytes
    }
}

/// A Docker engine and its images as seen.
public struct ObservedEngine: Hashable, Sendable, Codable {
    public var version: String
    /// Such as `overlay2`; nil where it does not say.
    public var storageDriver: String?
    /// Ids of a containerd image store are of another kind (mesos-zk-ops.md 7).
    public var usesContainerdStore: Bool
    /// Such as `/var/lib/docker`.
    public var rootDirectory: String?
    public var freeBytes: Int?
    /// As images name it: `amd64`, `arm64`.
    public var architecture: String?
    /// Sorted by id.
    public var images: [HeldImage]
    /// Ids that containers were made from.
    public var used: Set<String>
    public var stagedBytes: Int

    public init(
        version: String,
        storageDriver: String? = nil,
        usesContainerdStore: Bool = false,
        rootDirectory: String? = nil,
        freeBytes: Int? = nil,
        architecture: String? = nil,
        images: [HeldImage] = [],
        used: Set<String> = [],
        stagedBytes: Int = 0
    ) {
        self.version = version
        self.storageDriver = storageDriver
        self.usesContainerdStore = usesContainerdStore
        self.rootDirectory = rootDirectory
        self.freeBytes = freeBytes
        self.architecture = architecture
        self.images = images
        self.used = used
        self.stagedBytes = stagedBytes
    }

    /// What `reference` names here.
    public func image(_ reference: String) -> HeldImage? {
        images.first { $0.references.contains(reference) || $0.digests.contains(reference) }
    }
}

/// An image that an engine holds.
public struct HeldImage: Hashable, Sendable, Codable {
    /// `sha256:` and 64 hexadecimal digits; digits alone before Docker 1.10.
    public var id: String
    /// `repository:tag`, sorted.
    public var references: [String]
    /// `repository@sha256:…`, sorted; empty for what was never pulled or pushed.
    public var digests: [String]
    /// Diff ids from the lowest layer up; empty before Docker 1.10.
    public var layers: [String]
    /// Unpacked.
    public var bytes: Int
    public var architecture: String?
    /// The digest of the build context that it was built from, from our label (`ImageLabel.context`).
    public var context: String?

    public init(
        id: String,
        references: [String] = [],
        digests: [String] = [],
        layers: [String] = [],
        bytes: Int = 0,
        architecture: String? = nil,
        context: String? = nil
    ) {
        self.id = id
        self.references = references
        self.digests = digests
        self.layers = layers
        self.bytes = bytes
        self.architecture = architecture
        self.context = context
    }
}

public enum ImageLabel {
    /// Holds the digest of the build context an image was built from.
    public static let context = "reconciler.build-context"
}

/// An image where it comes from.
public struct SourceImage: Hashable, Sendable, Codable {
    public struct Layer: Hashable, Sendable, Codable {
        /// SHA-256 of the unpacked layer, `sha256:…`.
        public var diffID: String
        /// Unpacked; nil where the origin does not tell layers' sizes.
        public var bytes: Int?

        public init(diffID: String, bytes: Int? = nil) {
            self.diffID = diffID
            self.bytes = bytes
        }
    }

    public var id: String
    /// From the lowest up; empty from engines before 1.10.
    public var layers: [Layer]
    /// Unpacked.
    public var bytes: Int
    public var architecture: String?
    /// Of the engine that has it, for comparing ids; nil for a tar and a registry.
    public var engineVersion: String?
    public var usesContainerdStore: Bool
    /// The manifest's digest, `sha256:…`; of a registry's image only.
    public var digest: String?

    public init(
        id: String,
        layers: [Layer] = [],
        bytes: Int,
        architecture: String? = nil,
        engineVersion: String? = nil,
        usesContainerdStore: Bool = false,
        digest: String? = nil
    ) {
        self.id = id
        self.layers = layers
        self.bytes = bytes
        self.architecture = architecture
        self.engineVersion = engineVersion
        self.usesContainerdStore = usesContainerdStore
        self.digest = digest
    }
}

/// What was found where an image comes from.
public struct SourceLook: Hashable, Sendable, Codable {
    /// Absent: the origin answers and has no such image; of a build, none of this very context.
    public var image: Observation<SourceImage>
    /// The digest of the build context as it is on this machine now; nil for what is not built.
    public var context: String?

    public init(image: Observation<SourceImage>, context: String? = nil) {
        self.image = image
        self.context = context
    }
}
