internal import Specs

/// What is particular to one kind of ensemble; how its steps are made is the same for all (`Planning.plan(_:)`).
struct EnsembleRules {
    var layer: Layer
    var service: ServiceName
    /// No member has ever served: all start together, and a restart now harms nobody.
    var isFresh = false
    /// What must hold after a start or restart of these members.
    var gate: ([NodeDifference]) -> Gate
    /// How living members are restarted; nil restarts them by one step each, in the order of the file.
    var roll: (rule: RollRule, pauseSeconds: Int)?
    /// Why no member may be restarted, these having been started first, if so.
    var rollProblem: ([NodeDifference]) -> Problem? = { _ in nil }
    /// Too few members run for a majority: those that are startable serve only once they are up together.
    var startsTogether = false
    /// Why this stopped member may not be started now, if so.
    var startProblem: (NodeDifference) -> Problem? = { _ in nil }
    /// What the member's own node lacks before its configuration may even be written, if so (an engine).
    var configurationProblem: (NodeDifference) -> Problem? = { _ in nil }
    /// Other steps a member's start or restart needs (its engine).
    var needs: (NodeDifference) -> [String] = { _ in [] }
    /// What is done on a member right before its first start.
    var before: (NodeDifference) -> [NodeAction] = { _ in [] }
    /// Whether this member serves now.
    var serves: (NodeDifference) -> Bool
    /// How many serving members make the ensemble serve.
    var enough: Int
    /// What a restart costs, for the plan.
    var impact: String
    /// What the roll means for the ensemble's failure tolerance; said once when there is one.
    var safety: String
}

/// Why something cannot be done now.
struct Problem: Hashable {
    var because: String
    var isByUnknown: Bool
    /// The next move, where there is one.
    var remedy: String?
}

extension Planning {
    /// Plans one ensemble: configuration, starts, restarts, in this order, each after every earlier ensemble step.
    mutating func plan(_ rules: EnsembleRules) {
        let (members, silent) = members(of: rules.service)
        guard !members.isEmpty else {
            if !silent.isEmpty { judgeLayer(rules, members, silent, []) }
            return
        }
        let upstream = upstreamProblem(before: rules.layer)
        var starting: [NodeDifference] = []
        var restarting: [NodeDifference] = []
        var living: [(member: NodeDifference, problem: Problem?)] = []
        for member in members {
            guard let found = member.service(rules.service) else { continue }
            let problem = memberProblem(member, rules) ?? carrierProblem(member, rules.service) ?? upstream
            switch found.need {
            // Its process has what is declared already: no ensemble depends on when the file follows.
            case .nothing, .holdOff, .reload, .site: configure(member, rules, isOrdered: false)
            case .enable: configure(member, rules, enabling: true)
            case .start where rules.configurationProblem(member) != nil,
                .restart where rules.configurationProblem(member) != nil:
                guard let problem = rules.configurationProblem(member) else { continue }
                let verb = found.need == .start ? "start" : "restart"
                block("configure and \(verb) \(rules.service)", member.name, rules, problem)
                withhold(files(of: member, in: rules.layer), on: member.name)
            case .start:
                configure(member, rules)
                if let problem = problem ?? rules.startProblem(member) {
                    block("start \(rules.service)", member.name, rules, problem)
                } else {
                    starting.append(member)
                }
            case .restart where rules.isFresh:
                configure(member, rules)
                if let problem {
                    block("restart \(rules.service)", member.name, rules, problem)
                } else {
                    starting.append(member)
                }
            case .restart:
                living.append((member, problem))
            }
        }
        let silence = silent.first.map { name in Problem(because: self.silence(of: name), isByUnknown: true) }
        let problem = silence ?? rules.rollProblem(starting)
        for (member, own) in living {
            if let problem = own ?? problem {
                block(restartTitle(member, rules), member.name, rules, problem)
                withhold(files(of: member, in: rules.layer), on: member.name)
            } else {
                restarting.append(member)
            }
        }
        start(starting, of: members, silent: silent, rules)
        restart(restarting, rules)
        judgeLayer(rules, members, silent, starting)
    }

    private func silence(of name: NodeName) -> String {
        let reason: String
        if case .silent(let error)? = observed.nodes[name] { reason = error.message } else { reason = "it is unknown" }
        return "\(name) is a member of the same ensemble and did not answer (\(reason))"
    }

