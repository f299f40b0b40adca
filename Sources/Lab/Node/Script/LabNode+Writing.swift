internal import Daemons
internal import Reconciler
internal import Specs

extension LabNode {
    /// files.sh, `act_write`.
    mutating func writeFile(_ write: FileWrite, _ run: RunID, _ now: Moment) throws(Concluded) {
        let path = write.path
        let text = plain(write.content)
        guard let resolved = files.resolve(path)?.path else {
            throw .failed("\(path): too many levels of symbolic links")
        }
        let old = files.attributes(resolved)
        if old?.kind == .directory { throw .conflict("\(path): a directory") }
        let directory = FileTree.parted(resolved).parent
        try makeDirectory(directory, now)
        let temporary = try newTemporary(in: directory, run, now)
        var keepsTemporary = false
        defer { if !keepsTemporary { files.remove(temporary, at: clock(at: now)) } }
        try fill(temporary, text, now)
        let wanted = try ownership(of: write, old?.kind == .regular ? old : nil, resolved)
        files.setAttributes(temporary, mode: wanted.mode, owner: wanted.owner, group: wanted.group, at: clock(at: now))

        if let old, old.kind == .regular, files.digest(resolved) == files.digest(temporary) {
            if (old.mode, old.owner, old.group) == wanted { throw .already }
        } else if let found = mismatch(write.expected, resolved) {
            throw .conflict("\(path): \(found)")
        }
        var detail = ""
        if old?.kind == .regular {
            detail = "backup " + (try backUp(resolved, as: resolved, run, now))
            try keepWhatWasRead(resolved, as: path, by: write.readBy, now)
        }
        files.rename(temporary, to: resolved, at: clock(at: now))
        keepsTemporary = true
        throw .done(detail)
    }

    /// files.sh, `act_remove`: a link itself goes, not what it leads to.
    mutating func removeFile(
        _ path: String,
        _ expected: FileExpectation,
        _ readBy: [ServiceName],
        _ run: RunID,
        _ now: Moment
    ) throws(Concluded) {
        let (parent, name) = FileTree.parted(path)
        guard let resolution = files.resolve(path), let directory = files.resolve(parent)?.path else {
            throw .failed("\(path): too many levels of symbolic links")
        }
        let exists = files.exists(resolution.path)
        if !exists, !resolution.isLink { throw .already }
        if let found = mismatch(expected, resolution.path) { throw .conflict("\(path): \(found)") }
        var detail = ""
        if exists {
            detail = "backup " + (try backUp(resolution.path, as: path, run, now))
            try keepWhatWasRead(resolution.path, as: path, by: readBy, now)
        }
        files.remove(directory == "/" ? "/\(name)" : "\(directory)/\(name)", at: clock(at: now))
        throw .done(detail)
    }

    /// What is there instead of what is expected, without its content; nil where it is as expected.
    func mismatch(_ expected: FileExpectation, _ path: String) -> String? {
        guard let attributes = files.attributes(path) else { return expected == .absent ? nil : "no file" }
        guard attributes.kind == .regular else { return "no regular file" }
        let words = "\(attributes.size) bytes, modified at \(attributes.modified / 1_000_000_000)"
        return switch expected {
        case .absent: "a file: \(words)"
        case .digest(let digest): files.digest(path) == digest ? nil : "another content: \(words)"
        case .stamp(let stamp): attributes.stamp == stamp ? nil : "another content: \(words)"
        }
    }

    private func ownership(
        of write: FileWrite,
        _ old: FileTree.Attributes?,
        _ path: String
    ) throws(Concluded) -> (mode: Int, owner: String, group: String) {
        // What is kept of an old file is told by its number.
        let owner = write.owner ?? old.map { number(of: $0.owner, in: users) } ?? ""
        let group = write.group ?? old.map { number(of: $0.group, in: groups) } ?? ""
        let shown = group.isEmpty ? owner : "\(owner):\(group)"
        for (name, known, kind) in [(write.owner, users, "user"), (write.group, groups, "group")] {
            if let name, !known.contains(name), Int(name) == nil {
                throw .failed("\(path): owner cannot be set: chown: invalid \(kind): '\(shown)'")
            }
        }
        return (
            write.mode ?? old?.mode ?? (write.content.isSensitive ? 0o600 : 0o644),
            write.owner ?? old?.owner ?? "root", write.group ?? old?.group ?? "root"
        )
    }

