internal import Glibc
internal import Reconciler
internal import SystemPackage

/// A directory that an image is built from, as far as it matters for what is built.
///
/// Names, contents, links and what may be executed do; times, owners and what `.dockerignore` leaves out do not.
struct BuildContext: Hashable, Sendable {
    /// Relative to the directory, in the order of their bytes; directories before what is in them.
    var paths: [String]
    /// SHA-256, 64 hexadecimal digits.
    var digest: String

    /// Reads a whole directory.
    ///
    /// - Throws: What cannot be read, for people.
    static func read(_ directory: String) throws(CourierError) -> BuildContext {
        var walk = ContextWalk(directory: directory, ignored: IgnoredPaths(try ignoreFile(directory)))
        try walk.enter("")
        let entries = walk.entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        var stream = DigestStream()
        for entry in entries { stream.update(Array("\(entry.path)\0\(entry.what)\0".utf8)) }
        return BuildContext(paths: entries.map(\.path), digest: stream.finish())
    }

    private static func ignoreFile(_ directory: String) throws(CourierError) -> String {
        let path = "\(directory)/.dockerignore"
        guard access(path, F_OK) == 0 else { return "" }
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { throw unreadable(path) }
        defer { try? file.close() }
        var text: [UInt8] = []
        while let piece = PartCache.piece(of: file), !piece.isEmpty, text.count < 1 << 20 { text += piece }
        return String(decoding: text, as: UTF8.self)
    }

    static func unreadable(_ path: String) -> CourierError {
        let words = String(cString: strerror(errno)).lowercased()
        return CourierError(
            errno == EACCES ? .permission : .other,
            "\(path): \(words); the build context must be readable"
        )
    }
}

private struct ContextWalk {
    var directory: String
    var ignored: IgnoredPaths
    var entries: [(path: String, what: String)] = []

    mutating func enter(_ folder: String) throws(CourierError) {
        let place = folder.isEmpty ? directory : "\(directory)/\(folder)"
        guard let listing = opendir(place) else { throw BuildContext.unreadable(place) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(listing)
        for name in names { try take(folder.isEmpty ? name : "\(folder)/\(name)") }
    }

    private mutating func take(_ path: String) throws(CourierError) {
        var status = stat()
        let full = "\(directory)/\(path)"
        guard lstat(full, &status) == 0 else { throw BuildContext.unreadable(full) }
        let isIgnored = ignored.contains(path)
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if !isIgnored { entries.append((path, "directory")) }
            if !isIgnored || ignored.hasExceptions { try enter(path) }
        case S_IFLNK where !isIgnored:
            guard let target = try? FileLink.target(of: full) else { throw BuildContext.unreadable(full) }
            entries.append((path, "link \(target)"))
        case S_IFREG where !isIgnored:
            entries.append((path, "\(status.st_mode & 0o111 == 0 ? "file" : "program") \(try digest(full))"))
        default: break
        }
    }

    private func digest(_ path: String) throws(CourierError) -> String {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
            throw BuildContext.unreadable(path)
        }
        defer { try? file.close() }
        var stream = DigestStream()
        while true {
            guard let piece = PartCache.piece(of: file) else { throw BuildContext.unreadable(path) }
            if piece.isEmpty { return stream.finish() }
            stream.update(piece)
        }
    }
}

private enum FileLink {
    static func target(of path: String) throws(Errno) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
        }
        guard count >= 0 else { throw Errno(rawValue: errno) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

/// What `.dockerignore` leaves out (docs.docker.com/build/concepts/context, `.dockerignore` files): the last line that
/// matches a path or a directory above it decides; the Dockerfile and the file itself always stay.
struct IgnoredPaths: Hashable {
    private struct Line: Hashable {
        var segments: [String]
        var isException: Bool
    }

    private var lines: [Line]

    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).compactMap { line in
            var pattern = line.drop(while: \.isWhitespace)
            while pattern.last?.isWhitespace ?? false { pattern.removeLast() }
            guard let first = pattern.first, first != "#" else { return nil }
            if first == "!" { pattern.removeFirst() }
            let segments = TarIndex.plain(String(pattern)).split(separator: "/").map(String.init)
            return segments.isEmpty ? nil : Line(segments: segments, isException: first == "!")
        }
    }

    var hasExceptions: Bool { lines.contains(where: \.isException) }

    func contains(_ path: String) -> Bool {
        if path == "Dockerfile" || path == ".dockerignore" { return false }
        let segments = path.split(separator: "/").map(String.init)
        return lines.reduce(false) { ignored, line in
            Self.matches(line.segments[...], segments[...]) ? !line.isException : ignored
        }
    }

    private static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return true }
        if first == "**" {
            return matches(pattern.dropFirst(), path) && !(pattern.count == 1 && path.isEmpty)
                || !path.isEmpty && matches(pattern, path.dropFirst())
        }
        guard let name = path.first, fnmatch(first, name, 0) == 0 else { return false }
        return matches(pattern.dropFirst(), path.dropFirst())
    }
}
