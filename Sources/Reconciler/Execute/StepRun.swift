internal import Specs

/// Carries out one step: its act, then its gate, then what is recorded only after it.
struct StepRun {
    let step: Step
    let context: RunContext

    func carryOut() async -> StepResult {
        switch step.act {
        case .visit(let node, let actions):
            let before = await GateRun(step: step.id, context: context).before(step.gate)
            let ending = await VisitRun(step: step, node: node, context: context).carryOut(actions)
            return await passGate(ending.outcome, [node: ending.recordsAfterGate], before)
        case .start(_, let members): return await start(members)
        case .app(let act): return await app(act)
        case .image(let act):
            guard let images = context.images else { return StepResult(Self.noCourier) }
            return await ImageRun(step: step, act: act, context: context, tools: images).carryOut()
        case .network(let act): return await link(act)
        case .compareApps(let deadlineSeconds):
            guard let apps = context.apps else { return StepResult(Self.noMarathon) }
            let wait = ComparableApps(step: step.id, deadlineSeconds: deadlineSeconds, context: context)
            return await wait.wait(apps.marathon)
        case .roll(let service, let members, let rule, let pauseSeconds):
            let order = RollOrder(rule, of: service, in: step) { context.visits.address(of: $0) }
            let roll = RollRun(
                step: step,
                service: service,
                order: order,
                pause: .seconds(pauseSeconds),
                context: context
            )
            let ending = await roll.carryOut(members)
            await record(ending.recordsAfterGate)
            return StepResult(ending.outcome, failedAssumption: ending.failedAssumption)
        }
    }

    private static let noMarathon = StepOutcome.failed(
        "this run knows no way to a Marathon; declare marathon or its endpoint"
    )

    private static let noCourier = StepOutcome.failed("this run knows no way to bring images anywhere")

    private func link(_ act: NetworkAct) async -> StepResult {
        let before = await GateRun(step: step.id, context: context).before(step.gate)
        let outcome = await NetworkRun(step: step, act: act, context: context, before: before).carryOut()
        return await passGate(outcome, [act.node: step.changes.compactMap(\.applied)], before)
    }

    private func app(_ act: AppAct) async -> StepResult {
        guard let apps = context.apps else { return StepResult(Self.noMarathon) }
        return await AppRun(step: step, act: act, context: context, tools: apps).carryOut()
    }

    /// All members at once, whatever the run's parallelism: a fresh ensemble needs them together.
    private func start(_ members: [Act.Member]) async -> StepResult {
        let before = await GateRun(step: step.id, context: context).before(step.gate)
        let endings = await withTaskGroup(of: (Int, NodeName, VisitRun.Ending).self) { group in
            for (index, member) in members.enumerated() {
                group.addTask {
                    let visit = VisitRun(step: step, node: member.node, context: context)
                    return (index, member.node, await visit.carryOut(member.actions.map(PlannedAction.action)))
                }
            }
            var endings: [(Int, NodeName, VisitRun.Ending)] = []
            for await ending in group { endings.append(ending) }
            return endings.sorted { $0.0 < $1.0 }
        }
        let records = Dictionary(endings.map { ($0.1, $0.2.recordsAfterGate) }) { $0 + $1 }
        return await passGate(.combined(endings.map(\.2.outcome)), records, before)
    }

    private func passGate(
        _ outcome: StepOutcome,
        _ records: [NodeName: [AppliedEntry]],
        _ before: GateAnswers?
    ) async -> StepResult {
        guard outcome.isSuccess else { return StepResult(outcome) }
        if let gate = step.gate {
            switch await GateRun(step: step.id, context: context).wait(for: gate, before: before) {
            case .held: break
            case .failed(let words): return StepResult(.failed(words))
            case .assumptionFailed(let words): return StepResult(.failed(words), failedAssumption: words)
            case .cancelled:
                return StepResult(.unknown("done, and stopped by an interrupt while waiting for \(gate.words)"))
            }
        }
        await record(records)
        return StepResult(outcome)
    }

    /// A record only explains causes: one that cannot be written is told and takes nothing back.
    private func record(_ records: [NodeName: [AppliedEntry]]) async {
        for (node, entries) in records.sorted(by: { $0.key < $1.key }) where !entries.isEmpty {
            let ending = await BatchRun(step: step.id, node: node, context: context).carryOut([.recordApplied(entries)])
            if !ending.outcome.isSuccess {
                context.emit(.progress(id: step.id, node: node, text: "could not record what was applied"))
            }
        }
    }
}
