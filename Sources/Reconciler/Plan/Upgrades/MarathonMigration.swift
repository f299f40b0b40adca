internal import Specs

extension Planning {
    /// Whether the Marathons go to another minor release: the first new one that leads migrates the state, and no old one may
    /// be beside it.
    var isMarathonMigrating: Bool {
        differences.contains { member in
            guard let change = member.programChanges[.marathon] else { return false }
            return UpgradeRules.verdict(.marathon, from: change.from, to: change.to) == .allStopped
        }
    }

    /// All old Marathons stop and are replaced, the leader last; one new one starts and migrates; the others follow.
    ///
    /// Marathon's own procedure leaves one old instance running until a new one waits beside it. That lets both minor releases
    /// elect among each other for a moment; here nothing runs for that moment instead. A run that ends half-way leaves old
    /// ones running or all of them stopped, and either state leads to the rest of the same sequence.
    mutating func migrateMarathon() {
        let members = members(of: .marathon).answering
        guard let change = members.lazy.compactMap({ $0.programChanges[.marathon] }).first else { return }
        if let problem = migrationProblem(members) {
            for member in members {
                block(member, problem, change)
                withhold(files(of: member, in: .marathon), on: member.name)
            }
            return
        }
        let leader = observed.marathon.value.flatMap { marathon in members.first { $0.leadsMarathon(marathon) } }
        let old = members.filter { isOldMarathon($0, change) }
        let ordered = old.filter { $0.name != leader?.name } + old.filter { $0.name == leader?.name }
        let running = ordered.filter { $0.mayBeUp(.marathon) }
        let new = members.filter { member in !old.contains { $0.name == member.name } && member.isUp(.marathon) }
        advise(change)
        draft.safety.append(safety(change, running: running.count, of: members.count))
        for member in ordered { replace(member, isLast: member.name == running.last?.name, change) }
        let starting = members.filter { member in !new.contains { $0.name == member.name } }
        for (index, member) in starting.enumerated() {
            start(member, isFirst: index == 0 && new.isEmpty, among: members.count, change)
        }
    }

    /// Whether the old release may run here or is what would be started: of those that run only the leader says what it is.
    func isOldMarathon(_ member: NodeDifference, _ change: ProgramChange) -> Bool {
        if member.programChanges[.marathon] != nil { return true }
        guard member.mayBeUp(.marathon) else { return false }
        guard let marathon = observed.marathon.value, member.leadsMarathon(marathon) else { return true }
        let verdict = UpgradeRules.verdict(.marathon, from: "\(marathon.context.release)", to: change.to)
        return verdict != .same && verdict != .rolling
    }

    /// Where the old release may run; none where this plan goes to no other.
    var oldMarathonsUp: Set<NodeName> {
        let changes = differences.compactMap { $0.programChanges[.marathon] }
        guard isMarathonMigrating, let change = changes.first else { return [] }
        return Set(differences.filter { $0.mayBeUp(.marathon) && isOldMarathon($0, change) }.map(\.name))
    }

    private func safety(_ change: ProgramChange, running: Int, of count: Int) -> String {
        let stop = running == 0 ? "none runs" : "\(running) of \(count) stop"
        return
            "Marathon: two minor releases must not share state, so \(stop) before the first \(change.to) starts; until "
            + "it leads the API is away, and tasks keep running"
    }

    private func migrationProblem(_ members: [NodeDifference]) -> Problem? {
        for member in members {
            let titles = ["install marathon", "package marathon"]
            let fault = member.blocked.first { $0.layer == .marathon || titles.contains($0.title) }
            if let fault {
                let words = "\(member.name): \(fault.title): \(fault.because)"
                return Problem(because: words, isByUnknown: fault.isByUnknown)
            }
        }
        return layerProblems.filter { $0.key < .marathon }.min { $0.key < $1.key }?.value
    }

