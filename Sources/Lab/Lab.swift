// A simulated cluster: nodes with files, packages and services, and on them the daemons of `Daemons`.

public import Daemons
internal import FoundationEssentials
public import Reconciler

/// The lab: one world, its time, and where it is kept.
///
/// Everything that is asked or done here is one step; several programs may share a directory.
public final class Lab: Sendable {
    private let store: LabStore
    private let time: LabTime

    /// A world in memory, gone with this object.
    ///
    /// - Parameters:
    ///   - world: Where it begins.
    ///   - pace: Simulated seconds in a real one, at most; nil for no limit.
    public convenience init(_ world: LabWorld, pace: Double? = nil) {
        self.init(LabStore(world), now: world.now, pace: pace)
    }

    /// The world that is kept in `directory`.
    ///
    /// - Parameters:
    ///   - directory: Where `create` made one.
    ///   - pace: Simulated seconds in a real one, at most; nil for no limit.
    /// - Throws: There is none, or it cannot be read; with the next move.
    public convenience init(directory: String, pace: Double? = nil) throws(LabError) {
        let store = try LabStore(directory: directory)
        self.init(store, now: try store.read { $0.now }, pace: pace)
    }

    private init(_ store: LabStore, now: Moment, pace: Double?) {
        self.store = store
        time = LabTime(now: now, pace: pace) { moment in try store.pass(to: moment) }
    }

    /// Keeps `world` in `directory`, which is made as needed.
    ///
    /// - Returns: Whether it was; false where one is kept there already, which stays.
    /// - Throws: The directory cannot be written.
    @discardableResult
    public static func create(_ world: LabWorld, in directory: String) throws(LabError) -> Bool {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw LabError(.storage, "\(directory) cannot be made\(reason(error)); \(LabFile.elsewhere)")
        }
        let file = LabFile(directory: directory)
        return try file.locked { () throws(LabError) in
            do throws(LabError) {
                _ = try file.version()
                return false
            } catch {
                guard error.kind == .missing else { throw error }
                _ = try file.save(world, generation: 1)
                return true
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileWriteNoPermission?: ": Permission denied"
        case .fileWriteOutOfSpace?: ": No space left on device"
        case .fileWriteVolumeReadOnly?: ": Read-only file system"
        case .fileWriteFileExists?: ": a file is in the way"
        default: ""
        }
    }

    /// Forgets what is kept in `directory`; nothing there is fine.
    ///
    /// - Throws: The directory cannot be written.
    public static func reset(_ directory: String) throws(LabError) {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        let file = LabFile(directory: directory)
        try file.locked { () throws(LabError) in try file.remove() }
    }

    // MARK: Time

    /// Simulated time; sleeping on it is what makes it pass.
    public var clock: LabClock { LabClock(time: time) }

    /// Where unstructured tasks must run for simulated time to wait for them: `Task(executorPreference:)`.
    public var executor: any TaskExecutor { time }

    /// Runs `body`, and the child tasks it makes, in simulated time: whenever all of them sleep, time jumps on.
    ///
    /// What time did is saved at the end, however `body` ends.
    ///
    /// - Throws: What `body` throws; else `LabError` where it could not be saved.
    public func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let result: Result
        do { result = try await time.run(body) } catch {
            // One of them can be told, and this came first.
            try? store.save()
            throw error
        }
        try store.save()
        return result
    }

    // MARK: The world

    /// The world as it is now.
    public func read<Result: Sendable>(_ body: (LabWorld) -> sending Result) throws(LabError) -> sending Result {
        let (result, now) = try store.read { (body($0), $0.now) }
        time.catchUp(to: now)
        return result
    }

    /// Does something to the world and saves it; time may have passed afterwards.
    ///
    /// - Throws: What `body` throws, or that the directory cannot be read or written.
    public func change<Result: Sendable>(
        _ body: (inout LabWorld) throws(LabError) -> sending Result
    ) throws(LabError) -> sending Result {
        try change(saving: true, body)
    }

    /// Lets time pass as far as that moment, which is time's own doing and needs no saving.
    public func pass(to moment: Moment) throws(LabError) {
        time.catchUp(to: try store.pass(to: moment))
    }

    /// Saves what time has done.
    public func save() throws(LabError) { try store.save() }

    /// Runs `body`, which waits for a person, while simulated time goes no faster than his own.
    public func inRealTime<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let before = time.setPace(1)
        defer { _ = time.setPace(before) }
        return try await body()
    }

    /// Asks the world something, which may take its time but changes nothing that must be kept.
    ///
    /// - Throws: What `body` throws, or that the directory cannot be read.
    public func ask<Result: Sendable>(
        _ body: (inout LabWorld) throws(LabError) -> sending Result
    ) throws(LabError) -> sending Result {
        try change(saving: false, body)
    }

    private func change<Result: Sendable>(
        saving: Bool,
        _ body: (inout LabWorld) throws(LabError) -> sending Result
    ) throws(LabError) -> sending Result {
        let (result, now) = try store.change(saving: saving) { (world: inout LabWorld) throws(LabError) in
            (try body(&world), world.now)
        }
        time.catchUp(to: now)
        return result
    }

    /// The way to its nodes.
    public func access(secrets: SecretStore = SecretStore()) -> LabNodeAccess {
        LabNodeAccess(lab: self, secrets: secrets)
    }
}
