public import Daemons

extension FileTree {
    /// Replaces a file (a new inode, as a rename does) or makes it, with its directories; links are followed.
    ///
    /// What is not given stays as it is, or is 0644 root:root where the file is new. Nothing happens where a directory
    /// stands, or a file stands where a directory is needed.
    /// - Returns: Whether it was written.
    @discardableResult
    public mutating func write(
        _ path: String,
        _ text: String,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        at now: Moment
    ) -> Bool {
        put(.text(text), path, mode: mode, owner: owner, group: group, at: now)
    }

    /// As `write`, of bytes that need be no text.
    @discardableResult
    public mutating func write(_ path: String, _ bytes: [UInt8], mode: Int? = nil, at now: Moment) -> Bool {
        let body = String(validating: bytes, as: UTF8.self).map(Body.text) ?? .bytes(bytes)
        return put(body, path, mode: mode, owner: nil, group: nil, at: now)
    }

    /// Puts a file of `bytes` zeros there, which take room and no memory.
    @discardableResult
    public mutating func fill(_ path: String, bytes: Int, at now: Moment) -> Bool {
        put(.zeros(bytes), path, mode: nil, owner: nil, group: nil, at: now)
    }

    /// Makes a directory with those above it; one that is there stays as it is.
    @discardableResult
    public mutating func makeDirectory(
        _ path: String,
        mode: Int = 0o755,
        owner: String = "root",
        group: String = "root",
        at now: Moment
    ) -> Bool {
        // What a `..` leads out of is made too.
        if let way = path.ranges(of: "/../").last {
            makeDirectory(String(path[..<way.lowerBound]), mode: mode, at: now)
        }
        guard let resolved = resolve(path)?.path else { return false }
        var current = Self.root
        var isNew = false
        let parts = resolved.split(separator: "/")
        for (index, part) in parts.enumerated() {
            if let next = entry(part, in: current) {
                current = next
                continue
            }
            guard case .directory = inodes[current]?.body else { return false }
            let last = index == parts.count - 1
            let made = Inode(
                body: .directory([]),
                mode: mode,
                owner: last ? owner : "root",
                group: last ? group : "root",
                modified: 0,
                changed: 0
            )
            current = add(made, as: String(part), to: current, at: now)
            isNew = true
        }
        if !isNew, case .directory = inodes[current]?.body { return true }
        return isNew
    }

    /// A symbolic link, replacing a file or link that is there, with the directories above it.
    @discardableResult
    public mutating func link(_ path: String, to target: String, at now: Moment) -> Bool {
        let (parent, name) = Self.parted(path)
        guard !name.isEmpty, makeDirectory(parent, at: now), let directory = number(at: parent) else { return false }
        if let old = entry(name, in: directory) {
            if case .directory = inodes[old]?.body { return false }
            detach(name, from: directory, at: now)
        }
        let link = Inode(body: .link(target), mode: 0o777, owner: "root", group: "root", modified: 0, changed: 0)
        _ = add(link, as: name, to: directory, at: now)
        return true
    }

    /// A device file such as /dev/null.
    mutating func makeDevice(_ path: String, at now: Moment) {
        let (parent, name) = Self.parted(path)
        guard makeDirectory(parent, at: now), let directory = number(at: parent) else { return }
        let device = Inode(body: .device, mode: 0o666, owner: "root", group: "root", modified: 0, changed: 0)
        _ = add(device, as: name, to: directory, at: now)
    }

    /// Takes away a file, a link (not what it leads to) or a directory with everything in it.
    /// - Returns: Whether there was one.
    @discardableResult
    public mutating func remove(_ path: String, at now: Moment) -> Bool {
        let (parent, name) = Self.parted(path)
        guard let directory = number(at: parent), entry(name, in: directory) != nil else { return false }
        detach(name, from: directory, at: now)
        return true
    }

    /// Renames a file over whatever file is at `destination`; both as they stand, links not followed.
    @discardableResult
    mutating func rename(_ path: String, to destination: String, at now: Moment) -> Bool {
        let (from, to) = (Self.parted(path), Self.parted(destination))
        guard let source = number(at: from.parent), let moved = entry(from.name, in: source),
            let target = number(at: to.parent)
        else { return false }
        if entry(to.name, in: target) != nil { detach(to.name, from: target, at: now) }
        unlist(from.name, in: source, at: now)
        enlist(Entry(name: to.name, inode: moved), in: target, at: now)
        let changed = stamp(now)
        inodes[moved]?.changed = changed
        return true
    }

