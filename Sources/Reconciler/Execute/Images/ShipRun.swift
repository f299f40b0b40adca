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
        let sight: ImageRun.Sight
        switch await run.look(at: node) {
        case .failure(let refused): return StepResult(refused.outcome)
        case .success(let seen): sight = seen
        }
        let identity = ImageIdentity(source: source, engine: sight.engine)
        switch run.standing(sight.engine, on: node, { identity.compare($0, record: sight.record) == .same }) {
        case .ended(let outcome): return StepResult(outcome)
        case .inPlace(let held):
            return StepResult(await run.settle(.alreadyInPlace, on: node, source: source.id, local: held.id))
        case .mayAct(let old):
            switch await bring(source, to: sight.engine) {
            case .ended(let result): return result
            case .notLoaded(let words): return StepResult(.failed(words))
            case .loaded(let outcome, let id):
                let settled = await run.settle(outcome, on: node, source: source.id, local: id, replacing: old)
                return StepResult(settled)
            }
        }
    }

    private enum Attempt {
        /// With the id that the image has there.
        case loaded(StepOutcome, String)
        /// It arrived, and the engine did not make this image of it.
        case notLoaded(String)
        case ended(StepResult)
    }

    private func bring(_ source: SourceImage, to engine: ObservedEngine) async -> Attempt {
        let kind = ImageTools.EngineKind(engine)
        // Looked up again: since the plan other steps may have brought layers, or somebody may have removed some.
        let lacking = tools.refusesPartial(kind) ? nil : LackingLayers(source, on: engine).lacking
        let first = await attempt(source, lacking, to: engine, number: 1)
        guard case .notLoaded(let words) = first, lacking != nil else { return first }
        if let end = context.reasonToStop(at: run.deadline, yields: true) { return .ended(stopped(end, nil)) }
        run.progress("takes no archive without the layers that it has (\(words)); sending all of it", on: node)
        tools.setRefusesPartial(kind, true)
        let second = await attempt(source, nil, to: engine, number: 2)
        // Then it was not for what had been left out.
        if case .notLoaded = second { tools.setRefusesPartial(kind, false) }
        return second
    }

    /// Sends the layers with these diff ids; nil for the whole image.
    private func attempt(
        _ source: SourceImage,
        _ layers: [String]?,
        to engine: ObservedEngine,
        number: Int
    ) async -> Attempt {
        let pack: ImagePack
        switch await self.pack(source, layers.map(Set.init)) {
        case .success(let made): pack = made
        case .failure(let stopped): return .ended(stopped.result)
        }
        let staged = await tools.stage(pack, on: node, step: run.step.id, context)
        guard staged.isSuccess else { return .ended(StepResult(staged)) }
        if let result = await DeliveryRun(ship: self, pack: pack).carryOut() { return .ended(result) }
        if let end = context.reasonToStop(at: run.deadline, yields: true) {
            return .ended(stopped(end, TransferProgress(done: pack.bytes, total: pack.bytes)))
        }
        return await load(pack, source, into: engine, number)
    }

    private func load(
        _ pack: ImagePack,
        _ source: SourceImage,
        into engine: ObservedEngine,
        _ number: Int
    ) async -> Attempt {
        let job = "image-\(run.step.id)-\(number)"
        var load = ImageLoad(
            parts: pack.parts.map(\.digest),
            id: source.id,
            reference: reference,
            layers: source.diffIDs
        )
        if let own = source.idKind, let there = engine.idKind { load.hasForeignID = own != there || own == .manifest }
        let words = "\(node) to load \(reference)"
        let outcome = await run.detached(.image(.load(load, job: job)), job, on: node, for: words)
        switch outcome {
        case .failed(let reason): return reason.isOfTheNodeItself ? .ended(StepResult(outcome)) : .notLoaded(reason)
        case .conflict, .notReached, .unknown: return .ended(StepResult(outcome))
        case .applied, .alreadyInPlace: return await verify(outcome, source)
        }
    }

    /// The name is looked up again: what an engine says of its load is not believed (mesos-zk-ops.md 7).
    private func verify(_ outcome: StepOutcome, _ source: SourceImage) async -> Attempt {
        switch await run.look(at: node) {
        case .failure(let refused):
            let words = refused.outcome.words ?? "\(node) did not answer"
            return .ended(StepResult(.unknown("\(reference) was loaded, and could not be looked at: \(words)")))
        case .success(let sight):
            guard let held = sight.engine.image(reference) else {
                return .notLoaded("\(node): it was loaded, and \(reference) is not there")
            }
            guard ImageIdentity(source: source, engine: sight.engine).compare(held, record: nil) != .different else {
                return .notLoaded("\(node): it was loaded, and \(reference) is image \(shortID(held.id)), another one")
            }
            return .loaded(outcome, held.id)
        }
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
    /// `progress` is that of its delivery, nil where that had not begun.
    func stopped(_ end: WatchEnd, _ progress: TransferProgress?) -> StepResult {
        let arrived = progress.map { "\($0.words) had arrived" } ?? "nothing had been sent"
        let rest = "\(arrived), nothing was loaded; the next run goes on from what this machine keeps of it"
        switch end {
        case .interrupted, .cancelled:
            let words = "\(node): the run was interrupted: \(rest)"
            return StepResult(progress == nil ? .notReached(words) : .failed(words))
        case .fenced(let reason): return StepResult(.failed("\(node): \(reason.words): \(rest)"))
        case .late:
            let words = "\(node): \(reference) was not there within \(run.act.deadlineSeconds) s: \(rest)"
            return StepResult(.failed(words))
        }
    }
}

extension StepOutcome {
    fileprivate var words: String? {
        switch self {
        case .applied, .alreadyInPlace: nil
        case .failed(let words), .conflict(let words), .notReached(let words), .unknown(let words): words
        }
    }
}

extension String {
    /// Whether the node's words say that nothing could have been loaded, whatever was sent.
    fileprivate var isOfTheNodeItself: Bool {
        let words = lowercased()
        let reasons = [
            "cannot connect to the docker daemon", "permission denied", "disk full", "no space left on device",
            "not staged here", "no staged parts", "held its lock", "within an hour", "stopped by a signal",
        ]
        return reasons.contains { words.contains($0) }
    }
}
