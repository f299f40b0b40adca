/// Four-letter words (mesos-zk-ops.md 2.4, zookeeper-examples/).
///
/// Known are `ruok`, `srvr`, `stat`, `mntr`, `conf` and `isro`; of `mntr` the lines that describe the server, not the some
/// 450 counters and histograms of its insides that 3.6 added. Latencies are always 0.
extension ZooKeeperService {
    /// Answers a word that is sent over TCP.
    /// - Parameters:
    ///   - word: Four letters.
    ///   - endpoint: The dialled address and port.
    ///   - node: The machine that the connection reaches.
    ///   - now: When.
    /// - Returns: Every byte until the server closes; nil where nothing listens.
    public mutating func word(_ word: String, to endpoint: Endpoint, on node: String, at now: Moment) -> String? {
        guard let server = server(at: endpoint, from: node), server.node == node, let process = processes[server] else {
            return nil
        }
        processes[server]?.received += 1
        defer { processes[server]?.sent += 1 }
        guard ["ruok", "srvr", "stat", "mntr", "conf", "isro"].contains(word) else { return "" }
        guard process.version.executes(word, whitelist: process.config.words) else {
            return "\(word) is not executed because it is not in the whitelist.\n"
        }
        if word == "ruok" { return "imok" }
        guard isServing(server) else {
            return word == "isro" ? "null" : "This ZooKeeper instance is not currently serving requests\n"
        }
        switch word {
        case "isro": return "rw"
        case "conf": return conf(server, process)
        case "mntr": return mntr(server, process, now)
        default: return stat(server, process, withClients: word == "stat")
        }
    }

    private func modeName(_ process: ZooKeeperServer) -> String {
        if process.role == .standalone { return "standalone" }
        return process.leading != nil ? "leader" : process.isObserver ? "observer" : "follower"
    }

