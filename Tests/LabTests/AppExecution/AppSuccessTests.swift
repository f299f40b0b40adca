import Lab
import Reconciler
import Specs
import Synchronization
import Testing

/// An app that stays, of one or more instances.
func service(_ id: String, cmd: String = "serve", _ more: [String: AppValue] = [:]) -> AppValue {
    let base: [String: AppValue] = [
        "id": .text(Content(id)), "cmd": .text(Content(cmd)), "cpus": 0.1, "mem": 16, "instances": 2,
    ]
    return .object(base.merging(more) { _, new in new })
}

@Suite("Apps are brought to what is declared", .timeLimit(.minutes(20)))
struct AppSuccessTests {
    @Test("an app is created, scaled and changed, each with one write, and recorded", arguments: AppLab.releases)
    func lifecycle(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web")) == .applied)
        #expect(try await lab.tasks("/web").count == 2)
        let first = Set(try await lab.tasks("/web").map(\.id))

        #expect(try await lab.apply(service("/web", ["instances": 3]), as: "r2") == .applied)
        let scaled = Set(try await lab.tasks("/web").map(\.id))
        #expect(scaled.count == 3 && scaled.isSuperset(of: first))

        let changed = service("/web", cmd: "serve better", ["instances": 3])
        #expect(try await lab.apply(changed, as: "r3") == .applied)
        let restarted = Set(try await lab.tasks("/web").map(\.id))
        #expect(restarted.count == 3 && restarted.isDisjoint(with: scaled))
        #expect(lab.wire.writes.count == 3)
        #expect(try await lab.apply(changed, as: "r4") == nil)
        let records = try await lab.records()
        #expect(records == Array(repeating: ["app:/web": "digest of serve better"], count: 3))
    }

    @Test("an app that somebody made equal in the meantime is followed and not written", arguments: AppLab.releases)
    func inPlace(release: String) async throws {
        let lab = try await AppLab(release)
        let step = try #require(try await lab.step(service("/web")))
        #expect(try await lab.carryOut([step]) == .applied)
        #expect(try await lab.carryOut([step], as: "r2") == .alreadyInPlace)
        #expect(lab.wire.writes.count == 1)
    }

