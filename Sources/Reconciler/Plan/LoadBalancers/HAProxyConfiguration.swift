public import Specs

/// The listeners that haproxy.cfg should have for Marathon's tasks: what the bridge on a node makes, made once more.
///
/// It shares nothing with the bridge but the form of the file (docs/load-balancer.md).
public struct HAProxyConfiguration: Hashable, Sendable {
    public struct Server: Hashable, Sendable, Comparable {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        /// As the file spells it.
        public var words: String { HAProxyConfiguration.spelled(host, port) }

        public static func < (a: Server, b: Server) -> Bool {
            a.host == b.host ? a.port < b.port : a.host.utf8.lexicographicallyPrecedes(b.host.utf8)
        }
    }

    public struct Listener: Hashable, Sendable {
        /// Absolute id.
        public var app: String
        public var port: Int
        /// Sorted.
        public var servers: [Server]
        /// Of these, the servers that may as well be missing: health checks fail there, and not every way of asking Marathon
        /// tells.
        public var doubtful: Set<Server>

        /// `shop_web-80` for `/shop/web`.
        public var name: String { "\(HAProxyConfiguration.proxyName(app))-\(port)" }
    }

    /// A service port that gets no listener, and why.
    public struct LeftOut: Hashable, Sendable {
        public var app: String
        public var port: Int
        public var because: String
    }

    /// Sorted by port.
    public var listeners: [Listener]
    public var leftOut: [LeftOut]

    /// `reserved` are ports of the node's own daemons and of HAProxy's own listener.
    public init(_ tasks: [BalancedTask], reserved: Set<Int>) {
        var places: [Int: [String: Set<Server>]] = [:]
        var doubts: [Int: [String: Set<Server>]] = [:]
        for task in tasks where task.isRunning {
            // With container networks the lists need not be of one length, and nothing tells which belong together.
            guard task.ports.count == task.servicePorts.count else { continue }
            for (port, service) in zip(task.ports, task.servicePorts) where service != 0 && port != 0 {
                let server = Server(host: task.host, port: port)
                places[service, default: [:]][task.app, default: []].insert(server)
                if task.isAlive == false { doubts[service, default: [:]][task.app, default: []].insert(server) }
            }
        }
        listeners = []
        leftOut = []
        for (port, apps) in places.sorted(by: { $0.key < $1.key }) {
            // By name and not by id, as in the file: `/shop/web` comes after `/shop2`.
            let ids = apps.keys.map { (name: Self.proxyName($0), id: $0) }
                .sorted { a, b in
                    let (one, other) = a.name == b.name ? (a.id, b.id) : (a.name, b.name)
                    return one.utf8.lexicographicallyPrecedes(other.utf8)
                }
                .map(\.id)
            if reserved.contains(port) {
                leftOut += ids.map { LeftOut(app: $0, port: port, because: "a daemon of the node has it") }
                continue
            }
            guard let first = ids.first else { continue }
            leftOut += ids.dropFirst().map { LeftOut(app: $0, port: port, because: "\(first) has it") }
            listeners.append(
                Listener(
                    app: first,
                    port: port,
                    servers: (apps[first] ?? []).sorted(),
                    doubtful: doubts[port]?[first] ?? []
                )
            )
        }
    }

    /// The whole file; nil where it is uncertain which servers are in it.
    public func text(header: Content, bind: String) -> Content? {
        guard listeners.allSatisfy({ $0.doubtful.isEmpty }) else { return nil }
        let sections = listeners.map { "\n" + $0.lines(bind: bind).map { $0 + "\n" }.joined() }
        return Content(BridgeScript.firstLine + "\n") + header + Content(sections.joined())
    }

    /// HAProxy splits at the last colon; a name is not looked for behind `ipv6@` (HAProxy's manual, `bind` and `server`).
    static func spelled(_ host: String, _ port: Int) -> String {
        "\(host.contains(":") ? "ipv6@" : "")\(host):\(port)"
    }

    /// Without the leading slash, other slashes and whatever HAProxy takes in no name as `_` (HAProxy's manual, 2.3).
    static func proxyName(_ app: String) -> String {
        let name = app.hasPrefix("/") ? app.dropFirst() : app[...]
        return String(
            name.unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": Character(scalar)
                default: "_"
                }
            }
        )
    }
}

extension HAProxyConfiguration.Listener {
    fileprivate func lines(bind: String) -> [String] {
        let name = HAProxyConfiguration.proxyName(app)
        return [
            "listen \(self.name)", "  bind \(HAProxyConfiguration.spelled(bind, port))", "  mode tcp",
            "  option tcplog", "  balance leastconn",
        ] + servers.enumerated().map { "  server \(name)-\($0 + 1) \($1.words) check" }
    }
}
