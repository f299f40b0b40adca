public import Reconciler
internal import Specs

/// What an `apply` did, as text: what went wrong first told in full, then the totals.
public struct RunReportView: Sendable {
    public var report: RunReport
    public var style: TextStyle
    /// Whether another run of the same command goes on from here.
    public var isFollowed: Bool

    public init(_ report: RunReport, isFollowed: Bool = false, style: TextStyle = .plain) {
        self.report = report
        self.style = style
        self.isFollowed = isFollowed
    }

    public var text: String {
        let steps = report.steps.map(line).joined()
        let ending = report.ending.sentence.map { style(visible($0), isFollowed ? .quiet : .failure) + "\n" } ?? ""
        let next = needsNext.map { $0 + "\n" } ?? ""
        return steps + (steps.isEmpty ? "" : "\n") + ending + tally + "\n" + next
    }

    private func line(_ step: StepReport) -> String {
        let idWidth = String(report.steps.map(\.id).max() ?? 0).count
        let nodeWidth = report.steps.map { displayWidth(named($0.nodes)) }.max() ?? 0
        let whose = step.nodes.isEmpty ? "" : named(step.nodes).padded(to: nodeWidth) + "  "
        let word = step.outcome.word.human.padded(to: 16)
        let time = step.seconds > 0 ? "   \(duration(step.seconds))" : ""
        let head =
            "  \(String(step.id).padded(leadingTo: idWidth)) \(style(step.outcome.symbol.padded(to: 2), step.outcome.tone)) "
            + "\(style(word, step.outcome.tone)) \(whose)\(visible(step.title))\(time)\n"
        let margin = String(repeating: " ", count: idWidth + 6)
        return head + (step.outcome.message ?? "").lines.map { "\(margin)\(visible($0))\n" }.joined()
    }

    private var tally: String {
        let counts = report.steps.grouped { $0.outcome.word.human }.map { "\($0.elements.count) \($0.key)" }
        let label =
            if isDone { style("Applied:", .success) } else if isFollowed { "So far:" } else {
                style("Not everything was done:", .failure)
            }
        return
            "\(label) \(counts.isEmpty ? "no step" : counts.joined(separator: ", ")).   Run \(visible(report.run.text))."
    }

    private var isDone: Bool { report.steps.allSatisfy(\.outcome.isDone) && report.ending == .completed }

    private var needsNext: String? {
        guard !isDone, !isFollowed else { return nil }
        return "Run `reconciler plan` to see what is left; `reconciler apply` continues from there."
    }
}

extension StepOutcome {
    /// Whether the step's effect is there.
    public var isDone: Bool {
        switch self {
        case .applied, .alreadyInPlace: true
        case .failed, .conflict, .notReached, .unknown: false
        }
    }
}
