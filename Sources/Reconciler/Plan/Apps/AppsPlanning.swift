internal import Specs

/// What the apps are compared with.
private enum AppGround {
    case live(ObservedMarathon)
    /// Marathon has never been installed on any of its nodes, and this plan installs and starts it.
    case fresh(AppContext)
    /// This plan starts a Marathon that may have apps already.
    case later
    case none(Problem)
}

extension Planning {
    /// Apps come after every layer of the nodes: dependencies first, independent apps beside each other, removals last.
    mutating func planApps() {
        guard let apps = desired.apps, !apps.apps.isEmpty || apps.prune != .never else { return }
        switch appGround(apps) {
        case .live(let marathon): plan(apps, in: marathon.context, marathon)
        case .fresh(let context): plan(apps, in: context, nil)
        case .later: compareLater(apps)
        case .none(let problem):
            draft.blocked.append(
                Blocked(
                    title: apps.apps.isEmpty ? "prune apps" : apps.words,
                    because: problem.because,
                    isByUnknown: problem.isByUnknown
                )
            )
        }
    }

    // MARK: Which Marathon

    private func appGround(_ apps: DesiredApps) -> AppGround {
        let starts = Set([StepKey.startAll(.marathon), StepKey.roll(.marathon)])
            .union(desired.nodes.map { StepKey.start(.marathon, $0.name) })
        let isStarted = draft.drafts.contains { starts.contains($0.key) }
        switch observed.marathon {
        case .found(let marathon): return isStarted && installsAnother(than: marathon) ? .later : .live(marathon)
        case .absent:
            return .none(Problem(because: "cluster.yaml declares no Marathon to run them", isByUnknown: false))
        case .unknown(let reason):
            guard isStarted else { return .none(Problem(because: reason, isByUnknown: true)) }
            guard isMarathonFresh, let expected = apps.expected else { return .later }
            return .fresh(expected)
        }
    }

    /// The form of a definition is that of a release: a comparison made in another one is worth nothing.
    private func installsAnother(than marathon: ObservedMarathon) -> Bool {
        if differences.contains(where: { $0.programChanges[.marathon] != nil }) { return true }
        return differences.flatMap(\.missing).contains { missing in
            guard missing.package.brings.contains(.marathon), let version = missing.version else { return false }
            return MarathonRelease(version) != marathon.context.release
        }
    }

    /// Every node of it answered and has neither the package nor a process.
    private var isMarathonFresh: Bool {
        let (members, silent) = members(of: .marathon)
        return silent.isEmpty && !members.isEmpty
            && members.allSatisfy { member in
                member.missing.contains { $0.package.brings.contains(.marathon) } && !member.mayBeUp(.marathon)
            }
    }

    /// All steps of ensembles form one total order: who needs the last of them needs all.
    ///
    /// Agents and masters count as much as Marathon itself: after a failed gate of theirs no deployment may begin that
    /// would put tasks on them.
    private var lastEnsembleStep: [String] {
        [draft.drafts.last { $0.step.layer?.isEnsemble == true }?.key].compactMap(\.self)
    }

    private mutating func compareLater(_ apps: DesiredApps) {
        draft.add(
            StepKey.compareApps,
            needs: lastEnsembleStep,
            Step(
                id: 0,
                title: "compare \(apps.words) once Marathon answers",
                act: .compareApps(deadlineSeconds: 300),
                reasons: [Reason("what is there already can be seen only then; the run ends here and plans again")]
            )
        )
    }

    // MARK: Steps

    private mutating func plan(_ apps: DesiredApps, in context: AppContext, _ marathon: ObservedMarathon?) {
        let records = AppRecords(desired, observed, revision: revision)
        let comparison = AppComparison(apps, in: context, marathon, records)
        let graph = AppGraph(apps.apps, marathon?.apps ?? [:])
        let judgements = Dictionary(apps.apps.map { ($0.id, comparison.judge($0)) }) { first, _ in first }
        let outcome = add(judgements, in: graph)
        if let marathon {
            prune(AppPruning(comparison, marathon, graph), after: outcome.last, unless: outcome.blocked)
        }
        refuseBeyondBudget(apps, running: marathon?.apps.values.reduce(0) { $0 + $1.tasksRunning } ?? 0)
    }

    /// - Returns: the keys of steps that no other app waits for, and the first app that is blocked.
    private mutating func add(
        _ judgements: [String: AppJudgement],
        in graph: AppGraph
    ) -> (last: [String], blocked: Blocked?) {
        let first = lastEnsembleStep
        let imageIndex = AppImageIndex(self)
        var unchecked: Set<AppImages.Unchecked> = []
        /// What keeps an app, or one that it depends on, from being as declared.
        var held: [String: Blocked] = [:]
        /// The steps that whoever depends on the app waits for: its own, else those of what it depends on.
        var nearest: [String: Set<String>] = [:]
        var last: Set<String> = []
        var blocked: Blocked?
        for id in graph.order {
            let upstream = graph.dependencies(of: id)
            let obstacle = upstream.lazy.compactMap { held[$0] }.first
            let needs = upstream.reduce(into: Set<String>()) { $0.formUnion(nearest[$1] ?? []) }
            held[id] = obstacle
            if !needs.isEmpty { nearest[id] = needs }
            var own: Blocked?
            switch judgements[id] {
            case nil: continue
            case .equal(let note)?:
                draft.notes += [note].compactMap(\.self)
                continue
            case .blocked(let item)?: own = item
            case .step(let step, let note)?:
                let images = step.putsTasks ? imageIndex.images(of: id, self) : AppImages()
                if let obstacle {
                    own = obstacle.passedOn(to: step.title)
                } else if let missing = images.obstacle {
                    own = missing.blocking(step.title, at: step.reasons.first?.position)
                } else {
                    let key = StepKey.app(id)
                    draft.add(key, needs: first + needs.sorted() + images.needs, step)
                    for item in images.unchecked where unchecked.insert(item).inserted { draft.notes.append(item.note) }
                    draft.notes += [note].compactMap(\.self)
                    nearest[id] = [key]
                    last.subtract(needs)
                    last.insert(key)
                }
            }
            guard let own else { continue }
            held[id] = own
            draft.blocked.append(own)
            blocked = blocked ?? own
        }
        return (last.sorted(), blocked)
    }
}

extension AppImages.Unchecked {
    fileprivate var note: Note {
        Note(node: node, "whether it has the image \(reference) was not checked; Mesos does not list it as an agent")
    }
}

extension Step {
    fileprivate var putsTasks: Bool {
        if case .app(let act) = act { act.putsTasks } else { false }
    }
}

extension Blocked {
    /// Of an app that depends on this one's.
    fileprivate func passedOn(to title: String) -> Blocked {
        Blocked(
            title: title,
            because: "it depends on what is blocked itself: \(self.title)",
            isByUnknown: isByUnknown,
            rule: rule
        )
    }
}

extension DesiredApps {
    fileprivate var words: String {
        if let only = apps.first, apps.count == 1 { return "app \(only.id)" }
        return "\(apps.count) apps"
    }
}
