import Glibc
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Transport

@Suite("The journal in its files")
struct FileJournalTests {
    /// A state directory of one test, gone with it.
    private final class Place {
        let directory: StateDirectory

        init() {
            var template = Array("/tmp/reconciler-journal-XXXXXX".utf8CString)
            mkdtemp(&template)
            let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            directory = StateDirectory(cluster: "east", override: path + "/state", environment: [:])
        }

        deinit {
            for name in names { unlink(directory.file(name)) }
            rmdir(directory.path)
            rmdir(String(directory.path.dropLast("/state".count)))
        }

        var names: [String] {
            guard let entries = opendir(directory.path) else { return [] }
            defer { closedir(entries) }
            var names: [String] = []
            while let entry = readdir(entries) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names.sorted()
        }

        func journal(
            disk: JournalDisk = JournalDisk(),
            limit: Int = 1 << 20,
            kept: Int = 8
        ) -> FileJournal {
            FileJournal(directory, disk: disk, limit: limit, kept: kept) { 1_700_000_000 }
        }

        func text(_ name: String = "journal.jsonl") throws -> String {
            String(decoding: try OpenFile(directory.file(name), O_RDONLY).contents(), as: UTF8.self)
        }

        func write(_ text: String, to name: String = "journal.jsonl") throws {
            let file = try OpenFile(directory.file(name), O_WRONLY | O_CREAT | O_TRUNC)
            file.overwrite(text)
        }
    }

    private func outcome(_ step: Int) -> JournalRecord { .outcome(step: step, .applied) }

    private func filled(_ place: Place, _ count: Int, run: String = "r1", limit: Int = 1 << 20) throws {
        let journal = try place.journal(limit: limit).begin(RunID(run))
        for step in 1...count { try journal.append(outcome(step)) }
        journal.close()
    }

