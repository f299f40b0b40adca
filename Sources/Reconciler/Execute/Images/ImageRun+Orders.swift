internal import Specs

/// What a node's engine does with images by itself.
extension ImageRun {
    /// `digest` is `repository@sha256:…` or that of the manifest alone; `id` what the registry says that its id is, if it does.
    func pull(_ digest: String, _ id: String?, on node: NodeName) async -> StepOutcome {
        let source = digest.hasPrefix("sha256:") ? "\(ImageName(act.reference).repository)@\(digest)" : digest
        return await order(on: node, source: id) {
            $0.id == id || $0.digests.contains(source)
        } act: { _ in
            let job = "image-\(step.id)"
            let act = NodeAction.image(.pull(source, reference: act.reference, job: job))
            return await detached(act, job, on: node, for: "\(node) to pull \(self.act.reference)")
        }
    }

    func tag(_ id: String, on node: NodeName) async -> StepOutcome {
        await order(on: node, source: nil) {
            $0.id == id
        } act: { engine in
            guard engine.images.contains(where: { $0.id == id }) else {
                return .conflict("\(node): image \(shortID(id)) is gone since the plan")
            }
            let batch = BatchRun(step: step.id, node: node, context: context)
            return await batch.carryOut([.image(.tag(id: id, reference: act.reference))]).outcome
        }
    }

    func remove(_ id: String, on node: NodeName) async -> StepOutcome {
        let engine: ObservedEngine
        switch await look(at: node) {
        case .failure(let refused): return refused.outcome
        case .success(let sight): engine = sight.engine
        }
        guard engine.images.contains(where: { $0.id == id }) else {
            return await noteRemoval(of: id, on: node, after: .alreadyInPlace)
        }
        guard !engine.used.contains(id) else {
            return .conflict("\(node): a container was made from image \(shortID(id)) since the plan")
        }
        let batch = BatchRun(step: step.id, node: node, context: context)
        let outcome = await batch.carryOut([.image(.remove(id: id))]).outcome
        return await noteRemoval(of: id, on: node, after: outcome)
    }

    private func noteRemoval(of id: String, on node: NodeName, after outcome: StepOutcome) async -> StepOutcome {
        var entries = step.changes.filter { $0.node == node }.compactMap(\.applied)
        if !entries.contains(where: { $0.resource == ImageRecord.superseded(id) }) {
            entries.append(superseded(id, isGone: true))
        }
        return await VisitRun(step: step, node: node, context: context).note(entries, after: outcome)
    }

    /// Looks, compares, acts and records.
    private func order(
        on node: NodeName,
        source: String?,
        _ isWanted: (HeldImage) -> Bool,
        act: (ObservedEngine) async -> StepOutcome
    ) async -> StepOutcome {
        let engine: ObservedEngine
        switch await look(at: node) {
        case .failure(let refused): return refused.outcome
        case .success(let sight): engine = sight.engine
        }
        switch standing(engine, on: node, isWanted) {
        case .inPlace(let held): return await settle(.alreadyInPlace, on: node, source: source, local: held.id)
        case .ended(let outcome): return outcome
        case .mayAct(let old):
            let outcome = await act(engine)
            guard outcome.isSuccess else { return outcome }
            guard case .success(let after) = await look(at: node), let held = after.engine.image(self.act.reference)
            else {
                progress("what \(self.act.reference) is now could not be seen, and is not recorded", on: node)
                return outcome
            }
            return await settle(outcome, on: node, source: source, local: held.id, replacing: old)
        }
    }

    /// Begins what goes on detached, and waits for it.
    func detached(_ action: NodeAction, _ job: String, on node: NodeName, for words: String) async -> StepOutcome {
        let ending = await BatchRun(step: step.id, node: node, context: context).carryOut([action])
        guard ending.outcome.isSuccess, ending.isJobOpen else { return ending.outcome }
        return await VisitRun(step: step, node: node, context: context).collect(job, within: left, for: words)
    }
}
