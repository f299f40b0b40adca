/// Which host name each node should have, and which names lead to it.
public struct HostNames: Hashable, Sendable {
    /// A line of /etc/hosts as it is declared: one name, one address.
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var address: String
        public var position: SourcePosition
    }

    /// Every node's names and then `network.hosts`, in the order of cluster.yaml, each name once.
    public let entries: [Entry]
    private let hostnames: [NodeName: Located<String>]

    public init(_ spec: ClusterSpec) {
        var entries: [Entry] = []
        var hostnames: [NodeName: Located<String>] = [:]
        for node in spec.nodes {
            let hostname = Self.hostname(of: node)
            hostnames[node.name.value] = hostname
            for name in [Located(node.name.value.text, at: node.name.position), hostname]
            where IPAddress(name.value) == nil {
                entries.append(Entry(name: name.value, address: node.address.value, position: name.position))
            }
        }
        for host in spec.other.network?.hosts ?? [] {
            let (name, address) = (host.name, host.value.value.plainText ?? "")
            entries.append(Entry(name: name.value, address: address, position: name.position))
        }
        var seen: Set<String> = []
        self.entries = entries.filter { seen.insert($0.name.lowercased()).inserted }
        self.hostnames = hostnames
    }

    /// The kernel's host name as it should be: `nodes.NAME.hostname`, else the node's name.
    public static func hostname(of node: NodeSpec) -> Located<String> {
        node.hostname ?? Located(node.name.value.text, at: node.name.position)
    }

    public func hostname(of node: NodeName) -> Located<String>? { hostnames[node] }
}
