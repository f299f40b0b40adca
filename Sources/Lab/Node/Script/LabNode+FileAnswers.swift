internal import Daemons
internal import Reconciler

extension LabNode {
    /// One file as the script tells it; nil where there is none (facts.sh, `file_fields`).
    func fileAnswer(_ path: String) throws(Unknown) -> FileAnswer? {
        guard let resolution = files.resolve(path) else { throw Unknown("\(path): too many levels of symbolic links") }
        guard let attributes = files.attributes(resolution.path, followingLinks: false) else {
            guard resolution.isLink, let link = files.attributes(path, followingLinks: false) else { return nil }
            return answer(path, resolution.path, .dangling, link)
        }
        switch attributes.kind {
        case .directory: return answer(path, resolution.path, .directory, attributes)
        case .device, .link: return answer(path, resolution.path, .other, attributes)
        case .regular: break
        }
        var file = answer(path, resolution.path, .regular, attributes)
        let text = files.content(resolution.path)
        file.digest = files.digest(resolution.path) ?? ""
        if attributes.size <= wholeBytes { file.content = text }
        return file
    }

    private func answer(
        _ path: String,
        _ resolved: String,
        _ kind: FileAnswer.Kind,
        _ attributes: FileTree.Attributes
    ) -> FileAnswer {
        FileAnswer(
            path: path,
            resolvedPath: resolved,
            kind: kind,
            mode: attributes.mode,
            owner: attributes.owner,
            group: attributes.group,
            size: attributes.size,
            modified: attributes.modified / 1_000_000_000,
            digest: "",
            stamp: attributes.stamp,
            content: nil
        )
    }

    /// Dotfiles are skipped, as the wrappers skip them (facts.sh, `fact_directory`).
    func directoryAnswer(_ path: String, recursive: Bool) throws(Unknown) -> FactAnswer {
        guard let resolved = files.resolve(path)?.path else {
            throw Unknown("\(path): too many levels of symbolic links")
        }
        guard let attributes = files.attributes(resolved) else { return .absent }
        guard attributes.kind == .directory else { throw Unknown("\(path): is no directory") }
        var entries: [FileAnswer] = []
        let shown = path.hasSuffix("/") ? String(path.dropLast()) : path
        try collect(shown, resolved == "/" ? "" : resolved, recursive, &entries)
        entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return .directory(path: path, entries: entries)
    }

    private func collect(
        _ path: String,
        _ real: String,
        _ recursive: Bool,
        _ entries: inout [FileAnswer]
    ) throws(Unknown) {
        for name in files.glob(real.isEmpty ? "/" : real) {
            guard let entry = try fileAnswer("\(path)/\(name)") else { continue }
            entries.append(entry)
            guard entries.count <= 4096 else { throw Unknown("\(path): more than 4096 entries") }
            let inner = "\(real)/\(name)"
            if recursive, files.attributes(inner, followingLinks: false)?.kind == .directory {
                try collect("\(path)/\(name)", inner, recursive, &entries)
            }
        }
    }
}

extension FileTree.Attributes {
    /// `stat -c %d:%i:%s:%y:%z`.
    var stamp: String { "2049:\(inode):\(size):\(Self.time(modified)):\(Self.time(changed))" }

    /// `2026-11-22 19:16:14.123456789 +0000`.
    private static func time(_ nanoseconds: Int) -> String {
        let text = Moment(milliseconds: nanoseconds / 1_000_000).iso8601
        let fraction = String(nanoseconds % 1_000_000_000 + 1_000_000_000).dropFirst()
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)).\(fraction) +0000"
    }
}

extension FileTree {
    /// The text of a regular file, zeros too where they are few.
    func content(_ path: String) -> String? {
        guard let number = number(at: path) else { return nil }
        switch inodes[number]?.body {
        case .text(let text): return text
        case .zeros(let count) where count <= wholeBytes: return String(repeating: "\0", count: count)
        default: return nil
        }
    }

    /// SHA-256 of a regular file.
    ///
    /// Of more zeros than travel it is that of their number, since only its changes matter.
    func digest(_ path: String) -> String? {
        if let text = content(path) { return sha256(text) }
        if let bytes = bytes(path) { return sha256(bytes: bytes) }
        guard let number = number(at: path), case .zeros(let count) = inodes[number]?.body else { return nil }
        return sha256("\(count) zeros")
    }
}

extension Moment {
    var wholeSeconds: Int { milliseconds / 1000 }
}
