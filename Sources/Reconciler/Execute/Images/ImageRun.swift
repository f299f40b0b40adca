internal import Specs

/// Carries out a step on one image: looks again, acts, and records what came of it.
struct ImageRun {
    let step: Step
    let act: ImageAct
    let context: RunContext
    let tools: ImageTools
    let began: Duration
    /// In the run's time.
    let deadline: Duration

    init(step: Step, act: ImageAct, context: RunContext, tools: ImageTools) {
        (self.step, self.act, self.context, self.tools) = (step, act, context, tools)
        began = context.clock.now()
        deadline = began + .seconds(act.deadlineSeconds)
    }

    func carryOut() async -> StepResult {
        let result = await operate()
        await tools.clearUnneeded(after: step.id, context)
        return result
    }

    private func operate() async -> StepResult {
        if case .build(let digest) = act.operation { return await build(digest) }
        guard let node = act.node else { return StepResult(.failed("no node is named; plan again")) }
        switch act.operation {
        case .build: return StepResult(.failed("no node is named; plan again"))
        case .ship(let shipment): return await ShipRun(run: self, node: node, shipment: shipment).carryOut()
        case .pull(let digest, let id): return StepResult(await pull(digest, id, on: node))
        case .tag(let id): return StepResult(await tag(id, on: node))
        case .remove(let id): return StepResult(await remove(id, on: node))
        }
    }

    // MARK: Looking

    /// An engine at one moment, and what was recorded of the image when it was brought.
    struct Sight {
        var engine: ObservedEngine
        var record: ImageRecord?
    }

    enum Standing {
        case inPlace(HeldImage)
        /// What the name stands for until now.
        case mayAct(replacing: HeldImage?)
        case ended(StepOutcome)
    }

    struct Refused: Error {
        var outcome: StepOutcome
        init(_ outcome: StepOutcome) { self.outcome = outcome }
    }

    func look(at node: NodeName) async -> Result<Sight, Refused> {
        switch await context.observe([.images, .applied], on: node) {
        case .failure(let error):
            if Task.isCancelled { return .failure(Refused(.notReached("\(node): stopped by an interrupt"))) }
            return .failure(Refused(.failed("\(node): \(error.message); nothing was done")))
        case .success(let answers):
            let words: String
            switch answers.first {
            case .images(let answer)?:
                do throws(UnreadableEngine) {
                    return .success(Sight(engine: try ObservedEngine(answer), record: record(in: answers.last)))
                } catch {
                    words = error.reason
                }
            case .absent?: words = "it has no Docker engine"
            case let other?: words = other.silence
            case nil: words = "no answer"
            }
            return .failure(Refused(.failed("\(node): its images cannot be looked at: \(words)")))
        }
    }

    private func record(in answer: FactAnswer?) -> ImageRecord? {
        guard case .applied(let text)? = answer else { return nil }
        return AppliedFact.entries(text)[ImageRecord.resource(act.reference)].flatMap { ImageRecord(digest: $0.digest) }
    }

    /// Compares before anything is changed: the name must stand for what the plan saw.
    func standing(_ engine: ObservedEngine, on node: NodeName, _ isWanted: (HeldImage) -> Bool) -> Standing {
        let found = engine.image(act.reference)
        if let found, isWanted(found) { return .inPlace(found) }
        guard !act.wasSeen || found?.id == act.replaced else {
            let now = found.map { "image \(shortID($0.id))" } ?? "no image"
            let before = act.replaced.map { "image \(shortID($0))" } ?? "none"
            return .ended(.conflict("\(node): \(act.reference) is \(now), where the plan saw \(before)"))
        }
        return .mayAct(replacing: found)
    }

    // MARK: Afterwards

    /// Records what is true now, and sees to the image that has lost its name.
    ///
    /// `source` is the origin's id, nil where only the node's own is known; `local` is what the name stands for on the node, `old`
    /// what it stood for before.
    func settle(
        _ outcome: StepOutcome,
        on node: NodeName,
        source: String?,
        local: String,
        replacing old: HeldImage? = nil
    ) async -> StepOutcome {
        guard outcome.isSuccess else { return outcome }
        let visit = VisitRun(step: step, node: node, context: context)
        let resource = ImageRecord.resource(act.reference)
        var entries = step.changes.filter { $0.node == node }.compactMap(\.applied)
            .map { ImageRecord.entry($0, heldAs: local) }
        if !entries.contains(where: { $0.resource == resource }) {
            let digest = ImageRecord(source: source ?? local, local: local).digest
            entries.append(AppliedEntry(resource: resource, digest: digest, revision: tools.revision))
        }
        let orphan = old.flatMap { old in
            old.id == local || old.references.contains { $0 != act.reference } || !old.digests.isEmpty ? nil : old.id
        }
        if let orphan { entries.append(superseded(orphan, isGone: false)) }
        let settled = await visit.note(entries, after: outcome)
        guard let orphan, act.prunes, await prune(orphan, on: node) else { return settled }
        return await visit.note([superseded(orphan, isGone: true)], after: settled)
    }

    /// Whether it is gone; a container may need it, and then it stays.
    private func prune(_ id: String, on node: NodeName) async -> Bool {
        let batch = BatchRun(step: step.id, node: node, context: context)
        let outcome = await batch.carryOut([.image(.remove(id: id))]).outcome
        switch outcome {
        case .applied, .alreadyInPlace: return true
        case .failed(let words), .conflict(let words), .notReached(let words), .unknown(let words):
            context.emit(.progress(id: step.id, node: node, text: "keeps the replaced image: \(words)"))
            return false
        }
    }

    /// The record by which a later run knows whose image it was.
    func superseded(_ id: String, isGone: Bool) -> AppliedEntry {
        AppliedEntry(
            resource: ImageRecord.superseded(id),
            digest: isGone ? "absent" : sha256(act.reference),
            revision: step.changes.lazy.compactMap { $0.applied?.revision }.first ?? tools.revision
        )
    }

    // MARK: Words

    func progress(_ text: String, on node: NodeName?) {
        context.emit(.progress(id: step.id, node: node, text: text))
    }

    func tellWait(_ words: String, _ missing: String) {
        context.emit(
            .waiting(
                id: step.id,
                words: words,
                missing: missing,
                seconds: Int((context.clock.now() - began).components.seconds),
                deadline: act.deadlineSeconds
            )
        )
    }

    var left: Duration { max(deadline - context.clock.now(), .zero) }
}

extension Step {
    var isAboutAnImage: Bool {
        if case .image = act { true } else { false }
    }
}
