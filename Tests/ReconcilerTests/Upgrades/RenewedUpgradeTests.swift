import Specs
import Testing

@testable import Reconciler

/// Upgrades to what only renewed lists can offer.
@Suite struct RenewedUpgradeTests {
    private static let names = ["mesos", "marathon", "zookeeperd", "zookeeper"]

    private static func desired(mesos: String = "1.11.0") throws -> DesiredCluster {
        var spec = try SourcePlanTests.spec()
        spec.versions.zookeeper = Located("3.8.4", at: UpgradePlanTests.here)
        spec.versions.mesos = Located(mesos, at: UpgradePlanTests.here)
        spec.versions.marathon = Located("1.11.24", at: UpgradePlanTests.here)
        return Samples.desired(spec, installed: true)
    }

    /// As declared, lists renewed by us, but that `installed` is older and all that is offered.
    private static func observed(_ desired: DesiredCluster, _ installed: [String: String]) -> ObservedCluster {
        desired.nodes.reduce(SourcePlanTests.converged(desired)) { seen, node in
            seen.changing(node.name) { node in
                for (name, version) in installed where node.packages[name] != nil || name == "zookeeper" {
                    node.packages[name] = .found(
                        PackageAnswer(name: name, installed: version, offered: [version], isHeld: true)
                    )
                }
            }
        }
    }

    private static func withoutSources(_ observed: ObservedCluster, _ desired: DesiredCluster) -> ObservedCluster {
        desired.nodes.reduce(observed) { seen, node in
            seen.changing(node.name) { node in
                node.files[SourcePlanTests.key] = .absent
                node.files[SourcePlanTests.list] = .absent
                node.applied = .absent
            }
        }
    }

    private static func searches(_ plan: Plan) -> [Step] {
        plan.steps.filter { $0.changes.contains { $0.resource.hasPrefix("lists:") } }
    }

    @Test("new sources and an upgrade that only they may offer are one plan: all lists are looked through first")
    func onePlan() throws {
        let desired = try Self.desired()
        let observed = Self.withoutSources(Self.observed(desired, ["mesos": "1.10.0-1"]), desired)
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [] && plan.refusals == [], "\(plan.blocked.map(\.because))")
        let sources = plan.steps.filter { $0.title == "set up repository site" }
        #expect(sources.map(\.nodes) == desired.nodes.map { [$0.name] })
        for step in sources {
            let node = try #require(step.nodes.first)
            #expect(step.gate?.condition == .all([.offered("mesos", pin: "1.11.0", node: node)]))
            #expect(step.changes.last?.resource == "lists:mesos")
        }
        let roll = try #require(plan.steps.first { $0.layer == .masters })
        #expect(Set(sources.map(\.id)).isSubset(of: roll.needs), "no master begins before all have it")
        let installs = plan.steps.flatMap(\.nodeActions).compactMap { planned -> [PackageInstall]? in
            if case .installPackages(let packages, "upgrade-mesos") = planned.action { packages } else { nil }
        }
        #expect(installs.count == desired.nodes.count)
        #expect(installs.allSatisfy { $0 == [PackageInstall(name: "mesos", pin: "1.11.0")] })
        let change = plan.steps.flatMap(\.changes).first { $0.resource == "package:mesos" }
        #expect(change?.summary == "1.10.0-1 → 1.11.0, as the renewed lists offer it")
    }

    @Test("lists that were renewed before the version was published are renewed for it, once")
    func published() throws {
        let desired = try Self.desired()
        let observed = Self.observed(desired, ["mesos": "1.10.0-1"])
        let plan = Samples.plan(desired, observed)
        #expect(plan.blocked == [])
        let searches = Self.searches(plan)
        #expect(searches.map(\.title) == desired.nodes.map { _ in "renew the lists of repository site" })
        // As the applied record is once they were: the version is still not offered.
        let after = searches.reduce(observed) { seen, step in
            seen.changing(step.nodes[0]) { node in
                var applied = node.applied.value ?? [:]
                for entry in step.changes.compactMap(\.applied) { applied[entry.resource] = entry }
                node.applied = .found(applied)
            }
        }
        let second = Samples.plan(desired, after)
        #expect(second.steps == [])
        #expect(second.blocked.allSatisfy { $0.rule == "upgrade-not-offered" } && second.blocked.count == 4)
        #expect(second.blocked[0].remedy?.contains("apt-get update") == true)
        // Another version is looked for again.
        #expect(!Self.searches(Samples.plan(try Self.desired(mesos: "1.11.1"), after)).isEmpty)
    }

    @Test("both of Debian's packages of ZooKeeper are asked for by the pin")
    func zooKeeper() throws {
        let desired = try Self.desired()
        let plan = Samples.plan(desired, Self.observed(desired, ["zookeeperd": "3.8.0-1", "zookeeper": "3.8.0-1"]))
        #expect(plan.blocked == [])
        let both = ["zookeeper", "zookeeperd"].map { PackageInstall(name: $0, pin: "3.8.4") }
        let roll = try #require(plan.steps.first { $0.layer == .zooKeeper })
        #expect(roll.nodeActions.contains { $0.action == .installPackages(both, job: "upgrade-zookeeper") })
    }

    @Test("what a rule forbids is not looked for", arguments: ["1.10.0", "0.28.3"])
    func forbidden(pin: String) throws {
        let desired = try Self.desired(mesos: pin)
        let plan = Samples.plan(desired, Self.observed(desired, ["mesos": "1.11.0-1"]))
        #expect(plan.steps == [])
        #expect(!plan.blocked.isEmpty && plan.blocked.allSatisfy { $0.rule == "package-downgrade" })
    }

    @Test("a pin that does not say the whole version is not gone to blindly")
    func shortPin() throws {
        let desired = try Self.desired(mesos: "1.11")
        let plan = Samples.plan(desired, Self.observed(desired, ["mesos": "1.10.0-1"]))
        #expect(plan.steps == [] && plan.blocked.allSatisfy { $0.rule == "upgrade-not-offered" })
        #expect(plan.blocked.first?.remedy?.contains("MAJOR.MINOR.PATCH") == true)
    }

    @Test("the gate holds where the version is offered, ends where it is not, and waits for an answer")
    func gate() {
        let condition = GateCondition.offered("mesos", pin: "1.11.0", node: "m1")
        func verdict(_ answer: FactAnswer) -> GateVerdict {
            var answers = GateAnswers()
            answers.add(.success([answer]), to: [.package("mesos")], from: "m1")
            var watch = GateWatch(condition)
            return watch.judge(answers, asked: .zero, answered: .zero)
        }
        #expect(condition.questions.of("m1") == [.package("mesos")])
        #expect(verdict(.package(PackageAnswer(name: "mesos", offered: ["1.11.0-2.0.1"]))) == .holds)
        #expect(
            verdict(.package(PackageAnswer(name: "mesos", installed: "1.10.0-1", offered: ["1.11.1-1", "1.10.0-1"])))
                == .impossible("version 1.11.0 of mesos is declared and the sources of m1 offer 1.11.1-1, 1.10.0-1")
        )
        let nothing = "version 1.11.0 of mesos is declared and the sources of m1 offer nothing"
        #expect(verdict(.absent) == .impossible(nothing))
        #expect(verdict(.unknown(reason: "apt-cache: E: x")) == .notYet(missing: "package mesos on m1 apt-cache: E: x"))
    }
}

