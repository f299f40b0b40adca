import Specs
import Testing

@testable import Reconciler

@Suite struct AppCauseTests {
    static let now = AppSamples.app("/hello", instances: 4)
    static let live = AppSamples.app("/hello", instances: 3)
    static let applied = "app:/hello"

    @Test(
        arguments: [
            ([[:], [:], [:]], .unattributed), ([], .unattributed),
            ([[applied: now.definition.digest]], .drift), ([[applied: live.definition.digest]], .git),
            // A node that was away when it was last applied is outvoted.
            ([[applied: "older"], [applied: now.definition.digest], [applied: now.definition.digest]], .drift),
            // An entry is never taken away: a node without one tells nothing.
            ([[:], [:], [applied: "older"]], .git),
            ([[applied: "older"], [applied: now.definition.digest]], .unattributed),
        ] as [([[String: String]], Change.Cause)]
    )
    func theCauseIsToldFromWhatMostNodesRemember(records: [[String: String]], cause: Change.Cause) {
        let plan = AppSamples.plan(
            DesiredApps(apps: [Self.now]),
            .found(AppSamples.marathon([Self.live])),
            records: records
        )
        #expect(plan.steps.flatMap(\.changes).map(\.cause) == [cause])
    }

    @Test(
        arguments: [
            ([["restored:/hello": now.definition.digest]], true), ([["restored:/hello": "another"]], false),
            ([], false),
            // On a doubt a failed deployment is not repeated.
            ([["restored:/hello": now.definition.digest], ["restored:/hello": "absent"]], true),
            (
                [
                    ["restored:/hello": now.definition.digest], ["restored:/hello": "absent"],
                    ["restored:/hello": "absent"],
                ], false
            ),
        ] as [([[String: String]], Bool)]
    )
    func aRestoredDeclarationIsNotAppliedAgainUntilItChanges(records: [[String: String]], blocked: Bool) {
        let plan = AppSamples.plan(
            DesiredApps(apps: [Self.now]),
            .found(AppSamples.marathon([Self.live])),
            records: records
        )
        #expect(plan.steps.isEmpty == blocked)
        #expect(plan.blocked.map { $0.because.contains("commit a change to try again") } == (blocked ? [true] : []))
    }

    @Test func theRecordOfAStepIsTheDigestOfTheDeclaration() {
        let plan = AppSamples.plan(DesiredApps(apps: [Self.now]), .found(AppSamples.marathon([Self.live])))
        let entry = AppliedEntry(resource: Self.applied, digest: Self.now.definition.digest, revision: "3f1c2aa")
        #expect(plan.steps.flatMap(\.changes).map(\.applied) == [entry])
        #expect(plan.apps.map(\.digest) == [entry.digest])
    }

    @Test func theDigestTellsWhatIsDeclaredApartAndNothingElse() {
        let secret = AppValue.object(["env": ["A": .text(Content([.secret(.environment("A"))]))]])
        let different: [AppValue] = [
            ["a": 1], ["a": "1"], ["a": [1]], ["a": .null], ["b": 1], ["a": 1, "b": 1], ["a": ["b", "c"]],
            ["a": ["b,c"]], ["a": ["x": "y"]], secret, ["env": ["A": "${env:A}"]],
        ]
        #expect(Set(different.map(\.digest)).count == different.count)
        #expect(AppValue.object(["a": 1, "b": 2]).digest == AppValue.object(["b": 2.0, "a": 1.0]).digest)
    }
}
