internal import Specs

extension SavedPlan {
    /// What reading again what the plan relies on came to.
    public enum Standing: Hashable, Sendable {
        /// `plan` is the saved one with nothing left to do in the steps `alreadySo`.
        case stands(Plan, alreadySo: [Int])
        /// Something moved that nothing in the plan explains.
        case moved([MovedObject])
    }

    /// Compares what `observed` shows with the fingerprints.
    ///
    /// An object that moved to what the plan makes of it is not held against the plan: it was carried out in part.
    public func standing(in observed: ObservedCluster) -> Standing {
        let effects = PlanEffects(self, observed)
        var moved: [MovedObject] = []
        for before in fingerprints {
            let now = observed.fingerprint(of: before.object)
            let moves = now.map { before.moves(to: $0) } ?? []
            if now != nil, moves.isEmpty { continue }
            let left = now == nil ? [] : moves.filter { !effects.explain($0, of: before.object) }
            if now == nil || !left.isEmpty {
                moved.append(MovedObject(object: before.object, moves: left, steps: steps(relyingOn: before.object)))
            }
        }
        // An entry of a directory is told once, as the file it is.
        let files = Set(moved.compactMap { if case .file(_, let path) = $0.object { path } else { nil } })
        moved = moved.compactMap { item in
            guard case .directory = item.object, !item.moves.isEmpty else { return item }
            var item = item
            item.moves.removeAll { files.contains($0.part) }
            return item.moves.isEmpty ? nil : item
        }
        guard moved.isEmpty else { return .moved(moved) }
        return effects.remaining
    }
}

/// What of a plan is there already.
private struct PlanEffects {
    let saved: SavedPlan
    let observed: ObservedCluster
    private let before: [ReliedObject: Fingerprint]

    init(_ saved: SavedPlan, _ observed: ObservedCluster) {
        self.saved = saved
        self.observed = observed
        before = Dictionary(saved.fingerprints.map { ($0.object, $0) }) { first, _ in first }
    }

    // MARK: What a move is due to

    func explain(_ move: Fingerprint.Move, of object: ReliedObject) -> Bool {
        switch object {
        case .file(let node, let path): isWritten(path, on: node) || isBrought(object, on: node)
        case .directory(let node, _, _):
            isWritten(move.part, on: node) || (move.before == nil && isInstalled(on: node))
                || isBrought(object, on: node)
        case .service(let node, let service):
            acts(of: service, on: node).contains {
                $0.explains(move.part) && isDone(NodeAction.service($0), on: node) == true
            }
                || isBrought(object, on: node)
        case .package(let node, let name) where move.part == "held":
            actions(on: node).contains { action in
                guard case .action(.holdPackages(let names)) = action else { return false }
                return names.contains(name) && isDone(action, on: node) == true
            }
        case .package(let node, let name):
            actions(on: node).contains { action in
                guard case .action(.installPackages(let packages, _)) = action else { return false }
                return packages.contains { $0.name == name && isInstalled($0, on: node) }
            }
        case .hostName(let node):
            actions(on: node).contains { action in
                if case .action(.setHostName) = action { isDone(action, on: node) == true } else { false }
            }
        // A link is changed by a step that takes its change back unless it is confirmed: nobody knows where it was left.
        case .link: false
        case .node(let node): move.part != "answers" && isInstalled(on: node)
        case .zooKeeper(let node): isRun(.zooKeeper, on: node)
        case .master(let node): isRun(.mesosMaster, on: node)
        case .image(let node, let reference): isShipped(reference, to: node)
        // Its own executor compares an app with what it should become.
        case .app(let id): isInPlace(app: id)
        case .origin, .marathon: false
        }
    }

    private func actions(on node: NodeName) -> [PlannedAction] {
        saved.plan.steps.flatMap(\.portions).filter { $0.node == node }.flatMap(\.actions)
    }

    private func acts(of service: ServiceName, on node: NodeName) -> [ServiceAct] {
        actions(on: node).compactMap { action in
            guard case .action(.service(let act)) = action, act.service == service else { return nil }
            return act
        }
    }

    private func isWritten(_ path: String, on node: NodeName) -> Bool {
        actions(on: node).contains { $0.path == path && isDone($0, on: node) == true }
    }

    private func isRun(_ service: ServiceName, on node: NodeName) -> Bool {
        acts(of: service, on: node).contains {
            $0.explains("process") && isDone(NodeAction.service($0), on: node) == true
        }
    }

    /// Whether a package that the plan installs is there: what it brings was not there before.
    private func isInstalled(on node: NodeName) -> Bool {
        actions(on: node).contains { action in
            guard case .action(.installPackages(let packages, _)) = action else { return false }
            return packages.contains { package in
                let was = before[.package(node, package.name)]
                return isInstalled(package, on: node) && was?.parts["installed"] != installed(package.name, on: node)
            }
        }
    }

