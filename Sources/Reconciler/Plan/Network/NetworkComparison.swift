internal import Specs

/// How a node's links, routes and resolver stand against `network:`; nothing here is changed, so all of it is told.
///
/// What no declaration speaks of (other links, other addresses, docker0, IPv6) is nobody's difference.
struct NetworkComparison {
    var node: DesiredNode
    var declared: DesiredNetwork
    var seen: NetworkAnswer

    private var address: IPAddress? { IPAddress(node.address) }

    /// The links that have the node's address, with its mask.
    private var holders: [(link: NetworkAnswer.Link, prefix: Int?, text: String)] {
        seen.links.flatMap { link in
            link.addresses.compactMap { text -> (NetworkAnswer.Link, Int?, String)? in
                let parts = text.split(separator: "/").map(String.init)
                guard let address, IPAddress(parts.first ?? "") == address else { return nil }
                return (link, parts.count > 1 ? Int(parts[1]) : nil, text)
            }
        }
    }

    /// Why what binds to the node's address would not start; nil where a link has it.
    var missingAddress: String? {
        guard address != nil, holders.isEmpty else { return nil }
        let place = declared.interface.map(\.value)
        let link = seen.links.first { $0.name == place }
        let there = link.map { $0.addresses.isEmpty ? "\($0.name) has none" : "\($0.name) has \(list($0.addresses))" }
        let known = there ?? place.map { "there is no link \($0), only \(list(seen.links.map(\.name)))" }
        return "none of its links has the address \(node.address)" + (known.map { " (\($0))" } ?? "")
    }

    var notes: [String] { addressNotes + gatewayNotes + nameserverNotes }

    // MARK: Address

    private var addressNotes: [String] {
        guard address != nil else { return [] }
        guard let holder = holders.first(where: { $0.link.name == declared.interface?.value }) ?? holders.first else {
            let words = missingAddress ?? ""
            return ["\(words): daemons bind to it; set it on the node, or correct nodes.\(node.name).address"]
        }
        var notes: [String] = []
        if let interface = declared.interface, interface.value != holder.link.name {
            let other = seen.links.contains { $0.name == interface.value } ? "" : ", and there is no \(interface.value)"
            notes.append(
                "\(node.address) is on \(holder.link.name)\(other); network.interface is \(interface.value) "
                    + "(\(interface.position)): correct one of the two"
            )
        }
        if !holder.link.isUp { notes.append("\(holder.link.name), which has \(node.address), is down") }
        if let prefix = declared.prefix, address?.isIPv6 == false, let found = holder.prefix, found != prefix.value {
            notes.append(
                "\(holder.link.name) has \(holder.text) and the netmask is declared as /\(prefix.value) "
                    + "(\(prefix.position)): neighbours beyond the narrower one are not reached; correct one of the two"
            )
        }
        if holder.link.dynamicAddresses.contains(holder.text) {
            notes.append(
                "\(holder.text) on \(holder.link.name) is a lease (DHCP): after a reboot the node may have another; "
                    + "make it static, or reserve it where leases are given"
            )
        }
        return notes
    }

    // MARK: Default route

    private var gatewayNotes: [String] {
        guard let gateway = declared.gateway, let wanted = IPAddress(gateway.value), !wanted.isIPv6 else { return [] }
        guard !seen.gateways.isEmpty else {
            return ["it has no default route; network.gateway is \(gateway.value) (\(gateway.position))"]
        }
        guard !seen.gateways.contains(where: { IPAddress($0.address) == wanted }) else { return [] }
        let routes = list(seen.gateways.map { "\($0.address) on \($0.interface)" })
        return [
            "its default route leads to \(routes), and network.gateway is \(gateway.value) (\(gateway.position)): "
                + "correct one of the two"
        ]
    }

    // MARK: Name servers

    private var nameserverNotes: [String] {
        guard let first = declared.nameservers.first else { return [] }
        let wanted = declared.nameservers.map { IPAddress($0.value) }
        let found = seen.nameservers.map { IPAddress($0) }
        guard wanted != found else { return [] }
        let declaration = "network.nameservers is \(list(declared.nameservers.map(\.value))) (\(first.position))"
        if found.isEmpty { return ["it has no name server; \(declaration)"] }
        let asked = list(seen.nameservers)
        if found.allSatisfy({ $0?.isLoopback == true }), !wanted.contains(where: { $0?.isLoopback == true }) {
            return ["it asks a resolver of its own (\(asked)), and whom that asks could not be told; \(declaration)"]
        }
        let order = Set(wanted) == Set(found) ? "in another order: " : ""
        return ["it asks \(order)\(asked), and \(declaration): correct one of the two"]
    }

    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}

extension NodeDifference {
    /// What is to be told of the node's network, and what may not start for it.
    mutating func compareNetwork() {
        for text in nameNotes { notes.append(Note(node: name, text)) }
        guard let declared = desired.network else { return }
        let seen: NetworkAnswer
        switch observed.network {
        case .found(let found): seen = found
        case .absent: return
        case .unknown(let reason):
            notes.append(Note(node: name, "its network could not be compared: \(reason)"))
            return
        }
        let comparison = NetworkComparison(node: desired, declared: declared, seen: seen)
        notes += comparison.notes.map { Note(node: name, $0) }
        guard let missing = comparison.missingAddress else { return }
        for difference in services where difference.service.layer.isEnsemble {
            switch difference.need {
            case .start, .restart: break
            case .nothing, .holdOff, .enable, .reload, .site: continue
            }
            blocked.append(
                Blocked(
                    node: name,
                    title: "address \(desired.address) for \(difference.service.name)",
                    layer: difference.service.layer,
                    because: "\(missing), and \(difference.service.name) is to bind to it",
                    isByUnknown: false,
                    remedy: "set the address on the node, or correct nodes.\(name).address"
                )
            )
        }
    }
}
