public import Specs

/// Where the loop's declaration comes from, look by look: a branch of a git repository, or a file.
public protocol LoopSource: Sendable {
    /// What is there now; bounded in time by itself.
    func newest() async -> LoopOffer
    /// The last one that was read whole, also before this process began; nil where none is kept.
    ///
    /// Asked where the newest is of no use and nothing was declared yet.
    func lastGood() async -> LoopDeclaration?
}

extension LoopSource {
    public func lastGood() async -> LoopDeclaration? { nil }
}

/// What a source has.
public enum LoopOffer: Sendable {
    /// Read whole, without an error.
    case declared(LoopDeclaration)
    /// There, and cannot be read or has errors: never taken for an empty one.
    case unreadable(revision: String?, reason: String)
    /// The repository could not be asked.
    case unreachable(reason: String)
}

/// A declaration as the loop needs to know it.
public struct LoopDeclaration: Sendable {
    /// Gives the loop over the declared cluster to `body`.
    ///
    /// With `writes` under the cluster's lease, taken before anything is observed. Trips of `interruption` stop a run as a
    /// person would.
    /// - Throws: `LoopTrouble` where there is no loop to be had, and what `body` throws.
    public typealias Open =
        @Sendable (
            _ writes: Bool,
            _ interruption: Interruption,
            _ body: @escaping @Sendable (Reconciliation) async throws -> Void
        ) async throws -> Void

    public var cluster: String
    /// Tells one content from another: a git revision, or a digest of everything that was read.
    public var identity: String
    /// nil outside git.
    public var revision: String?
    public var limits: LoopLimits
    public var ignore: [ResourcePattern]
    public var intervalSeconds: Int
    public var open: Open

    public init(
        cluster: String,
        identity: String,
        revision: String?,
        limits: LoopLimits,
        ignore: [ResourcePattern] = [],
        intervalSeconds: Int = 300,
        open: @escaping Open
    ) {
        self.cluster = cluster
        self.identity = identity
        self.revision = revision
        self.limits = limits
        self.ignore = ignore
        self.intervalSeconds = intervalSeconds
        self.open = open
    }
}

/// Why a round came to nothing.
public struct LoopTrouble: Error, Hashable, Sendable {
    /// Another holds the cluster's lease: no failure of ours.
    public var isBusy: Bool
    public var message: String

    public init(isBusy: Bool = false, _ message: String) {
        self.isBusy = isBusy
        self.message = message
    }
}

/// What the loop needs of the machine that it runs on.
public struct LoopTools: Sendable {
    /// One that goes on while the machine sleeps.
    public var clock: any Clock<Duration>
    /// Seconds since 1970.
    public var now: @Sendable () -> Int
    /// The machine's local time, for windows.
    public var local: @Sendable (_ now: Int) -> TimeWindow.Instant
    /// A number in 0..<1.
    public var jitter: @Sendable () -> Double
    /// Whether somebody paused the loop; where that cannot be read, it counts as paused.
    public var pause: @Sendable () -> Observation<LoopPause>
    /// Items that somebody resumed since it was asked last; nil among them stands for all.
    public var resumed: @Sendable () -> [LoopItem?]
    public var load: @Sendable () -> LoopMemory
    /// - Throws: Nothing: a memory that cannot be kept is told by whoever keeps it.
    public var save: @Sendable (LoopMemory) -> Void
    /// The state after every change, with the plan of the last look.
    public var publish: @Sendable (LoopStatus, Plan?) -> Void
    /// Must not wait for whoever is told.
    public var notify: @Sendable (LoopNotice) -> Void

    public init(
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Int,
        local: @escaping @Sendable (Int) -> TimeWindow.Instant,
        jitter: @escaping @Sendable () -> Double,
        pause: @escaping @Sendable () -> Observation<LoopPause>,
        resumed: @escaping @Sendable () -> [LoopItem?],
        load: @escaping @Sendable () -> LoopMemory,
        save: @escaping @Sendable (LoopMemory) -> Void,
        publish: @escaping @Sendable (LoopStatus, Plan?) -> Void,
        notify: @escaping @Sendable (LoopNotice) -> Void
    ) {
        self.clock = clock
        self.now = now
        self.local = local
        self.jitter = jitter
        self.pause = pause
        self.resumed = resumed
        self.load = load
        self.save = save
        self.publish = publish
        self.notify = notify
    }
}
