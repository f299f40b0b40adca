internal import Specs

/// Brings one image to one node: parts first, then one load, which is checked there.
struct ShipRun {
    let run: ImageRun
    let node: NodeName
    let shipment: ImageAct.Shipment

    var context: RunContext { run.context }
    var tools: ImageTools { run.tools }
    var reference: String { run.act.reference }

    func carryOut() async -> StepResult {
        guard let source = shipment.image ?? tools.source(of: reference) else {
            return StepResult(.failed("\(reference) was not built in this run; plan again"))
        }
        switch await run.engine(on: node) {
        case .failure(let refused): return StepResult(refused.outcome)
        case .success(let engine):
            switch run.standing(engine, on: node, { engine.isSame($0, source) }) {
            case .inPlace: return StepResult(await run.settle(.alreadyInPlace, on: node, replacing: nil))
            case .ended(let outcome): return StepResult(outcome)
            case .mayAct(let old):
                let result = await bring(source, to: engine)
                guard result.outcome.isSuccess else { return result }
                return StepResult(await run.settle(result.outcome, on: node, replacing: old))
            }
        }
    }

    private func bring(_ source: SourceImage, to engine: ObservedEngine) async -> StepResult {
        let kind = ImageTools.EngineKind(engine)
        let layers = tools.refusesPartial(kind) ? nil : wanted(source, engine)
        let first = await attempt(source, layers, attempt: 1)
        guard case .notLoaded(let words) = first, layers != nil else { return first.result }
        guard context.reasonToStop(at: run.deadline, yields: true) == nil else { return first.result }
        run.progress("does not take an archive without the layers it has (\(words)); sending all of it", on: node)
        tools.setRefusesPartial(kind, true)
        let second = await attempt(source, nil, attempt: 2)
        // Not for what was left out, then.
        if case .notLoaded = second { tools.setRefusesPartial(kind, false) }
        return second.result
    }

    /// Diff ids to send; nil for the whole image.
    ///
    /// Looked up again: other steps may have brought layers since the plan, or somebody may have removed some.
    private func wanted(_ source: SourceImage, _ engine: ObservedEngine) -> Set<String>? {
        let mayLeaveOut = shipment.image == nil ? !engine.usesContainerdStore : shipment.lacking != nil
        guard mayLeaveOut, !source.layers.isEmpty else { return nil }
        let lacking = engine.lacking(source)
        return lacking.count == Set(source.layers.map(\.diffID)).count ? nil : lacking
    }

    private enum Attempt {
        case ended(StepResult)
        /// It arrived, and the engine did not make an image of it.
        case notLoaded(String)

        var result: StepResult {
            switch self {
            case .ended(let result): result
            case .notLoaded(let words): StepResult(.failed(words))
            }
        }
    }

    private func attempt(_ source: SourceImage, _ layers: Set<String>?, attempt: Int) async -> Attempt {
        let pack: ImagePack
        switch await self.pack(source, layers) {
        case .success(let made): pack = made
        case .failure(let stopped): return .ended(stopped.result)
        }
        let staged = await tools.stage(pack, on: node, step: run.step.id, context)
        guard staged.isSuccess else { return .ended(StepResult(staged)) }
        if let result = await DeliveryRun(ship: self, pack: pack).carryOut() { return .ended(result) }
        return await load(pack, source, attempt)
    }

    private func load(_ pack: ImagePack, _ source: SourceImage, _ attempt: Int) async -> Attempt {
        if let end = context.reasonToStop(at: run.deadline, yields: true) {
            return .ended(stopped(end, TransferProgress(done: pack.bytes, total: pack.bytes)))
        }
        let job = "image-\(run.step.id)-\(attempt)"
        let load = ImageLoad(
            parts: pack.parts.map(\.digest),
            id: source.id,
            reference: reference,
            layers: source.layers.map(\.diffID)
        )
        let words = "\(node) to load \(reference)"
        let outcome = await run.detached(.image(.load(load, job: job)), job, on: node, for: words)
        guard case .failed(let reason) = outcome, pack.isPartial || attempt > 1, !reason.isOfTheEngineItself else {
            return .ended(StepResult(outcome))
        }
        return .notLoaded(reason)
    }

    // MARK: Packing

    struct Stopped: Error { var result: StepResult }

    private func pack(_ source: SourceImage, _ layers: Set<String>?) async -> Result<ImagePack, Stopped> {
        let meter = TransferMeter(step: run.step.id, node: nil, context: context)
        let (tools, desired) = (tools, tools.desired(run.act))
        let packed = await context.watch(until: run.deadline, yields: true) {
            await tools.pack(source, of: desired, layers: layers, progress: meter.listener)
        }
        switch packed {
        case .ended(.success(let pack)): return .success(pack)
        case .ended(.failure(let error)):
            if Task.isCancelled { return .failure(Stopped(result: stopped(.cancelled, nil))) }
            return .failure(Stopped(result: error.result("\(node): \(reference) could not be read")))
        case .stopped(let end): return .failure(Stopped(result: stopped(end, nil)))
        }
    }

    /// What a step says that was stopped before its load: nothing was changed on the node.
    ///
    /// - Parameter progress: Of its delivery; nil where that had not begun.
    func stopped(_ end: WatchEnd, _ progress: TransferProgress?) -> StepResult {
        let arrived = progress.map { "\($0.words) had arrived" } ?? "nothing had been sent"
        let rest = "\(arrived), nothing was loaded; the next run goes on from what this machine keeps of it"
        switch end {
        case .interrupted, .cancelled:
            let words = "\(node): the run was interrupted: \(rest)"
            return StepResult(progress == nil ? .notReached(words) : .failed(words))
        case .fenced(let reason): return StepResult(.failed("\(node): \(reason.words): \(rest)"))
        case .late:
            return StepResult(.failed("\(node): \(reference) was not there within \(run.act.deadlineSeconds) s: \(rest)"))
        }
    }
}

extension String {
    /// Whether an engine's words say that it could not have loaded anything (mesos-zk-ops.md 7).
    fileprivate var isOfTheEngineItself: Bool {
        let words = lowercased()
        return ["cannot connect to the docker daemon", "permission denied", "no space left on device"]
            .contains { words.contains($0) }
    }
}
