import Specs
import Synchronization
import Testing

@testable import Reconciler

@Suite("What is lost on the way is told: answers, leases, records", .timeLimit(.minutes(20)))
struct AppLossTests {
    @Test("a restored version is said to stay only where some node remembers it", arguments: [true, false])
    func restoredWithoutRecords(areThereNodes: Bool) async throws {
        let puts = Mutex(0)
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(),
            "PUT /v2/apps/web": OddMarathon.Reply(#"{"version":"\#(AppOddAnswersTests.next)","deploymentId":"d1"}"#),
        ]) { line, replies in
            guard line.hasPrefix("PUT") else { return nil }
            let isFirst = puts.withLock { puts in
                puts += 1
                return puts == 1
            }
            // Defined as written, with the old task for ever; then as before.
            let old = OddMarathon.app(version: "2026-01-05T11:00:00.000Z")
            let stuck = OddMarathon.app(version: AppOddAnswersTests.next, cmd: "new").body
                .replacing(
                    #""id":"t","host":"a1","version":"\#(AppOddAnswersTests.next)""#,
                    with: #""id":"t","host":"a1","version":"0""#
                )
            replies["GET /v2/apps/web"] = isFirst ? OddMarathon.Reply(stuck) : old
            return nil
        }
        let step = AppOddAnswersTests.step(deadline: 60, onFailure: .restore)
        let report = try await AppOddAnswersTests().run([step], marathon, keepers: areThereNodes ? Lab.nodes(1) : [])
        guard case .failed(let words)? = report.steps.first?.outcome else {
            Issue.record("\(report)")
            return
        }
        #expect(words.contains("; restored the version of \(AppOddAnswersTests.version); "))
        #expect(words.contains("it is not applied again until its declaration changes") == areThereNodes)
        #expect(
            words.hasSuffix("so that the next apply tries it again: change the declaration before") != areThereNodes
        )
    }

    @Test("a run that has lost its lease does not go on following what may be another's by now")
    func leaseLost() async throws {
        let stuck = """
            [{"id":"d1","version":"\(AppOddAnswersTests.next)","affectedApps":["/web"],"steps":[{"actions":[]}],"currentActions":[],
              "currentStep":1,"totalSteps":1}]
            """
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(),
            "PUT /v2/apps/web": OddMarathon.Reply(#"{"version":"\#(AppOddAnswersTests.next)","deploymentId":"d1"}"#),
        ]) { line, replies in
            if line.hasPrefix("PUT") { replies["GET /v2/deployments"] = OddMarathon.Reply(stuck) }
            return nil
        }
        let report = try await AppOddAnswersTests().run(
            [AppOddAnswersTests.step(deadline: 600, onFailure: .restore)],
            marathon,
            losesLease: true
        )
        guard case .leaseLost = report.ending, let step = report.steps.first, case .unknown(let words) = step.outcome
        else {
            Issue.record("\(report)")
            return
        }
        #expect(words.contains("accepted as deployment d1; stopped waiting for /web to run as declared: the lease on"))
        #expect(step.seconds < 60)
        #expect(marathon.writes.count == 1)
    }

    @Test("a Marathon that leads nobody to its queue does not hold back the verdict")
    func reasonsAreBounded() async throws {
        let marathon = OddMarathon([
            "GET /v2/apps/web": OddMarathon.app(),
            "PUT /v2/apps/web": OddMarathon.Reply(#"{"version":"\#(AppOddAnswersTests.next)","deploymentId":"d1"}"#),
            "GET /v2/queue": OddMarathon.Reply(503, "{}"),
        ])
        let report = try await AppOddAnswersTests().run([AppOddAnswersTests.step(deadline: 20)], marathon)
        let step = try #require(report.steps.first)
        guard case .failed(let words) = step.outcome else {
            Issue.record("\(step.outcome)")
            return
        }
        #expect(words.contains("; reason: why could not be asked within 30 s; "))
        #expect(step.seconds < 60)
    }

    @Test("a deletion whose answer was lost and that was done late is no failure")
    func lateDeletion() async throws {
        let deletions = Mutex(0)
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app()]) { line, replies in
            guard line.hasPrefix("DELETE") else { return nil }
            let count = deletions.withLock { count in
                count += 1
                return count
            }
            if count == 1 { return RESTError(.interrupted, mayHaveArrived: true, "broken") }
            let gone = OddMarathon.Reply(404, #"{"message":"App '/web' does not exist"}"#)
            (replies[line], replies["GET /v2/apps/web"]) = (gone, gone)
            return nil
        }
        let report = try await AppOddAnswersTests().run([AppOddAnswersTests.step(operation: .delete)], marathon)
        #expect(report.words == ["applied"])
        #expect(marathon.writes.count == 2)
    }

    @Test("waiting for what came of a lost write, and for a Marathon at all, is told with its deadline")
    func waitsAreTold() async throws {
        let isGone = Mutex(false)
        let marathon = OddMarathon(["GET /v2/apps/web": OddMarathon.app()]) { line, _ in
            if line.hasPrefix("PUT") {
                isGone.withLock { $0 = true }
                return RESTError(.interrupted, mayHaveArrived: true, "broken")
            }
            return isGone.withLock { $0 } ? RESTError(.refused, mayHaveArrived: false, "refused") : nil
        }
        let witness = Witness()
        let report = try await AppOddAnswersTests().run([AppOddAnswersTests.step(deadline: 120)], marathon, witness)
        #expect(report.words == ["unknown"])
        #expect(witness.waits.contains { $0.hasPrefix("whether the write on /web was done: no Marathon answers") })

        let silent = OddMarathon { _, _ in RESTError(.refused, mayHaveArrived: false, "refused") }
        let other = Witness()
        #expect(
            try await AppOddAnswersTests().run([AppOddAnswersTests.step(deadline: 120)], silent, other).words == [
                "failed"
            ]
        )
        #expect(other.waits.contains { $0.hasPrefix("a Marathon that tells of /web: no Marathon answers") })
    }
}

extension Witness {
    /// What was waited for, what was missing, and of how many seconds.
    fileprivate var waits: [String] {
        events.compactMap { event in
            guard case .waiting(_, let words, let missing, _, let deadline) = event, deadline > 0 else { return nil }
            return "\(words): \(missing)"
        }
    }
}
