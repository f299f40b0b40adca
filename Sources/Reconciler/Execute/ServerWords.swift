internal import Specs

/// What gates and rolls read from the words of ZooKeeper servers.
enum ServerWords {
    /// `Mode:` of `srvr`; `.notServing` for a server that is up without a quorum; nil for anything else
    /// (mesos-zk-ops.md 2.4).
    static func zooKeeperMode(srvr text: String) -> ZooKeeperServer.Mode? {
        if text.hasPrefix("This ZooKeeper instance is not currently serving requests") { return .notServing }
        return value(of: "Mode", separator: ":", in: text).flatMap(ZooKeeperServer.Mode.init(rawValue:))
    }

    /// `serverId` of `conf`; nil where the word is not in the whitelist.
    static func zooKeeperID(conf text: String) -> Int? {
        value(of: "serverId", separator: "=", in: text).flatMap { Int($0) }
    }

    /// `zk_synced_followers` of a leader's `mntr`, printed `2` or `2.0`; nil where the word is not in the whitelist.
    static func syncedFollowers(mntr text: String) -> Int? {
        value(of: "zk_synced_followers", separator: "\t", in: text).flatMap { Double($0) }
            .flatMap { Int(exactly: $0) }
    }

    private static func value(of key: String, separator: Character, in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(key) {
            let rest = line.dropFirst(key.count)
            guard rest.first == separator else { continue }
            return String(rest.dropFirst().drop(while: \.isWhitespace).prefix { !$0.isWhitespace })
        }
        return nil
    }
}
