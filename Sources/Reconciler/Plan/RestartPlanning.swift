internal import Specs

extension Planning {
    /// Restarts living members: one roll whose order is chosen while it goes on, or a step each.
    mutating func restart(_ restarting: [NodeDifference], _ rules: EnsembleRules) {
        guard !restarting.isEmpty else { return }
        draft.safety.append(rules.safety)
        let bundles = restarting.map { RestartBundle($0, rules, files(of: $0, in: rules.layer)) }
        for bundle in bundles {
            writeEarly(bundle, rules)
            take(bundle.files, on: bundle.member.name)
        }
        guard let roll = rules.roll else {
            for bundle in bundles { restartAlone(bundle, rules) }
            return
        }
        let names = bundles.map(\.member.name)
        addInOrder(
            StepKey.roll(rules.layer),
            needs: names.flatMap { StepKey.prepared($0, for: rules.layer) }
                + restarting.flatMap(rules.needs),
            Step(
                id: 0,
                layer: rules.layer,
                title: "restart \(rules.service) on \(names.count) node\(names.count == 1 ? "" : "s"), one at a time",
                act: .roll(
                    rules.service,
                    bundles.map { Act.Member(node: $0.member.name, actions: $0.actions) },
                    roll.rule,
                    pauseSeconds: roll.pauseSeconds
                ),
                changes: bundles.flatMap(\.changes),
                gate: rules.gate(members(of: rules.service).answering),
                impact: .disruptive(rules.impact),
                reasons: bundles.flatMap(\.reasons).unique,
                undo: "revert the commit; the old files are kept under /var/lib/reconciler/backup"
            )
        )
    }

    private mutating func restartAlone(_ bundle: RestartBundle, _ rules: EnsembleRules) {
        addInOrder(
            StepKey.start(rules.layer, bundle.member.name),
            needs: StepKey.prepared(bundle.member.name, for: rules.layer) + rules.needs(bundle.member),
            Step(
                id: 0,
                layer: rules.layer,
                title: "restart \(rules.service)",
                act: .visit(bundle.member.name, bundle.actions.map { .action($0) }),
                changes: bundle.changes,
                gate: rules.gate([bundle.member]),
                impact: .disruptive(rules.impact),
                reasons: bundle.reasons,
                undo: "revert the commit; the old files are kept under /var/lib/reconciler/backup"
            )
        )
    }

    /// A file whose new text is made from what is on the node at that moment is written in a step of its own before.
    private mutating func writeEarly(_ bundle: RestartBundle, _ rules: EnsembleRules) {
        let late = bundle.late
        guard !late.isEmpty else { return }
        addInOrder(
            StepKey.configure(rules.layer, bundle.member.name),
            needs: [StepKey.install(bundle.member.name)],
            Step(
                id: 0,
                layer: rules.layer,
                title: late.title,
                act: .visit(bundle.member.name, late.map(\.act)),
                changes: late.map(\.change),
                reasons: late.map(\.file.reason).unique
            )
        )
    }
}

/// The restart of one member with the writes it is for: they go in one visit, so a value the daemon does not take
/// stops the roll at its first member.
struct RestartBundle {
    var member: NodeDifference
    var service: Service?
    var files: [FileDifference]
    var pid: Int?
    var differences: [String] = []
    var keepsCopies: Bool

    init(_ member: NodeDifference, _ rules: EnsembleRules, _ files: [FileDifference]) {
        self.member = member
        self.files = files
        service = member.desired.service(rules.service)
        if case .restart(let pid, let differences)? = member.service(rules.service)?.need {
            self.pid = pid
            self.differences = differences
        }
        if case .zooKeeper? = service?.configuration { keepsCopies = true } else { keepsCopies = false }
    }

    var late: [FileDifference] {
        files.filter { if case .edit = $0.act { true } else { false } }
    }

    var actions: [NodeAction] {
        guard let service else { return [] }
        let writes = files.compactMap { file in if case .action(let action) = file.act { action } else { nil } }
        let acts = [ServiceIntent.enable, .restart(pid: pid)]
            .flatMap { $0.lower(service.name, to: member.desired.platform.initSystem) }
        let paths = member.desired.files.filter { $0.readBy.contains(service.name) }.map(\.path)
        return writes + acts.map { .service($0) }
            + (keepsCopies ? [.keepRunningCopies(service: service.name, paths: paths)] : [])
    }

    var changes: [Change] {
        let written = files.filter { !late.contains($0) }.map(\.change)
        guard let service else { return written }
        var run = member.change(of: service, "restart: " + differences.joined(separator: ", "))
        run.cause = files.map(\.change.cause).contains(.git) ? .git : files.first?.change.cause ?? run.cause
        return written + [run]
    }

    var reasons: [Reason] { (files.map(\.file.reason) + [service?.reason].compactMap { $0 }).unique }
}
