import Specs
import Testing

@testable import Reconciler

/// Which Marathon the apps are compared with, and when not at all.
@Suite struct AppGroundTests {
    static let apps = DesiredApps(
        apps: [AppSamples.app("/hello"), AppSamples.app("/web")],
        expected: AppSamples.context
    )

    static func desired(installed: Bool, _ apps: DesiredApps = apps) -> DesiredCluster {
        var desired = Samples.desired(installed: installed)
        desired.apps = apps
        return desired
    }

    static let unreachable = Observation<ObservedMarathon>.unknown("no Marathon answers: connection refused")

    func plan(_ desired: DesiredCluster, _ observed: ObservedCluster, _ marathon: Observation<ObservedMarathon>) -> Plan
    {
        var observed = observed
        observed.marathon = marathon
        return Samples.plan(desired, observed)
    }

    @Test func onAFreshClusterEveryAppIsCreatedAfterTheLastStepOfAnyEnsemble() throws {
        let desired = Self.desired(installed: false)
        let plan = plan(desired, Samples.bare(desired), Self.unreachable)
        #expect(plan.blocked == [] && plan.refusals == [])
        #expect(plan.apps.map(\.id) == ["/hello", "/web"])
        #expect(plan.apps.allSatisfy { $0.expected == .assumedAbsent && $0.context == AppSamples.context })
        let last = try #require(plan.steps.last { $0.layer?.isEnsemble == true })
        #expect(plan.step("/hello")?.needs == [last.id])
    }

    @Test func withoutAnExpectedReleaseAFreshMarathonIsComparedOnceItAnswers() {
        var apps = Self.apps
        apps.expected = nil
        let desired = Self.desired(installed: false, apps)
        let plan = plan(desired, Samples.bare(desired), Self.unreachable)
        #expect(plan.apps == [])
        #expect(plan.steps.last?.act == .compareApps(deadlineSeconds: 300))
    }

    /// A Marathon that was there may have every app already.
    @Test func aStoppedMarathonIsStartedAndItsAppsAreComparedThen() throws {
        let desired = Self.desired(installed: true)
        var observed = Samples.converged(desired)
        for node in ["m1", "m2", "m3"] as [NodeName] {
            observed = observed.changing(node) {
                $0.services[.marathon] = .found(ObservedService(name: .marathon, boot: .on, run: .stopped))
            }
        }
        let plan = plan(desired, observed, Self.unreachable)
        #expect(plan.apps == [])
        let step = try #require(plan.steps.last)
        #expect(step.title == "compare 2 apps once Marathon answers")
        #expect(step.act == .compareApps(deadlineSeconds: 300))
        let last = try #require(plan.steps.last { $0.layer?.isEnsemble == true })
        #expect(step.needs == [last.id])
        #expect(plan.blocked == [])
    }

    @Test func oneMarathonNodeThatHasItAlreadyMakesNoFreshMarathon() {
        let desired = Self.desired(installed: false)
        let observed = Samples.bare(desired).changing("m2") { node in
            node.packages["marathon"] = .found(PackageAnswer(name: "marathon", installed: "1.11.24-1"))
        }
        #expect(plan(desired, observed, Self.unreachable).apps == [])
    }

    @Test func aMarathonThatShouldAnswerAndDoesNotBlocksAllAppsByOneItem() {
        let desired = Self.desired(installed: true)
        let plan = plan(desired, Samples.converged(desired), Self.unreachable)
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.title) == ["2 apps"])
        #expect(plan.blocked.map(\.isByUnknown) == [true])
        #expect(plan.blocked[0].because == "no Marathon answers: connection refused")
    }

    @Test func aSilentMarathonNodeIsNoFreshOne() {
        let desired = Self.desired(installed: false)
        let plan = plan(desired, Samples.bare(desired).silencing("m2"), Self.unreachable)
        #expect(plan.apps == [])
        #expect(plan.blocked.contains { $0.title == "2 apps" && $0.isByUnknown })
    }

    @Test func aPlanThatInstallsAnotherReleaseComparesAfterwards() {
        let desired = Self.desired(installed: true)
        let observed = Samples.converged(desired).changing("m3") { node in
            node.packages["marathon"] = .found(PackageAnswer(name: "marathon", offered: ["1.11.24-1"]))
            node.services[.marathon] = .absent
        }
        let older = plan(desired, observed, .found(AppSamples.marathon([LiveApp]())))
        #expect(older.apps == [] && older.steps.last?.isComparison == true)
        let same = AppContext(release: MarathonRelease(1, 11, 24))
        #expect(plan(desired, observed, .found(AppSamples.marathon([LiveApp](), in: same))).apps.count == 2)
    }

    @Test func appsWithoutADeclaredMarathonAreBlockedAndNotUnknown() {
        let plan = AppSamples.plan(Self.apps, .absent)
        #expect(plan.blocked.map(\.isByUnknown) == [false])
        #expect(plan.steps == [])
    }

    @Test func aClusterWithoutAppsAsksMarathonNothing() {
        let desired = Samples.desired()
        #expect(plan(desired, Samples.converged(desired), Self.unreachable).isEmpty)
    }

    @Test func appsWaitForARollOfAnyEnsemble() throws {
        var now = Samples.desired(Samples.spec(tickTime: "3000"))
        now.apps = Self.apps
        let before = Samples.converged(Samples.desired(Samples.spec(tickTime: "2000")))
        let plan = plan(now, before, .found(AppSamples.marathon([LiveApp]())))
        let roll = try #require(plan.steps.first { $0.layer == .zooKeeper })
        #expect(plan.step("/web")?.needs == [roll.id])
    }
}

extension Step {
    var isComparison: Bool { if case .compareApps = act { true } else { false } }
}
