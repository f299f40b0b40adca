import FoundationEssentials
import Reconciler
import Specs

/// Small specs and answers for tests of the observation.
enum ObserveSample {
    static func located<Value>(_ value: Value) -> Located<Value> {
        Located(value, at: SourcePosition(file: "cluster.yaml", line: 1, column: 1))
    }

    static func setting(_ name: String, _ value: Content) -> Setting {
        Setting(name: located(name), value: located(value))
    }

    static func node(_ name: String, _ address: String, _ roles: [Role]) -> NodeSpec {
        NodeSpec(name: located(NodeName(name)), address: located(address), roles: roles.map { located($0) })
    }

    static func cluster() -> ClusterSpec {
        ClusterSpec(
            file: "cluster.yaml",
            cluster: located("test"),
            nodes: [
                node("m1", "10.0.0.1", [.zookeeper, .mesosMaster, .marathon]),
                node("m2", "10.0.0.2", [.zookeeper, .mesosMaster, .marathon]),
                node("m3", "10.0.0.3", [.zookeeper, .mesosMaster, .marathon]),
                node("a1", "10.0.0.11", [.mesosAgent, .docker]),
            ],
            zookeeper: ZooKeeperSpec(
                position: SourcePosition(file: "cluster.yaml", line: 1, column: 1),
                ensemble: (1...3).map { .init(id: located($0), node: located(NodeName("m\($0)"))) },
                dataDirectory: located("/var/lib/zookeeper")
            ),
            mesos: MesosSpec(
                position: SourcePosition(file: "cluster.yaml", line: 1, column: 1),
                zkPath: located("/mesos"),
                quorum: located(2)
            ),
            marathon: MarathonSpec(
                position: SourcePosition(file: "cluster.yaml", line: 1, column: 1),
                zkPath: located("/marathon")
            )
        )
    }

    /// A node that gives `answers` and says "absent" to all else.
    static func observed(
        _ name: NodeName,
        in spec: ClusterSpec = cluster(),
        answers: [FactRequest: FactAnswer],
        secrets: SecretStore = SecretStore()
    ) throws -> ObservedNode {
        guard let node = spec.node(name) else { throw MissingNode(name: name) }
        let requests = ObservationRequest(for: node, in: spec).facts
        return ObservedNode(
            node,
            in: spec,
            requests: requests,
            answers: requests.map { answers[$0] ?? .absent },
            secrets: secrets
        )
    }

    struct MissingNode: Error {
        var name: NodeName
    }

    static func file(_ path: String, _ content: String?, kind: FileAnswer.Kind = .regular) -> FileAnswer {
        FileAnswer(
            path: path,
            resolvedPath: path,
            kind: kind,
            mode: 0o644,
            owner: "root",
            group: "root",
            size: content?.utf8.count ?? 0,
            modified: 1_700_000_000,
            digest: kind == .regular ? sha256(content ?? "large") : "",
            stamp: "stamp-of-\(path)",
            content: content
        )
    }

    static let debian12 = PlatformAnswer(
        osID: "debian",
        osVersion: "12",
        initSystem: "systemd",
        packageManager: "apt",
        hostname: "m1",
        machine: "x86_64",
        wrapperAgentDirectory: ""
    )

    static func fixture(_ name: String, beside file: String = #filePath) throws -> String {
        let directory = file.split(separator: "/").dropLast().joined(separator: "/")
        return try String(contentsOfFile: "/\(directory)/Fixtures/\(name)", encoding: .utf8)
    }
}
