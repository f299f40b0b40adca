internal import Specs

/// Which apps `policy.prune.apps` removes: undeclared ones under the declared prefixes, and nothing that is protected or
/// that something which stays depends on.
///
/// Pods and groups are never touched; a group that is left empty stays.
struct AppPruning {
    let comparison: AppComparison
    let marathon: ObservedMarathon
    let graph: AppGraph
    /// Prefixes without a slash at their end; the root is empty.
    let prefixes: [String]
    /// Undeclared, under a prefix and not protected; sorted.
    let candidates: [String]
    /// Candidates that something which stays depends on.
    let relied: Set<String>

    init(_ comparison: AppComparison, _ marathon: ObservedMarathon, _ graph: AppGraph) {
        self.comparison = comparison
        self.marathon = marathon
        self.graph = graph
        let apps = comparison.apps
        let prefixes = Set(apps.pruneUnder.map(\.withoutSlashAtEnd)).sorted()
        let declared = Set(apps.apps.map(\.id))
        self.prefixes = prefixes
        candidates = marathon.apps.keys.sorted().filter { id in
            !declared.contains(id) && prefixes.contains { id.isUnder($0) }
                && !apps.protects(id)
        }
        let leaving = Set(candidates)
        relied = graph.closure(of: graph.order.filter { !leaving.contains($0) }).intersection(leaving)
    }

    /// What goes: dependents before what they depend on.
    var removable: [String] {
        let leaving = Set(candidates).subtracting(relied)
        return graph.order.reversed().filter(leaving.contains)
    }

    /// Why these would be too many, if so.
    var refusal: Refusal? {
        let leaving = Set(removable)
        guard !leaving.isEmpty else { return nil }
        let remedy =
            "look whether the files are complete (`apps:` in cluster.yaml); remove by hand what should really go, or list it "
            + "in policy.protect"
        // What is spared shows nothing of whether the files are complete: only a declared app that is there does.
        let spared = marathon.apps.keys.filter { !leaving.contains($0) && isSpared($0) }
        let words = spared.isEmpty ? "" : " that is not spared"
        if leaving.count + spared.count == marathon.apps.count {
            return Refusal(
                rule: "prune-all",
                nodes: [],
                reason: "every app there is on this Marathon\(words) would be removed: \(removable.sorted().listed)",
                remedy: remedy
            )
        }
        let emptied = prefixes.first { prefix in
            removable.contains { $0.isUnder(prefix) } && !comparison.apps.apps.contains { $0.id.isUnder(prefix) }
        }
        return emptied.map { prefix in
            Refusal(
                rule: "prune-all",
                nodes: [],
                reason: "nothing is declared under \(prefix), and every app there\(words) would be removed: "
                    + removable.filter { $0.isUnder(prefix) }.sorted().listed,
                remedy: remedy
            )
        }
    }

    /// Not declared, and kept all the same.
    private func isSpared(_ id: String) -> Bool {
        let apps = comparison.apps
        return relied.contains(id) || apps.protects(id) && !apps.apps.contains { $0.id == id }
    }

    func step(_ id: String) -> Step? {
        guard let live = marathon.apps[id], let prefix = prefixes.first(where: { id.isUnder($0) }) else { return nil }
        let act = AppAct(
            id: id,
            operation: .delete,
            expected: .version(live.version),
            context: comparison.context,
            isForced: comparison.apps.forced.contains(id),
            tasks: AppTasks(killed: live.tasksAlive)
        )
        let records = comparison.records
        return Step(
            id: 0,
            title: act.title,
            act: .app(act),
            changes: [
                Change(
                    resource: "app:\(id)",
                    kind: .remove,
                    cause: records.cause(of: id, digest: act.digest),
                    summary: "not declared",
                    applied: records.entry(id, digest: act.digest)
                )
            ],
            impact: act.impact,
            reasons: [
                Reason("policy.prune.apps removes what is under \(prefix.isEmpty ? "/" : prefix) and not declared")
            ],
            undo: "declare it again"
        )
    }
}

