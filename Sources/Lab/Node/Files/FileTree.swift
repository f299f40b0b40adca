/// A node's one file system: directories, regular files and links, with owners, modes, times and the room they take.
///
/// Paths are absolute. Links are followed as the kernel does. Nothing here knows time or a disk's size: changes take the
/// moment they happen at, and the caller asks `LabNode.freeBytes` before it writes (the actions of the script do).
public struct FileTree: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        case regular
        case directory
        case link(to: String)
        /// A device, such as /dev/null.
        case device
    }

    /// What one file is, without its content.
    public struct Attributes: Hashable, Sendable, Codable {
        public var kind: Kind
        /// Permission bits, such as 0o644.
        public var mode: Int
        public var owner: String
        public var group: String
        /// Bytes.
        public var size: Int
        /// Nanoseconds since 1970.
        public var modified: Int
        /// Nanoseconds since 1970 of the last change to content or attributes.
        public var changed: Int
        public var inode: Int
    }

    struct Entry: Hashable, Sendable, Codable {
        var name: String
        var inode: Int
    }

    enum Body: Hashable, Sendable, Codable {
        case text(String)
        /// What is no text.
        case bytes([UInt8])
        /// Zeros, so many, that nobody keeps in memory.
        case zeros(Int)
        /// Sorted by the bytes of the names.
        case directory([Entry])
        case link(String)
        case device
    }

    struct Inode: Hashable, Sendable, Codable {
        var body: Body
        var mode: Int
        var owner: String
        var group: String
        var modified: Int
        var changed: Int
    }

    /// By number; the root is 2, as on ext4.
    var inodes: [Int: Inode]
    var nextInode = 12
    /// Tells changes within one millisecond apart.
    var changes = 0
    /// What all regular files and directories take, in blocks of 4 KiB.
    public internal(set) var usedBytes = 0

    static let root = 2
    static let block = 4096

    /// An empty root directory.
    public init() {
        inodes = [
            Self.root: Inode(body: .directory([]), mode: 0o755, owner: "root", group: "root", modified: 0, changed: 0)
        ]
    }
}
