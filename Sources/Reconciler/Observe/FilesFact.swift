internal import Specs

/// Single files: every one that any platform would want, and those that decide whether a wish is safe.
enum FilesFact: Fact {
    static func requests(for node: NodeSpec, in spec: ClusterSpec) -> [FactRequest] {
        (wanted(by: node, in: spec) + telling(of: node, in: spec) + SiteHomes.paths(of: node, in: spec))
            .map { .file(path: $0) }
    }

    /// Files that are wanted on one platform or the other; those in flag directories come with their directory.
    private static func wanted(by node: NodeSpec, in spec: ClusterSpec) -> [String] {
        Candidates.resources(for: node, in: spec).flatMap { resources -> [String] in
            let listed = Set(DirectoriesFact.paths(resources))
            let single = resources.files.map(\.path).filter { !listed.contains(parent(of: $0)) }
            return single + resources.environmentFiles.map(\.path)
        }
    }

    /// Files nobody wants and whose being there matters: state of an earlier life, the other places of a setting.
    private static func telling(of node: NodeSpec, in spec: ClusterSpec) -> [String] {
        var paths: [String] = []
        if node.has(.zookeeper) {
            paths += ["/etc/zookeeper/conf/zoo.cfg", "/etc/zookeeper/conf/myid", "/etc/default/zookeeper"]
        }
        // Also where no agent is wanted: one that has registered runs tasks and is not just stopped.
        if spec.mesos != nil {
            paths += StateDirectories.ofAgent(spec).map { "\($0)/meta/slaves/latest" }
        }
        if node.has(.mesosMaster) || node.has(.mesosAgent) || node.has(.marathon) {
            paths += ["/etc/mesos/zk", "/etc/default/mesos"]
        }
        return paths + Repositories.paths(in: spec)
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    static func read(_ answers: Answers, into observed: inout ObservedNode) {
        for case .file(let path) in answers.requests {
            observed.files[path] = answers.value(of: .file(path: path)) { answer in
                if case .file(let file) = answer { answers.redaction.file(file) } else { nil }
            }
        }
    }
}

/// What the roles want on every layout a node may turn out to have.
enum Candidates {
    static func resources(for node: NodeSpec, in spec: ClusterSpec) -> [NodeResources] {
        platforms.map { platform in
            let context = RoleContext(node: node, spec: spec, platform: platform)
            return ManagedRoles.all.reduce(into: NodeResources()) { $0 += $1.resources(for: context) }
        }
    }

    private static var platforms: [Platform] {
        [Platform.PackageManager.apt, .yum].flatMap { manager in
            ["/etc/mesos-slave", "/etc/mesos-agent"].flatMap { directory in
                ["1.4.0", "1.5.0"].map { marathon in
                    Platform(
                        os: "",
                        initSystem: .systemd,
                        packageManager: manager,
                        packages: ["marathon": marathon],
                        agentFlagDirectory: directory
                    )
                }
            }
        }
    }
}

/// Where daemons keep state: the declared place, and the one their packages would have used.
enum StateDirectories {
    static func ofMaster(_ spec: ClusterSpec) -> [String] {
        [spec.mesos?.master.workDirectory?.value, packaged].compactMap { $0 }
    }

    static func ofAgent(_ spec: ClusterSpec) -> [String] {
        [spec.mesos?.agent.workDirectory?.value, packaged].compactMap { $0 }
    }

    /// `/tmp/zookeeper` is what Debian 12's zoo.cfg names (mesos-zk-ops.md 2.1).
    static func ofZooKeeper(_ spec: ClusterSpec) -> [String] {
        let logs = spec.zookeeper?.config.first { $0.name.value == "dataLogDir" }?.value.value.plainText
        return [spec.zookeeper?.dataDirectory.value, logs, ZooKeeperRole.packagedDataDirectory, "/tmp/zookeeper"]
            .compactMap { $0 }
    }

    private static let packaged = "/var/lib/mesos"
}
