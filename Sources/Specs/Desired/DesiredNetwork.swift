/// What a node's network should be, as far as `network:` says it.
public struct DesiredNetwork: Hashable, Sendable {
    public var interface: Located<String>?
    /// Leading bits of the netmask, such as 23.
    public var prefix: Located<Int>?
    public var gateway: Located<String>?
    /// In the order in which they are to be asked.
    public var nameservers: [Located<String>]
    /// The kernel's host name.
    public var hostname: Located<String>
    /// Names beyond the nodes' own.
    public var hosts: [HostNames.Entry]
    /// Whether host name and /etc/hosts are written; the rest is compared only.
    public var enforces: Bool
    /// Where `network:` stands.
    public var position: SourcePosition

    public init(
        interface: Located<String>? = nil,
        prefix: Located<Int>? = nil,
        gateway: Located<String>? = nil,
        nameservers: [Located<String>] = [],
        hostname: Located<String>,
        hosts: [HostNames.Entry] = [],
        enforces: Bool = false,
        position: SourcePosition
    ) {
        self.interface = interface
        self.prefix = prefix
        self.gateway = gateway
        self.nameservers = nameservers
        self.hostname = hostname
        self.hosts = hosts
        self.enforces = enforces
        self.position = position
    }

    /// nil where `network:` is not declared.
    init?(_ spec: ClusterSpec, node: NodeSpec) {
        guard let network = spec.other.network else { return nil }
        self.init(
            interface: network.interface,
            prefix: network.netmask.flatMap { netmask in
                IPAddress(netmask.value)?.prefixLength.map { Located($0, at: netmask.position) }
            },
            gateway: network.gateway,
            nameservers: network.nameservers,
            hostname: HostNames.hostname(of: node),
            hosts: network.hosts.map { host in
                HostNames.Entry(
                    name: host.name.value,
                    address: host.value.value.plainText ?? "",
                    position: host.name.position
                )
            },
            enforces: network.enforce?.value == true,
            position: network.position
        )
    }
}