    private func isBrought(_ object: ReliedObject, on node: NodeName) -> Bool {
        let parts = before[object]?.parts ?? [:]
        let wasMissing = parts["there"] == "no" || parts["boot"] == ServiceAnswer.Boot.none.rawValue
        return wasMissing && isInstalled(on: node)
    }

    private func isShipped(_ reference: String, to node: NodeName) -> Bool {
        saved.plan.steps.contains { step in
            guard case .image(let act) = step.act, act.node == node, act.reference == reference else { return false }
            return isInPlace(act) == true
        }
    }

    // MARK: What is done

    private func isDone(_ action: PlannedAction, on node: NodeName) -> Bool? {
        guard let seen = observed[node] else { return false }
        switch action {
        case .edit(let edit): return edit.isInPlace(in: seen.file(at: edit.path))
        case .action(let action): return isDone(action, on: node)
        case .checkFlags: return nil
        }
    }

    /// nil for what leaves nothing to be compared, such as a record.
    private func isDone(_ action: NodeAction, on node: NodeName) -> Bool? {
        guard let seen = observed[node] else { return false }
        switch action {
        case .writeFile(let write): return write.isInPlace(in: seen.file(at: write.path))
        case .removeFile(let path, _, _): return seen.file(at: path) == .absent
        case .service(let act): return isDone(act, on: seen)
        case .installPackages(let packages, _): return packages.allSatisfy { isInstalled($0, on: node) }
        case .image, .network: return false
        case .holdPackages(let names):
            return names.allSatisfy { seen.packages[$0]?.value?.isHeld == true }
        case .setHostName(let name): return seen.network.value.map { $0.hostname == name }
        case .renewSources, .refreshBalancer: return nil
        case .keepRunningCopies, .collect, .lease, .recordApplied: return nil
        }
    }

    private func isDone(_ act: ServiceAct, on node: ObservedNode) -> Bool? {
        guard case .found(let service)? = node.services[act.service] else { return false }
        switch act {
        case .maskUnit, .holdJob: return service.boot == .masked || service.boot == .off
        case .unmaskUnit, .releaseJob: return service.boot != .masked
        case .enableUnit: return service.boot == .on
        case .disableUnit: return service.boot == .off || service.boot == .masked
        case .startUnit, .startJob: return service.run == .running
        case .stopUnit, .stopJob: return service.run == .stopped
        case .restartUnit, .restartJob: return isRestarted(service, on: node)
        // Nothing tells whether a process has read its files again.
        case .reloadUnit, .reloadJob: return false
        }
    }

    /// Another process, and one that has read what the plan writes.
    private func isRestarted(_ service: ObservedService, on node: ObservedNode) -> Bool {
        let was = before[.service(node.name, service.name)]?.parts["process"]
        guard service.run == .running, let pid = service.pid, let was, "\(pid)" != was else { return false }
        let written = actions(on: node.name).filter { $0.readBy.contains(service.name) }
        return written.allSatisfy { action in
            guard isDone(action, on: node.name) == true, let path = action.path else { return false }
            guard case .found(let file) = node.file(at: path) else { return service.copies[path] == nil }
            if let copy = service.copies[path], copy == file.content { return true }
            // Both are whole seconds, and a restart follows its write within one. A process that began just before it would
            // run with another flag than the file has, which the next plan sees.
            return service.started.map { $0 >= file.modified } ?? false
        }
    }

    private func installed(_ name: String, on node: NodeName) -> String? {
        observed[node]?.packages[name]?.value?.installed
    }

    private func isInstalled(_ package: PackageInstall, on node: NodeName) -> Bool {
        guard let installed = installed(package.name, on: node) else { return false }
        return package.version.map { $0 == installed } ?? true
    }

    private func isInPlace(_ act: ImageAct) -> Bool? {
        guard let node = act.node, case .found(let engine)? = observed[node]?.engine else { return nil }
        let held = engine.image(act.reference)
        switch act.operation {
        case .build: return nil
        case .ship(let shipment):
            guard let image = shipment.image, let held else { return false }
            return held.id == image.id || (!image.layers.isEmpty && held.layers == image.layers.map(\.diffID))
        case .pull(_, let id): return id.map { held?.id == $0 }
        case .tag(let id): return held?.id == id
        case .remove(let id): return !engine.images.contains { $0.id == id }
        }
    }

    private func isInPlace(app id: String) -> Bool {
        saved.plan.steps.contains { step in
            guard case .app(let act) = step.act, act.id == id else { return false }
            return isInPlace(act)
        }
    }

