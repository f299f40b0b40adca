/// Where the nodes of a simulated cluster are reached on this machine: the same address with 127 for its first number, the same ports.
///
/// 10.16.40.1 is 127.16.40.1; all of 127.0.0.0/8 is this machine on Linux, without any setting up.
public struct LoopbackMap: Hashable, Sendable {
    private let loopbacks: [String: String]
    private let nodes: [String: String]

    /// Maps the addresses of nodes, and their names to the same.
    ///
    /// - Parameter nodes: IPv4 addresses, each with the names it is known by.
    /// - Throws: When an address has no loopback one of its own.
    public init(nodes: [(address: String, names: [String])]) throws(LoopbackMapFailure) {
        var loopbacks: [String: String] = [:]
        var owners: [String: String] = [:]
        for (address, names) in nodes {
            let loopback = try Self.loopback(of: address)
            if let owner = owners.updateValue(address, forKey: loopback), owner != address {
                throw .collision(owner, address, loopback: loopback)
            }
            for name in [address] + names {
                let name = name.lowercased()
                if let other = loopbacks.updateValue(loopback, forKey: name), other != loopback {
                    throw .ambiguous(name: name)
                }
            }
        }
        self.loopbacks = loopbacks
        self.nodes = owners
    }

    /// The loopback address for a node's address or name, whatever its case.
    public subscript(host: String) -> String? { loopbacks[host.lowercased()] }

    /// The node's address behind a loopback one.
    public func node(at loopback: String) -> String? { nodes[loopback] }

    private static func loopback(of address: String) throws(LoopbackMapFailure) -> String {
        let parts = address.split(separator: ".", omittingEmptySubsequences: false).map { Octet($0) }
        guard parts.count == 4, !parts.contains(nil) else { throw .notIPv4(address) }
        let rest = parts.dropFirst().compactMap { $0?.value }
        // The first and the last of the network are its own and its broadcast's.
        guard rest != [0, 0, 0], rest != [255, 255, 255] else { throw .reserved(address) }
        return (["127"] + rest.map(String.init)).joined(separator: ".")
    }

    /// One number of a dotted quad: decimal, without a leading zero.
    private struct Octet: Equatable {
        var value: UInt8

        init?(_ text: Substring) {
            guard let value = UInt8(text), String(value) == text else { return nil }
            self.value = value
        }
    }
}

/// Why nodes cannot all be reached on loopback.
public enum LoopbackMapFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case notIPv4(String)
    /// Its loopback address is that of the network itself or its broadcast.
    case reserved(String)
    case collision(String, String, loopback: String)
    /// One name of two nodes.
    case ambiguous(name: String)

    public var description: String {
        switch self {
        case .notIPv4(let address): "\(address) is no IPv4 address"
        case .reserved(let address): "\(address) has no loopback address that can be listened on"
        case .collision(let one, let other, let loopback): "\(one) and \(other) would both be \(loopback)"
        case .ambiguous(let name): "\(name) is the name of two nodes"
        }
    }
}
