/// A file that should have certain content.
public struct DesiredFile: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        /// Ours alone: the whole content, ending in a newline where the format wants one.
        case whole(Content)
        /// Owned per key: declared keys are set, undeclared ones are kept.
        case keyed(KeyedEdit)
        /// Must not exist.
        case absent
    }

    /// How whole content is compared.
    public enum Comparison: Hashable, Sendable {
        case exact
        /// Trailing newlines do not count, as the Mesos and Marathon wrappers read (`$(cat)`, mesos-zk-ops.md 1.3).
        case trailingNewlines
        /// As `.trailingNewlines`, and Mesos durations (`60secs`, `1mins`) compare by length.
        case duration
    }

    /// What stands in `body` for the bytes of the file.
    public enum Encoding: String, Hashable, Sendable, Codable {
        case text
        /// Bytes that are no text, as base64; compared as bytes.
        case base64

        /// The bytes that `text` stands for; nil where it is no such text.
        public func bytes(of text: String) -> [UInt8]? {
            switch self {
            case .text: Array(text.utf8)
            case .base64: Base64.decode(text.utf8)
            }
        }
    }

    /// Absolute; symbolic links in it are resolved on the node before anything is written.
    public var path: String
    public var body: Body
    public var comparison: Comparison
    /// Other than text only of whole content.
    public var encoding: Encoding
    /// nil keeps what is there; new files are 0644 root:root, sensitive ones 0600.
    public var mode: Int?
    public var owner: String?
    public var group: String?
    /// The services that read this file when they start, so that what runs is compared with it.
    public var readBy: [ServiceName]
    /// The package that ships the file; on a bare node it appears with that package.
    public var shippedBy: String?
    public var reason: Reason
    /// Whether it is one of the site's own, of which nothing is known but what `files:` says.
    public var isSite: Bool

    public init(
        path: String,
        body: Body,
        comparison: Comparison = .exact,
        encoding: Encoding = .text,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        readBy: [ServiceName] = [],
        shippedBy: String? = nil,
        reason: Reason,
        isSite: Bool = false
    ) {
        self.path = path
        self.body = body
        self.comparison = comparison
        self.encoding = encoding
        self.mode = mode
        self.owner = owner
        self.group = group
        self.readBy = readBy
        self.shippedBy = shippedBy
        self.reason = reason
        self.isSite = isSite
    }
}

/// Keys to set in, and keys to take out of, a file of `key=value` lines.
public struct KeyedEdit: Hashable, Sendable, Codable {
    public enum Format: String, Hashable, Sendable, Codable {
        /// zoo.cfg: Java properties as ZooKeeper writes them, `key=value`.
        case properties
        /// `/etc/default/*` that a shell sources: assignments, optionally `export`ed.
        case shell
        /// `/etc/default/*` that systemd reads (`EnvironmentFile`): `KEY=value`, never `export`ed, nothing expanded.
        case environmentFile
        /// A JSON object such as Docker's daemon.json: keys are its members, values are JSON texts and compared as JSON.
        case json
        /// /etc/hosts: keys are names, values addresses, other names of a line stay.
        case hosts
    }

    /// One key and its value; of a JSON object the value is JSON text.
    public struct Entry: Hashable, Sendable, Codable {
        public var key: String
        public var value: Content

        public init(_ key: String, _ value: Content) {
            self.key = key
            self.value = value
        }
    }

    public var format: Format
    /// In the order in which missing ones are appended.
    public var set: [Entry]
    /// Keys that start with one of these and are not in `set` are removed: families owned whole, such as `server.`.
    public var ownedPrefixes: [String]
    /// Keys to take out, such as the other spelling of a switch; a key that is in `set` stays.
    public var remove: [String]
    /// Recommended keys (autopurge, 4lw whitelist): written where the file is new, advice on a living one.
    public var recommended: [Entry]

    public init(
        format: Format,
        set: [Entry],
        ownedPrefixes: [String] = [],
        recommended: [Entry] = [],
        remove: [String] = []
    ) {
        self.format = format
        self.set = set
        self.ownedPrefixes = ownedPrefixes
        self.recommended = recommended
        self.remove = remove
    }
}
