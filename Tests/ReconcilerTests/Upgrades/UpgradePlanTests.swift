import Specs
import Testing

@testable import Reconciler

@Suite("Upgrades in a plan")
struct UpgradePlanTests {
    static let here = SourcePosition(file: "cluster.yaml", line: 1, column: 1)

    /// The sample cluster with these versions declared.
    static func desired(
        _ spec: ClusterSpec = Samples.spec(),
        zooKeeper: String? = nil,
        mesos: String = "1.11.0",
        marathon: String = "1.11.24"
    ) -> DesiredCluster {
        var spec = spec
        spec.versions.zookeeper = zooKeeper.map { Located($0, at: here) }
        spec.versions.mesos = Located(mesos, at: here)
        spec.versions.marathon = Located(marathon, at: here)
        return Samples.desired(spec)
    }

    /// As declared, but that these packages are at an older version and the declared one is offered.
    static func observed(_ desired: DesiredCluster, installed: [String: String]) -> ObservedCluster {
        desired.nodes.reduce(Samples.converged(desired)) { seen, node in
            seen.changing(node.name) { set(&$0, installed, desired) }
        }
    }

    static func set(_ node: inout ObservedNode, _ installed: [String: String], _ desired: DesiredCluster) {
        for (name, version) in installed where node.packages[name] != nil {
            let pin = desired.node(node.name)?.packages.first { $0.name == name }?.pin ?? version
            node.packages[name] = .found(PackageAnswer(name: name, installed: version, offered: ["\(pin)-1", version]))
        }
    }

    static func stopped(_ node: inout ObservedNode, _ service: ServiceName) {
        node.services[service] = .found(ObservedService(name: service, boot: .masked, run: .stopped))
    }

    @Test("masters roll before agents, each package installed in the turn of the member it is for")
    func mesos() throws {
        let desired = Self.desired()
        let plan = Samples.plan(desired, Self.observed(desired, installed: ["mesos": "1.10.0-1"]))
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(
            plan.steps.map(\.title) == [
                "upgrade mesos-master to 1.11.0 on 3 nodes, one at a time", "upgrade mesos-slave to 1.11.0",
                "upgrade mesos-slave to 1.11.0", "upgrade mesos-slave to 1.11.0",
            ]
        )
        for step in plan.steps {
            #expect(step.installations == step.nodes)
            guard case .disruptive(let words) = step.impact else {
                Issue.record("a restart costs something")
                continue
            }
            #expect(words.hasPrefix("Mesos 1.10.0 → 1.11.0: installed while the old process serves, then restarted; "))
            #expect(step.reasons.first == Reason("versions.mesos", at: Self.here))
        }
        guard case .roll(.mesosMaster, let members, .mesosLeaderLast, _)? = plan.steps.first?.act else {
            Issue.record("masters roll")
            return
        }
        let turn = PreparedTurn(members[0].planned)
        #expect(!turn.preparation.isEmpty)
        #expect(turn.turn.contains(.action(.service(.restartUnit(.mesosMaster, pid: 42)))))
        #expect(plan.notes.contains { $0.text.contains("downgrades are refused") })
    }

    @Test("a node that is master and agent gets one installation, in the master's turn")
    func together() {
        let desired = Self.desired(Samples.together())
        let plan = Samples.plan(desired, Self.observed(desired, installed: ["mesos": "1.10.0-1"]))
        #expect(plan.blocked == [] && plan.refusals == [])
        let installs = plan.steps.flatMap(\.installations)
        #expect(installs.sorted() == desired.nodes.map(\.name).sorted())
        let restarted = plan.steps.filter { $0.layer == .agents }.flatMap(\.nodes)
        #expect(restarted.sorted() == desired.nodes.map(\.name).sorted())
    }

