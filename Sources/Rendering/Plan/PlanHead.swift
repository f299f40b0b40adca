internal import Reconciler
internal import Specs

/// The lines above the steps: whose plan, from what, seen how far; causes; impact; safety.
struct PlanHead {
    var plan: Plan
    var style: TextStyle
    private var summary: PlanSummary

    init(_ plan: Plan, style: TextStyle) {
        self.plan = plan
        self.style = style
        summary = PlanSummary(plan)
    }

    var lines: [String] {
        let causes = causes
        let width = (causes.map { $0.label } + ["Impact"]).map { displayWidth($0) + 4 }.max() ?? 0
        return [title] + (plan.basis?.lines ?? []).map { "  \($0)" } + silentNodeLines(plan, style: style) + assumptions
            + causes.map { "  \($0.label.padded(to: width - 2))\($0.text)" }
            + section("Impact", impact, width: width) + section("Images", images, width: width)
            + section("Safety", safety, width: width)
    }

    var impactWords: [String] { impact }
    var safetyWords: [String] { safety }

    private var title: String {
        let revision = plan.source.revision.map { " @ \(visible($0))" } ?? ""
        let answered = plan.nodes.count { $0.failure == nil }
        let seen =
            answered == plan.nodes.count
            ? "\(count(plan.nodes.count, "node")) observed, all answered"
            : "\(count(plan.nodes.count, "node")) asked, \(style("\(answered) answered", .unknown))"
        return style("Plan for \(visible(plan.cluster))", .heading)
            + "   \(visible(plan.source.file))\(revision)   \(plan.basis?.sightWords ?? seen)"
    }

    private var assumptions: [String] {
        plan.nodes.filter { $0.assumption != nil }.grouped { $0.assumption ?? "" }.map { source, nodes in
            "  \(style("?", .unknown)) \(named(nodes.map(\.name))): assumed, checked after install: \(visible(source))"
        }
    }

    private func section(_ name: String, _ lines: [String], width: Int) -> [String] {
        lines.enumerated().map { index, line in
            (index == 0 ? style(name, .heading) : "") + "".padded(to: index == 0 ? width - name.count : width) + line
        }
    }

    // MARK: Causes

    /// Changes by cause; a cause that only runs services says so, since nothing is written for it.
    private var causes: [(label: String, text: String)] {
        let changes = plan.steps.flatMap(\.changes)
        let all: [Change.Cause] = [.git, .drift, .unattributed]
        let tallies = all.compactMap { cause -> (label: String, number: String, what: String)? in
            let own = changes.filter { $0.cause == cause }
            let written = own.filter { $0.kind != .run }
            guard !own.isEmpty else { return nil }
            let number = written.isEmpty ? count(own.count, "service") : count(written.count, "change")
            return (cause.rawValue, number, phrases(written.isEmpty ? own : written))
        }
        let width = tallies.map(\.number.count).max() ?? 0
        return tallies.map { ($0.label, "\($0.number.padded(to: width))   \($0.what)") }
    }

    /// The same change on several nodes is one phrase; three phrases, and how many changes are left.
    private func phrases(_ changes: [Change]) -> String {
        let groups = changes.grouped { "\($0.resource)\n\($0.summary)" }
        let shown = groups.prefix(3)
        let left = changes.count - shown.reduce(0) { $0 + $1.elements.count }
        let phrases = shown.map { _, same in
            let what = "\(same[0].resourceName) \(visible(same[0].summary))"
            guard let node = same[0].node else { return what }
            return same.count == 1 ? "\(visible(node.text)): \(what)" : "\(what) on \(same.count) nodes"
        }
        return (phrases + (left > 0 ? ["\(left) more"] : [])).joined(separator: " · ")
    }

    // MARK: Impact

    private var impact: [String] {
        let restarts = phrases(of: .restart)
        let tasks = tasks
        var lines = restarts.isEmpty && tasks.isEmpty ? ["nothing is restarted"] : restarts
        lines += phrases(of: .stop) + phrases(of: .start)
        lines += plan.steps.filter { $0.impact != .none && $0.runs.isEmpty && !$0.nodes.isEmpty }
            .map { "disruptive: \(visible($0.title)) on \(named($0.nodes))" }
        return lines + tasks
    }

    /// Tasks of apps in all; nothing where no app is touched.
    private var tasks: [String] {
        guard plan.steps.contains(where: { $0.appLine != nil }) else { return [] }
        let sum = summary.tasks
        let restarted = "\(count(sum.restarted, "task")) restarted"
        let killed = style("-\(count(sum.killed, "task"))", .disruptive)
        let phrases =
            [sum.restarted > 0 ? style(restarted, .disruptive) : restarted]
            + (sum.added > 0 ? ["+\(count(sum.added, "task"))"] : []) + (sum.killed > 0 ? [killed] : [])
        return [phrases.joined(separator: " · ")]
    }