    private func isInPlace(_ act: AppAct) -> Bool {
        guard let marathon = observed.marathon.value else { return false }
        guard let target = act.target else { return marathon.apps[act.id] == nil }
        let goal = AppGoal(id: act.id, definition: target, context: act.context, ignoring: act.ignoring)
        return goal.differingFields(AppSight(app: marathon.apps[act.id]))?.isEmpty ?? false
    }

    // MARK: What is left

    /// The plan without what is done; gates stay, so that a run which broke off before one goes through it.
    var remaining: SavedPlan.Standing {
        var plan = saved.plan
        var alreadySo: [Int] = []
        for index in plan.steps.indices {
            let step = plan.steps[index]
            guard hasMoved(step) else { continue }
            let portions = step.portions.map { portion in
                isDone(portion) ? Portion(node: portion.node, actions: []) : portion
            }
            plan.steps[index].act = step.act.with(portions)
            if !portions.isEmpty, portions.allSatisfy(\.actions.isEmpty) { alreadySo.append(step.id) }
            switch step.act {
            case .app(let act) where isInPlace(act): alreadySo.append(step.id)
            case .image(let act) where isInPlace(act) == true: alreadySo.append(step.id)
            default: break
            }
        }
        return .stands(plan, alreadySo: alreadySo)
    }

    /// A step of which nothing moved is carried out as it is, whatever it looks like.
    private func hasMoved(_ step: Step) -> Bool {
        (saved.reliance[step.id] ?? []).contains { place in
            let was = saved.fingerprints[place]
            return observed.fingerprint(of: was.object).map { !was.moves(to: $0).isEmpty } ?? false
        }
    }

    private func isDone(_ portion: Portion) -> Bool {
        let states = portion.actions.compactMap { isDone($0, on: portion.node) }
        return !states.isEmpty && states.allSatisfy { $0 }
    }
}

extension Act {
    fileprivate func with(_ portions: [Portion]) -> Act {
        let members = portions.map { Member(node: $0.node, planned: $0.actions) }
        switch self {
        case .visit(let node, _): return .visit(node, portions.first?.actions ?? [])
        case .start(let service, _): return .start(service, members)
        case .roll(let service, _, let rule, let pause): return .roll(service, members, rule, pauseSeconds: pause)
        case .app, .compareApps, .image, .network: return self
        }
    }
}

extension PlannedAction {
    /// Of the file it writes or removes.
    fileprivate var path: String? {
        switch self {
        case .edit(let edit): edit.path
        case .action(.writeFile(let write)): write.path
        case .action(.removeFile(let path, _, _)): path
        case .action, .checkFlags: nil
        }
    }

    fileprivate var readBy: [ServiceName] {
        switch self {
        case .edit(let edit): edit.readBy
        case .action(.writeFile(let write)): write.readBy
        case .action(.removeFile(_, _, let readBy)): readBy
        case .action, .checkFlags: []
        }
    }
}

extension ServiceAct {
    /// Whether it is what moves that part of a service's fingerprint.
    fileprivate func explains(_ part: String) -> Bool {
        switch self {
        case .maskUnit, .unmaskUnit, .enableUnit, .disableUnit, .holdJob, .releaseJob: part == "boot"
        case .startUnit, .stopUnit, .restartUnit, .startJob, .stopJob, .restartJob: part == "run" || part == "process"
        case .reloadUnit, .reloadJob: false
        }
    }
}

extension FileWrite {
    fileprivate func isInPlace(in seen: Observation<ObservedFile>) -> Bool {
        guard case .found(let file) = seen else { return false }
        return file.holds(content, mode, owner, group)
    }
}

extension LateEdit {
    fileprivate func isInPlace(in seen: Observation<ObservedFile>) -> Bool {
        switch (body, seen) {
        case (.absent, .absent): return true
        case (.absent, _), (_, .absent), (_, .unknown): return false
        case (.whole(let content), .found(let file)): return file.holds(content, mode, owner, group)
        case (.keyed(let edit), .found(let file)):
            guard let content = file.content else { return false }
            let text = KeyedText(content, format: edit.format)
            return text.fault == nil && text.satisfies(edit) && file.holds(content, mode, owner, group)
        }
    }
}

extension ObservedFile {
    /// The same as shown, secrets by reference, with the rights that are asked for.
    fileprivate func holds(_ wanted: Content, _ mode: Int?, _ owner: String?, _ group: String?) -> Bool {
        kind == .regular && content == wanted && mode ?? self.mode == self.mode && owner ?? self.owner == self.owner
            && group ?? self.group == self.group
    }
}
