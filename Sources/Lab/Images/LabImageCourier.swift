internal import Daemons
public import Reconciler
public import Specs

/// Images in the lab: engines and tars outside the cluster, and the way from there to its nodes.
///
/// Whatever is declared to come from `this machine`, from a host that is no node, or from a tar, is there: made when it is
/// first looked at, of the same content for the same name. What travels takes simulated time, 100 MB a second for
/// everything that one machine sends.
public struct LabImageCourier: ImageCourier {
    let lab: Lab
    /// Of cluster.yaml; nil: build contexts are known by their names.
    let directory: String?
    private let links = LabLinks()

    init(lab: Lab, directory: String?) {
        self.lab = lab
        self.directory = directory
    }

    public func look(for images: [DesiredImage]) async -> [String: SourceLook] {
        var looks: [String: SourceLook] = [:]
        let pause = await answered { () async throws(CourierError) in try await sleep(180) }
        for desired in images {
            let context = context(of: desired)
            let image: Observation<SourceImage>
            do throws(CourierError) {
                if let pause { throw pause }
                image = try found(desired, context).map(Observation.found) ?? .absent
            } catch {
                image = .unknown(error.message)
            }
            looks[desired.reference] = SourceLook(image: image, context: context)
        }
        return looks
    }

    public func build(
        _ image: DesiredImage,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(CourierError) -> SourceImage {
        guard case .build = image.origin, let context = context(of: image) else {
            throw CourierError(.other, "\(image.reference): nothing says how to build it")
        }
        let steps = ["FROM base", "COPY . /", "LABEL \(ImageLabel.context)=\(context)"]
        for (index, step) in steps.enumerated() {
            try await sleep(4000)
            progress("Step \(index + 1)/\(steps.count) : \(step)")
        }
        let labels = [ImageLabel.context: context]
        return try atOrigin(of: image) { engine in
            engine.add(declared: image.reference, labels: labels)
            return SourceImage(image.reference, in: engine, isTar: false)
        }.found(image.reference)
    }

    public func pack(
        _ image: SourceImage,
        of desired: DesiredImage,
        layers: Set<String>?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> ImagePack {
        try await sleep(200)
        func packed(_ world: inout LabWorld) throws(Obstacle) -> LabWorld.Packing {
            let engine = try world.atOrigin(desired) { $0 }
            return try world.pack(image.id, as: desired.reference, of: engine, layers: layers)
        }
        // Not kept before it is read.
        let total = try read { (world) throws(Obstacle) in
            var copy = world
            return try packed(&copy).bytesToRead
        }
        var done = 0
        while done < total {
            let more = min(LabLinks.bytesASecond / 4, total - done)
            try await sleep(LabLinks.milliseconds(more, at: LabLinks.bytesASecond))
            done += more
            progress(TransferProgress(done: done, total: total))
        }
        return try change { (world) throws(Obstacle) in try packed(&world).pack }
    }

    public func deliver(
        _ pack: ImagePack,
        to node: NodeTarget,
        from feeder: NodeTarget?,
        bandwidth: Int?,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(CourierError) -> Delivery {
        try await sleep(60)
        let (to, from, total) = (node.name, feeder?.name, pack.bytes)
        let present = try read { (world) throws(Obstacle) in world.arrived(pack, on: to) }
        let sender = from?.text ?? ""
        links.begin(sender)
        defer { links.end(sender) }
        progress(TransferProgress(done: present, total: total))
        var done = present
        while true {
            let rate = links.rate(of: sender, atMost: from == nil ? bandwidth : nil)
            let portion = min(max(rate / 4, 1), total - done)
            try await sleep(LabLinks.milliseconds(portion, at: rate), sent: done - present)
            let (arrived, obstacle) = try bring(portion, of: pack, to: to, from: from)
            done = arrived
            if let obstacle {
                throw CourierError(obstacle, sent: done - present)
            }
            progress(TransferProgress(done: done, total: total))
            guard done < total else { break }
        }
        return Delivery(sent: done - present, present: present)
    }

    public func close() async {}

    // MARK: The world

    private func bring(
        _ bytes: Int,
        of pack: ImagePack,
        to node: NodeName,
        from feeder: NodeName?
    ) throws(CourierError) -> (arrived: Int, Obstacle?) {
        try change { (world) throws(Obstacle) in
            var obstacle: Obstacle?
            do throws(Obstacle) { _ = try world.bring(bytes, of: pack, to: node, from: feeder) } catch {
                obstacle = error
            }
            return (world.arrived(pack, on: node), obstacle)
        }
    }

    private func found(_ desired: DesiredImage, _ context: String?) throws(CourierError) -> SourceImage? {
        var isTar = false
        if case .tar = desired.origin { isTar = true }
        return try atOrigin(of: desired) { [isTar] engine in
            if let context, engine.label(ImageLabel.context, of: desired.reference) != context { return nil }
            return SourceImage(desired.reference, in: engine, isTar: isTar)
        }
    }

    private func atOrigin<Result: Sendable>(
        of desired: DesiredImage,
        _ body: (inout DockerEngine) -> Result
    ) throws(CourierError) -> Result {
        try change { (world) throws(Obstacle) in try world.atOrigin(desired, body) }
    }

    private func read<Result: Sendable>(
        _ body: (LabWorld) throws(Obstacle) -> Result
    ) throws(CourierError) -> Result {
        func tried(_ world: LabWorld) -> Swift.Result<Result, Obstacle> {
            do throws(Obstacle) { return .success(try body(world)) } catch { return .failure(error) }
        }
        let result: Swift.Result<Result, Obstacle>
        do throws(LabError) { result = try lab.read { tried($0) } } catch {
            throw CourierError(.other, error.description)
        }
        do throws(Obstacle) { return try result.get() } catch { throw CourierError(error) }
    }

    private func change<Result: Sendable>(
        _ body: (inout LabWorld) throws(Obstacle) -> Result
    ) throws(CourierError) -> Result {
        func tried(_ world: inout LabWorld) -> Swift.Result<Result, Obstacle> {
            do throws(Obstacle) { return .success(try body(&world)) } catch { return .failure(error) }
        }
        let result: Swift.Result<Result, Obstacle>
        do throws(LabError) { result = try lab.change { tried(&$0) } } catch {
            throw CourierError(.other, error.description)
        }
        do throws(Obstacle) { return try result.get() } catch { throw CourierError(error) }
    }

    // MARK: Time

    private func sleep(_ milliseconds: Int, sent: Int = 0) async throws(CourierError) {
        do { try await lab.clock.sleep(for: .milliseconds(milliseconds)) } catch let error as LabError {
            throw CourierError(.other, error.description, sent: sent)
        } catch {
            throw CourierError(.cancelled, "the transfer was called off", sent: sent)
        }
    }

    private func answered(_ body: () async throws(CourierError) -> Void) async -> CourierError? {
        do throws(CourierError) { try await body() } catch { return error }
        return nil
    }
}

extension Lab {
    /// The way of images to its nodes.
    ///
    /// - Parameter directory: Of cluster.yaml, where build contexts are read; nil: they are known by their names.
    /// - Returns: One whose transfers share what this machine sends.
    public func courier(beside directory: String? = nil) -> LabImageCourier {
        LabImageCourier(lab: self, directory: directory)
    }
}

extension LabWorld {
    /// Looks at or changes what a declared image comes from.
    fileprivate mutating func atOrigin<Result>(
        _ desired: DesiredImage,
        _ body: (inout DockerEngine) -> Result
    ) throws(Obstacle) -> Result {
        switch desired.origin {
        case .engine(let host): return try atOrigin(host, holding: [desired.reference], body)
        case .tar(let path): return atOrigin(named: "tar \(path)", holding: [desired.reference], body)
        case .build(_, let host): return try atOrigin(host, holding: [], body)
        case .registry:
            throw Obstacle(.unreachable, "\(desired.reference): the lab has no registry, and no way out to one")
        }
    }
}

extension CourierError {
    fileprivate init(_ obstacle: Obstacle, sent: Int = 0) {
        let kind: Kind =
            switch obstacle.kind {
            case .unreachable: .unreachable
            case .feeder: .feeder
            case .absent: .absent
            case .moved: .moved
            case .engineDown: .engineDown
            case .diskFull: .diskFull
            case .damaged: .damaged
            case .notStaged: .other
            }
        self.init(kind, obstacle.words, sent: sent)
    }
}

extension SourceImage? {
    fileprivate func found(_ reference: String) throws(CourierError) -> SourceImage {
        guard let self else { throw CourierError(.buildFailed, "\(reference): it is not there after it was built") }
        return self
    }
}

extension SourceImage {
    /// nil where there is none of that name.
    fileprivate init?(_ reference: String, in engine: DockerEngine, isTar: Bool) {
        guard let id = engine.imageID(reference), let image = engine.images[id] else { return nil }
        let tellsLayers = id.hasPrefix("sha256:")
        self.init(
            id: id,
            layers: tellsLayers ? image.layers.map { Layer(diffID: $0.diffID, bytes: $0.bytes) } : [],
            bytes: image.bytes,
            architecture: image.architecture,
            engineVersion: isTar ? nil : engine.version.text,
            usesContainerdStore: engine.usesContainerdStore
        )
    }
}

extension DockerEngine {
    fileprivate func label(_ name: String, of reference: String) -> String? {
        imageID(reference).flatMap { images[$0]?.labels?[name] }
    }
}
