/// A version of ZooKeeper and what it does differently (mesos-zk-ops.md 2.3).
struct ZooKeeperVersion: Hashable, Sendable, Codable {
    var text: String
    private var numbers: [Int]

    init(_ text: String) {
        self.text = text
        numbers = text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").map { Int($0) ?? 0 }
    }

    private func isAtLeast(_ other: [Int]) -> Bool { !numbers.lexicographicallyPrecedes(other) }

    /// 3.5: membership in `conf`, only listed voters count, election addresses are announced, an AdminServer.
    var isDynamic: Bool { isAtLeast([3, 5]) }

    /// What `srvr` calls itself; of the 3.4 line the builds that Ubuntu 14.04 and the tarball have.
    var build: String {
        switch text {
        case "3.8.0": "3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC"
        case "3.4.5": "3.4.5--1, built on 06/10/2013 17:26 GMT"
        case "3.4.6": "3.4.6-1569965, built on 02/20/2014 09:09 GMT"
        default: "\(text)-1, built on 01/01/1970 00:00 GMT"
        }
    }

    /// Whether a word is executed: 3.4 knows the whitelist from 3.4.10 on, 3.5.3 executes only `srvr` without one.
    func executes(_ word: String, whitelist: [String]?) -> Bool {
        guard isAtLeast([3, 4, 10]) else { return true }
        if let whitelist { return whitelist.contains("*") || whitelist.contains(word) }
        return isDynamic ? word == "srvr" : word != "wchp" && word != "wchc"
    }
}
