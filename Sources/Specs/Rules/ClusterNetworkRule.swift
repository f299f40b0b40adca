/// `network:` fits the nodes: their addresses are hosts of its network, its gateway is in it, its names are not ambiguous.
enum ClusterNetworkRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let network = draft.spec.other.network, !draft.isFaulty("network") else { return [] }
        let nodes = draft.spec.nodes.filter { !draft.isFaulty("nodes.\($0.name.value)") }
        return subnets(network, nodes) + nameservers(network) + hosts(network, nodes) + hostnames(nodes)
            + spellings(network, nodes)
    }

    private static func subnets(_ network: NetworkSpec, _ nodes: [NodeSpec]) -> [Diagnostic] {
        let gateway = network.gateway.flatMap { IPAddress($0.value) }
        let prefix = network.netmask.flatMap { IPAddress($0.value)?.prefixLength }
        return nodes.flatMap { node -> [Diagnostic] in
            guard let address = IPAddress(node.address.value) else { return [] }
            let (text, place) = (node.address.value, node.address.position)
            if let gateway, gateway == address, let position = network.gateway?.position {
                return [Diagnostic(.error, "the gateway \(text) is the node `\(node.name.value)`", at: position)]
            }
            guard let prefix, let netmask = network.netmask, !address.isIPv6 else { return [] }
            var found: [Diagnostic] = []
            if prefix < 31, address.isEnd(ofNetworkWith: prefix) {
                let message = "\(text) is no host's address with the netmask \(netmask.value)"
                found.append(Diagnostic(.error, message, at: place, hint: "it names the network or its broadcast"))
            }
            if let gateway, let declared = network.gateway, !address.isNeighbour(of: gateway, prefix: prefix) {
                let message = "\(text) is not in one network with the gateway \(declared.value) (\(declared.position))"
                found.append(Diagnostic(.error, message, at: place, hint: "the netmask is \(netmask.value)"))
            }
            return found
        }
    }

    private static func nameservers(_ network: NetworkSpec) -> [Diagnostic] {
        var seen: Set<IPAddress> = []
        return network.nameservers.compactMap { server in
            guard let address = IPAddress(server.value) else { return nil }
            if address.isUnspecified || address.isMulticast {
                return Diagnostic(.error, "no name server has the address \(server.value)", at: server.position)
            }
            return seen.insert(address).inserted
                ? nil : Diagnostic(.error, "name server \(server.value) stands twice", at: server.position)
        }
    }

    /// A name of `network.hosts` that is a node's too leads to that node.
    private static func hosts(_ network: NetworkSpec, _ nodes: [NodeSpec]) -> [Diagnostic] {
        network.hosts.compactMap { host in
            let name = host.name.value.lowercased()
            guard let address = host.value.value.plainText.flatMap({ IPAddress($0) }) else { return nil }
            if name == "localhost" {
                return Diagnostic(.error, "`localhost` is every node's own", at: host.name.position)
            }
            let owner = nodes.first { node in
                [node.name.value.text, node.hostname?.value].contains { $0?.lowercased() == name }
            }
            guard let owner, IPAddress(owner.address.value) != address else { return nil }
            let message = "`\(host.name.value)` is the node with the address \(owner.address.value)"
            return Diagnostic(
                .error,
                message,
                at: host.value.position,
                hint: "leave it out: nodes are in /etc/hosts anyway"
            )
        }
    }

    /// Names are looked up without regard to case: two spellings are one name, which leads to one of both only.
    private static func spellings(_ network: NetworkSpec, _ nodes: [NodeSpec]) -> [Diagnostic] {
        let names =
            nodes.map { (Located($0.name.value.text, at: $0.name.position), $0.address.value) }
            + network.hosts.map { ($0.name, $0.value.value.plainText ?? "") }
        var first: [String: (name: Located<String>, address: String)] = [:]
        return names.compactMap { name, address in
            guard let other = first[name.value.lowercased()] else {
                first[name.value.lowercased()] = (name, address)
                return nil
            }
            guard other.name.value != name.value, IPAddress(other.address) != IPAddress(address) else { return nil }
            let message = "`\(name.value)` and `\(other.name.value)` are one name to whoever looks it up"
            return Diagnostic(.error, message, at: name.position, hint: "declared at \(other.name.position)")
        }
    }

    /// A host name that is another node's name would lead to two machines.
    private static func hostnames(_ nodes: [NodeSpec]) -> [Diagnostic] {
        nodes.compactMap { node in
            guard let hostname = node.hostname,
                let other = nodes.first(where: {
                    $0.name.value != node.name.value
                        && [$0.name.value.text.lowercased(), $0.address.value].contains(hostname.value.lowercased())
                })
            else { return nil }
            let message = "the host name `\(hostname.value)` belongs to `\(other.name.value)` (\(other.name.position))"
            return Diagnostic(.error, message, at: hostname.position)
        }
    }
}

extension IPAddress {
    /// Whether all bits after the first `prefix` are equal: the network itself, or its broadcast.
    fileprivate func isEnd(ofNetworkWith prefix: Int) -> Bool {
        let bits = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let host = UInt32.max >> UInt32(prefix)
        return bits & host == 0 || bits & host == host
    }
}