    private func restartTitle(_ member: NodeDifference, _ rules: EnsembleRules) -> String {
        let count = files(of: member, in: rules.layer).count
        return "restart \(rules.service)" + (count == 0 ? "" : " with \(count) changed file\(count == 1 ? "" : "s")")
    }

    private mutating func block(_ title: String, _ node: NodeName, _ rules: EnsembleRules, _ problem: Problem) {
        draft.blocked.append(
            Blocked(
                node: node,
                title: title,
                layer: rules.layer,
                because: problem.because,
                isByUnknown: problem.isByUnknown,
                remedy: problem.remedy
            )
        )
    }

    /// What on the node itself keeps the service from being started or restarted.
    private func memberProblem(_ member: NodeDifference, _ rules: EnsembleRules) -> Problem? {
        // A half-installed program, or another version than the process runs, would be what a restart starts.
        let titles = Set(
            member.desired.packages.filter { $0.brings.contains(rules.service) }
                .flatMap { ["install \($0.name)", "package \($0.name)"] }
        )
        if let held = member.blocked.first(where: { titles.contains($0.title) || $0.layer == rules.layer }) {
            return Problem(because: "\(held.title): \(held.because)", isByUnknown: held.isByUnknown)
        }
        let files = member.files.filter { $0.file.readBy.contains(rules.service) }.map(\.file.path)
        return files.first { withheld[member.name]?.contains($0) ?? false }.map {
            Problem(because: "\($0), which it reads, is not written in this plan", isByUnknown: false)
        }
    }

    func files(of member: NodeDifference, in layer: Layer) -> [FileDifference] {
        member.files.filter { member.desired.layer(of: $0.file) == layer && !isPlanned($0, on: member.name) }
    }

    /// The files of a member that is not restarted, in one visit; also whether it comes back after a reboot.
    private mutating func configure(
        _ member: NodeDifference,
        _ rules: EnsembleRules,
        enabling: Bool = false,
        isOrdered: Bool = true
    ) {
        let files = files(of: member, in: rules.layer)
        guard !files.isEmpty || enabling, let service = member.desired.service(rules.service) else { return }
        let acts =
            enabling
            ? ServiceIntent.enable.lower(rules.service, to: member.desired.platform.initSystem).map {
                PlannedAction.action(.service($0))
            } : []
        let enabled = enabling ? [member.change(of: service, "off at boot → on")] : []
        let title =
            switch (files.isEmpty, enabling) {
            case (false, false): files.count == 1 ? files.title : "configure \(rules.service): \(files.title)"
            case (false, true): "configure and enable \(rules.service)"
            default: "enable \(rules.service)"
            }
        add(
            StepKey.configure(rules.layer, member.name),
            needs: [StepKey.install(member.name)] + rules.needs(member),
            Step(
                id: 0,
                layer: isOrdered ? rules.layer : nil,
                title: title,
                act: .visit(member.name, files.map(\.act) + acts),
                changes: files.map(\.change) + enabled,
                reasons: files.map(\.file.reason).unique + (enabling ? [service.reason] : []),
                undo: files.isEmpty ? nil : "the old content is kept on the node under /var/lib/reconciler/backup"
            )
        )
        take(files, on: member.name)
    }

    /// Adds a step of an ensemble behind the last one of any ensemble: they form one total order.
    mutating func addInOrder(_ key: String, needs: [String], _ step: Step) {
        let previous = draft.drafts.last { $0.step.layer?.isEnsemble == true }?.key
        draft.add(key, needs: needs + searches(before: step) + [previous].compactMap { $0 }, step)
    }

    /// Adds a step, in the order of the ensembles where it touches one: nothing of theirs begins before it is done.
    mutating func add(_ key: String, needs: [String] = [], _ step: Step) {
        step.layer?.isEnsemble == true ? addInOrder(key, needs: needs, step) : draft.add(key, needs: needs, step)
    }

