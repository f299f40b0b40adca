import Specs
import Testing

@testable import Reconciler

@Suite struct AppPlanTests {
    let hello = AppSamples.app("/hello")

    @Test func anEqualAppNeedsNothing() {
        let plan = AppSamples.plan(DesiredApps(apps: [hello]), .found(AppSamples.marathon([hello])))
        #expect(plan.isEmpty)
        #expect(plan.notes == [])
    }

    @Test func anAppThatIsNotThereIsCreatedAndMustStillBeAbsentThen() throws {
        let plan = AppSamples.plan(DesiredApps(apps: [hello]), .found(AppSamples.marathon([LiveApp]())))
        let act = try #require(plan.apps.first)
        #expect(act.operation == .create(AppWrite(creating: hello.definition, in: AppSamples.context)))
        #expect(act.expected == .absent)
        #expect(act.tasks == AppTasks(added: 3))
        #expect(plan.steps.map(\.title) == ["app /hello"])
        #expect(plan.steps[0].impact == .none)
        #expect(plan.steps[0].changes.map(\.kind) == [.create])
        #expect(plan.steps[0].changes[0].summary == "3 instances of sleep 1000")
    }

    @Test(arguments: [(1, 3, "app /hello", AppTasks(added: 2)), (3, 1, "scale down app /hello", AppTasks(killed: 2))])
    func aChangeOfInstancesAloneScalesAndRestartsNothing(
        from: Int,
        to: Int,
        title: String,
        tasks: AppTasks
    ) throws {
        let live = AppSamples.app("/hello", instances: from)
        let wanted = AppSamples.app("/hello", instances: to, line: 4)
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([live])))
        let step = try #require(plan.step("/hello"))
        #expect(plan.apps[0].effect == .scale(from: from, to: to))
        #expect(plan.tasks == tasks)
        #expect(step.title == title)
        #expect(step.impact == (tasks.killed == 0 ? .none : .disruptive("kills 2 tasks of /hello")))
        #expect(step.changes[0].summary == "instances \(from) → \(to)")
        #expect(step.reasons.map(\.position) == [AppSamples.at(5)])
        #expect(plan.apps[0].expected == .version("2015-01-01T00:00:00.000Z"))
    }

    @Test func tasksThatMarathonIsAboutToStartMakeAScaleDownDisruptive() throws {
        let live = AppSamples.app("/hello", instances: 3)
        var marathon = AppSamples.marathon([live])
        // The third waits for an offer.
        marathon.apps[live.id]?.tasksRunning = 2
        let plan = AppSamples.plan(
            DesiredApps(apps: [AppSamples.app("/hello", instances: 2, line: 4)]),
            .found(marathon)
        )
        let step = try #require(plan.step("/hello"))
        #expect(step.title == "scale down app /hello")
        #expect(step.impact == .disruptive("kills what of /hello starts until then: no more than 2 of 3 run"))
        #expect(plan.tasks == AppTasks(), "of those that were seen none ends")
    }

    @Test func anyOtherChangeRestartsEveryTaskAndSaysHowMany() throws {
        let wanted = AppSamples.app("/hello", ["labels": ["team": "web"]])
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([hello])))
        let step = try #require(plan.step("/hello"))
        #expect(step.title == "restart app /hello")
        #expect(step.impact == .disruptive("restarts 3 tasks of /hello"))
        #expect(step.changes[0].fields.map(\.path) == ["labels.team"])
        #expect(step.changes[0].summary == "labels.team unset → web")
        #expect(plan.tasks == AppTasks(restarted: 3))
    }

    @Test func aRestartThatAlsoScalesCountsEachTaskOnce() {
        let wanted = AppSamples.app("/hello", ["labels": ["team": "web"]], instances: 5)
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([hello])))
        #expect(plan.tasks == AppTasks(restarted: 3, added: 2))
        #expect(plan.steps[0].impact == .disruptive("restarts 3 tasks of /hello, +2 tasks"))
    }

    @Test func anAppWithoutTasksIsChangedWithoutDisturbingAny() {
        var live = AppSamples.live(hello)
        live.tasksRunning = 0
        let wanted = AppSamples.app("/hello", ["labels": ["team": "web"]])
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([live])))
        #expect(plan.steps.map(\.impact) == [.none])
    }

    @Test func absentInstancesLeaveTheLiveNumber() {
        let wanted = AppSamples.app("/hello", instances: nil)
        let live = AppSamples.app("/hello", instances: 7)
        #expect(AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([live]))).isEmpty)
    }

    @Test func ignoredFieldsAreNoDifferenceAndTheWriteIsToldOfThem() {
        let live = AppSamples.app("/hello", ["labels": ["by": "hand"]])
        var apps = DesiredApps(apps: [hello], ignore: ["/hello": ["labels"]])
        #expect(AppSamples.plan(apps, .found(AppSamples.marathon([live]))).isEmpty)
        apps.apps = [AppSamples.app("/hello", ["cpus": 0.5])]
        let plan = AppSamples.plan(apps, .found(AppSamples.marathon([live])))
        #expect(plan.apps.map(\.ignoring) == [["labels"]])
        #expect(plan.steps[0].changes[0].fields.map(\.path) == ["cpus"])
    }

    // MARK: What no write takes away

    var withoutUser: (DesiredApps, ObservedMarathon) {
        let live = AppSamples.app("/hello", ["user": "nobody"])
        return (DesiredApps(apps: [hello]), AppSamples.marathon([live], in: AppSamples.old))
    }

    @Test func whatNoWriteTakesAwayIsForbiddenWithItsCostUntilConsentNamesTheApp() throws {
        let (apps, marathon) = withoutUser
        let plan = AppSamples.plan(apps, .found(marathon))
        #expect(plan.steps == [] && plan.refusals == [])
        let blocked = try #require(plan.blocked.first)
        #expect(blocked.title == "recreate app /hello")
        #expect(blocked.rule == "app-recreate" && !blocked.isByUnknown)
        #expect(blocked.because.contains("user") && blocked.because.contains("0.8.2"))
        #expect(blocked.because.contains("all its 3 tasks"))
        #expect(blocked.remedy?.contains("`recreate-app:/hello`") == true)
    }

    @Test func underConsentItIsDeletedAndMadeAgain() throws {
        var (apps, marathon) = withoutUser
        apps.consent = ["recreate-app:/hello"]
        let plan = AppSamples.plan(apps, .found(marathon))
        #expect(plan.blocked == [])
        let act = try #require(plan.apps.first)
        guard case .recreate = act.operation else {
            Testing.Issue.record("expected recreate, got \(act.operation)")
            return
        }
        #expect(act.expected == .version("2015-01-01T00:00:00.000Z"))
        #expect(plan.steps[0].impact == .disruptive("kills all 3 tasks of /hello; it is away until the new ones run"))
        #expect(plan.tasks.ended == 3)
    }

    @Test func consentForOneAppIsNoneForAnother() {
        var (apps, marathon) = withoutUser
        apps.consent = ["recreate-app:/hell", "recreate-app:/hello/a", "/hello"]
        #expect(AppSamples.plan(apps, .found(marathon)).steps == [])
    }

    // MARK: Cancelled and running deployments

    @Test func tasksThatACancelledDeploymentLeftBehindAreRestarted() throws {
        var live = AppSamples.live(hello)
        live.outdatedTasks = 2
        live.lastConfigChange = "2015-02-03T04:05:06.000Z"
        let plan = AppSamples.plan(DesiredApps(apps: [hello]), .found(AppSamples.marathon([live])))
        #expect(plan.apps.map(\.operation) == [.restart])
        let step = try #require(plan.steps.first)
        #expect(step.title == "restart app /hello" && step.impact == .disruptive("restarts 3 tasks of /hello"))
        #expect(step.changes[0].summary.hasPrefix("2 tasks still run the configuration of before 2015-02-03"))
    }

    @Test func scalingSaysThatTasksLeftBehindAreNotTouchedByIt() throws {
        var live = AppSamples.live(hello)
        live.outdatedTasks = 2
        let wanted = AppSamples.app("/hello", instances: 4)
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([live])))
        #expect(plan.apps.map(\.effect) == [.scale(from: 3, to: 4)])
        #expect(
            plan.notes.map(\.text).contains { $0.hasPrefix("/hello: 2 tasks run an older configuration, which this") }
        )
    }

    @Test(arguments: [0, nil] as [Int?])
    func noOutdatedTaskOrNoneSeenIsNoRestart(outdated: Int?) {
        var live = AppSamples.live(hello)
        live.outdatedTasks = outdated
        #expect(AppSamples.plan(DesiredApps(apps: [hello]), .found(AppSamples.marathon([live]))).isEmpty)
    }

    static let deployment = LiveDeployment(
        id: "867ed450",
        version: "2015-05-06T07:08:09.000Z",
        affectedApps: ["/hello"],
        currentActions: [.init(action: "RestartApplication", app: "/hello")],
        currentStep: 1,
        totalSteps: 2
    )

    @Test func anEqualAppWhoseTasksAreNotThereIsNotPassedOverInSilence() throws {
        var live = AppSamples.live(hello)
        live.tasksRunning = 1
        var marathon = AppSamples.marathon([live])
        let short = AppSamples.plan(DesiredApps(apps: [hello]), .found(marathon))
        #expect(short.isEmpty)
        #expect(short.notes.map(\.text) == ["/hello is as declared; 1 of 3 tasks run"])
        marathon.deployments = [Self.deployment]
        let held = AppSamples.plan(DesiredApps(apps: [hello]), .found(marathon))
        #expect(held.isEmpty)
        let note = try #require(held.notes.first?.text)
        #expect(note.hasPrefix("/hello is as declared; a deployment of /hello is under way since 2015-05-06"))
        #expect(note.hasSuffix("step 1 of 2: RestartApplication; 1 of 3 tasks run"))
    }

    @Test func oldTasksOfADeploymentUnderWayAreItsBusiness() {
        var live = AppSamples.live(hello)
        live.outdatedTasks = 2
        var marathon = AppSamples.marathon([live])
        marathon.deployments = [Self.deployment]
        #expect(AppSamples.plan(DesiredApps(apps: [hello]), .found(marathon)).isEmpty)
    }

    @Test(arguments: [false, true])
    func aDeploymentUnderWayIsNotedAndBlocksNothing(forced: Bool) throws {
        var marathon = AppSamples.marathon([hello])
        marathon.deployments = [Self.deployment]
        let wanted = AppSamples.app("/hello", instances: 4)
        let plan = AppSamples.plan(
            DesiredApps(apps: [wanted], forced: forced ? ["/hello"] : []),
            .found(marathon)
        )
        #expect(plan.apps.map(\.isForced) == [forced])
        let note = try #require(plan.notes.first?.text)
        #expect(note.contains("under way since 2015-05-06T07:08:09.000Z, step 1 of 2: RestartApplication"))
        #expect(note.contains(forced ? "--force-app overrides it" : "apply waits"))
    }

    // MARK: Unknown

    @Test func aHiddenAppIsNeitherCreatedNorTakenForAbsent() {
        var marathon = AppSamples.marathon([LiveApp]())
        marathon.hidden = ["/hello": "403 Forbidden"]
        let plan = AppSamples.plan(DesiredApps(apps: [hello]), .found(marathon))
        #expect(plan.steps == [])
        #expect(plan.blocked.map(\.isByUnknown) == [true])
        #expect(plan.blocked[0].because.contains("403 Forbidden"))
    }

    @Test func aDefinitionThatThisReleaseRefusesIsBlockedAtItsPlace() throws {
        let wanted = AppSamples.app("/hello", ["args": ["a"], "labels": ["team": "web"]])
        let plan = AppSamples.plan(DesiredApps(apps: [wanted]), .found(AppSamples.marathon([hello])))
        #expect(plan.steps == [])
        let blocked = try #require(plan.blocked.first)
        #expect(blocked.because.contains("1.4.13") && !blocked.isByUnknown)
        #expect(blocked.position?.file == "apps/all.json")
    }
}
