internal import Glibc
internal import Reconciler
internal import Specs

/// The files of a journal: how a record gets to the end of them, for good or not at all.
///
/// Every call is made under the lock of `FileJournal`.
struct JournalFiles: Sendable {
    let directory: StateDirectory
    let disk: JournalDisk
    /// A file that has as many bytes is set aside as `journal.jsonl.1`, and so on up to `kept` of them.
    let limit: Int
    let kept: Int

    static let name = "journal.jsonl"

    /// The last line, as of the file that was looked at then.
    private var last: (identity: OpenFile.Identity, chain: JournalChain)?
    /// After a sync that failed nobody knows what the disk has: nothing is written any more.
    private var trouble: JournalError?

    init(_ directory: StateDirectory, disk: JournalDisk, limit: Int, kept: Int) {
        (self.directory, self.disk, self.limit, self.kept) = (directory, disk, limit, kept)
    }

    private var path: String { directory.file(Self.name) }

    func path(_ number: Int) -> String { number == 0 ? path : "\(path).\(number)" }

    // MARK: Writing

    mutating func append(_ record: JournalRecord, of run: RunID, at seconds: Int) throws(JournalError) {
        if let trouble { throw trouble }
        var chain = try end()
        if try size() >= limit { try rotate() }
        let file = try OpenFile(path, O_WRONLY | O_APPEND | O_CREAT, on: disk)
        let before = try file.identity()
        let line = try chain.line(record, of: run, at: seconds)
        do throws(JournalError) {
            try write(line, to: file)
        } catch {
            last = nil
            // The line is there as a whole or not at all.
            guard ftruncate(file.descriptor, off_t(before.size)) == 0 else {
                trouble = error
                throw error
            }
            throw error
        }
        guard disk.sync(file.descriptor) == 0 else {
            let error = OpenFile.failure(path, "synced")
            (trouble, last) = (error, nil)
            throw error
        }
        if before.size == 0 { try syncDirectory() }
        last = (OpenFile.Identity(size: before.size + line.count, inode: before.inode), chain)
        noteHead(chain)
    }

