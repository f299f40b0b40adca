internal import Specs

extension Planning {
    /// Images come after the engines that take them and before the apps that run them.
    mutating func planImages() {
        guard let images = desired.images else { return }
        // What is left on each node after the images before.
        var free: [NodeName: Int] = [:]
        for image in images.images { plan(image, images, &free) }
        noteLeftParts()
        removeSuperseded(images)
    }

    private mutating func plan(_ image: DesiredImage, _ images: DesiredImages, _ free: inout [NodeName: Int]) {
        let look = observed.images[image.reference] ?? SourceLook(image: .unknown("nobody looked"))
        let grounds = image.nodes.map { (node: $0, ground: imageGround($0)) }
        let comparer = ImageComparer(image: image, look: look, builds: isBuilt(image, look, grounds.map(\.ground)))
        var judged: [(node: NodeName, judgement: ImageJudgement)] = []
        for (node, ground) in grounds {
            if case .silent(let reason) = ground {
                imageStates[image.reference, default: [:]][node] = .unseen(reason)
                continue
            }
            var left = free[node]
            if case .engine(let engine) = ground { left = left ?? engine.freeBytes }
            let judgement = comparer.judge(ground, freeBytes: left, record: imageRecord(image.reference, on: node))
            if case .act(_, _, let sent?, _) = judgement, let left, let bytes = sent.bytes { free[node] = left - bytes }
            judged.append((node, judgement))
        }
        let isMoved = judged.contains { if case .act = $0.judgement { true } else { false } }
        if comparer.builds, isMoved { build(image, look, images.transfer) }
        for (node, judgement) in judged { add(judgement, of: image, on: node, images, look) }
        noteKept(image, look, judged)
        noteDivergence(of: image, grounds)
    }

    /// What nobody has built from this context is built; what every node has from it already is not.
    private func isBuilt(_ image: DesiredImage, _ look: SourceLook, _ grounds: [ImageGround]) -> Bool {
        guard case .build = image.origin, case .absent = look.image, let context = look.context else { return false }
        var ids: Set<String> = []
        for ground in grounds {
            switch ground {
            case .silent, .none: continue
            case .coming: return true
            case .engine(let engine):
                guard let held = engine.image(image.reference), held.context == context else { return true }
                ids.insert(held.id)
            }
        }
        return ids.count > 1
    }

    func imageRecord(_ reference: String, on node: NodeName) -> ImageRecord? {
        difference(node)?.appliedDigest(of: ImageRecord.resource(reference)).flatMap(ImageRecord.init(digest:))
    }

    // MARK: Steps

    private mutating func build(_ image: DesiredImage, _ look: SourceLook, _ transfer: DesiredTransfer) {
        guard case .build(let directory, let host) = image.origin, let context = look.context else { return }
        draft.add(
            StepKey.build(image.reference),
            needs: host.engineKeys,
            Step(
                id: 0,
                title: "build \(image.reference) on \(host)",
                act: .image(
                    ImageAct(
                        reference: image.reference,
                        origin: image.origin,
                        node: nil,
                        operation: .build(context: context),
                        transfer: transfer
                    )
                ),
                reasons: [Reason("\(directory) has changed, or was not built on \(host) yet", at: image.position)]
            )
        )
    }

    private mutating func add(
        _ judgement: ImageJudgement,
        of image: DesiredImage,
        on node: NodeName,
        _ images: DesiredImages,
        _ look: SourceLook
    ) {
        let state: ImageState
        switch judgement {
        case .there, .kept: state = .there
        case .blocked(let problem):
            let blocked = Blocked(
                node: node,
                title: "image \(image.reference)",
                because: problem.because,
                isByUnknown: problem.isByUnknown,
                remedy: problem.remedy,
                position: image.position
            )
            draft.blocked.append(blocked)
            state = .blocked(blocked)
        case .act(let operation, let held, let sent, let summary):
            let key = StepKey.image(image.reference, node)
            let wasSeen = if case .engine = imageGround(node) { true } else { false }
            let act = ImageAct(
                reference: image.reference,
                origin: image.origin,
                node: node,
                operation: operation,
                replaced: held?.id,
                wasSeen: wasSeen,
                prunes: images.prunes,
                transfer: images.transfer,
                deadlineSeconds: images.transfer.seconds(for: sent?.bytes)
            )
            draft.add(
                key,
                needs: [StepKey.install(node), StepKey.engine(node), StepKey.build(image.reference)]
                    + image.origin.engineKeys,
                Step(
                    id: 0,
                    title: act.title,
                    act: .image(act),
                    changes: [change(of: image, on: node, held, look.image.value, summary)],
                    reasons: [Reason("it comes from \(image.origin.place)", at: image.position)],
                    undo: held.map { "docker tag \($0.id) \(image.reference), as long as it is still there" }
                        ?? "docker rmi \(image.reference)"
                )
            )
            state = .coming(key: key)
        }
        imageStates[image.reference, default: [:]][node] = state
    }

