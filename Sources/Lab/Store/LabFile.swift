import FoundationEssentials
import Glibc

/// The file a world is kept in: a line that says what it is, then the world as JSON with sorted keys.
///
/// Replaced as a whole, so a reader never sees half of one; the lock beside it is held for each step.
struct LabFile: Sendable {
    struct Saved {
        var generation: Int
        var world: LabWorld
    }

    let directory: String

    /// Of the format; raised when an older program could not read the file.
    static let format = 2

    private static let title = "reconciler-lab"
    private var path: String { directory + "/world" }

    /// Runs `body` while nobody else does; waits for whoever does.
    ///
    /// The lock goes with the process that holds it.
    /// - Throws: The directory cannot be used, or what `body` throws.
    func locked<Result>(_ body: () throws(LabError) -> Result) throws(LabError) -> Result {
        let lock = open(directory + "/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            guard errno != ENOENT else { throw missing }
            throw trouble("cannot be used", errno)
        }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw trouble("cannot be locked", errno) }
        }
        return try body()
    }

    /// Of the file as it is now; cheap.
    func generation() throws(LabError) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? missing : trouble("cannot be read", errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        return try header(bytes.prefix(max(count, 0))).generation
    }

    func load() throws(LabError) -> Saved {
        guard FileManager.default.fileExists(atPath: path) else { throw missing }
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch { throw trouble("cannot be read", error) }
        let (generation, length) = try header(data.prefix(64))
        do {
            return Saved(generation: generation, world: try Self.decoded(data.dropFirst(length)))
        } catch {
            throw LabError(.unreadable, "the lab in \(path) is damaged; `lab reset` throws it away (\(error))")
        }
    }

    func save(_ world: LabWorld, generation: Int) throws(LabError) {
        var data = Data("\(Self.title) \(Self.format) \(generation)\n".utf8)
        do {
            data.append(contentsOf: try Self.encoded(world))
            try data.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw trouble("cannot be written", error)
        }
    }

    /// The same for equal worlds, in every process.
    static func encoded(_ world: LabWorld) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(world))
    }

    static func decoded(_ bytes: some Collection<UInt8>) throws -> LabWorld {
        try JSONDecoder().decode(LabWorld.self, from: Data(bytes))
    }

    /// Forgets the world; the lock stays.
    func remove() throws(LabError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw trouble("cannot be removed", errno) }
    }

    private func header(_ bytes: some Collection<UInt8>) throws(LabError) -> (generation: Int, length: Int) {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard line.count < bytes.count, words.count == 3, words[0] == Self.title, let format = Int(words[1]),
            let generation = Int(words[2])
        else { throw LabError(.unreadable, "\(path) is no lab, or a damaged one; `lab reset` throws it away") }
        guard format == Self.format else {
            throw LabError(
                .unreadable,
                "the lab in \(path) was made by \(format > Self.format ? "a newer" : "an older") version of this program "
                    + "(format \(format), this one reads \(Self.format)); `lab reset` throws it away"
            )
        }
        return (generation, line.count + 1)
    }

    private var missing: LabError {
        LabError(.missing, "there is no lab in \(directory); `lab up` makes one")
    }

    private func trouble(_ what: String, _ code: CInt) -> LabError {
        LabError(.storage, "the lab in \(directory) \(what): \(String(cString: strerror(code)))")
    }

    private func trouble(_ what: String, _ error: any Error) -> LabError {
        LabError(.storage, "the lab in \(directory) \(what): \(error)")
    }
}