    private func write(_ line: [UInt8], to file: borrowing OpenFile) throws(JournalError) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = disk.write(file.descriptor, rest)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OpenFile.failure(path, "written") }
            rest = rest.dropFirst(count)
        }
    }

    private func size() throws(JournalError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return 0 }
            throw OpenFile.failure(path, "looked at")
        }
        return Int(status.st_size)
    }

    /// Where the journal ends; a record that was cut off is set aside first.
    private mutating func end() throws(JournalError) -> JournalChain {
        guard try size() > 0 else { return afterHead(try Self.end(of: contents(1))) }
        let file = try OpenFile(path, O_RDWR)
        let identity = try file.identity()
        if let last, last.identity == identity { return last.chain }
        let bytes = try file.contents()
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        if whole < bytes.count {
            try setAside(bytes[whole...])
            guard ftruncate(file.descriptor, off_t(whole)) == 0, disk.sync(file.descriptor) == 0 else {
                throw OpenFile.failure(path, "mended")
            }
        }
        if let end = try Self.end(of: bytes[..<whole]) { return afterHead(end) }
        return afterHead(try Self.end(of: contents(1)))
    }

    /// Where records are missing at the end, the next one goes on after them, so that the gap stays to be seen.
    private func afterHead(_ chain: JournalChain?) -> JournalChain {
        guard let head = head(), head.sequence > chain?.sequence ?? 0 else { return chain ?? JournalChain() }
        return head
    }

    private static func end(of bytes: some Collection<UInt8>) throws(JournalError) -> JournalChain? {
        let lines = Array(bytes).split(separator: UInt8(ascii: "\n"))
        guard let last = lines.last else { return nil }
        var chain = JournalChain.continued
        // A line that cannot be read has no number of its own: count from the last one that has.
        let readable = lines.lastIndex { line in
            var probe = JournalChain.continued
            return (try? probe.read(line))?.entry != nil
        }
        for line in lines[(readable ?? lines.count - 1)..<lines.count] { _ = try chain.read(line) }
        return last.isEmpty ? nil : chain
    }

    private func setAside(_ bytes: ArraySlice<UInt8>) throws(JournalError) {
        let torn = try OpenFile(directory.file("journal.torn"), O_WRONLY | O_APPEND | O_CREAT, on: disk)
        try write(bytes + [UInt8(ascii: "\n")], to: torn)
        guard disk.sync(torn.descriptor) == 0 else { throw OpenFile.failure(torn.path, "synced") }
    }

    private func rotate() throws(JournalError) {
        for number in stride(from: kept - 1, through: 0, by: -1) {
            guard rename(path(number), path(number + 1)) != 0, errno != ENOENT else { continue }
            throw OpenFile.failure(path(number), "set aside")
        }
    }

    private func syncDirectory() throws(JournalError) {
        let file = try OpenFile(directory.path, O_RDONLY | O_DIRECTORY)
        guard disk.sync(file.descriptor) == 0 else { throw OpenFile.failure(directory.path, "synced") }
    }

    // MARK: The head

    /// Number and digest of the last record, so that a journal whose end was cut off is seen; after a power cut it may be behind.
    private func noteHead(_ chain: JournalChain) {
        guard let digest = chain.digest,
            let file = try? OpenFile(directory.file("journal.head"), O_WRONLY | O_CREAT)
        else { return }
        file.overwrite("\(chain.sequence) \(digest)\n")
    }

    func head() -> JournalChain? {
        guard let file = try? OpenFile(directory.file("journal.head"), O_RDONLY), let bytes = try? file.contents()
        else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let sequence = Int(words[0]) else { return nil }
        return JournalChain(sequence: sequence, digest: String(words[1]))
    }

    // MARK: Reading

    /// Empty where there is no such file.
    func contents(_ number: Int) throws(JournalError) -> [UInt8] {
        let descriptor = open(path(number), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw OpenFile.failure(path(number), "opened")
        }
        close(descriptor)
        return try OpenFile(path(number), O_RDONLY).contents()
    }

    func read() throws(JournalError) -> JournalReading {
        var reading = JournalReading()
        var chain: JournalChain?
        for number in stride(from: kept, through: 0, by: -1) {
            let bytes = try contents(number)
            guard !bytes.isEmpty else { continue }
            try read(bytes, path(number), isNewest: number == 0, into: &reading, &chain)
        }
        if let head = head(), (chain?.sequence ?? 0) < head.sequence {
            let last = chain.map { "ends with record \($0.sequence)" } ?? "is empty"
            reading.faults.append("\(path) \(last), and record \(head.sequence) was written: its end was cut off")
        }
        return reading
    }

    private func read(
        _ bytes: [UInt8],
        _ path: String,
        isNewest: Bool,
        into reading: inout JournalReading,
        _ chain: inout JournalChain?
    ) throws(JournalError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let rest = lines.removeLast()
        if isNewest {
            reading.tornBytes = rest.count
        } else if !rest.isEmpty {
            reading.faults.append("\(path) ends in the middle of a record")
        }
        for (index, line) in lines.enumerated() {
            var next = chain ?? (Self.isFirst(line) ? JournalChain() : .continued)
            let read: JournalChain.Reading
            do throws(JournalError) { read = try next.read(line) } catch {
                throw JournalError("line \(index + 1) of \(path): \(error.message)")
            }
            if let fault = read.fault { reading.faults.append("line \(index + 1) of \(path): \(fault)") }
            if let entry = read.entry { reading.entries.append(entry) }
            chain = next
        }
    }

    private static func isFirst(_ line: ArraySlice<UInt8>) -> Bool {
        var probe = JournalChain.continued
        return (try? probe.read(line))?.entry?.sequence == 1
    }
}
