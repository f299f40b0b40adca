internal import Specs
internal import Synchronization

/// One round: look, judge, and correct what may be corrected, under the lease and after a second look.
struct LoopLook: Sendable {
    struct Result: Sendable {
        var round: LoopRound
        /// Of the last look, whole.
        var plan: Plan?
        /// When that was.
        var lookedAt: Int?
        var breaker: Breaker
        /// Raised in this round.
        var raised: [LoopItem]
        /// Whether there was a look under the lease: what killed runs have left open is written down by it.
        var hasHeld = false
    }

    let declaration: LoopDeclaration
    let tools: LoopTools
    let breaker: Breaker
    let pause: LoopPause?
    /// An earlier process was killed in a correction: the journal is to say what became of it.
    let wasCut: Bool
    /// Called before anything is corrected; what it keeps outlives this process.
    let begin: @Sendable (LoopMemory.UnderWay) -> Void

    private var period: Int { Breaker.period(interval: declaration.intervalSeconds) }

    /// nil where it was called off while it only looked: nothing was done then, and nothing can be said.
    func carryOut(_ interruption: Interruption) async -> Result? {
        let kept = Kept(Result(round: LoopRound(.failed, messages: []), plan: nil, breaker: breaker, raised: []))
        do {
            // Most rounds find nothing to do, and take no lease for that: it would be a write on every node that keeps it.
            guard try await looked(kept, unless: interruption) else { return nil }
            let mustHold = kept.mayCorrect || wasCut && declaration.limits.corrects
            if mustHold, pause == nil, interruption.level == .none {
                try await declaration.open(true, interruption) { loop in
                    kept.hold()
                    try await correct(by: loop, kept, unless: interruption)
                }
            }
        } catch let trouble as LoopTrouble {
            kept.fail(trouble.isBusy ? .busy : .failed, trouble.message)
        } catch {
            kept.fail(.failed, "\(error)")
        }
        return kept.result
    }

    /// Whether it came to its end; looking may be dropped at any point, so nobody waits for it who wants to stop.
    private func looked(_ kept: Kept, unless interruption: Interruption) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await declaration.open(false, interruption) { loop in await look(by: loop, kept) }
                return true
            }
            group.addTask {
                // Back at once when cancelled, which is how it ends where nobody stops the loop.
                _ = await interruption.next(after: .none)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func look(by loop: Reconciliation, _ kept: Kept) async {
        let observed = await loop.observe()
        guard !Task.isCancelled else { return }
        let findings = judge(loop.difference(observed), observed, kept)
        kept.settle(LoopRound(findings, isPaused: pause != nil), findings)
    }

    /// Looks again: between the first look and the lease somebody else may have held the cluster.
    private func correct(by loop: Reconciliation, _ kept: Kept, unless interruption: Interruption) async throws {
        let limited = Reconciliation(
            observe: loop.observe,
            difference: { observed in judge(loop.difference(observed), observed, kept).limited.plan },
            execute: loop.execute
        )
        let plan = await limited.plan()
        guard let findings = kept.findings, plan.refusals.isEmpty, !plan.steps.isEmpty, interruption.level == .none
        else {
            if let findings = kept.findings { kept.settle(LoopRound(findings), findings) }
            return
        }
        begin(LoopMemory.UnderWay(items: plan.driftingItems, since: tools.now()))
        // Whatever a plan made under way may disturb is within the same limits.
        let outcome = try await limited.apply(plan) { _, _ in true }
        guard let report = outcome.reports.last else { return }
        let round = LoopRound(kept.findings ?? findings, ran: outcome.ending == .ran ? outcome.plan : plan, report)
        kept.corrected(round, at: tools.now(), within: period)
    }

    private func judge(_ plan: Plan, _ observed: ObservedCluster, _ kept: Kept) -> LoopFindings {
        let now = tools.now()
        let shown = plan.ignoringDrift(of: declaration.ignore).plan
        let sight = LoopSight(plan)
        let breaker = kept.see(shown.driftingItems, at: now, sight, within: period) {
            Evidence.lines(of: $0, in: observed)
        }
        let findings = LoopFindings(
            plan,
            limits: declaration.limits,
            ignore: declaration.ignore,
            breaker: breaker,
            at: tools.local(now)
        )
        kept.note(plan, findings, at: now)
        return findings
    }
}

extension Plan {
    /// Sorted, each once; what a commit changed is none.
    fileprivate var driftingItems: [LoopItem] {
        Set(steps.flatMap(\.changes).filter { $0.cause != .git }.map(\.item)).sorted()
    }
}

/// What a round has come to so far; closures that the loop is given hand it on.
private final class Kept: Sendable {
    private struct State {
        var result: LoopLook.Result
        var findings: LoopFindings?
    }

    private let state: Mutex<State>

    init(_ result: LoopLook.Result) { state = Mutex(State(result: result)) }

    var result: LoopLook.Result { state.withLock { $0.result } }
    var findings: LoopFindings? { state.withLock { $0.findings } }

    var mayCorrect: Bool {
        guard let limited = findings?.limited.plan else { return false }
        return !limited.steps.isEmpty && limited.refusals.isEmpty
    }

    func see(
        _ items: [LoopItem],
        at now: Int,
        _ sight: LoopSight,
        within period: Int,
        evidence: (LoopItem) -> [String]
    ) -> Breaker {
        state.withLock { state in
            state.result.raised += state.result.breaker.seen(
                items,
                at: now,
                isKnown: sight.covers,
                within: period,
                evidence: evidence
            )
            return state.result.breaker
        }
    }

    func hold() { state.withLock { $0.result.hasHeld = true } }

    func note(_ plan: Plan, _ findings: LoopFindings, at now: Int) {
        state.withLock { state in
            state.result.plan = plan
            state.result.lookedAt = now
            state.findings = findings
        }
    }

    func settle(_ round: LoopRound, _ findings: LoopFindings) {
        state.withLock { state in
            state.result.round = round
            state.findings = findings
        }
    }

    /// Commits are not counted against an item: whoever commits is not fought.
    func corrected(_ round: LoopRound, at now: Int, within period: Int) {
        state.withLock { state in
            state.result.round = round
            let drifted = Set(round.items.filter { $0.cause != .git }.map(\.item))
            state.result.breaker.corrected(round.corrected.filter(drifted.contains), at: now, within: period)
        }
    }

    func fail(_ outcome: LoopStatus.Round.Outcome, _ message: String) {
        state.withLock { state in
            let round = state.result.round
            state.result.round = LoopRound(outcome, items: round.items, messages: [message], sight: round.sight)
        }
    }
}
