internal import Specs

extension Planning {
    /// Docker engines start and answer before anything relies on them; what they take at a reload is written and reloaded.
    mutating func startEngines() {
        for difference in differences {
            guard let service = difference.engine, let found = difference.service(service.name) else { continue }
            switch found.need {
            case .nothing, .holdOff, .site:
                if case .unknown(let reason) = difference.observed.dockerEngine, !difference.lacksEnginePackage {
                    block(difference, service, "the engine runs and does not answer: \(reason)", isByUnknown: true)
                }
                write(files(of: difference, in: .engine), of: difference)
            case .start, .enable:
                if let problem = engineProblem(difference) {
                    hold(service, problem, verb: "start", on: difference)
                } else {
                    start(service, found, on: difference)
                }
            case .reload(let differences):
                if let problem = engineProblem(difference) {
                    hold(service, problem, verb: "reload", on: difference)
                } else {
                    reload(service, differences, on: difference)
                }
            // Later, in the order of the ensembles: it takes tasks along.
            case .restart: continue
            }
        }
    }

    /// What keeps the engine from being started or told of anything: no package, or a file of it that cannot be judged.
    private func engineProblem(_ difference: NodeDifference) -> Problem? {
        if let package = difference.engineBlock { return Problem(because: package, isByUnknown: false) }
        return difference.blocked.first { $0.layer == .engine }.map {
            Problem(because: "\($0.title): \($0.because)", isByUnknown: $0.isByUnknown)
        }
    }

    private mutating func hold(
        _ service: Service,
        _ problem: Problem,
        verb: String,
        on difference: NodeDifference
    ) {
        block(difference, service, problem.because, verb: verb, isByUnknown: problem.isByUnknown)
        withhold(files(of: difference, in: .engine), on: difference.name)
    }

    /// It runs with what is declared already: only the next start reads this.
    private mutating func write(_ files: [FileDifference], of difference: NodeDifference) {
        guard !files.isEmpty else { return }
        draft.add(
            StepKey.configure(.engine, difference.name),
            needs: [StepKey.install(difference.name)],
            Step(
                id: 0,
                layer: .engine,
                title: files.title,
                act: .visit(difference.name, files.map(\.act)),
                changes: files.map(\.change),
                reasons: files.map(\.file.reason).unique
            )
        )
        take(files, on: difference.name)
    }

    private mutating func start(_ service: Service, _ found: ServiceDifference, on difference: NodeDifference) {
        let files = files(of: difference, in: .engine)
        let intent: ServiceIntent = found.need == .enable ? .enable : .start
        let acts = intent.lower(service.name, to: difference.desired.platform.initSystem)
        draft.add(
            StepKey.engine(difference.name),
            needs: [StepKey.install(difference.name)],
            Step(
                id: 0,
                title: "start \(service.name)",
                act: .visit(
                    difference.name,
                    files.map(\.act)
                        + (acts.map { .service($0) } + difference.desired.copies(of: service)).map { .action($0) }
                ),
                changes: files.map(\.change) + [difference.change(of: service, found.words)],
                gate: Self.engineGate(difference.name),
                reasons: files.map(\.file.reason).unique + [service.reason]
            )
        )
        take(files, on: difference.name)
    }

    private mutating func reload(_ service: Service, _ differences: [String], on difference: NodeDifference) {
        let files = files(of: difference, in: .engine)
        let acts = ServiceIntent.reload.lower(service.name, to: difference.desired.platform.initSystem)
        draft.add(
            StepKey.engine(difference.name),
            needs: [StepKey.install(difference.name)],
            Step(
                id: 0,
                title: "reload \(service.name)",
                act: .visit(
                    difference.name,
                    files.map(\.act)
                        + (acts.map { .service($0) } + difference.desired.copies(of: service)).map { .action($0) }
                ),
                changes: difference.changes(of: service, files, "reload: " + differences.joined(separator: ", ")),
                gate: Self.engineGate(difference.name),
                reasons: files.map(\.file.reason).unique + [service.reason],
                undo: "revert the commit; the old files are kept under /var/lib/reconciler/backup"
            )
        )
        take(files, on: difference.name)
    }

    static func engineGate(_ node: NodeName) -> Gate {
        Gate(.dockerEngine(node: node), deadlineSeconds: 90, words: "the Docker engine answers")
    }

    // MARK: Restarts

