public import Reconciler
internal import Specs

/// The cluster as seen, as text: one block a node, what could not be found out first within it.
public struct ObservedView: Sendable {
    public var observed: ObservedCluster
    public var cluster: String
    public var style: TextStyle
    /// Adds every file that was looked at, and every app.
    public var isVerbose: Bool
    /// Flags that differ between their places (`FlagColumns.differing`).
    public var flags: [FlagColumns]

    public init(
        _ observed: ObservedCluster,
        cluster: String,
        style: TextStyle = .plain,
        isVerbose: Bool = false,
        flags: [FlagColumns] = []
    ) {
        self.flags = flags
        self.observed = observed
        self.cluster = cluster
        self.style = style
        self.isVerbose = isVerbose
    }

    public var text: String {
        let nodes = observed.nodes.sorted { $0.key < $1.key }
        let answered = nodes.count { $0.value.node != nil }
        let seen =
            answered == nodes.count
            ? "\(count(nodes.count, "node")) observed, all answered"
            : "\(count(nodes.count, "node")) asked, \(style("\(answered) answered", .unknown))"
        let blocks = nodes.map { name, observation in
            switch observation {
            case .answered(let node): block(of: node)
            case .silent(let error):
                "\(style("?", .unknown)) \(style(visible(name.text), .heading))   did not answer: \(oneLine(error.message))\n"
                    + lines(mesos(on: name))
            }
        }
        return ([style(visible(cluster), .heading) + "   \(seen)\n"] + blocks + originLines + balancedLines + marathon)
            .joined(
                separator: "\n"
            )
    }

    private func block(of node: ObservedNode) -> String {
        let platform: String =
            switch node.platform {
            case .found(let platform):
                "\(visible(platform.os)), \(platform.initSystem.rawValue), \(platform.packageManager.rawValue)"
            case .absent: "no platform"
            case .unknown(let why): "\(style("?", .unknown)) platform: \(oneLine(why))"
            }
        var rows: [(String, String)] = unknowns(of: node).map { ("?", $0) }
        rows.append(("packages", packages(of: node)))
        rows += services(of: node).map { ("service", $0) }
        if case .found(let server) = node.zooKeeper { rows.append(("zookeeper", words(for: server))) }
        let rest = mesos(on: node.name)
        rows += rest
        if rest.isEmpty, case .found(true) = node.masterElected { rows.append(("mesos", "this master is elected")) }
        rows += networkRows(of: node) + balancerRows(of: node)
        rows += engineRows(of: node)
        rows += flagRows(on: node.name)
        rows += isVerbose ? files(of: node).map { ("file", $0) } : [("files", fileCount(of: node))]
        return "  \(style(visible(node.name.text), .heading))   \(platform)\n" + lines(rows)
    }

    func lines(_ rows: [(String, String)]) -> String {
        rows.filter { !$0.1.isEmpty }
            .map { "    \($0.0 == "?" ? style("?".padded(to: 10), .unknown) : $0.0.padded(to: 10)) \($0.1)\n" }
            .joined()
    }

    /// Everything on the node that was asked and could not be found out.
    private func unknowns(of node: ObservedNode) -> [String] {
        func reasons<Key: Comparable, Value>(
            _ kind: String,
            _ facts: [Key: Observation<Value>],
            _ name: (Key) -> String
        ) -> [String] {
            facts.sorted { $0.key < $1.key }.compactMap { key, observation in
                if case .unknown(let why) = observation {
                    "\(kind) \(visible(name(key))): \(oneLine(why))"
                } else {
                    nil
                }
            }
        }
        var lines = reasons("package", node.packages) { $0 }
        lines += reasons("file", node.files) { $0 } + reasons("directory", node.directories) { $0 }
        lines += reasons("service", node.services) { $0.text } + reasons("name", node.addresses) { $0 }
        if case .unknown(let why) = node.zooKeeper { lines.append("zookeeper: \(oneLine(why))") }
        if case .unknown(let why) = node.dockerEngine { lines.append("docker engine: \(oneLine(why))") }
        if case .unknown(let why) = node.network { lines.append("network: \(oneLine(why))") }
        if case .unknown(let why) = node.loadBalancer { lines.append("load balancer: \(oneLine(why))") }
        if case .unknown(let why) = node.applied { lines.append("applied record: \(oneLine(why))") }
        return lines
    }

    private func packages(of node: ObservedNode) -> String {
        node.packages.sorted { $0.key < $1.key }.compactMap { name, observation in
            guard case .found(let answer) = observation else { return nil }
            let trouble = (answer.isHeld ? ", held" : "") + (answer.trouble.map { " (\(oneLine($0)))" } ?? "")
            return "\(visible(name)) \(answer.installed.map { visible($0) } ?? "not installed")\(trouble)"
        }.joined(separator: " · ")
    }

    private func services(of node: ObservedNode) -> [String] {
        node.services.sorted { $0.key < $1.key }.compactMap { name, observation in
            guard case .found(let service) = observation else { return nil }
            let process = service.pid.map { " (pid \($0))" } ?? ""
            let restarts =
                (service.restarts ?? 0) > 0 ? ", restarted \(count(service.restarts ?? 0, "time")) by itself" : ""
            return "\(visible(name.text)) \(service.run.rawValue)\(process), boot \(service.boot.rawValue)\(restarts)"
        }
    }

    private func words(for server: ZooKeeperServer) -> String {
        [
            server.mode == .notServing ? "up, not serving" : server.mode.rawValue,
            server.serverID.map { "id \($0)" },
            server.version.map { visible($0) },
            server.zxid.map { "zxid 0x" + String($0, radix: 16) },
            server.nodeCount.map { "\($0) znodes" },
        ].compactMap(\.self).joined(separator: ", ")
    }

    private func fileCount(of node: ObservedNode) -> String {
        guard !node.files.isEmpty else { return "" }
        let found = node.files.values.count { $0.value != nil }
        return "\(found) of \(node.files.count) there (-v lists them)"
    }

    private func files(of node: ObservedNode) -> [String] {
        node.files.sorted { $0.key < $1.key }.map { path, observation in
            switch observation {
            case .found(let file):
                "\(visible(path))   \(String(file.mode, radix: 8)) \(visible(file.owner)):\(visible(file.group)), "
                    + "\(file.size) bytes"
            case .absent: "\(visible(path))   not there"
            case .unknown(let why): "\(visible(path))   ? \(oneLine(why))"
            }
        }
    }
}
