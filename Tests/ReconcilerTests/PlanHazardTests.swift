import Specs
import Testing

@testable import Reconciler

/// What an operator, a crash or a package may leave behind; each was once planned over.
@Suite struct PlanHazardTests {
    let desired = Samples.desired()

    static func run(_ node: inout ObservedNode, _ service: ServiceName, _ run: ServiceAnswer.Run) {
        node.services[service] = .found(ObservedService(name: service, boot: .on, run: run))
        if service == .zooKeeper { node.zooKeeper = .absent }
    }

    static func emptied(_ node: inout ObservedNode) {
        run(&node, .zooKeeper, .stopped)
        node.directories["/var/lib/zookeeper/version-2"] = .absent
    }

    static func edit(_ node: inout ObservedNode, _ path: String, modified: Int = 100, _ change: (String) -> String) {
        let text = node.files[path]?.value?.content?.plainText ?? ""
        var file = Samples.observedFile(path, Content(change(text)))
        file.modified = modified
        node.files[path] = .found(file)
    }

    static let zooCfg = "/etc/zookeeper/conf/zoo.cfg"

    // MARK: Unknown is never absent

    @Test(arguments: [ServiceAnswer.Run.unknown, .stopped])
    func aServiceThatMayRunWhereItMustNotIsNotTakenForOff(run: ServiceAnswer.Run) {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.services[.mesosMaster] = .found(ObservedService(name: .mesosMaster, boot: .unknown, run: run))
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked.map(\.title) == ["service mesos-master"])
        #expect(plan.blocked.first?.isByUnknown == true)
    }

    @Test func aServiceThatNobodyAskedForIsNotStarted() {
        let observed = Samples.converged(desired).changing("m1") { $0.services[.zooKeeper] = nil }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.title == "service zookeeper" && $0.isByUnknown })
    }

    @Test func filesOfAPackageThatCouldNotBeAskedForAreNotRewritten() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.packages["mesos"] = .unknown("dpkg is locked")
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.title == "package mesos" })
    }

    @Test func aCommandLineThatCannotBeReadIsNoAgreement() {
        let observed = Samples.converged(desired).changing("m2") { node in
            node.services[.mesosMaster] = node.services[.mesosMaster]?.map { service in
                var service = service
                service.arguments = []
                return service
            }
        }
        #expect(Samples.plan(desired, observed).blocked.map(\.title) == ["compare mesos-master"])
    }

    @Test func anUnreadableFileOfVariablesBlocksTheDaemonItConfigures() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.files["/etc/default/mesos-slave"] = .unknown("permission denied")
            Self.run(&node, .mesosAgent, .stopped)
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.title == "start mesos-slave" })
        #expect(plan.blocked.contains { $0.title == "start mesos-slave" && $0.isByUnknown })
    }

    @Test func mastersWaitForAnEnsembleOfWhichNobodyAnswered() {
        let now = Samples.desired(Samples.separate())
        let observed = ["z1", "z2", "z3"].reduce(Samples.converged(now)) { $0.silencing($1) }
            .changing("m1") { Self.run(&$0, .mesosMaster, .stopped) }
        let plan = Samples.plan(now, observed)
        #expect(!plan.steps.contains { $0.title.contains("mesos-master") })
        #expect(plan.blocked.contains { $0.title == "start mesos-master" && $0.isByUnknown })
    }

    // MARK: ZooKeeper

    @Test func dataUnderADeclaredDirectoryInTmpIsData() {
        var spec = Samples.spec()
        spec.zookeeper?.dataDirectory.value = "/tmp/zookeeper"
        let now = Samples.desired(spec)
        var observed = Samples.converged(now)
        for node: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(node) { node in
                Self.emptied(&node)
                node.directories["/tmp/zookeeper/version-2"] =
                    node.name == "m1"
                    ? .found([Samples.observedFile("/tmp/zookeeper/version-2/log.1", "")]) : .absent
            }
        }
        let plan = Samples.plan(now, observed)
        #expect(plan.refusals.map(\.rule).contains("zookeeper-data-minority"))
        #expect(!plan.steps.contains { $0.isGroupStart })
    }

    @Test func membersWhoseFilesNameAnotherDirectoryAreNotTakenForEmpty() {
        var observed = Samples.converged(desired)
        for node: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(node) { node in
                Self.emptied(&node)
                Self.edit(&node, Self.zooCfg) { $0.replacing("dataDir=/var/lib/zookeeper", with: "dataDir=/srv/zk") }
            }
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.title.hasPrefix("start zookeeper") })
        #expect(plan.blocked.contains { $0.title == "start zookeeper" && $0.isByUnknown })
    }

    @Test func aStoppedEnsembleWithItsDataStartsInOneStep() throws {
        let observed = ["m1", "m2", "m3"].reduce(Samples.converged(desired)) { seen, node in
            seen.changing(NodeName(node)) { Self.run(&$0, .zooKeeper, .stopped) }
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.refusals == [] && plan.blocked == [])
        let step = try #require(plan.steps.first { $0.layer == .zooKeeper })
        #expect(step.isGroupStart && step.nodes == ["m1", "m2", "m3"])
    }

    @Test func membersTooFewForAQuorumAreNotStarted() {
        let observed = Samples.converged(desired).silencing("m2").silencing("m3")
            .changing("m1") { Self.run(&$0, .zooKeeper, .stopped) }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.allSatisfy { $0.layer != .zooKeeper })
        #expect(plan.blocked.contains { $0.title == "start zookeeper" && $0.node == "m1" })
    }

    @Test func aMemberWithDataDoesNotStartBesideAnEmptyOneThatWaits() {
        let observed = Samples.converged(desired)
            .changing("m1") { Self.run(&$0, .zooKeeper, .stopped) }
            .changing("m2") { Self.run(&$0, .zooKeeper, .stopped) }
            .changing("m3") { node in
                node.zooKeeper = .found(ZooKeeperServer(mode: .notServing))
                node.directories["/var/lib/zookeeper/version-2"] = .absent
            }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.allSatisfy { $0.layer != .zooKeeper })
        #expect(plan.blocked.contains { $0.title == "start zookeeper" && $0.because.contains("m3 runs without data") })
    }

    @Test func anUnknownListOfServersBlocksTheRollOfTheEnsemble() {
        let now = Samples.desired(Samples.spec(tickTime: "3000"))
        let observed = Samples.converged(Samples.desired(Samples.spec(tickTime: "2000"))).changing("m1") { node in
            node.zooKeeper = node.zooKeeper.map { server in
                var server = server
                server.members = nil
                return server
            }
            Self.edit(&node, Self.zooCfg, modified: 900) { $0 }
        }
        let plan = Samples.plan(now, observed)
        #expect(plan.steps == plan.steps.filter { $0.layer != .zooKeeper || $0.impact == .none })
        #expect(plan.blocked.contains { $0.because.contains("list of servers that m1 runs with is unknown") })
    }

    @Test func anUnknownRunningListIsNotGrownByItsFile() {
        let observed = Samples.converged(desired).changing("m1") { node in
            node.zooKeeper = node.zooKeeper.map { server in
                var server = server
                server.members = nil
                return server
            }
            Self.edit(&node, Self.zooCfg, modified: 900) { $0.replacing("server.3=10.16.40.3:2888:3888\n", with: "") }
        }
        #expect(Samples.plan(desired, observed).refusals.map(\.rule) == ["zookeeper-membership"])
    }

    @Test func theOnlyServerIsNotRestartedOnAnEmptyDirectory() {
        var spec = Samples.spec()
        spec.zookeeper?.ensemble.removeLast(2)
        let one = Samples.desired(spec)
        let observed = Samples.converged(one).changing("m1") { node in
            node.zooKeeper = .found(ZooKeeperServer(mode: .standalone, nodeCount: 40))
            node.directories["/var/lib/zookeeper/version-2"] = .absent
            Self.edit(&node, Self.zooCfg) { $0.replacing("dataDir=/var/lib/zookeeper", with: "dataDir=/tmp/zookeeper") }
        }
        #expect(Samples.plan(one, observed).refusals.map(\.rule).contains("zookeeper-data-directory"))
    }

    @Test func aServerThatRewritesItsListIsRefused() {
        let observed = Samples.converged(desired).changing("m1") { node in
            Self.edit(&node, Self.zooCfg) { $0 + "dynamicConfigFile=/etc/zookeeper/conf/zoo.cfg.dynamic.1\n" }
        }
        #expect(Samples.plan(desired, observed).refusals.map(\.rule) == ["zookeeper-dynamic-config"])
    }

    @Test(arguments: [
        (ZooKeeperServer(mode: .leader, nodeCount: 40), true), (ZooKeeperServer(mode: .notServing), true),
        (ZooKeeperServer(mode: .standalone, nodeCount: 40), true),
        (ZooKeeperServer(mode: .standalone, nodeCount: 5), false),
    ])
    func aServerWithoutTheRoleIsStoppedOnlyWhereItIsNobodys(server: ZooKeeperServer, isRefused: Bool) {
        let observed = Samples.converged(desired).changing("a1") { node in
            Self.run(&node, .zooKeeper, .running)
            node.zooKeeper = .found(server)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.refusals.map(\.rule) == (isRefused ? ["zookeeper-leaves"] : []))
        #expect(plan.steps.map(\.title) == (isRefused ? [] : ["hold zookeeper off"]))
    }

    @Test func aMemberWhoseStartIsBlockedKeepsTheOthersFromBeingRestarted() {
        let now = Samples.desired(Samples.spec(tickTime: "3000"))
        let observed = Samples.converged(Samples.desired(Samples.spec(tickTime: "2000"))).changing("m1") { node in
            Self.run(&node, .zooKeeper, .stopped)
            node.directories["/var/lib/zookeeper/version-2"] = .unknown("permission denied")
        }
        let plan = Samples.plan(now, observed)
        #expect(plan.refusals == [])
        #expect(!plan.steps.contains { $0.impact != .none })
        #expect(plan.blocked.filter { $0.title.hasPrefix("restart zookeeper") }.map(\.node) == ["m2", "m3"])
    }

    // MARK: Masters

    @Test func mastersThatLoseTheirRoleAreNotStoppedBeforeOthersHoldTheLog() {
        var spec = Samples.separate()
        for index in spec.nodes.indices where spec.nodes[index].name.value.text.hasPrefix("m") {
            spec.nodes[index].roles.removeAll { $0.value == .mesosMaster }
        }
        for index in spec.nodes.indices where spec.nodes[index].name.value.text.hasPrefix("z") {
            spec.nodes[index].roles.append(Located(.mesosMaster, at: spec.nodes[index].name.position))
        }
        let before = Samples.converged(Samples.desired(Samples.separate()))
        let now = Samples.desired(spec)
        var observed = Samples.converged(now)
        for name: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(name) { $0.services[.mesosMaster] = before[name]?.services[.mesosMaster] }
        }
        for name: NodeName in ["z1", "z2", "z3"] {
            observed = observed.changing(name) { node in
                node.services[.mesosMaster] = .found(ObservedService(name: .mesosMaster, boot: .off, run: .stopped))
                node.directories["/var/lib/mesos/replicated_log"] = .absent
            }
        }
        #expect(Samples.plan(now, observed).refusals.map(\.rule) == ["mesos-masters-leave"])
    }

    @Test func stoppedMastersWithAnotherWorkDirectoryInTheirFilesAreNotFresh() {
        let observed = ["m1", "m2", "m3"].reduce(Samples.converged(desired)) { seen, name in
            seen.changing(NodeName(name)) { node in
                Self.run(&node, .mesosMaster, .stopped)
                node.masterElected = .absent
                node.applied = .absent
                node.directories["/var/lib/mesos/replicated_log"] = .absent
                Self.edit(&node, "/etc/mesos-master/work_dir") { _ in "/srv/mesos\n" }
            }
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.title.hasPrefix("start mesos-master") })
        #expect(plan.blocked.contains { $0.title == "start mesos-master" && $0.isByUnknown })
    }

    @Test func freshMastersWaitForOneWhoseStateIsUnknown() {
        let bare = Samples.desired(installed: false)
        let observed = Samples.bare(bare).changing("m3") { $0.services[.mesosMaster] = .unknown("systemctl hangs") }
        let plan = Samples.plan(bare, observed)
        #expect(!plan.steps.contains { $0.layer == .masters && $0.isGroupStart })
        #expect(plan.blocked.contains { $0.title == "start mesos-master" && $0.node == "m1" })
    }

    @Test func everyStepOfAnEnsembleWaitsForEveryHold() {
        let observed = ["a1", "a2", "a3"].reduce(Samples.converged(desired)) { seen, name in
            seen.changing(NodeName(name)) { Self.run(&$0, .mesosMaster, .running) }
        }
        .changing("m1") { Self.run(&$0, .mesosMaster, .stopped) }
        let steps = Samples.plan(desired, observed).steps
        #expect(steps.map(\.title).last == "start mesos-master")
        #expect(steps.count == 4)
        for (earlier, later) in zip(steps, steps.dropFirst()) { #expect(later.needs.contains(earlier.id)) }
    }

    // MARK: Packages and flags

    @Test func aHalfInstalledPackageBlocksTheRestartOfWhatItBrings() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.packages["mesos"] = .found(PackageAnswer(name: "mesos", trouble: "half-configured"))
            Self.run(&node, .mesosAgent, .stopped)
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.title == "start mesos-slave" })
        #expect(plan.blocked.contains { $0.title == "start mesos-slave" })
    }

    @Test func anotherVersionOnTheDiskIsNotStartedByARestart() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.packages["mesos"] = .found(PackageAnswer(name: "mesos", installed: "1.12.0-1"))
            RefusalTests.withArgument(&node, .mesosAgent, "executor_registration_timeout", "1mins")
        }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.impact != .none })
        #expect(plan.blocked.contains { $0.title.hasPrefix("restart mesos-slave") })
    }

    @Test func aPackageBesideALivingZooKeeperIsInstalledWithoutTouchingIt() throws {
        let observed = Samples.converged(desired).changing("m1") { node in
            node.packages["mesos"] = .found(PackageAnswer(name: "mesos", offered: ["1.11.0-1"]))
            node.services[.mesosMaster] = .absent
            node.masterElected = .absent
            node.directories["/var/lib/mesos/replicated_log"] = .absent
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.refusals == [])
        let install = try #require(plan.steps.first { $0.isInstall })
        #expect(!install.serviceActs.contains { $0.1 == .stopUnit(.zooKeeper) || $0.1 == .maskUnit(.zooKeeper) })
        #expect(install.serviceActs.contains { $0.1 == .maskUnit(.mesosAgent) })
    }

    @Test func aDeclaredFlagThatTheInstalledDaemonDoesNotKnowIsNotRolledOut() {
        let observed = Samples.converged(desired).changing("a1") { node in
            node.knownFlags[.mesosAgent] = .found(["work_dir", "ip", "hostname", "containerizers"])
            RefusalTests.withArgument(&node, .mesosAgent, "executor_registration_timeout", "1mins")
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.title == "file /etc/mesos-slave/executor_registration_timeout" })
    }

    @Test func aFileThatABlockedRollWouldWriteRestartsNoOtherReader() {
        let both = Samples.desired(Samples.together())
        let path = "/etc/mesos/zk"
        let observed = Samples.converged(both).changing("m2") { $0.masterElected = .unknown("401") }.changing("m1") {
            node in
            node.files[path] = .found(Samples.observedFile(path, "zk://10.16.40.9:2181/mesos\n"))
            RefusalTests.withArgument(&node, .mesosMaster, "zk", "zk://10.16.40.9:2181/mesos")
            RefusalTests.withArgument(&node, .mesosAgent, "master", "zk://10.16.40.9:2181/mesos")
        }
        let plan = Samples.plan(both, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.node == "m1" && $0.title.hasPrefix("restart mesos-slave") })
    }

    // MARK: Agents

    @Test func aRegisteredAgentThatLosesItsRoleIsNotStopped() {
        let observed = Samples.converged(desired).changing("m1") { node in
            Self.run(&node, .mesosAgent, .running)
            node.files["/var/lib/mesos/meta/slaves/latest"] = .found(
                Samples.observedFile("/var/lib/mesos/meta/slaves/latest", "")
            )
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.title) == ["hold mesos-slave off"])
    }

    @Test func attributesThatTheAgentDidNotRegisterWithBlockItsRestart() {
        let observed = Samples.converged(desired).changing("a1") { node in
            for name in ["mesos", "mesos-slave"] { node.files["/etc/default/\(name)"] = .absent }
            node.directories["/etc/mesos-slave/attributes"] = .found([
                Samples.observedFile("/etc/mesos-slave/attributes/rack", "r1\n")
            ])
            RefusalTests.withArgument(&node, .mesosAgent, "executor_registration_timeout", "1mins")
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.because.contains("attributes rack:r1") })
    }

    @Test func aHandEditOfWhatWasAppliedIsPutBackOnAStoppedAgent() {
        let path = "/etc/mesos-slave/hostname"
        let observed = Samples.converged(desired).changing("a1") { node in
            Self.run(&node, .mesosAgent, .restarting)
            node.files[path] = .found(Samples.observedFile(path, "wrong\n"))
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.refusals == [])
        #expect(plan.steps.map(\.title) == ["file \(path)", "start mesos-slave"])
    }

    @Test func whileAnAgentIsOutNoOtherIsRestarted() {
        let observed = Samples.converged(desired)
            .changing("a1") { node in
                Self.run(&node, .mesosAgent, .stopped)
                node.dockerEngine = .unknown("Cannot connect to the Docker daemon")
            }
            .changing("a2") {
                RefusalTests.withArgument(&$0, .mesosAgent, "executor_registration_timeout", "1mins")
            }
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.impact != .none })
        #expect(plan.blocked.contains { $0.node == "a2" && $0.because.contains("a1 is out already") })
    }

    // MARK: Causes

    @Test func aServiceDeclaredSinceTheLastRunIsAttributedToTheCommit() {
        let off = sha256("boot=false running=false")
        func observed(_ digest: String?) -> ObservedCluster {
            Samples.converged(desired).changing("m1") { node in
                node.services[.marathon] = .found(ObservedService(name: .marathon, boot: .masked, run: .stopped))
                let entry = digest.map { AppliedEntry(resource: "service:marathon", digest: $0, revision: "abc") }
                node.applied = .found(entry.map { [$0.resource: $0] } ?? [:])
            }
        }
        func causes(_ digest: String?) -> [Change.Cause] {
            Samples.plan(desired, observed(digest)).steps.flatMap(\.changes).map(\.cause)
        }
        #expect(causes(off) == [.git])
        #expect(causes(sha256("boot=true running=true")) == [.drift])
        #expect(causes(nil) == [.unattributed])
    }

    // MARK: The model

    @Test func theModelFindsLivingMembersRestartedTogetherAndStopsInsideAnInstallation() {
        let model = SafetyModelTests.model(up: [true, true, true], data: [true, true, true])
        let restart = Act.Member(node: "m1", actions: [.service(.restartUnit(.zooKeeper, pid: 1))])
        let together = Step(id: 1, layer: .zooKeeper, title: "", act: .start(.zooKeeper, [restart]))
        #expect(model.violation(in: [together]) != nil)
        let install = Step(
            id: 1,
            title: "",
            act: .visit(
                "m1",
                [.action(.service(.stopUnit(.zooKeeper))), .action(.installPackages([], job: "packages"))]
            )
        )
        #expect(model.violation(in: [install]) != nil)
    }

    @Test func theModelFindsAStartThatDoesNotWaitForAHold() {
        let model = SafetyModelTests.model(up: [], data: [], mastersUp: ["m1", "m2", "a1"])
        let steps = [
            SafetyModelTests.visit(1, .masters, "a1", .stopUnit(.mesosMaster)),
            SafetyModelTests.visit(2, .masters, "m3", .startUnit(.mesosMaster)),
        ]
        #expect(model.violation(in: steps) != nil)
    }
}

extension Samples {
    /// ZooKeeper on three nodes of its own.
    static func separate() -> ClusterSpec {
        var spec = spec()
        let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        for index in spec.nodes.indices { spec.nodes[index].roles.removeAll { $0.value == .zookeeper } }
        let servers = (1...3).map { number in
            NodeSpec(
                name: Located(NodeName("z\(number)"), at: here),
                address: Located("10.16.40.\(20 + number)", at: here),
                roles: [Located(.zookeeper, at: here)]
            )
        }
        spec.nodes = servers + spec.nodes
        spec.zookeeper?.ensemble = (1...3).map {
            ZooKeeperSpec.Member(id: Located($0, at: here), node: Located(NodeName("z\($0)"), at: here))
        }
        return spec
    }

    /// Masters that are agents too.
    static func together() -> ClusterSpec {
        var spec = spec()
        for index in spec.nodes.indices where spec.nodes[index].roles.contains(where: { $0.value == .mesosMaster }) {
            spec.nodes[index].roles.append(Located(.mesosAgent, at: spec.nodes[index].name.position))
        }
        return spec
    }
}
