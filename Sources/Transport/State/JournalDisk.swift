internal import Glibc
internal import Reconciler

/// The system calls by which a journal is written; a test puts a full disk in their place.
struct JournalDisk: Sendable {
    var open: @Sendable (_ path: String, _ flags: Int32) -> Int32 = { Glibc.open($0, $1 | O_CLOEXEC, mode_t(0o600)) }
    /// Bytes written; -1 with `errno`.
    var write: @Sendable (_ file: Int32, _ bytes: ArraySlice<UInt8>) -> Int = { file, bytes in
        bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    }
    var sync: @Sendable (_ file: Int32) -> Int32 = { fsync($0) }
}

/// A file that is open as long as this lives.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let path: String

    /// - Throws: Why it cannot be opened, with the path.
    init(_ path: String, _ flags: Int32, on disk: JournalDisk = JournalDisk()) throws(JournalError) {
        descriptor = disk.open(path, flags)
        self.path = path
        guard descriptor >= 0 else { throw Self.failure(path, "opened") }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child between fork and exec has it open too, and would keep its lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Bytes, and what tells it from another file of that name.
    struct Identity: Hashable, Sendable {
        var size: Int
        var inode: UInt
    }

    func identity() throws(JournalError) -> Identity {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "looked at") }
        return Identity(size: Int(status.st_size), inode: UInt(status.st_ino))
    }

    /// Waits in steps of 20 ms for a lock; whether it is ours.
    func lock(_ kind: Int32, tries: Int) -> Bool {
        for attempt in 0..<max(tries, 1) {
            if flock(descriptor, kind | LOCK_NB) == 0 { return true }
            if attempt + 1 < tries { usleep(20_000) }
        }
        return false
    }

    func contents() throws(JournalError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path, "read") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            offset += count
        }
    }

    /// Replaces a short text; of no use to anybody after a power cut, so it is not synced.
    func overwrite(_ text: String) {
        let bytes = Array(text.utf8)
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { return }
        _ = ftruncate(descriptor, off_t(bytes.count))
    }

    /// With the reason in `errno`.
    static func failure(_ path: String, _ what: String) -> JournalError {
        JournalError("\(path) cannot be \(what): \(String(cString: strerror(errno)))")
    }
}
