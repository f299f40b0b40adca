internal import Reconciler
internal import Specs

extension ObservedDocument {
    public struct Network: Hashable, Sendable, Encodable {
        public var hostname: String
        public var links: [Link]
        /// Default routes of IPv4, in the kernel's order.
        public var gateways: [Gateway]
        /// Whom the resolver really asks, in order.
        public var nameservers: [String]

        init(_ answer: NetworkAnswer) {
            (hostname, nameservers) = (answer.hostname, answer.nameservers)
            links = answer.links.map(Link.init)
            gateways = answer.gateways.map { Gateway(address: $0.address, interface: $0.interface) }
        }
    }

    public struct Link: Hashable, Sendable, Encodable {
        public var name: String
        /// Administratively.
        public var up: Bool
        /// Such as `10.16.40.1/23`; without those of the link itself (`fe80::`).
        public var addresses: [String]
        /// Those that a lease or a router's advertisement gave; absent: none.
        public var dynamicAddresses: [String]?
        /// `ifupdown`, `networkd`, `networkManager`, `netplan`, or `unknown`: nobody, or two at once.
        public var owner: String
        /// The file that configures it; absent where it is not known.
        public var file: String?

        init(_ link: NetworkAnswer.Link) {
            (name, up, addresses, owner) = (link.name, link.isUp, link.addresses, link.owner.rawValue)
            dynamicAddresses = link.dynamicAddresses.isEmpty ? nil : link.dynamicAddresses
            file = link.file.isEmpty ? nil : link.file
        }
    }

    public struct Gateway: Hashable, Sendable, Encodable {
        public var address: String
        public var interface: String
    }

    /// A port of another node, as this one sees it.
    public struct Port: Hashable, Sendable, Encodable {
        public var address: String
        public var port: Int
        /// `connected`, `refused` (the host is there, nobody listens), `silent` or `unknown`.
        public var outcome: String
        /// Why it is silent or unknown.
        public var reason: String?

        init(_ port: PeerPort, _ observation: Observation<ReachOutcome>) {
            (address, self.port) = (port.address, port.port)
            switch observation {
            case .found(.connected): outcome = "connected"
            case .found(.refused): outcome = "refused"
            case .found(.silent(let words)): (outcome, reason) = ("silent", words)
            case .unknown(let why): (outcome, reason) = ("unknown", why)
            case .absent: (outcome, reason) = ("unknown", "not answered")
            }
        }
    }

    /// Seconds by which a clock is ahead of the observation's own, whose zero means nothing.
    public struct Offset: Hashable, Sendable, Encodable {
        public var atLeast: Double
        public var atMost: Double

        init(_ offset: ClockOffset) {
            atLeast = offset.atLeast.roundedToMilliseconds
            atMost = offset.atMost.roundedToMilliseconds
        }
    }

    public struct LoadBalancer: Hashable, Sendable, Encodable {
        /// What the bridge wrote down of its last run; absent before the first.
        public var lastRun: Seen<Run>
        /// Whether haproxy.cfg is what the bridge last gave HAProxy; absent where one of both is not there.
        public var isLastGood: Seen<Bool>
        /// Every TCP socket that listens.
        public var listening: Seen<[Socket]>

        init(_ balancer: ObservedLoadBalancer) {
            lastRun = Seen(balancer.lastRun, Run.init)
            isLastGood = Seen(balancer.isLastGood) { $0 }
            listening = Seen(balancer.listening) { $0.map(Socket.init) }
        }

        public struct Run: Hashable, Sendable, Encodable {
            /// Seconds since 1970 on the node's clock.
            public var at: Int
            /// `unchanged`, `updated`, `kept` or `failed`.
            public var outcome: String
            /// From when on runs went like this; absent where it is not told.
            public var since: Int?
            /// The Marathon that answered.
            public var marathon: String?
            /// Why it kept or failed, and what was left out; absent where there is nothing to say.
            public var message: String?

