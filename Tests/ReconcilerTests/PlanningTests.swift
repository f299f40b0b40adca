import Specs
import Testing

@testable import Reconciler

@Suite struct PlanningTests {
    let desired = Samples.desired()

    @Test func convergedClusterNeedsNothing() {
        let plan = Samples.plan(desired, Samples.converged(desired))
        #expect(plan.isEmpty)
        #expect(plan.blocked == [])
        #expect(plan.steps.map(\.title) == [])
    }

    @Test func bareNodesAreHeldOffBeforeTheirPackagesComeAndEnsemblesStartTogether() throws {
        let desired = Samples.desired(installed: false)
        let plan = Samples.plan(desired, Samples.bare(desired))
        #expect(plan.refusals == [])
        #expect(plan.blocked == [])
        let installs = plan.steps.filter(\.isInstall)
        #expect(installs.count == 6)
        for step in installs {
            guard case .visit(_, let actions) = step.act else { continue }
            let install = actions.firstIndex { if case .action(.installPackages) = $0 { true } else { false } }
            let masks = actions.indices.filter {
                if case .action(.service(.maskUnit)) = actions[$0] { true } else { false }
            }
            #expect(masks.allSatisfy { $0 < install ?? 0 } && masks.count >= 3)
        }
        let starts = plan.steps.filter(\.isGroupStart)
        #expect(starts.map(\.layer) == [.zooKeeper, .masters])
        #expect(starts.map(\.nodes.count) == [3, 3])
    }

    @Test func ensembleStepsFormOneTotalOrder() {
        let desired = Samples.desired(installed: false)
        let steps = Samples.plan(desired, Samples.bare(desired)).steps.filter { $0.layer?.isEnsemble == true }
        for (earlier, later) in zip(steps, steps.dropFirst()) { #expect(later.needs.contains(earlier.id)) }
        #expect(steps.compactMap(\.layer) == steps.compactMap(\.layer).sorted())
    }

    @Test func planDoesNotDependOnTheOrderOfObservations() {
        let desired = Samples.desired(installed: false)
        let observed = Samples.bare(desired)
        let shuffled = ObservedCluster(
            nodes: Dictionary(
                uniqueKeysWithValues: observed.nodes.sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
            )
        )
        #expect(Samples.plan(desired, observed) == Samples.plan(desired, shuffled))
    }

    @Test func handEditIsDriftAndRestartsNothing() throws {
        let path = "/etc/mesos-slave/executor_registration_timeout"
        let observed = Samples.converged(desired).changing("a2") { node in
            node.files[path] = .found(Samples.observedFile(path, "1mins\n"))
        }
        let plan = Samples.plan(desired, observed)
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1)
        #expect(step.changes.map(\.cause) == [.drift])
        #expect(step.changes.map(\.summary) == ["1mins → 5mins"])
        #expect(step.impact == .none)
    }

    @Test func aFileThatNoRestartWaitsForIsWrittenWhateverBecomesOfTheEnsembles() throws {
        let path = "/etc/mesos-slave/executor_registration_timeout"
        let now = Samples.desired(Samples.spec(tickTime: "3000"))
        let observed = Samples.converged(Samples.desired(Samples.spec(tickTime: "2000"))).changing("a1") { node in
            node.files[path] = .found(Samples.observedFile(path, "1mins"))
        }
        let plan = Samples.plan(now, observed)
        let write = try #require(plan.steps.first { $0.nodes == ["a1"] })
        #expect(plan.steps.contains { $0.layer == .zooKeeper })
        #expect(write.layer == nil && write.needs == [])
    }

    @Test func equalDurationsAreNoDifference() {
        let path = "/etc/mesos-slave/executor_registration_timeout"
        let observed = Samples.converged(desired).changing("a2") { node in
            node.files[path] = .found(Samples.observedFile(path, "300secs"))
        }
        #expect(Samples.plan(desired, observed).isEmpty)
    }

    @Test func runningFlagThatDiffersFromTheDeclaredOneIsARestartThoughTheFileIsRight() throws {
        let observed = Samples.converged(desired).changing("a1") { node in
            guard var service = node.services[.mesosAgent]?.value else { return }
            service.arguments = service.arguments.map {
                $0.shown.hasPrefix("--executor_registration_timeout") ? "--executor_registration_timeout=1mins" : $0
            }
            node.services[.mesosAgent] = .found(service)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["restart mesos-slave"])
        #expect(plan.steps.first?.nodes == ["a1"])
    }

