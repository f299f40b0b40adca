public import Specs

/// A link's change with its revert armed: armed, seen over a new connection, confirmed; or taken back by the node.
public struct NetworkAct: Hashable, Sendable, Codable {
    public var node: NodeName
    public var change: NetworkChange
    /// How long the node waits for the confirmation.
    public var seconds: Int
    /// What the link must be like before it is confirmed.
    public var expected: Expected
    /// Other nodes' ports; those that answered before the change must answer after it.
    public var peers: [PeerPort]

    public struct Expected: Hashable, Sendable, Codable {
        /// Such as `10.16.40.1/23`.
        public var address: String
        /// nil: not declared.
        public var gateway: String?
        /// Not needed for a confirmation: who writes /etc/resolv.conf is no business of the link's; told where they differ.
        public var nameservers: [String]

        public init(address: String, gateway: String? = nil, nameservers: [String] = []) {
            self.address = address
            self.gateway = gateway
            self.nameservers = nameservers
        }
    }

    public init(node: NodeName, change: NetworkChange, seconds: Int, expected: Expected, peers: [PeerPort]) {
        self.node = node
        self.change = change
        self.seconds = seconds
        self.expected = expected
        self.peers = peers
    }
}

extension NetworkAct.Expected {
    /// What of the link is not so yet, in words; nil: it is as it must be.
    public func missing(on link: String, in answer: NetworkAnswer) -> String? {
        guard let found = answer.links.first(where: { $0.name == link }) else { return "there is no link \(link)" }
        guard found.isUp else { return "\(link) is down" }
        guard found.addresses.contains(address) else {
            return "\(link) has \(found.addresses.isEmpty ? "no address" : found.addresses.joined(separator: ", "))"
        }
        guard let gateway, !answer.gateways.contains(where: { $0.address == gateway && $0.interface == link }) else {
            return nil
        }
        let others = answer.gateways.map { "\($0.address) on \($0.interface)" }.joined(separator: ", ")
        return "the default route is \(others.isEmpty ? "nowhere" : "by \(others)"), not by \(gateway) on \(link)"
    }
}