    /// `cp -p`: content, mode, owner and time of modification.
    mutating func copy(_ path: String, to destination: String, at now: Moment) {
        guard let number = number(at: path), let source = inodes[number] else { return }
        _ = put(source.body, destination, mode: source.mode, owner: source.owner, group: source.group, at: now)
        if let copied = self.number(at: destination) { inodes[copied]?.modified = source.modified }
    }

    public mutating func setAttributes(
        _ path: String,
        mode: Int? = nil,
        owner: String? = nil,
        group: String? = nil,
        at now: Moment
    ) {
        guard let number = number(at: path), var inode = inodes[number] else { return }
        inode.mode = mode ?? inode.mode
        inode.owner = owner ?? inode.owner
        inode.group = group ?? inode.group
        inode.changed = stamp(now)
        inodes[number] = inode
    }
}

// MARK: - Inodes

extension FileTree {
    private mutating func put(
        _ body: Body,
        _ path: String,
        mode: Int?,
        owner: String?,
        group: String?,
        at now: Moment
    ) -> Bool {
        guard let resolved = resolve(path)?.path else { return false }
        let (parent, name) = Self.parted(resolved)
        guard !name.isEmpty, makeDirectory(parent, at: now), let directory = number(at: parent) else { return false }
        let old = entry(name, in: directory).flatMap { inodes[$0] }
        switch old?.body {
        case .directory, .device: return false
        default: break
        }
        if old != nil { detach(name, from: directory, at: now) }
        let inode = Inode(
            body: body,
            mode: mode ?? old?.mode ?? 0o644,
            owner: owner ?? old?.owner ?? "root",
            group: group ?? old?.group ?? "root",
            modified: 0,
            changed: 0
        )
        _ = add(inode, as: name, to: directory, at: now)
        return true
    }

    /// Nanoseconds, no two alike within a million changes.
    private mutating func stamp(_ now: Moment) -> Int {
        changes += 1
        return now.milliseconds * 1_000_000 + changes % 1_000_000
    }

    private mutating func add(_ inode: Inode, as name: String, to directory: Int, at now: Moment) -> Int {
        let number = nextInode
        nextInode += 1
        var inode = inode
        inode.modified = stamp(now)
        inode.changed = inode.modified
        inodes[number] = inode
        usedBytes += Self.room(inode.body)
        enlist(Entry(name: name, inode: number), in: directory, at: now)
        return number
    }

    private mutating func enlist(_ entry: Entry, in directory: Int, at now: Moment) {
        changeEntries(of: directory, at: now) { $0.insert(entry, at: Self.position(of: entry.name, in: $0)) }
    }

    private mutating func unlist(_ name: String, in directory: Int, at now: Moment) {
        changeEntries(of: directory, at: now) { entries in
            let index = Self.position(of: name, in: entries)
            if index < entries.count, entries[index].name == name { entries.remove(at: index) }
        }
    }

    private mutating func changeEntries(of directory: Int, at now: Moment, _ change: (inout [Entry]) -> Void) {
        guard var inode = inodes.removeValue(forKey: directory), case .directory(var entries) = inode.body else {
            return
        }
        inode.body = .device
        change(&entries)
        inode.body = .directory(entries)
        inode.modified = stamp(now)
        inode.changed = inode.modified
        inodes[directory] = inode
    }

    /// Takes an entry away and all that nothing leads to any more.
    private mutating func detach(_ name: String, from directory: Int, at now: Moment) {
        guard let gone = entry(name, in: directory) else { return }
        unlist(name, in: directory, at: now)
        var doomed = [gone]
        while let number = doomed.popLast() {
            guard let inode = inodes.removeValue(forKey: number) else { continue }
            usedBytes -= Self.room(inode.body)
            if case .directory(let entries) = inode.body { doomed += entries.map(\.inode) }
        }
    }

    static func room(_ body: Body) -> Int {
        switch body {
        case .text(let text): blocks(text.utf8.count)
        case .bytes(let bytes): blocks(bytes.count)
        case .zeros(let count): blocks(count)
        case .directory: block
        case .link, .device: 0
        }
    }

    /// Bytes in whole blocks.
    static func blocks(_ bytes: Int) -> Int { (bytes + block - 1) / block * block }
}
