/// zoo.cfg as a server reads it once, at its start (mesos-zk-ops.md 2.2).
struct ZooKeeperConfig: Hashable, Sendable, Codable {
    /// A `server.N` line.
    struct Member: Hashable, Sendable, Codable {
        var id: Int
        /// A name or an address.
        var host: String
        var quorumPort: Int
        var electionPort: Int
        var isObserver: Bool
    }

    var dataDirectory = ""
    var logDirectory: String?
    var clientPort: Int?
    var clientPortAddress: String?
    var tickTime = 3000
    var initLimit = 0
    var syncLimit = 0
    var maxClientConnections = 60
    var minSessionTimeout: Int?
    var maxSessionTimeout: Int?
    /// By id.
    var members: [Member] = []
    var isObserver = false
    var listensOnAllAddresses = false
    var allowsStandalone = true
    /// The four-letter words of `4lw.commands.whitelist`; nil where the key is missing.
    var words: [String]?
    var wantsAdminServer = true
    var adminPort = 8080
    var trustsEmptySnapshot = false

    var voters: [Member] { members.filter { !$0.isObserver } }
    /// Bounds of a session's timeout in milliseconds: 2 and 20 ticks where nothing else is said.
    var sessionTimeouts: ClosedRange<Int> {
        let low = minSessionTimeout ?? tickTime * 2
        return low...max(low, maxSessionTimeout ?? tickTime * 20)
    }

    func member(_ id: Int) -> Member? { members.first { $0.id == id } }
}

/// Why a server does not take its configuration, in Java's words.
struct ZooKeeperConfigFault: Error {
    var cause: String
}

extension ZooKeeperConfig {
    /// Reads zoo.cfg as `java.util.Properties` and `QuorumPeerConfig` do; unknown keys become system properties.
    init(_ text: String, version: ZooKeeperVersion) throws(ZooKeeperConfigFault) {
        for (key, value) in Self.properties(text) { try set(key, value) }
        members.sort { $0.id < $1.id }
        if dataDirectory.isEmpty { throw ZooKeeperConfigFault(cause: "dataDir is not set") }
        if clientPort == nil, !version.isDynamic { throw ZooKeeperConfigFault(cause: "clientPort is not set") }
        if isReplicated(version) {
            if initLimit == 0 { throw ZooKeeperConfigFault(cause: "initLimit is not set") }
            if syncLimit == 0 { throw ZooKeeperConfigFault(cause: "syncLimit is not set") }
        }
    }

    /// Whether it is a member of an ensemble: without server lines, or with one, it is alone (mesos-zk-ops.md 2.1).
    func isReplicated(_ version: ZooKeeperVersion) -> Bool {
        if members.isEmpty { return false }
        if version.isDynamic, !allowsStandalone { return true }
        return members.count > 1
    }

    private mutating func set(_ key: String, _ value: String) throws(ZooKeeperConfigFault) {
        switch key {
        case "dataDir": dataDirectory = value
        case "dataLogDir": logDirectory = value
        case "clientPort": clientPort = try Self.number(value)
        case "clientPortAddress": clientPortAddress = value
        case "tickTime": tickTime = try Self.number(value)
        case "initLimit": initLimit = try Self.number(value)
        case "syncLimit": syncLimit = try Self.number(value)
        case "maxClientCnxns": maxClientConnections = try Self.number(value)
        case "minSessionTimeout": minSessionTimeout = try Self.number(value)
        case "maxSessionTimeout": maxSessionTimeout = try Self.number(value)
        case "peerType":
            guard value == "observer" || value == "participant" else {
                throw ZooKeeperConfigFault(cause: "Unrecognised peertype: \(value)")
            }
            isObserver = value == "observer"
        case "quorumListenOnAllIPs": listensOnAllAddresses = value.lowercased() == "true"
        case "standaloneEnabled": allowsStandalone = value.lowercased() != "false"
        case "4lw.commands.whitelist":
            words = value.split(separator: ",").map { $0.trimmingSpaces }
        case "admin.enableServer": wantsAdminServer = value.lowercased() == "true"
        case "admin.serverPort": adminPort = try Self.number(value)
        case "snapshot.trust.empty": trustsEmptySnapshot = value.lowercased() == "true"
        default:
            if key.hasPrefix("server.") { members.append(try Self.member(key, value)) }
        }
    }

    /// `server.N=host:2888:3888[:participant|observer][;[address:]port]`.
    private static func member(_ key: String, _ value: String) throws(ZooKeeperConfigFault) -> Member {
        let parts = value.prefix { $0 != ";" }.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let id = Int(key.dropFirst("server.".count)) else {
            throw ZooKeeperConfigFault(cause: "For input string: \"\(key.dropFirst("server.".count))\"")
        }
        guard parts.count >= 3, parts.count <= 4, !parts[0].isEmpty else {
            throw ZooKeeperConfigFault(
                cause: "\(value) does not have the form host:port or host:port:port  or host:port:port:type"
            )
        }
        let kind = parts.count == 4 ? parts[3].lowercased() : "participant"
        guard kind == "participant" || kind == "observer" else {
            throw ZooKeeperConfigFault(cause: "Unrecognised peertype: \(value)")
        }
        return Member(
            id: id,
            host: parts[0],
            quorumPort: try number(parts[1]),
            electionPort: try number(parts[2]),
            isObserver: kind == "observer"
        )
    }

    private static func number(_ text: String) throws(ZooKeeperConfigFault) -> Int {
        guard let number = Int(text) else { throw ZooKeeperConfigFault(cause: "For input string: \"\(text)\"") }
        return number
    }

    /// The pairs of a Java properties file in their order; of two equal keys the last counts.
    private static func properties(_ text: String) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingSpaces
            guard let first = line.first, first != "#", first != "!" else { continue }
            let key = line.prefix { !"=: \t".contains($0) }
            var rest = line.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }
            if let mark = rest.first, mark == "=" || mark == ":" { rest = rest.dropFirst() }
            pairs.removeAll { $0.0 == key }
            pairs.append((String(key), rest.trimmingSpaces))
        }
        return pairs
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    var trimmingSpaces: String {
        let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" && $0 != "\r" }) else { return "" }
        return String(start[...last])
    }
}
