import Specs
import Testing

@testable import Reconciler

@Suite struct AppPruneTests {
    let cart = AppSamples.app("/shop/cart")
    let old = AppSamples.app("/shop/old")
    let other = AppSamples.app("/shopping/list")

    func desired(_ mode: AppPolicySpec.PruneApps = .always, under: [String] = ["/shop"]) -> DesiredApps {
        DesiredApps(apps: [cart], prune: mode, pruneUnder: under)
    }

    @Test func neverRemovesNothingAndNamesWhatItKeeps() {
        let plan = AppSamples.plan(desired(.never), .found(AppSamples.marathon([cart, old, other])))
        #expect(plan.isEmpty)
        #expect(plan.notes.map(\.text) == ["under /shop and not declared, kept (policy.prune.apps): /shop/old"])
    }

    @Test func alwaysRemovesUndeclaredAppsUnderThePrefixPathByPath() throws {
        let plan = AppSamples.plan(desired(), .found(AppSamples.marathon([cart, old, other])))
        #expect(plan.steps.map(\.title) == ["remove app /shop/old"])
        #expect(plan.apps.map(\.operation) == [.delete])
        #expect(plan.apps.map(\.expected) == [.version("2015-01-01T00:00:00.000Z")])
        #expect(plan.steps[0].impact == .disruptive("kills 3 tasks of /shop/old"))
        #expect(plan.steps[0].changes.map(\.kind) == [.remove])
        #expect(plan.steps[0].changes[0].applied?.digest == "absent")
        #expect(plan.tasks == AppTasks(killed: 3))
    }

    @Test func anAppNamedAsThePrefixIsNotUnderIt() {
        let itself = AppSamples.app("/shop")
        #expect(AppSamples.plan(desired(), .found(AppSamples.marathon([cart, itself]))).isEmpty)
    }

    @Test func withoutAPrefixNothingIsRemoved() {
        #expect(AppSamples.plan(desired(under: []), .found(AppSamples.marathon([cart, old, other]))).isEmpty)
    }

    @Test(arguments: ["/shop/old", "/shop/old/", "/shop"])
    func protectedIdsAndWhatIsInThemStay(protected: String) {
        var apps = desired()
        apps.protect = [protected]
        let inner = AppSamples.app("/shop/old/inner")
        let there = protected == "/shop/old" ? old : inner
        #expect(AppSamples.plan(apps, .found(AppSamples.marathon([cart, there]))).isEmpty)
    }

    @Test func confirmPlansTheRemovalAndSaysThatItIsAskedFor() {
        let plan = AppSamples.plan(desired(.confirm), .found(AppSamples.marathon([cart, old])))
        #expect(plan.apps.map(\.id) == ["/shop/old"])
        #expect(plan.notes.contains { $0.text.contains("apply asks before it removes 1 undeclared app") })
    }

