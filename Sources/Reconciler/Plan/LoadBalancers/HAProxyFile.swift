internal import Specs

/// A haproxy.cfg as it is on a node, read as far as the bridge writes it.
///
/// Blank lines, comments and blanks between words do not count, as HAProxy takes them.
struct HAProxyFile: Hashable {
    struct Listener: Hashable {
        var name: String
        var bind = ""
        var servers: Set<HAProxyConfiguration.Server> = []
        /// Words that the bridge never writes there, or not so.
        var foreign: [String] = []

        /// nil where it names none.
        var port: Int? { bind.split(separator: ":").last.flatMap { Int($0) } }
    }

    /// What stands before the apps is what `header` says.
    let hasHeader: Bool
    let listeners: [Listener]

    init(_ text: String, header: String) {
        let (lines, head) = (Self.lines(text), Self.lines(header))
        hasHeader = lines.starts(with: head)
        var listeners: [Listener] = []
        for words in hasHeader ? lines.dropFirst(head.count) : lines.drop(while: { !Self.isApp($0) }) {
            if words.first == "listen" {
                listeners.append(Listener(name: words.dropFirst().joined(separator: " ")))
            } else if !listeners.isEmpty {
                listeners[listeners.count - 1].read(words)
            }
        }
        self.listeners = listeners
    }

    var ports: [Int] { listeners.compactMap(\.port) }

    /// In which it is not what `wanted` says, a phrase each.
    func differences(from wanted: HAProxyConfiguration, bind: String) -> [String] {
        var found = hasHeader ? [] : ["another header"]
        let present = Dictionary(listeners.map { ($0.name, $0) }) { first, _ in first }
        let names = Set(wanted.listeners.map(\.name))
        found += listeners.filter { !names.contains($0.name) }.map { "- \($0.name)" }
        for listener in wanted.listeners {
            let isDoubtful = listener.doubtful.count == listener.servers.count
            guard let seen = present[listener.name] else {
                if !isDoubtful { found.append("+ \(listener.name)") }
                continue
            }
            let missing = listener.servers.filter { !seen.servers.contains($0) && !listener.doubtful.contains($0) }
            let extra = seen.servers.subtracting(listener.servers).sorted()
            var words = missing.map { "+ \($0.words)" } + extra.map { "- \($0.words)" } + seen.foreign
            let place = HAProxyConfiguration.spelled(bind, listener.port)
            if seen.bind != place { words.append("bind \(seen.bind) → \(place)") }
            if !words.isEmpty { found.append("\(listener.name): \(words.joined(separator: ", "))") }
        }
        return found
    }

    /// Servers of `wanted` that are not in the file, section by section.
    func lacks(of wanted: HAProxyConfiguration) -> [String] {
        let present = Dictionary(listeners.map { ($0.name, $0) }) { first, _ in first }
        return wanted.listeners.compactMap { listener in
            guard let seen = present[listener.name] else { return "+ \(listener.name)" }
            let missing = listener.servers.filter { !seen.servers.contains($0) && !listener.doubtful.contains($0) }
            let words = missing.map { "+ \($0.words)" }.joined(separator: ", ")
            return missing.isEmpty ? nil : "\(listener.name): \(words)"
        }
    }

    /// A section that begins after the bridge's own ones.
    private static func isApp(_ words: [Substring]) -> Bool {
        words.first == "listen" && words.count > 1 && words[1] != "stats" && words[1] != "alive"
    }

    private static func lines(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
            .filter { !$0.isEmpty && $0.first?.first != "#" }
    }
}

extension HAProxyFile.Listener {
    fileprivate mutating func read(_ words: [Substring]) {
        switch words {
        case ["mode", "tcp"], ["option", "tcplog"], ["balance", "leastconn"]: break
        case let words where words.first == "bind" && words.count == 2 && bind.isEmpty: bind = String(words[1])
        case let words where words.first == "server" && words.count == 4 && words[3] == "check":
            guard let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...])
            else { return foreign.append(words.joined(separator: " ")) }
            let host = words[2][..<colon]
            let isMarked = host.hasPrefix("ipv6@")
            servers.insert(HAProxyConfiguration.Server(host: String(isMarked ? host.dropFirst(5) : host), port: port))
        default: foreign.append(words.joined(separator: " "))
        }
    }
}
