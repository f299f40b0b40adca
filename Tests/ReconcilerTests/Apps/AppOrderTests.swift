import Specs
import Testing

@testable import Reconciler

@Suite struct AppOrderTests {
    static func needs(_ plan: Plan, _ id: String) -> [String] {
        let ids = Dictionary(plan.steps.map { ($0.id, $0.title) }) { first, _ in first }
        return (plan.step(id)?.needs ?? []).compactMap { ids[$0] }
    }

    @Test func dependenciesComeFirstAndIndependentAppsWaitForNobody() {
        let apps = [
            AppSamples.app("/a", after: ["/z"]), AppSamples.app("/m"), AppSamples.app("/z"),
        ]
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon([LiveApp]())))
        #expect(plan.apps.map(\.id) == ["/z", "/a", "/m"])
        #expect(Self.needs(plan, "/a") == ["app /z"])
        #expect(Self.needs(plan, "/m") == [] && Self.needs(plan, "/z") == [])
    }

    @Test func anUnchangedAppBetweenTwoPassesTheOrderOn() {
        let middle = AppSamples.app("/b", after: ["/c"])
        let apps = [AppSamples.app("/a", after: ["/b"]), middle, AppSamples.app("/c")]
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon([middle])))
        #expect(plan.apps.map(\.id) == ["/c", "/a"])
        #expect(Self.needs(plan, "/a") == ["app /c"])
    }

    @Test func anUndeclaredAppBetweenTwoPassesTheOrderOn() {
        let undeclared = AppSamples.live(AppSamples.app("/b", after: ["/c"]))
        let apps = [AppSamples.app("/a", after: ["/b"]), AppSamples.app("/c")]
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon([undeclared])))
        #expect(Self.needs(plan, "/a") == ["app /c"])
    }

    @Test func aDependencyOnAGroupIsOneOnEveryAppInIt() {
        let apps = [
            AppSamples.app("/db/a"), AppSamples.app("/db/b"), AppSamples.app("/dbx"),
            AppSamples.app("/web", after: ["/db"]),
        ]
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(AppSamples.marathon([LiveApp]())))
        #expect(Self.needs(plan, "/web") == ["app /db/a", "app /db/b"])
    }

    @Test func whatDependsOnABlockedAppIsBlockedWithItAndTheRestGoesOn() {
        let apps = [
            AppSamples.app("/a", after: ["/b"]), AppSamples.app("/b", after: ["/hidden"]), AppSamples.app("/free"),
            AppSamples.app("/hidden"),
        ]
        var marathon = AppSamples.marathon([LiveApp]())
        marathon.hidden = ["/hidden": "500"]
        let plan = AppSamples.plan(DesiredApps(apps: apps), .found(marathon))
        #expect(plan.apps.map(\.id) == ["/free"])
        #expect(Set(plan.blocked.map(\.title)) == ["app /hidden", "app /b", "app /a"])
        #expect(plan.blocked.allSatisfy { $0.isByUnknown })
    }

    @Test func whoDependsOnAForbiddenAppIsHeldBackByTheSameRule() {
        let database = AppSamples.app("/db")
        let web = AppSamples.app("/web", ["cpus": 2], after: ["/db"])
        let live = [AppSamples.app("/db", ["user": "nobody"]), AppSamples.app("/web", after: ["/db"])]
        let plan = AppSamples.plan(
            DesiredApps(apps: [database, web]),
            .found(AppSamples.marathon(live, in: AppSamples.old))
        )
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.rule) == ["app-recreate", "app-recreate"])
    }

    @Test func aCircleThatAnUndeclaredAppClosesIsCutAndNotWaitedFor() {
        let undeclared = AppSamples.live(AppSamples.app("/x", after: ["/a"]))
        let plan = AppSamples.plan(
            DesiredApps(apps: [AppSamples.app("/a", after: ["/x"])]),
            .found(AppSamples.marathon([undeclared]))
        )
        #expect(plan.apps.map(\.id) == ["/a"])
        #expect(plan.steps[0].needs == [])
    }
}