    private mutating func start(
        _ starting: [NodeDifference],
        of members: [NodeDifference],
        silent: [NodeName],
        _ rules: EnsembleRules
    ) {
        guard !starting.isEmpty else { return }
        guard rules.isFresh else {
            guard rules.startsTogether, starting.count > 1 else {
                for member in starting { startAlone(member, rules) }
                return
            }
            let serving = members.filter { member in
                member.isUp(rules.service) || starting.contains { $0.name == member.name }
            }
            startTogether(starting, of: serving, rules)
            return
        }
        let left = members.filter { member in
            guard !starting.contains(where: { $0.name == member.name }) else { return false }
            switch member.service(rules.service)?.need {
            case .nothing?, .enable?, .reload?: return false
            case .start?, .restart?, .holdOff?, .site?, nil: return true
            }
        }
        if let missing = silent.first ?? left.first?.name {
            let problem = Problem(
                because: "a fresh ensemble starts with all its members together, and \(missing) cannot be started now",
                isByUnknown: silent.contains(missing)
            )
            for member in starting { block("start \(rules.service)", member.name, rules, problem) }
            return
        }
        startTogether(starting, of: members, rules)
    }

    private mutating func startTogether(
        _ starting: [NodeDifference],
        of members: [NodeDifference],
        _ rules: EnsembleRules
    ) {
        addInOrder(
            StepKey.startAll(rules.layer),
            needs: starting.flatMap { StepKey.prepared($0.name, for: rules.layer) + rules.needs($0) },
            Step(
                id: 0,
                layer: rules.layer,
                title: "start \(rules.service) on \(starting.count) node\(starting.count == 1 ? "" : "s") together",
                act: .start(
                    rules.service,
                    starting.map { Act.Member(node: $0.name, planned: startActions($0, rules)) }
                ),
                changes: starting.flatMap { member in
                    member.upgradeChanges(rules.service)
                        + (member.desired.service(rules.service).map { [member.change(of: $0, "stopped → running")] }
                            ?? [])
                },
                gate: rules.gate(members),
                reasons: starting.compactMap { $0.desired.service(rules.service)?.reason }.unique
            )
        )
    }

    private mutating func startAlone(_ member: NodeDifference, _ rules: EnsembleRules) {
        guard let service = member.desired.service(rules.service) else { return }
        addInOrder(
            StepKey.start(rules.layer, member.name),
            needs: StepKey.prepared(member.name, for: rules.layer) + rules.needs(member),
            Step(
                id: 0,
                layer: rules.layer,
                title: "start \(rules.service)" + (member.programChanges[rules.service].map { " as \($0.to)" } ?? ""),
                act: .visit(member.name, startActions(member, rules)),
                changes: member.upgradeChanges(rules.service) + [member.change(of: service, "stopped → running")],
                gate: rules.gate([member]),
                reasons: member.upgradeReasons(rules.service) + [service.reason]
            )
        )
    }

    /// A running member of a fresh ensemble (started before it was configured) is restarted instead.
    private func startActions(_ member: NodeDifference, _ rules: EnsembleRules) -> [PlannedAction] {
        let initSystem = member.desired.platform.initSystem
        let intents: [ServiceIntent] =
            if case .restart(let pid, _)? = member.service(rules.service)?.need {
                [.enable, .restart(pid: pid)]
            } else {
                [.start]
            }
        let acts: [NodeAction] = intents.flatMap { $0.lower(rules.service, to: initSystem) }.map { .service($0) }
        let copies = member.desired.service(rules.service).map { member.desired.copies(of: $0) } ?? []
        return member.programActions(for: rules.service)
            + (rules.before(member) + acts + copies).map { .action($0) }
    }

    /// Why later layers may not be started or restarted: an earlier one does not serve and this plan does not bring it up.
    private func upstreamProblem(before layer: Layer) -> Problem? {
        layerProblems.filter { $0.key < layer }.min { $0.key < $1.key }?.value
    }

    private mutating func judgeLayer(
        _ rules: EnsembleRules,
        _ members: [NodeDifference],
        _ silent: [NodeName],
        _ starting: [NodeDifference]
    ) {
        let started = starting.filter { member in
            draft.has(StepKey.startAll(rules.layer)) || draft.has(StepKey.start(rules.layer, member.name))
        }
        let serving = members.count { member in rules.serves(member) && !started.contains { $0.name == member.name } }
        guard serving + started.count < rules.enough else { return }
        layerProblems[rules.layer] = Problem(
            because: "\(rules.service) does not serve (\(serving) of \(members.count + silent.count) members do), "
                + "and this plan cannot bring it up",
            isByUnknown: !silent.isEmpty
        )
    }
}
