internal import Specs

/// What a plan has for one declared app, before any thought of order.
enum AppJudgement: Hashable {
    /// As declared, and what its tasks lack all the same.
    case equal(Note?)
    /// The step, and what else is worth knowing about it.
    case step(Step, Note?)
    case blocked(Blocked)
}

/// Declared apps against those of one Marathon.
struct AppComparison {
    let apps: DesiredApps
    let context: AppContext
    /// nil for a Marathon that is yet to be installed.
    let marathon: ObservedMarathon?
    let records: AppRecords
    private let underWay: [String: LiveDeployment]

    init(_ apps: DesiredApps, in context: AppContext, _ marathon: ObservedMarathon?, _ records: AppRecords) {
        self.apps = apps
        self.context = context
        self.marathon = marathon
        self.records = records
        underWay = (marathon?.deployments ?? []).reduce(into: [:]) { found, deployment in
            for id in deployment.affectedApps where found[id] == nil { found[id] = deployment }
        }
    }

    func judge(_ app: DesiredApp) -> AppJudgement {
        if let reason = marathon?.hidden[app.id] {
            return block(app, "whether it is there could not be seen: \(reason)", isByUnknown: true)
        }
        guard let live = marathon?.apps[app.id] else { return creation(of: app) }
        let ignoring = apps.ignore[app.id] ?? []
        guard let revision = AppRevision(of: app.definition, from: live.definition, in: context, ignoring: ignoring)
        else { return restart(of: app, live) }
        return obstacle(to: app) ?? self.revision(of: app, live, revision, ignoring)
    }

    // MARK: Steps

    private func creation(of app: DesiredApp) -> AppJudgement {
        if let obstacle = obstacle(to: app) { return obstacle }
        let instances = app.instances ?? 1
        var act = act(
            app,
            .create(AppWrite(creating: app.definition, in: context)),
            marathon == nil ? .assumedAbsent : .absent
        )
        act.tasks = AppTasks(added: instances)
        let fields = (app.definition.members ?? [:]).sorted { $0.key < $1.key }.filter { $0.key != "id" }
            .map { FieldDifference(path: $0.key, before: nil, after: $0.value) }
        let number = "\(instances) instance\(instances == 1 ? "" : "s")"
        let summary = app.definition.workload.map { "\(number) of \($0)" } ?? number
        return .step(step(app, act, .create, summary, fields), nil)
    }

    private func revision(
        of app: DesiredApp,
        _ live: LiveApp,
        _ revision: AppRevision,
        _ ignoring: [String]
    ) -> AppJudgement {
        let instances = ignoring.contains("instances") ? live.instances : app.instances ?? live.instances
        var act: AppAct
        switch revision.way {
        case .write(let write):
            act = self.act(app, .update(write), .version(live.version))
            act.effect = revision.effect
            act.tasks = live.tasks(after: revision.effect, instances: instances)
        case .recreate(let write, let clearing):
            guard apps.consent.contains("recreate-app:\(app.id)") else { return forbid(app, live, clearing) }
            act = self.act(app, .recreate(write), .version(live.version))
            act.tasks = AppTasks(restarted: live.tasksAlive, added: max(0, instances - live.tasksAlive))
        }
        act.ignoring = ignoring
        let step = step(app, act, .update, revision.differences.summary, revision.differences)
        return .step(step, note(on: app.id, live) ?? leftBehind(live, after: act.effect))
    }

    /// Tasks that a write which keeps every task leaves as they are, though they are not what is declared.
    private func leftBehind(_ live: LiveApp, after effect: AppEffect?) -> Note? {
        guard let effect, effect != .restart, let outdated = live.outdatedTasks, outdated > 0 else { return nil }
        let tasks = outdated == 1 ? "1 task runs" : "\(outdated) tasks run"
        return Note(
            "\(live.id): \(tasks) an older configuration, which this does not change; the plan after it restarts them"
        )
    }

    /// An equal definition is written never; tasks that a cancelled deployment left behind need a restart of their own
    /// (marathon-api.md 0, fact 6).
    private func restart(of app: DesiredApp, _ live: LiveApp) -> AppJudgement {
        guard let outdated = live.outdatedTasks, outdated > 0, live.deployments.isEmpty, underWay[app.id] == nil else {
            return .equal(lack(of: live))
        }
        if let obstacle = obstacle(to: app) { return obstacle }
        var act = act(app, .restart, .version(live.version))
        act.tasks = live.tasks(replacedBy: live.instances)
        act.ignoring = apps.ignore[app.id] ?? []
        let tasks = outdated == 1 ? "1 task still runs" : "\(outdated) tasks still run"
        let since = live.lastConfigChange.map { "before \($0)" } ?? "an older version"
        return .step(
            step(app, act, .run, "\(tasks) the configuration of \(since); a deployment was cancelled", []),
            nil
        )
    }

