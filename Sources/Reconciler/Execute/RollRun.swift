internal import Specs

/// Restarts the members of an ensemble one at a time: health seen, one restarted, gate held, pause, the next.
///
/// Whatever goes wrong ends the roll where it is; the next run continues, since a restart is wanted as long as what runs
/// differs from what is declared.
struct RollRun {
    let step: Step
    let service: ServiceName
    let order: RollOrder
    let pause: Duration
    let context: RunContext

    /// How long health may take to be seen before a restart, and how old it may be when the restart begins.
    private static let precheckSeconds = 15
    private static let freshness = Duration.seconds(10)
    /// How often a node may be too busy to be restarted while what was seen is fresh.
    private static let delaysAllowed = 5
    /// For a step without a gate.
    private static let defaultGateSeconds = 60

    struct Ending {
        var outcome: StepOutcome
        var recordsAfterGate: [NodeName: [AppliedEntry]] = [:]
        var failedAssumption: String?
    }

    func carryOut(_ members: [Act.Member]) async -> Ending {
        var (remaining, restarted): ([Act.Member], [NodeName]) = (members, [])
        var ending = Ending(outcome: .alreadyInPlace)
        var lastBegan: Duration?
        var delays = 0
        var prepared: [NodeName] = []
        let before = await GateRun(step: step.id, context: context).before(step.gate)
        while !remaining.isEmpty {
            let installed = prepared.filter { !restarted.contains($0) }
            let report = Report(restarted: restarted, remaining: remaining.map(\.node), installed: installed)
            if let words = await rest(since: lastBegan) {
                return stop(ending, report.isolated(words))
            }
            let member: Act.Member
            let latest: Duration
            switch await precheck(remaining) {
            case .ready(let next, let by): (member, latest) = (next, by)
            case .stopped(let words): return stop(ending, report.isolated(words))
            case .unhealthy(let words): return stop(ending, .failed(report.words(before: words)))
            }
            let parts = PreparedTurn(member.planned)
            if !parts.preparation.isEmpty, !prepared.contains(member.node) {
                let visit = VisitRun(step: step.ofPackages, node: member.node, context: context)
                let done = await visit.carryOut(parts.preparation)
                guard done.outcome.isSuccess else { return stop(ending, report.told(done.outcome, at: member.node)) }
                prepared.append(member.node)
                // What was seen is old by now: another may lead, and a member may be gone.
                continue
            }
            let own = parts.preparation.isEmpty ? step : step.afterPackages
            let visit = VisitRun(step: own, node: member.node, context: context, latest: latest)
            let done = await visit.carryOut(parts.turn)
            if done.isTooLate, delays < Self.delaysAllowed {
                delays += 1
                continue
            }
            // The process was restarted at some time before the visit ended: counted from there the pause is never short.
            lastBegan = context.clock.now()
            guard done.outcome.isSuccess else {
                return stop(ending, report.told(done.outcome, at: member.node))
            }
            restarted.append(member.node)
            remaining.removeAll { $0.node == member.node }
            if done.outcome == .applied { ending.outcome = .applied }
            context.emit(.progress(id: step.id, node: member.node, text: "restarted \(service), waiting for the gate"))
            let after = Report(restarted: restarted, remaining: remaining.map(\.node))
            switch await gate(before, Set(after.remaining)) {
            case .held: ending.recordsAfterGate[member.node] = done.recordsAfterGate
            case .failed(let words): return stop(ending, .failed(after.words(before: words)))
            case .assumptionFailed(let words):
                ending.failedAssumption = words
                return stop(ending, .failed(after.words(before: words)))
            case .cancelled:
                return stop(ending, .unknown(after.words(before: "stopped by an interrupt while waiting for the gate")))
            }
        }
        return ending
    }

    /// Members before this one have passed their gates: what is recorded of them stands.
    private func stop(_ ending: Ending, _ outcome: StepOutcome) -> Ending {
        var ending = ending
        ending.outcome = outcome
        return ending
    }
}