            init(_ run: BridgeRun) {
                (at, outcome, since, marathon) = (run.at, run.outcome.rawValue, run.since, run.marathon)
                message = run.message.isEmpty ? nil : run.message
            }
        }

        public struct Socket: Hashable, Sendable, Encodable {
            public var address: String
            public var port: Int
            /// Of the processes that have it open the one that started last; absent where that could not be told.
            public var pid: Int?
            public var program: String?
            /// When that process started, seconds since 1970.
            public var started: Int?

            init(_ socket: ListeningSocket) {
                (address, port, pid) = (socket.address, socket.port, socket.pid)
                (program, started) = (socket.program, socket.started)
            }
        }
    }

    /// A task of Marathon's with the ports that it serves.
    public struct BalancedTaskSeen: Hashable, Sendable, Encodable {
        public var app: String
        public var host: String
        /// On its host; the n-th serves the n-th service port.
        public var ports: [Int]
        public var servicePorts: [Int]
        public var running: Bool
        /// Whether every health check that answered says so; absent where none did.
        public var alive: Bool?

        init(_ task: BalancedTask) {
            (app, host, ports, servicePorts) = (task.app, task.host, task.ports, task.servicePorts)
            (running, alive) = (task.isRunning, task.isAlive)
        }
    }
}

extension ObservedView {
    /// Links, routes, names, ports and clock; what stands between nodes first, the rest when verbose.
    func networkRows(of node: ObservedNode) -> [(String, String)] {
        var rows: [(String, String)] = []
        if case .found(let network) = node.network {
            let links = network.links.filter { isVerbose || $0.name != "lo" && !$0.addresses.isEmpty }
            rows += links.map { ("link", words(for: $0)) }
            let routes = network.gateways.map { "\(visible($0.address)) on \(visible($0.interface))" }
            let servers = network.nameservers.map { visible($0) }
            rows.append(
                (
                    "network",
                    "host name \(visible(network.hostname)), "
                        + (routes.isEmpty ? style("no default route", .unknown) : "default route \(list(routes))")
                        + ", " + (servers.isEmpty ? style("no name server", .unknown) : "asks \(list(servers))")
                )
            )
        }
        rows += nameRows(of: node) + portRows(of: node)
        if let skew = skews.first(where: { $0.node == node.name && $0.seconds >= 1 }) {
            rows.append(("clock", style(visible(skew.words), .unknown)))
        }
        return rows
    }

    private var skews: [ClockSkew] {
        ClockSkew.among(observed.nodes.compactMapValues { $0.node?.clockOffset })
    }

    private func words(for link: NetworkAnswer.Link) -> String {
        let addresses = link.addresses.map { address in
            visible(address) + (link.dynamicAddresses.contains(address) ? " (leased)" : "")
        }
        let owner = link.owner == .unknown ? style("nobody known configures it", .unknown) : link.owner.rawValue
        return "\(visible(link.name)) \(link.isUp ? "up" : style("down", .unknown)), "
            + "\(addresses.isEmpty ? "no address" : list(addresses)), \(owner)"
            + (link.file.isEmpty ? "" : " (\(visible(link.file)))")
    }

    /// Names that lead to loopback or nowhere; when verbose all that were asked for.
    private func nameRows(of node: ObservedNode) -> [(String, String)] {
        node.addresses.sorted { $0.key < $1.key }.compactMap { name, found in
            switch found {
            case .found(let addresses):
                let isLooped = addresses.first.flatMap { IPAddress($0) }?.isLoopback == true
                let words = "\(visible(name)) leads to \(list(addresses.map { visible($0) }))"
                if isLooped { return ("name", style(words, .unknown)) }
                return isVerbose ? ("name", words) : nil
            case .absent: return ("name", style("\(visible(name)) leads nowhere", .unknown))
            // Told among what could not be found out.
            case .unknown: return nil
            }
        }
    }

