import Specs
import Synchronization

@testable import Reconciler

/// Brings parts into the nodes of an `ExecuteWorld`, a chunk at a time, and fails where it is told to.
final class SimulatedCourier: ImageCourier {
    /// One call, as faults and witnesses see it.
    struct Call: Sendable {
        enum Kind: Sendable, Equatable {
            case look, build, pack
            /// Before each part.
            case part(Int)
        }

        var kind: Kind
        var reference: String
        var node: NodeName?
        var feeder: NodeName?
        /// Of all calls.
        var number: Int
    }

    struct State: Sendable {
        var origin: [String: SourceImage] = [:]
        /// Of what is built: the digest of its context, and the image that a build makes.
        var contexts: [String: String] = [:]
        var builds: [String: SourceImage] = [:]
        var calls: [Call] = []
        /// Bytes that the origin's side has sent, by image.
        var sent: [String: Int] = [:]
        var wholeSends: [String: Int] = [:]
        var feeding: Set<NodeName> = []
        var open = 0
        var mostOpen = 0
        var packing: Set<String> = []
        var layersRead: [String: Int] = [:]
        var closes = 0
        var violations: [String] = []
    }

    let state: Mutex<State>
    private let world: ExecuteWorld
    private let bytesPerSecond: Int
    private let fault: @Sendable (Call) -> CourierError?

    init(
        _ world: ExecuteWorld,
        origin: [String: SourceImage] = [:],
        bytesPerSecond: Int = 10_000_000,
        fault: @escaping @Sendable (Call) -> CourierError? = { _ in nil }
    ) {
        self.world = world
        self.bytesPerSecond = bytesPerSecond
        self.fault = fault
        state = Mutex(State(origin: origin))
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    var seen: State { state.withLock { $0 } }

    private func call(
        _ kind: Call.Kind,
        _ reference: String,
        _ node: NodeName? = nil,
        _ feeder: NodeName? = nil
    ) throws(CourierError) {
        let call = state.withLock { state in
            let call = Call(kind: kind, reference: reference, node: node, feeder: feeder, number: state.calls.count)
            state.calls.append(call)
            return call
        }
        if let error = fault(call) { throw error }
    }

    // MARK: ImageCourier

    func look(for images: [DesiredImage]) async -> [String: SourceLook] {
        var looks: [String: SourceLook] = [:]
        for image in images {
            let state = seen
            let context = state.contexts[image.reference]
            do throws(CourierError) {
                try call(.look, image.reference)
                let found = state.origin[image.reference].map(Observation.found) ?? .absent
                looks[image.reference] = SourceLook(image: found, context: context)
            } catch {
                looks[image.reference] = SourceLook(image: .unknown(error.message), context: context)
            }
        }
        return looks
    }

    func build(
        _ image: DesiredImage,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CourierError) -> SourceImage {
        try call(.build, image.reference)
        progress("Step 1/1 : FROM scratch")
        try await pause(.seconds(30))
        guard let built = seen.builds[image.reference] else { throw CourierError(.buildFailed, "no such instruction") }
        change { $0.origin[image.reference] = built }
        return built
    }

    func pack(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack {
        change { state in
            if !state.packing.insert(desired.reference).inserted {
                state.violations.append("\(desired.reference) is packed twice at once")
            }
        }
        defer { change { $0.packing.remove(desired.reference) } }
        try call(.pack, desired.reference)
        try await pause(.seconds(1))
        guard seen.origin[desired.reference]?.id == image.id else {
            throw CourierError(.moved, "\(desired.reference) is another image by now")
        }
        let wanted = image.layers.filter { layers?.contains($0.diffID) ?? true }
        let isPartial = wanted.count < image.layers.count
        let name = "m-\(image.id)-\(wanted.map(\.diffID).joined(separator: "+"))"
        let parts = wanted.map { layer in
            ImagePack.Part(
                digest: SimulatedEngine.part(of: layer.diffID),
                bytes: (layer.bytes ?? 0) / 2,
                diffID: layer.diffID
            )
        }
        return ImagePack(
            id: image.id,
            reference: desired.reference,
            parts: parts + [ImagePack.Part(digest: name, bytes: 1000)],
            isPartial: isPartial,
            unpackedBytes: wanted.reduce(0) { $0 + ($1.bytes ?? 0) }
        )
    }

    func deliver(
        _ pack: ImagePack,
        to node: NodeTarget,
        from feeder: NodeTarget?,
        bandwidth: Int?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> Delivery {
        enter(feeder?.name)
        defer { leave(feeder?.name) }
        let total = pack.bytes
        var delivery = Delivery(sent: 0, present: 0)
        for (index, part) in pack.parts.enumerated() {
            do throws(CourierError) { try call(.part(index), pack.reference, node.name, feeder?.name) } catch {
                throw CourierError(error.kind, error.message, sent: delivery.sent)
            }
            guard world[node.name].isUp else {
                throw CourierError(.unreachable, "\(node.name) does not answer", sent: delivery.sent)
            }
            guard world[node.name].parts != nil else {
                throw CourierError(.other, "\(node.name) has no directory of parts", sent: delivery.sent)
            }
            if world[node.name].parts?.contains(part.digest) == true {
                delivery.present += part.bytes
            } else {
                if let feeder, world[feeder.name].parts?.contains(part.digest) != true {
                    throw CourierError(.feeder, "\(feeder.name) has no \(part.digest)", sent: delivery.sent)
                }
                for quarter in 1...4 {
                    try await pause(.microseconds(part.bytes * 250_000 / bytesPerSecond))
                    let before = delivery.sent + delivery.present
                    progress(TransferProgress(done: before + part.bytes * quarter / 4, total: total))
                }
                world.change { $0.nodes[node.name]?.parts?.insert(part.digest) }
                delivery.sent += part.bytes
                if feeder == nil { change { $0.sent[pack.reference, default: 0] += part.bytes } }
            }
            progress(TransferProgress(done: delivery.sent + delivery.present, total: total))
        }
        if feeder == nil, delivery.sent > 0 { change { $0.wholeSends[pack.reference, default: 0] += 1 } }
        return delivery
    }

    func close() async { change { $0.closes += 1 } }

    private func enter(_ feeder: NodeName?) {
        change { state in
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
            if let feeder, !state.feeding.insert(feeder).inserted {
                state.violations.append("\(feeder) feeds two at once")
            }
        }
    }

    private func leave(_ feeder: NodeName?) {
        change { state in
            state.open -= 1
            if let feeder { state.feeding.remove(feeder) }
        }
    }

    private func pause(_ duration: Duration) async throws(CourierError) {
        do { try await world.time.sleep(until: world.time.now + duration) } catch {
            throw CourierError(.cancelled, "stopped")
        }
    }
}
