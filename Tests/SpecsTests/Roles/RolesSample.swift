import Specs

/// Small cluster specs, built by hand.
enum RolesSample {
    static let origin = SourcePosition(file: "cluster.yaml", line: 1, column: 1)

    /// The seed's cluster: three masters with everything, three agents; upstart, Mesos 0.21, Marathon 0.7.
    static func seed() -> ClusterSpec {
        var spec = cluster()
        spec.platform = PlatformSpec(os: located("ubuntu-14.04"), initSystem: located(.upstart))
        spec.versions = VersionPins(mesos: located("0.21.1"), marathon: located("0.7.6"), docker: located("1.4.1"))
        return spec
    }

    /// The seed's nodes and settings without pins and platform.
    static func cluster() -> ClusterSpec {
        let masters = (1...3).map {
            node("mesos-master\($0)", "10.16.40.\($0)", [.zookeeper, .mesosMaster, .marathon, .haproxy, .docker])
        }
        let agents = (1...3).map { node("mesos-slave\($0)", "10.16.40.1\($0)", [.mesosAgent, .docker]) }
        return ClusterSpec(
            file: "cluster.yaml",
            cluster: located("mesosphere-in-action"),
            nodes: masters + agents,
            zookeeper: ZooKeeperSpec(
                position: line(30),
                ensemble: (1...3).map {
                    ZooKeeperSpec.Member(
                        id: Located($0, at: line(30 + $0)),
                        node: located(NodeName("mesos-master\($0)"))
                    )
                },
                dataDirectory: located("/var/lib/zookeeper")
            ),
            mesos: MesosSpec(
                position: line(40),
                zkPath: located("/mesos"),
                quorum: Located(2, at: line(41)),
                agent: MesosSpec.Agent(
                    containerizers: located(["docker", "mesos"]),
                    executorRegistrationTimeout: located("5mins")
                )
            ),
            marathon: MarathonSpec(position: line(50), zkPath: located("/marathon"))
        )
    }

    static func node(_ name: String, _ address: String, _ roles: [Role]) -> NodeSpec {
        NodeSpec(
            name: located(NodeName(name)),
            address: located(address),
            roles: roles.map { located($0) }
        )
    }

    static func located<Value>(_ value: Value) -> Located<Value> { Located(value, at: origin) }

    static func line(_ line: Int) -> SourcePosition { SourcePosition(file: "cluster.yaml", line: line, column: 3) }

    static func setting(_ name: String, _ value: Content) -> Setting {
        Setting(name: located(name), value: located(value))
    }
}

/// Observed platforms.
enum RolesPlatform {
    static let debian12 = Platform(
        os: "debian-12",
        initSystem: .systemd,
        packageManager: .apt,
        packages: [
            "zookeeperd": "3.8.0-11+deb12u2", "zookeeper": "3.8.0-11+deb12u2", "mesos": "1.11.0-2.0.1",
            "marathon": "1.11.24-1", "docker.io": "20.10.24+dfsg1-1+deb12u1",
        ]
    )
}

extension DesiredNode {
    func file(_ path: String) -> DesiredFile? { files.first { $0.path == path } }

    /// Whole files as text by path; the absent ones are left out.
    var wholeTexts: [String: String] {
        Dictionary(
            files.compactMap { file in
                if case .whole(let content) = file.body { (file.path, content.shown) } else { nil }
            }
        ) { first, _ in "\(first) (given twice)" }
    }

    var absentPaths: [String] {
        files.compactMap { if case .absent = $0.body { $0.path } else { nil } }
    }

    func edit(_ path: String) -> KeyedEdit? {
        if case .keyed(let edit)? = file(path)?.body { edit } else { nil }
    }

    func flags(_ service: ServiceName) -> [String: String] {
        switch self.service(service)?.configuration {
        case .mesosFlags(let flags)?, .marathonFlags(let flags)?:
            Dictionary(flags.map { ($0.name, $0.value.shown) }) { first, _ in "\(first) (given twice)" }
        default: [:]
        }
    }
}

extension KeyedEdit {
    var texts: [String: String] { Dictionary(set.map { ($0.key, $0.value.shown) }) { first, _ in "\(first) (twice)" } }
}
