import Specs

@testable import Reconciler

/// One node of `ExecuteWorld`.
struct SimulatedNode: Sendable {
    struct File: Hashable, Sendable {
        var content: String
        var mode = 0o644
        var owner = "root"
        var group = "root"
        var version: Int
    }

    struct Process: Sendable {
        var pid: Int
        /// Serves from then on.
        var readyAt: Duration
        /// The files it reads, as they were at its start.
        var read: [String: String]
    }

    struct Daemon: Sendable {
        var process: Process?
        var boot = ServiceAnswer.Boot.on
        /// The files it reads when it starts.
        var reads: [String] = []
        var startTime = Duration.seconds(2)
        var restarts = 0
        /// It ends right after its start, again and again.
        var isBroken = false
        var port: Int?
    }

    struct Job: Sendable {
        var packages: [PackageInstall]
        var endsAt: Duration
        var isDone = false
        var failure: String?
        /// What it does instead of installing.
        var image: ImageNodeAct?
    }

    struct LeaseFile: Hashable, Sendable {
        var holder: LeaseHolder
        var since: Int
        var until: Int
    }

    var isUp = true
    var files: [String: File] = [:]
    var services: [ServiceName: Daemon] = [:]
    var packages: [String: String] = [:]
    /// What a package brings when it is installed: files, and services its scripts start unless they are masked.
    var offered: [String: (version: String, files: [String: String], services: [ServiceName])] = [:]
    var installTime = Duration.seconds(40)
    /// What every program here says of its flags; nil: it cannot be asked.
    var knownFlags: [String]?
    var jobs: [String: Job] = [:]
    var jobsStarted = 0
    var held: Set<String> = []
    var applied: [String: AppliedEntry] = [:]
    var lease: LeaseFile?
    /// nil: Docker is not there.
    var engine: SimulatedEngine?
    /// Digests in the directory of parts; nil: there is none.
    var parts: Set<String>?
    /// Added to the common time; seconds.
    var clockOffset = 0
    var address = "10.0.0.1"
    var platform = PlatformAnswer(
        osID: "debian",
        osVersion: "12",
        initSystem: "systemd",
        packageManager: "apt",
        hostname: "node",
        machine: "x86_64",
        wrapperAgentDirectory: ""
    )
    private var nextVersion = 1

    mutating func write(_ path: String, _ content: String, mode: Int? = nil, owner: String? = nil, group: String? = nil)
    {
        nextVersion += 1
        var file = files[path] ?? File(content: content, version: nextVersion)
        (file.content, file.version) = (content, nextVersion)
        (file.mode, file.owner, file.group) = (mode ?? file.mode, owner ?? file.owner, group ?? file.group)
        files[path] = file
    }

    mutating func start(_ service: ServiceName, pid: Int, _ now: Duration) {
        guard var daemon = services[service] else { return }
        let read = daemon.reads.map { ($0, files[$0]?.content ?? "") }
        daemon.process = Process(
            pid: pid,
            readyAt: now + daemon.startTime,
            read: Dictionary(read) { first, _ in first }
        )
        services[service] = daemon
    }

    func isServing(_ service: ServiceName, _ now: Duration) -> Bool {
        guard isUp, let daemon = services[service], let process = daemon.process, !daemon.isBroken else { return false }
        return process.readyAt <= now
    }

    func seconds(_ now: Duration) -> Int { 1_700_000_000 + Int(now.components.seconds) + clockOffset }
}