    private func stat(_ server: ZooKeeperServerID, _ process: ZooKeeperServer, withClients: Bool) -> String {
        let received = processes[server]?.received ?? 0
        var lines = ["Zookeeper version: \(process.version.build)"]
        if withClients {
            lines.append("Clients:")
            for client in connections[server]?.sorted() ?? [] {
                let packets = (clients[client]?.received ?? 0) + 1
                lines.append(" /\(client.node):\(port(of: client))[1](queued=0,recved=\(packets),sent=\(packets))")
            }
            lines += [" /127.0.0.1:\(32_768 + received % 28_000)[0](queued=0,recved=1,sent=0)", ""]
        }
        lines += [
            "Latency min/avg/max: \(process.version.isDynamic ? "0/0.0/0" : "0/0/0")",
            "Received: \(received)",
            "Sent: \(process.sent)",
            "Connections: \((connections[server]?.count ?? 0) + 1)",
            "Outstanding: 0",
            "Zxid: 0x\(String(zxid(of: server), radix: 16))",
            "Mode: \(modeName(process))",
            "Node count: \(nodeCount(server))",
        ]
        if process.leading != nil, process.version.isDynamic { lines.append("Proposal sizes last/min/max: -1/-1/-1") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func port(of client: ZooKeeperClientID) -> Int {
        32_768 + client.description.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % 28_000
    }

    private func conf(_ server: ZooKeeperServerID, _ process: ZooKeeperServer) -> String {
        let config = process.config
        let isDynamic = process.version.isDynamic
        let data = "\(config.dataDirectory)/version-2"
        let log = "\(config.logDirectory ?? config.dataDirectory)/version-2"
        let bytes = diskBytes(server)
        var lines = ["clientPort=\(config.clientPort ?? -1)"]
        if isDynamic { lines.append("secureClientPort=-1") }
        lines.append("dataDir=\(data)")
        if isDynamic { lines.append("dataDirSize=\(bytes)") }
        lines.append("dataLogDir=\(log)")
        if isDynamic { lines.append("dataLogSize=\(bytes)") }
        lines += [
            "tickTime=\(config.tickTime)",
            "maxClientCnxns=\(config.maxClientConnections)",
            "minSessionTimeout=\(config.sessionTimeouts.lowerBound)",
            "maxSessionTimeout=\(config.sessionTimeouts.upperBound)",
        ]
        if isDynamic { lines.append("clientPortListenBacklog=-1") }
        lines.append("serverId=\(process.id)")
        guard process.role != .standalone, let own = config.member(process.id) else {
            return lines.joined(separator: "\n") + "\n"
        }
        lines += [
            "initLimit=\(config.initLimit)", "syncLimit=\(config.syncLimit)", "electionAlg=3",
            "electionPort=\(own.electionPort)", "quorumPort=\(own.quorumPort)",
            "peerType=\(process.isObserver ? 1 : 0)",
        ]
        guard isDynamic else { return lines.joined(separator: "\n") + "\n" }
        return (lines + ["membership: ", membership(config)]).joined(separator: "\n")
    }

    /// The text of /zookeeper/config; no line break at its end.
    private func membership(_ config: ZooKeeperConfig) -> String {
        let members = config.members.map { member in
            "server.\(member.id)=\(member.host):\(member.quorumPort):\(member.electionPort)"
                + (member.isObserver ? ":observer" : ":participant")
        }
        return (members + ["version=0"]).joined(separator: "\n")
    }

    /// A snapshot of an empty tree with the list of three takes 594 bytes; the first transaction adds a log of 64 MiB.
    private func diskBytes(_ server: ZooKeeperServerID) -> Int {
        let disk = disks[holder(of: server)]
        return 415 + approximateBytes(server) + ((disk?.zxid ?? 0) & 0xffff_ffff > 0 ? 67_108_880 : 0)
    }

    /// Bytes of paths and data; from 3.5 on with /zookeeper/config, which holds the list of an ensemble.
    private func approximateBytes(_ server: ZooKeeperServerID) -> Int {
        let tree = disks[holder(of: server)]?.tree.bytes ?? 0
        guard let process = processes[server], process.version.isDynamic else { return tree }
        let list = process.role == .standalone ? 0 : membership(process.config).utf8.count
        return tree + "/zookeeper/config".utf8.count + list
    }

    private func mntr(_ server: ZooKeeperServerID, _ process: ZooKeeperServer, _ now: Moment) -> String {
        let pairs = process.version.isDynamic ? mntr38(server, process, now) : mntr34(server, process)
        return pairs.map { "zk_\($0.0)\t\($0.1)\n" }.joined()
    }

    /// MonitorCommand of 3.4.6.
    private func mntr34(_ server: ZooKeeperServerID, _ process: ZooKeeperServer) -> [(String, String)] {
        let disk = disks[holder(of: server)]
        let open = (connections[server]?.count ?? 0) + 1
        var pairs = [
            ("version", process.version.build), ("avg_latency", "0"), ("max_latency", "0"), ("min_latency", "0"),
            ("packets_received", "\(processes[server]?.received ?? 0)"), ("packets_sent", "\(process.sent)"),
            ("num_alive_connections", "\(open)"), ("outstanding_requests", "0"),
            ("server_state", modeName(process)), ("znode_count", "\(nodeCount(server))"),
            ("watch_count", "\(watchCount(server))"), ("ephemerals_count", "\(disk?.ephemeralCount ?? 0)"),
            ("approximate_data_size", "\(approximateBytes(server))"),
            ("open_file_descriptor_count", "\(open + 26)"), ("max_file_descriptor_count", "4096"),
        ]
        if let leading = process.leading {
            pairs += [
                ("followers", "\(leading.learners.count)"),
                ("synced_followers", "\(leading.learners.count { !$0.isObserver })"), ("pending_syncs", "0"),
            ]
        }
        return pairs
    }

    private func watchCount(_ server: ZooKeeperServerID) -> Int {
        (connections[server]?.sorted() ?? []).reduce(0) { $0 + (clients[$1]?.watches.count ?? 0) }
    }

    private func mntr38(_ server: ZooKeeperServerID, _ process: ZooKeeperServer, _ now: Moment) -> [(String, String)] {
        let disk = disks[holder(of: server)]
        let open = (connections[server]?.count ?? 0) + 1
        let leading = process.leading
        let uptime = now - process.startedAt
        var pairs = [("version", process.version.build), ("server_state", modeName(process))]
        func add(_ key: String, _ value: Int?) { if let value { pairs.append((key, "\(value)")) } }
        if process.role != .standalone {
            let verb = leading != nil ? "leading" : process.isObserver ? "observing" : "following"
            pairs.append(("peer_state", "\(verb) - broadcast"))
        }
        add("ephemerals_count", disk?.ephemeralCount ?? 0)
        add("num_alive_connections", open)
        pairs.append(("avg_latency", "0.0"))
        add("min_proposal_size", leading.map { _ in -1 })
        add("outstanding_requests", 0)
        add("znode_count", nodeCount(server))
        add("global_sessions", disk?.sessions.count ?? 0)
        add("non_mtls_remote_conn_count", 0)
        add("last_client_response_size", -1)
        add("packets_sent", process.sent)
        add("packets_received", processes[server]?.received ?? 0)
        add("max_proposal_size", leading.map { _ in -1 })
        add("max_client_response_size", -1)
        let voters = Set(process.config.voters.map(\.id))
        add("synced_followers", leading.map { leader in leader.learners.count { !$0.isObserver } })
        pairs.append(("connection_drop_probability", "0.0"))
        add("watch_count", watchCount(server))
        add(
            "synced_non_voting_followers",
            leading.map { leader in leader.learners.count { !$0.isObserver && !voters.contains($0.id) } }
        )
        add("synced_observers", leading.map { leader in leader.learners.count(where: \.isObserver) })
        add("auth_failed_count", 0)
        add("min_latency", 0)
        add("max_file_descriptor_count", 20_000)
        add("approximate_data_size", approximateBytes(server))
        add("open_file_descriptor_count", 42 + open + (leading?.learners.count ?? 0))
        add("last_proposal_size", leading.map { _ in -1 })
        add("pending_syncs", leading.map { _ in 0 })
        add("leader_uptime", leading.map { _ in now - (process.leadingSince ?? now) })
        add("local_sessions", 0)
        add("uptime", uptime)
        add("max_latency", 0)
        add("outstanding_tls_handshake", 0)
        add("learners", leading?.learners.count)
        add("min_client_response_size", -1)
        add("non_mtls_local_conn_count", 0)
        add("quorum_size", process.role == .standalone ? nil : voters.count)
        add("proposal_count", 0)
        add("watch_bytes", 0)
        return pairs
    }
}
