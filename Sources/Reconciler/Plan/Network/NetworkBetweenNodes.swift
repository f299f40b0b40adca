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
                if let text = nameNote(name, of: node) { draft.notes.append(Note(text)) }
            }
        }
    }

    private func nameNote(_ name: String, of node: DesiredNode) -> String? {
        var (leading, elsewhere, nowhere): ([String], [String], [String]) = ([], [], [])
        // Where names are enforced a step sees to them; the node's own loopback is told apart from this.
        for difference in differences where difference.desired.network?.enforces != true {
            switch difference.observed.addresses[name] {
            case .found(let addresses)?:
                let isOwn = difference.name == node.name
                if addresses.contains(where: { IPAddress($0) == IPAddress(node.address) }) {
                    leading.append(difference.name.text)
                } else if let first = addresses.first, !(isOwn && IPAddress(first)?.isLoopback == true) {
                    elsewhere.append("\(first) on \(difference.name)")
                }
            case .absent?: nowhere.append(difference.name.text)
            case .unknown?, nil: continue
            }
        }
        let remedy = "put it into every node's /etc/hosts (network.enforce: true does), or correct the name service"
        if !elsewhere.isEmpty {
            return "\(name) leads to \(listed(elsewhere)) and not to \(node.address): \(remedy)"
        }
        // A name that nobody knows is one that nobody uses: everything here goes by addresses.
        let isAnnounced = desired.nodes.contains { $0.network?.hostname.value == name && name != $0.name.text }
        guard !nowhere.isEmpty, !leading.isEmpty && leading != [node.name.text] || isAnnounced else { return nil }
        return "\(name) is not known on \(listed(nowhere))"
            + (leading.isEmpty ? "" : " and leads to \(node.address) on \(listed(leading))") + ": \(remedy)"
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
        let clocks = differences.compactMap { difference in
            difference.observed.clockOffset.map { (name: difference.name, offset: $0) }
        }
        // The one in the middle: a single clock that is off is told of itself, and not of all others.
        let sorted = clocks.sorted { ($0.offset.middle, $0.name) < ($1.offset.middle, $1.name) }
        guard sorted.count > 1 else { return }
        let reference = sorted[(sorted.count - 1) / 2]
        for clock in clocks where clock.name != reference.name {
            let ahead = clock.offset.surelyAhead(of: reference.offset)
            let behind = reference.offset.surelyAhead(of: clock.offset)
            let skew = max(ahead, behind)
            guard skew > Self.toldSkew else { continue }
            let direction = ahead > 0 ? "ahead of" : "behind"
            let words = "its clock is at least \(Int(skew)) s \(direction) \(reference.name)'s"
            let next = "set it by NTP (chrony, ntpd or systemd-timesyncd)"
            draft.notes.append(
                Note(
                    node: clock.name,
                    skew > Self.loudSkew
                        ? "\(words), which is far off: leases and maintenance windows go by the nodes' clocks, and logs cannot be "
                            + "laid side by side; \(next) before anything else"
                        : "\(words); \(next)"
                )
            )
        }
    }
}

extension ClockOffset {
    fileprivate var middle: Double { (atLeast + atMost) / 2 }
}
