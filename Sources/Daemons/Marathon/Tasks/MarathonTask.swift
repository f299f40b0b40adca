/// A task from the moment it is sent to the master until it is over.
struct MarathonTask: Hashable, Sendable, Codable {
    /// Mesos' task id.
    var id: String
    /// From 1.4.
    var instance: String?
    var app: String
    /// The version of the app it was started with.
    var version: Moment
    var host: String
    var agent: String
    var ports: [Int]
    /// Of the attributes that the app's constraints look at.
    var attributes: [String: String]
    var role: String
    var stagedAt: Moment
    var startedAt: Moment?
    var state = Mesos.TaskState.staging
    /// One for each of the app's health checks.
    var health: [TaskHealth] = []
    /// When it was last asked to end.
    var killedAt: Moment?
    /// From when on it counts as gone although it may come back.
    var isInactive = false

    var isRunning: Bool { state == .running }
    /// Whether every health check has succeeded last time; true without any.
    var isHealthy: Bool { health.allSatisfy { $0.isAlive } }
    var isUnhealthy: Bool { health.contains { $0.hasResult && !$0.isAlive } }
}

/// What a health check has seen of a task.
struct TaskHealth: Hashable, Sendable, Codable {
    var consecutiveFailures = 0
    var firstSuccess: Moment?
    var lastSuccess: Moment?
    var lastFailure: Moment?
    var lastFailureCause: String?

    /// Source: marathon 0.8.2, health/Health.scala.
    var isAlive: Bool {
        guard let lastSuccess else { return false }
        return lastFailure.map { $0 < lastSuccess } ?? true
    }
    var hasResult: Bool { lastSuccess != nil || lastFailure != nil }
}

/// How an app's last failed task ended.
struct TaskFailure: Hashable, Sendable, Codable {
    var task: String
    var host: String
    var agent: String
    var state: String
    var message: String
    var at: Moment
    var version: Moment
}

/// All tasks, by id and by app.
struct TaskTable: Hashable, Sendable, Codable {
    private var byID: [String: MarathonTask] = [:]
    private var byApp: [String: [String]] = [:]

    var count: Int { byID.count }

    subscript(id: String) -> MarathonTask? { byID[id] }

    /// In the order in which they were started.
    func of(_ app: String) -> [MarathonTask] { (byApp[app] ?? []).compactMap { byID[$0] } }

    func ids(of app: String) -> [String] { byApp[app] ?? [] }
    func count(of app: String) -> Int { byApp[app]?.count ?? 0 }

    /// Ids of the apps that have tasks, sorted.
    var apps: [String] { byApp.keys.sorted() }

    /// All ids, sorted.
    var ids: [String] { byID.keys.sorted() }

    mutating func insert(_ task: MarathonTask) {
        if byID.updateValue(task, forKey: task.id) == nil { byApp[task.app, default: []].append(task.id) }
    }

    mutating func remove(_ id: String) -> MarathonTask? {
        guard let task = byID.removeValue(forKey: id) else { return nil }
        byApp[task.app]?.removeAll { $0 == id }
        if byApp[task.app]?.isEmpty == true { byApp[task.app] = nil }
        return task
    }

    mutating func modify(_ id: String, _ change: (inout MarathonTask) -> Void) {
        if byID[id] != nil { change(&byID[id, default: Self.placeholder]) }
    }

    /// Never stored: a subscript with a default is how a value is changed in its place.
    private static let placeholder = MarathonTask(
        id: "",
        app: "",
        version: Moment(milliseconds: 0),
        host: "",
        agent: "",
        ports: [],
        attributes: [:],
        role: "*",
        stagedAt: Moment(milliseconds: 0)
    )

    func counts(of app: String) -> MarathonTaskCounts {
        var counts = MarathonTaskCounts()
        for id in byApp[app] ?? [] {
            guard let task = byID[id] else { continue }
            switch task.state {
            case .staging, .starting: counts.staged += 1
            case .running:
                counts.running += 1
                if !task.health.isEmpty {
                    if task.isHealthy { counts.healthy += 1 } else if task.isUnhealthy { counts.unhealthy += 1 }
                }
            default: break
            }
        }
        return counts
    }
}
