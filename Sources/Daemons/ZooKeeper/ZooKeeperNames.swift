/// A ZooKeeper server process: at most one of a name on a node.
public struct ZooKeeperServerID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The machine it runs on, as the network knows it.
    public var node: String
    /// Tells several servers of one machine apart.
    public var instance: String

    public init(node: String, instance: String = "zookeeper") {
        self.node = node
        self.instance = instance
    }

    public var description: String { instance == "zookeeper" ? node : "\(node)/\(instance)" }

    public static func < (a: Self, b: Self) -> Bool { (a.node, a.instance) < (b.node, b.instance) }
}

/// A name of two parts as a key of an encoded dictionary: joined by the first slash.
private struct PairKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(_ first: String, _ second: String) { stringValue = "\(first)/\(second)" }

    static func parts(_ key: some CodingKey) -> (String, String)? {
        let text = key.stringValue
        guard let slash = text.firstIndex(of: "/") else { return nil }
        return (String(text[..<slash]), String(text[text.index(after: slash)...]))
    }
}

extension ZooKeeperServerID: CodingKeyRepresentable {
    public var codingKey: any CodingKey { PairKey(node, instance) }

    public init?(codingKey: some CodingKey) {
        guard let (node, instance) = PairKey.parts(codingKey) else { return nil }
        self.init(node: node, instance: instance)
    }
}

extension ZooKeeperClientID: CodingKeyRepresentable {
    public var codingKey: any CodingKey { PairKey(node, process) }

    public init?(codingKey: some CodingKey) {
        guard let (node, process) = PairKey.parts(codingKey) else { return nil }
        self.init(node: node, process: process)
    }
}

/// A process that is a client of ZooKeeper; one session a process.
public struct ZooKeeperClientID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The machine it runs on, as the network knows it.
    public var node: String
    /// Unique on its machine; a restarted daemon is another process.
    public var process: String

    public init(node: String, process: String) {
        self.node = node
        self.process = process
    }

    public var description: String { "\(node)/\(process)" }

    public static func < (a: Self, b: Self) -> Bool { (a.node, a.process) < (b.node, b.process) }
}

/// The network as it is at the moment of a call.
public protocol ZooKeeperNetwork {
    /// Whether packets of `node` get to the machine that owns `address`, and the answers back; its own addresses always.
    func reaches(from node: String, address: String) -> Bool
    /// The address of a host name (or of an address: itself) as `node` resolves it; nil where it does not resolve.
    func resolve(_ host: String, on node: String) -> String?
    /// Equal numbers mean that nothing of it has changed in between; nil where that is not known.
    var generation: Int? { get }
}

extension ZooKeeperNetwork {
    public var generation: Int? { nil }
}

/// What a server process begins with.
public struct ZooKeeperServerStart: Sendable {
    /// Upstream version, such as `3.4.6` or `3.8.0`.
    public var version: String
    /// Path of zoo.cfg, which errors name.
    public var configPath: String
    /// Text of zoo.cfg.
    public var config: String
    /// Text of `<dataDir>/myid`; nil where there is no such file.
    public var myid: String?
    /// What is in `<dataDir>/version-2`; nil where it is empty.
    public var data: ZooKeeperData?
    /// The machine's own addresses, loopback left out.
    public var addresses: [String]
    /// TCP ports of the machine that other processes hold.
    public var portsInUse: Set<Int>
    /// Whether an AdminServer can be loaded: upstream's tarball has Jetty's classes, Debian's package has not (E9, E9b).
    public var hasAdminServer: Bool

    public init(
        version: String,
        config: String,
        configPath: String = "/etc/zookeeper/conf/zoo.cfg",
        myid: String?,
        data: ZooKeeperData? = nil,
        addresses: [String],
        portsInUse: Set<Int> = [],
        hasAdminServer: Bool = false
    ) {
        self.version = version
        self.config = config
        self.configPath = configPath
        self.myid = myid
        self.data = data
        self.addresses = addresses
        self.portsInUse = portsInUse
        self.hasAdminServer = hasAdminServer
    }
}
