internal import Reconciler
internal import Specs

/// One app's step as it stands in the list of steps.
struct AppLine {
    var act: AppAct
    var change: Change?

    /// What is said beside the title; several fields are counted, since each has a line of its own below.
    var summary: String {
        guard let change else { return "" }
        guard hasFieldLines else { return visible(change.summary) }
        return change.kind == .create ? visible(change.summary) : count(change.fields.count, "field")
    }

    func aside(widest: Int) -> String {
        let words = effectWords
        return words.isEmpty ? summary : summary.padded(to: widest) + "   " + words
    }

    /// What becomes of the tasks.
    var effectWords: String {
        guard act.impact == .none else { return disruption }
        switch act.operation {
        case .create, .delete, .recreate: return ""
        case .restart: return "no task runs"
        case .update:
            switch act.effect {
            case .scale?: return "scale only, no restart"
            case .restart?: return "no task runs, none is restarted"
            case .some(.none), nil: return "no task is touched"
            }
        }
    }

    private var disruption: String {
        let (restarted, killed) = (count(act.tasks.restarted, "task"), count(act.tasks.killed, "task"))
        switch act.operation {
        case .recreate: return "kills all \(restarted); it is away until the new ones run"
        case .delete where act.tasks.killed == 0: return "no task runs"
        case .create, .update, .restart, .delete:
            let phrases =
                (act.tasks.restarted > 0 ? ["restarts \(restarted)"] : [])
                + (act.tasks.killed > 0 ? ["kills \(killed)"] : [])
                + (act.tasks.added > 0 ? ["+\(count(act.tasks.added, "task"))"] : [])
            return phrases.joined(separator: ", ")
        }
    }

    /// What is waited for and what is done when that does not come.
    var terms: String {
        let failure =
            switch act.onFailure {
            case .stop: "then the deployment is left as it stands"
            case .wait: "then it is told, and waiting goes on"
            case .restore: "then the last good version is restored"
            }
        let end: String
        switch act.operation {
        case .delete: end = "its last task gone"
        case .create, .update, .recreate, .restart: end = "its tasks up as declared"
        }
        return "\(end) within \(act.deadlineSeconds) s, \(failure)"
    }

    // MARK: Fields

    private var hasFieldLines: Bool { change.map { $0.fields.count > 1 || $0.kind == .create } ?? false }

    /// A line each; of a long list the first ones and how many are left.
    func fields(style: TextStyle, isVerbose: Bool) -> [String] {
        guard let change, hasFieldLines else { return [] }
        let limit = isVerbose || change.fields.count <= 13 ? change.fields.count : 12
        let shown = change.fields.prefix(limit)
        let width = min(shown.map { displayWidth(visible($0.path)) }.max() ?? 0, 40)
        let lines = shown.map { field in
            let effect = field.effect
            return "\(style(effect.symbol, effect.tone)) \(visible(field.path).padded(to: width))   "
                + visible(field.value(limit: isVerbose ? .max : 60))
        }
        let left = change.fields.count - limit
        return lines + (left > 0 ? ["… \(left) more fields (-v shows all)"] : [])
    }
}

extension Step {
    var appLine: AppLine? {
        if case .app(let act) = act { AppLine(act: act, change: changes.first) } else { nil }
    }
}

extension FieldDifference {
    fileprivate var effect: StepEffect {
        switch (before, after) {
        case (nil, _): .create
        case (_, nil): .remove
        default: .change
        }
    }

    /// The one value of a field that comes or goes, since its symbol says which.
    fileprivate func value(limit: Int) -> String {
        switch (shownBefore, shownAfter) {
        case (nil, let value?), (let value?, nil): value.shown(limit: limit)
        default: words(limit: limit)
        }
    }
}
