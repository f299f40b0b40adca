internal import Specs

/// What a plan has for one image on one node, before any thought of order.
enum ImageJudgement {
    case there
    case act(ImageAct.Operation, replaced: HeldImage?, sent: LackingLayers?, summary: String)
    case blocked(Problem)
    /// It has one of that name, and what the origin has is not known: nothing is moved.
    case kept(HeldImage)
}

/// One declared image against what single nodes hold.
struct ImageComparer {
    let image: DesiredImage
    let look: SourceLook
    /// Whether a step of this plan builds it.
    let builds: Bool

    func judge(_ ground: ImageGround, freeBytes: Int?, record: ImageRecord?) -> ImageJudgement {
        switch ground {
        case .silent(let reason): return .blocked(Problem(because: reason, isByUnknown: true))
        case .none(let problem): return .blocked(problem)
        case .coming: return bring(to: nil, freeBytes: nil, held: nil)
        case .engine(let engine):
            guard let held = engine.image(image.reference) else { return lacking(on: engine, freeBytes) }
            return judge(held, on: engine, freeBytes, record)
        }
    }

    private func judge(
        _ held: HeldImage,
        on engine: ObservedEngine,
        _ freeBytes: Int?,
        _ record: ImageRecord?
    ) -> ImageJudgement {
        // A digest names one thing only.
        guard ImageName(image.reference).digest == nil else { return .there }
        switch look.image {
        case .found(let source):
            switch ImageIdentity(source: source, engine: engine).compare(held, record: record) {
            case .same: return .there
            case .different: return replace(held, on: engine, freeBytes)
            case .incomparable(let words):
                return .blocked(
                    Problem(
                        because: words,
                        isByUnknown: true,
                        remedy:
                            "remove it there by hand (docker rmi \(image.reference)): then it is brought, and known from then on"
                    )
                )
            }
        case .absent where builds: return bring(to: engine, freeBytes: freeBytes, held: held)
        case .absent, .unknown: return .kept(held)
        }
    }

    /// Under another name it is there already.
    private func lacking(on engine: ObservedEngine, _ freeBytes: Int?) -> ImageJudgement {
        rename(on: engine, held: nil) ?? bring(to: engine, freeBytes: freeBytes, held: nil)
    }

    private func replace(_ held: HeldImage, on engine: ObservedEngine, _ freeBytes: Int?) -> ImageJudgement {
        rename(on: engine, held: held) ?? bring(to: engine, freeBytes: freeBytes, held: held)
    }

    private func rename(on engine: ObservedEngine, held: HeldImage?) -> ImageJudgement? {
        // No engine lets a digest be given as a name.
        guard case .found(let source) = look.image, ImageName(image.reference).digest == nil,
            let synonym = ImageIdentity(source: source, engine: engine).synonym(of: image.reference)
        else { return nil }
        let summary = [held.map { "\(shortID($0.id)) → \(shortID(synonym.id))" }, "renamed only"]
        return .act(
            .tag(id: synonym.id),
            replaced: held,
            sent: nil,
            summary: summary.compactMap(\.self).joined(separator: ", ")
        )
    }

    private func bring(to engine: ObservedEngine?, freeBytes: Int?, held: HeldImage?) -> ImageJudgement {
        switch look.image {
        // A digest says what to pull: the node itself asks the registry.
        case .unknown where image.origin == .registry && ImageName(image.reference).digest != nil:
            if let problem = wrongArchitecture(nil, on: engine) { return .blocked(problem) }
            return .act(
                .pull(digest: image.reference, id: nil),
                replaced: held,
                sent: nil,
                summary: "new, pulled from \(ImageName(image.reference).registry ?? "its registry")"
            )
        case .unknown(let reason):
            return .blocked(
                Problem(because: image.origin.isFile ? reason : unseen(reason), isByUnknown: !image.origin.isFile)
            )
        case .absent where !builds:
            return .blocked(
                Problem(
                    because: image.origin.absence(of: image.reference),
                    isByUnknown: false,
                    remedy: "bring it there, or correct where `images` says that it comes from"
                )
            )
        case .absent:
            if let problem = wrongArchitecture(nil, on: engine) { return .blocked(problem) }
            return .act(
                .ship(ImageAct.Shipment(image: nil)),
                replaced: held,
                sent: nil,
                summary: [held.map { "\(shortID($0.id)) →" } ?? "new,", "as it is built then"].joined(separator: " ")
            )
        case .found(let source):
            if let problem = wrongArchitecture(source.architecture, on: engine) { return .blocked(problem) }
            if let problem = anotherEra(source, on: engine) { return .blocked(problem) }
            let sent = engine.map { LackingLayers(source, on: $0) } ?? LackingLayers(whole: source)
            if let problem = shortage(source, sent, on: engine, freeBytes) { return .blocked(problem) }
            return .act(
                operation(source, sent),
                replaced: held,
                sent: sent,
                summary: summary(of: source, sent, replacing: held)
            )
        }
    }

