internal import Reconciler
internal import Specs

/// The numbered steps, each with its reasons and its bytes.
struct StepList {
    var plan: Plan
    var style: TextStyle
    var isVerbose: Bool

    private let groups: [StepGroup]
    /// Of apps' summaries, so that what they do to tasks stands in one column.
    private let summaryWidth: Int
    private let idWidth: Int
    private let nodeWidth: Int
    /// Of nodes and title together.
    private let leftWidth: Int
    private var indent: String { String(repeating: " ", count: idWidth + 5) }

    init(_ plan: Plan, style: TextStyle, isVerbose: Bool) {
        self.plan = plan
        self.style = style
        self.isVerbose = isVerbose
        groups = StepGroup.groups(of: plan.steps)
        let apps = groups.compactMap(\.first.appLine).filter { !$0.effectWords.isEmpty }
        summaryWidth = min(apps.map { displayWidth($0.summary) }.max() ?? 0, 60)
        idWidth = groups.map { ranges($0.steps.map(\.id)).count }.max() ?? 0
        nodeWidth = groups.map { displayWidth(Self.nodes($0)) }.max() ?? 0
        let margin = nodeWidth == 0 ? 0 : nodeWidth + 2
        let widths = groups.map { ($0.nodes.isEmpty ? 0 : margin) + displayWidth(visible($0.first.title)) }
        leftWidth = min(widths.max() ?? 0, margin + 60)
    }

    private static func nodes(_ group: StepGroup) -> String {
        group.nodes.count > 1 ? count(group.nodes.count, "node") : named(group.nodes)
    }

    var lines: [String] {
        var shown: [ChangeBody: Int] = [:]
        return groups.flatMap { group in
            [head(of: group)] + details(of: group) + bodies(of: group, shown: &shown)
        }
    }

    // MARK: One line each

    private func head(of group: StepGroup) -> String {
        let effect = group.first.effect
        let id = ranges(group.steps.map(\.id)).padded(leadingTo: idWidth)
        let title = visible(group.first.title)
        // What is done through Marathon has no node: its title begins where nodes do.
        let whose = group.nodes.isEmpty ? "" : Self.nodes(group).padded(to: nodeWidth) + "  "
        let left = "  \(id) \(style(effect.symbol, effect.tone)) \(whose)"
        let note = aside(of: group)
        guard !note.isEmpty else { return left + (effect == .disruptive ? style(title, .disruptive) : title) }
        let padded = title.padded(to: leftWidth - displayWidth(whose))
        return left + (effect == .disruptive ? style(padded, .disruptive) : padded) + "   " + note
    }

    /// The right column: the one change's summary, else the gate.
    private func aside(of group: StepGroup) -> String {
        if let app = group.first.appLine { return app.aside(widest: summaryWidth) }
        if let summary = loneSummary(of: group) { return summary }
        return gate(of: group).map { "gate: \($0)" } ?? ""
    }

    /// Set where the step is its one change, so that no list under it is needed.
    private func loneSummary(of group: StepGroup) -> String? {
        guard group.first.appLine == nil else { return nil }
        guard group.changes.count == 1, let only = group.changes.first, only.nodes.count == group.nodes.count,
            only.change.kind != .run, group.first.title.contains(only.change.resourceName)
        else { return nil }
        return visible(only.change.summary)
    }

    private func gate(of group: StepGroup) -> String? {
        group.first.gate.map { "\(oneLine($0.words)) within \($0.deadlineSeconds) s" }
    }

    // MARK: Below it

    private func details(of group: StepGroup) -> [String] {
        var lines: [String] = []
        if group.nodes.count > 1 { lines.append(detail("on", members(of: group))) }
        // Of an app it stands beside its title.
        if case .disruptive(let text) = group.first.impact, group.first.appLine == nil {
            lines.append(detail("impact", oneLine(text)))
        }
        if group.first.needsAttendance { lines.append(detail("attend", attendanceWords)) }
        lines += group.reasons.map { reason in
            let place = reason.positions.map { visible($0.lineLabel) }
            return detail(
                "why",
                (place.isEmpty ? "" : list(place, limit: isVerbose ? .max : 4) + "  ") + oneLine(reason.text)
            )
        }
        if let needs = group.needs { lines.append(detail("after", needs)) }
        if loneSummary(of: group) != nil, let gate = gate(of: group) { lines.append(detail("gate", gate)) }
        guard isVerbose else { return lines }
        lines += group.steps.flatMap { step in
            ActionWords(step).lines.map { detail("does", (group.nodes.count > 1 ? "\($0.node): " : "") + $0.text) }
        }
        if let terms = group.first.appLine?.terms { lines.append(detail("gate", terms)) }
        lines += group.steps.compactMap(\.undo).unique.map { detail("undo", oneLine($0)) }
        return lines
    }

    private func members(of group: StepGroup) -> String {
        if case .roll(_, let members, let rule, let pause) = group.first.act {
            return list(members.map { visible($0.node.text) }) + rule.order + (pause > 0 ? ", \(pause) s apart" : "")
        }
        return list(group.nodes.map { visible($0.text) }) + (group.steps.count == 1 ? ", all at once" : "")
    }

    private func detail(_ label: String, _ text: String) -> String {
        "\(indent)\(style(label.padded(to: 7), .quiet)) \(text)"
    }

    // MARK: Bytes

    /// Each change with its before and after; lines that an earlier step showed already are named, not repeated.
    private func bodies(of group: StepGroup, shown: inout [ChangeBody: Int]) -> [String] {
        if let app = group.first.appLine { return app.fields(style: style, isVerbose: isVerbose).map { indent + $0 } }
        let isLone = loneSummary(of: group) != nil
        let entries = group.changes.filter { $0.change.kind != .run }
        let width = entries.map { displayWidth($0.change.resourceLabel) }.max() ?? 0
        var lines: [String] = []
        for (change, nodes) in entries {
            let body = ChangeBody(change)
            if !isLone {
                let effect = change.kind.effect
                let whose = nodes.count == group.nodes.count ? "" : "   on \(list(nodes.map { visible($0.text) }))"
                lines.append(
                    "\(indent)\(style(effect.symbol, effect.tone)) \(change.resourceLabel.padded(to: width))"
                        + "   \(summary(of: change, body))\(whose)\(cause(of: change, in: group))"
                )
            }
            guard body.hasLines else { continue }
            let margin = indent + "    "
            if let earlier = shown[body] {
                lines.append("\(margin)(the same lines as in step \(earlier))")
            } else {
                shown[body] = group.first.id
                lines += body.lines(style: style, limit: isVerbose ? .max : 12).map { margin + $0 }
            }
        }
        return lines
    }

    /// The planner's summary; a new one-line file shows its value where the summary does not.
    private func summary(of change: Change, _ body: ChangeBody) -> String {
        let summary = visible(change.summary)
        guard let value = body.onlyValue, !value.isEmpty, !summary.contains(value) else { return summary }
        return summary.isEmpty ? value : "\(summary): \(value)"
    }

    /// Said where a step mixes causes, so that a hand edit is not lost among declared changes.
    private func cause(of change: Change, in group: StepGroup) -> String {
        let causes = Set(group.steps.flatMap(\.changes).map(\.cause))
        return causes.count > 1 ? "   (\(change.cause.rawValue))" : ""
    }
}

extension RollRule {
    fileprivate var order: String {
        switch self {
        case .zooKeeperLeaderLast, .mesosLeaderLast: "; leader last, chosen then"
        case .inOrder: "; in this order"
        }
    }
}

/// Of a step with `needsAttendance`.
let attendanceWords = "somebody should be there; an unattended loop leaves it alone"
