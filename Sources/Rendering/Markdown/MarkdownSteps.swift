internal import Reconciler
internal import Specs

/// The steps as blocks of a `diff` fence: what stands in the first column is what GitHub and GitLab colour by.
///
/// `+` is created, `-` removed, `!` restarted, stopped or killed; `~` and `>` have no colour of their own.
struct MarkdownSteps {
    struct Block: Hashable {
        /// How many steps it stands for.
        var steps: Int
        var lines: [String]
    }

    private static let bodyLimit = 40
    private static let width = 300

    var blocks: [Block]

    init(_ plan: Plan) {
        var shown: [ChangeBody: Int] = [:]
        blocks = StepGroup.groups(of: plan.steps).map { group in
            Block(
                steps: group.steps.count,
                lines: Self.lines(of: group, &shown).map { MarkdownText.cut($0, Self.width) }
            )
        }
    }

    private static func lines(of group: StepGroup, _ shown: inout [ChangeBody: Int]) -> [String] {
        [head(of: group)] + details(of: group) + changes(of: group, &shown)
    }

    private static func head(of group: StepGroup) -> String {
        let step = group.first
        let whose = group.nodes.isEmpty ? "" : list(group.nodes.map { visible($0.text) }, limit: 6) + ": "
        return "\(step.effect.symbol) \(ranges(group.steps.map(\.id))). \(whose)\(visible(step.title))"
    }

    private static func details(of group: StepGroup) -> [String] {
        var lines: [String] = []
        if let app = group.first.appLine, !app.effectWords.isEmpty { lines.append("tasks: \(app.effectWords)") }
        if case .disruptive(let text) = group.first.impact, group.first.appLine == nil {
            lines.append("impact: \(oneLine(text))")
        }
        if group.first.needsAttendance { lines.append("attend: \(attendanceWords)") }
        lines += group.reasons.map { reason in
            let place = list(reason.positions.map { visible($0.lineLabel) }, limit: 4)
            return "why: \(place.isEmpty ? "" : place + "  ")\(oneLine(reason.text))"
        }
        if let gate = group.first.gate { lines.append("gate: \(oneLine(gate.words)) within \(gate.deadlineSeconds) s") }
        if let needs = group.needs { lines.append("after: \(needs)") }
        return lines.map { "     \($0)" }
    }

    private static func changes(of group: StepGroup, _ shown: inout [ChangeBody: Int]) -> [String] {
        group.changes.flatMap { change, nodes -> [String] in
            let whose =
                nodes.isEmpty || nodes.count == group.nodes.count
                ? "" : " on " + list(nodes.map { visible($0.text) }, limit: 6)
            let title = "\(change.resourceLabel)\(whose) (\(change.cause.rawValue))"
            if !change.fields.isEmpty { return ["     \(title)"] + change.fields.flatMap(lines) }
            let body = ChangeBody(change)
            guard body.hasLines else { return values(of: change, titled: title) }
            if let earlier = shown[body] { return ["     \(title): the same lines as in step \(earlier)"] }
            shown[body] = group.first.id
            return ["     \(title): \(visible(change.summary))"] + lines(of: body)
        }
    }

    /// A value on one line, before and after.
    private static func values(of change: Change, titled title: String) -> [String] {
        let before = change.shownBefore?.shown.lines.first.map { "- \(change.resourceName): \(visible($0))" }
        let after = change.shownAfter?.shown.lines.first.map { "+ \(change.resourceName): \(visible($0))" }
        let summary = "     \(title): \(visible(change.summary))"
        return before == after ? [summary] : [summary] + [before, after].compactMap(\.self)
    }

    private static func lines(of field: FieldDifference) -> [String] {
        let path = visible(field.path)
        let values = [
            field.shownBefore.map { "- \(path): \(visible($0.shown(limit: 200)))" },
            field.shownAfter.map { "+ \(path): \(visible($0.shown(limit: 200)))" },
        ]
        let hasDifference = field.shownBefore?.shown != field.shownAfter?.shown
        return hasDifference ? values.compactMap(\.self) : ["! \(path): another value (secret)"]
    }

    private static func lines(of body: ChangeBody) -> [String] {
        let all = body.lines(style: .plain, limit: bodyLimit)
        return all.map { line in
            // What is no line of the text itself must not be coloured as one.
            line.hasPrefix("+") || line.hasPrefix("-") || line.hasPrefix("@@") || line.hasPrefix(" ")
                ? line : "  \(line)"
        }
    }
}