extension Planning {
    /// Removals wait for every other app: whoever moved an app has the new one first.
    mutating func prune(_ pruning: AppPruning, after last: [String], unless blocked: Blocked?) {
        let removable = pruning.removable
        let apps = pruning.comparison.apps
        let words = "\(removable.count) undeclared app\(removable.count == 1 ? "" : "s")"
        if apps.prune != .never, !pruning.relied.isEmpty {
            draft.notes.append(
                Note(
                    "kept though not declared, since something that stays depends on it: "
                        + pruning.relied.sorted().listed
                )
            )
        }
        guard !removable.isEmpty else { return }
        switch apps.prune {
        case .never:
            let all = pruning.candidates
            draft.notes.append(
                Note("under \(pruning.prefixes.listed) and not declared, kept (policy.prune.apps): \(all.listed)")
            )
            return
        case .confirm where !apps.mayAsk:
            draft.notes.append(
                Note(
                    "\(words) left alone, since --yes does not confirm what policy.prune.apps asks for: "
                        + removable.sorted().listed
                )
            )
            return
        case .confirm:
            draft.notes.append(
                Note(
                    "policy.prune.apps is `confirm`: apply asks before it removes \(words); with --yes it leaves them alone"
                )
            )
        case .always: break
        }
        if let problem = pruning.problem(blocked) {
            draft.blocked.append(
                Blocked(
                    title: "remove \(words)",
                    because: problem.because,
                    isByUnknown: problem.isByUnknown,
                    rule: problem.isByUnknown ? nil : blocked?.rule
                )
            )
            return
        }
        if let refusal = pruning.refusal { draft.refusals.append(refusal) }
        add(pruning, removable, after: last)
    }

    private mutating func add(_ pruning: AppPruning, _ removable: [String], after last: [String]) {
        let leaving = Set(removable)
        let dependents = removable.reduce(into: [String: [String]]()) { dependents, id in
            for target in pruning.graph.dependencies(of: id) where leaving.contains(target) {
                dependents[target, default: []].append(StepKey.app(id))
            }
        }
        for id in removable {
            guard let step = pruning.step(id), let live = pruning.marathon.apps[id] else { continue }
            draft.add(StepKey.app(id), needs: last + (dependents[id] ?? []), step)
            draft.notes += [pruning.comparison.note(on: id, live)].compactMap(\.self)
        }
    }
}

extension AppPruning {
    /// A list that may be incomplete shows neither all that is there nor all that relies on it; and what takes the place
    /// of a removed app may be what is blocked.
    fileprivate func problem(_ blocked: Blocked?) -> Problem? {
        if let hidden = marathon.hidden.min(by: { $0.key < $1.key }) {
            let because = "Marathon's list of apps may be incomplete: \(hidden.key) could not be seen (\(hidden.value))"
            return Problem(because: because, isByUnknown: true)
        }
        return blocked.map { item in
            Problem(
                because: "removals come last, and before them is blocked: \(item.title)",
                isByUnknown: item.isByUnknown
            )
        }
    }
}

extension DesiredApps {
    /// `policy.protect`: the id itself, or a group that it is in.
    fileprivate func protects(_ id: String) -> Bool {
        protect.contains { id == $0 || id.isUnder($0.withoutSlashAtEnd) }
    }
}

extension String {
    fileprivate var withoutSlashAtEnd: String { hasSuffix("/") ? String(dropLast()) : self }

    /// Path by path: `/shop` has `/shop/cart` under it, not `/shopping`, and not itself.
    fileprivate func isUnder(_ prefix: String) -> Bool { hasPrefix(prefix + "/") }
}

extension [String] {
    /// `/a, /b`; from more than ten on the first ones and how many more there are.
    var listed: String {
        count > 10 ? prefix(10).joined(separator: ", ") + " and \(count - 10) more" : joined(separator: ", ")
    }
}
