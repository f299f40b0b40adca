import Specs

@testable import Reconciler

/// Observed clusters made from declared ones, for planner tests: bare, or exactly as declared.
enum Samples {
    static let platform = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)

    /// Three masters (ZooKeeper, Mesos, Marathon) and `agents` agents, as the roles lower them.
    static func spec(agents: Int = 3, tickTime: String? = nil) -> ClusterSpec {
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        func at<Value>(_ value: Value) -> Located<Value> { Located(value, at: here) }
        let masters = (1...3).map { number in
            NodeSpec(
                name: at(NodeName("m\(number)")),
                address: at("10.16.40.\(number)"),
                roles: [at(.zookeeper), at(.mesosMaster), at(.marathon), at(.docker)]
            )
        }
        let workers = (0..<agents).map { number in
            NodeSpec(
                name: at(NodeName("a\(number + 1)")),
                address: at("10.16.40.\(11 + number)"),
                roles: [at(.mesosAgent), at(.docker)]
            )
        }
        let ensemble = (1...3).map { ZooKeeperSpec.Member(id: at($0), node: at(NodeName("m\($0)"))) }
        return ClusterSpec(
            file: "cluster.yaml",
            cluster: at("test"),
            versions: VersionPins(mesos: at("1.11.0"), marathon: at("1.11.24")),
            nodes: masters + workers,
            zookeeper: ZooKeeperSpec(
                position: here,
                ensemble: ensemble,
                config: tickTime.map { [Setting(name: at("tickTime"), value: at(Content($0)))] } ?? [],
                dataDirectory: at("/var/lib/zookeeper")
            ),
            mesos: MesosSpec(
                position: here,
                zkPath: at("/mesos"),
                quorum: at(2),
                agent: MesosSpec.Agent(
                    containerizers: at(["docker", "mesos"]),
                    executorRegistrationTimeout: at("5mins")
                )
            ),
            marathon: MarathonSpec(position: here, zkPath: at("/marathon"))
        )
    }

    static func desired(_ spec: ClusterSpec = spec(), installed: Bool = true) -> DesiredCluster {
        var platform = platform
        if installed { platform.packages = ["mesos": "1.11.0", "marathon": "1.11.24", "zookeeperd": "3.8.0-11"] }
        let platforms = Dictionary(uniqueKeysWithValues: spec.nodes.map { ($0.name.value, platform) })
        return DesiredCluster(spec, platforms: platforms)
    }

    static func plan(_ desired: DesiredCluster, _ observed: ObservedCluster) -> Plan {
        Plan(desired: desired, observed: observed, source: .init(file: "cluster.yaml"))
    }

    /// Every node as declared, its services up, m3 leading ZooKeeper and m1 elected master; everything recorded as applied.
    static func converged(_ desired: DesiredCluster) -> ObservedCluster {
        ObservedCluster(
            nodes: Dictionary(
                uniqueKeysWithValues: desired.nodes.map { ($0.name, .answered(converged($0, in: desired))) }
            )
        )
    }

    /// Every node freshly installed: an operating system and nothing else; its sources offer what is declared.
    static func bare(_ desired: DesiredCluster) -> ObservedCluster {
        ObservedCluster(
            nodes: Dictionary(uniqueKeysWithValues: desired.nodes.map { ($0.name, .answered(bare($0, in: desired))) })
        )
    }

    static func bare(_ node: DesiredNode, in desired: DesiredCluster) -> ObservedNode {
        var seen = ObservedNode(name: node.name, platform: .found(node.platform), clock: .found(1000))
        for package in node.packages {
            let answer = PackageAnswer(name: package.name, offered: [(package.pin ?? "1.0") + "-1"])
            seen.packages[package.name] = .found(answer)
        }
        for hold in node.holds where seen.packages[hold.name] == nil { seen.packages[hold.name] = .absent }
        for file in node.files { seen.files[file.path] = .absent }
        for directory in node.flagDirectories { seen.directories[directory.path] = .absent }
        seen.directories["/var/lib/zookeeper/version-2"] = .absent
        seen.directories["/var/lib/mesos/replicated_log"] = .absent
        seen.files["/var/lib/mesos/meta/slaves/latest"] = .absent
        if node.loadBalancer != nil { seen.files[BridgeScript.Paths.configuration] = .absent }
        for service in node.services { seen.services[service.name] = .absent }
        return seen
    }

    private static func converged(_ node: DesiredNode, in desired: DesiredCluster) -> ObservedNode {
        var seen = bare(node, in: desired)
        var applied: [String: AppliedEntry] = [:]
        for package in node.packages {
            let version = (package.pin ?? "1.0") + "-1"
            let answer = PackageAnswer(name: package.name, installed: version, isHeld: package.holds)
            seen.packages[package.name] = .found(answer)
        }
        for file in node.files {
            guard let content = content(of: file) else { continue }
            seen.files[file.path] = .found(observedFile(file.path, content, mode: file.mode ?? 0o644))
            applied["file:\(file.path)"] = AppliedEntry(
                resource: "file:\(file.path)",
                digest: file.wantedDigest,
                revision: "abc"
            )
        }
        for service in node.services { seen.services[service.name] = .found(observedService(service, node)) }
        seen.applied = .found(applied)
        if node.service(.docker)?.running == true { seen.dockerEngine = .found("20.10.24") }
        if let member = desired.zooKeeper?.members.first(where: { $0.node == node.name }),
            let ensemble = desired.zooKeeper
        {
            seen.zooKeeper = .found(
                ZooKeeperServer(
                    mode: member.id == 3 ? .leader : .follower,
                    nodeCount: 12,
                    serverID: member.id,
                    members: ensemble.servers,
                    syncedFollowers: member.id == 3 ? 2 : nil
                )
            )
            seen.directories["/var/lib/zookeeper/version-2"] = .found([
                observedFile("/var/lib/zookeeper/version-2/log.100000001", "")
            ])
        }
        if node.roles.contains(.mesosMaster) {
            seen.masterElected = .found(node.name == "m1")
            seen.directories["/var/lib/mesos/replicated_log"] = .found([
                observedFile("/var/lib/mesos/replicated_log/CURRENT", "MANIFEST-000002")
            ])
        }
        if node.roles.contains(.mesosAgent) {
            seen.files["/var/lib/mesos/meta/slaves/latest"] = .found(
                observedFile("/var/lib/mesos/meta/slaves/latest", "")
            )
        }
        return seen
    }

    static func content(of file: DesiredFile) -> Content? {
        switch file.body {
        case .whole(let content): content
        case .keyed(let edit): edit.applied(to: nil)
        case .absent: nil
        }
    }

    static func observedFile(_ path: String, _ content: Content, mode: Int = 0o644) -> ObservedFile {
        ObservedFile(
            path: path,
            resolvedPath: path,
            mode: mode,
            modified: 100,
            version: .digest(sha256(content.shown)),
            content: content
        )
    }

    private static func observedService(_ service: Service, _ node: DesiredNode) -> ObservedService {
        guard service.running else { return ObservedService(name: service.name, boot: .masked, run: .stopped) }
        var seen = ObservedService(name: service.name, boot: .on, run: .running, pid: 42, started: 500)
        switch service.configuration {
        case .mesosFlags(let flags):
            seen.arguments = [Content("/usr/sbin/\(service.name)")] + flags.map { Content("--\($0.name)=") + $0.value }
        case .marathonFlags(let flags):
            seen.arguments = ["java", "mesosphere.marathon.Main"]
            for flag in flags { seen.environment["MARATHON_\(flag.name.uppercased())"] = flag.value }
        case .zooKeeper, .none:
            seen.arguments = ["java"]
        }
        return seen
    }
}

extension ObservedCluster {
    /// The same cluster with one node's observation changed.
    func changing(_ name: NodeName, _ change: (inout ObservedNode) -> Void) -> ObservedCluster {
        guard var node = self[name] else { return self }
        change(&node)
        var copy = self
        copy.nodes[name] = .answered(node)
        return copy
    }

    func silencing(_ name: NodeName) -> ObservedCluster {
        var copy = self
        copy.nodes[name] = .silent(NodeAccessError(.timedOut, "\(name) did not answer within 10 s"))
        return copy
    }
}