    private func phrases(of verb: ServiceRun.Verb) -> [String] {
        summary.runs(verb).grouped(by: \.service).map { service, runs in
            let nodes = runs.map(\.node).unique
            let text = "\(count(runs.count, "\(visible(service.text)) \(verb.rawValue)")) (\(named(nodes)))"
            switch verb {
            case .start: return text
            case .restart, .stop: return style(text, .disruptive) + pace(of: service, verb)
            }
        }
    }

    /// Said only where the plan's own order shows it.
    private func pace(of service: ServiceName, _ verb: ServiceRun.Verb) -> String {
        let steps = plan.steps.filter { $0.runs.contains { $0.service == service && $0.verb == verb } }
        let number = steps.reduce(0) { $0 + $1.runs.count { $0.service == service && $0.verb == verb } }
        let atOnce = steps.contains { step in
            if case .roll = step.act { false } else { step.runs.count { $0.service == service } > 1 }
        }
        return number > 1 && !atOnce && plan.areOneAfterAnother(steps) ? ", one at a time" : ""
    }

    // MARK: Images

    /// What travels in all, and where to.
    private var images: [String] {
        let images = summary.images
        guard !images.isEmpty else { return [] }
        let nodes = images.sentTo.map { node in
            let bytes = images.bytesByNode[node] ?? 0
            return "\(visible(node.text)) \(bytes > 0 ? bytesInWords(bytes) : "?")"
        }
        guard nodes.count > 1 else { return [images.words] }
        return [images.words + ": " + list(nodes, limit: 6)]
    }

    // MARK: Safety

    private var safety: [String] {
        var lines: [String] = []
        if !plan.refusals.isEmpty {
            let rules = count(plan.refusals.count, "rule")
            lines.append(
                style("refused", .failure) + " by \(rules) (below): apply would do nothing at all"
            )
        }
        let touched = plan.steps.grouped(by: \.layer).compactMap { layer, steps in
            layer.flatMap { layer in layer.ensembleName.map { (layer: layer, name: $0, steps: steps) } }
        }
        lines += touched.sorted { $0.layer < $1.layer }.map { "\($0.name): \(handling(of: $0.steps))" }
        lines += plan.safety
        let held = plan.blocked.filter { $0.layer?.ensembleName != nil }
        if !held.isEmpty { lines.append("\(count(held.count, "ensemble step")) held back (below)") }
        if touched.isEmpty { lines.append("no ensemble is touched") }
        return lines
    }

    private func handling(of steps: [Step]) -> String {
        var phrases: [String] = []
        for step in steps {
            switch step.act {
            case .roll(_, let members, let rule, let pause):
                let pace = pause > 0 ? ", at least \(pause) s apart" : ""
                phrases.append("\(count(members.count, "member")) restarted one at a time\(rule.words)\(pace)")
            case .start(_, let members): phrases.append("\(count(members.count, "member")) started together")
            case .visit, .app, .compareApps, .image: break
            case .network: phrases.append("the link of \(list(step.nodes.map { visible($0.text) })) changed")
            }
        }
        let visits = steps.filter { if case .visit = $0.act { true } else { false } }
        let runs = visits.flatMap(\.runs)
        for (verb, same) in runs.grouped(by: \.verb) {
            let single =
                same.map(\.node).unique.count > 1 && plan.areOneAfterAnother(visits.filter { !$0.runs.isEmpty })
            phrases.append(
                "\(count(same.map(\.node).unique.count, "member")) \(verb.past)\(single ? " one at a time" : "")"
            )
        }
        return phrases.isEmpty ? "files and settings only, no process is touched" : phrases.joined(separator: ", ")
    }
}

extension RollRule {
    fileprivate var words: String {
        switch self {
        case .zooKeeperLeaderLast: ", the leader of that moment last"
        case .mesosLeaderLast: ", the elected master of that moment last"
        case .inOrder: ""
        }
    }
}

extension ServiceRun.Verb {
    fileprivate var past: String {
        switch self {
        case .start: "started"
        case .restart: "restarted"
        case .stop: "stopped"
        }
    }
}

extension Layer {
    /// nil where members do not vote or share state: agents, engines and the site's own services.
    fileprivate var ensembleName: String? {
        switch self {
        case .zooKeeper: "zookeeper"
        case .masters: "mesos masters"
        case .marathon: "marathon"
        case .engine, .agents, .site: nil
        case .network: nil
        }
    }
}
