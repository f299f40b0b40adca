import Lab
import Reconciler
import Specs
import Synchronization
import Testing

@Suite("The last good version of an app is restored", .timeLimit(.minutes(20)))
struct AppRestoreTests {
    @Test(
        "one that fails is taken back, stays blocked, and the next declaration is applied",
        arguments: AppLab.releases
    )
    func restores(release: String) async throws {
        let lab = try await AppLab(release)
        let good = service("/web", cmd: "good", ["env": ["A": "1"]])
        #expect(try await lab.applyDeclared(good).map(\.outcome) == [.applied])
        let bad = service("/web", cmd: "bad", ["cpus": 100, "env": [:]])
        let version = try #require(try await lab.app("/web")).version
        let report = try await lab.applyDeclared(bad, as: "r2")
        let outcome = try #require(report.first?.outcome)
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("needs 100 cpus"))
        #expect(
            outcome.words.hasSuffix(
                "; restored the version of \(version); it is not applied again until its declaration changes"
            )
        )
        let restored = try #require(try await lab.app("/web"))
        #expect(AppRevision(of: good, from: restored.definition, in: lab.context) == nil)
        #expect(try await lab.tasks("/web").count == 2)
        #expect(lab.wire.writes.allSatisfy { !$0.contains("/v2/deployments") })

        let again = try await lab.plan(bad)
        #expect(again.steps.isEmpty)
        #expect(again.blocked.first?.because.contains("the version before was restored") == true)
        #expect(try await lab.applyDeclared(service("/web", cmd: "better"), as: "r3").map(\.outcome) == [.applied])
        #expect(try await lab.records().allSatisfy { $0["restored:/web"] == "absent" })
    }

    @Test("a secret in the version that is restored comes back and is told nowhere", arguments: AppLab.releases)
    func secrets(release: String) async throws {
        let lab = try await AppLab(release)
        let secret = "s3cr3t-of-the-cluster"
        let good = service("/web", cmd: "good", ["env": ["DB_PASSWORD": .text(Content(secret))]])
        #expect(try await lab.apply(good) == .applied)
        let told = Mutex<[String]>([])
        let outcome = try await lab.apply(
            service("/web", cmd: "bad", ["cpus": 100, "env": [:]]),
            deadline: 60,
            onFailure: .restore,
            as: "r2"
        ) { event in
            told.withLock { $0.append("\(event)") }
        }
        #expect(outcome?.words.contains("restored the version of") == true)
        let raw = try await lab.lab.run { try await lab.client.rawApp("/web") }
        #expect(raw?.definition["env"]?["DB_PASSWORD"]?.plainText == secret)
        let all = told.withLock { $0 } + ["\(String(describing: outcome))"]
        #expect(all.count > 3 && all.allSatisfy { !$0.contains(secret) })
    }

    @Test("an app that was not well before is left as it stands", arguments: ["0.8.2", "1.11.24"])
    func nothingGood(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", ["cpus": 100]), deadline: 30)?.hasFailed == true)
        let outcome = try #require(
            try await lab.apply(service("/web", ["cpus": 200]), deadline: 30, onFailure: .restore, as: "r2")
        )
        #expect(outcome.hasFailed && outcome.words.contains("there is no last good version to restore"))
        #expect(try await lab.app("/web")?.definition["cpus"] == 200)
    }

    @Test("what no write brings back is left as it stands, and said", arguments: ["0.7.6", "0.8.2"])
    func cannotBeWritten(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        let outcome = try #require(
            try await lab.apply(
                service("/web", cmd: "good", ["cpus": 100, "user": "nobody"]),
                deadline: 30,
                onFailure: .restore,
                as: "r2"
            )
        )
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("could not be restored: this Marathon has no write that takes user away"))
    }

    /// Does `body` 5 s after this run's first write.
    private func afterFirstWrite(_ lab: AppLab, _ body: @escaping @Sendable () async throws -> Void) {
        let isFirst = Mutex(true)
        lab.wire.afterWrite { _ in
            guard
                isFirst.withLock({ first in
                    defer { first = false }; return first
                })
            else { return }
            Task(executorPreference: lab.lab.executor) {
                try await lab.lab.clock.sleep(for: .seconds(5))
                try await body()
            }
        }
    }

    @Test("what somebody else wrote meanwhile is not overwritten", arguments: AppLab.releases, ["fixed", "good"])
    func changedMeanwhile(release: String, theirs: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        afterFirstWrite(lab) {
            _ = try await lab.client.put(
                AppWrite(.merge, body: ["cmd": .text(Content(theirs))]),
                id: "/web",
                force: true
            )
        }
        let outcome = try #require(
            try await lab.apply(service("/web", cmd: "bad", ["cpus": 100]), deadline: 60, onFailure: .restore, as: "r2")
        )
        #expect(outcome.hasFailed)
        #expect(outcome.words.contains("is not restored: /web was changed by someone else since"))
        #expect(lab.wire.writes.count == 3)
        let live = try #require(try await lab.app("/web"))
        #expect(live.definition["cmd"]?.plainText == theirs && live.definition["cpus"] == 100)
    }

    @Test("somebody else's deployment is not overridden", arguments: AppLab.releases)
    func heldMeanwhile(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        afterFirstWrite(lab) { _ = try await lab.client.restart(id: "/web", force: true) }
        let outcome = try #require(
            try await lab.apply(service("/web", cmd: "bad", ["cpus": 100]), deadline: 60, onFailure: .restore, as: "r2")
        )
        #expect(outcome.words.contains("could not be restored: /web is locked: deployment "))
        #expect(try await lab.app("/web")?.definition["cmd"] == "bad")
    }

    @Test("the number of instances that no file says stays what somebody made it", arguments: ["1.4.13", "1.11.24"])
    func unmanagedInstances(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "good")) == .applied)
        afterFirstWrite(lab) {
            for deployment in try await lab.client.deployments() {
                _ = try await lab.wire.send(
                    RESTRequest(.delete, "/v2/deployments/\(deployment.id)?force=true"),
                    to: RESTEndpoint(host: "10.16.40.1", port: 8080)
                )
            }
            try await lab.lab.clock.sleep(for: .seconds(5))
            _ = try await lab.client.put(AppWrite(.merge, body: ["instances": 1]), id: "/web", force: false)
        }
        var bad = try #require(service("/web", cmd: "bad", ["cpus": 100]).members)
        bad["instances"] = nil
        let outcome = try #require(
            try await lab.apply(.object(bad), deadline: 120, onFailure: .restore, as: "r2")
        )
        #expect(outcome.words.contains("; restored the version of "))
        let live = try #require(try await lab.app("/web"))
        #expect(live.definition["cmd"] == "good" && live.instances == 1)
    }
}
