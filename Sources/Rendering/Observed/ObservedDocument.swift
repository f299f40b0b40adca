public import Reconciler
internal import Specs

/// What `observe --format json` prints and `--out` saves: the cluster as seen, secrets as references or `•••`.
public struct ObservedDocument: Hashable, Sendable, Encodable {
    public var formatVersion = documentFormatVersion
    public var type = "observation"
    public var cluster: String
    /// Some node, or Marathon, did not answer: exit 4.
    public var incomplete: Bool
    /// By name.
    public var nodes: [Node]
    /// Absent where none is declared.
    public var marathon: Seen<MarathonSeen>
    /// Absent where Mesos was not asked over REST.
    public var mesos: Mesos?
    /// What the origins of the declared images have, by reference; absent where none is declared.
    public var images: [String: Origin]?
    /// Marathon's tasks with service ports, as load balancers need them; absent where no node balances.
    public var balanced: Seen<[BalancedTaskSeen]>?

    /// `flags` are those that differ between their places (`FlagColumns.differing`).
    public init(_ observed: ObservedCluster, cluster: String, flags: [FlagColumns] = []) {
        self.cluster = cluster
        marathon = Seen(observed.marathon, MarathonSeen.init)
        incomplete = observed.nodes.values.contains { $0.node == nil } || marathon.state == "unknown"
        nodes = observed.nodes.sorted { $0.key < $1.key }.map { name, node in
            Node(name, node, flags.filter { $0.node == name })
        }
        mesos = Mesos(observed.mesos)
        images = observed.images.isEmpty ? nil : observed.images.mapValues(Origin.init)
        if observed.balanced != .absent { balanced = Seen(observed.balanced) { $0.map(BalancedTaskSeen.init) } }
    }

    public var json: String { Rendering.json(self) }

    /// What is known of a thing; `unknown` is never `absent`.
    public struct Seen<Value: Encodable & Hashable & Sendable>: Hashable, Sendable, Encodable {
        /// `found`, `absent` or `unknown`.
        public var state: String
        public var value: Value?
        /// Why it is unknown.
        public var reason: String?

        init<Engine>(_ observation: Observation<Engine>, _ transform: (Engine) -> Value) {
            switch observation {
            case .found(let engine): (state, value) = ("found", transform(engine))
            case .absent: state = "absent"
            case .unknown(let why): (state, reason) = ("unknown", why)
            }
        }
    }

    public struct Node: Hashable, Sendable, Encodable {
        public var name: String
        public var answered: Bool
        public var failure: Failure?
        public var hostname: String?
        public var platform: Seen<PlatformSeen>?
        public var packages: [String: Seen<Package>]?
        public var files: [String: Seen<File>]?
        public var directories: [String: Seen<[File]>]?
        public var services: [String: Seen<ServiceSeen>]?
        public var zooKeeper: Seen<ZooKeeper>?
        public var masterElected: Seen<Bool>?
        public var dockerEngine: Seen<String>?
        /// The same engine with what it holds; asked only where images are declared.
        public var engine: Seen<Engine>?
        /// Mounted hierarchies of version 1; asked only of agents.
        public var controlGroups: Seen<[String]>?
        /// What each declared name resolves to on the node.
        public var addresses: [String: Seen<[String]>]?
        /// Links, routes and names as they are now.
        public var network: Seen<Network>?
        /// Ports of other nodes that this one needs, by address and port; absent where it needs none.
        public var ports: [Port]?
        public var freeBytes: [String: Seen<Int>]?
        /// Seconds since 1970.
        public var clock: Seen<Double>?
        /// Differences between two nodes' offsets are those between their clocks; absent where the clock is unknown.
        public var clockOffset: Offset?
        /// Only of nodes that balance.
        public var loadBalancer: Seen<LoadBalancer>?
        /// The applied record: resource → what was last applied.
        public var applied: Seen<[String: Applied]>?
        /// Flags that differ between cluster.yaml, disk and process; absent where there are none.
        public var flags: [Flag]?

        init(_ name: NodeName, _ observation: NodeObservation, _ flags: [FlagColumns]) {
            self.name = name.text
            self.flags = flags.isEmpty ? nil : flags.map(Flag.init)
            switch observation {
            case .silent(let error): (answered, failure) = (false, Failure(error))
            case .answered(let node):
                answered = true
                fill(from: node)
            }
        }

        private mutating func fill(from node: ObservedNode) {
            hostname = node.hostname
            platform = Seen(node.platform, PlatformSeen.init)
            packages = node.packages.mapValues { Seen($0, Package.init) }
            files = node.files.mapValues { Seen($0, File.init) }
            directories = node.directories.mapValues { Seen($0) { $0.map(File.init) } }
            services = Dictionary(
                node.services.map { ($0.key.text, Seen($0.value, ServiceSeen.init)) },
                uniquingKeysWith: { first, _ in first }
            )
            zooKeeper = Seen(node.zooKeeper, ZooKeeper.init)
            masterElected = Seen(node.masterElected) { $0 }
            dockerEngine = Seen(node.dockerEngine) { $0 }
            engine = Seen(node.engine, Engine.init)
            controlGroups = Seen(node.controlGroups) { $0 }
            addresses = node.addresses.mapValues { Seen($0) { $0 } }
            network = Seen(node.network, Network.init)
            let reached = node.reached.sorted { $0.key < $1.key }
            ports = reached.isEmpty ? nil : reached.map { Port($0.key, $0.value) }
            freeBytes = node.freeBytes.mapValues { Seen($0) { $0 } }
            clock = Seen(node.clock) { $0.roundedToMilliseconds }
            clockOffset = node.clockOffset.map(Offset.init)
            if node.loadBalancer != .absent { loadBalancer = Seen(node.loadBalancer, LoadBalancer.init) }
            applied = Seen(node.applied) { $0.mapValues(Applied.init) }
        }
    }
}
