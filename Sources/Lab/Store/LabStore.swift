import Daemons
import Synchronization

/// The world and, where it is kept in a directory, its file: one step at a time, for all programs that share it.
final class LabStore: Sendable {
    private struct Held {
        var world: LabWorld
        /// Of the file this was read from or written to; nil where none is.
        var version: LabFile.Version?

        mutating func save(in file: LabFile) throws(LabError) {
            version = try file.save(world, generation: (version?.generation ?? 0) + 1)
        }
    }

    private let held: Mutex<Held>
    private let file: LabFile?

    init(_ world: LabWorld) {
        held = Mutex(Held(world: world, version: nil))
        file = nil
    }

    init(directory: String) throws(LabError) {
        let file = LabFile(directory: directory)
        let saved = try file.locked { () throws(LabError) in try file.load() }
        held = Mutex(Held(world: saved.world, version: saved.version))
        self.file = file
    }

    /// Does one thing to the world and saves it, unless it leaves nothing behind that others must see.
    ///
    /// What `body` throws is thrown on, and what it did until then is saved too.
    func change<Result: Sendable>(
        saving: Bool = true,
        _ body: (inout LabWorld) throws(LabError) -> sending Result
    ) throws(LabError) -> sending Result {
        try locked { (held: inout Held) throws(LabError) in
            let result: Swift.Result<Result, LabError>
            do throws(LabError) {
                result = .success(try body(&held.world))
            } catch {
                result = .failure(error)
            }
            if saving, let file { try held.save(in: file) }
            return try result.get()
        }
    }

    /// Looks at the world as it is now, whoever changed it last.
    func read<Result: Sendable>(_ body: (LabWorld) -> sending Result) throws(LabError) -> sending Result {
        try locked { (held: inout Held) throws(LabError) in body(held.world) }
    }

    /// Lets time pass, and says how late it is then.
    ///
    /// Saved with the next change only: whoever reads the file before gets there by himself, time being no choice.
    func pass(to moment: Moment) throws(LabError) -> Moment {
        try locked { (held: inout Held) throws(LabError) in
            held.world.advance(to: moment)
            return held.world.now
        }
    }

    /// Saves what time has done.
    func save() throws(LabError) {
        guard let file else { return }
        try locked { (held: inout Held) throws(LabError) in
            try held.save(in: file)
        }
    }

    private func locked<Result: Sendable>(
        _ body: (inout Held) throws(LabError) -> sending Result
    ) throws(LabError) -> sending Result {
        try held.withLock { (held: inout sending Held) throws(LabError) in
            guard let file else { return try body(&held) }
            return try file.locked { () throws(LabError) in
                if try file.version() != held.version {
                    let now = held.world.now
                    let saved = try file.load()
                    held = Held(world: saved.world, version: saved.version)
                    held.world.advance(to: now)
                }
                return try body(&held)
            }
        }
    }
}