    /// Engines that take what is declared only at a restart: one after another, each with the agent on top of it.
    ///
    /// Steps of the agents' layer: whatever ends an agent's tasks waits for the one before to be back.
    mutating func restartEngines() {
        var isFirst = true
        for difference in differences {
            guard let service = difference.engine, let found = difference.service(service.name),
                case .restart(let pid, let differences) = found.need
            else { continue }
            if let problem = engineProblem(difference) ?? agentsOut(besides: difference.name) {
                hold(service, problem, verb: "restart", on: difference)
                continue
            }
            restart(service, pid, differences, on: difference)
            if isFirst {
                draft.safety.append("Docker engines: one at a time, each with its agent back before the next")
            }
            isFirst = false
        }
    }

    /// Registered agents that are not up now, where no more may be out.
    private func agentsOut(besides name: NodeName) -> Problem? {
        let out = members(of: .mesosAgent).answering.filter { member in
            member.name != name && member.isRegisteredAgent && !member.isUp(.mesosAgent)
        }
        guard let first = out.first, out.count >= desired.agentsAtOnce else { return nil }
        return Problem(
            because: "\(first.name) is out already, and policy.agentsAtOnce is \(desired.agentsAtOnce)",
            isByUnknown: false
        )
    }

    private mutating func restart(
        _ service: Service,
        _ pid: Int?,
        _ differences: [String],
        on difference: NodeDifference
    ) {
        let files = files(of: difference, in: .engine)
        let name = difference.name
        let acts = [ServiceIntent.enable, .restart(pid: pid)]
            .flatMap { $0.lower(service.name, to: difference.desired.platform.initSystem) }
        let impact =
            if !difference.keepsContainers(service) {
                "restarts every container on \(name)"
            } else if difference.isUp(.mesosAgent) {
                // Their executors hang on clients of this very engine.
                "live-restore keeps containers, and Docker tasks of \(name)'s agent may end all the same"
            } else {
                "no container restarts (live-restore); the engine is away for seconds"
            }
        addInOrder(
            StepKey.engine(name),
            needs: [StepKey.install(name)],
            Step(
                id: 0,
                layer: .agents,
                title: "restart \(service.name)",
                act: .visit(
                    name,
                    files.map(\.act)
                        + (acts.map { .service($0) } + difference.desired.copies(of: service)).map { .action($0) }
                ),
                changes: difference.changes(of: service, files, "restart: " + differences.joined(separator: ", ")),
                gate: restartGate(difference),
                impact: .disruptive(impact),
                reasons: files.map(\.file.reason).unique + [service.reason],
                undo: "revert the commit; the old files are kept under /var/lib/reconciler/backup"
            )
        )
        take(files, on: name)
    }

    /// The engine answers, and the agent that uses it is where it was.
    private func restartGate(_ difference: NodeDifference) -> Gate {
        let engine = Self.engineGate(difference.name)
        guard difference.isUp(.mesosAgent), difference.desired.service(.mesosAgent)?.running == true else {
            return engine
        }
        let agent = agentGate([difference])
        return Gate(
            .all([engine.condition, agent.condition]),
            deadlineSeconds: engine.deadlineSeconds + agent.deadlineSeconds,
            words: "\(engine.words), and \(agent.words)"
        )
    }
}

extension NodeDifference {
    /// The engine that is wanted here.
    fileprivate var engine: Service? { desired.services.first { $0.layer == .engine && $0.running } }

    fileprivate func changes(of service: Service, _ files: [FileDifference], _ summary: String) -> [Change] {
        var run = change(of: service, summary)
        run.cause = files.map(\.change.cause).contains(.git) ? .git : files.first?.change.cause ?? run.cause
        return files.map(\.change) + [run]
    }

    /// Whether the engine's package is missing (then its silence is no news).
    var lacksEnginePackage: Bool { missing.contains { $0.package.brings.contains(.docker) } }

    /// Why no engine can be had here, if none can: its package is missing and nothing installs it.
    var engineBlock: String? {
        guard let package = desired.packages.first(where: { $0.brings.contains(.docker) }),
            !observed.hasInstalled(package.name), !lacksEnginePackage
        else { return nil }
        let reason = blocked.first { $0.title == "install \(package.name)" }?.because
        return "package \(package.name) is missing\(reason.map { ": \($0)" } ?? "")"
    }
}
