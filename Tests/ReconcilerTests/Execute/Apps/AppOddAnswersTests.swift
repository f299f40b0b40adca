import Specs
import Synchronization
import Testing

@testable import Reconciler

/// A Marathon that answers by a table which the test may change while it goes.
final class OddMarathon: HTTPTransport {
    struct Reply {
        var status: Int
        var body: String
        init(_ status: Int, _ body: String) { (self.status, self.body) = (status, body) }
        init(_ body: String) { self.init(200, body) }
    }

    private struct State {
        var asked: [String] = []
        var replies: [String: Reply]
    }

    private let state: Mutex<State>
    /// May change the replies by what was asked; returns an error for no answer at all.
    private let react: @Sendable (_ line: String, _ replies: inout [String: Reply]) -> RESTError?

    init(
        _ replies: [String: Reply] = [:],
        release: String = "1.4.13",
        react: @escaping @Sendable (_ line: String, _ replies: inout [String: Reply]) -> RESTError? = { _, _ in nil }
    ) {
        var all = [
            "GET /v2/info": Reply(
                #"{"name":"marathon","version":"\#(release)","leader":"m:8080","frameworkId":"f","marathon_config":{}}"#
            ),
            "GET /v2/deployments": Reply("[]"), "GET /v2/queue": Reply(#"{"queue":[]}"#),
            "GET /v2/apps/web": Reply(404, #"{"message":"App '/web' does not exist"}"#),
        ]
        all.merge(replies) { $1 }
        state = Mutex(State(replies: all))
        self.react = react
    }

    var writes: [String] { state.withLock { $0.asked.filter { !$0.hasPrefix("GET") } } }

    func send(_ request: RESTRequest, to endpoint: RESTEndpoint) async throws(RESTError) -> RESTAnswer {
        let path = request.path.split(separator: "?").first.map(String.init) ?? ""
        let line = "\(request.method.rawValue) \(path)"
        let (error, reply) = state.withLock { state in
            state.asked.append("\(request.method.rawValue) \(request.path)")
            let error = react(line, &state.replies)
            return (error, state.replies[line])
        }
        if let error { throw error }
        guard let reply else { return RESTAnswer(status: 500, body: Array(#"{"message":"no reply"}"#.utf8)) }
        return RESTAnswer(status: reply.status, body: Array(reply.body.utf8))
    }

    static func app(
        version: String = "2026-01-05T09:00:00.000Z",
        cmd: String = "old",
        deployments: String = ""
    ) -> Reply {
        Reply(
            """
            {"app":{"id":"/web","cmd":"\(cmd)","cpus":0.1,"mem":16.0,"instances":1,"version":"\(version)",
             "versionInfo":{"lastConfigChangeAt":"\(version)","lastScalingAt":"\(version)"},
             "tasksStaged":0,"tasksRunning":1,"tasksHealthy":0,"tasksUnhealthy":0,"deployments":[\(deployments)],
             "tasks":[{"id":"t","host":"a1","version":"\(version)","stagedAt":"\(version)","startedAt":"\(version)","ports":[]}]}}
            """
        )
    }
}

@Suite("Odd answers of Marathon end a step on an app with their own words", .timeLimit(.minutes(20)))
struct AppOddAnswersTests {
    static let version = "2026-01-05T09:00:00.000Z"
    static let next = "2026-01-05T10:00:00.000Z"
    static let target: AppValue = ["id": "/web", "cmd": "new", "cpus": 0.1, "mem": 16, "instances": 1]

    static func step(
        _ expected: AppAct.Expectation = .version(version),
        operation: AppAct.Operation? = nil,
        context: AppContext = AppContext(release: MarathonRelease(1, 4, 13)),
        deadline: Int = 60,
        onFailure: AppAct.OnFailure = .stop
    ) -> Step {
        let write = AppWrite(.merge, body: target)
        let act = AppAct(
            id: "/web",
            operation: operation ?? (expected == .absent ? .create(write) : .update(write)),
            expected: expected,
            context: context,
            target: operation == .delete ? nil : target,
            digest: "d",
            deadlineSeconds: deadline,
            onFailure: onFailure
        )
        return Step(id: 1, title: "app /web", act: .app(act))
    }

    func run(_ step: Step, _ marathon: OddMarathon?, _ witness: Witness = Witness()) async throws -> RunReport {
        try await run([step], marathon, witness)
    }

    func run(
        _ steps: [Step],
        _ marathon: OddMarathon?,
        _ witness: Witness = Witness(),
        keepers: [NodeName] = Lab.nodes(1),
        losesLease: Bool = false
    ) async throws -> RunReport {
        let nodes = Lab.running(Lab.nodes(1))
        let world = ExecuteWorld(nodes, seed: 1, time: SimulatedTime(seed: 1)) { visit, _ in
            losesLease && visit.isLease && visit.at > .seconds(10) ? .unreachable : nil
        }
        let client = marathon.map { marathon in
            MarathonClient(
                reach: MarathonClient.Reach(endpoints: [RESTEndpoint(host: "m", port: 8080)]),
                transport: marathon,
                secrets: SecretStore(),
                clock: world.time.clock
            )
        }
        let executor = Executor(
            access: world,
            targets: Lab.targets(Lab.nodes(1)),
            lease: LeasePlan(nodes: keepers, holder: Lab.holder("r1")),
            parallelism: 2,
            clock: world.time.clock,
            run: RunID("r1"),
            journal: nil,
            marathon: client,
            editText: setKeys,
            events: witness.tell
        )
        let result: Result<RunReport, RunRefusal> = await world.time.run {
            do throws(RunRefusal) {
                return .success(try await executor.run(Plan(steps), interruption: Interruption()))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func outcome(_ step: Step, _ marathon: OddMarathon) async throws -> StepOutcome {
        try #require(try await run(step, marathon).steps.first?.outcome)
    }

    @Test(
        "what cannot be seen is not written",
        arguments: [
            (403, #"{"message":"Not Authorized to perform this action!"}"#), (401, "<html>"),
            (500, #"{"message":"boom"}"#),
            (200, #"{"app":{"id":"/web","#), (200, "[]"), (404, "<html>nothing here</html>"), (418, ""),
        ]
    )
    func unseen(status: Int, body: String) async throws {
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.Reply(status, body)])
        for step in [Self.step(), Self.step(.absent)] {
            let outcome = try await outcome(step, marathon)
            guard case .failed(let words) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(words.hasSuffix("; nothing was written"))
        }
        #expect(marathon.writes.isEmpty)
    }

    @Test("another release, other flags, or an app where none was assumed end the run")
    func assumptions() async throws {
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app()])
        var other = AppContext(release: MarathonRelease(1, 4, 13))
        other.role = "prod"
        let table: [(Step, String)] = [
            (Self.step(context: AppContext(release: MarathonRelease(1, 5))), "Marathon is 1.4.13, not 1.5.0"),
            (Self.step(context: other), "Marathon's flags are not those that /web was planned for"),
            (Self.step(.assumedAbsent), "/web is on Marathon already, where no app was expected"),
        ]
        for (step, words) in table {
            let report = try await run(step, marathon)
            #expect(report.ending == .assumptionFailed(words))
        }
        #expect(marathon.writes.isEmpty)
    }

    @Test(
        "groups that enforce their role end the run only where the app's own has come or gone",
        arguments: [
            (["/prod"], ["/prod", "/web"], "prod"), (["/web"], [], "*"), (["/dev"], ["/other"], nil),
            (["/web"], ["/web"], nil),
        ] as [(Set<String>, [String], String?)]
    )
    func enforcedGroups(planned: Set<String>, now: [String], role: String?) async throws {
        let release = "1.11.24"
        let groups = now.map { #"{"id":"\#($0)","enforceRole":true,"groups":[]}"# }.joined(separator: ",")
        let marathon = OddMarathon(
            [
                "GET /v2/apps/web": OddMarathon.app(), "GET /v2/groups": OddMarathon.Reply(#"{"groups":[\#(groups)]}"#),
                "PUT /v2/apps/web": OddMarathon.Reply(422, #"{"message":"no"}"#),
            ],
            release: release
        )
        let context = AppContext(release: MarathonRelease(1, 11, 24), enforcedGroups: planned)
        let report = try await run(Self.step(context: context), marathon)
        #expect(marathon.writes.isEmpty == (role != nil))
        guard case .assumptionFailed(let words) = report.ending else {
            #expect(role == nil)
            return
        }
        #expect(role != nil && words.contains("the role of apps in /web's group"), "\(words)")
    }

    @Test("a version that is gone is a conflict, unless it was to go")
    func gone() async throws {
        let marathon = OddMarathon()
        #expect(
            try await outcome(Self.step(), marathon)
                == .conflict("/web was changed since the plan, by someone else: version \(Self.version) is gone")
        )
        #expect(try await outcome(Self.step(operation: .delete), marathon) == .alreadyInPlace)
        #expect(marathon.writes.isEmpty)
    }

    @Test(
        "what Marathon refuses fails with its words, written once",
        arguments: [
            (
                422, #"{"message":"Object is not valid","details":[{"path":"/cmd","errors":["no"]}]}"#,
                "Object is not valid: /cmd: no"
            ),
            (409, #"{"message":"An app with id [/web] already exists."}"#, "already exists"),
            (403, #"{"message":"Max number (100) of running deployments is achieved."}"#, "Max number (100)"),
        ]
    )
    func refused(status: Int, body: String, words: String) async throws {
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(), "PUT /v2/apps/web": OddMarathon.Reply(status, body),
        ])
        let outcome = try await outcome(Self.step(), marathon)
        guard case .failed(let said) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(said.contains(words))
        #expect(marathon.writes == ["PUT /v2/apps/web?force=false"])
    }

    @Test("a lock without a deployment is waited for, and then named as one that stays")
    func staleLock() async throws {
        let locked = OddMarathon.Reply(
            409,
            #"{"message":"App is locked by one or more deployments.","deployments":[{"id":"d9"}]}"#
        )
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app(), "PUT /v2/apps/web": locked])
        let outcome = try await outcome(Self.step(), marathon)
        #expect(
            outcome
                == .failed(
                    "/web is locked by deployment d9, which Marathon does not list any more; apply again in a minute: "
                        + "a lock that stays ends when Marathon's leader is restarted"
                )
        )
        #expect(marathon.writes.count > 5)
    }

    @Test("a lock that lingers for a moment is no failure")
    func lingeringLock() async throws {
        let locked = OddMarathon.Reply(
            409,
            #"{"message":"App is locked by one or more deployments.","deployments":[]}"#
        )
        let asked = Mutex(0)
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app(), "PUT /v2/apps/web": locked]) {
            line,
            replies in
            guard line == "PUT /v2/apps/web" else { return nil }
            let count = asked.withLock { count in
                count += 1
                return count
            }
            if count == 3 {
                replies[line] = OddMarathon.Reply(#"{"version":"\#(Self.next)","deploymentId":"d"}"#)
                replies["GET /v2/apps/web"] = OddMarathon.app(version: Self.next, cmd: "new")
            }
            return nil
        }
        #expect(try await outcome(Self.step(), marathon) == .applied)
        #expect(marathon.writes.count == 3)
    }

    @Test("a lock of this run's own deployment is waited for until the deadline")
    func ownLock() async throws {
        let accepted = OddMarathon.Reply(#"{"version":"\#(Self.next)","deploymentId":"d1"}"#)
        let locked = OddMarathon.Reply(
            409,
            #"{"message":"App is locked by one or more deployments.","deployments":[{"id":"d1"}]}"#
        )
        let asked = Mutex(0)
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(), "PUT /v2/apps/web": accepted,
            "GET /v2/apps/api": OddMarathon.Reply(404, #"{"message":"App '/api' does not exist"}"#),
            "PUT /v2/apps/api": locked,
        ]) { line, replies in
            if line == "PUT /v2/apps/web" {
                replies["GET /v2/apps/web"] = OddMarathon.app(version: Self.next, cmd: "new")
            }
            guard line == "PUT /v2/apps/api" else { return nil }
            let count = asked.withLock { count in
                count += 1
                return count
            }
            guard count == 20 else { return nil }
            replies[line] = accepted
            let made = OddMarathon.app(version: Self.next, cmd: "new").body.replacing("\"/web\"", with: "\"/api\"")
            replies["GET /v2/apps/api"] = OddMarathon.Reply(made)
            return nil
        }
        guard case .app(var act) = Self.step(.absent).act else { return }
        act.id = "/api"
        act.target = ["id": "/api", "cmd": "new", "cpus": 0.1, "mem": 16, "instances": 1]
        let second = Step(id: 2, title: "app /api", act: .app(act), needs: [1])
        let report = try await run([Self.step(), second], marathon)
        #expect(report.words == ["applied", "applied"])
        #expect(marathon.writes.count == 21)
    }

    @Test("a write whose fate stays unknown is told so and never sent more than three times")
    func neverKnown() async throws {
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app()]) { line, _ in
            line.hasPrefix("PUT") ? RESTError(.interrupted, mayHaveArrived: true, "broken") : nil
        }
        let outcome = try await outcome(Self.step(deadline: 300), marathon)
        #expect(outcome == .unknown("/web: broken; whether it was done is not known"))
        #expect(marathon.writes.count == 3)
    }

    @Test("an accepted deployment that nobody lists and that changes nothing is a failure after a grace, not a success")
    func vanished() async throws {
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(),
            "PUT /v2/apps/web": OddMarathon.Reply(#"{"version":"\#(Self.next)","deploymentId":"d7"}"#),
        ])
        let report = try await run(Self.step(deadline: 300), marathon)
        let step = try #require(report.steps.first)
        #expect(
            step.outcome
                == .failed(
                    "/web: deployment d7 was rolled back or replaced; version \(Self.version) is there now, which differs in cmd: "
                        + "it is not defined as wanted yet (cmd); 1 task of an older configuration still there; nothing was taken back"
                )
        )
        #expect(step.seconds >= 30 && step.seconds < 60)
    }

    @Test("a restart where only the number was to change is told at once")
    func unplannedRestart() async throws {
        let scaled: AppValue = ["id": "/web", "cmd": "old", "cpus": 0.1, "mem": 16, "instances": 2]
        let act = AppAct(
            id: "/web",
            operation: .update(AppWrite(.merge, body: ["instances": 2])),
            expected: .version(Self.version),
            context: AppContext(release: MarathonRelease(1, 4, 13)),
            target: scaled,
            deadlineSeconds: 20
        )
        let restart = """
            [{"id":"d","version":"\(Self.next)","affectedApps":["/web"],"steps":[{"actions":[{"action":"RestartApplication","app":"/web"}]}],
              "currentActions":[{"action":"RestartApplication","app":"/web"}],"currentStep":1,"totalSteps":1}]
            """
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(),
            "PUT /v2/apps/web": OddMarathon.Reply(#"{"version":"\#(Self.next)","deploymentId":"d"}"#),
        ]) { line, replies in
            if line.hasPrefix("PUT") { replies["GET /v2/deployments"] = OddMarathon.Reply(restart) }
            return nil
        }
        let witness = Witness()
        let report = try await run(Step(id: 1, title: "scale", act: .app(act)), marathon, witness)
        let told = witness.events.compactMap { event in
            if case .progress(_, nil, let text) = event { text } else { nil }
        }
        #expect(told == ["/web: \(AppRun.unplannedRestart)"])
        guard case .failed(let words)? = report.steps.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(words.contains(AppRun.unplannedRestart))
    }