@Suite struct UpgradeCompanyTests {
    @Test("a package that is not held yet is held in the turn that replaces it")
    func holds() {
        let desired = UpgradePlanTests.desired()
        let plan = Samples.plan(desired, UpgradePlanTests.observed(desired, installed: ["mesos": "1.10.0-1"]))
        let holding = plan.steps.flatMap(\.nodeActions).filter { $0.action == .holdPackages(["mesos"]) }.map(\.node)
        #expect(holding.sorted() == desired.nodes.map(\.name).sorted())
        guard case .roll(_, let members, _, _)? = plan.steps.first?.act else {
            Issue.record("masters roll")
            return
        }
        #expect(PreparedTurn(members[0].planned).preparation.contains(.action(.holdPackages(["mesos"]))))
    }

    @Test(
        "while the package of one member is unknown or half installed no other begins",
        arguments: [true, false],
        ["m2", "a1"]
    )
    func broken(isUnknown: Bool, node: NodeName) {
        let desired = UpgradePlanTests.desired()
        let observed = UpgradePlanTests.observed(desired, installed: ["mesos": "1.10.0-1"]).changing(node) { seen in
            seen.packages["mesos"] =
                isUnknown
                ? .unknown("dpkg-query: corrupt")
                : .found(PackageAnswer(name: "mesos", installed: "1.11.0-1", trouble: "half-configured"))
        }
        let plan = Samples.plan(desired, observed)
        #expect(plan.steps == [], "\(plan.steps.map(\.title))")
        let blocked = plan.blocked.filter { $0.rule == (isUnknown ? "upgrade-needs-all" : "upgrade-half-installed") }
        #expect(blocked.count == desired.nodes.count - 1 && blocked.allSatisfy { $0.because.contains("\(node)") })
        #expect(blocked.allSatisfy { $0.isByUnknown == isUnknown })
    }

    @Test("a hold that somebody else set is freed for a declared version, and it is told")
    func foreignHold() {
        let desired = UpgradePlanTests.desired()
        var observed = UpgradePlanTests.observed(desired, installed: ["mesos": "1.10.0-1"])
        observed = observed.changing("a1") { node in
            guard var answer = node.packages["mesos"]?.value else { return }
            answer.isHeld = true
            node.packages["mesos"] = .found(answer)
        }
        let notes = Samples.plan(desired, observed).notes.filter { $0.text.contains("held") }
        #expect(notes.map(\.node) == ["a1"])
        #expect(notes.first?.text.contains("mesos is held at 1.10.0-1, by somebody else") == true)
    }
}
