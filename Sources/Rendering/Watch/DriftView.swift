// In: a `DriftReport`. Out: what somebody changed, with what is known of it; then what else stands in the way of saying
// "in sync"; the answer in one line at the end.

public import Reconciler
internal import Specs

/// What changed without a commit, as text.
public struct DriftView: Sendable {
    public var report: DriftReport
    public var style: TextStyle

    public init(_ report: DriftReport, style: TextStyle = .plain) {
        self.report = report
        self.style = style
    }

    public var text: String {
        [[head] + silent, drifted, unapplied, blocked, refused, closing].filter { !$0.isEmpty }
            .map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private var head: String {
        let revision = report.source.revision.map { " @ \(visible($0))" } ?? ""
        let answered = report.nodes.count { $0.failure == nil }
        let seen =
            answered == report.nodes.count
            ? "\(count(report.nodes.count, "node")) observed, all answered"
            : "\(count(report.nodes.count, "node")) asked, \(style("\(answered) answered", .unknown))"
        return style("Drift of \(visible(report.cluster))", .heading)
            + "   \(visible(report.source.file))\(revision)   \(seen)"
    }

    private var silent: [String] { silentNodeLines(report.nodes, style: style) }

    private var drifted: [String] {
        let width = nodeWidth
        return report.drifted.flatMap { item in
            let change = item.change
            let node = width == 0 ? "" : visible(change.node?.text ?? "").padded(to: width) + "  "
            let cause = change.cause == .unattributed ? "   (no record of what was applied)" : ""
            let margin = String(repeating: " ", count: 4 + (width == 0 ? 0 : width + 2))
            return ["  \(symbol(of: change)) \(node)\(change.resourceLabel)   \(oneLine(change.summary))\(cause)"]
                + item.evidence.map { style("\(margin)\(oneLine($0))", .quiet) }
        }
    }

    private var nodeWidth: Int {
        report.drifted.compactMap { $0.change.node.map { displayWidth(visible($0.text)) } }.max() ?? 0
    }

    private func symbol(of change: Change) -> String {
        switch change.kind {
        case .create: style("+", .created)
        case .remove: style("-", .removed)
        case .update: style("~", .changed)
        case .run: style("!", .disruptive)
        }
    }

    private var unapplied: [String] {
        guard !report.unapplied.isEmpty else { return [] }
        return [
            style("Committed, not applied", .heading) + "   \(count(report.unapplied.count, "change")); "
                + "`reconciler plan` shows them"
        ]
    }

    private var blocked: [String] {
        report.blocked.isEmpty
            ? []
            : [style("Cannot be corrected now", .heading)]
                + report.blocked.map { item in
                    let whose = item.node.map { "\(visible($0.text))  " } ?? ""
                    let symbol = style(item.isByUnknown ? "?" : "x", item.isByUnknown ? .unknown : .failure)
                    return "  \(symbol) \(whose)\(visible(item.title)): \(oneLine(item.because))"
                }
    }

    private var refused: [String] {
        report.refusals.map { refusal in
            style("Refused", .failure) + "   \(visible(refusal.rule)): \(oneLine(refusal.reason))"
        }
    }

    private var closing: [String] {
        var lines: [String] = []
        if report.ignored > 0 {
            lines.append("Ignored by watch.ignore: \(count(report.ignored, "resource")) that drifted.")
        }
        return lines + [answer]
    }

    /// Never claims more than was seen.
    private var answer: String {
        let number = report.drifted.count
        if number > 0 {
            let nodes = Set(report.drifted.compactMap(\.change.node)).count
            let places = nodes > 0 ? " on \(count(nodes, "node"))" : ""
            return style("Drift:", .heading) + " \(count(number, "resource"))\(places) changed without a commit."
        }
        guard report.refusals.isEmpty else { return "What drifted is not known: a rule forbids the plan." }
        guard report.isComplete else { return "No drift in what answered; the rest is not known." }
        return report.hasDrift
            ? "What differs cannot be corrected now; whether it is drift is not known."
            : style("No drift.", .success) + " Nothing changed without a commit."
    }
}
