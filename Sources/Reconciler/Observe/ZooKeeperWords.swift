internal import Specs

/// Readers of ZooKeeper's four-letter words, 3.4 to 3.8.
enum ZooKeeperWords {
    /// Puts the three answers together.
    ///
    /// Nobody listening is absent. A server that does not allow `srvr` is alive, but what it is is unknown unless `mntr` says.
    static func server(
        srvr: Observation<String>,
        conf: Observation<String>?,
        mntr: Observation<String>?
    ) -> Observation<ZooKeeperServer> {
        switch srvr {
        case .absent: return .absent
        case .unknown(let reason): return .unknown(reason)
        case .found(let text):
            let monitor = mntr?.value.map(self.mntr) ?? [:]
            guard var server = self.srvr(text) ?? monitored(monitor) else {
                return .unknown(unreadable(text))
            }
            if let conf = conf?.value.flatMap(self.conf) {
                server.serverID = conf.serverID
                server.members = conf.members
            }
            server.syncedFollowers = monitor["zk_synced_followers"].flatMap(number)
            return .found(server)
        }
    }

    /// `srvr`: `Name: value` lines; nil for what is no such answer.
    static func srvr(_ text: String) -> ZooKeeperServer? {
        if isNotServing(text) { return ZooKeeperServer(mode: .notServing) }
        let values = Dictionary(lines(text).compactMap { pair($0, ":") }) { first, _ in first }
        guard let mode = values["Mode"].flatMap(ZooKeeperServer.Mode.init(rawValue:)), mode != .notServing else {
            return nil
        }
        return ZooKeeperServer(
            mode: mode,
            version: values["Zookeeper version"].flatMap(version),
            zxid: values["Zxid"].flatMap(zxid),
            nodeCount: values["Node count"].flatMap { Int($0) }
        )
    }

    /// `conf`: the server's own id, and from 3.5 on the list it runs with; nil where it was not answered.
    static func conf(_ text: String) -> (serverID: Int?, members: [Int: String]?)? {
        guard !isNotServing(text), !isNotAllowed(text) else { return nil }
        let values = Dictionary(lines(text).compactMap { pair($0, "=") }) { first, _ in first }
        guard !values.isEmpty else { return nil }
        let servers = values.compactMap { key, value -> (Int, String)? in
            guard key.hasPrefix("server."), let id = Int(key.dropFirst("server.".count)) else { return nil }
            return (id, withoutRole(value))
        }
        let hasMembership = lines(text).contains { $0.hasPrefix("membership:") } || !servers.isEmpty
        return (
            values["serverId"].flatMap { Int($0) },
            hasMembership ? Dictionary(servers) { first, _ in first } : nil
        )
    }

    /// `mntr`: `key` tab `value` lines; empty where it was not answered.
    static func mntr(_ text: String) -> [String: String] {
        Dictionary(lines(text).compactMap { pair($0, "\t") }) { first, _ in first }
    }

    /// Answered to every word while there is no quorum.
    static func isNotServing(_ text: String) -> Bool { text.contains("not currently serving requests") }

    /// Answered by a server that is alive and does not allow the word.
    static func isNotAllowed(_ text: String) -> Bool { text.contains("not in the whitelist") }

    // MARK: Parts

    private static func monitored(_ monitor: [String: String]) -> ZooKeeperServer? {
        guard let mode = monitor["zk_server_state"].flatMap(ZooKeeperServer.Mode.init(rawValue:)), mode != .notServing
        else { return nil }
        return ZooKeeperServer(
            mode: mode,
            version: monitor["zk_version"].flatMap(version),
            nodeCount: monitor["zk_znode_count"].flatMap(number)
        )
    }

    private static func unreadable(_ text: String) -> String {
        if isNotAllowed(text) { return "the server is alive and does not allow srvr: add it to 4lw.commands.whitelist" }
        if text.isEmpty { return "the server closed the connection without an answer to srvr" }
        return "what answers srvr at this port is no ZooKeeper server"
    }

    /// `3.8.0-${mvngit.commit.id}, built on …` → `3.8.0`.
    private static func version(_ text: String) -> String? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        return digits.isEmpty ? nil : String(digits)
    }

    private static func zxid(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
    }

    /// Counts may come as `2` or `2.0`.
    private static func number(_ text: String) -> Int? { Double(text).flatMap { Int(exactly: $0.rounded()) } }

    /// `10.16.40.1:2888:3888:participant;0.0.0.0:2181` → `10.16.40.1:2888:3888`; observers keep their role, it is no voter's.
    private static func withoutRole(_ server: String) -> String {
        let address = server.prefix { $0 != ";" }
        let role = ":participant"
        return String(address.hasSuffix(role) ? address.dropLast(role.count) : address)
    }

    private static func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    private static func pair(_ line: Substring, _ separator: Character) -> (String, String)? {
        guard let place = line.firstIndex(of: separator) else { return nil }
        let value = line[line.index(after: place)...]
        return (trimmed(line[..<place]), trimmed(value))
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