    @Test func confirmIsLeftOutWithANoteWhereNobodyIsAsked() {
        var apps = desired(.confirm)
        apps.mayAsk = false
        apps.tasksRestarted = .count(0)
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([cart, old])))
        #expect(plan.isEmpty)
        #expect(plan.notes.contains { $0.text.contains("--yes does not confirm") && $0.text.contains("/shop/old") })
    }

    @Test func removalsComeAfterEverythingElseAndDependentsBeforeWhatTheyDependOn() {
        let user = AppSamples.app("/shop/user", after: ["/shop/old"])
        let new = AppSamples.app("/shop/new")
        var apps = desired()
        apps.apps.append(new)
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([cart, old, user])))
        #expect(plan.apps.map(\.id) == ["/shop/new", "/shop/user", "/shop/old"])
        #expect(AppOrderTests.needs(plan, "/shop/user") == ["app /shop/new"])
        #expect(AppOrderTests.needs(plan, "/shop/old") == ["app /shop/new", "remove app /shop/user"])
    }

    @Test func whatSomethingThatStaysDependsOnStays() {
        let chain = AppSamples.app("/shop/mid", after: ["/shop/old"])
        let user = AppSamples.app("/elsewhere", after: ["/shop/mid"])
        let plan = AppSamples.plan(desired(), .found(AppSamples.marathon([cart, old, chain, user])))
        #expect(plan.isEmpty)
        #expect(plan.notes.contains { $0.text.hasSuffix("depends on it: /shop/mid, /shop/old") })
    }

    @Test func aListThatMayBeIncompleteRemovesNothing() {
        var marathon = AppSamples.marathon([cart, old, other])
        marathon.apps["/shop/cart"] = nil
        marathon.hidden = ["/shop/cart": "403 Forbidden"]
        let plan = AppSamples.plan(desired(), .found(marathon))
        #expect(plan.steps == [])
        #expect(plan.blocked.contains { $0.title == "remove 1 undeclared app" && $0.isByUnknown })
    }

    @Test func nothingIsRemovedWhileADeclaredAppIsBlocked() {
        let web = AppSamples.app("/shop/cart", ["user": "nobody"])
        let marathon = AppSamples.marathon([web, old, other], in: AppSamples.old)
        let plan = AppSamples.plan(desired(), .found(marathon))
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.title) == ["recreate app /shop/cart", "remove 1 undeclared app"])
        #expect(plan.blocked.allSatisfy { $0.rule == "app-recreate" })
    }

    @Test func everyAppThereIsIsNeverRemoved() {
        let apps = DesiredApps(apps: [], prune: .always, pruneUnder: ["/"])
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([old, other])))
        #expect(plan.steps == [])
        #expect(plan.refusals.map(\.rule) == ["prune-all"])
        #expect(plan.refusals[0].reason.contains("/shop/old, /shopping/list"))
    }

    @Test func aPrefixUnderWhichNothingIsDeclaredIsNotEmptied() {
        let apps = DesiredApps(apps: [other], prune: .always, pruneUnder: ["/shop/", "/shopping"])
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([old, other])))
        #expect(plan.refusals.map(\.rule) == ["prune-all"])
        #expect(plan.refusals[0].reason.contains("under /shop,"))
    }

    /// A protected app, or one that something elsewhere relies on, is no sign that the files are complete.
    @Test func anAppThatIsSparedDoesNotMakeTheRestRemovable() {
        let user = AppSamples.app("/elsewhere", after: ["/shop/base"])
        let base = AppSamples.app("/shop/base")
        var protecting = DesiredApps(apps: [user], prune: .always, pruneUnder: ["/shop"])
        protecting.protect = ["/shop/cart"]
        let plan = AppSamples.plan(protecting, .found(AppSamples.marathon([cart, old, user])))
        #expect(plan.refusals.map(\.rule) == ["prune-all"] && plan.steps == [])
        #expect(plan.refusals.first?.reason.hasSuffix("would be removed: /shop/old") == true)

        let relying = DesiredApps(apps: [user], prune: .always, pruneUnder: ["/shop"])
        let relied = AppSamples.plan(relying, .found(AppSamples.marathon([base, old, user])))
        #expect(relied.refusals.map(\.rule) == ["prune-all"])

        var all = DesiredApps(apps: [AppSamples.app("/new")], prune: .always, pruneUnder: ["/"])
        all.protect = ["/shop/cart"]
        let whole = AppSamples.plan(all, .found(AppSamples.marathon([cart, old, other])))
        #expect(whole.refusals.map(\.rule) == ["prune-all"])
    }

    // MARK: Budget

    @Test(
        arguments: [
            (.count(2), ["prune-budget"]), (.count(3), []), (.percent(50), []), (.percent(49), ["prune-budget"]),
        ] as [(AppPolicySpec.Amount, [String])]
    )
    func removalsBeyondTheBudgetAreRefused(amount: AppPolicySpec.Amount, rules: [String]) {
        var apps = desired()
        apps.tasksRestarted = amount
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([cart, old])))
        #expect(plan.refusals.map(\.rule) == rules)
        #expect(plan.steps.isEmpty == !rules.isEmpty)
    }

    @Test func restartsAndRemovalsTogetherBeyondTheBudgetAreRefusedWithTheCulprits() {
        var apps = desired()
        apps.apps = [AppSamples.app("/shop/cart", ["cpus": 2], instances: 4)]
        apps.tasksRestarted = .count(5)
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([cart, old])))
        #expect(plan.refusals.map(\.rule) == ["budget"])
        #expect(plan.refusals[0].reason.contains("6 running tasks (/shop/cart 3, /shop/old 3)"))
    }

    @Test func scalingUpAndCreatingCostNothingOfTheBudget() {
        let apps = DesiredApps(
            apps: [AppSamples.app("/shop/cart", instances: 9), AppSamples.app("/new")],
            tasksRestarted: .percent(0)
        )
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([cart])))
        #expect(plan.refusals == [] && plan.steps.count == 2)
    }
}
