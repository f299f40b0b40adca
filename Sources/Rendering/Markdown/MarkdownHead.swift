internal import Reconciler
internal import Specs

/// What stands above the steps: a few lines, whatever the plan holds.
struct MarkdownHead {
    let plan: Plan
    private let summary: PlanSummary
    private static let itemsAtMost = 12

    init(_ plan: Plan) {
        self.plan = plan
        summary = PlanSummary(plan)
    }

    var title: String {
        let revision = plan.source.revision.map { " · \(MarkdownText.code($0, limit: 60))" } ?? ""
        return "### Plan: \(MarkdownText.prose(plan.cluster, limit: 100)) — \(consequence)\(revision)"
    }

    private var consequence: String {
        if !plan.refusals.isEmpty {
            return "⛔ refused by \(count(plan.refusals.count, "rule")), nothing will be applied"
        }
        if plan.isEmpty { return plan.isComplete ? "no changes" : "no changes on the nodes that answered" }
        let phrases = [
            count(plan.steps.count, "step"), count(summary.runs(.restart).count, "restart"),
            "\(count(plan.tasks.restarted + plan.tasks.killed, "task")) replaced",
        ]
        return (phrases + (plan.blocked.isEmpty ? [] : ["⚠ \(plan.blocked.count) blocked"])).joined(separator: ", ")
    }

    var basis: [String] {
        guard let basis = plan.basis else { return [] }
        let lines = [basis.sightWords].compactMap(\.self) + basis.lines
        return lines.map { "> \(basis.isOld ? "⚠ " : "")\(MarkdownText.prose($0))" }
    }

    // MARK: What must not be missed

    /// Refusals, as loud as a comment can be.
    var alarms: [String] {
        guard !plan.refusals.isEmpty else { return [] }
        let items = plan.refusals.map { refusal -> String in
            let nodes = refusal.nodes.isEmpty ? "" : " (\(nodesInWords(refusal.nodes)))"
            let place = refusal.position.map { " — \(MarkdownText.code($0.lineLabel))" } ?? ""
            let remedy = refusal.remedy.map { " **Safe way:** \(MarkdownText.prose($0))" } ?? ""
            return
                "> - **\(MarkdownText.prose(refusal.rule))**\(nodes)\(place): \(MarkdownText.prose(refusal.reason))\(remedy)"
        }
        return ["> [!CAUTION]", "> **Refused.** None of it will be applied as long as this stands:"]
            + bounded(items) { "> - and \($0) more" }
    }

    var attention: [String] {
        var items = plan.nodes.compactMap { node in
            node.failure.map {
                "\(MarkdownText.code(node.name.text)) did not answer: \(MarkdownText.prose($0.message))"
            }
        }
        items += plan.blocked.map { blocked in
            let whose = blocked.node.map { "\(MarkdownText.code($0.text)): " } ?? ""
            let rule = blocked.rule.map { ", refused by \(MarkdownText.prose($0))" } ?? ""
            let remedy = blocked.remedy.map { " Next: \(MarkdownText.prose($0))" } ?? ""
            let because = MarkdownText.prose(blocked.because)
            return "**blocked\(rule)**: \(whose)\(MarkdownText.prose(blocked.title)), because \(because)\(remedy)"
        }
        items += overwritten
        items +=
            plan.notes.map { note in
                (note.node.map { "\(MarkdownText.code($0.text)): " } ?? "") + MarkdownText.prose(note.text)
            }.unique
        guard !items.isEmpty else { return [] }
        return ["**Needs attention**", ""] + bounded(items.map { "- ⚠ \($0)" }) { "- and \($0) more" }
    }

    /// What somebody changed by hand and this plan takes back.
    private var overwritten: [String] {
        guard plan.basis?.base == nil else { return [] }
        let changes = plan.steps.flatMap(\.changes).filter { $0.cause == .drift && $0.kind != .run }
        return changes.map { change in
            let whose = change.node.map { "\(MarkdownText.code($0.text)): " } ?? ""
            return
                "\(whose)\(MarkdownText.code(change.resourceName)) was changed without a commit and will be overwritten"
        }
    }

    private func bounded(_ items: [String], rest: (Int) -> String) -> [String] {
        let shown = items.count > Self.itemsAtMost ? Self.itemsAtMost - 1 : items.count
        return items.prefix(shown) + (items.count > shown ? [rest(items.count - shown)] : [])
    }

    // MARK: Numbers

    /// Kinds of things against causes; a cause nobody has is left out.
    var table: [String] {
        let changes = plan.steps.flatMap(\.changes)
        let causes = [Change.Cause.git, .drift, .unattributed].filter { cause in
            cause != .unattributed || changes.contains { $0.cause == cause }
        }
        guard !changes.isEmpty else { return [] }
        let rows = Kind.allCases.compactMap { kind -> String? in
            let own = changes.filter { Kind($0) == kind }
            guard !own.isEmpty else { return nil }
            let cells = causes.map { cause in Self.cell(own.filter { $0.cause == cause }, kind) }
            return "| \(kind.rawValue) | \(cells.joined(separator: " | ")) |"
        }
        let names = causes.map { cause in
            plan.basis?.base == nil ? cause.rawValue : cause == .git ? "git (this change)" : "drift (before it)"
        }
        return ["| | \(names.joined(separator: " | ")) |", "|---\(String(repeating: "|---", count: causes.count))|"]
            + rows
    }

    private enum Kind: String, CaseIterable {
        case files, packages, services, images, apps, other

        init(_ change: Change) {
            switch change.resource.prefix(while: { $0 != ":" }) {
            case "file": self = .files
            case "package": self = .packages
            case "service": self = .services
            case "image": self = .images
            case "app": self = .apps
            default: self = .other
            }
        }
    }

    private static func cell(_ changes: [Change], _ kind: Kind) -> String {
        let words: [(Change.Kind, String)] = [
            (.create, "added"), (.update, "changed"), (.remove, "removed"), (.run, kind == .services ? "run" : "done"),
        ]
        let phrases = words.compactMap { kind, word in
            let number = changes.count { $0.kind == kind }
            return number > 0 ? "\(number) \(word)" : nil
        }
        return phrases.isEmpty ? "0" : phrases.joined(separator: ", ")
    }

    /// The lines of the text view that weigh most: what is disturbed, and what that does to the ensembles.
    var sentences: [String] {
        guard !plan.isEmpty else { return [] }
        let head = PlanHead(plan, style: .plain)
        let impact = head.impactWords.map { MarkdownText.prose($0) }
        let safety = head.safetyWords.map { MarkdownText.prose($0) }
        return [
            "**Impact** \(bounded(impact) { "and \($0) more" }.joined(separator: " · "))", "",
            "**Safety** \(bounded(safety) { "and \($0) more" }.joined(separator: " · "))",
        ]
    }

    var foot: [String] {
        let answered = plan.nodes.count { $0.failure == nil }
        let seen =
            plan.basis?.sightWords.map { _ in "" } ?? ", \(answered) of \(count(plan.nodes.count, "node")) answered"
        return [
            "<sub>\(MarkdownText.code(plan.source.file))\(seen). `git`: a commit asks for it; `drift`: \(drift).</sub>"
        ]
    }

    private var drift: String {
        plan.basis?.base == nil ? "the cluster changed without one" : "it is so without this change as well"
    }

    private func nodesInWords(_ nodes: [NodeName]) -> String {
        list(nodes.map { MarkdownText.code($0.text) }, limit: 6)
    }
}
