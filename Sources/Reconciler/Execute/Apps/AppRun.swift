internal import Specs

/// Carries out what a step does to one app: looks again, writes once, follows it to its verdict, and records what came of it.
struct AppRun {
    let step: Step
    let act: AppAct
    let context: RunContext
    let tools: AppTools

    static let unplannedRestart =
        "the plan said that only the number of instances changes, and Marathon restarts every task: "
        + "look at what else was changed in the definition"

    /// Between looks while nothing can be told yet.
    private static let patience = Duration.seconds(30)

    func carryOut() async -> StepResult {
        let began = context.clock.now()
        let deadline = began + .seconds(act.deadlineSeconds)
        switch await begin(until: deadline) {
        case .ended(let result): return result
        case .inPlace(let sight): return StepResult(await confirm(sight, until: deadline))
        case .mayWrite(let sight): return StepResult(await change(sight, until: deadline))
        }
    }

    func progress(_ text: String) {
        context.emit(.progress(id: step.id, node: nil, text: "\(act.id): \(text)"))
    }

    /// - Parameters:
    ///   - words: What is waited for.
    ///   - missing: What it still lacks.
    ///   - began: In the run's time.
    ///   - deadline: In the run's time.
    func tellWait(_ words: String, _ missing: String, since began: Duration, until deadline: Duration) {
        context.emit(
            .waiting(
                id: step.id,
                words: words,
                missing: missing,
                seconds: Int((context.clock.now() - began).components.seconds),
                deadline: Int((deadline - began).components.seconds)
            )
        )
    }

    /// The revision of the declaration, for the records.
    private var revision: String {
        step.changes.lazy.compactMap { $0.applied?.revision }.first ?? "-"
    }

    /// - Returns: Whether any node remembers it.
    @discardableResult
    func record(_ entry: AppLedger.Entry) async -> Bool {
        await tools.ledger.record(entry, of: act.id, revision: revision, step: step.id, context)
    }

    // MARK: Looking

    /// One look at the app and at what Marathon works on.
    ///
    /// - Parameters:
    ///   - comparingSecrets: Gives the definition with every secret in the clear: only for comparing, never to be shown.
    ///   - deadline: In the run's time; nil: as long as one request may take.
    /// - Returns: What was seen, or why nothing was.
    func look(comparingSecrets: Bool = false, before deadline: Duration? = nil) async -> Result<AppSight, MarathonFault>
    {
        // Also a look that hangs ends with the deadline; the first one always has time to answer.
        let limit = deadline.map { max($0 - context.clock.now(), .seconds(5)) } ?? .seconds(60)
        let found = await context.clock.within(limit) { () async -> Result<AppSight, MarathonFault> in
            do throws(MarathonFault) {
                let answer = try await tools.marathon.appAnswer(act.id)
                let underWay = try await tools.marathon.deployments().filter { $0.touches(act.id) }
                guard let answer else { return .success(AppSight(app: nil, deployments: underWay)) }
                let masking = tools.marathon.masking()
                let app = comparingSecrets ? answer.app : masking.masked(answer.app, declared: act.target)
                var tasks = answer.tasks
                if tasks == nil { tasks = try await tools.marathon.tasks(act.id) }
                let failure = answer.lastTaskFailure.map { failure in
                    var masked = failure
                    masked.message = tools.marathon.masked(failure.message)
                    return masked
                }
                return .success(AppSight(app: app, tasks: tasks ?? [], failure: failure, deployments: underWay))
            } catch {
                return .failure(error)
            }
        }
        return found ?? .failure(MarathonFault(.unreachable, "no Marathon answered in time"))
    }

    private enum Beginning {
        case mayWrite(AppSight)
        /// As declared by now, though not by this step.
        case inPlace(AppSight)
        case ended(StepResult)
    }

