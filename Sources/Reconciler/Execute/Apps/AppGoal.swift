internal import Specs

/// What one look at an app showed.
struct AppSight: Hashable, Sendable {
    /// nil where Marathon says that it does not exist.
    var app: LiveApp?
    var tasks: [LiveTask] = []
    var failure: TaskFailure?
    /// Those under way that touch the app, in the order answered.
    var deployments: [LiveDeployment] = []
}

/// How an app is to be in the end, as a pure judge of looks at it.
///
/// Absence of a deployment alone means nothing: cancelled ones vanish as well (marathon-api.md 5.3).
struct AppGoal: Hashable, Sendable {
    var id: String
    /// nil: the app is to be gone.
    var definition: AppValue?
    var context: AppContext
    /// Paths of fields that may be as they are.
    var ignoring: [String] = []
    /// Tasks that were started from this version or an older one are to be replaced; nil where none is.
    var replaced: String?
    /// Tasks of an older configuration that were there before and that nothing was to replace: theirs is another step.
    var tolerated: Set<String> = []
    /// A failure of a task after this moment is one of what is to be there now.
    var since = ""

    enum Standing: Hashable {
        case reached
        /// A deployment holds the app; says what is missing.
        case underway(String)
        /// No deployment holds it, and something is missing.
        case short(String)
    }

    func standing(_ sight: AppSight) -> Standing {
        let missing = missing(sight)
        guard sight.deployments.isEmpty, sight.app?.deployments.isEmpty ?? true else {
            return .underway((sight.deployments.map(\.place) + missing).joined(separator: "; "))
        }
        return missing.isEmpty ? .reached : .short(missing.joined(separator: "; "))
    }

    /// The fields in which it is defined otherwise; nil where there is no such app.
    func differingFields(_ sight: AppSight) -> [String]? {
        guard let definition, let app = sight.app else { return nil }
        let revision = AppRevision(of: definition, from: app.definition, in: context, ignoring: ignoring)
        return revision?.differences.map(\.path) ?? []
    }

    /// How many tasks are of a configuration that is to be replaced.
    ///
    /// By the last change of the configuration from 0.11 on, by what was there before the write up to 0.10
    /// (marathon-api.md 5.3).
    func outdated(_ sight: AppSight) -> Int {
        sight.tasks.count { task in
            if tolerated.contains(task.id) { return false }
            let version = task.version ?? ""
            if let change = sight.app?.lastConfigChange, version < change { return true }
            return replaced.map { version <= $0 } ?? false
        }
    }

    /// Whether more speaks for its tasks than that they run: health checks, or that none was started by the write.
    func vouched(_ sight: AppSight) -> Bool {
        let hasChecks = sight.app?.definition["healthChecks"]?.items?.isEmpty == false
        return hasChecks || sight.tasks.allSatisfy { ($0.stagedAt ?? "") <= since }
    }

    /// How a task ended of the configuration that is to be there.
    func ownFailure(_ sight: AppSight) -> TaskFailure? {
        sight.failure.flatMap { failure in
            guard failure.timestamp > since, replaced.map({ failure.version > $0 }) ?? true else { return nil }
            return failure
        }
    }

    private func missing(_ sight: AppSight) -> [String] {
        guard definition != nil else { return sight.app == nil ? [] : ["it is still there"] + counts(sight) }
        guard let app = sight.app else { return ["it is not there"] }
        let fields = differingFields(sight) ?? []
        let shown = fields.prefix(5).joined(separator: ", ") + (fields.count > 5 ? ", …" : "")
        let definition = fields.isEmpty ? [] : ["it is not defined as wanted yet (\(shown))"]
        let outdated = outdated(sight)
        let old = outdated == 0 ? [] : ["\(Self.tasks(outdated)) of an older configuration still there"]
        return definition + self.missing(app, sight.tasks) + old
    }

    private func missing(_ app: LiveApp, _ tasks: [LiveTask]) -> [String] {
        var words: [String] = []
        if app.tasksRunning != app.instances {
            words.append("\(app.tasksRunning) of \(Self.tasks(app.instances)) running")
        }
        words += staged(app, tasks)
        let checks = app.definition["healthChecks"]?.items?.count ?? 0
        let healthy = app.tasksHealthy ?? tasks.count { $0.isAlive == true }
        if checks > 0, healthy != app.instances { words.append("\(healthy) of \(app.instances) healthy") }
        if words.isEmpty, tasks.count != app.instances {
            words.append("\(Self.tasks(tasks.count)) there, \(app.instances) wanted")
        }
        return words
    }

    private func counts(_ sight: AppSight) -> [String] {
        sight.app.map { $0.tasksRunning > 0 ? ["\(Self.tasks($0.tasksRunning)) running"] : [] } ?? []
    }

    private func staged(_ app: LiveApp, _ tasks: [LiveTask]) -> [String] {
        guard app.tasksStaged > 0 else { return [] }
        let hosts = tasks.filter { !$0.isRunning }.map(\.host).uniqued
        return ["\(app.tasksStaged) staged\(hosts.isEmpty ? "" : " on \(hosts.joined(separator: ", "))")"]
    }

    private static func tasks(_ count: Int) -> String { count == 1 ? "1 task" : "\(count) tasks" }
}

extension [String] {
    /// Sorted, each once.
    var uniqued: [String] { Set(self).sorted() }
}

extension LiveDeployment {
    /// Where it stands, such as "deployment 1a2b is at step 2 of 3: RestartApplication /x".
    var place: String {
        let actions = currentActions.map { "\($0.action) \($0.app)" }.sorted().joined(separator: ", ")
        return "deployment \(id) is at step \(currentStep) of \(totalSteps)\(actions.isEmpty ? "" : ": \(actions)")"
    }

    func touches(_ app: String) -> Bool {
        affectedApps.contains(app) || currentActions.contains { $0.app == app }
    }
}
