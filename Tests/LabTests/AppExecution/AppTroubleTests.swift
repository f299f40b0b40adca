import Lab
import Reconciler
import Specs
import Synchronization
import Testing

@Suite("Apps that do not come up end with a verdict and its reason", .timeLimit(.minutes(20)))
struct AppTroubleTests {
    @Test("what no agent has room for is told with the numbers", arguments: AppLab.releases)
    func neverFits(release: String) async throws {
        let lab = try await AppLab(release)
        let outcome = try #require(try await lab.apply(service("/big", ["cpus": 100, "instances": 1]), deadline: 90))
        #expect(outcome.hasFailed)
        #expect(outcome.words.hasPrefix("waited 90 s for /big to run as declared: deployment "))
        #expect(outcome.words.contains("0 of 1 task running"))
        #expect(outcome.words.contains("needs 100 cpus; the largest free agent has "))
        #expect(outcome.words.contains("and no agent has more than "))
        #expect(outcome.words.hasSuffix(" is left as it stands"))
    }

    @Test("the next declaration takes the place of one that could not succeed", arguments: AppLab.releases)
    func nextCommit(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        let stuck = try await lab.apply(service("/web", cmd: "good", ["cpus": 100]), deadline: 60, as: "r2")
        #expect(stuck?.hasFailed == true)
        let told = Mutex<[RunEvent]>([])
        let fixed = try await lab.apply(service("/web", cmd: "better"), as: "r3") { event in
            told.withLock { $0.append(event) }
        }
        #expect(fixed == .applied)
        let overrides = told.withLock { events in
            events.contains { event in
                if case .progress(_, nil, let text) = event {
                    text.contains("an earlier run began and gave up")
                } else {
                    false
                }
            }
        }
        #expect(overrides)
        #expect(try await lab.tasks("/web").count == 2)
        #expect(try await lab.step(service("/web", cmd: "better")) == nil)
    }

    @Test("so it does where even its creation could not succeed", arguments: AppLab.releases)
    func nextCommitOfACreation(release: String) async throws {
        let lab = try await AppLab(release)
        let stuck = try await lab.apply(service("/web", cmd: "good", ["cpus": 100]), deadline: 60, as: "r1")
        #expect(stuck?.hasFailed == true)
        #expect(try await lab.apply(service("/web", cmd: "good"), as: "r2") == .applied)
        #expect(try await lab.tasks("/web").count == 2)
    }

