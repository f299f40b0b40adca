internal import Specs

/// The one place that begins and ends steps: a loop over what happens, with the board as its memory.
struct RunLoop {
    private let plan: Plan
    private let lease: Lease
    private let interruption: Interruption
    private let clock: RunClock
    private let limit: Int
    private let signal = StopSignal()
    private var board: StepBoard
    private var begun: [Int: Duration] = [:]
    private var seconds: [Int: Double] = [:]
    /// Whether its beginning is in the journal.
    private var isJournaled = false

    private enum Happening: Sendable {
        case stepEnded(Int, StepResult)
        case interrupted(Interruption.Level)
        case leaseEnded(String?)
    }

    init(plan: Plan, lease: Lease, interruption: Interruption, clock: RunClock, limit: Int) {
        self.plan = plan
        self.lease = lease
        self.interruption = interruption
        self.clock = clock
        self.limit = limit
        board = StepBoard(plan.steps)
    }

    var halt: HaltCheck { HaltCheck(signal: signal, interruption: interruption, lease: lease) }

    mutating func carryOut(_ context: RunContext) async {
        isJournaled = true
        await withTaskGroup(of: Happening.self) { group in
            group.addTask { [lease] in .leaseEnded(await lease.keep()) }
            group.addTask { [interruption] in .interrupted(await interruption.next(after: .none)) }
            while true {
                beginSteps(in: &group, context)
                guard !board.running.isEmpty, let happening = await group.next() else { break }
                handle(happening, in: &group, context)
            }
            group.cancelAll()
        }
    }

    private mutating func beginSteps(in group: inout TaskGroup<Happening>, _ context: RunContext) {
        while let index = board.startable(limit: limit) {
            if let reason = context.halt.reason {
                signal.stop(reason)
                return
            }
            let step = board.steps[index]
            guard context.recorder.write(.intent(JournaledIntent(step))) == nil else { return }
            board.begin(index)
            begun[index] = clock.now()
            context.emit(.stepStarted(id: step.id, title: step.title, nodes: step.nodes))
            group.addTask { .stepEnded(index, await StepRun(step: step, context: context).carryOut()) }
        }
    }

    private mutating func handle(
        _ happening: Happening,
        in group: inout TaskGroup<Happening>,
        _ context: RunContext
    ) {
        switch happening {
        case .stepEnded(let index, let result):
            if let words = result.failedAssumption { signal.stop(.assumptionFailed(words)) }
            if let words = result.nextPlan { signal.stop(.planAgain(words)) }
            seconds[index] = begun[index].map { (clock.now() - $0).inSeconds }
            context.recorder.write(.outcome(step: board.steps[index].id, result.outcome))
            let dropped = board.settle(index, result.outcome)
            for ended in [index] + dropped {
                context.images?.end(board.steps[ended].id)
                tellEnd(of: ended, context)
            }
        case .interrupted(let level):
            switch level {
            case .none: break
            case .finishStep:
                signal.stop(.interrupted)
                context.emit(.interrupting(stopsAfterStep: true))
                group.addTask { [interruption] in .interrupted(await interruption.next(after: .finishStep)) }
            case .cancelNow:
                signal.stop(.interrupted)
                context.emit(.interrupting(stopsAfterStep: false))
                group.cancelAll()
            }
        case .leaseEnded(let reason):
            if let reason { signal.stop(.leaseLost(reason)) }
        }
    }

    /// Ends what was not reached and makes the report.
    mutating func finish(_ context: RunContext, _ run: RunID) -> RunReport {
        let reason = signal.reason ?? (interruption.level == .none ? nil : .interrupted)
        for index in board.close(reason?.words) { tellEnd(of: index, context) }
        let steps = board.steps.indices.map { index in
            let step = board.steps[index]
            return StepReport(
                id: step.id,
                title: step.title,
                nodes: step.nodes,
                outcome: outcome(of: index),
                seconds: seconds[index] ?? 0
            )
        }
        var report = RunReport(run: run, cluster: plan.cluster, steps: steps, ending: ending(reason, steps))
        guard isJournaled, context.recorder.write(.ended(report.ending, counts: report.counts)) != nil else {
            return report
        }
        if report.ending == .completed, let reason = signal.reason { report.ending = ending(reason, steps) }
        return report
    }

    /// An interruption that came too late to keep anything from being done ended nothing.
    private func ending(_ reason: StopReason?, _ steps: [StepReport]) -> RunReport.Ending {
        switch reason {
        case nil: .completed
        case .interrupted where steps.allSatisfy(\.outcome.isSuccess): .completed
        case .interrupted: .interrupted(stepFinished: interruption.level == .finishStep)
        case .leaseLost(let words): .leaseLost(words)
        case .assumptionFailed(let words): .assumptionFailed(words)
        case .planAgain(let words): .planAgain(words)
        case .journalFailed(let words): .journalFailed(words)
        }
    }

    private func outcome(of index: Int) -> StepOutcome {
        if case .ended(let outcome) = board.states[index] { outcome } else { .notReached("it was not begun") }
    }

    private func tellEnd(of index: Int, _ context: RunContext) {
        let step = board.steps[index]
        context.emit(
            .stepEnded(
                id: step.id,
                title: step.title,
                nodes: step.nodes,
                outcome: outcome(of: index),
                seconds: seconds[index] ?? 0
            )
        )
    }
}