    /// Whether everything still is as the plan saw it.
    private func begin(until deadline: Duration) async -> Beginning {
        let began = context.clock.now()
        let end = min(deadline, began + Self.patience)
        while true {
            do throws(MarathonFault) {
                if let words = mismatch(try await tools.marathon.context()) {
                    return .ended(StepResult(.failed(words), failedAssumption: words))
                }
                return compare(try await look(before: end).get())
            } catch {
                if case .cancelled = error.kind { return .ended(StepResult(.notReached("the run was interrupted"))) }
                guard case .unreachable = error.kind, context.clock.now() < end, !Task.isCancelled else {
                    return .ended(StepResult(.failed("\(act.id): \(error.message); nothing was written")))
                }
                tellWait("a Marathon that tells of \(act.id)", error.message, since: began, until: end)
                try? await context.clock.sleep(.seconds(1))
            }
        }
    }

    private func mismatch(_ now: AppContext) -> String? {
        let planned = act.context
        guard now.release == planned.release else { return "Marathon is \(now.release), not \(planned.release)" }
        // Groups come and go with every app; only the app's own decides anything for it.
        var flags = now
        flags.enforcedGroups = planned.enforcedGroups
        guard flags == planned else { return "Marathon's flags are not those that \(act.id) was planned for" }
        let (role, before) = (now.role(of: act.id), planned.role(of: act.id))
        guard role == before else {
            return "the role of apps in \(act.id)'s group is \(role) by default now, and was \(before) in the plan"
        }
        return nil
    }

    private func compare(_ sight: AppSight) -> Beginning {
        let expected: Bool
        switch act.expected {
        case .absent: expected = sight.app == nil
        case .version(let version): expected = sight.app?.version == version
        case .assumedAbsent:
            guard sight.app != nil else { return .mayWrite(sight) }
            let words = "\(act.id) is on Marathon already, where no app was expected"
            return .ended(StepResult(.failed(words), failedAssumption: words))
        }
        if expected { return .mayWrite(sight) }
        if isInPlace(sight) { return .inPlace(sight) }
        return .ended(StepResult(.conflict("\(act.id) was changed since the plan, by someone else: \(found(sight))")))
    }

    private func isInPlace(_ sight: AppSight) -> Bool {
        guard let target = act.target else { return sight.app == nil }
        let goal = AppGoal(id: act.id, definition: target, context: act.context, ignoring: act.ignoring)
        return goal.differingFields(sight)?.isEmpty ?? false
    }

    /// What the act is for.
    func goal(since version: String?, replaced: String? = nil) -> AppGoal {
        AppGoal(
            id: act.id,
            definition: act.target,
            context: act.context,
            ignoring: act.ignoring,
            replaced: replaced,
            since: version ?? ""
        )
    }

    private func found(_ sight: AppSight) -> String {
        switch (act.expected, sight.app) {
        case (.version(let version), let app?): "version \(app.version) instead of \(version)"
        case (.version(let version), nil): "version \(version) is gone"
        case (.absent, let app?), (.assumedAbsent, let app?):
            "version \(app.version) is there, where there was no such app"
        case (.absent, nil), (.assumedAbsent, nil): "it is gone"
        }
    }

    /// Somebody else has done it, and its deployment may still be on its way.
    private func confirm(_ sight: AppSight, until deadline: Duration) async -> StepOutcome {
        let goal = goal(since: sight.app?.version)
        let follow = AppFollow(
            run: self,
            goal: goal,
            words: words,
            deadline: deadline,
            allowedSeconds: act.deadlineSeconds
        )
        switch await follow.follow() {
        case .reached:
            await record(.applied(digest: act.digest))
            return .alreadyInPlace
        case .cancelled: return .unknown("\(act.id) is defined as declared; stopped waiting for its tasks")
        case .over(let missing, let sight), .timedOut(let missing, let sight?):
            let reasons = await AppReasons(run: self, goal: goal).words(sight)
            return .failed("\(act.id) is defined as declared and does not come up: \(missing)\(reasons)")
        case .timedOut(let missing, nil): return .failed("\(act.id): \(missing)")
        }
    }

    /// The app as Marathon's API names it.
    var path: String { "/v2/apps\(tools.marathon.escaped(act.id))" }

    /// What is waited for.
    var words: String {
        switch act.operation {
        case .create, .update, .recreate: "\(act.id) to run as declared"
        case .restart: "every task of \(act.id) to be replaced"
        case .delete: "\(act.id) to be gone"
        }
    }
}
