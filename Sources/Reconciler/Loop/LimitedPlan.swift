public import Specs

/// The part of a plan that the loop may carry out by itself.
public struct LimitedPlan: Hashable, Sendable {
    /// A step that is left to people, and why.
    public struct Withheld: Hashable, Sendable, Codable {
        public var step: Step
        public var reason: String

        public init(step: Step, reason: String) {
            self.step = step
            self.reason = reason
        }
    }

    /// What may be done, numbered anew; everything else of the plan as it was.
    public var plan: Plan
    /// In the order of the plan.
    public var withheld: [Withheld]

    /// Leaves out what `limits` and `breaker` hold back, what `held` names by its number, and whatever needs any of that.
    ///
    /// Steps that touch ensembles form one total order by `needs`: where one of them is left out, no later one is done.
    public init(
        _ plan: Plan,
        limits: LoopLimits,
        breaker: Breaker,
        holding held: [Int: String] = [:],
        at instant: TimeWindow.Instant
    ) {
        let closed = limits.closed(at: instant)
        var reasons: [Int: String] = [:]
        for step in plan.steps {
            if let closed {
                reasons[step.id] = closed
            } else if let raised = step.changes.lazy.compactMap({ breaker.raised[$0.item] }).first {
                reasons[step.id] = raised.words
            } else if let reason = limits.withholds(step) {
                reasons[step.id] = reason
            } else if let reason = held[step.id] {
                reasons[step.id] = reason
            } else if let first = step.needs.first(where: { reasons[$0] != nil }) {
                reasons[step.id] = "it needs step \(first), which is left to people"
            }
        }
        if let reason = Self.beyondBudget(plan, limits, leaving: Set(reasons.keys)) {
            for step in plan.steps where reasons[step.id] == nil { reasons[step.id] = reason }
        }
        self.plan = plan
        self.plan.steps = Self.renumbered(plan.steps.filter { reasons[$0.id] == nil })
        withheld = plan.steps.compactMap { step in reasons[step.id].map { Withheld(step: step, reason: $0) } }
    }

    private static func beyondBudget(_ plan: Plan, _ limits: LoopLimits, leaving left: Set<Int>) -> String? {
        guard let amount = limits.nodes else { return nil }
        let touched = Set(plan.steps.filter { !left.contains($0.id) }.flatMap(\.nodes))
        let limit =
            switch amount {
            case .count(let number): number
            case .percent(let share): plan.nodes.count * share / 100
            }
        guard touched.count > limit else { return nil }
        return "this round would touch \(touched.count) nodes and policy.budget.nodes allows \(limit): "
            + "nothing of it is done"
    }

    static func renumbered(_ steps: [Step]) -> [Step] {
        let numbers = Dictionary(uniqueKeysWithValues: steps.enumerated().map { ($1.id, $0 + 1) })
        return steps.map { step in
            var step = step
            step.id = numbers[step.id] ?? step.id
            step.needs = step.needs.compactMap { numbers[$0] }
            return step
        }
    }
}
