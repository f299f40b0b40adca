internal import Glibc
public import Reconciler
internal import Specs
internal import Synchronization

/// The journal of one state directory: `journal.jsonl`, a record a line, every one synced before the next thing is done.
///
/// Two locks: `journal.lock` for the moment of a write, whoever writes; `run.lock` for as long as a run goes on, so that
/// whoever reads can tell one that goes on from one that was killed (the kernel lets go of it with the process).
public final class FileJournal: Sendable {
    private let directory: StateDirectory
    private let now: @Sendable () -> Int
    private let files: Mutex<JournalFiles>

    /// In steps of 20 ms: another write is over long before.
    private static let writeTries = 250
    /// Of a run of another process that has lost the lease and is about to end.
    private static let runTries = 250

    /// - Parameters:
    ///   - directory: Made with the first record.
    ///   - now: Seconds since 1970.
    public convenience init(_ directory: StateDirectory, now: @escaping @Sendable () -> Int) {
        self.init(directory, disk: JournalDisk(), limit: 1 << 20, kept: 8, now: now)
    }

    init(
        _ directory: StateDirectory,
        disk: JournalDisk,
        limit: Int = 1 << 20,
        kept: Int = 8,
        now: @escaping @Sendable () -> Int
    ) {
        self.directory = directory
        self.now = now
        files = Mutex(JournalFiles(directory, disk: disk, limit: limit, kept: kept))
    }

    /// Where the records are.
    public var path: String { directory.file(JournalFiles.name) }

    /// All that is kept, the oldest first; empty where nothing was ever written.
    /// - Throws: Why it cannot be read, or that it was written by a version that knows more.
    public func read() throws(JournalError) -> JournalReading {
        guard exists else { return JournalReading() }
        // Where the directory is somebody else's, what is there is read without the lock.
        let lock = try? OpenFile(directory.file("journal.lock"), O_RDONLY | O_CREAT)
        if let lock { _ = lock.lock(LOCK_SH, tries: Self.writeTries) }
        var reading = try files.withLock { files throws(JournalError) in try files.read() }
        reading.underWay = underWay?.run
        return reading
    }

    /// Begins the journal of a run: until it is closed, no other run of this state directory can begin.
    /// - Throws: Who else writes, or why nothing can be written.
    public func begin(_ run: RunID) throws(JournalError) -> OpenJournal {
        try prepare()
        let lock = try OpenFile(directory.file("run.lock"), O_RDWR | O_CREAT)
        guard lock.lock(LOCK_EX, tries: Self.runTries) else {
            let holder = underWay.map { "the run \($0.run) of process \($0.pid)" } ?? "another run"
            throw JournalError("\(holder) goes on and writes to \(path): wait for its end")
        }
        lock.overwrite("\(run.text)\n\(getpid())\n")
        return OpenJournal(self, run, lock)
    }

    /// One record outside of a run, such as of what was found of an earlier one.
    public func append(_ record: JournalRecord, of run: RunID) throws(JournalError) {
        try prepare()
        let lock = try OpenFile(directory.file("journal.lock"), O_RDWR | O_CREAT)
        guard lock.lock(LOCK_EX, tries: Self.writeTries) else {
            throw JournalError("another process keeps \(lock.path) locked: see who with `fuser \(lock.path)`")
        }
        try files.withLock { files throws(JournalError) in try files.append(record, of: run, at: now()) }
    }

    private var exists: Bool { access(directory.path, F_OK) == 0 }

    private func prepare() throws(JournalError) {
        do { try directory.prepare() } catch { throw JournalError("\(error)") }
    }

    private var underWay: (run: RunID, pid: Int)? {
        guard let lock = try? OpenFile(directory.file("run.lock"), O_RDONLY), !lock.lock(LOCK_SH, tries: 1),
            let bytes = try? lock.contents()
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, let pid = Int(lines[1]) else { return nil }
        return (RunID(String(lines[0])), pid)
    }
}

/// The journal of one run, until it is closed.
public final class OpenJournal: RunJournal {
    private let journal: FileJournal
    private let run: RunID
    private let hold: Mutex<Hold>

    private struct Hold: ~Copyable {
        var lock: OpenFile?
        var isOpen = true
    }

    fileprivate init(_ journal: FileJournal, _ run: RunID, _ file: consuming OpenFile) {
        self.journal = journal
        self.run = run
        hold = Mutex(Hold(lock: file))
    }

    deinit { close() }

    public func append(_ record: JournalRecord) throws(JournalError) {
        guard hold.withLock({ $0.isOpen }) else { throw JournalError("the journal of the run \(run) is closed") }
        try journal.append(record, of: run)
    }

    /// The run is over, however it ended.
    public func close() {
        hold.withLock { hold in
            hold.lock = nil
            hold.isOpen = false
        }
    }
}
