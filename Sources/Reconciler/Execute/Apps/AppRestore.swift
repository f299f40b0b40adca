internal import Specs

/// Writes back the version of an app that was good before this run's write.
///
/// By a write of its own and never by deleting the deployment: up to 0.8.1 that rolls other apps back too (marathon-api.md 5.4).
struct AppRestore {
    let run: AppRun
    let lastGood: RawApp
    /// The version that this run's write has made, where its answer said it.
    var written: String?

    /// The definition from before, where it is to be restored on failure and was good: deployed, every task of it running.
    static func lastGood(of run: AppRun, _ before: AppSight) async -> Result<RawApp?, MarathonFault> {
        guard run.act.onFailure == .restore, let app = before.app else { return .success(nil) }
        let itself = AppGoal(id: app.id, definition: app.definition, context: run.act.context)
        guard itself.standing(before) == .reached else { return .success(nil) }
        do throws(MarathonFault) {
            let raw = try await run.tools.marathon.rawApp(app.id)
            guard let raw, raw.version == app.version else {
                return .failure(MarathonFault(.missing, "it was changed at that moment, by someone else"))
            }
            return .success(raw)
        } catch {
            return .failure(error)
        }
    }

    /// Restores it and follows that to its end; words for the outcome.
    func restore() async -> String {
        let version = "the version of \(lastGood.version)"
        let sight: AppSight
        switch await run.look(comparingSecrets: true) {
        case .failure(let fault): return "\(version) could not be restored: \(fault.message)"
        case .success(let seen): sight = seen
        }
        guard let app = sight.app else { return "\(version) could not be restored: the app is gone" }
        let definition = definition
        let ignoring = run.act.ignoring
        let revision = AppRevision(of: definition, from: app.definition, in: run.act.context, ignoring: ignoring)
        if revision != nil, !isOwn(app) {
            return
                "\(version) is not restored: \(run.act.id) was changed by someone else since, to that of \(app.version)"
        }
        let goal = AppGoal(
            id: run.act.id,
            definition: definition,
            context: run.act.context,
            ignoring: ignoring,
            replaced: revision?.effect == .restart ? app.version : nil,
            since: app.version
        )
        if let words = await write(revision, sight, goal) { return "\(version) could not be restored: \(words)" }
        let isRemembered = await run.record(.restored(digest: run.act.digest))
        return await follow(goal, version)
            + (isRemembered
                ? "; it is not applied again until its declaration changes"
                : "; no node remembers that, so that the next apply tries it again: change the declaration before")
    }

    /// What was good, without the number of instances where that is nobody's to write.
    private var definition: AppValue {
        guard run.act.target?["instances"] == nil, var members = lastGood.definition.members else {
            return lastGood.definition
        }
        members["instances"] = nil
        return .object(members)
    }

    /// Whether what is there now is this run's own write and nothing later.
    private func isOwn(_ app: LiveApp) -> Bool {
        if let written, app.version == written { return true }
        let masked = run.tools.marathon.masking().masked(app, declared: run.act.target)
        return run.goal(since: nil).differingFields(AppSight(app: masked))?.isEmpty ?? false
    }

    /// Why nothing was written; nil where it was, or need not be.
    private func write(_ revision: AppRevision?, _ sight: AppSight, _ goal: AppGoal) async -> String? {
        switch revision?.way {
        case nil: return nil
        case .recreate(_, let fields)?:
            let names = fields.joined(separator: ", ")
            return "this Marathon has no write that takes \(names) away; delete the app and make it again by hand"
        case .write(let write)?:
            let request = AppRequest(run: run, before: sight, goal: goal, line: "PUT \(run.path)") {
                force throws(MarathonFault) in
                try await run.tools.marathon.put(write, id: run.act.id, force: force)
            }
            run.progress("restores the version of \(lastGood.version)")
            // What holds the app is overridden where it is the deployment that failed; anybody else's is theirs.
            let holders = sight.deployments.map(\.id) + (sight.app?.deployments ?? [])
            let isHeldByOthers = holders.contains { !run.tools.ownDeployments.contains($0) }
            let force = run.act.isForced || !isHeldByOthers
            switch await request.send(until: run.context.clock.now() + .seconds(60), force: force) {
            case .accepted: return nil
            case .ended(let outcome): return outcome.words
            }
        }
    }

    private func follow(_ goal: AppGoal, _ version: String) async -> String {
        var follow = AppFollow(
            run: run,
            goal: goal,
            words: "\(run.act.id) to run as before",
            deadline: run.context.clock.now() + .seconds(run.act.deadlineSeconds),
            allowedSeconds: run.act.deadlineSeconds
        )
        follow.comparesSecrets = true
        switch await follow.follow() {
        case .reached: return "restored \(version)"
        case .cancelled: return "\(version) is written back; stopped waiting for it"
        case .over(let missing, _), .timedOut(let missing, _):
            return "\(version) is written back and does not come up either: \(missing)"
        }
    }
}

extension StepOutcome {
    /// What it says of a step that did not succeed.
    fileprivate var words: String {
        switch self {
        case .applied, .alreadyInPlace: ""
        case .failed(let words), .conflict(let words), .notReached(let words), .unknown(let words): words
        }
    }
}
