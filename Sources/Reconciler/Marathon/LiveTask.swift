internal import Specs

/// A task of an app (marathon-api.md 1.5).
public struct LiveTask: Hashable, Sendable, Codable {
    public var id: String
    public var host: String
    /// Such as `TASK_RUNNING`; nil before 0.14.
    public var state: String?
    /// The version of the app it was started from; nil for very old ones.
    public var version: String?
    public var stagedAt: String?
    /// nil while it has not run yet.
    public var startedAt: String?
    /// Whether every health check that answered says so; nil where none did.
    public var isAlive: Bool?

    public var isRunning: Bool { state.map { $0 == "TASK_RUNNING" } ?? (startedAt != nil) }

    public init(
        id: String,
        host: String,
        state: String? = nil,
        version: String? = nil,
        stagedAt: String? = nil,
        startedAt: String? = nil,
        isAlive: Bool? = nil
    ) {
        self.id = id
        self.host = host
        self.state = state
        self.version = version
        self.stagedAt = stagedAt
        self.startedAt = startedAt
        self.isAlive = isAlive
    }

    init(_ answer: AnswerField, of app: String) throws(ShapeFault) {
        var alive: [Bool] = []
        for result in try answer.optionalItems("healthCheckResults") where result.value != .null {
            alive.append(try result.required("alive").boolean())
        }
        self.init(
            id: try answer.text("id"),
            host: try answer.text("host"),
            state: try answer.optionalText("state"),
            version: try answer.optionalText("version"),
            stagedAt: try answer.optionalText("stagedAt"),
            startedAt: try answer.optionalText("startedAt"),
            isAlive: alive.isEmpty ? nil : alive.allSatisfy { $0 }
        )
        if let owner = try answer.optionalText("appId"), owner != app { throw answer.fault("appId") }
    }
}

/// Why a task of an app ended last (marathon-api.md 1.4, `lastTaskFailure`).
public struct TaskFailure: Hashable, Sendable, Codable {
    public var task: String
    public var host: String
    /// Such as `TASK_FAILED`.
    public var state: String
    /// Mesos' words, secrets masked; may be empty.
    public var message: String
    /// When it happened, as Marathon writes times.
    public var timestamp: String
    /// The version of the app it was started from.
    public var version: String

    public init(task: String, host: String, state: String, message: String, timestamp: String, version: String) {
        self.task = task
        self.host = host
        self.state = state
        self.message = message
        self.timestamp = timestamp
        self.version = version
    }

    init(_ answer: AnswerField) throws(ShapeFault) {
        self.init(
            task: try answer.text("taskId"),
            host: try answer.text("host"),
            state: try answer.text("state"),
            message: try answer.optionalText("message") ?? "",
            timestamp: try answer.text("timestamp"),
            version: try answer.text("version")
        )
    }
}
