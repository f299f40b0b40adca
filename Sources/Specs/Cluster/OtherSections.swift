/// Sections that describe no service of a node.
public struct OtherSections: Hashable, Sendable {
    /// In the order of the file.
    public var images: [ImageSpec]
    public var transfer: TransferSpec
    /// Globs of the files that hold app definitions, relative to cluster.yaml.
    public var apps: [Located<String>]
    /// `vars`; already put in wherever cluster.yaml uses them.
    public var variables: [Setting]
    public var deployments: DeploymentsSpec
    public var haproxy: HAProxySpec?
    public var repositories: [RepositorySpec]
    /// Packages that are kept at the version they have.
    public var hold: [Located<String>]
    public var network: NetworkSpec?
    public var watch: WatchSpec
    public var policy: AppPolicySpec

    public init(
        images: [ImageSpec] = [],
        transfer: TransferSpec = TransferSpec(),
        apps: [Located<String>] = [],
        variables: [Setting] = [],
        deployments: DeploymentsSpec = DeploymentsSpec(),
        haproxy: HAProxySpec? = nil,
        repositories: [RepositorySpec] = [],
        hold: [Located<String>] = [],
        network: NetworkSpec? = nil,
        watch: WatchSpec = WatchSpec(),
        policy: AppPolicySpec = AppPolicySpec()
    ) {
        self.images = images
        self.transfer = transfer
        self.apps = apps
        self.variables = variables
        self.deployments = deployments
        self.haproxy = haproxy
        self.repositories = repositories
        self.hold = hold
        self.network = network
        self.watch = watch
        self.policy = policy
    }
}
