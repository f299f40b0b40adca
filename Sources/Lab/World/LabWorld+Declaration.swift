public import Specs

/// A world lives on while its cluster.yaml changes.
extension LabWorld {
    /// Adds what `spec` declares and the world has not: nodes as bare machines, and names for the DNS.
    ///
    /// Machines that are declared no more stay, as they would in their racks.
    /// - Returns: The new ones, in the order of the file.
    /// - Throws: Something is declared that this world cannot become; with its place and the next move.
    public mutating func grow(to spec: ClusterSpec) throws(LabError) -> [NodeName] {
        let platform = try platform(of: spec)
        let catalogue = try LabCatalogue.offering(spec, on: platform)
        try checkAddresses(of: spec)
        let missing = spec.nodes.filter { indices[$0.name.value.text] == nil }
        for node in missing {
            add(node, platform, catalogue, spec.other.network, user: node.ssh.user ?? spec.ssh.user)
        }
        offer(LabRepository.declared(by: spec))
        for node in spec.nodes { network.setHostname(node.hostname?.value, address: node.address.value) }
        return missing.map(\.name.value)
    }

    /// That the machines are those that `spec` declares; more of them are fine.
    ///
    /// - Throws: What is declared and is not here; with its place and the next move.
    public func check(against spec: ClusterSpec) throws(LabError) {
        _ = try LabCatalogue.offering(spec, on: try platform(of: spec))
        try checkAddresses(of: spec)
        guard let node = spec.nodes.first(where: { indices[$0.name.value.text] == nil }) else { return }
        throw LabError(
            .outgrown,
            "\(node.name.position): the lab has no machine \(node.name.value) yet; `reconciler lab up` adds it, bare"
        )
    }

    /// The machines' own, where none is declared.
    private func platform(of spec: ClusterSpec) throws(LabError) -> LabPlatform {
        guard let first = machines.first?.node.platform else { return try LabPlatform(declared: spec) }
        guard let os = spec.platform?.os else { return first }
        let declared = try LabPlatform(declared: spec)
        guard declared == first else {
            throw LabError(
                .outgrown,
                "\(os.position): the machines of the lab run \(first.rawValue), not \(os.value); \(Self.afresh)"
            )
        }
        return first
    }

    private func checkAddresses(of spec: ClusterSpec) throws(LabError) {
        for node in spec.nodes {
            let (name, address) = (node.name.value.text, node.address)
            if let index = indices[name], machines[index].node.address != address.value {
                throw LabError(
                    .outgrown,
                    "\(address.position): \(name) has the address \(machines[index].node.address) in the lab; \(Self.afresh)"
                )
            }
            if let owner = network.owner(of: address.value, askedOn: nil), owner != name {
                throw LabError(
                    .outgrown,
                    "\(address.position): \(owner) has the address \(address.value) in the lab; \(Self.afresh)"
                )
            }
        }
    }

    private static var afresh: String { "`reconciler lab reset`, then `reconciler lab up` make the machines afresh" }
}