    @Test("a changed setting and a version are one restart")
    func joined() {
        let desired = Self.desired()
        let observed = Self.observed(desired, installed: ["mesos": "1.10.0-1"]).changing("a1") {
            RefusalTests.withArgument(&$0, .mesosAgent, "executor_registration_timeout", "1mins")
        }
        let plan = Samples.plan(desired, observed)
        let runs = plan.steps.flatMap(\.changes).filter { $0.node == "a1" && $0.kind == .run }
        #expect(
            runs.map(\.summary) == ["restart: version 1.10.0 → 1.11.0, --executor_registration_timeout 1mins → 5mins"]
        )
    }

    @Test("servers roll with both packages of Debian's, and ZooKeeper comes before Mesos")
    func zooKeeper() {
        let desired = Self.desired(zooKeeper: "3.8.4")
        var observed = Self.observed(desired, installed: ["zookeeperd": "3.8.0-1", "mesos": "1.10.0-1"])
        for name: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(name) {
                $0.packages["zookeeper"] = .found(
                    PackageAnswer(name: "zookeeper", installed: "3.8.0-1", offered: ["3.9.1-1", "3.8.4-1"])
                )
            }
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(plan.steps.first?.title == "upgrade zookeeper to 3.8.4 on 3 nodes, one at a time")
        let both = ["zookeeper", "zookeeperd"].map { PackageInstall(name: $0, version: "3.8.4-1") }
        #expect(
            plan.steps.first?.nodeActions.contains { $0.action == .installPackages(both, job: "upgrade-zookeeper") }
                == true
        )
        #expect(plan.steps.compactMap(\.layer) == [.zooKeeper, .masters, .agents, .agents, .agents])
    }

    @Test("no server is touched while the ensemble is not whole")
    func notWhole() {
        let desired = Self.desired(zooKeeper: "3.8.4")
        let observed = Self.observed(desired, installed: ["zookeeperd": "3.8.0-1"]).silencing("m3")
        let plan = Samples.plan(desired, observed)
        #expect(!plan.steps.contains { $0.layer == .zooKeeper })
        #expect(plan.blocked.contains { $0.node == "m1" && $0.title.hasPrefix("restart zookeeper") })
    }

    @Test(
        "what a rule forbids is blocked under its name and touches nobody",
        arguments: [
            (["mesos": "1.12.0-1"], "package-downgrade"), (["mesos": "0.28.3-1"], "upgrade-skips"),
            (["marathon": "1.9.109-1"], "upgrade-skips"), (["marathon": "1.12.0-1"], "package-downgrade"),
        ] as [([String: String], String)]
    )
    func forbidden(installed: [String: String], rule: String) {
        let desired = Self.desired()
        let plan = Samples.plan(desired, Self.observed(desired, installed: installed))
        #expect(plan.steps == [])
        #expect(!plan.blocked.isEmpty && plan.blocked.allSatisfy { $0.rule == rule && $0.remedy != nil })
        #expect(plan.blocked.allSatisfy { $0.position == Self.here })
    }

    @Test("one member that may not be upgraded keeps all of them as they are")
    func oneForbidden() {
        let desired = Self.desired()
        let observed = Self.observed(desired, installed: ["mesos": "1.10.0-1"]).changing("m2") {
            Self.set(&$0, ["mesos": "1.12.0-1"], desired)
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [] && plan.blocked.count == 6)
    }

    @Test("a version that is not offered is named with what is")
    func notOffered() {
        let desired = Self.desired()
        let observed = Samples.converged(desired).changing("a1") {
            $0.packages["mesos"] = .found(PackageAnswer(name: "mesos", installed: "1.10.0-1", offered: ["1.10.0-1"]))
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.rule) == ["upgrade-not-offered"])
        #expect(plan.blocked.first?.because.contains("offer 1.10.0-1") == true)
    }

    @Test("ZooKeeper 3.5 is not put beside a Marathon whose port it would take, nor onto logs without a snapshot")
    func zooKeeperTraps() {
        var spec = Samples.spec()
        let desired = Self.desired(spec, zooKeeper: "3.8.0")
        let old = Self.observed(desired, installed: ["zookeeperd": "3.4.14-1"])
        // The sample has a log and no snapshot.
        #expect(Samples.plan(desired, old).blocked.map(\.rule).contains("upgrade-snapshot"))
        var withSnapshot = old
        for name: NodeName in ["m1", "m2", "m3"] {
            withSnapshot = withSnapshot.changing(name) { node in
                node.directories["/var/lib/zookeeper/version-2"] = .found(
                    ["log.100000001", "snapshot.100000000"].map {
                        Samples.observedFile("/var/lib/zookeeper/version-2/\($0)", "")
                    }
                )
                PlanHazardTests.edit(&node, PlanHazardTests.zooCfg) {
                    $0.replacing("admin.enableServer=false\n", with: "")
                }
            }
        }
        #expect(Samples.plan(desired, withSnapshot).blocked.map(\.rule).contains("upgrade-admin-server"))
        spec.zookeeper?.config.append(
            Setting(name: Located("admin.enableServer", at: Self.here), value: Located("false", at: Self.here))
        )
        let plan = Samples.plan(Self.desired(spec, zooKeeper: "3.8.0"), withSnapshot)
        #expect(plan.blocked == [] && plan.steps.map(\.layer) == [.zooKeeper])
    }

    @Test("a program replaced by hand under a living process is restarted in its turn")
    func stale() {
        let desired = Self.desired()
        var observed = Samples.converged(desired)
        for name: NodeName in ["m1", "m2", "m3"] {
            observed.mesos.masters[name] = .found(
                ObservedDaemon(
                    endpoint: "x",
                    version: name == "m2" ? "1.10.0" : "1.11.0",
                    flags: .unknown(""),
                    metrics: .unknown("")
                )
            )
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps.map(\.title) == ["upgrade mesos-master to 1.11.0 on 1 node, one at a time"])
        #expect(plan.steps.first?.nodes == ["m2"])
        #expect(plan.steps.flatMap(\.installations) == [])
    }

    @Test("flags are checked with the new program, and a flag that only it knows is no fault before")
    func flags() {
        let desired = Self.desired()
        let observed = Self.observed(desired, installed: ["mesos": "1.10.0-1"]).changing("a1") {
            $0.knownFlags[.mesosAgent] = .found(["work_dir", "ip", "hostname"])
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [])
        let step = plan.steps.first { $0.nodes == ["a1"] }
        guard case .roll(_, let members, _, _)? = step?.act, let member = members.first else {
            Issue.record("an agent is upgraded in its turn")
            return
        }
        let checks = member.planned.compactMap { if case .checkFlags(let check) = $0 { check } else { nil } }
        #expect(checks.count == 1)
        #expect(checks.first?.flags.contains("executor_registration_timeout") == true)
        #expect(checks.first?.outcome([.flagNames(["work_dir"]), .absent, .absent], on: "a1").isSuccess == false)
        let all = FactAnswer.flagNames((checks.first?.flags ?? []) + ["work_dir"])
        #expect(checks.first?.outcome([.absent, all, .absent], on: "a1") == .alreadyInPlace)
    }

    // MARK: Marathon

    @Test("across a minor release all Marathons stop, the leader last, before the first new one starts")
    func marathon() throws {
        let desired = Self.desired()
        var observed = Self.observed(desired, installed: ["marathon": "1.10.26-1"])
        observed.marathon = .found(
            ObservedMarathon(
                endpoint: "x",
                context: AppContext(release: MarathonRelease(1, 10, 26)),
                leader: "10.16.40.1:8080"
            )
        )
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(
            plan.steps.map { "\($0.title): \($0.nodes[0])" } == [
                "stop marathon and install 1.11.24: m2", "stop marathon and install 1.11.24: m3",
                "stop marathon and install 1.11.24: m1", "start the first marathon 1.11.24: m1",
                "start marathon 1.11.24: m2", "start marathon 1.11.24: m3",
            ]
        )
        #expect(plan.steps[3].gate?.deadlineSeconds == 900)
        #expect(plan.safety.contains { $0.contains("3 of 3 stop before the first 1.11.24 starts") })
        for (earlier, later) in zip(plan.steps, plan.steps.dropFirst()) { #expect(later.needs.contains(earlier.id)) }
    }

    @Test("an upgrade that was cut goes on where it is: stopped ones stay stopped until none of the old runs")
    func marathonCut() {
        let desired = Self.desired()
        let observed = Self.observed(desired, installed: ["marathon": "1.10.26-1"])
            .changing("m1") { node in
                node.packages["marathon"] = .found(
                    PackageAnswer(name: "marathon", installed: "1.11.24-1", isHeld: true)
                )
                Self.stopped(&node, .marathon)
            }
            .changing("m2") { Self.stopped(&$0, .marathon) }
        let plan = Samples.plan(desired, observed)
        #expect(
            plan.steps.map { "\($0.title): \($0.nodes[0])" } == [
                "keep marathon off and install 1.11.24: m2", "stop marathon and install 1.11.24: m3",
                "start the first marathon 1.11.24: m1", "start marathon 1.11.24: m2", "start marathon 1.11.24: m3",
            ]
        )
    }

    @Test("a standby that runs is taken for an old one, whatever is on its disk")
    func marathonStandby() {
        let desired = Self.desired()
        let observed = Self.observed(desired, installed: ["marathon": "1.10.26-1"]).changing("m2") {
            $0.packages["marathon"] = .found(PackageAnswer(name: "marathon", installed: "1.11.24-1", isHeld: true))
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.refusals == [])
        #expect(
            plan.steps.prefix(3).map { "\($0.title): \($0.nodes[0])" } == [
                "stop marathon and install 1.11.24: m1", "stop marathon: m2",
                "stop marathon and install 1.11.24: m3",
            ]
        )
    }

    @Test("from 1.4 to 1.5 the settings move into the file of variables once the new package is there")
    func marathonVariables() {
        var spec = Samples.spec()
        spec.versions.marathon = Located("1.5.15", at: Self.here)
        var platform = Samples.platform
        platform.packages = ["mesos": "1.11.0", "marathon": "1.4.13", "zookeeperd": "3.8.0-11"]
        let platforms = Dictionary(uniqueKeysWithValues: spec.nodes.map { ($0.name.value, platform) })
        let desired = DesiredCluster(spec, platforms: platforms)
        var observed = Self.observed(desired, installed: ["marathon": "1.4.13-1"])
        for name: NodeName in ["m1", "m2", "m3"] {
            observed = observed.changing(name) { $0.files["/etc/default/marathon"] = .absent }
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(plan.steps.count == 6)
        for step in plan.steps.suffix(3) {
            guard case .visit(_, let actions) = step.act, case .edit(let edit)? = actions.first else {
                Issue.record("\(step.title) edits what the package brought")
                continue
            }
            #expect(edit.path == "/etc/default/marathon" && edit.expected == nil)
        }
    }

    @Test("while one node is silent no Marathon is stopped for another release")
    func marathonSilent() {
        let desired = Self.desired()
        let plan = Samples.plan(desired, Self.observed(desired, installed: ["marathon": "1.10.26-1"]).silencing("m3"))
        #expect(!plan.steps.contains { $0.layer == .marathon })
        #expect(plan.blocked.contains { $0.rule == "upgrade-needs-all" && $0.isByUnknown })
    }

    @Test("within a release Marathons go one at a time; and both upgrades end with Marathon")
    func patch() {
        let desired = Self.desired()
        let plan = Samples.plan(
            desired,
            Self.observed(desired, installed: ["marathon": "1.11.20-1", "mesos": "1.10.0-1"])
        )
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(plan.steps.compactMap(\.layer) == [.masters, .agents, .agents, .agents, .marathon])
        guard case .roll(.marathon, let members, .inOrder, _)? = plan.steps.last?.act else {
            Issue.record("Marathons roll")
            return
        }
        // Its package may stop it: the whole turn is one visit.
        #expect(PreparedTurn(members[0].planned).preparation.isEmpty)
        #expect(members[0].actions.first == .service(.stopUnit(.marathon)))
    }

    @Test("the model refuses a new release beside an old one, and a program replaced outside its turn")
    func model() {
        let model = SafetyModel(
            zooKeeper: ["m1": .init(isUp: true, holdsData: true)],
            mastersUp: [],
            quorum: 1,
            silent: [],
            oldMarathonsUp: ["m1", "m2"]
        )
        let stop = Step.visit("m2", [.action(.service(.stopUnit(.marathon)))], layer: .marathon)
        let start = Step.visit("m2", [.action(.service(.startUnit(.marathon)))], layer: .marathon)
        #expect(model.violation(in: Plan([stop, start]).steps) != nil)
        let install = [PlannedAction.action(.installPackages([PackageInstall(name: "zookeeperd")], job: "j"))]
        #expect(model.violation(in: Plan([.visit("m1", install)]).steps) != nil)
        #expect(model.violation(in: Plan([.visit("m1", install, layer: .zooKeeper)]).steps) == nil)
    }
}

extension Step {
    /// Where packages are installed, in order.
    fileprivate var installations: [NodeName] {
        nodeActions.compactMap { if case .installPackages = $0.action { $0.node } else { nil } }
    }
}