    @Test func changedZooKeeperSettingRollsTheEnsembleLeaderLastWithItsWritesInside() throws {
        let now = Samples.desired(Samples.spec(tickTime: "3000"))
        let plan = Samples.plan(now, Samples.converged(Samples.desired(Samples.spec(tickTime: "2000"))))
        let step = try #require(plan.steps.first)
        #expect(plan.steps.count == 1)
        guard case .roll(.zooKeeper, let members, .zooKeeperLeaderLast(let ring), let pause) = step.act else {
            Testing.Issue.record("expected a roll, got \(step.act)")
            return
        }
        #expect(ring.servers.map(\.id) == [1, 2, 3])
        #expect(pause >= 10)
        for member in members {
            guard case .writeFile(let write)? = member.actions.first else {
                Testing.Issue.record("the write belongs into the roll")
                continue
            }
            #expect(write.path.hasSuffix("/zoo.cfg"))
        }
        #expect(step.changes.contains { $0.cause == .git })
    }

    @Test func silentMemberBlocksEveryRestartOfItsEnsembleAndNothingElse() {
        let now = Samples.desired(Samples.spec(tickTime: "3000"))
        let path = "/etc/mesos-slave/executor_registration_timeout"
        let observed = Samples.converged(Samples.desired(Samples.spec(tickTime: "2000"))).silencing("m3")
            .changing("a1") { $0.files[path] = .found(Samples.observedFile(path, "1mins")) }
        let plan = Samples.plan(now, observed)
        #expect(plan.blocked.filter { $0.title.hasPrefix("restart zookeeper") }.map(\.node) == ["m1", "m2"])
        #expect(plan.blocked.allSatisfy { $0.isByUnknown })
        #expect(plan.steps.map(\.nodes) == [["a1"]])
        #expect(!plan.isComplete)
    }

    @Test func freshEnsembleWithASilentMemberDoesNotStart() {
        let desired = Samples.desired(installed: false)
        let plan = Samples.plan(desired, Samples.bare(desired).silencing("m2"))
        #expect(!plan.steps.contains { $0.isGroupStart })
        #expect(plan.blocked.contains { $0.title == "start zookeeper" && $0.isByUnknown })
    }

    @Test func serviceThatMustNotRunIsStoppedFirst() throws {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.services[.mesosMaster] = .found(
                ObservedService(name: .mesosMaster, boot: .on, run: .running, pid: 7, started: 5)
            )
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["hold mesos-master off"])
        #expect(plan.steps.first?.impact == .disruptive("stops mesos-master"))
    }

    @Test func emptyMemberStartsOnlyWhereTheDataHoldersHaveAQuorum() {
        func emptied(_ node: inout ObservedNode) {
            node.services[.zooKeeper] = .found(ObservedService(name: .zooKeeper, boot: .on, run: .stopped))
            node.zooKeeper = .absent
            node.directories["/var/lib/zookeeper/version-2"] = .absent
        }
        let one = Samples.converged(desired).changing("m1", emptied)
        #expect(Samples.plan(desired, one).steps.map(\.title) == ["start zookeeper"])
        let two = one.changing("m2", emptied)
        #expect(Samples.plan(desired, two).refusals.map(\.rule).contains("zookeeper-data-minority"))
    }

    @Test func strayFlagFileIsNamedAsADangerAndKept() {
        let path = "/etc/mesos-master/quorum.bak"
        let observed = Samples.converged(desired).changing("m1") { node in
            node.directories["/etc/mesos-master"] = .found([Samples.observedFile(path, "3")])
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked.map(\.title) == ["stray file \(path)"])
        #expect(plan.steps == [])
    }

    @Test func noEngineNoAgentThatNeedsOne() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.services[.mesosAgent] = .found(ObservedService(name: .mesosAgent, boot: .on, run: .stopped))
            node.dockerEngine = .unknown("Cannot connect to the Docker daemon")
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.title.contains("mesos-slave") })
        #expect(plan.blocked.contains { $0.node == "a1" && $0.title.contains("mesos-slave") })
    }
}
