internal import Daemons
internal import Specs

/// What a package says of a service.
struct LabServiceDefinition: Hashable, Sendable, Codable {
    /// Who starts it, and what becomes of it when its process ends.
    enum Supervisor: Hashable, Sendable, Codable {
        /// `/etc/init/NAME.conf` with `respawn`: ten times in five seconds, then never (mesos-zk-ops.md 1.1).
        case upstart
        /// nil: `Restart=no`. At most `burst` starts within `interval`, else it has failed.
        case systemd(restartMilliseconds: Int?, burst: Int = 5, intervalMilliseconds: Int = 10_000)
        /// A script in /etc/init.d, which systemd wraps: it has no main process and is not started again.
        case systemV
    }

    var name: ServiceName
    var supervisor: Supervisor
    var program: LabProgram
    /// Of the program, upstream.
    var version: String
    /// Command line where no wrapper makes it.
    var command: [String] = []
    /// The unit or job in /etc that makes it, where no package does.
    var unitFile: String?
    /// Whether that unit has no `[Install]`, so that nothing can enable it; nil where a package makes it.
    var isStatic: Bool?
}

/// A service as its supervisor keeps it.
struct LabService: Hashable, Sendable, Codable {
    enum Phase: Hashable, Sendable, Codable {
        case stopped
        case running
        /// `activating (auto-restart)`.
        case restarting(at: Moment)
        case failed
        /// A wrapped script that was started and of whose processes none is left: `active (exited)`.
        case exited
    }

    var definition: LabServiceDefinition
    var phase = Phase.stopped
    var process: LabProcess?
    /// Starts by its supervisor since the last by hand.
    var restarts = 0
    /// When it was started of late, as far as its supervisor's limit looks back.
    var recentStarts: [Moment] = []
    /// upstart's count and its beginning (job_process.c, `job_process_catch_runaway`).
    var respawns = 0
    var respawnsSince: Moment?

    init(_ definition: LabServiceDefinition) { self.definition = definition }
}

/// The services of a node by name; few, and saved in one order.
struct LabServices: Hashable, Sendable, Codable {
    /// Sorted by name.
    private(set) var all: [LabService] = []

    var names: [ServiceName] { all.map(\.definition.name) }

    subscript(name: ServiceName) -> LabService? {
        get { all.first { $0.definition.name == name } }
        set {
            let index = all.firstIndex { $0.definition.name >= name } ?? all.count
            let isThere = index < all.count && all[index].definition.name == name
            switch (newValue, isThere) {
            case (let service?, true): all[index] = service
            case (let service?, false): all.insert(service, at: index)
            case (nil, true): all.remove(at: index)
            case (nil, false): break
            }
        }
    }
}
