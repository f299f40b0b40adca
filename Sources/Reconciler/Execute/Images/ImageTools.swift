internal import Specs
internal import Synchronization

/// What the steps on images of one run share.
final class ImageTools: Sendable {
    let courier: any ImageCourier
    let fanOut = FanOut()
    /// Held while a node's parts are staged or cleared, never while they travel.
    let stagingDoors = Doors<NodeName>()
    /// For records that the plan could not make.
    let revision: String
    private let declared: [String: DesiredImage]
    /// One image is packed once at a time: what it was packed for first need not be read again.
    private let packingDoors = Doors<String>()
    private let state: Mutex<State>

    /// A kind of engine, as far as loading is concerned.
    struct EngineKind: Hashable, Sendable {
        var version: String
        var usesContainerdStore: Bool

        init(_ engine: ObservedEngine) {
            (version, usesContainerdStore) = (engine.version, engine.usesContainerdStore)
        }
    }

    private struct PackKey: Hashable, Sendable {
        var reference: String
        var id: String
        var layers: Set<String>?
    }

    private struct State {
        var sources: [String: SourceImage] = [:]
        var packs: [PackKey: ImagePack] = [:]
        var refusingPartial: Set<EngineKind> = []
        var staging: Staging
    }

    /// - Parameters:
    ///   - courier: The way of the bytes.
    ///   - images: As declared; one that is not among them is known by its act alone.
    ///   - plan: The one that is carried out.
    init(courier: any ImageCourier, images: [DesiredImage], plan: Plan) {
        self.courier = courier
        revision = plan.source.revision ?? "-"
        declared = Dictionary(images.map { ($0.reference, $0) }) { first, _ in first }
        state = Mutex(State(staging: Staging(plan.steps)))
    }

    func desired(_ act: ImageAct) -> DesiredImage {
        if let image = declared[act.reference] { return image }
        return DesiredImage(
            reference: act.reference,
            origin: act.origin,
            nodes: [act.node].compactMap(\.self),
            position: SourcePosition(file: "cluster.yaml", line: 1, column: 1)
        )
    }

    // MARK: What was built

    func remember(_ image: SourceImage, as reference: String) { state.withLock { $0.sources[reference] = image } }

    func source(of reference: String) -> SourceImage? { state.withLock { $0.sources[reference] } }

    // MARK: Engines that want the whole archive

    func refusesPartial(_ kind: EngineKind) -> Bool { state.withLock { $0.refusingPartial.contains(kind) } }

    func setRefusesPartial(_ kind: EngineKind, _ refuses: Bool) {
        state.withLock { state in
            if refuses { state.refusingPartial.insert(kind) } else { state.refusingPartial.remove(kind) }
        }
    }

    // MARK: Packs

    func pack(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async -> Result<ImagePack, CourierError> {
        let key = PackKey(reference: desired.reference, id: image.id, layers: layers)
        await packingDoors.enter(desired.reference)
        if let pack = state.withLock({ $0.packs[key] }) {
            await packingDoors.leave(desired.reference)
            return .success(pack)
        }
        let result = await packed(image, desired, layers, progress)
        if case .success(let pack) = result { state.withLock { $0.packs[key] = pack } }
        await packingDoors.leave(desired.reference)
        return result
    }

    private func packed(
        _ image: SourceImage,
        _ desired: DesiredImage,
        _ layers: Set<String>?,
        _ progress: @escaping @Sendable (TransferProgress) -> Void
    ) async -> Result<ImagePack, CourierError> {
        if Task.isCancelled { return .failure(CourierError(.cancelled, "stopped before it was read")) }
        do throws(CourierError) {
            return .success(try await courier.pack(image, of: desired, layers: layers, progress: progress))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Staged parts

    var stagedNodes: [NodeName] { state.withLock { $0.staging.nodes } }
    var unneededNodes: [NodeName] { state.withLock { $0.staging.unneeded } }

    func stage(_ reference: String, on node: NodeName) {
        state.withLock { $0.staging.stage(reference, on: node) }
    }

    /// The step is over, whether it was begun or not.
    func end(_ step: Int) { state.withLock { $0.staging.end(step) } }

    func cleared(_ node: NodeName) async {
        state.withLock { $0.staging.clear(node) }
        await fanOut.forget(node)
    }
}

/// `Feeding` for steps that run at once.
actor FanOut {
    private var feeding = Feeding()

    func choose(_ want: Feeding.Want, now: Duration) -> Feeding.Choice { feeding.choose(want, now: now) }

    func end(_ node: NodeName, _ end: Feeding.End, now: Duration) { feeding.end(node, end, now: now) }

    func forget(_ node: NodeName) { feeding.forget(node) }
}
