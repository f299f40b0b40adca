import Lab
import Reconciler
import Specs
import Synchronization
import Testing

@Suite("A field that is left as it is keeps a value that nobody may see", .timeLimit(.minutes(20)))
struct AppIgnoreTests {
    private static let password = "hunter2-of-the-dba"
    private static let path = "env.DB_PASSWORD"
    private static let releases = ["0.8.2", "1.11.24"]

    private func declared(_ cmd: String, _ more: [String: AppValue] = [:]) -> AppValue {
        service("/web", cmd: cmd, ["env": ["MODE": "fast", "DB_PASSWORD": "set-by-the-dba"]].merging(more) { $1 })
    }

    /// The app runs, and then someone else gives it a password of their own.
    private func owned(_ release: String, _ more: [String: AppValue] = [:]) async throws -> AppLab {
        let lab = try await AppLab(release)
        #expect(try await lab.apply(declared("old", more)) == .applied)
        let theirs = service(
            "/web",
            cmd: "old",
            ["env": ["MODE": "fast", "DB_PASSWORD": .text(Content(Self.password))]].merging(more) { $1 }
        )
        #expect(try await lab.apply(theirs, as: "dba") == .applied)
        return lab
    }

    private func password(_ lab: AppLab) async throws -> String? {
        let raw = try await lab.lab.run { try await lab.client.rawApp("/web") }
        return raw?.definition["env"]?["DB_PASSWORD"]?.plainText
    }

    @Test("another field is changed, the password survives and appears in no plan and no event", arguments: releases)
    func survives(release: String) async throws {
        let lab = try await owned(release)
        let plan = try await lab.plan(declared("new"), ignoring: [Self.path])
        #expect(plan.steps.count == 1)
        let told = Mutex<[RunEvent]>([])
        let report = try await lab.report(plan.steps, as: "r2") { event in told.withLock { $0.append(event) } }
        #expect(report.steps.map(\.outcome) == [.applied])
        #expect(try await password(lab) == Self.password)
        #expect(try await lab.app("/web")?.definition["cmd"] == "new")
        #expect(try await lab.plan(declared("new"), ignoring: [Self.path]).steps.isEmpty)
        var shown = ""
        dump(plan, to: &shown)
        dump(told.withLock { $0 }, to: &shown)
        dump(report, to: &shown)
        #expect(!shown.contains(Self.password))
        #expect(shown.contains("/web"))
    }

    @Test("an app that must be deleted for its change is made again with the password")
    func survivesDeletion() async throws {
        let lab = try await owned("0.8.2", ["user": "nobody"])
        let plan = try await lab.plan(declared("new"), ignoring: [Self.path], consent: ["recreate-app:/web"])
        let report = try await lab.report(plan.steps, as: "r2")
        #expect(report.steps.map(\.outcome) == [.applied])
        #expect(lab.wire.writes.suffix(2).map { $0.prefix(3) } == ["DEL", "PUT"])
        #expect(try await password(lab) == Self.password)
    }

    @Test(
        "what others write between the look and the write is not overwritten",
        arguments: releases
    )
    func changedAtThatMoment(release: String) async throws {
        let lab = try await owned(release)
        let plan = try await lab.plan(declared("new"), ignoring: [Self.path])
        let theirs = service("/web", cmd: "old", ["env": ["MODE": "fast", "DB_PASSWORD": "rotated"]])
        #expect(try await lab.apply(theirs, as: "dba2") == .applied)
        let report = try await lab.report(plan.steps, as: "r2")
        guard case .conflict? = report.steps.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(try await password(lab) == "rotated")
    }
}
