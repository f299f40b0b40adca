/// Every node has an IP address of its own that other machines can reach.
enum AddressRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        var owners: [IPAddress: NodeSpec] = [:]
        return draft.spec.nodes.compactMap { node in
            guard !draft.isFaulty("nodes.\(node.name.value).address") else { return nil }
            let written = node.address
            guard let address = IPAddress(written.value) else {
                let message = "`\(written.value.abbreviated)` is no IP address"
                let hint = "daemons bind to it: write IPv4 or IPv6; a name for ssh goes under `ssh`"
                return Diagnostic(.error, message, at: written.position, hint: hint)
            }
            if address.isUnspecified || address.isMulticast {
                return Diagnostic(.error, "no machine has the address \(written.value)", at: written.position)
            }
            if let other = owners[address] {
                let message = "address \(written.value) belongs to `\(other.name.value)` (\(other.address.position))"
                return Diagnostic(.error, message, at: written.position)
            }
            owners[address] = node
            return nil
        }
    }
}
