import Specs
import Testing

@testable import Reconciler

@Suite("How an app and its agents are judged")
struct AppJudgingTests {
    private static let old = "2026-01-05T09:00:00.000Z"
    private static let new = "2026-01-05T10:00:00.000Z"
    private static let definition: AppValue = ["id": "/web", "cmd": "serve", "cpus": 0.5, "mem": 64, "instances": 2]

    private static func goal(_ release: MarathonRelease, replaced: String? = nil) -> AppGoal {
        AppGoal(
            id: "/web",
            definition: definition,
            context: AppContext(release: release),
            replaced: replaced,
            since: old
        )
    }

    /// Two tasks that run, of the present configuration.
    private static func sight(_ change: (inout AppSight, inout LiveApp) -> Void = { _, _ in }) -> AppSight {
        var app = LiveApp(id: "/web", version: new, definition: definition, instances: 2, tasksRunning: 2)
        var sight = AppSight(app: nil)
        sight.tasks = ["a1", "a2"].map { host in
            LiveTask(id: "web.\(host)", host: host, version: new, stagedAt: new, startedAt: new)
        }
        change(&sight, &app)
        sight.app = app
        return sight
    }

    private static let deployment = LiveDeployment(
        id: "d1",
        version: new,
        affectedApps: ["/web"],
        currentActions: [LiveDeployment.Action(action: "RestartApplication", app: "/web")],
        currentStep: 2,
        totalSteps: 3
    )

    @Test("only an app that nothing holds, defined and counted as wanted, is there")
    func standings() {
        let goal = Self.goal(MarathonRelease(0, 8, 2), replaced: Self.old)
        #expect(goal.standing(Self.sight()) == .reached)
        let table: [(String, AppGoal.Standing, AppSight)] = [
            (
                "held", .underway("deployment d1 is at step 2 of 3: RestartApplication /web"),
                Self.sight { sight, _ in sight.deployments = [Self.deployment] }
            ),
            ("held, says the app alone", .underway(""), Self.sight { _, app in app.deployments = ["d1"] }),
            ("gone", .short("it is not there"), AppSight(app: nil)),
            (
                "other definition", .short("it is not defined as wanted yet (cmd)"),
                Self.sight { _, app in
                    app.definition = ["id": "/web", "cmd": "x", "cpus": 0.5, "mem": 64, "instances": 2]
                }
            ),
            (
                "one staged", .short("1 of 2 tasks running; 1 staged on a2"),
                Self.sight { sight, app in
                    (app.tasksRunning, app.tasksStaged) = (1, 1)
                    sight.tasks[1].startedAt = nil
                }
            ),
            (
                "a task of before", .short("1 task of an older configuration still there"),
                Self.sight { sight, _ in sight.tasks[0].version = Self.old }
            ),
            (
                "a task without a version", .short("1 task of an older configuration still there"),
                Self.sight { sight, _ in sight.tasks[0].version = nil }
            ),
            (
                "one too many", .short("3 tasks there, 2 wanted"),
                Self.sight { sight, _ in
                    sight.tasks.append(LiveTask(id: "x", host: "a1", version: Self.new, startedAt: Self.new))
                }
            ),
        ]
        for (name, standing, sight) in table { #expect(goal.standing(sight) == standing, "\(name)") }
    }

    @Test("a scaled app keeps its tasks, and from 0.11 the last change of the configuration tells old ones")
    func outdated() {
        let scaled = Self.goal(MarathonRelease(0, 8, 2))
        let older = Self.sight { sight, _ in sight.tasks[0].version = Self.old }
        #expect(scaled.standing(older) == .reached)
        let told = Self.sight { sight, app in
            sight.tasks[0].version = Self.old
            app.lastConfigChange = Self.new
        }
        #expect(
            Self.goal(MarathonRelease(1, 4, 13)).standing(told)
                == .short("1 task of an older configuration still there")
        )
    }