    /// An update of `env`, where the plan has masked what is live and left as it is.
    private static func keeping(_ method: AppWrite.Method) -> Step {
        let masked: AppValue = ["A": "b", "DB_PASSWORD": .text(Content([.redacted]))]
        guard case .object(var body) = target else { return step() }
        body["env"] = masked
        guard case .app(var act) = step(operation: .update(AppWrite(method, body: .object(body)))).act else {
            return step()
        }
        act.ignoring = ["env.DB_PASSWORD"]
        return Step(id: 1, title: "app /web", act: .app(act))
    }

    @Test(
        "what it keeps and Marathon no longer has, or cannot tell, is not written",
        arguments: [AppWrite.Method.merge, .replace]
    )
    func keptAndGone(method: AppWrite.Method) async throws {
        let gone = OddMarathon(["GET /v2/apps/web": OddMarathon.app()])
        guard case .failed(let words) = try await outcome(Self.keeping(method), gone) else {
            throw Unexpected("written")
        }
        #expect(words.contains("env.DB_PASSWORD") && words.contains("nothing was written"), "\(words)")
        #expect(gone.writes.isEmpty)
        for later in [
            OddMarathon.app(version: Self.next), OddMarathon.Reply(404, #"{"message":"App '/web' does not exist"}"#),
            OddMarathon.Reply(500, #"{"message":"boom"}"#),
        ] {
            let looks = Mutex(0)
            let changing = OddMarathon(["GET /v2/apps/web": OddMarathon.app()]) { line, replies in
                guard line == "GET /v2/apps/web" else { return nil }
                let count = looks.withLock { count in
                    count += 1
                    return count
                }
                if count == 2 { replies[line] = later }
                return nil
            }
            guard case .failed(let words) = try await outcome(Self.keeping(method), changing) else {
                throw Unexpected("written")
            }
            #expect(words.contains("nothing was written"), "\(words)")
            #expect(changing.writes.isEmpty)
        }
    }

    @Test("what it keeps is sent, and shown by no refusal that quotes it")
    func keptAndQuoted() async throws {
        let app = OddMarathon.app().body.replacing(
            #""cpus":0.1"#,
            with: #""cpus":0.1,"env":{"DB_PASSWORD":"hunter2"}"#
        )
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.Reply(app),
            "PUT /v2/apps/web": OddMarathon.Reply(422, #"{"message":"no: {\"env\": \"hunter2\"}"}"#),
        ])
        guard case .failed(let words) = try await outcome(Self.keeping(.merge), marathon) else {
            throw Unexpected("accepted")
        }
        #expect(words.contains("/web: ") && words.contains("no: ") && !words.contains("hunter2"), "\(words)")
        #expect(marathon.writes.count == 1)
    }

    @Test("a run without a way to Marathon fails the step and says so")
    func noMarathon() async throws {
        for act in [Self.step().act, .compareApps(deadlineSeconds: 5)] {
            let report = try await run(Step(id: 1, title: "x", act: act), nil)
            #expect(
                report.steps.first?.outcome
                    == .failed("this run knows no way to a Marathon; declare marathon or its endpoint")
            )
        }
    }
}

private struct Unexpected: Error {
    var words: String
    init(_ words: String) { self.words = words }
}
