/// What one round of the loop came to.
public struct LoopRound: Hashable, Sendable {
    public var outcome: LoopStatus.Round.Outcome
    /// As found, with what became of each.
    public var items: [LoopStatus.Item]
    /// What was really corrected.
    public var corrected: [LoopItem]
    public var messages: [String]
    /// Of its last look.
    public var sight: LoopSight

    /// A round that changed nothing.
    public init(_ findings: LoopFindings, isPaused: Bool = false) {
        items = findings.items
        corrected = []
        messages = findings.messages
        sight = findings.sight
        outcome =
            if findings.isRefused {
                .refused
            } else if !findings.isComplete {
                .incomplete
            } else if isPaused {
                .paused
            } else {
                findings.items.isEmpty ? .inSync : .reported
            }
    }

    /// A round that came to nothing.
    public init(
        _ outcome: LoopStatus.Round.Outcome,
        items: [LoopStatus.Item] = [],
        messages: [String],
        sight: LoopSight = .blind
    ) {
        self.outcome = outcome
        self.sight = sight
        self.items = items
        self.messages = messages
        corrected = []
    }

    /// A round that corrected: `plan` is the limited one that was carried out, `report` what became of it.
    public init(_ findings: LoopFindings, ran plan: Plan, _ report: RunReport) {
        let outcomes = Dictionary(report.steps.map { ($0.id, $0.outcome) }) { first, _ in first }
        var states: [LoopItem: (state: LoopStatus.Item.State, words: String?)] = [:]
        var messages = findings.messages
        // Somebody stopped the loop or a newer commit came: what was not begun is still to be done, and failed in nothing.
        let isCalledOff = report.ending == .interrupted(stepFinished: true)
        for step in plan.steps {
            guard let outcome = outcomes[step.id], !isCalledOff || !outcome.isNotReached else { continue }
            if let words = outcome.trouble { messages.append("\(step.title): \(words)") }
            for change in step.changes {
                states[change.item] =
                    outcome.isSuccess ? (.corrected, nil) : (.failed, outcome.trouble ?? "not reached")
            }
        }
        items = findings.items.map { item in
            guard let (state, words) = states[item.item] else { return item }
            var item = item
            item.state = state
            item.detail = [words].compactMap(\.self)
            return item
        }
        corrected = states.filter { $0.value.state == .corrected }.keys.sorted()
        self.messages = messages
        sight = findings.sight
        let isWhole = report.ending == .completed && report.steps.allSatisfy(\.outcome.isSuccess)
        let isCut = isCalledOff && report.steps.allSatisfy { $0.outcome.isSuccess || $0.outcome.isNotReached }
        outcome =
            if !isWhole, !isCut {
                .failed
            } else if !findings.isComplete {
                .incomplete
            } else {
                isWhole ? .corrected : .reported
            }
    }

    /// What differs, with what was known before of everything that this round did not see: a node that is silent for a round
    /// does not make news of what was told already.
    public func standing(after before: [LoopStatus.Item]) -> [LoopStatus.Item] {
        let seen = Set(items.map(\.item))
        let unseen = before.filter { $0.state != .corrected && !seen.contains($0.item) && !sight.covers($0.item) }
        return (items + unseen).sorted { $0.item < $1.item }
    }

    /// Whether the next one should come later than usual.
    public var isFailure: Bool { outcome == .failed }
}

extension StepOutcome {
    fileprivate var isNotReached: Bool { if case .notReached = self { true } else { false } }

    /// What went wrong, in words; nil for what did not.
    fileprivate var trouble: String? {
        switch self {
        case .applied, .alreadyInPlace, .notReached: nil
        case .failed(let words): words
        case .conflict(let words): "something else was there than was observed: \(words)"
        case .unknown(let words): "not known whether it happened: \(words)"
        }
    }
}

extension LoopNotice {
    /// What is to be told of corrections in which an earlier process was killed before it could tell them.
    static func settled(
        _ cut: [LoopItem],
        after round: LoopRound,
        cluster: String,
        _ revision: String?,
        at now: Int
    ) -> [LoopNotice] {
        let settled = Set(cut).subtracting(round.items.map(\.item)).sorted()
        guard !settled.isEmpty, [.inSync, .reported, .corrected].contains(round.outcome) else { return [] }
        let items = settled.map { item in
            LoopStatus.Item(
                item: item,
                cause: .drift,
                summary: "as declared again; the loop was killed while it corrected this",
                state: .corrected
            )
        }
        return [LoopNotice(kind: .corrected, cluster: cluster, at: now, revision: revision, items: items)]
    }

    /// What is to be told after a round, given what the round before it left: news only, so that a standing difference is told
    /// once.
    ///
    /// `raised` are the items that the breaker raised in this round.
    public static func news(
        after round: LoopRound,
        before: LoopStatus,
        raised: [LoopItem],
        revision: String?,
        at now: Int
    ) -> [LoopNotice] {
        func notice(_ kind: Kind, _ items: [LoopStatus.Item], _ messages: [String] = []) -> LoopNotice {
            LoopNotice(
                kind: kind,
                cluster: before.cluster,
                at: now,
                revision: revision,
                items: items,
                messages: messages
            )
        }
        let standing = Dictionary(before.items.map { ($0.item, $0.state) }) { first, _ in first }
        let open = standing.filter { $0.value != .corrected }
        var news: [LoopNotice] = []
        let raisedItems = round.items.filter { raised.contains($0.item) }
        if !raisedItems.isEmpty { news.append(notice(.givenUp, raisedItems)) }
        let found = round.items.filter { open[$0.item] == nil && !raised.contains($0.item) }
        if !found.isEmpty { news.append(notice(.found, found)) }
        let corrected = round.items.filter { $0.state == .corrected }
        if !corrected.isEmpty { news.append(notice(.corrected, corrected)) }
        let failed = round.items.filter { $0.state == .failed && standing[$0.item] != .failed }
        let isTroubled = [.failed, .refused, .incomplete].contains(round.outcome)
        let wasTold = before.lastRound.map { $0.outcome == round.outcome && $0.messages == round.messages } ?? false
        if isTroubled, !wasTold || !failed.isEmpty { news.append(notice(.failed, failed, round.messages)) }
        let seen = Set(round.items.map(\.item))
        let isSeeing = [.inSync, .reported, .corrected, .paused].contains(round.outcome)
        let gone = before.items.filter { item in
            item.state != .corrected && !seen.contains(item.item) && round.sight.covers(item.item)
        }
        let wasTroubled = before.lastRound.map { [.failed, .refused, .incomplete].contains($0.outcome) } ?? false
        if !gone.isEmpty || wasTroubled && isSeeing { news.append(notice(.recovered, gone)) }
        return news
    }
}