    private func portRows(of node: ObservedNode) -> [(String, String)] {
        guard !node.reached.isEmpty else { return [] }
        var (connected, refused, rows): (Int, [String], [(String, String)]) = (0, [], [])
        for (port, outcome) in node.reached.sorted(by: { $0.key < $1.key }) {
            let place = visible(port.description)
            switch outcome {
            case .found(.connected): connected += 1
            case .found(.refused): refused.append(place)
            case .found(.silent(let words)):
                rows.append(("port", style("\(place) does not answer (\(oneLine(words)))", .unknown)))
            case .unknown(let why): rows.append(("?", "port \(place): \(oneLine(why))"))
            case .absent: rows.append(("?", "port \(place): not answered"))
            }
        }
        let nobody = refused.isEmpty ? "" : "; nobody listens at \(list(refused, limit: isVerbose ? .max : 4))"
        return [("ports", "\(connected) of \(count(node.reached.count, "port")) of other nodes answer\(nobody)")] + rows
    }

    /// The bridge's last run, whether its file is in place, and where HAProxy listens.
    func balancerRows(of node: ObservedNode) -> [(String, String)] {
        guard case .found(let balancer) = node.loadBalancer else { return [] }
        var rows: [(String, String)] = []
        switch balancer.lastRun {
        case .found(let run): rows.append(("bridge", words(for: run, at: node.clock.value)))
        case .absent: rows.append(("bridge", style("has not run yet", .unknown)))
        case .unknown(let why): rows.append(("?", "bridge's last run: \(oneLine(why))"))
        }
        switch balancer.isLastGood {
        case .found(true): rows.append(("bridge", "haproxy.cfg is what it last gave HAProxy"))
        case .found(false):
            rows.append(("bridge", style("haproxy.cfg is not what it last gave HAProxy", .unknown)))
        case .absent: break
        case .unknown(let why): rows.append(("?", "haproxy.cfg beside the bridge's last: \(oneLine(why))"))
        }
        switch balancer.listening {
        case .found(let sockets):
            let own = sockets.filter { isVerbose || $0.program == "haproxy" }
            let words = own.map { socket in
                visible(PeerPort(socket.address, socket.port).description)
                    + (isVerbose ? socket.program.map { " \(visible($0))" } ?? "" : "")
            }
            rows.append(("listening", words.isEmpty ? style("HAProxy nowhere", .unknown) : list(words)))
        case .absent: break
        case .unknown(let why): rows.append(("?", "who listens: \(oneLine(why))"))
        }
        return rows
    }

    private func words(for run: BridgeRun, at now: Double?) -> String {
        let age = now.map { $0 - Double(run.at) }.flatMap { (0..<1e9).contains($0) ? " \(Int($0)) s ago" : nil }
        let outcome = run.outcome.isWell ? run.outcome.rawValue : style(run.outcome.rawValue, .unknown)
        return "last run\(age ?? ""): \(outcome)"
            + (run.marathon.map { ", by what \(visible($0)) said" } ?? "")
            + (run.message.isEmpty ? "" : ": \(oneLine(run.message))")
    }

    /// What there is to balance, an app a row when verbose.
    var balancedLines: [String] {
        let head = "  \(style("balanced tasks", .heading))"
        switch observed.balanced {
        case .absent: return []
        case .unknown(let why): return ["\(head)\n" + lines([("?", oneLine(why))])]
        case .found(let tasks):
            let apps = Dictionary(grouping: tasks, by: \.app).sorted { $0.key < $1.key }
            let rows = apps.map { app, tasks in
                let sick = tasks.count { $0.isAlive == false }
                return (
                    "app",
                    "\(visible(app))   \(count(tasks.count, "task"))"
                        + (sick > 0 ? ", \(style("\(sick) failing health checks", .unknown))" : "")
                        + ", service ports \(list(Set(tasks.flatMap(\.servicePorts)).sorted().map(String.init)))"
                )
            }
            return [
                "\(head)   \(count(tasks.count, "task")) of \(count(apps.count, "app"))\n"
                    + lines(isVerbose ? rows : [])
            ]
        }
    }
}