    private func act(
        _ app: DesiredApp,
        _ operation: AppAct.Operation,
        _ expected: AppAct.Expectation
    ) -> AppAct {
        AppAct(
            id: app.id,
            operation: operation,
            expected: expected,
            context: context,
            target: app.definition,
            digest: app.definition.digest,
            isForced: apps.forced.contains(app.id),
            deadlineSeconds: app.deadlineSeconds,
            onFailure: app.onFailure.act
        )
    }

    private func step(
        _ app: DesiredApp,
        _ act: AppAct,
        _ kind: Change.Kind,
        _ summary: String,
        _ fields: [FieldDifference]
    ) -> Step {
        let places = kind == .create || fields.isEmpty ? [app.position] : fields.map { app.position(of: $0.path) }
        return Step(
            id: 0,
            title: act.title,
            act: .app(act),
            changes: [
                Change(
                    resource: "app:\(app.id)",
                    kind: kind,
                    cause: records.cause(of: app.id, digest: act.digest),
                    summary: summary,
                    applied: records.entry(app.id, digest: act.digest),
                    fields: fields
                )
            ],
            impact: act.impact,
            reasons: Set(places).sorted().map { Reason("\(app.id) is declared so", at: $0) },
            undo: kind == .create ? "take it out of the files and delete it" : "revert the commit and apply"
        )
    }

    // MARK: What is not done

    /// Why nothing may be written for the app, if so; what is equal is not asked.
    private func obstacle(to app: DesiredApp) -> AppJudgement? {
        if records.isTakenBack(app.id, digest: app.definition.digest) {
            return block(
                app,
                "its deployment failed and the version before was restored; commit a change to try again",
                isByUnknown: false
            )
        }
        let faults = faults(of: app, in: context)
        guard let first = faults.first else { return nil }
        let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
        return .blocked(
            Blocked(
                title: "app \(app.id)",
                because:
                    "\(first.path.isEmpty ? "" : first.path + ": ")\(first.message)\(more), says the validation of Marathon "
                    + "\(context.release)",
                isByUnknown: false,
                remedy: first.hint,
                position: app.position(of: first.path)
            )
        )
    }

    private func forbid(_ app: DesiredApp, _ live: LiveApp, _ clearing: [String]) -> AppJudgement {
        let tasks = live.tasksAlive == 1 ? "its 1 task" : "all its \(live.tasksAlive) tasks"
        return .blocked(
            Blocked(
                title: "recreate app \(app.id)",
                because:
                    "Marathon \(context.release) has no write that takes \(clearing.joined(separator: ", ")) away: a "
                    + "PUT keeps what it does not name. The app would be deleted and made again, which kills \(tasks), "
                    + "and it is away until the new ones run",
                isByUnknown: false,
                rule: "app-recreate",
                remedy: "add `recreate-app:\(app.id)` to policy.consent, or declare these fields again",
                position: app.position
            )
        )
    }

    private func block(_ app: DesiredApp, _ because: String, isByUnknown: Bool) -> AppJudgement {
        .blocked(
            Blocked(title: "app \(app.id)", because: because, isByUnknown: isByUnknown, position: app.position)
        )
    }

    /// A deployment that holds the app now.
    func note(on id: String, _ live: LiveApp) -> Note? {
        let next =
            apps.forced.contains(id)
            ? "--force-app overrides it" : "apply waits until it lets go of the app, or ends at Marathon's 409"
        return hold(on: id, live).map { Note("\($0); \(next)") }
    }

    private func hold(on id: String, _ live: LiveApp) -> String? {
        guard let deployment = underWay[id] else {
            return live.deployments.first.map { "deployment \($0) holds \(id)" }
        }
        let actions = deployment.currentActions.filter { $0.app == id }.map(\.action).joined(separator: ", ")
        let step = "step \(deployment.currentStep) of \(deployment.totalSteps)"
        return "a deployment of \(id) is under way since \(deployment.version), \(step)"
            + (actions.isEmpty ? "" : ": \(actions)")
    }

    /// A definition may be as declared while its tasks are not there: nothing to write, and not to be passed over in silence.
    private func lack(of live: LiveApp) -> Note? {
        let isShort = live.tasksRunning < live.instances
        let tasks = "\(live.tasksRunning) of \(live.instances) \(live.instances == 1 ? "task runs" : "tasks run")"
        if let hold = hold(on: live.id, live) { return Note("\(live.id) is as declared; \(hold); \(tasks)") }
        return isShort ? Note("\(live.id) is as declared; \(tasks)") : nil
    }
}

extension DeploymentsSpec.OnFailure {
    fileprivate var act: AppAct.OnFailure {
        switch self {
        case .stop: .stop
        case .wait: .wait
        case .restore: .restore
        }
    }
}

extension AppValue {
    /// What it runs, in a few words.
    fileprivate var workload: String? {
        let command = self["cmd"].map { AppMasking.forPeople.shown($0, at: "cmd") }
        let text = self["container"]?["docker"]?["image"]?.content?.shown ?? command?.content?.shown
        return text.map { $0.count > 50 ? $0.prefix(49) + "…" : $0 }
    }
}
