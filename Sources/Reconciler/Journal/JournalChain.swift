internal import FoundationEssentials
internal import Specs

/// A record with its place in the journal.
public struct JournalEntry: Hashable, Sendable {
    /// From 1 on, without a gap, over all files of the journal.
    public var sequence: Int
    /// The run that wrote it.
    public var run: RunID
    /// Seconds since 1970 by the clock of the machine that wrote it.
    public var at: Int
    public var record: JournalRecord

    public init(sequence: Int, run: RunID, at: Int, record: JournalRecord) {
        self.sequence = sequence
        self.run = run
        self.at = at
        self.record = record
    }
}

/// The lines of a journal: how one is written after the one before it, and whether one that is read was changed or cut.
///
/// A line is `{"at":…,"formatVersion":1,"record":{…},"run":"…","sequence":n,"sha256":"…"}`, its last field the SHA-256 of
/// the digest of the line before it (nothing, before the first), a newline, and the line itself without that field.
public struct JournalChain: Hashable, Sendable {
    /// Of the last line; 0 before the first.
    public private(set) var sequence: Int
    /// Of the last line, as it says; nil where that is not there to be read, such as before the oldest file that is kept.
    public private(set) var digest: String?

    /// The start of a new journal.
    public init() { (sequence, digest) = (0, "") }

    /// After a line that says so of itself.
    public init(sequence: Int, digest: String) { (self.sequence, self.digest) = (sequence, digest) }

    /// Somewhere in a journal of which nothing earlier is there.
    public static var continued: JournalChain {
        var chain = JournalChain()
        chain.digest = nil
        return chain
    }

    public static let formatVersion = 1

    private struct Line: Codable {
        var formatVersion: Int
        var sequence: Int
        var run: String
        var at: Int
        var record: JournalRecord
    }

    private struct Version: Codable { var formatVersion: Int }

    private static let seal = Array(#","sha256":""#.utf8)
    private static let end = Array(#""}"#.utf8)
    private static let digestLength = 64

    /// The next line, newline included; the chain goes on after it.
    public mutating func line(_ record: JournalRecord, of run: RunID, at seconds: Int) throws(JournalError) -> [UInt8] {
        let line = Line(
            formatVersion: Self.formatVersion,
            sequence: sequence + 1,
            run: run.text,
            at: seconds,
            record: record
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body: [UInt8]
        do { body = Array(try encoder.encode(line)) } catch {
            throw JournalError("a record cannot be written as JSON: \(error)")
        }
        let digest = Self.digest(of: body[...], after: digest ?? "")
        (sequence, self.digest) = (sequence + 1, digest)
        return body.dropLast() + Self.seal + Array(digest.utf8) + Self.end + [UInt8(ascii: "\n")]
    }

    /// What is wrong with a line, and all that can be read of it.
    public struct Reading: Hashable, Sendable {
        /// nil where it cannot be read.
        public var entry: JournalEntry?
        /// nil where it is what was written.
        public var fault: String?
    }

    /// Reads the next line, without its newline; the chain goes on after it, whatever it is.
    ///
    /// - Throws: It was written in a format that this version does not know.
    public mutating func read(_ line: ArraySlice<UInt8>) throws(JournalError) -> Reading {
        let before = self
        let tail = Self.seal.count + Self.digestLength + Self.end.count
        let body = line.dropLast(tail) + [UInt8(ascii: "}")]
        let stated = line.suffix(Self.digestLength + Self.end.count).prefix(Self.digestLength)
        guard line.count > tail, line.suffix(tail).starts(with: Self.seal), line.suffix(2).elementsEqual(Self.end),
            let parsed = try Self.parse(body)
        else {
            (sequence, digest) = (sequence + 1, sha256(bytes: Array(line)))
            return Reading(entry: nil, fault: "it is no record of a journal")
        }
        let claimed = String(decoding: stated, as: UTF8.self)
        (sequence, digest) = (parsed.sequence, claimed)
        let entry = JournalEntry(
            sequence: parsed.sequence,
            run: RunID(parsed.run),
            at: parsed.at,
            record: parsed.record
        )
        return Reading(entry: entry, fault: Self.fault(parsed.sequence, body, claimed, after: before))
    }

    private static func fault(_ sequence: Int, _ body: ArraySlice<UInt8>, _ claimed: String, after: Self) -> String? {
        guard let digest = after.digest else { return nil }
        guard sequence == after.sequence + 1 else {
            return "it is record \(sequence), where record \(after.sequence + 1) should be"
        }
        guard Self.digest(of: body, after: digest) == claimed else {
            return "its checksum does not fit: it, or the record before it, was changed"
        }
        return nil
    }

    /// nil where it is no record.
    private static func parse(_ body: ArraySlice<UInt8>) throws(JournalError) -> Line? {
        let data = Data(body)
        if let line = try? JSONDecoder().decode(Line.self, from: data), line.formatVersion == formatVersion {
            return line
        }
        guard let version = try? JSONDecoder().decode(Version.self, from: data).formatVersion, version > formatVersion
        else { return nil }
        throw JournalError(
            "it was written in format \(version), and this version of reconciler knows \(formatVersion): use the newer one"
        )
    }

    private static func digest(of body: ArraySlice<UInt8>, after previous: String) -> String {
        sha256(bytes: Array(previous.utf8) + [UInt8(ascii: "\n")] + body)
    }
}

/// A journal as it was read.
public struct JournalReading: Hashable, Sendable {
    public var entries: [JournalEntry] = []
    /// Where it was changed or cut: sentences with file and line.
    public var faults: [String] = []
    /// Bytes after the last whole line: a record that was being written when the power went.
    public var tornBytes = 0
    /// The run that goes on at this moment, on this machine.
    public var underWay: RunID?

    public init() {}
}
