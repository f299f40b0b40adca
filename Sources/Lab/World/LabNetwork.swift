import Daemons
import Specs

/// Who reaches whom: power, cables and cuts.
struct LabNetwork: Codable, Sendable {
    struct Host: Codable, Sendable {
        var address: String
        var isPoweredOn = true
        var isPluggedIn = true
        /// nil: all there is.
        var link: LinkReach?
    }

    private struct Cut: Codable, Sendable, Hashable {
        var a: String
        var b: String

        init(_ a: NodeName, _ b: NodeName) { (self.a, self.b) = a < b ? (a.text, b.text) : (b.text, a.text) }
    }

    /// By name of the node.
    private(set) var hosts: [String: Host] = [:]
    /// Names of nodes by address.
    private var owners: [String: String] = [:]
    /// Names that the lab's DNS knows beside the nodes' own, with their addresses.
    private var aliases: [String: String] = [:]
    private var cuts: [Cut] = []

    mutating func add(_ node: NodeName, address: String, hostname: String?) {
        hosts[node.text] = Host(address: address)
        owners[address] = node.text
        setHostname(hostname, address: address)
    }

    mutating func setHostname(_ hostname: String?, address: String) {
        if let hostname, hostname != address { aliases[hostname] = address }
    }

    mutating func setPower(_ node: NodeName, _ isOn: Bool) { hosts[node.text]?.isPoweredOn = isOn }
    mutating func setPlug(_ node: NodeName, _ isIn: Bool) { hosts[node.text]?.isPluggedIn = isIn }

    mutating func setLink(_ node: NodeName, _ link: LinkReach?) { hosts[node.text]?.link = link }

    func isPluggedIn(_ node: NodeName) -> Bool { hosts[node.text]?.isPluggedIn ?? false }

    mutating func cut(_ a: NodeName, _ b: NodeName) {
        mend(a, b)
        cuts.append(Cut(a, b))
    }

    mutating func mend(_ a: NodeName, _ b: NodeName) { cuts.removeAll { $0 == Cut(a, b) } }

    /// The node that owns `address`; a loopback address is the asking node's own.
    func owner(of address: String, askedOn node: String?) -> String? {
        address.hasPrefix("127.") || address == "::1" ? node : owners[address]
    }

    /// From outside for nil, where the operator sits.
    func reaches(from node: String?, to other: String) -> Bool {
        guard hosts[other]?.isPoweredOn == true else { return false }
        if node == other { return true }
        guard hosts[other]?.isPluggedIn == true else { return false }
        let link = hosts[other]?.link ?? LinkReach()
        guard let node else { return link.isUp && link.isRouted }
        guard link.isUp, hosts[node]?.link?.isUp ?? true else { return false }
        guard let host = hosts[node], host.isPoweredOn, host.isPluggedIn else { return false }
        return !cuts.contains { ($0.a == node && $0.b == other) || ($0.a == other && $0.b == node) }
    }

    /// What the lab's DNS says.
    func lookUp(_ name: String) -> String? {
        hosts[name]?.address ?? aliases[name] ?? (owners[name] == nil ? nil : name)
    }
}

extension LabNetwork: ZooKeeperNetwork {
    func reaches(from node: String, address: String) -> Bool {
        guard let other = owner(of: address, askedOn: node) else { return false }
        return reaches(from: node, to: other)
    }

    func resolve(_ host: String, on node: String) -> String? {
        if host == "localhost" { return "127.0.0.1" }
        return host.allSatisfy({ $0.isNumber || $0 == "." }) ? host : lookUp(host)
    }
}
