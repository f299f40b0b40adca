internal import Specs

/// A task as a load balancer needs it (marathon-api.md 1.5).
public struct BalancedTask: Hashable, Sendable, Codable {
    /// Absolute.
    public var app: String
    public var host: String
    /// On its host; the n-th serves the n-th service port.
    public var ports: [Int]
    public var servicePorts: [Int]
    public var isRunning: Bool
    /// Whether every health check that answered says so; nil where none did.
    public var isAlive: Bool?
    /// Seconds since 1970; nil where it is not told.
    public var started: Int?

    public init(
        app: String,
        host: String,
        ports: [Int],
        servicePorts: [Int],
        isRunning: Bool = true,
        isAlive: Bool? = nil,
        started: Int? = nil
    ) {
        self.app = app
        self.host = host
        self.ports = ports
        self.servicePorts = servicePorts
        self.isRunning = isRunning
        self.isAlive = isAlive
        self.started = started
    }

    init(_ answer: AnswerField) throws(ShapeFault) {
        let app = try answer.text("appId")
        let task = try LiveTask(answer, of: app)
        self.init(
            // Up to 0.7 without the slash, as the app was written.
            app: app.hasPrefix("/") ? app : "/" + app,
            host: task.host,
            ports: try Self.numbers(answer, "ports"),
            servicePorts: try Self.numbers(answer, "servicePorts"),
            isRunning: task.isRunning,
            isAlive: task.isAlive,
            started: task.startedAt.flatMap(MarathonTime.seconds)
        )
    }

    private static func numbers(_ answer: AnswerField, _ key: String) throws(ShapeFault) -> [Int] {
        var numbers: [Int] = []
        for item in try answer.optionalItems(key) { numbers.append(try item.integer()) }
        return numbers
    }
}

extension MarathonClient {
    /// Every task with the ports that lead to it; unknown where anything but a whole answer came.
    public func balancedTasks() async -> Observation<[BalancedTask]> {
        do throws(MarathonFault) {
            return .found(
                try read(try await get("/v2/tasks")) { (field) throws(ShapeFault) in
                    try field.required("tasks").map { (item) throws(ShapeFault) in try BalancedTask(item) }
                }
            )
        } catch {
            return .unknown(error.message)
        }
    }
}
