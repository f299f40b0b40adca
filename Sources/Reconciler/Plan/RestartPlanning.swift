internal import Specs

extension Planning {
    /// Restarts living members: one roll whose order is chosen while it goes on, or a step each.
    mutating func restart(_ restarting: [NodeDifference], _ rules: EnsembleRules) {
        guard !restarting.isEmpty else { return }
        draft.safety.append(rules.safety)
        let bundles = restarting.map { RestartBundle($0, rules, files(of: $0, in: rules.layer)) }
        for bundle in bundles {
            if let program = bundle.program { advise(program) }
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
                title: bundles.rollTitle(rules.service),
                act: .roll(
                    rules.service,
                    bundles.map { Act.Member(node: $0.member.name, planned: $0.planned) },
                    roll.rule,
                    pauseSeconds: roll.pauseSeconds
                ),
                changes: bundles.flatMap(\.changes),
                gate: rules.gate(members(of: rules.service).answering),
                impact: .disruptive(bundles.impact(rules.impact)),
                reasons: bundles.flatMap(\.reasons).unique,
                undo: bundles.undo
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
                title: bundle.title(rules.service),
                act: bundle.program == nil
                    ? .visit(bundle.member.name, bundle.planned)
                    // Its health is looked at between the installation and the restart.
                    : .roll(
                        rules.service,
                        [Act.Member(node: bundle.member.name, planned: bundle.planned)],
                        .inOrder,
                        pauseSeconds: 0
                    ),
                changes: bundle.changes,
                gate: rules.gate([bundle.member]),
                impact: .disruptive([bundle].impact(rules.impact)),
                reasons: bundle.reasons,
                undo: [bundle].undo
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

    init(_ member: NodeDifference, _ rules: EnsembleRules, _ files: [FileDifference]) {
        self.member = member
        self.files = files
        service = member.desired.service(rules.service)
        if case .restart(let pid, let differences)? = member.service(rules.service)?.need {
            self.pid = pid
            self.differences = differences
        }
    }

    var late: [FileDifference] {
        files.filter { if case .edit = $0.act { true } else { false } }
    }

    /// The new program of the service, where it gets one.
    var program: ProgramChange? { service.flatMap { member.programChanges[$0.name] } }

    /// The installation comes first: it takes long and may fail, and until it has ended nothing else is changed.
    var planned: [PlannedAction] {
        guard let service else { return [] }
        let writes = files.compactMap { file in if case .action(let action) = file.act { action } else { nil } }
        // Marathon's package stops it (from 1.5 on) or may not: stopped before, it is the same for all.
        let stops = program?.product == .marathon
        let before: [ServiceIntent] = stops ? [.stop] : []
        let after: [ServiceIntent] = stops ? [.start] : [.enable, .restart(pid: pid)]
        func acts(_ intents: [ServiceIntent]) -> [NodeAction] {
            intents.flatMap { $0.lower(service.name, to: member.desired.platform.initSystem) }.map { .service($0) }
        }
        let rest = writes + acts(after) + member.desired.copies(of: service)
        return acts(before).map { .action($0) } + member.programActions(for: service.name)
            + rest.map { .action($0) }
    }

    var changes: [Change] {
        let written = files.filter { !late.contains($0) }.map(\.change)
        guard let service else { return written }
        var run = member.change(of: service, "restart: " + differences.joined(separator: ", "))
        run.cause = files.map(\.change.cause).contains(.git) ? .git : files.first?.change.cause ?? run.cause
        return [program?.upgrade.map { member.change(of: $0) }].compactMap { $0 } + written + [run]
    }

    var reasons: [Reason] {
        let version = program == nil ? nil : member.package(of: program?.product)?.versionReason
        return ([version].compactMap { $0 } + files.map(\.file.reason) + [service?.reason].compactMap { $0 }).unique
    }

    func title(_ service: ServiceName) -> String {
        program.map { "upgrade \(service) to \($0.to)" } ?? "restart \(service)"
    }
}

extension [RestartBundle] {
    private var programs: [ProgramChange] { compactMap(\.program) }

    func rollTitle(_ service: ServiceName) -> String {
        let nodes = "\(count) node\(count == 1 ? "" : "s")"
        guard let program = programs.first else { return "restart \(service) on \(nodes), one at a time" }
        let some = programs.count == count ? "" : " (\(programs.count) of them with another version)"
        return "upgrade \(service) to \(program.to) on \(nodes), one at a time\(some)"
    }

    func impact(_ words: String) -> String {
        guard let program = programs.first else { return words }
        let old = Set(programs.map(\.from)).sorted().joined(separator: ", ")
        let how =
            program.product == .marathon
            ? "each is stopped, replaced and started" : "installed while the old process serves, then restarted"
        return "\(program.product.rawValue) \(old) → \(program.to): \(how); \(words)"
    }

    var undo: String {
        programs.isEmpty
            ? "revert the commit; the old files are kept under /var/lib/reconciler/backup"
            : "none by reverting the commit: a downgrade is refused; by hand, with a copy of the data from before"
    }
}
