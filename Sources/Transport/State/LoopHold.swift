internal import Glibc
internal import Reconciler
internal import Synchronization

/// Keeps other loops off a state directory until it is let go of; the kernel lets go of it with the process.
public final class LoopHold: Sendable {
    private let file: Mutex<Held>

    private struct Held: ~Copyable {
        var lock: OpenFile?
    }

    fileprivate init(_ lock: consuming OpenFile) { file = Mutex(Held(lock: lock)) }

    public func release() { file.withLock { $0.lock = nil } }

    /// What came of asking for one.
    public enum Answer: Sendable {
        case ours(LoopHold)
        /// Another loop goes on there; nil: of a process that is not known.
        case held(by: Int?)
    }

    /// In steps of 20 ms: one that is about to end.
    private static let tries = 25

    /// Asks for the state directory, which is made where it is not there.
    /// - Throws: Why that cannot be told.
    public static func of(_ directory: StateDirectory) throws(StateError) -> Answer {
        let path = directory.file("loop.lock")
        do {
            try directory.prepare()
            let lock = try opened(path)
            guard lock.lock(LOCK_EX, tries: tries) else {
                let words = (try? lock.contents()).map { String(decoding: $0, as: UTF8.self) } ?? ""
                return .held(by: Int(words.filter { !$0.isWhitespace }))
            }
            lock.overwrite("\(getpid())\n")
            return .ours(LoopHold(lock))
        } catch {
            throw StateError(path, saying: "cannot be locked, so that two loops could not be kept apart: \(error)")
        }
    }

    /// On a full disk the file of an earlier loop will do.
    private static func opened(_ path: String) throws(JournalError) -> OpenFile {
        do throws(JournalError) { return try OpenFile(path, O_RDWR | O_CREAT) } catch {
            return try OpenFile(path, O_RDONLY)
        }
    }
}
