import Daemons
import Specs

/// A node with everything on it that is not its own business: processes that run models, containers, the Docker engine.
struct LabMachine: Codable, Sendable {
    var node: LabNode
    /// Images that its first engine will find on the disk.
    var waitingImages: [String]?
    /// Serial numbers of its processes by pid.
    var serials: [Int: Int] = [:]
    /// Serial numbers of the processes that listen, by port.
    var listeners: [Int: Int] = [:]
    /// What ZooKeeper servers left on its disk, by data directory.
    var zooKeeperData: [String: ZooKeeperData] = [:]
    /// Of the server that runs.
    var zooKeeperDirectory: String?
    /// By id.
    var containers: [String: LabContainer] = [:]
    /// When its `wakes` is on the agenda for.
    var scheduled: Moment?
    /// The next visit that acts breaks after so many actions.
    var breaksVisitAfter: Int?
    /// What every installation takes longer.
    var packageDelayMilliseconds = 0
    /// The next image that is brought here breaks off half-way.
    var cutsTransfer: Bool?

    init(_ node: LabNode) { self.node = node }

    var name: String { node.name.text }

    func facts(at now: Moment) -> HostFacts {
        HostFacts(
            hostname: name,
            address: node.hostsFileAddress(of: name) ?? node.hosts[name]?.first ?? node.address,
            bootID: node.bootID,
            cpus: node.cpus,
            memoryMegabytes: node.memoryMegabytes,
            diskMegabytes: node.diskBytes / 1_000_000,
            docker: node.docker
        )
    }

    /// A port that nobody has, from the range the kernel gives out.
    func freePort(_ serial: Int) -> Int {
        (0..<1000).lazy.map { 32_768 + (serial * 31 + $0) % 28_000 }.first { listeners[$0] == nil } ?? 32_768
    }
}

/// A process of a machine, from its start on.
struct LabRunning: Codable, Sendable {
    let serial: Int
    let machine: Int
    let pid: Int
    let program: LabProgram
    let service: ServiceName
    /// nil until it has begun, and for programs that are no `DaemonModel` (ZooKeeper, Docker, HAProxy).
    var daemon: LabDaemon?
    /// When its `wakes` is on the agenda for.
    var scheduled: Moment?
    /// Serial numbers of the processes it has a connection to, by libprocess id.
    var links: [String: Int] = [:]
    /// Open streams of its clients, by the model's id.
    var streams: [Int: Int] = [:]
}

extension LabMachine {
    private enum EarlierKeys: String, CodingKey { case engine }

    /// Worlds saved before nodes had parts of images keep the engine beside the node.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        node = try values.decode(LabNode.self, forKey: .node)
        waitingImages = try values.decodeIfPresent([String].self, forKey: .waitingImages)
        serials = try values.decode([Int: Int].self, forKey: .serials)
        listeners = try values.decode([Int: Int].self, forKey: .listeners)
        zooKeeperData = try values.decode([String: ZooKeeperData].self, forKey: .zooKeeperData)
        zooKeeperDirectory = try values.decodeIfPresent(String.self, forKey: .zooKeeperDirectory)
        containers = try values.decode([String: LabContainer].self, forKey: .containers)
        scheduled = try values.decodeIfPresent(Moment.self, forKey: .scheduled)
        breaksVisitAfter = try values.decodeIfPresent(Int.self, forKey: .breaksVisitAfter)
        packageDelayMilliseconds = try values.decode(Int.self, forKey: .packageDelayMilliseconds)
        cutsTransfer = try values.decodeIfPresent(Bool.self, forKey: .cutsTransfer)
        if node.engine == nil {
            let earlier = try decoder.container(keyedBy: EarlierKeys.self)
            node.engine = try earlier.decodeIfPresent(DockerEngine.self, forKey: .engine)
        }
    }
}
