import Specs
import Testing

@testable import Reconciler

@Suite("Rolls that replace programs", .timeLimit(.minutes(20)))
struct UpgradeRollTests {
    typealias FaultMaker = @Sendable (ExecuteWorld.Visit, inout ExecuteWorld.State) -> ExecuteWorld.Fault?

    private static let nodes = Lab.nodes(3)

    private func world(_ seed: UInt64, fault: @escaping FaultMaker = { _, _ in nil }) -> ExecuteWorld {
        var nodes = Lab.running(Self.nodes)
        for name in Self.nodes {
            nodes[name]?.packages["zookeeperd"] = "3.8.0-1"
            nodes[name]?.offered["zookeeperd"] = ("3.8.4-1", [:], [])
            nodes[name]?.knownFlags = ["work_dir", "quorum"]
        }
        let ring = Dictionary(Self.nodes.enumerated().map { ($1, $0 + 1) }) { first, _ in first }
        return ExecuteWorld(nodes, ring: ring, seed: seed, time: SimulatedTime(seed: seed), fault: fault)
    }

    private func plan(_ world: ExecuteWorld, flags: [String]? = nil) -> Plan {
        let ring = Lab.ring(Self.nodes)
        let members = Self.nodes.map { node in
            let pid = world[node].services[.zooKeeper]?.process?.pid
            let check = flags.map { FlagCheck(service: .zooKeeper, programs: ["/usr/sbin/x"], flags: $0) }
            return Act.Member(
                node: node,
                planned: [
                    .action(
                        .installPackages(
                            [PackageInstall(name: "zookeeperd", version: "3.8.4-1")],
                            job: "upgrade-zookeeper"
                        )
                    ),
                    .action(.collect(job: "upgrade-zookeeper", seconds: 20)),
                ] + [check].compactMap { $0.map(PlannedAction.checkFlags) }
                    + [.action(.service(.restartUnit(.zooKeeper, pid: pid)))]
            )
        }
        let step = Step(
            id: 0,
            layer: .zooKeeper,
            title: "upgrade zookeeper",
            act: .roll(.zooKeeper, members, .zooKeeperLeaderLast(ring), pauseSeconds: 10),
            changes: Self.nodes.flatMap { node in
                [
                    Change(
                        node: node,
                        resource: "package:zookeeperd",
                        kind: .update,
                        cause: .git,
                        summary: "3.8.0-1 → 3.8.4-1",
                        applied: AppliedEntry(resource: "package:zookeeperd", digest: "v", revision: "r")
                    ), .running(.zooKeeper, on: node),
                ]
            },
            gate: .quorum(ring)
        )
        return Plan([step])
    }

    private func installed(_ world: ExecuteWorld) -> [NodeName] {
        Self.nodes.filter { world[$0].packages["zookeeperd"] == "3.8.4-1" }
    }

    private func words(_ report: RunReport) -> String {
        switch report.steps[0].outcome {
        case .failed(let words), .conflict(let words), .notReached(let words), .unknown(let words): words
        case .applied, .alreadyInPlace: ""
        }
    }

    @Test("install on one member, look at all of them, restart it, and only then go on", arguments: seeds(30))
    func whole(seed: UInt64) async throws {
        let world = world(seed)
        let report = try await world.run(plan(world, flags: ["quorum"])).get()
        #expect(report.words == ["applied"], "\(words(report))")
        #expect(installed(world) == Self.nodes)
        #expect(world.restarts.map(\.node).sorted() == Self.nodes)
        #expect(world.restarts.allSatisfy { $0.othersDown.isEmpty })
        #expect(world.restarts.last?.led == true && world.restarts.dropLast().allSatisfy { !$0.led })
        #expect(Self.nodes.allSatisfy { world[$0].applied["package:zookeeperd"] != nil })
        #expect(world.violations == [])
    }

    @Test("an installation that fails stops the roll, with the others as they were", arguments: 0...2)
    func failingInstall(at member: Int) async throws {
        let world = world(UInt64(member) + 1) { visit, state in
            let installs = visit.actions.contains { if case .installPackages = $0 { true } else { false } }
            guard installs, state.restarts.count == member else { return nil }
            return .fail(0, "dpkg: error processing archive")
        }
        let report = try await world.run(plan(world)).get()
        #expect(report.words == ["failed"])
        #expect(words(report).contains("dpkg: error processing archive") && words(report).contains("not restarted: "))
        #expect(world.restarts.count == member && installed(world).count == member)
    }

    @Test("a flag that the new program dropped leaves the old process running")
    func droppedFlag() async throws {
        let world = world(3)
        let report = try await world.run(plan(world, flags: ["quorum", "registry_strict"])).get()
        #expect(report.words == ["failed"])
        #expect(words(report).contains("knows no flag `registry_strict`"))
        #expect(world.restarts == [] && installed(world).count == 1)
    }

    @Test("a connection lost while the package is installed delays it and repeats nothing", arguments: seeds(20))
    func lostConnection(seed: UInt64) async throws {
        let world = world(seed) { visit, state in
            let isJob = visit.actions.contains {
                switch $0 {
                case .installPackages, .collect: true
                default: false
                }
            }
            guard isJob, Int.random(in: 0..<3, using: &state.numbers) == 0 else { return nil }
            return .drop(after: Int.random(in: 0...1, using: &state.numbers))
        }
        let report = try await world.run(plan(world)).get()
        #expect(world.violations == [])
        #expect(Set(world.restarts.map(\.node)).count == world.restarts.count)
        #expect(world.restarts.allSatisfy { $0.othersDown.isEmpty })
        if report.words == ["applied"] { #expect(installed(world) == Self.nodes) }
    }

    @Test("a member that falls while another's package is installed keeps that one from being restarted")
    func fallsMeanwhile() async throws {
        let world = world(4) { visit, state in
            let collects = visit.actions.contains { if case .collect = $0 { true } else { false } }
            if collects, let other = Self.nodes.last(where: { $0 != visit.node && $0 != state.zooKeeperLeader }) {
                state.nodes[other]?.services[.zooKeeper]?.process = nil
            }
            return nil
        }
        let report = try await world.run(plan(world)).get()
        #expect(report.words == ["failed"])
        #expect(world.restarts == [] && installed(world).count == 1)
        #expect(words(report).contains("installed and not restarted: "))
    }

    @Test("the records of a member's package and of its process are each written when they are true")
    func records() async throws {
        let world = world(5) { visit, state in
            if visit.restarts { state.nodes[visit.node]?.services[.zooKeeper]?.isBroken = true }
            return nil
        }
        _ = try await world.run(plan(world)).get()
        let touched = try #require(world.restarts.first?.node)
        #expect(world[touched].applied["package:zookeeperd"] != nil)
        #expect(world[touched].applied["service:zookeeper"] == nil)
    }
}
