internal import Specs

extension Planning {
    /// Nodes that have an image of that name where the origin has none, or does not answer.
    mutating func noteKept(
        _ image: DesiredImage,
        _ look: SourceLook,
        _ judged: [(node: NodeName, judgement: ImageJudgement)]
    ) {
        let keepers = judged.compactMap { node, judgement -> String? in
            if case .kept(let held) = judgement { "\(node) (\(shortID(held.id)))" } else { nil }
        }
        guard !keepers.isEmpty else { return }
        let kept = "nothing is moved, and what has that name stays on \(keepers.joined(separator: ", "))"
        switch look.image {
        case .found: break
        case .absent:
            let isBuilt = if case .build = image.origin { look.context != nil } else { false }
            let words =
                isBuilt
                ? "\(image.origin.place) has no build of \(image.reference) from this context any more, and the nodes do"
                : image.origin.absence(of: image.reference)
            draft.notes.append(Note("\(words); \(kept)"))
        case .unknown(let reason):
            draft.notes.append(
                Note("whether \(image.reference) is what \(image.origin.place) has is not known (\(reason)); \(kept)")
            )
        }
    }

    /// One name, and nodes run different things under it.
    mutating func noteDivergence(of image: DesiredImage, _ grounds: [(node: NodeName, ground: ImageGround)]) {
        var holders: [(node: NodeName, id: String, kind: ImageIDKind?)] = []
        for (node, ground) in grounds {
            guard case .engine(let engine) = ground, let held = engine.image(image.reference) else { continue }
            holders.append((node, held.id, engine.idKind))
        }
        let kinds = Set(holders.map(\.kind))
        let differs = kinds.contains { kind in Set(holders.filter { $0.kind == kind }.map(\.id)).count > 1 }
        guard differs else { return }
        let places = holders.map { "\($0.node) \(shortID($0.id))" }.joined(separator: ", ")
        draft.notes.append(Note("\(image.reference) is not the same everywhere: \(places)"))
    }

    mutating func noteLeftParts() {
        for member in differences {
            guard case .found(let engine) = member.observed.engine, engine.stagedBytes > 0 else { continue }
            draft.notes.append(
                Note(
                    node: member.name,
                    "an earlier run left \(bytesInWords(engine.stagedBytes)) in /var/lib/reconciler/images; the next transfer goes "
                        + "on from there, else they are removed within 15 min"
                )
            )
        }
    }

    /// A container keeps what it was made from, whatever its name means by now (mesos-zk-ops.md 7).
    mutating func noteAppsKeepingImages() {
        guard let images = desired.images, let marathon = observed.marathon.value else { return }
        let restarted = draft.restartedApps
        for image in images.images {
            let replaced = draft.drafts.contains { draft in
                guard case .image(let act) = draft.step.act else { return false }
                return act.reference == image.reference && act.replaced != nil
            }
            let keeping = image.apps.filter { (marathon.apps[$0]?.tasksRunning ?? 0) > 0 && !restarted.contains($0) }
            guard replaced, let first = keeping.first else { continue }
            draft.notes.append(
                Note(
                    keeping.count == 1
                        ? "\(first) keeps running the old image \(image.reference) until it restarts"
                        : "\(keeping.joined(separator: ", ")) keep running the old image \(image.reference) until they restart"
                )
            )
        }
    }
}

extension PlanDraft {
    /// Apps whose every task is another one afterwards, or none.
    fileprivate var restartedApps: Set<String> {
        Set(
            drafts.compactMap { draft in
                guard case .app(let act) = draft.step.act else { return nil }
                switch act.operation {
                case .recreate, .restart, .delete, .create: return act.id
                case .update: return act.effect == .restart ? act.id : nil
                }
            }
        )
    }
}
