public import Daemons
public import Reconciler
public import Specs

/// One simulated node as a value: files, packages, services and their processes.
///
/// It answers the engine's requests as the node script does on a real one (`Sources/Transport/NodeScript/Shell`), and
/// tells the world around it of processes that begin and end. It does nothing by itself: `advance(to:)` moves it on.
public struct LabNode: Sendable, Codable {
    public let name: NodeName
    /// The node's own address.
    public var address: String
    /// What names resolve to on this node, its /etc/hosts and DNS in one; in the order `getent ahosts` gives.
    public var hosts: [String: [String]]
    /// Its links, routes and resolver.
    ///
    /// nil: as a bare system of its platform has them (`standardWiring`). The host name is not from here.
    public var wiring: NetworkAnswer?
    /// The kernel's; nil in worlds saved before it was kept.
    var kernelHostname: String?
    /// Who its cable leads to; nil: to whoever asks, whatever its link is like.
    public var segment: LabSegment?
    /// A change of its link that is armed and not over.
    var linkGuard: LinkGuard?
    public let platform: LabPlatform
    public var catalogue: LabCatalogue
    /// For the world (daemons' durable files), breakage and tests.
    ///
    /// Times in it are of the node's own clock.
    public var files: FileTree
    /// Added to the world's time for the node's own clock.
    public var clockOffsetMilliseconds = 0
    /// The size of its one file system.
    public var diskBytes = 20_000_000_000
    /// What packages and the system take beside `files`.
    var bulkBytes = 2_000_000_000
    public var cpus = 4
    public var memoryMegabytes = 8192
    /// Overrides what follows from the installed Docker package and its service.
    public var dockerProbe: DockerProbe?
    /// From the first start of its service on; for the world (containers), breakage and tests.
    public var engine: DockerEngine?
    /// What the parts in the directory of parts are, by digest.
    var stagedParts: [String: StagedPart]?
    /// When the janitor of that directory removes it, unless a part is added before; nil where there is no janitor.
    var partsEnd: Moment?
    /// Loads and pulls that run detached, by run and job.
    var imageJobs: [String: ImageJob]?
    /// Whether a cgroup v1 `cpu` hierarchy is mounted.
    public var hasCPUHierarchy: Bool
    public internal(set) var isUp = true
    /// Changes with every boot.
    public internal(set) var bootID: String
    var bootedAt: Moment
    var bootsAt: Moment?
    var packages: [String: InstalledPackage] = [:]
    var services = LabServices()
    var jobs: [String: PackageJob] = [:]
    /// Users of the system, and groups of the same names.
    var users = ["root", "daemon", "bin", "sys", "mail", "www-data", "nobody", "sshd"]
    var groups: [String] { users + ["adm", "docker", "sudo", "nogroup"] }
    var nextPID: Int
    var numbers: SeededNumbers
    var events: [LabNodeEvent] = []

    /// A bare system: nothing is installed of what a cluster needs.
    public init(
        name: NodeName,
        address: String,
        hosts: [String: [String]],
        platform: LabPlatform,
        catalogue: LabCatalogue,
        seed: UInt64,
        at now: Moment
    ) {
        self.name = name
        self.address = address
        self.hosts = hosts
        self.platform = platform
        self.catalogue = catalogue
        files = FileTree()
        hasCPUHierarchy = platform.hasCPUHierarchy
        numbers = SeededNumbers(seed, for: name.text)
        bootID = numbers.uuid()
        bootedAt = now
        nextPID = 400 + Int(numbers.next() % 400)
        layBaseSystem(at: now)
    }

    /// The main process of every service that runs, by service.
    public var processes: [LabProcess] {
        services.all.compactMap(\.process).sorted { $0.pid < $1.pid }
    }

    public func process(_ pid: Int) -> LabProcess? {
        services.all.lazy.compactMap(\.process).first { $0.pid == pid }
    }

    /// What happened since it was last asked.
    public mutating func takeEvents() -> [LabNodeEvent] {
        defer { events = [] }
        return events
    }

    /// The node's own clock.
    public func clock(at now: Moment) -> Moment { now + clockOffsetMilliseconds }

    /// Bytes left on the disk.
    public var freeBytes: Int { max(0, diskBytes - bulkBytes - files.usedBytes - (engine?.diskBytes ?? 0)) }
}

/// A package on a node.
struct InstalledPackage: Hashable, Sendable, Codable {
    var version: String
    /// In dpkg's words, such as `half-configured`; nil when in order.
    var trouble: String?
}

/// An installation that runs detached from whoever began it.
struct PackageJob: Hashable, Sendable, Codable {
    var packages: [PackageInstall]
    var pid: Int
    var began: Moment
    var ends: Moment
}