// MARK: - Before and after a restart

extension RollRun {
    private enum Precheck {
        /// The next member, and when its restart must have begun.
        case ready(Act.Member, by: Duration)
        case stopped(String)
        case unhealthy(String)
    }

    /// Sleeps until the pause is over; returns why the roll must not go on, if so.
    private func rest(since lastBegan: Duration?) async -> String? {
        while true {
            if let reason = context.halt.reason { return reason.words }
            if Task.isCancelled { return StopReason.interrupted.words }
            let left = (lastBegan.map { $0 + pause } ?? .zero) - context.clock.now()
            guard lastBegan != nil, left > .zero else { return nil }
            try? await context.clock.sleep(min(left, .seconds(1)))
        }
    }

    private func precheck(_ remaining: [Act.Member]) async -> Precheck {
        var (leader, seen): (NodeName?, Duration) = (nil, context.clock.now())
        switch await health(within: Self.precheckSeconds, { (leader, seen) = ($0, $1) }) {
        case .held: break
        case .failed(let words), .assumptionFailed(let words): return .unhealthy(words)
        case .cancelled: return .stopped(StopReason.interrupted.words)
        }
        if let reason = context.halt.reason { return .stopped(reason.words) }
        guard let next = RollOrder.next(of: remaining, leader: leader) else { return .unhealthy("no member is left") }
        return .ready(next, by: seen + Self.freshness)
    }

    private func gate(_ before: GateAnswers?, _ remaining: Set<NodeName>) async -> GateRun.Ending {
        if let gate = step.gate {
            let run = GateRun(step: step.id, context: context)
            let ending = await run.wait(for: gate, before: before, remaining: remaining)
            guard ending == .held else { return ending }
        }
        return await health(within: step.gate?.deadlineSeconds ?? Self.defaultGateSeconds) { _, _ in }
    }

    /// Waits for what the rule asks for; tells the leader and the moment before it was asked for.
    private func health(within seconds: Int, _ found: (NodeName?, Duration) -> Void) async -> GateRun.Ending {
        let poll = GateRun.Poll(questions: order.questions, words: order.words, deadlineSeconds: seconds)
        return await GateRun(step: step.id, context: context).wait(poll, every: .milliseconds(500)) {
            answers,
            asked,
            _ in
            switch order.health(answers) {
            case .unhealthy(let words): return .notYet(missing: words)
            case .healthy(let leader):
                found(leader, asked)
                return .holds
            }
        }
    }
}

extension RollRun {
    /// How far a roll came, in words.
    struct Report {
        var restarted: [NodeName]
        var remaining: [NodeName]
        /// They have another program on their disks than their processes run.
        var installed: [NodeName] = []

        func words(before cause: String) -> String {
            var parts = [cause]
            if !restarted.isEmpty { parts.append("restarted: \(Self.list(restarted))") }
            if !remaining.isEmpty { parts.append("not restarted: \(Self.list(remaining))") }
            if !installed.isEmpty { parts.append("installed and not restarted: \(Self.list(installed))") }
            return parts.joined(separator: "; ")
        }

        /// For an end between two members, when nothing is in hand.
        func isolated(_ cause: String) -> StepOutcome {
            restarted.isEmpty && installed.isEmpty ? .notReached(cause) : .failed(words(before: cause))
        }

        /// For a member that did not succeed.
        func told(_ outcome: StepOutcome, at member: NodeName) -> StepOutcome {
            switch outcome {
            case .applied, .alreadyInPlace: outcome
            case .failed(let cause): .failed(words(before: cause))
            case .conflict(let cause):
                restarted.isEmpty ? .conflict(words(before: cause)) : .failed(words(before: cause))
            case .notReached(let cause): isolated(cause)
            case .unknown(let cause): .unknown(words(before: cause))
            }
        }

        private static func list(_ nodes: [NodeName]) -> String { nodes.map(\.text).joined(separator: ", ") }
    }
}
