internal import Specs

/// What shows only when several nodes are looked at together: names, ports and clocks.
extension Planning {
    mutating func noteNetworkBetweenNodes() {
        noteNames()
        noteSilentPorts()
        noteClocks()
    }

    // MARK: Names

    /// Each name by the nodes that were asked for it; one note a name.
    private mutating func noteNames() {
        let names = Set(differences.flatMap(\.observed.addresses.keys))
        for node in desired.nodes {
            let own = [node.name.text, node.network?.hostname.value].compactMap { $0 }.unique
            for name in own where names.contains(name) && IPAddress(name) == nil {
                if let text = nameNote(name, at: node.address, of: node) { draft.notes.append(Note(text)) }
            }
        }
        // Nobody declares a name that nobody looks up.
        for host in desired.nodes.first?.network?.hosts ?? [] where names.contains(host.name) {
            if let text = nameNote(host.name, at: host.address, of: nil) { draft.notes.append(Note(text)) }
        }
    }

    /// `node`: whose own name it is.
    private func nameNote(_ name: String, at wanted: String, of node: DesiredNode?) -> String? {
        var (leading, elsewhere, nowhere): ([String], [String], [String]) = ([], [], [])
        var sets: [Set<IPAddress>: [String]] = [:]
        // Where names are enforced a step sees to them; the node's own loopback is told apart from this.
        for difference in differences where difference.desired.network?.enforces != true {
            switch difference.observed.addresses[name] {
            case .found(let addresses)?:
                let isOwn = difference.name == node?.name
                if addresses.contains(where: { IPAddress($0) == IPAddress(wanted) }) {
                    leading.append(difference.name.text)
                    let alike = addresses.compactMap { IPAddress($0) }.filter { address in
                        address.isIPv6 == IPAddress(wanted)?.isIPv6 && !(isOwn && address.isLoopback)
                    }
                    sets[Set(alike), default: []].append(difference.name.text)
                } else if let first = addresses.first, !(isOwn && IPAddress(first)?.isLoopback == true) {
                    elsewhere.append("\(first) on \(difference.name)")
                }
            case .absent?: nowhere.append(difference.name.text)
            case .unknown?, nil: continue
            }
        }
        let remedy = "put it into every node's /etc/hosts (network.enforce: true does), or correct the name service"
        if !elsewhere.isEmpty {
            return "\(name) leads to \(listed(elsewhere)) and not to \(wanted): \(remedy)"
        }
        if let words = unlike(name, sets, wanted) { return "\(words): \(remedy)" }
        // A name that nobody knows is one that nobody uses: everything here goes by addresses.
        let isAnnounced = desired.nodes.contains { $0.network?.hostname.value == name && name != $0.name.text }
        let isUsed = !leading.isEmpty && leading != [node?.name.text] || isAnnounced || node == nil
        guard !nowhere.isEmpty, isUsed else { return nil }
        return "\(name) is not known on \(listed(nowhere))"
            + (leading.isEmpty ? "" : " and leads to \(wanted) on \(listed(leading))") + ": \(remedy)"
    }

    /// Nodes on which a name leads to the right address and to others too, where it does not so on all.
    private func unlike(_ name: String, _ sets: [Set<IPAddress>: [String]], _ wanted: String) -> String? {
        let odd = sets.values.filter { nodes in sets.contains { $0.value == nodes && $0.key.count > 1 } }
        guard sets.count > 1, let nodes = odd.min(by: { ($0.count, $0.first ?? "") < ($1.count, $1.first ?? "") })
        else { return nil }
        let beside = addresses(of: name, on: nodes).filter { IPAddress($0) != IPAddress(wanted) }
        return "\(name) leads to \(listed(beside)) as well on \(listed(nodes)), and not so on every node"
    }

    private func addresses(of name: String, on nodes: [String]) -> [String] {
        differences.filter { nodes.contains($0.name.text) }
            .flatMap { $0.observed.addresses[name]?.value ?? [] }
            .filter { IPAddress($0)?.isLoopback != true }.unique
    }

    private func listed(_ words: [String]) -> String {
        words.count <= 4
            ? words.joined(separator: ", ")
            : words.prefix(3).joined(separator: ", ")
                + " and \(words.count - 3) more"
    }

    // MARK: Ports

    /// Refused is nobody listening, and no fault of the network's; silence of a node that answers ssh is.
    private mutating func noteSilentPorts() {
        let answering = Dictionary(grouping: differences, by: \.desired.address).compactMapValues(\.first)
        for difference in differences {
            let silent = difference.observed.reached.sorted { $0.key < $1.key }.compactMap { port, outcome in
                if case .found(.silent(let words)) = outcome { (port: port, words: words) } else { nil }
            }
            for (address, ports) in Dictionary(grouping: silent, by: \.port.address).sorted(by: { $0.key < $1.key }) {
                guard let peer = answering[address], peer.name != difference.name, let words = ports.first?.words else {
                    continue
                }
                let numbers = ports.map { "\($0.port.port)" }.joined(separator: ", ")
                draft.notes.append(
                    Note(
                        node: difference.name,
                        "it gets no answer from \(peer.name) at \(address) port \(numbers) (\(words)), and \(peer.name) is up: "
                            + "let these ports through on both and on the way between them"
                    )
                )
            }
        }
    }

    // MARK: Clocks

    /// Told from 2 s on; from 30 s on what goes by node clocks is at stake.
    static let toldSkew = 2.0
    static let loudSkew = 30.0

    private mutating func noteClocks() {
        let offsets = Dictionary(
            differences.compactMap { difference in difference.observed.clockOffset.map { (difference.name, $0) } }
        ) { first, _ in first }
        for clock in ClockSkew.among(offsets) where clock.seconds > Self.toldSkew {
            let words = "its clock is \(clock.words)"
            let next = "set it by NTP (chrony, ntpd or systemd-timesyncd)"
            draft.notes.append(
                Note(
                    node: clock.node,
                    clock.seconds > Self.loudSkew
                        ? "\(words), which is far off: leases and maintenance windows go by the nodes' clocks, and logs cannot be "
                            + "laid side by side; \(next) before anything else"
                        : "\(words); \(next)"
                )
            )
        }
    }
}