    @Test(
        "an app that somebody changed in the meantime is a conflict that names both versions",
        arguments: AppLab.releases
    )
    func conflict(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web")) == .applied)
        let before = try #require(try await lab.app("/web")).version
        let step = try #require(try await lab.step(service("/web", cmd: "mine")))
        #expect(try await lab.apply(service("/web", cmd: "theirs"), as: "other") == .applied)
        let now = try #require(try await lab.app("/web")).version
        let outcome = try await lab.carryOut([step], as: "r2")
        #expect(
            outcome
                == .conflict(
                    "/web was changed since the plan, by someone else: version \(now) instead of \(before)"
                )
        )
        #expect(lab.wire.writes.count == 2)
    }

    @Test("an app is deleted and made again, or deleted for good, and waited for", arguments: AppLab.releases)
    func recreateAndDelete(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", ["user": "nobody"])) == .applied)
        let live = try #require(try await lab.app("/web"))
        let target = service("/web")
        let recreate = AppAct(
            id: "/web",
            operation: .recreate(AppWrite(creating: target, in: lab.context)),
            expected: .version(live.version),
            context: lab.context,
            target: target,
            digest: "new"
        )
        #expect(try await lab.carryOut([Step(id: 1, title: "recreate", act: .app(recreate))], as: "r2") == .applied)
        let made = try #require(try await lab.app("/web"))
        #expect(AppRevision(of: target, from: made.definition, in: lab.context) == nil)

        let delete = AppAct(id: "/web", operation: .delete, expected: .version(made.version), context: lab.context)
        let deletion = Step(id: 1, title: "delete", act: .app(delete))
        #expect(try await lab.carryOut([deletion], as: "r3") == .applied)
        #expect(try await lab.app("/web") == nil)
        #expect(try await lab.carryOut([deletion], as: "r4") == .alreadyInPlace)
        #expect(lab.wire.writes.map { $0.prefix(3) } == ["PUT", "DEL", "PUT", "DEL"])
        #expect(lab.wire.writes.allSatisfy { $0.contains("force=false") })
        #expect(try await lab.records().allSatisfy { $0["app:/web"] == "absent" })
    }

    @Test("a restart replaces every task of an app that is defined as declared", arguments: AppLab.releases)
    func restart(release: String) async throws {
        let lab = try await AppLab(release)
        let target = service("/web")
        #expect(try await lab.apply(target) == .applied)
        let (before, live) = (try await lab.tasks("/web"), try #require(try await lab.app("/web")))
        let act = AppAct(
            id: "/web",
            operation: .restart,
            expected: .version(live.version),
            context: lab.context,
            target: target
        )
        #expect(try await lab.carryOut([Step(id: 1, title: "restart", act: .app(act))], as: "r2") == .applied)
        let after = try await lab.tasks("/web")
        #expect(after.count == 2 && Set(after.map(\.id)).isDisjoint(with: before.map(\.id)))
    }

    @Test(
        "scaling an app whose tasks a cancelled deployment left behind is done, and their restart is planned then",
        arguments: AppLab.releases
    )
    func scaleWithOutdatedTasks(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web")) == .applied)
        try await lab.lab.run {
            _ = try await lab.client.put(AppWrite(.merge, body: ["cpus": 100]), id: "/web", force: false)
            try await lab.lab.clock.sleep(for: .seconds(5))
            for deployment in try await lab.client.deployments() {
                _ = try await lab.wire.send(
                    RESTRequest(.delete, "/v2/deployments/\(deployment.id)?force=true"),
                    to: RESTEndpoint(host: "10.16.40.1", port: 8080)
                )
            }
            try await lab.lab.clock.sleep(for: .seconds(5))
        }
        let target = service("/web", ["cpus": 100, "instances": 1])
        #expect(try await lab.apply(target, as: "r2") == .applied)
        #expect(try await lab.tasks("/web").count == 1)
        #expect(try await lab.plan(target).steps.map(\.title) == ["restart app /web"])
    }

    @Test("a leader killed in the middle of a deployment changes nothing in the outcome", arguments: AppLab.releases)
    func leaderKilled(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "old", ["instances": 4])) == .applied)
        lab.wire.afterWrite { _ in
            guard let leader = try? lab.leader else { return }
            try? lab.inject(.kill(.marathon, on: leader))
        }
        let outcome = try await lab.apply(service("/web", cmd: "new", ["instances": 4]), deadline: 600, as: "r2")
        #expect(outcome == .applied)
        #expect(lab.wire.writes.count == 2)
        let app = try #require(try await lab.app("/web"))
        #expect(app.definition["cmd"] == "new" && app.tasksRunning == 4)
    }

    @Test("a lost answer is looked after and the write is not repeated", arguments: AppLab.releases)
    func lostAnswer(release: String) async throws {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(service("/web", cmd: "old")) == .applied)
        lab.wire.spoil { _ in .losesAnswer }
        #expect(try await lab.apply(service("/web", cmd: "new"), as: "r2") == .applied)
        #expect(lab.wire.writes.count == 2)
    }

    @Test("a lost request is sent again once it is seen not to have arrived", arguments: AppLab.releases)
    func lostRequest(release: String) async throws {
        let lab = try await AppLab(release)
        let sent = Mutex(0)
        lab.wire.spoil { _ in
            sent.withLock { count in
                count += 1
                return count == 1 ? .losesRequest : .none
            }
        }
        #expect(try await lab.apply(service("/web")) == .applied)
        #expect(lab.wire.writes.count == 2)
        #expect(try await lab.tasks("/web").count == 2)
    }
}
