internal import Specs

/// What a node's engine does with images by itself.
extension ImageRun {
    /// - Parameters:
    ///   - digest: Of the manifest, `sha256:…`.
    ///   - id: What the registry says that its id is; nil where it was not asked.
    func pull(_ digest: String, _ id: String?, on node: NodeName) async -> StepOutcome {
        let source = digest.contains("@") ? digest : "\(act.reference.repository)@\(digest)"
        return await order(on: node) { $0.id == id || $0.digests.contains(source) } act: { _ in
            let job = "image-\(step.id)"
            let act = NodeAction.image(.pull(source, reference: act.reference, job: job))
            return await detached(act, job, on: node, for: "\(node) to pull \(self.act.reference)")
        }
    }

    func tag(_ id: String, on node: NodeName) async -> StepOutcome {
        await order(on: node) { $0.id == id } act: { engine in
            guard engine.images.contains(where: { $0.id == id }) else {
                return .conflict("\(node): image \(short(id)) is gone since the plan")
            }
            let batch = BatchRun(step: step.id, node: node, context: context)
            return await batch.carryOut([.image(.tag(id: id, reference: act.reference))]).outcome
        }
    }

    func remove(_ id: String, on node: NodeName) async -> StepOutcome {
        switch await engine(on: node) {
        case .failure(let refused): return refused.outcome
        case .success(let engine):
            guard engine.images.contains(where: { $0.id == id }) else {
                return await noteRemoval(of: id, on: node, after: .alreadyInPlace)
            }
            guard !engine.used.contains(id) else {
                return .conflict("\(node): a container was made from image \(short(id)) since the plan")
            }
            let batch = BatchRun(step: step.id, node: node, context: context)
            let outcome = await batch.carryOut([.image(.remove(id: id))]).outcome
            return await noteRemoval(of: id, on: node, after: outcome)
        }
    }

    private func noteRemoval(of id: String, on node: NodeName, after outcome: StepOutcome) async -> StepOutcome {
        var entries = step.changes.filter { $0.node == node }.compactMap(\.applied)
        if !entries.contains(where: { $0.resource == "superseded:\(id)" }) {
            entries.append(superseded(id, isGone: true))
        }
        return await VisitRun(step: step, node: node, context: context).note(entries, after: outcome)
    }

    /// Looks, compares, acts and records.
    private func order(
        on node: NodeName,
        _ isWanted: (HeldImage) -> Bool,
        act: (ObservedEngine) async -> StepOutcome
    ) async -> StepOutcome {
        switch await engine(on: node) {
        case .failure(let refused): return refused.outcome
        case .success(let engine):
            switch standing(engine, on: node, isWanted) {
            case .inPlace: return await settle(.alreadyInPlace, on: node, replacing: nil)
            case .ended(let outcome): return outcome
            case .mayAct(let old): return await settle(await act(engine), on: node, replacing: old)
            }
        }
    }

    /// Begins what goes on detached, and waits for it.
    func detached(_ action: NodeAction, _ job: String, on node: NodeName, for words: String) async -> StepOutcome {
        let ending = await BatchRun(step: step.id, node: node, context: context).carryOut([action])
        guard ending.outcome.isSuccess, ending.isJobOpen else { return ending.outcome }
        return await VisitRun(step: step, node: node, context: context).collect(job, within: left, for: words)
    }
}

extension String {
    /// Of an image's name, without its tag or digest.
    fileprivate var repository: String {
        if let at = firstIndex(of: "@") { return String(self[..<at]) }
        // A colon before the last slash is of a port.
        guard let colon = lastIndex(of: ":"), !self[colon...].contains("/") else { return self }
        return String(self[..<colon])
    }
}