    /// A user's or group's number: root's is 0.
    private func number(of name: String, in names: [String]) -> String {
        names.firstIndex(of: name).map(String.init) ?? name
    }

    /// `content` with its references as they are shown, where the world left any.
    private func plain(_ content: Content) -> String { content.plainText ?? content.shown }
}

// MARK: - Room, temporaries, backups

extension LabNode {
    /// `mkdir -p` under the usual umask.
    mutating func makeDirectory(_ path: String, mode: Int = 0o755, _ now: Moment) throws(Concluded) {
        if let words = directoryTrouble(path) {
            throw failedWords(path, words)
        }
        files.makeDirectory(path, mode: mode, at: clock(at: now))
    }

    /// mkdir's words where `path` cannot be made; nil where it can be or is there.
    func directoryTrouble(_ path: String) -> String? {
        var partial = ""
        // /run is in memory.
        let isOnDisk = path != "/run" && !path.hasPrefix("/run/")
        let parts = path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            partial += "/\(part)"
            guard let attributes = files.attributes(partial) else {
                let room = (parts.count - index) * FileTree.block
                return isOnDisk && room > freeBytes
                    ? "mkdir: cannot create directory '\(partial)': No space left on device" : nil
            }
            if attributes.kind != .directory {
                let why = index == parts.count - 1 ? "File exists" : "Not a directory"
                return "mkdir: cannot create directory '\(partial)': \(why)"
            }
        }
        return nil
    }

    /// files.sh, `failed_words`: names a full disk as such.
    func failedWords(_ what: String, _ words: String) -> Concluded {
        words.contains("No space left on device")
            ? .failed("\(what): disk full: \(lastLine(words)); make room and run again")
            : .failed("\(what): \(lastLine(words))")
    }

    /// An empty file of ours alone; those that dead runs left go.
    mutating func newTemporary(in directory: String, _ run: RunID, _ now: Moment) throws(Concluded) -> String {
        let place = directory == "/" ? "" : directory
        for name in files.list(directory) ?? [] where name.hasPrefix(".reconciler-") {
            if files.isRegular("\(place)/\(name)") { files.remove("\(place)/\(name)", at: clock(at: now)) }
        }
        let temporary = "\(place)/.reconciler-\(run)-\(nextPID)"
        guard files.write(temporary, "", mode: 0o600, at: clock(at: now)) else {
            throw .failed("\(directory): cannot be written: sh: cannot create \(temporary): Directory nonexistent")
        }
        return temporary
    }

    /// files.sh, `fill_temporary`.
    mutating func fill(_ temporary: String, _ text: String, _ now: Moment) throws(Concluded) {
        let bytes = text.utf8.count
        guard FileTree.blocks(bytes) <= freeBytes else {
            files.remove(temporary, at: clock(at: now))
            throw .failed(
                "\(FileTree.parted(temporary).parent): disk full: \(bytes) bytes could not be written; "
                    + "make room and run again"
            )
        }
        files.write(temporary, text, at: clock(at: now))
    }

    /// Keeps a copy under the run's own directory, beside an earlier one of the same run.
    /// - Returns: Its path.
    private mutating func backUp(
        _ file: String,
        as path: String,
        _ run: RunID,
        _ now: Moment
    ) throws(Concluded) -> String {
        let wanted = "\(StatePath.state)/backup/\(run)\(path)"
        try privateDirectory(FileTree.parted(wanted).parent, now)
        var backup = wanted
        var number = 1
        while files.exists(backup) {
            number += 1
            backup = "\(wanted)~\(number)"
        }
        let size = files.attributes(file)?.size ?? 0
        guard FileTree.blocks(size) <= freeBytes else {
            throw failedWords(
                "\(path): no backup could be made, nothing was changed",
                "cp: error copying '\(file)' to '\(backup)': No space left on device"
            )
        }
        files.copy(file, to: backup, at: clock(at: now))
        return backup
    }

    /// files.sh, `private_directory`.
    mutating func privateDirectory(_ path: String, _ now: Moment) throws(Concluded) {
        if let words = directoryTrouble(path) { throw .failed("\(path): cannot be made: \(words)") }
        files.makeDirectory(path, mode: 0o700, at: clock(at: now))
    }
}