    @Test("health is counted where there are checks, by the tasks up to 0.8.0")
    func health() {
        let check: AppValue = ["protocol": "HTTP", "path": "/"]
        var goal = Self.goal(MarathonRelease(0, 7, 6))
        let definition: AppValue = .object((Self.definition.members ?? [:]).merging(["healthChecks": [check]]) { $1 })
        goal.definition = definition
        func sight(_ alive: [Bool?], _ healthy: Int?) -> AppSight {
            Self.sight { sight, app in
                app.definition = definition
                app.tasksHealthy = healthy
                for index in alive.indices { sight.tasks[index].isAlive = alive[index] }
            }
        }
        #expect(goal.standing(sight([true, nil], nil)) == .short("1 of 2 healthy"))
        #expect(goal.standing(sight([true, true], nil)) == .reached)
        #expect(goal.standing(sight([true, true], 1)) == .short("1 of 2 healthy"))
    }

    @Test("failures of tasks from before the write are nobody's reason")
    func failures() {
        func failure(_ version: String, _ timestamp: String) -> AppSight {
            Self.sight { sight, _ in
                sight.failure = TaskFailure(
                    task: "t",
                    host: "a1",
                    state: "TASK_FAILED",
                    message: "exited with status 1",
                    timestamp: timestamp,
                    version: version
                )
            }
        }
        let restarted = Self.goal(MarathonRelease(0, 8, 2), replaced: Self.old)
        #expect(restarted.ownFailure(failure(Self.old, Self.new)) == nil)
        #expect(restarted.ownFailure(failure(Self.new, Self.new))?.words == "TASK_FAILED on a1: exited with status 1")
        let scaled = Self.goal(MarathonRelease(0, 8, 2))
        #expect(scaled.ownFailure(failure(Self.old, Self.old)) == nil)
        #expect(scaled.ownFailure(failure(Self.old, Self.new)) != nil)
    }

    @Test(
        "Marathon's timestamps are seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("2014-08-26T07:37:50.462Z", 1_409_038_670),
            ("2000-02-29T23:59:59.999Z", 951_868_799), ("2026-03-01T00:00:00.000Z", 1_772_323_200),
        ]
    )
    func times(text: String, seconds: Int) {
        #expect(MarathonTime.seconds(text) == seconds)
        for broken in [
            "", "T", "2014-08-26", "2014-13-26T07:37:50.462Z", "2014-08-26T07:37Z", "2014-08-26T07:37:50.462",
        ] {
            #expect(MarathonTime.seconds(broken) == nil, "\(broken)")
        }
    }

    // MARK: Agents

    private static func room(_ host: String, cpus: Double, mem: Double, of total: Double = 8) -> AgentRoom {
        AgentRoom(hostname: host, total: ["cpus": total, "mem": 8192], free: ["cpus": cpus, "mem": mem])
    }

    @Test("what an app needs is held against what agents have free")
    func needs() {
        let small = TaskNeeds(["cpus": 4, "mem": 64])
        let agents = [Self.room("a1", cpus: 1.5, mem: 4096), Self.room("a2", cpus: 1, mem: 128)]
        #expect(small.obstacle(agents) == "needs 4 cpus; the largest free agent has 1.5 (a1)")
        #expect(
            TaskNeeds(["cpus": 100]).obstacle(agents)
                == "needs 100 cpus; the largest free agent has 1.5 (a1), and no agent has more than 8"
        )
        #expect(
            TaskNeeds(["cpus": 1.2, "mem": 256.5]).obstacle([
                Self.room("a1", cpus: 1.5, mem: 100), Self.room("a2", cpus: 1, mem: 512),
            ])
                == "needs 1.2 cpus, 256.5 MB of memory on one agent; free are a1 1.5 cpus, 100 MB of memory; a2 1 cpus, 512 MB of memory"
        )
        #expect(TaskNeeds(["cpus": 1]).obstacle(agents) == nil)
        #expect(small.obstacle([]) == "no active agent is registered with the leading Mesos master")
    }
}
