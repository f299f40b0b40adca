internal import Specs

extension Planning {
    /// `policy.budget.tasksRestarted`: how many running tasks one plan may end, removals first on their own.
    ///
    /// A share is of all running tasks of this Marathon, rounded down.
    mutating func refuseBeyondBudget(_ apps: DesiredApps, running: Int) {
        guard let amount = apps.tasksRestarted else { return }
        let (limit, words) = amount.limit(of: running)
        let acts = draft.drafts.compactMap { entry in if case .app(let act) = entry.step.act { act } else { nil } }
        let removals = acts.filter { $0.operation == .delete }
        let isPruneBeyond = removals.ended > limit
        if isPruneBeyond { refuse("prune-budget", removals, limit, words, "removals alone") }
        let counted = isPruneBeyond ? acts.filter { $0.operation != .delete } : acts
        if counted.ended > limit { refuse("budget", counted, limit, words, "this plan") }
    }

    private mutating func refuse(_ rule: String, _ acts: [AppAct], _ limit: Int, _ words: String, _ who: String) {
        let culprits = acts.filter { $0.tasks.ended > 0 }
            .sorted { ($1.tasks.ended, $0.id) < ($0.tasks.ended, $1.id) }
            .map { "\($0.id) \($0.tasks.ended)" }
        draft.refusals.append(
            Refusal(
                rule: rule,
                nodes: [],
                reason: "\(who) would end \(acts.ended) running tasks (\(culprits.listed)), and "
                    + "policy.budget.tasksRestarted allows \(words)",
                remedy: "apply the change in parts, or raise the budget in the same commit"
            )
        )
    }
}

extension [AppAct] {
    fileprivate var ended: Int { reduce(0) { $0 + $1.tasks.ended } }
}

extension AppPolicySpec.Amount {
    fileprivate func limit(of running: Int) -> (Int, words: String) {
        switch self {
        case .count(let number): (number, "\(number)")
        case .percent(let share): (running * share / 100, "\(share) % of \(running), which is \(running * share / 100)")
        }
    }
}