    @Test("what is appended is read again, in its order, and the files are this user's alone")
    func roundTrip() throws {
        let place = Place()
        try filled(place, 3)
        let reading = try place.journal().read()
        #expect(reading.entries.map(\.sequence) == [1, 2, 3])
        #expect(reading.entries.map(\.record) == (1...3).map(outcome))
        #expect(reading.entries.allSatisfy { $0.run == RunID("r1") && $0.at == 1_700_000_000 })
        #expect(reading.faults == [] && reading.tornBytes == 0 && reading.underWay == nil)
        var status = stat()
        #expect(stat(place.directory.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(place.directory.file("journal.jsonl"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("where nothing was ever written nothing is read, and nothing is made by reading")
    func nothingThere() throws {
        let place = Place()
        #expect(try place.journal().read() == JournalReading())
        #expect(access(place.directory.path, F_OK) != 0)
    }

    @Test("a second process goes on with the number and the checksum of the first")
    func continued() throws {
        let place = Place()
        try filled(place, 2)
        try filled(place, 2, run: "r2")
        let reading = try place.journal().read()
        #expect(reading.entries.map(\.sequence) == [1, 2, 3, 4] && reading.faults == [])
    }

    @Test("two that write at once leave one whole chain")
    func interleaved() async throws {
        let place = Place()
        let first = place.journal()
        let second = place.journal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, journal) in [("a", first), ("b", second)] {
                group.addTask { for step in 1...50 { try journal.append(outcome(step), of: RunID(name)) } }
            }
            try await group.waitForAll()
        }
        let reading = try first.read()
        #expect(reading.entries.map(\.sequence) == Array(1...100) && reading.faults == [])
        for name in ["a", "b"] {
            let own = reading.entries.filter { $0.run == RunID(name) }.map(\.record)
            #expect(own == (1...50).map(outcome))
        }
    }

    @Test("a run that goes on is told from one that is over, and keeps a second one out by its name")
    func oneRunAtATime() throws {
        let place = Place()
        let open = try place.journal().begin(RunID("r1"))
        try open.append(outcome(1))
        #expect(try place.journal().read().underWay == RunID("r1"))
        do {
            _ = try place.journal().begin(RunID("r2"))
            Issue.record("two runs at once")
        } catch {
            #expect(error.message.contains("the run r1 of process \(getpid()) goes on"))
        }
        open.close()
        #expect(throws: JournalError.self) { try open.append(outcome(2)) }
        #expect(try place.journal().read().underWay == nil)
        _ = try place.journal().begin(RunID("r2"))
    }

    @Test("a child that was being started while a run went on does not keep it going")
    func inherited() throws {
        let place = Place()
        let open = try place.journal().begin(RunID("r1"))
        let children = openDescriptors(under: place.directory.path).map { dup($0) }
        defer { for child in children { close(child) } }
        #expect(!children.isEmpty)
        open.close()
        #expect(try place.journal().read().underWay == nil)
    }

    private func openDescriptors(under directory: String) -> [Int32] {
        (0..<getdtablesize()).filter { descriptor in
            var path = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &path, path.count)
            let text = String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return text.hasPrefix(directory + "/")
        }
    }

    @Test("a record cut off at any byte is set aside, never lost, and the next one stands in its place")
    func torn() throws {
        let whole = Place()
        try filled(whole, 2)
        let text = try whole.text()
        let first = text.utf8.split(separator: UInt8(ascii: "\n"))[0].count + 1
        for length in stride(from: first + 1, to: text.utf8.count, by: 7) {
            let place = Place()
            try place.directory.prepare()
            let cut = String(decoding: Array(text.utf8)[..<length], as: UTF8.self)
            try place.write(cut)
            #expect(try place.journal().read().tornBytes == length - first)
            #expect(try place.journal().read().faults == [])
            try filled(place, 1, run: "r2")
            let reading = try place.journal().read()
            #expect(reading.entries.map(\.run) == [RunID("r1"), RunID("r2")], "cut to \(length)")
            #expect(reading.entries.map(\.sequence) == [1, 2] && reading.faults == [] && reading.tornBytes == 0)
            #expect(try place.text("journal.torn") == String(cut.dropFirst(first)) + "\n")
        }
    }

    @Test("every line that is edited, removed, moved or added is seen, and appending hides nothing")
    func tampered() throws {
        let whole = Place()
        try filled(whole, 5)
        let lines = try whole.text().split(separator: "\n").map(String.init)
        var cases: [(String, [String])] = []
        for index in lines.indices {
            var edited = lines
            edited[index] = edited[index].replacing("applied", with: "failedX")
            cases.append(("edited \(index)", edited))
            var garbage = lines
            garbage[index] = "nonsense"
            cases.append(("garbage \(index)", garbage))
            var removed = lines
            removed.remove(at: index)
            // What is cut off at the beginning cannot be told from what was rotated away.
            if index > 0 { cases.append(("removed \(index)", removed)) }
            cases.append(("doubled \(index)", Array(lines[...index]) + Array(lines[index...])))
            if index > 0 {
                var swapped = lines
                swapped.swapAt(index, index - 1)
                cases.append(("swapped \(index)", swapped))
            }
        }
        for (name, lines) in cases {
            let place = Place()
            try place.directory.prepare()
            try place.write(lines.map { $0 + "\n" }.joined())
            try place.write(whole.text("journal.head"), to: "journal.head")
            #expect(try !place.journal().read().faults.isEmpty, "\(name)")
            try filled(place, 2, run: "r2")
            let reading = try place.journal().read()
            #expect(!reading.faults.isEmpty, "\(name), appended to")
            #expect(reading.entries.suffix(2).map(\.run) == [RunID("r2"), RunID("r2")], "\(name)")
        }
    }

    @Test("a journal larger than its bound is set aside in numbered files, the oldest goes, the chain goes on")
    func rotation() throws {
        let place = Place()
        let journal = place.journal(limit: 600, kept: 3)
        for step in 1...40 { try journal.append(outcome(step), of: RunID("r1")) }
        let journals = place.names.filter { $0.hasPrefix("journal.jsonl") }
        #expect(journals == ["journal.jsonl", "journal.jsonl.1", "journal.jsonl.2", "journal.jsonl.3"])
        let reading = try place.journal(kept: 3).read()
        #expect(reading.faults == [])
        #expect(reading.entries.last?.sequence == 40)
        let numbers = reading.entries.map(\.sequence)
        #expect(numbers == Array((numbers.first ?? 0)...40) && numbers.count < 40)
        // The power goes between the setting aside and the next record.
        rename(place.directory.file("journal.jsonl.1"), place.directory.file("journal.jsonl.2"))
        rename(place.directory.file("journal.jsonl"), place.directory.file("journal.jsonl.1"))
        try place.journal(limit: 600, kept: 3).append(outcome(41), of: RunID("r2"))
        #expect(try place.journal(kept: 3).read().entries.last?.sequence == 41)
    }

    @Test("on a full disk the record is refused with words, and nothing of it stays")
    func diskFull() throws {
        let place = Place()
        try filled(place, 1)
        let before = try place.text()
        var full = JournalDisk()
        full.open = { path, flags in
            path.hasSuffix(".jsonl") ? open("/dev/full", flags & ~O_CREAT) : JournalDisk().open(path, flags)
        }
        do {
            try place.journal(disk: full).append(outcome(2), of: RunID("r1"))
            Issue.record("/dev/full took a record")
        } catch {
            #expect(error.message.contains("cannot be written: No space left on device"))
        }
        var half = JournalDisk()
        let calls = Mutex(0)
        half.write = { file, bytes in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            guard call == 1 else {
                errno = ENOSPC
                return -1
            }
            return JournalDisk().write(file, bytes.prefix(bytes.count / 2))
        }
        let journal = place.journal(disk: half)
        #expect(throws: JournalError.self) { try journal.append(outcome(2), of: RunID("r1")) }
        #expect(calls.withLock { $0 } == 2)
        #expect(try place.text() == before)
        try filled(place, 1, run: "r2")
        #expect(try place.journal().read().entries.map(\.sequence) == [1, 2])
    }

    @Test("after a sync that failed nothing is written any more")
    func syncFails() throws {
        let place = Place()
        let isBroken = Mutex(false)
        var disk = JournalDisk()
        disk.sync = { file in
            guard isBroken.withLock({ $0 }) else { return fsync(file) }
            errno = EIO
            return -1
        }
        let journal = place.journal(disk: disk)
        try journal.append(outcome(1), of: RunID("r1"))
        isBroken.withLock { $0 = true }
        #expect(throws: JournalError.self) { try journal.append(outcome(2), of: RunID("r1")) }
        isBroken.withLock { $0 = false }
        #expect(throws: JournalError.self) { try journal.append(outcome(3), of: RunID("r1")) }
    }

    @Test("where no directory can be made, it is said which")
    func noPlace() throws {
        let place = Place()
        let file = String(place.directory.path.dropLast("/state".count)) + "/file"
        _ = try OpenFile(file, O_WRONLY | O_CREAT)
        defer { unlink(file) }
        let below = StateDirectory(cluster: "east", override: file + "/state", environment: [:])
        do {
            _ = try FileJournal(below) { 0 }.begin(RunID("r1"))
            Issue.record("a directory below a file")
        } catch {
            #expect(error.message.contains(file))
        }
    }

    @Test("what a later version wrote is not taken for damage, and not written to")
    func newer() throws {
        let place = Place()
        try filled(place, 1)
        let line = try place.text().replacing(#""formatVersion":1"#, with: #""formatVersion":2"#)
        try place.write(line)
        for attempt in [{ _ = try place.journal().read() }, { try place.journal().append(outcome(2), of: RunID("r")) }]
        {
            do {
                try attempt()
                Issue.record("a later format was understood")
            } catch {
                #expect("\(error)".contains("format 2"))
            }
        }
        #expect(try place.text() == line)
    }
}

@Suite("The state directory")
struct StateDirectoryTests {
    @Test(
        "is where it is said, else below XDG_STATE_HOME, else below HOME",
        arguments: [
            ("/x", ["HOME": "/home/ops"], "/x"), (nil, ["HOME": "/home/ops"], "/home/ops/.local/state/reconciler/east"),
            (nil, ["HOME": "/home/ops", "XDG_STATE_HOME": "/var/s"], "/var/s/reconciler/east"),
            (nil, ["HOME": "/home/ops", "XDG_STATE_HOME": "relative"], "/home/ops/.local/state/reconciler/east"),
        ] as [(String?, [String: String], String)]
    )
    func place(override: String?, environment: [String: String], path: String) {
        let directory = StateDirectory(cluster: "east", override: override, environment: environment)
        #expect(directory.path == path && directory.file("a") == path + "/a")
    }

    @Test("a cluster's name never leads out of it", arguments: ["..", ".", "a/b", "../x", "é"])
    func names(cluster: String) {
        let path = StateDirectory(cluster: cluster, override: nil, environment: ["HOME": "/h"]).path
        let rest = path.dropFirst("/h/.local/state/reconciler/".count)
        #expect(!rest.isEmpty && !rest.contains("/") && rest.first != ".")
    }
}
