public import Specs

/// What one look at the cluster found, and what of it the loop may correct.
public struct LoopFindings: Hashable, Sendable {
    /// Sorted, each once; what is ignored is not among them.
    public var items: [LoopStatus.Item]
    /// What may be carried out.
    public var limited: LimitedPlan
    /// Rules that forbid the whole plan, and nodes that did not answer; a sentence each.
    public var messages: [String]
    public var isRefused: Bool
    public var isComplete: Bool
    public var sight: LoopSight
    /// How many resources are left out by `watch.ignore`.
    public var ignored: Int

    /// - Parameters:
    ///   - plan: Made from this look.
    ///   - limits: What the loop may do.
    ///   - ignore: `watch.ignore`: resources whose drift is neither told nor corrected.
    ///   - breaker: Has seen this look already.
    ///   - instant: Now.
    public init(
        _ plan: Plan,
        limits: LoopLimits,
        ignore: [ResourcePattern],
        breaker: Breaker,
        at instant: TimeWindow.Instant
    ) {
        let (kept, ignored, held) = plan.ignoringDrift(of: ignore)
        self.ignored = ignored
        limited = LimitedPlan(kept, limits: limits, breaker: breaker, holding: held, at: instant)
        let withheld = Dictionary(uniqueKeysWithValues: limited.withheld.map { ($0.step.id, $0.reason) })
        var items: [LoopItem: LoopStatus.Item] = [:]
        for step in kept.steps {
            for change in step.changes where items[change.item] == nil {
                items[change.item] = LoopStatus.Item(change, withheld: withheld[step.id], breaker.raised[change.item])
            }
        }
        for blocked in kept.blocked {
            let item = LoopItem(node: blocked.node, resource: blocked.title)
            items[item] = LoopStatus.Item(
                item: item,
                cause: .unattributed,
                summary: blocked.because,
                state: .blocked,
                detail: [blocked.remedy].compactMap(\.self)
            )
        }
        self.items = items.values.sorted { $0.item < $1.item }
        isRefused = !kept.refusals.isEmpty
        sight = LoopSight(plan)
        isComplete = kept.isComplete && !kept.blocked.contains(where: \.isByUnknown)
        messages =
            kept.refusals.map { "\($0.rule): \($0.reason)" }
            + kept.nodes.compactMap { node in node.failure.map { "\(node.name): \($0.message)" } }
    }
}

extension LoopStatus.Item {
    fileprivate init(_ change: Change, withheld reason: String?, _ raised: Breaker.Raised?) {
        let (state, detail): (State, [String]) =
            if let raised {
                (.raised, [raised.words] + raised.evidence)
            } else if let reason {
                (.withheld, [reason])
            } else {
                (.found, [])
            }
        self.init(item: change.item, cause: change.cause, summary: change.summary, state: state, detail: detail)
    }
}

/// A resource with `*` for any text, such as `file:/etc/motd` or `app:/shop/*`.
public struct ResourcePattern: Hashable, Sendable {
    public var text: String

    public init(_ text: String) { self.text = text }

    public func matches(_ resource: String) -> Bool {
        let parts = text.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return text == resource }
        guard resource.hasPrefix(first), resource.utf8.count >= first.utf8.count + last.utf8.count,
            resource.hasSuffix(last)
        else { return false }
        var rest = resource.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let place = rest.firstRange(of: part) else { return false }
            rest = rest[place.upperBound...]
        }
        return true
    }
}

extension Substring {
    /// Where `part` is first; nothing of Foundation is needed for it.
    fileprivate func firstRange(of part: Substring) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}

extension Plan {
    /// Without steps that correct nothing but ignored drift, and how many resources these are.
    ///
    /// What needs such a step stays, and cannot be done as long as that is ignored: `held` says so by the number that the step
    /// has now. A commit is never ignored: what somebody wrote into cluster.yaml is wanted.
    public func ignoringDrift(of patterns: [ResourcePattern]) -> (plan: Plan, ignored: Int, held: [Int: String]) {
        guard !patterns.isEmpty else { return (self, 0, [:]) }
        let left = steps.filter { step in
            !step.changes.isEmpty
                && step.changes.allSatisfy { change in
                    change.cause != .git && patterns.contains { $0.matches(change.resource) }
                }
        }
        let titles = Dictionary(uniqueKeysWithValues: left.map { ($0.id, $0.title) })
        let kept = steps.filter { titles[$0.id] == nil }
        let reasons = kept.map { step in
            step.needs.lazy.compactMap { titles[$0] }.first.map {
                "it needs what watch.ignore leaves as it is (\($0))"
            }
        }
        var plan = self
        plan.steps = LimitedPlan.renumbered(kept)
        let held = zip(plan.steps, reasons).compactMap { step, reason in reason.map { (step.id, $0) } }
        return (plan, Set(left.flatMap(\.changes).map(\.item)).count, Dictionary(uniqueKeysWithValues: held))
    }
}
