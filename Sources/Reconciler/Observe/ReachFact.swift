public import Specs

/// A TCP port of a node, as another node sees it.
public struct PeerPort: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var address: String
    public var port: Int

    public init(_ address: String, _ port: Int) {
        self.address = address
        self.port = port
    }

    public static func < (a: PeerPort, b: PeerPort) -> Bool { (a.address, a.port) < (b.address, b.port) }

    public var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// A dictionary with such keys is saved as an object, whose members can be sorted.
extension PeerPort: CodingKeyRepresentable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public var codingKey: any CodingKey { Key(stringValue: "\(address) \(port)") }

    public init?(codingKey: some CodingKey) {
        let words = codingKey.stringValue.split(separator: " ").map(String.init)
        guard words.count == 2, let port = Int(words[1]) else { return nil }
        self.init(words[0], port)
    }
}

/// Which ports of which nodes a node needs (mesos-zk-ops.md 9, F33).
public enum RequiredPorts {
    /// How many agents a master knocks at: one that has thousands is not kept waiting for them.
    static let agentsKnockedAt = 64

    /// In the order of cluster.yaml; none of the node's own.
    public static func of(_ node: NodeSpec, in spec: ClusterSpec) -> [PeerPort] {
        var ports: [PeerPort] = []
        func knock(_ role: Role, atMost limit: Int = .max, _ port: (NodeSpec) -> Int) {
            let others = spec.nodes(with: role).filter { $0.name.value != node.name.value }
            ports += others.prefix(limit).map { PeerPort($0.address.value, port($0)) }
        }
        let zooKeeper = spec.zookeeper?.ports ?? ZooKeeperSpec.Ports()
        let usesZooKeeper = [Role.zookeeper, .mesosMaster, .mesosAgent, .marathon].contains(where: node.has)
        if spec.zookeeper != nil, usesZooKeeper { knock(.zookeeper) { _ in zooKeeper.client } }
        if spec.zookeeper != nil, node.has(.zookeeper) {
            knock(.zookeeper) { _ in zooKeeper.quorum }
            knock(.zookeeper) { _ in zooKeeper.election }
        }
        if [Role.mesosMaster, .mesosAgent, .marathon].contains(where: node.has) {
            knock(.mesosMaster) { MesosMasterRole.port(spec, node: $0) }
        }
        if node.has(.mesosMaster) {
            knock(.mesosAgent, atMost: agentsKnockedAt) { MesosAgentRole.port(spec, node: $0) }
        }
        if node.has(.marathon) { knock(.marathon) { marathonPort(spec, $0) } }
        var seen: Set<PeerPort> = []
        return ports.filter { seen.insert($0).inserted }
    }

    /// Standbys hand requests on to the leader there.
    private static func marathonPort(_ spec: ClusterSpec, _ node: NodeSpec) -> Int {
        let isTLS = DesiredTLS.declared(spec)[.marathon] != nil
        let flags = [node.flags[.marathon], spec.roles[.marathon]?.flags, spec.marathon?.flags].compactMap { $0 }
        let name = isTLS ? "https_port" : "http_port"
        let declared = flags.joined().first { $0.name.value == name }?.value.value.plainText
        return declared.flatMap { Int($0) } ?? (isTLS ? 8443 : 8080)
    }
}

/// Whether the ports that a node needs of others answer it.
enum ReachFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        RequiredPorts.of(node, in: spec).map { .reach(address: $0.address, port: $0.port) }
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .reach(let address, let port) in answers.requests {
            observed.reached[PeerPort(address, port)] = answers.value(of: .reach(address: address, port: port)) {
                if case .reach(let outcome) = $0 { outcome } else { nil }
            }
        }
    }
}
