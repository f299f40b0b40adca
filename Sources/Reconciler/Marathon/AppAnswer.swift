internal import Specs

/// An app as answered, nothing masked: never kept, never shown.
struct AppAnswer: Sendable {
    var app: LiveApp
    /// Present where they were embedded.
    var tasks: [LiveTask]?
    var lastTaskFailure: TaskFailure?

    /// What answers add to a definition (marathon-api.md 1.4, 3.1).
    private static let added: Set<String> = [
        "version", "versionInfo", "deployments", "lastTaskFailure", "readinessCheckResults", "taskStats", "tasksStats",
        "tasks", "tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy",
    ]

    init(_ answer: AnswerField) throws(ShapeFault) {
        app = LiveApp(
            id: try answer.text("id"),
            version: try answer.text("version"),
            definition: try Self.definition(answer),
            instances: try answer.integer("instances"),
            tasksRunning: try answer.integer("tasksRunning"),
            tasksStaged: try answer.integer("tasksStaged"),
            tasksHealthy: try answer.optionalInteger("tasksHealthy"),
            tasksUnhealthy: try answer.optionalInteger("tasksUnhealthy"),
            deployments: try answer.ids("deployments"),
            lastConfigChange: try answer.optional("versionInfo")?.optionalText("lastConfigChangeAt")
        )
        guard app.id.hasPrefix("/") else { throw answer.fault("id") }
        if let tasks = try answer.optional("tasks") {
            let read = try tasks.map { (task) throws(ShapeFault) in try LiveTask(task, of: app.id) }
            self.tasks = read
            countHealth(read)
            countOutdated(read)
        }
        lastTaskFailure = try answer.optional("lastTaskFailure").map { (failure) throws(ShapeFault) in
            try TaskFailure(failure)
        }
        if let stats = try answer.optional("tasksStats", or: "taskStats") {
            let outdated = try stats.optional("withOutdatedConfig")
            let counts = try outdated?.required("stats").required("counts")
            // Left out where there are none.
            app.outdatedTasks = try counts?.integer("running") ?? 0
        }
    }

    static func definition(_ answer: AnswerField) throws(ShapeFault) -> AppValue {
        guard var members = answer.value.members else { throw answer.fault() }
        for name in added { members[name] = nil }
        return .object(members)
    }

    /// Up to 0.8.0 only the tasks say it (marathon-api.md 5.3).
    private mutating func countHealth(_ tasks: [LiveTask]) {
        guard app.tasksHealthy == nil else { return }
        app.tasksHealthy = tasks.count { $0.isAlive == true }
        app.tasksUnhealthy = tasks.count { $0.isAlive == false }
    }

    /// The time of the last change of the configuration tells it, where the release has one.
    private mutating func countOutdated(_ tasks: [LiveTask]) {
        let running = tasks.filter(\.isRunning)
        guard running.allSatisfy({ $0.version != nil }) else { return }
        if let change = app.lastConfigChange {
            app.outdatedTasks = running.count { task in task.version.map { $0 < change } ?? false }
        } else if running.allSatisfy({ $0.version == app.version }) {
            app.outdatedTasks = 0
        }
    }

    // MARK: Up to 0.10

    /// Versions other than the app's that running tasks have, sorted; empty where a task does not say its own.
    var olderVersions: [String] {
        let versions = tasks?.filter(\.isRunning).map(\.version) ?? []
        guard !versions.contains(nil) else { return [] }
        return Set(versions.compactMap { $0 }).subtracting([app.version]).sorted()
    }

    /// - Parameter isSame: Whether a version has the app's present configuration; nil where that was not seen.
    mutating func countOutdated(_ isSame: (String) -> Bool?) {
        var count = 0
        for task in tasks?.filter(\.isRunning) ?? [] {
            guard let version = task.version else { return }
            guard let same = version == app.version ? true : isSame(version) else { return }
            if !same { count += 1 }
        }
        app.outdatedTasks = count
    }
}
