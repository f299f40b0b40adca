extension DesiredCluster {
    /// What `spec` wants of every node, for the platforms the nodes have.
    ///
    /// Pure: the same input gives the same value.
    ///
    /// `platforms` are as observed, with installed versions; a node that is left out has what `platform:` declares (else
    /// `Platform.fallback`), which is an assumption. `candidates` are what a node's own sources offer, by package: they decide
    /// the layout of what is neither pinned nor installed. `flagFiles` are those on a node, by path: of two spellings of a
    /// switch that mean the same, the one that is there is kept. `apps` are those of the same reading, `forcedApps` the ids
    /// whose locks may be overridden.
    public init(
        _ spec: ClusterSpec,
        platforms: [NodeName: Platform],
        candidates: [NodeName: [String: String]] = [:],
        flagFiles: [NodeName: [String: Content]] = [:],
        apps: [AppDefinition] = [],
        forcedApps: Set<String> = []
    ) {
        var nodes: [DesiredNode] = []
        var advice: [String] = []
        for node in spec.nodes {
            let name = node.name.value
            let forecast = PlatformForecast(
                spec: spec,
                node: node,
                observed: platforms[name],
                candidates: candidates[name] ?? [:]
            )
            let (platform, assumption) = forecast.outcome()
            let context = RoleContext(node: node, spec: spec, platform: platform, flagFiles: flagFiles[name] ?? [:])
            var wanted = NodeResources()
            for role in ManagedRoles.all { wanted += role.resources(for: context) }
            nodes.append(DesiredNode(context, assumption: assumption, wanted: wanted))
            advice += wanted.advice
        }
        if spec.other.policy.nodes != nil {
            advice.append("policy.budget.nodes limits what `watch` corrects by itself; apply does the whole plan")
        }
        self.init(
            name: spec.cluster.value,
            nodes: nodes,
            zooKeeper: DesiredEnsemble(spec),
            masters: DesiredMasters(spec),
            leaseHolders: Self.leaseHolders(spec),
            agentsAtOnce: spec.policy.agentsAtOnce,
            advice: advice,
            apps: spec.managesApps ? DesiredApps(spec: spec, apps: apps, forced: forcedApps) : nil,
            images: spec.desiredImages(for: apps),
            tls: DesiredTLS.declared(spec),
            links: DesiredLink.declared(spec)
        )
    }

    private static func leaseHolders(_ spec: ClusterSpec) -> [NodeName] {
        let members = spec.zookeeper?.ensemble.map(\.node.value) ?? []
        if !members.isEmpty { return members }
        let masters = spec.nodes(with: .mesosMaster)
        return (masters.isEmpty ? spec.nodes : masters).map(\.name.value)
    }
}

extension DesiredTLS {
    /// By service; those that speak plain HTTP are not there.
    public static func declared(_ spec: ClusterSpec) -> [ServiceName: DesiredTLS] {
        var tls: [ServiceName: DesiredTLS] = [:]
        if let mesos = spec.mesos, mesos.https?.value == true {
            for service in [ServiceName.mesosMaster, .mesosAgent] {
                tls[service] = DesiredTLS(authority: mesos.authority?.value)
            }
        }
        if let marathon = spec.marathon, marathon.https?.value == true {
            tls[.marathon] = DesiredTLS(authority: marathon.authority?.value)
        }
        return tls
    }
}

extension DesiredNode {
    fileprivate init(_ context: RoleContext, assumption: Assumption?, wanted: NodeResources) {
        self.init(
            name: context.node.name.value,
            address: context.node.address.value,
            roles: context.node.roles.map(\.value),
            platform: context.platform,
            assumption: assumption,
            packages: wanted.heldPackages,
            files: wanted.files,
            flagDirectories: wanted.flagDirectories,
            services: wanted.services.sorted { ($0.layer, $0.name) < ($1.layer, $1.name) },
            environmentFiles: wanted.environmentFiles,
            repositories: wanted.repositories,
            holds: wanted.holds,
            network: DesiredNetwork(context.spec, node: context.node),
            loadBalancer: wanted.loadBalancer
        )
    }
}

extension DesiredEnsemble {
    fileprivate init?(_ spec: ClusterSpec) {
        guard let zookeeper = spec.zookeeper else { return nil }
        let members = zookeeper.ensemble.map { member in
            let address = spec.node(member.node.value)?.address.value ?? member.node.value.text
            return Member(id: member.id.value, node: member.node.value, address: address)
        }
        let servers = zookeeper.ensemble.map { ($0.id.value, ZooKeeperRole.server($0, zookeeper, spec)) }
        self.init(
            members: members.sorted { $0.id < $1.id },
            clientPort: zookeeper.ports.client,
            dataDirectory: zookeeper.dataDirectory.value,
            servers: Dictionary(servers) { first, _ in first },
            position: zookeeper.position
        )
    }
}

extension DesiredMasters {
    fileprivate init?(_ spec: ClusterSpec) {
        let nodes = spec.nodes(with: .mesosMaster)
        guard let mesos = spec.mesos, let zk = spec.mesosZk, let first = nodes.first else { return nil }
        self.init(
            nodes: nodes.map(\.name.value),
            quorum: mesos.quorum.value,
            zk: zk,
            workDirectory: mesos.master.workDirectory?.value ?? MesosDaemon.workDirectory,
            position: mesos.position,
            port: MesosMasterRole.port(spec, node: first)
        )
    }
}
