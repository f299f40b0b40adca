// In: a `Plan`. Out: the comment under a pull request. Consequence first, everything long folded, bounded in length
// whatever the plan holds.

public import Reconciler
internal import Specs

/// A plan as one comment, found again by its hidden marker and replaced in place.
public struct PlanMarkdown: Sendable {
    /// GitHub takes 65,536 characters; what is around the text has the rest.
    public static let limit = 60_000

    public var plan: Plan

    public init(_ plan: Plan) { self.plan = plan }

    /// The first line of the comment of this cluster.
    public static func marker(of cluster: String) -> String {
        let name = cluster.unicodeScalars.map { scalar -> String in
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || scalar == "." || scalar == "_" ? String(scalar) : "-"
        }
        // Two hyphens in a row would end the comment in some readers of HTML.
        return "<!-- reconciler:plan:\(name.joined().split(separator: "-").joined(separator: "-")) -->"
    }

    public var text: String {
        let head = MarkdownHead(plan)
        var parts = [[Self.marker(of: plan.cluster), head.title], head.basis]
        parts += [head.alarms, head.table, head.sentences, head.attention]
        let order = MarkdownOrder(plan).lines
        let orderPart = order.isEmpty ? [] : folded("Order of the steps that touch an ensemble", "mermaid", order)
        let foot = head.foot
        let fixed = Self.joined(parts + [orderPart, foot]).utf8.count
        let steps = stepsPart(room: Self.limit - fixed)
        return Self.joined(parts + [steps, orderPart, foot])
    }

    private static func joined(_ parts: [[String]]) -> String {
        parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private func folded(_ summary: String, _ language: String, _ lines: [String]) -> [String] {
        let fence = MarkdownText.fence(around: lines)
        return ["<details><summary>\(summary)</summary>", "", fence + language] + lines + [fence, "", "</details>"]
    }

    /// Whole blocks only, as many as there is room for, and how many steps are left.
    private func stepsPart(room: Int) -> [String] {
        let blocks = MarkdownSteps(plan).blocks
        guard !blocks.isEmpty else { return [] }
        let title = "Steps (\(plan.steps.count))"
        // The fence, the fold, and the line that says how many are left.
        let fence = MarkdownText.fence(around: blocks.flatMap(\.lines)).utf8.count
        var left = room - title.utf8.count - 2 * fence - 200
        var lines: [String] = []
        var hidden = plan.steps.count
        for block in blocks {
            let cost = block.lines.reduce(0) { $0 + $1.utf8.count + 1 }
            guard cost <= left else { break }
            left -= cost
            lines += block.lines
            hidden -= block.steps
        }
        if hidden > 0 {
            lines.append("… \(count(hidden, "more step")), not shown for want of room: see plan --format text")
        }
        return folded(title, "diff", lines)
    }
}
