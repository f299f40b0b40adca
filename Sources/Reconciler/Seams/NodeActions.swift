public import Specs

/// One idempotent act on a node.
public enum NodeAction: Hashable, Sendable, Codable {
    /// Replaces a file atomically; the old content is kept under `/var/lib/reconciler/backup/RUN/`.
    case writeFile(FileWrite)
    /// Removes a file (kept as a backup) if it still is what was observed.
    case removeFile(path: String, expected: FileExpectation, readBy: [ServiceName])
    case service(ServiceAct)
    /// Keeps the files a service reads as its running copies: after a start or restart by us.
    case keepRunningCopies(service: ServiceName, paths: [String])
    /// Installs packages, detached: a dropped connection kills nothing half-way. Results are collected with `collect`.
    case installPackages([PackageInstall], job: String)
    /// Waits up to `seconds` for a detached job of this run and reports its result, or `.pending`.
    case collect(job: String, seconds: Int)
    /// Takes, renews or gives back the cluster's lease on this node.
    case lease(LeaseAct)
    /// Remembers what was applied, replacing earlier entries of the same resources.
    case recordApplied([AppliedEntry])
    /// Makes it the running host name; the one of the next boot is in /etc/hostname.
    case setHostName(String)
    /// Something with an image's parts or an image.
    case image(ImageNodeAct)
    /// Something with a change of a link.
    case network(NetworkNodeAct)
}

/// An act with the node's Docker engine or with the directory of parts, `/var/lib/reconciler/images`.
///
/// One at a time on a node, whoever asks: the engine unpacks in one place (mesos-zk-ops.md 7).
public enum ImageNodeAct: Hashable, Sendable, Codable {
    /// Makes the directory of parts and sets its janitor, where there is room: `bytes` for the parts, and twice `unpacked`
    /// where the engine keeps its data.
    case stage(bytes: Int, unpacked: Int)
    /// Loads an archive from staged parts, checks that `reference` is `id` afterwards; detached, as `installPackages`.
    case load(ImageLoad, job: String)
    /// Pulls `repository@sha256:…` and names it `reference`; detached.
    case pull(String, reference: String, job: String)
    /// Names an image that is there.
    case tag(id: String, reference: String)
    /// Removes an image that no container was made from and that has no other name; else fails and changes nothing.
    case remove(id: String)
    /// Removes all staged parts and ends the janitor.
    case clear
}

public struct ImageLoad: Hashable, Sendable, Codable {
    /// Digests of staged parts, in the order of the archive.
    public var parts: [String]
    public var id: String
    public var reference: String
    /// Diff ids that the image has then, from the lowest layer up; compared instead of `id` where ids are of another kind.
    public var layers: [String]
    /// Whether `id` is of another kind than this engine's ids can be, as far as the origin tells (a containerd store, another
    /// era); the node finds out by itself where it is its own engine that has another kind.
    public var hasForeignID: Bool

    public init(parts: [String], id: String, reference: String, layers: [String], hasForeignID: Bool = false) {
        self.parts = parts
        self.id = id
        self.reference = reference
        self.layers = layers
        self.hasForeignID = hasForeignID
    }
}

public struct FileWrite: Hashable, Sendable, Codable {
    public var path: String
    public var content: Content
    /// nil keeps what is there, 0644 (0600 for sensitive content) where the file is new.
    public var mode: Int?
    /// nil keeps what is there, root:root where the file is new.
    public var owner: String?
    public var group: String?
    public var expected: FileExpectation
    /// Services that read it: a process that may have read the old content keeps a copy of it (`RunningCopy`).
    public var readBy: [ServiceName]

    public init(
        path: String,
        content: Content,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        expected: FileExpectation,
        readBy: [ServiceName] = []
    ) {
        self.path = path
        self.content = content
        self.mode = mode
        self.owner = owner
        self.group = group
        self.expected = expected
        self.readBy = readBy
    }
}

/// What must still be there for a write to go ahead (compare-and-swap).
public enum FileExpectation: Hashable, Sendable, Codable {
    case absent
    /// SHA-256 of the content, lower-case hexadecimal.
    case digest(String)
    /// `FileAnswer.stamp`: for files with secrets, of whose content not even a fast digest may be kept.
    case stamp(String)
}

public struct PackageInstall: Hashable, Sendable, Codable {
    public var name: String
    /// The full version to install, as offered; nil for the candidate.
    public var version: String?

    public init(name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }
}

public enum LeaseAct: Hashable, Sendable, Codable {
    /// Succeeds when there is no lease, it has expired by the node's clock, or it is `holder.token`'s already.
    case acquire(LeaseHolder, seconds: Int)
    case renew(token: String, seconds: Int)
    case release(token: String)
}

/// Who holds the cluster: written to the lease file, one `key=value` a line.
public struct LeaseHolder: Hashable, Sendable, Codable {
    /// Unique to one run.
    public var token: String
    public var user: String
    public var host: String
    public var pid: Int
    public var command: String

    public init(token: String, user: String, host: String, pid: Int, command: String) {
        self.token = token
        self.user = user
        self.host = host
        self.pid = pid
        self.command = command
    }
}

/// What was last applied to one resource.
public struct AppliedEntry: Hashable, Sendable, Codable {
    /// Such as `file:/etc/mesos/zk`, `package:mesos`, `service:zookeeper`; no tabs or newlines.
    public var resource: String
    /// SHA-256 of the managed part in canonical form, secrets as references; `absent` where it was removed.
    public var digest: String
    /// The git revision of cluster.yaml, or `-`.
    public var revision: String

    public init(resource: String, digest: String, revision: String) {
        self.resource = resource
        self.digest = digest
        self.revision = revision
    }
}

/// How one action ended.
public enum ActionResult: Hashable, Sendable, Codable {
    /// Changed something; `detail` is the node's words (package manager's last lines, new pid, path of the backup).
    case done(detail: String)
    /// It was already so.
    case alreadyInPlace
    /// What was to be replaced is not what was observed: nothing was done. `found` says what is there.
    case conflict(found: String)
    /// A detached job is still running.
    case pending
    case failed(reason: String)
}
