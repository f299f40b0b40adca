/// `images.NAME`: a Docker image that the agents hold.
public struct ImageSpec: Hashable, Sendable {
    /// Which nodes an image is brought to.
    public enum Target: Hashable, Sendable {
        /// The agents that its apps may run on.
        case derived
        case agents
        case nodes([Located<NodeName>])
    }

    /// A way that goes around this machine.
    public enum Via: String, Hashable, Sendable, CaseIterable {
        /// Every node pulls it from the registry that its name begins with.
        case registry
    }

    /// What images are made for, as engines name it.
    public static let architectures = ["amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64"]

    /// Such as `feuyeux/nginx` or `feuyeux/nginx:2`; without a tag it means `:latest`.
    public var name: Located<String>
    /// The ssh host that has it; this machine where nothing is said.
    public var from: Located<String>?
    /// A directory with a Dockerfile, relative to cluster.yaml.
    public var build: Located<String>?
    /// A file made by `docker save`, relative to cluster.yaml.
    public var tar: Located<String>?
    public var to: Located<Target>?
    public var via: Located<Via>?
    public var architecture: Located<String>?

    public init(
        name: Located<String>,
        from: Located<String>? = nil,
        build: Located<String>? = nil,
        tar: Located<String>? = nil,
        to: Located<Target>? = nil,
        via: Located<Via>? = nil,
        architecture: Located<String>? = nil
    ) {
        self.name = name
        self.from = from
        self.build = build
        self.tar = tar
        self.to = to
        self.via = via
        self.architecture = architecture
    }
}

/// `transfer:`, how images travel.
public struct TransferSpec: Hashable, Sendable {
    public enum FanOut: String, Hashable, Sendable, CaseIterable {
        /// From the source to every node.
        case direct
        /// The first nodes feed the others.
        case tree
    }

    public var parallel: Located<Int>?
    /// Bytes a second.
    public var bandwidth: Located<Int>?
    public var fanOut: Located<FanOut>?

    public init(
        parallel: Located<Int>? = nil,
        bandwidth: Located<Int>? = nil,
        fanOut: Located<FanOut>? = nil
    ) {
        self.parallel = parallel
        self.bandwidth = bandwidth
        self.fanOut = fanOut
    }
}
