extension FileTree {
    /// Where a path leads after all links.
    public struct Resolution: Hashable, Sendable {
        public var path: String
        /// The path's last part is itself a link.
        public var isLink: Bool
    }

    /// Follows all links, also where the file itself is not there; nil after more than 40 of them.
    public func resolve(_ path: String) -> Resolution? {
        var rest = path.split(separator: "/", omittingEmptySubsequences: true)[...]
        var done: [Substring] = []
        var directory: Int? = Self.root
        var links = 0
        var isLink = false
        while let head = rest.popFirst() {
            if head == "." { continue }
            if head == ".." {
                _ = done.popLast()
                directory = number(done)
                continue
            }
            let child = directory.flatMap { entry(head, in: $0) }
            guard let child, case .link(let target) = inodes[child]?.body else {
                done.append(head)
                directory = child
                continue
            }
            if rest.isEmpty { isLink = true }
            links += 1
            guard links <= 40 else { return nil }
            if target.hasPrefix("/") {
                done = []
                directory = Self.root
            }
            rest = (target.split(separator: "/") + rest)[...]
        }
        return Resolution(path: "/" + done.joined(separator: "/"), isLink: isLink)
    }

    /// The inode of a path whose parts are no links.
    func number(_ parts: some Sequence<Substring>) -> Int? {
        var current = Self.root
        for part in parts {
            guard let next = entry(part, in: current) else { return nil }
            current = next
        }
        return current
    }

    /// The inode a path leads to; with `followingLinks` off that of the path itself.
    func number(at path: String, followingLinks: Bool = true) -> Int? {
        if followingLinks { return resolve(path).flatMap { number($0.path.split(separator: "/")) } }
        let parts = path.split(separator: "/")
        guard let name = parts.last else { return Self.root }
        guard let parent = number(at: "/" + parts.dropLast().joined(separator: "/")) else { return nil }
        return entry(name, in: parent)
    }

    func entry(_ name: some StringProtocol, in directory: Int) -> Int? {
        guard case .directory(let entries) = inodes[directory]?.body else { return nil }
        let index = Self.position(of: name, in: entries)
        return index < entries.count && entries[index].name == name ? entries[index].inode : nil
    }

    /// Where `name` stands or would stand among entries sorted by their bytes.
    static func position(of name: some StringProtocol, in entries: [Entry]) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Directory and name of what is to be made at `path`, whose last part is taken as it stands.
    static func parted(_ path: String) -> (parent: String, name: String) {
        let parts = path.split(separator: "/")
        return ("/" + parts.dropLast().joined(separator: "/"), parts.last.map(String.init) ?? "")
    }
}

// MARK: - Reading

extension FileTree {
    public func exists(_ path: String) -> Bool { number(at: path) != nil }

    /// What is at `path`, after links unless they are not to be followed.
    public func attributes(_ path: String, followingLinks: Bool = true) -> Attributes? {
        number(at: path, followingLinks: followingLinks).flatMap(attributes)
    }

    func attributes(_ number: Int) -> Attributes? {
        guard let inode = inodes[number] else { return nil }
        let (kind, size): (Kind, Int) =
            switch inode.body {
            case .text(let text): (.regular, text.utf8.count)
            case .bytes(let bytes): (.regular, bytes.count)
            case .zeros(let count): (.regular, count)
            case .directory: (.directory, Self.block)
            case .link(let target): (.link(to: target), target.utf8.count)
            case .device: (.device, 0)
            }
        return Attributes(
            kind: kind,
            mode: inode.mode,
            owner: inode.owner,
            group: inode.group,
            size: size,
            modified: inode.modified,
            changed: inode.changed,
            inode: number
        )
    }

    public func isRegular(_ path: String) -> Bool { attributes(path)?.kind == .regular }
    public func isDirectory(_ path: String) -> Bool { attributes(path)?.kind == .directory }

    /// The text of a regular file; nil where there is none, or one of nothing but zeros (`fill`).
    public func read(_ path: String) -> String? {
        guard let number = number(at: path), case .text(let text) = inodes[number]?.body else { return nil }
        return text
    }

    /// The bytes of a regular file; nil where there is none, or one of nothing but zeros (`fill`).
    public func bytes(_ path: String) -> [UInt8]? {
        guard let number = number(at: path), case .bytes(let bytes) = inodes[number]?.body else {
            return read(path).map { Array($0.utf8) }
        }
        return bytes
    }

    /// What a link says, not followed.
    public func linkTarget(_ path: String) -> String? {
        guard case .link(let target) = attributes(path, followingLinks: false)?.kind else { return nil }
        return target
    }

    /// The names in a directory, dotfiles too, sorted by their bytes; nil where there is none.
    public func list(_ path: String) -> [String]? {
        guard let number = number(at: path), case .directory(let entries) = inodes[number]?.body else { return nil }
        return entries.map(\.name)
    }

    /// The names a shell's `*` finds.
    func glob(_ path: String) -> [String] { (list(path) ?? []).filter { !$0.hasPrefix(".") } }
}