    private mutating func block(_ member: NodeDifference, _ problem: Problem, _ change: ProgramChange) {
        draft.blocked.append(
            Blocked(
                node: member.name,
                title: "upgrade marathon to \(change.to)",
                layer: .marathon,
                because: problem.because,
                isByUnknown: problem.isByUnknown,
                remedy: problem.remedy,
                position: member.package(of: .marathon)?.pinnedAt
            )
        )
    }

    /// Off also at boot, so that a node that reboots meanwhile brings no second release.
    private mutating func replace(_ member: NodeDifference, isLast: Bool, _ change: ProgramChange) {
        guard let service = member.desired.service(.marathon) else { return }
        let upgrade = member.programChanges[.marathon]?.upgrade
        let isUp = member.mayBeUp(.marathon)
        let acts = ServiceIntent.holdOff.lower(.marathon, to: member.desired.platform.initSystem)
        var impact = Impact.none
        if isUp {
            impact = .disruptive(
                isLast
                    ? "stops the last Marathon: its API is away until the first \(change.to) leads; tasks keep running, nothing "
                        + "is deployed, scaled or replaced meanwhile"
                    : "stops this Marathon until \(change.to) serves elsewhere; tasks keep running"
            )
        }
        addInOrder(
            StepKey.marathonReplacement(member.name),
            needs: StepKey.prepared(member.name, for: .marathon),
            Step(
                id: 0,
                layer: .marathon,
                title: (isUp ? "stop marathon" : "keep marathon off")
                    + (upgrade == nil ? "" : " and install \(change.to)"),
                act: .visit(
                    member.name,
                    acts.map { .action(.service($0)) } + member.programActions(for: .marathon)
                ),
                changes: member.upgradeChanges(.marathon)
                    + [member.change(of: service, isUp ? "running → stopped for the upgrade" : "off for the upgrade")]
                    .map(\.unrecorded),
                gate: Gate(
                    .serviceOff(.marathon, node: member.name),
                    deadlineSeconds: 60,
                    words: "marathon stopped"
                ),
                impact: impact,
                reasons: member.upgradeReasons(.marathon) + [service.reason],
                undo: "unmask and start marathon by hand, while no other release of it runs"
            )
        )
    }

    private mutating func start(_ member: NodeDifference, isFirst: Bool, among count: Int, _ change: ProgramChange) {
        guard let service = member.desired.service(.marathon) else { return }
        let files = files(of: member, in: .marathon)
        let acts = ServiceIntent.start.lower(.marathon, to: member.desired.platform.initSystem)
        addInOrder(
            StepKey.start(.marathon, member.name),
            needs: StepKey.prepared(member.name, for: .marathon),
            Step(
                id: 0,
                layer: .marathon,
                title: isFirst ? "start the first marathon \(change.to)" : "start marathon \(change.to)",
                act: .visit(
                    member.name,
                    files.map { $0.once(member.programChanges[.marathon]) } + acts.map { .action(.service($0)) }
                ),
                changes: files.map(\.change) + [member.change(of: service, "stopped → running")],
                gate: marathonGate([member], version: change.to, isMigrating: isFirst),
                impact: isFirst
                    ? .disruptive("migrates Marathon's state: there is no way back but the copy of ZooKeeper's data")
                    : .none,
                reasons: member.upgradeReasons(.marathon) + files.map(\.file.reason).unique + [service.reason],
                undo: "none once it has led: its state is migrated"
            )
        )
        take(files, on: member.name)
    }
}

extension FileDifference {
    /// What is done once the new package is there: a file that was not there before may have come with it.
    fileprivate func once(_ change: ProgramChange?) -> PlannedAction {
        guard let package = change?.upgrade?.package.name, file.shippedBy == package,
            case .action(.writeFile(let write)) = act, write.expected == .absent
        else { return act }
        return .edit(
            LateEdit(
                path: file.path,
                body: file.body.late,
                mode: file.mode,
                owner: file.owner,
                group: file.group,
                readBy: file.readBy
            )
        )
    }
}

extension Change {
    /// The same without a record: it holds for a while only.
    fileprivate var unrecorded: Change {
        var change = self
        change.applied = nil
        return change
    }
}
