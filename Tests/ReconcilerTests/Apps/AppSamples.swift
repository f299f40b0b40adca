import Specs

@testable import Reconciler

/// Declared apps, and Marathons that have them, for planner tests.
enum AppSamples {
    static let context = AppContext(release: MarathonRelease(1, 4, 13))
    static let old = AppContext(release: MarathonRelease(0, 8, 2))

    static func at(_ line: Int) -> SourcePosition { SourcePosition(file: "apps/all.json", line: line, column: 3) }

    static func app(
        _ id: String,
        _ fields: [String: AppValue] = [:],
        instances: Int? = 3,
        after dependencies: [String] = [],
        line: Int = 1
    ) -> DesiredApp {
        var members: [String: AppValue] = ["id": .text(Content(id)), "cmd": "sleep 1000", "cpus": 0.1, "mem": 32]
        if let instances { members["instances"] = .number(Double(instances)) }
        if !dependencies.isEmpty { members["dependencies"] = .list(dependencies.map { .text(Content($0)) }) }
        members.merge(fields) { _, new in new }
        return DesiredApp(
            id: id,
            definition: .object(members.filter { $0.value != .null }),
            position: at(line),
            positions: ["instances": at(line + 1), "labels": at(line + 2)],
            dependencies: dependencies
        )
    }

    /// The app as a Marathon has it: all its tasks up.
    static func live(_ app: DesiredApp, version: String = "2015-01-01T00:00:00.000Z") -> LiveApp {
        let instances = app.instances ?? 1
        var members = app.definition.members ?? [:]
        members["instances"] = .number(Double(instances))
        return LiveApp(
            id: app.id,
            version: version,
            definition: .object(members),
            instances: instances,
            tasksRunning: instances
        )
    }

    static func marathon(_ apps: [LiveApp], in context: AppContext = context) -> ObservedMarathon {
        ObservedMarathon(
            endpoint: "http://10.16.40.1:8080",
            context: context,
            leader: "10.16.40.1:8080",
            apps: Dictionary(apps.map { ($0.id, $0) }) { first, _ in first }
        )
    }

    static func marathon(_ apps: [DesiredApp], in context: AppContext = context) -> ObservedMarathon {
        marathon(apps.map { live($0) }, in: context)
    }

    /// The applied record of each of three lease-holding nodes: resource → digest.
    static func plan(
        _ apps: DesiredApps,
        _ marathon: Observation<ObservedMarathon>,
        records: [[String: String]] = []
    ) -> Plan {
        let holders: [NodeName] = ["m1", "m2", "m3"]
        var observed = ObservedCluster(nodes: [:], marathon: marathon)
        for (name, entries) in zip(holders, records) {
            let applied = entries.map { ($0, AppliedEntry(resource: $0, digest: $1, revision: "abc")) }
            var node = ObservedNode(name: name, platform: .found(Samples.platform))
            node.applied = .found(Dictionary(applied) { first, _ in first })
            observed.nodes[name] = .answered(node)
        }
        return Plan(
            desired: DesiredCluster(name: "test", nodes: [], leaseHolders: holders, apps: apps),
            observed: observed,
            source: .init(file: "cluster.yaml", revision: "3f1c2aa")
        )
    }
}

extension Plan {
    var apps: [AppAct] { steps.compactMap { if case .app(let act) = $0.act { act } else { nil } } }

    func step(_ id: String) -> Step? {
        steps.first { if case .app(let act) = $0.act { act.id == id } else { false } }
    }
}
