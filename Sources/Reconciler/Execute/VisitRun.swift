internal import Specs

/// Carries out what a step does on one node: batches of actions, late edits, and the wait for detached jobs.
struct VisitRun {
    let step: Step
    let node: NodeName
    let context: RunContext
    /// When the first visit must have begun, in the run's time.
    var latest: Duration?

    struct Ending {
        var outcome: StepOutcome
        /// What the applied record should say once the step's gate holds.
        var recordsAfterGate: [AppliedEntry] = []
        /// Whether `latest` had passed before anything was sent.
        var isTooLate = false
    }

    /// A stretch of the visit that is known before it begins.
    enum Segment: Hashable {
        case batch([NodeAction])
        case edit(LateEdit)
        case check(FlagCheck)
        /// Waits for a job that `packages` are installed by; nil: one that the plan names alone.
        case collect(job: String, packages: [PackageInstall])
    }

    func carryOut(_ planned: [PlannedAction]) async -> Ending {
        var records = AppliedRecords(step.changes, on: node)
        var outcomes: [StepOutcome] = []
        let segments = Self.segments(of: planned)
        var isJobOpen = false
        for (index, segment) in segments.enumerated() {
            var outcome: StepOutcome
            switch segment {
            case .batch(let actions):
                var actions = records.interleaved(with: actions)
                if index == segments.count - 1 { actions += Self.record(records.takeRest()) }
                let batch = BatchRun(step: step.id, node: node, context: context, latest: index == 0 ? latest : nil)
                let ending = await batch.carryOut(actions)
                if ending.isTooLate { return Ending(outcome: ending.outcome, isTooLate: true) }
                (outcome, isJobOpen) = (ending.outcome, ending.isJobOpen)
            case .edit(let edit): outcome = await carryOut(edit, &records)
            case .check(let check): outcome = await FlagCheckRun(node: node, context: context).carryOut(check)
            case .collect(let job, let packages):
                outcome = .alreadyInPlace
                if isJobOpen || packages.isEmpty { outcome = await collect(job) }
                if outcome.isSuccess { outcome = await note(records.take(packages: packages), after: outcome) }
            }
            if !outcomes.isEmpty, case .notReached(let words) = outcome { outcome = .failed("\(words), half-way") }
            guard outcome.isSuccess else { return Ending(outcome: outcome) }
            outcomes.append(outcome)
        }
        let outcome = await note(records.takeRest(), after: .combined(outcomes))
        return Ending(outcome: outcome, recordsAfterGate: records.afterGate)
    }

    /// Batches end where something must be awaited (an installation) or looked at (an edit).
    static func segments(of planned: [PlannedAction]) -> [Segment] {
        var (segments, batch): ([Segment], [NodeAction]) = ([], [])
        func closed() -> [Segment] { batch.isEmpty ? [] : [.batch(batch)] }
        for action in planned {
            switch action {
            case .edit(let edit):
                segments += closed() + [.edit(edit)]
                batch = []
            case .checkFlags(let check):
                segments += closed() + [.check(check)]
                batch = []
            case .action(.installPackages(let packages, let job)):
                batch.append(.installPackages(packages, job: job))
                segments += closed() + [.collect(job: job, packages: packages)]
                batch = []
            case .action(.collect(let job, _)):
                segments += closed()
                batch = []
                if case .collect(job, _)? = segments.last { continue }
                segments.append(.collect(job: job, packages: []))
            case .action(let action): batch.append(action)
            }
        }
        return segments + closed()
    }

    /// Records what is true now.
    ///
    /// A record that cannot be written takes nothing back: it is told as progress.
    func note(_ entries: [AppliedEntry], after outcome: StepOutcome) async -> StepOutcome {
        guard outcome.isSuccess, !entries.isEmpty else { return outcome }
        let ending = await BatchRun(step: step.id, node: node, context: context).carryOut(Self.record(entries))
        if !ending.outcome.isSuccess {
            context.emit(.progress(id: step.id, node: node, text: "could not record what was applied"))
        }
        return outcome
    }

    static func record(_ entries: [AppliedEntry]) -> [NodeAction] {
        entries.isEmpty ? [] : [.recordApplied(entries)]
    }
}
