import Specs
import Testing

@testable import Reconciler

/// What loses data is refused whatever else the plan holds (mesos-zk-ops.md 0 and 12).
@Suite struct RefusalTests {
    struct Danger: Sendable, CustomTestStringConvertible {
        var rule: String
        var node: NodeName
        var make: @Sendable (inout ObservedNode) -> Void
        var testDescription: String { rule }
    }

    static func withArgument(_ node: inout ObservedNode, _ service: ServiceName, _ name: String, _ value: String) {
        guard var seen = node.services[service]?.value else { return }
        seen.arguments = seen.arguments.filter { !$0.shown.hasPrefix("--\(name)=") } + [Content("--\(name)=\(value)")]
        node.services[service] = .found(seen)
    }

    static let dangers: [Danger] = [
        Danger(rule: "zookeeper-membership", node: "m1") { node in
            node.zooKeeper = node.zooKeeper.map { server in
                var server = server
                server.members?[4] = "10.16.40.4:2888:3888"
                return server
            }
        },
        Danger(rule: "zookeeper-standalone-data", node: "m1") { node in
            node.zooKeeper = .found(ZooKeeperServer(mode: .standalone, nodeCount: 40))
        },
        Danger(rule: "zookeeper-myid", node: "m1") { node in
            node.zooKeeper = node.zooKeeper.map { server in
                var server = server
                server.serverID = 9
                return server
            }
        },
        Danger(rule: "mesos-quorum", node: "m2") { withArgument(&$0, .mesosMaster, "quorum", "1") },
        Danger(rule: "mesos-zk-path", node: "m2") {
            withArgument(&$0, .mesosMaster, "zk", "zk://10.16.40.1:2181/other")
        },
        Danger(rule: "mesos-work-dir", node: "m2") { withArgument(&$0, .mesosMaster, "work_dir", "/data/mesos") },
        Danger(rule: "agent-incompatible", node: "a1") { withArgument(&$0, .mesosAgent, "hostname", "a1.example.org") },
        Danger(rule: "marathon-zk-path", node: "m3") { node in
            guard var seen = node.services[.marathon]?.value else { return }
            seen.environment["MARATHON_ZK"] = "zk://10.16.40.1:2181/elsewhere"
            node.services[.marathon] = .found(seen)
        },
    ]

    @Test(arguments: dangers)
    func isRefusedWithTheSafeWayAndNoStep(danger: Danger) throws {
        let desired = Samples.desired()
        let observed = Samples.converged(desired).changing(danger.node, danger.make)
        let plan = Samples.plan(desired, observed)
        let refusal = try #require(plan.refusals.first { $0.rule == danger.rule }, "got \(plan.refusals)")
        #expect(refusal.nodes == [danger.node])
        #expect(refusal.remedy != nil)
        #expect(plan.steps == [])
    }

    @Test func logOfAForeignClusterIsRefusedAndOurOwnUnfinishedBootstrapIsNot() throws {
        let desired = Samples.desired(installed: false)
        let masters = try #require(desired.masters)
        let foreign = Samples.bare(desired).changing("m1") { node in
            node.directories["/var/lib/mesos/replicated_log"] = .found([
                Samples.observedFile("/var/lib/mesos/replicated_log/CURRENT", "MANIFEST-000002")
            ])
        }
        #expect(Samples.plan(desired, foreign).refusals.map(\.rule) == ["mesos-foreign-log"])
        let ours = foreign.changing("m1") { node in
            let entry = AppliedEntry(
                resource: masters.bootstrapResource,
                digest: masters.bootstrapDigest,
                revision: "-"
            )
            node.applied = .found([entry.resource: entry])
        }
        let plan = Samples.plan(desired, ours)
        #expect(plan.refusals == [])
        #expect(plan.steps.contains { $0.layer == .masters && $0.isGroupStart })
        let lost = ours.changing("m2") { node in
            let entry = AppliedEntry(resource: "service:mesos-master", digest: "formed", revision: "-")
            node.applied = .found([entry.resource: entry])
        }
        #expect(Samples.plan(desired, lost).refusals.map(\.rule) == ["mesos-foreign-log"])
    }
}

/// The model must find what the planner would never do; else it proves nothing.
@Suite struct SafetyModelTests {
    static func visit(_ id: Int, _ layer: Layer, _ node: NodeName, _ act: ServiceAct, needs: [Int] = []) -> Step {
        Step(id: id, layer: layer, title: "\(act)", act: .visit(node, [.action(.service(act))]), needs: needs)
    }

    static func model(up: [Bool], data: [Bool], mastersUp: Set<NodeName> = [], quorum: Int = 2) -> SafetyModel {
        var servers: [NodeName: SafetyModel.Server] = [:]
        for (index, (isUp, holdsData)) in zip(up, data).enumerated() {
            servers[NodeName("m\(index + 1)")] = .init(isUp: isUp, holdsData: holdsData)
        }
        return SafetyModel(zooKeeper: servers, mastersUp: mastersUp, quorum: quorum, silent: [])
    }

    @Test func findsARestartThatCostsTheQuorum() {
        let model = Self.model(up: [true, true, false], data: [true, true, true])
        let step = Self.visit(1, .zooKeeper, "m1", .restartUnit(.zooKeeper, pid: 1))
        #expect(model.violation(in: [step]) != nil)
        #expect(Self.model(up: [true, true, true], data: [true, true, true]).violation(in: [step]) == nil)
    }

    @Test func findsEmptyMembersThatOutvoteTheData() {
        let model = Self.model(up: [false, false, false], data: [true, false, false])
        let steps = [
            Self.visit(1, .zooKeeper, "m2", .startUnit(.zooKeeper)),
            Self.visit(2, .zooKeeper, "m3", .startUnit(.zooKeeper), needs: [1]),
        ]
        #expect(model.violation(in: steps) != nil)
    }

    @Test func findsAMasterTooMany() {
        let model = Self.model(up: [], data: [], mastersUp: ["m1", "m2", "m3"])
        #expect(model.violation(in: [Self.visit(1, .masters, "m4", .startUnit(.mesosMaster))]) != nil)
    }

    @Test func findsAStopOfADeclaredMember() {
        let model = Self.model(up: [true, true, true], data: [true, true, true])
        #expect(model.violation(in: [Self.visit(1, .zooKeeper, "m1", .stopUnit(.zooKeeper))]) != nil)
    }

    @Test func findsEnsembleStepsThatDoNotWaitForEachOther() {
        let model = Self.model(up: [true, true, true], data: [true, true, true])
        let steps = [
            Self.visit(1, .zooKeeper, "m1", .restartUnit(.zooKeeper, pid: 1)),
            Self.visit(2, .zooKeeper, "m2", .restartUnit(.zooKeeper, pid: 2)),
        ]
        #expect(model.violation(in: steps) != nil)
    }
}