    /// The id that it gets on the node is put into the entry once it is known.
    private func change(
        of image: DesiredImage,
        on node: NodeName,
        _ held: HeldImage?,
        _ source: SourceImage?,
        _ summary: String
    ) -> Change {
        let resource = ImageRecord.resource(image.reference)
        let causes = Causes(applied: difference(node)?.observed.applied.value, revision: revision)
        let last = imageRecord(image.reference, on: node)
        return Change(
            node: node,
            resource: resource,
            kind: held == nil ? .create : .update,
            cause: causes.cause(
                of: resource,
                wanted: ImageRecord(source: source?.id ?? "built", local: held?.id ?? "absent").digest,
                observed: held.map { ImageRecord(source: last?.source ?? "", local: $0.id).digest }
            ),
            summary: summary,
            applied: source.map { causes.entry(resource, digest: ImageRecord(source: $0.id, local: $0.id).digest) }
        )
    }

    /// What newer images have replaced and nothing needs any more; where something does, it waits for another day.
    private mutating func removeSuperseded(_ images: DesiredImages) {
        guard images.prunes else { return }
        for member in differences {
            guard case .found(let engine) = member.observed.engine, let records = member.observed.applied.value else {
                continue
            }
            let wanted = draft.imagesNamed(on: member.name)
            for (resource, entry) in records.sorted(by: { $0.key < $1.key }) {
                guard let id = ImageRecord.supersededID(resource), entry.digest != "absent",
                    let held = engine.images.first(where: { $0.id == id }), held.isUnused(on: engine),
                    !wanted.contains(id), !images.images.contains(where: { held.digests.contains($0.reference) })
                else { continue }
                let image = images.images.first { sha256($0.reference) == entry.digest }
                removal(of: held, once: image, from: member.name, images.transfer)
            }
        }
    }

    private mutating func removal(
        of held: HeldImage,
        once image: DesiredImage?,
        from node: NodeName,
        _ transfer: DesiredTransfer
    ) {
        let act = ImageAct(
            // It has no name any more; that of what replaced it is known as long as it is declared.
            reference: image?.reference ?? held.id,
            origin: image?.origin ?? .engine(.thisMachine),
            node: node,
            operation: .remove(id: held.id),
            transfer: transfer
        )
        draft.add(
            StepKey.removal(held.id, node),
            needs: [StepKey.engine(node)],
            Step(
                id: 0,
                title: act.title,
                act: .image(act),
                changes: [
                    Change(
                        node: node,
                        resource: "image:\(held.id)",
                        kind: .remove,
                        cause: .git,
                        summary: (image.map { "replaced as \($0.reference)" } ?? "replaced by a newer image")
                            + ", nothing uses it, \(bytesInWords(held.bytes))"
                    )
                ],
                reasons: [Reason("policy.prune.images")]
            )
        )
    }
}

extension HeldImage {
    /// No name and no container keeps it.
    fileprivate func isUnused(on engine: ObservedEngine) -> Bool { references.isEmpty && !engine.used.contains(id) }
}

extension PlanDraft {
    /// Ids that steps of this plan give a name on `node`.
    fileprivate func imagesNamed(on node: NodeName) -> Set<String> {
        Set(
            drafts.compactMap { draft in
                if case .image(let act) = draft.step.act, act.node == node, case .tag(let id) = act.operation {
                    id
                } else {
                    nil
                }
            }
        )
    }
}

extension ImageOrigin {
    fileprivate var engineKeys: [String] {
        switch self {
        case .engine(let host), .build(_, let host): host.engineKeys
        case .tar, .registry: []
        }
    }
}

extension ImageHost {
    /// Where it is a node of the cluster, its engine may have to start first.
    fileprivate var engineKeys: [String] {
        switch self {
        case .thisMachine: []
        case .ssh(let node): [StepKey.install(node), StepKey.engine(node)]
        }
    }
}

extension DesiredTransfer {
    /// What one image may take on one node: an hour, and where a bandwidth is declared twice as long as it says, shared with
    /// as many as go at once.
    fileprivate func seconds(for bytes: Int?) -> Int {
        guard let bandwidth, let bytes else { return 3600 }
        let (shared, isOver) = bytes.multipliedReportingOverflow(by: 2 * max(parallel, 1))
        return 3600 + (isOver ? Int.max / 2 : shared) / max(bandwidth, 1)
    }
}

extension ImageAct {
    var title: String {
        switch operation {
        case .build: "build \(reference)"
        case .ship: "image \(reference)"
        case .pull: "pull \(reference)"
        case .tag: "tag \(reference)"
        case .remove(let id): "remove image \(shortID(id))"
        }
    }
}
