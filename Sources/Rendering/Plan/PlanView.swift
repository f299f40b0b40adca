// In: a `Plan`. Out: the text a person decides by. The order answers a reader who fears a wrong restart: what is not
// known, whether a rule forbids it, what is restarted and what that does to the ensembles; then each step; then what
// cannot be done; and at the end, where the eye rests, the totals and what was not looked at. Prints nothing.

public import Reconciler
internal import Specs

/// A plan as text.
public struct PlanView: Sendable {
    public var plan: Plan
    public var style: TextStyle
    /// Shows whole contents, each action and the way back, instead of the first lines of long new files.
    public var isVerbose: Bool

    public init(_ plan: Plan, style: TextStyle = .plain, isVerbose: Bool = false) {
        self.plan = plan
        self.style = style
        self.isVerbose = isVerbose
    }

    public var text: String {
        var blocks: [[String]] = []
        if plan.isEmpty {
            blocks.append(
                nothingToDo + (plan.basis.map { [$0.sightWords].compactMap(\.self) + $0.lines } ?? []).map { "  \($0)" }
            )
        } else {
            blocks.append(PlanHead(plan, style: style).lines)
            blocks.append(StepList(plan, style: style, isVerbose: isVerbose).lines)
            blocks.append(blocked)
            blocks += plan.refusals.map(lines)
        }
        blocks.append(notes)
        if !plan.isEmpty { blocks.append(closing) }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// Never claims more than was seen: with silent nodes only the others are said to match.
    private var nothingToDo: [String] {
        let file = visible(plan.source.file)
        let silent = silentNodeLines(plan, style: style)
        guard !silent.isEmpty else {
            return [style("No changes.", .success) + " The cluster matches \(file)."]
        }
        let answered = plan.nodes.count - silent.count
        return [
            style("No changes", .success) + " on the \(count(answered, "node")) that answered; "
                + "\(silent.count) of \(plan.nodes.count) did not, so whether the cluster matches \(file) is not known."
        ] + silent
    }

    private var blocked: [String] {
        guard !plan.blocked.isEmpty else { return [] }
        let width = plan.blocked.map { displayWidth(visible($0.node?.text ?? "")) }.max() ?? 0
        return [style("Blocked", .heading) + "   wanted, and cannot be done now"]
            + plan.blocked.flatMap { item in
                // Without a node the title begins where nodes do.
                let whose = item.node.map { visible($0.text).padded(to: width) + "  " } ?? ""
                let margin = "    " + (item.node == nil ? "" : String(repeating: " ", count: width + 2))
                let place = item.position.map { "   \(visible($0.lineLabel))" } ?? ""
                let rule = item.rule.map { "   refused by \(visible($0))" } ?? ""
                let symbol = style(item.isByUnknown ? "?" : "x", item.isByUnknown ? .unknown : .failure)
                return ["  \(symbol) \(whose)\(visible(item.title))\(rule)\(place)"]
                    + ["\(margin)because \(oneLine(item.because))"]
                    + [item.remedy].compactMap { $0 }.map { "\(margin)next:   \(oneLine($0))" }
            }
    }

    private func lines(_ refusal: Refusal) -> [String] {
        let place = refusal.position.map { "   \(visible($0.lineLabel))" } ?? ""
        let nodes = refusal.nodes.isEmpty ? "" : "   \(named(refusal.nodes))"
        var lines = [style("Refused", .failure) + "   \(visible(refusal.rule))\(nodes)\(place)"]
        lines += refusal.reason.lines.map { "  \(visible($0))" }
        if let remedy = refusal.remedy {
            let label = "safe way: "
            lines += remedy.lines.enumerated().map { index, line in
                "  \(index == 0 ? label : String(repeating: " ", count: label.count))\(visible(line))"
            }
        }
        return lines
    }

    private var notes: [String] {
        plan.notes.map(\.text).unique.map { text in
            let nodes = plan.notes.filter { $0.text == text }.compactMap(\.node)
            let whose = nodes.isEmpty ? "" : named(nodes) + ": "
            return style("Note", .heading) + "   \(whose)\(oneLine(text))"
        }
    }

    private var closing: [String] {
        let summary = PlanSummary(plan)
        let restarts = count(summary.runs(.restart).count, "restart")
        let tasks = plan.tasks.restarted > 0 ? ", \(count(plan.tasks.restarted, "task")) restarted" : ""
        let images = summary.images.isEmpty ? "" : ", images: \(summary.images.words)"
        let blocked = plan.blocked.isEmpty ? "" : "   \(plan.blocked.count) blocked."
        let totals =
            style("Plan:", .heading)
            + " \(summary.add) to add, \(summary.change) to change, \(summary.remove) to remove, \(restarts)\(tasks)\(images)."
            + blocked
        let refused =
            style("Refused:", .failure) + " none of it will be applied as long as the rule above stands against it."
        return plan.refusals.isEmpty ? [totals] : [totals, refused]
    }
}

/// One line for each node that did not answer, with ssh's reason.
func silentNodeLines(_ plan: Plan, style: TextStyle) -> [String] { silentNodeLines(plan.nodes, style: style) }

/// The same, of any nodes that were asked.
func silentNodeLines(_ nodes: [Plan.NodeSummary], style: TextStyle) -> [String] {
    let silent = nodes.filter { $0.failure != nil }
    let width = silent.map { displayWidth(visible($0.name.text)) }.max() ?? 0
    return silent.map { node in
        let reason = oneLine(node.failure?.message ?? "")
        return "  \(style("?", .unknown)) \(visible(node.name.text).padded(to: width))  did not answer: \(reason)"
    }
}
