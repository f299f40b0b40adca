/// A node's link as `network:` with `enforce: true` wants it; without `enforce` none is wanted, only looked at.
public struct DesiredLink: Hashable, Sendable {
    /// nil: whichever has the node's address.
    public var interface: String?
    public var address: String
    /// nil: the length that is there stays.
    public var prefix: Int?
    public var gateway: String?
    public var nameservers: [String]
    public var reason: Reason

    public init(
        interface: String? = nil,
        address: String,
        prefix: Int? = nil,
        gateway: String? = nil,
        nameservers: [String] = [],
        reason: Reason
    ) {
        self.interface = interface
        self.address = address
        self.prefix = prefix
        self.gateway = gateway
        self.nameservers = nameservers
        self.reason = reason
    }
}

extension DesiredLink {
    /// By node, for those with an IPv4 address; empty where nothing is enforced.
    static func declared(_ spec: ClusterSpec) -> [NodeName: DesiredLink] {
        guard let network = spec.other.network, network.enforce?.value == true else { return [:] }
        let links = spec.nodes.compactMap { node -> (NodeName, DesiredLink)? in
            guard let address = IPAddress(node.address.value), !address.isIPv6 else { return nil }
            let link = DesiredLink(
                interface: network.interface?.value,
                address: node.address.value,
                prefix: (network.netmask?.value).flatMap(LinkSettings.prefix),
                gateway: network.gateway?.value,
                nameservers: network.nameservers.map(\.value),
                reason: Reason("network is enforced", at: network.enforce?.position ?? network.position)
            )
            return (node.name.value, link)
        }
        return Dictionary(links) { first, _ in first }
    }
}