    private func unseen(_ reason: String) -> String { "what \(image.origin.place) has could not be seen: \(reason)" }

    private func operation(_ source: SourceImage, _ sent: LackingLayers) -> ImageAct.Operation {
        switch image.origin {
        case .registry:
            let name = ImageName(image.reference)
            let digest = source.digest ?? name.digest
            return .pull(
                digest: digest.map { "\(name.repository)@\($0)" } ?? image.reference,
                id: source.idKind == .configuration ? source.id : nil
            )
        case .engine, .tar, .build:
            return .ship(ImageAct.Shipment(image: source, lacking: sent.lacking, bytes: sent.bytes))
        }
    }

    /// `3f1c2aa → 9b2d001, 2 of 5 layers, 14 MB`, `new, 5 layers, 188 MB`.
    private func summary(of source: SourceImage, _ sent: LackingLayers, replacing held: HeldImage?) -> String {
        let all = source.layers.count
        let layers = all == 1 ? "1 layer" : "\(all) layers"
        return [
            held.map { "\(shortID($0.id)) → \(shortID(source.id))" } ?? "new",
            all == 0 ? nil : sent.lacking.map { "\($0.count) of \(layers)" } ?? layers,
            sent.bytes.map(bytesInWords),
            image.origin == .registry ? "pulled from \(ImageName(image.reference).registry ?? "its registry")" : nil,
        ].compactMap(\.self).joined(separator: ", ")
    }

    // MARK: What is not done

    /// Between engines before and after 1.10 nothing tells whether what arrived is what was sent (mesos-zk-ops.md 7).
    private func anotherEra(_ source: SourceImage, on engine: ObservedEngine?) -> Problem? {
        guard image.origin != .registry, let own = source.idKind, let there = engine?.idKind, own != there,
            own == .drawn || there == .drawn
        else { return nil }
        return Problem(
            because:
                "\(image.origin.place) and this node's engine are of before and after Docker 1.10, which give images ids of "
                + "different kinds: what arrives could not be checked",
            isByUnknown: false,
            remedy: "take it from an engine of the nodes' era"
        )
    }

    private func wrongArchitecture(_ own: String?, on engine: ObservedEngine?) -> Problem? {
        if let own, let declared = image.architecture, own != declared {
            return Problem(
                because: "\(image.origin.place) has it for \(own), and `arch` says \(declared)",
                isByUnknown: false,
                remedy: "build it for \(declared), or correct `arch`"
            )
        }
        guard let wanted = own ?? image.architecture, let has = engine?.architecture, wanted != has else { return nil }
        return Problem(
            because: "the image is for \(wanted) and this node's engine runs \(has)",
            isByUnknown: false,
            remedy: "build it for \(has) under a name of its own, or take the node out of the image's `to`"
        )
    }

    /// The engine unpacks beside what it reads (mesos-zk-ops.md 7); how well the parts compress is known only once they are
    /// made, so staging looks again.
    private func shortage(
        _ source: SourceImage,
        _ sent: LackingLayers,
        on engine: ObservedEngine?,
        _ freeBytes: Int?
    ) -> Problem? {
        guard let bytes = sent.bytes, let freeBytes, freeBytes < 2 * bytes else { return nil }
        let place = engine?.rootDirectory.map { " in \($0)" } ?? " where Docker keeps its data"
        return Problem(
            because:
                "\(bytesInWords(bytes)) unpacked want twice as much free\(place) beside the parts that are sent, and "
                + "\(bytesInWords(max(0, freeBytes))) are left",
            isByUnknown: false,
            remedy: "make room there (docker system df says what Docker could let go of)"
        )
    }
}

extension ImageOrigin {
    /// A file beside cluster.yaml that cannot be read is at fault, not unknown.
    fileprivate var isFile: Bool { if case .tar = self { true } else { false } }

    /// Who has it, in words.
    var place: String {
        switch self {
        case .engine(let host), .build(_, let host): host.description
        case .tar(let path): path
        case .registry: "its registry"
        }
    }

    func absence(of reference: String) -> String {
        switch self {
        case .engine(let host): "\(host) has no image \(reference)"
        case .build(let directory, let host):
            "\(host) has not built it, and the build context \(directory) could not be read"
        case .tar(let path): "\(path) holds no image \(reference)"
        case .registry: "its registry has no image \(reference)"
        }
    }
}
