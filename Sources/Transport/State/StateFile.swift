internal import Glibc

/// A file of the state directory that cannot be read or written.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path, what is wrong with it, and the system's words.
    public var description: String

    /// With the words of `errno`.
    init(_ path: String, _ what: String) {
        description = "\(path): \(what): \(String(cString: strerror(errno)).lowercased())"
    }

    init(_ path: String, saying words: String) { description = "\(path): \(words)" }
}

/// One small file of the state directory: read whole, replaced whole, durable once it was written.
struct StateFile {
    var path: String
    /// Nothing that is kept here is larger.
    static let limit = 64 << 20

    /// nil where there is none.
    func read() throws(StateError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StateError(path, "cannot be read")
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while content.count <= Self.limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StateError(path, "cannot be read") }
            if count == 0 { return content }
            content += chunk[..<count]
        }
        throw StateError(path, saying: "larger than \(Self.limit >> 20) MiB")
    }

    /// Whoever reads meanwhile sees the old text or the new one; also after a power cut.
    func replace(_ bytes: [UInt8]) throws(StateError) {
        // Always the same name, so that killed programs leave one such file behind, not many.
        let draft = StateFile(path: path + ".new")
        while true {
            let descriptor = open(draft.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StateError(draft.path, "cannot be written") }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX) == 0 else { throw StateError(draft.path, "cannot be locked") }
            // Another has put it in its place meanwhile.
            guard draft.isStillHere(descriptor) else { continue }
            guard ftruncate(descriptor, 0) == 0, write(bytes, to: descriptor), fsync(descriptor) == 0,
                rename(draft.path, path) == 0
            else {
                let error = StateError(path, "cannot be written")
                unlink(draft.path)
                throw error
            }
            return syncDirectory()
        }
    }

    /// One line more, never in a file that `take` has taken already.
    func append(_ bytes: [UInt8]) throws(StateError) {
        while true {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StateError(path, "cannot be written") }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX) == 0 else { throw StateError(path, "cannot be locked") }
            guard isStillHere(descriptor) else { continue }
            guard write(bytes, to: descriptor), fsync(descriptor) == 0 else {
                throw StateError(path, "cannot be written")
            }
            return syncDirectory()
        }
    }

    private func isStillHere(_ descriptor: Int32) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
    }

    /// - Returns: Whether there was one.
    @discardableResult
    func remove() throws(StateError) -> Bool {
        if unlink(path) == 0 {
            syncDirectory()
            return true
        }
        guard errno == ENOENT else { throw StateError(path, "cannot be removed") }
        return false
    }

    /// Takes the file away from everybody else and reads it: whatever is appended from now on goes into a new one.
    func take() throws(StateError) -> [UInt8]? {
        let taken = StateFile(path: path + ".taken")
        // One that a killed program had taken and not dealt with comes first.
        if let left = try taken.read() {
            try taken.remove()
            return left
        }
        guard rename(path, taken.path) == 0 else {
            if errno == ENOENT { return nil }
            throw StateError(path, "cannot be taken")
        }
        // Whoever had it open for appending is waited for.
        let descriptor = open(taken.path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { _ = flock(descriptor, LOCK_EX) }
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = try taken.read()
        try taken.remove()
        return bytes
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || count < 0 && errno == EINTR else { return false }
            rest = rest.dropFirst(max(count, 0))
        }
        return true
    }

    private func syncDirectory() {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