    @Test("a task that ends again and again is told with how it ended", arguments: AppLab.releases)
    func crashLoop(release: String) async throws {
        let lab = try await AppLab(release)
        let outcome = try #require(
            try await lab.apply(service("/crash", cmd: "sleep 1; exit 1", ["instances": 1]), deadline: 120)
        )
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("TASK_FAILED on "))
        #expect(outcome.words.contains("exited with status 1"))
    }

    @Test("tasks whose health checks fail are told", arguments: AppLab.releases)
    func unhealthy(release: String) async throws {
        let lab = try await AppLab(release)
        try lab.inject(.health(app: "/sick", isHealthy: false))
        let check: [String: AppValue] = [
            "protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 1, "intervalSeconds": 5,
            "maxConsecutiveFailures": 50,
        ]
        let app = service("/sick", ["ports": [0], "healthChecks": [.object(check)]])
        let outcome = try #require(try await lab.apply(app, deadline: 60))
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("0 of 2 healthy"))
        #expect(outcome.words.contains("health checks fail on 10.16.40.1"))

        let patient = check.merging(["gracePeriodSeconds": 600]) { $1 }
        let slow = service("/slow", ["ports": [0], "healthChecks": [.object(patient)]])
        try lab.inject(.health(app: "/slow", isHealthy: false))
        let waiting = try #require(try await lab.apply(slow, deadline: 60, as: "r2"))
        #expect(waiting.words.contains("within gracePeriodSeconds failures are not told"))

        try lab.inject(.health(app: "/sick", isHealthy: true))
        try await lab.pass(120)
        #expect(try await lab.app("/sick")?.tasksHealthy == 2)
    }

    @Test(
        "somebody else's deployment is named with its age and step, and only --force-app overrides it",
        arguments: AppLab.releases
    )
    func locked(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        let theirs = try await lab.lab.run {
            let write = AppWrite(.merge, body: ["cpus": 100])
            let ticket = try await lab.client.put(write, id: "/web", force: false)
            try await lab.lab.clock.sleep(for: .seconds(300))
            return ticket
        }
        let deployment = try #require(theirs.deployment)
        let step = try #require(try await lab.step(service("/web", cmd: "better")))
        let before = lab.wire.writes.count
        let outcome = try await lab.carryOut([step], as: "r2")
        #expect(outcome.hasFailed)
        #expect(
            outcome.words.hasPrefix(
                "/web is locked: deployment \(deployment) is at step 1 of 1: RestartApplication /web, accepted 5 min ago ("
            )
        )
        #expect(outcome.words.hasSuffix("or apply with --force-app /web, which cancels it"))
        #expect(lab.wire.writes.count > before + 1, "a lock that may pass is waited for")
        #expect(try await lab.app("/web")?.definition["cmd"] == "good")

        #expect(try await lab.apply(service("/web", cmd: "better"), isForced: true, as: "r3") == .applied)
        #expect(lab.wire.writes.last?.contains("force=true") == true)
    }

    @Test(
        "a deployment of somebody else that a lost write was taken for is not overridden later",
        arguments: AppLab.releases
    )
    func notOurs(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        let isFirst = Mutex(true)
        lab.wire.spoil { _ in
            let first = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            guard first else { return .none }
            Task(executorPreference: lab.lab.executor) {
                try await lab.client.put(AppWrite(.merge, body: ["cpus": 100]), id: "/web", force: false)
            }
            return .losesRequest
        }
        let lost = try await lab.apply(service("/web", cmd: "mine"), deadline: 60, as: "r2")
        #expect(lost?.hasFailed == true)
        let next = try #require(try await lab.apply(service("/web", cmd: "better"), as: "r3"))
        #expect(next.words.hasPrefix("/web is locked: deployment "))
        let live = try #require(try await lab.app("/web"))
        #expect(live.definition["cmd"] == "good" && live.definition["cpus"] == 100)
    }

    @Test(
        "an app that is deleted and not made again is made by the next run; what no file says of it is told",
        arguments: AppLab.releases
    )
    func notMadeAgain(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", ["instances": 3, "user": "nobody"])) == .applied)
        let live = try #require(try await lab.app("/web"))
        var members = try #require(service("/web").members)
        members["instances"] = nil
        let target = AppValue.object(members)
        members["instances"] = 3
        let act = AppAct(
            id: "/web",
            operation: .recreate(AppWrite(creating: .object(members), in: lab.context)),
            expected: .version(live.version),
            context: lab.context,
            target: target
        )
        lab.wire.spoil { $0.method == .put ? .losesRequest : .none }
        let outcome = try await lab.carryOut([Step(id: 1, title: "recreate", act: .app(act))], as: "r2")
        #expect(
            outcome.words.hasSuffix(
                "; the app before it is deleted; it had 3 instances, and is made with 1 where it is gone"
            )
        )
        #expect(try await lab.app("/web") == nil)
        lab.wire.spoil { _ in .none }
        let next = try await lab.plan(target)
        #expect(next.steps.map(\.title) == ["app /web"])
        #expect(try await lab.applyDeclared(target, as: "r3").map(\.outcome) == [.applied])
        #expect(try await lab.tasks("/web").count == 1)
    }

    @Test("a deployment cancelled by hand is a failure that tells what is there", arguments: AppLab.releases)
    func cancelledByHand(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        lab.wire.afterWrite { request in
            guard request.method == .put else { return }
            Task(executorPreference: lab.lab.executor) {
                try await lab.lab.clock.sleep(for: .seconds(5))
                for deployment in try await lab.client.deployments() {
                    _ = try await lab.wire.send(
                        RESTRequest(.delete, "/v2/deployments/\(deployment.id)?force=true"),
                        to: RESTEndpoint(host: "10.16.40.1", port: 8080)
                    )
                }
            }
        }
        let outcome = try #require(
            try await lab.apply(service("/web", cmd: "bad", ["cpus": 100]), deadline: 300, as: "r2")
        )
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("was cancelled"))
        #expect(outcome.words.contains("2 tasks of an older configuration still there"))
    }

    @Test("a deployment rolled back by hand is a failure that tells what differs", arguments: ["1.4.13", "1.11.24"])
    func rolledBackByHand(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        lab.wire.afterWrite { request in
            guard request.method == .put else { return }
            Task(executorPreference: lab.lab.executor) {
                try await lab.lab.clock.sleep(for: .seconds(5))
                for deployment in try await lab.client.deployments() {
                    _ = try await lab.wire.send(
                        RESTRequest(.delete, "/v2/deployments/\(deployment.id)"),
                        to: RESTEndpoint(host: "10.16.40.1", port: 8080)
                    )
                }
            }
        }
        let outcome = try #require(
            try await lab.apply(service("/web", cmd: "bad", ["cpus": 100]), deadline: 300, as: "r2")
        )
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("was rolled back or replaced; version "))
        #expect(outcome.words.contains("differs in cmd, cpus"))
    }

    @Test("`wait` tells its verdict at the deadline and goes on until it is in place", arguments: ["0.8.2", "1.11.24"])
    func waits(release: String) async throws {
        let lab = try await AppLab(release)
        try lab.inject(.health(app: "/slow", isHealthy: false))
        let check: AppValue = ["protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 600]
        let told = Mutex<[String]>([])
        let app = service("/slow", ["ports": [0], "healthChecks": [check], "instances": 1])
        let outcome = try await lab.apply(app, deadline: 30, onFailure: .wait) { event in
            guard case .progress(_, nil, let text) = event else { return }
            told.withLock { $0.append(text) }
            try? lab.inject(.health(app: "/slow", isHealthy: true))
        }
        #expect(outcome == .applied)
        let verdicts = told.withLock { $0 }
        #expect(verdicts.count == 1)
        #expect(verdicts.first?.contains("waited 30 s for /slow to run as declared: ") == true)
        #expect(verdicts.first?.hasSuffix("; waiting goes on") == true)
    }

    @Test("`wait` ends with an interrupt once its verdict is told")
    func waitsUntilInterrupted() async throws {
        let lab = try await AppLab("1.11.24")
        let interruption = Interruption()
        let outcome = try #require(
            try await lab.apply(
                service("/big", ["cpus": 100]),
                deadline: 30,
                onFailure: .wait,
                interruption: interruption
            ) { event in
                if case .progress(_, nil, _) = event { interruption.trip() }
            }
        )
        #expect(outcome.hasFailed && outcome.words.contains("stopped waiting"))
    }

    @Test("an interrupt lets a deployment finish, a second one stops waiting for it", arguments: AppLab.releases)
    func interrupts(release: String) async throws {
        let lab = try await AppLab(release)
        let (once, twice) = (Interruption(), Interruption())
        let first = try await lab.apply(service("/web"), interruption: once) { event in
            if case .waiting = event, once.level == .none { once.trip() }
        }
        #expect(first == .applied && once.level == .finishStep)
        let second = try await lab.apply(service("/big", ["cpus": 100]), as: "r2", interruption: twice) { event in
            if case .waiting = event { twice.trip() }
        }
        guard case .unknown(let words)? = second else {
            Issue.record("\(String(describing: second))")
            return
        }
        #expect(words.hasPrefix("/big: accepted"))
        #expect(words.hasSuffix("; stopped waiting for /big to run as declared"))
    }

    @Test("apps at once wait for each other's locks instead of failing", arguments: AppLab.releases)
    func together(release: String) async throws {
        let lab = try await AppLab(release)
        var steps: [Step] = []
        for number in 1...4 {
            steps.append(try #require(try await lab.step(service("/s\(number)", ["instances": 1]))))
        }
        // The same app twice: the second finds it made.
        steps.append(try #require(try await lab.step(service("/s1", ["instances": 1]))))
        let outcome = try await lab.carryOut(steps)
        #expect(outcome == .alreadyInPlace)
        for number in 1...4 { #expect(try await lab.tasks("/s\(number)").count == 1) }
    }

    @Test("the apps of a Marathon that has come up are compared in a plan of their own")
    func comparesApps() async throws {
        let lab = try await AppLab("1.11.24")
        #expect(try await lab.apply(service("/web")) == .applied)
        let step = Step(id: 1, title: "wait for Marathon", act: .compareApps(deadlineSeconds: 60))
        let after = Step(id: 2, title: "never", act: .compareApps(deadlineSeconds: 60), needs: [1])
        let report = try await lab.report([step, after], as: "r2")
        #expect(report.steps.first?.outcome == .applied)
        #expect(report.ending == .planAgain("Marathon answers now; its 1 app can be compared"))
        guard case .notReached? = report.steps.last?.outcome else {
            Issue.record("\(report)")
            return
        }
    }

    @Test("a Marathon that does not come up is a failure at the deadline")
    func comparesNothing() async throws {
        let lab = try await AppLab("1.11.24")
        for node in lab.spec.nodes(with: .marathon) { try lab.inject(.stop(.marathon, on: node.name.value)) }
        let report = try await lab.report([Step(id: 1, title: "wait", act: .compareApps(deadlineSeconds: 60))])
        #expect(report.ending == .completed)
        let outcome = try #require(report.steps.first?.outcome)
        #expect(
            outcome.hasFailed && outcome.words.hasPrefix("a Marathon that leads: not within 60 s: no Marathon answers")
        )
    }
}
