public import Daemons
public import Specs

/// A simulated cluster as a value: machines, the network between them, their daemons and containers, and the time.
///
/// Discrete events in their order; the same seed and the same calls give the same world, byte for byte.
public struct LabWorld: Codable, Sendable {
    public let seed: UInt64
    public internal(set) var now: Moment

    /// In the order of the file.
    var machines: [LabMachine] = []
    /// By name.
    var indices: [String: Int] = [:]
    var network = LabNetwork()
    var zooKeeper: ZooKeeperService
    /// By serial number, which no two processes of a world share.
    var processes: [Int: LabRunning] = [:]
    var nextSerial = 1
    var agenda = Agenda<AgendaItem>()
    /// Where the containers of tasks are, by task id.
    var tasks: [String: TaskPlace] = [:]
    /// Open streams of clients, by number.
    var streams: [Int: LabStream] = [:]
    var nextStream = 1
    /// Until when how many percent of all messages get lost.
    var loss: MessageLoss?
    /// What probes of an app's tasks find, whatever the tasks do; by the part of its tasks' ids that names the app.
    var healthByApp: [String: Bool] = [:]
    /// Where images come from, and what of them travels.
    var images: LabImages?
    private var identifiers: SeededNumbers

    struct TaskPlace: Codable, Sendable {
        var machine: Int
        var container: String
    }

    struct MessageLoss: Codable, Sendable {
        var percent: Int
        var until: Moment
        var numbers: SeededNumbers
    }

    /// When every new lab begins: 2026-01-05, a Monday, 09:00 UTC.
    public static let beginning = Moment(milliseconds: 1_767_603_600_000)

    /// The declared machines, bare, powered on, on the declared platform (`debian-12` where none is declared).
    ///
    /// - Throws: Which declared version or platform the lab does not know, and which it does.
    public init(spec: ClusterSpec, seed: UInt64) throws(LabError) {
        self.seed = seed
        now = Self.beginning
        identifiers = SeededNumbers(seed, for: "identifiers")
        zooKeeper = ZooKeeperService(seed: seed)
        let platform = try LabPlatform(declared: spec)
        let catalogue = try LabCatalogue.offering(spec, on: platform)
        for node in spec.nodes { add(node, platform, catalogue, spec.other.network) }
    }

    /// A version 4 UUID that nobody else has drawn from this world; the next one is saved with it.
    public mutating func drawID() -> String { identifiers.uuid() }

    mutating func add(
        _ spec: NodeSpec,
        _ platform: LabPlatform,
        _ catalogue: LabCatalogue,
        _ declared: NetworkSpec? = nil
    ) {
        let (name, address) = (spec.name.value, spec.address.value)
        var node = LabNode(
            name: name,
            address: address,
            hosts: ["localhost": ["127.0.0.1"], name.text: [address]],
            platform: platform,
            catalogue: catalogue,
            seed: seed,
            at: now
        )
        // Booted with `systemd.unified_cgroup_hierarchy=0`, as every Debian 12 that is to run Mesos (mesos-zk-ops.md 4.3).
        node.hasCPUHierarchy = true
        node.wire(as: declared)
        node.layLinkFiles(at: now)
        network.add(name, address: address, hostname: spec.hostname?.value)
        indices[name.text] = machines.count
        machines.append(LabMachine(node))
        settle(machines.count - 1)
    }

    func index(_ node: NodeName) throws(LabError) -> Int {
        guard let index = indices[node.text] else {
            throw LabError(.noTarget, "the lab has no node named \(node); it has \(names.joined(separator: ", "))")
        }
        return index
    }

    var names: [String] { machines.map(\.name) }
}

extension LabPlatform {
    /// - Throws: The declared one is none the lab knows.
    init(declared spec: ClusterSpec) throws(LabError) {
        guard let os = spec.platform?.os?.value else {
            self = .debian12
            return
        }
        guard let known = LabPlatform(rawValue: os) else {
            let all = LabPlatform.allCases.map(\.rawValue).joined(separator: ", ")
            throw LabError(.unsupported, "`platform.os: \(os)` is none the lab knows; it knows \(all)")
        }
        self = known
    }
}

extension LabCatalogue {
    /// The platform's own; that the declared versions are among them is seen to.
    ///
    /// - Throws: A declared version is none the lab knows.
    static func offering(_ spec: ClusterSpec, on platform: LabPlatform) throws(LabError) -> LabCatalogue {
        let catalogue = LabCatalogue.standard(platform)
        let pins: [(key: String, pin: Located<String>?, packages: [String])] = [
            ("zookeeper", spec.versions.zookeeper, ["zookeeperd", "mesosphere-zookeeper"]),
            ("mesos", spec.versions.mesos, ["mesos"]),
            ("marathon", spec.versions.marathon, ["marathon"]),
            ("docker", spec.versions.docker, ["docker.io", "lxc-docker", "docker-engine", "docker"]),
            ("haproxy", spec.versions.haproxy, ["haproxy"]),
        ]
        for (key, pin, packages) in pins {
            guard let pin else { continue }
            let versions = packages.flatMap { catalogue.offered[$0] ?? [] }
            guard !versions.contains(where: { DottedVersion($0) == DottedVersion(pin.value) }) else { continue }
            let known = versions.compactMap { DottedVersion($0)?.description }.joined(separator: ", ")
            throw LabError(
                .unsupported,
                "`versions.\(key): \(pin.value)` is none the lab has for \(platform.rawValue); it has "
                    + (known.isEmpty ? "none" : known)
            )
        }
        return catalogue
    }
}
