// What agents and masters say to each other (messages.proto).

extension Mesos {
    /// A task as masters and agents keep it.
    struct Task: Hashable, Sendable, Codable {
        struct Step: Hashable, Sendable, Codable {
            var state: TaskState
            var timestamp: Double
        }

        var info: TaskInfo
        var frameworkID: String
        var state: TaskState
        /// One for each update.
        var steps: [Step] = []

        var json: JSON {
            [
                "info": info.json, "framework_id": .id(frameworkID), "state": .string(state.rawValue),
                "statuses": .array(
                    steps.map { ["state": .string($0.state.rawValue), "timestamp": .number($0.timestamp)] }
                ),
            ]
        }

        init(info: TaskInfo, frameworkID: String, state: TaskState) {
            self.info = info
            self.frameworkID = frameworkID
            self.state = state
        }

        init?(_ json: JSON) {
            guard let info = json["info"].flatMap({ TaskInfo($0) }), let frameworkID = json.id("framework_id"),
                let state = json["state"]?.string.flatMap(TaskState.init(rawValue:))
            else { return nil }
            self.init(info: info, frameworkID: frameworkID, state: state)
            steps = json.list("statuses") { step in
                guard let state = step["state"]?.string.flatMap(TaskState.init(rawValue:)),
                    let timestamp = step["timestamp"]?.double
                else { return nil }
                return Step(state: state, timestamp: timestamp)
            }
        }

        mutating func enter(_ state: TaskState, at timestamp: Double) {
            self.state = state
            if steps.last?.state != state { steps.append(Step(state: state, timestamp: timestamp)) }
        }
    }

    struct RegisterAgent: MesosMessage {
        static let name = "mesos.internal.RegisterSlaveMessage"
        var agent: AgentInfo
        var version: String

        var body: JSON { ["slave": agent.json(), "version": .string(version)] }

        init(agent: AgentInfo, version: String) {
            self.agent = agent
            self.version = version
        }

        init?(body: JSON) {
            guard let agent = body["slave"].flatMap({ AgentInfo($0) }) else { return nil }
            self.init(agent: agent, version: body["version"]?.string ?? "")
        }
    }

    struct ReregisterAgent: MesosMessage {
        static let name = "mesos.internal.ReregisterSlaveMessage"
        var agent: AgentInfo
        var version: String
        var tasks: [Task]
        var frameworks: [FrameworkInfo]

        var body: JSON {
            [
                "slave": agent.json(), "version": .string(version), "tasks": .array(tasks.map(\.json)),
                "frameworks": .array(frameworks.map(\.json)),
            ]
        }

        init(agent: AgentInfo, version: String, tasks: [Task], frameworks: [FrameworkInfo]) {
            self.agent = agent
            self.version = version
            self.tasks = tasks
            self.frameworks = frameworks
        }

        init?(body: JSON) {
            guard let agent = body["slave"].flatMap({ AgentInfo($0) }), !agent.id.isEmpty else { return nil }
            self.init(
                agent: agent,
                version: body["version"]?.string ?? "",
                tasks: body.list("tasks") { Task($0) },
                frameworks: body.list("frameworks") { FrameworkInfo($0) }
            )
        }
    }

    /// The answer to both registrations; `again` after a re-registration.
    struct AgentRegistered: Hashable, Sendable {
        static let names = [
            false: "mesos.internal.SlaveRegisteredMessage", true: "mesos.internal.SlaveReregisteredMessage",
        ]

        static func message(_ id: String, again: Bool, from: ProcessID, to: ProcessID) -> DaemonMessage {
            DaemonMessage(from: from, to: to, names[again] ?? "", ["slave_id": .id(id)])
        }
    }

    struct RunTask: MesosMessage {
        static let name = "mesos.internal.RunTaskMessage"
        var framework: FrameworkInfo
        var task: TaskInfo

        var body: JSON { ["framework": framework.json, "task": task.json] }

        init(framework: FrameworkInfo, task: TaskInfo) {
            self.framework = framework
            self.task = task
        }

        init?(body: JSON) {
            guard let framework = body["framework"].flatMap({ FrameworkInfo($0) }), framework.id != nil,
                let task = body["task"].flatMap({ TaskInfo($0) })
            else { return nil }
            self.init(framework: framework, task: task)
        }
    }

    /// Kills every executor there; the agent starts over under a new id.
    struct Shutdown: MesosMessage {
        static let name = "mesos.internal.ShutdownMessage"
        var message: String

        var body: JSON { ["message": .string(message)] }

        init(message: String) { self.message = message }

        init?(body: JSON) { message = body["message"]?.string ?? "" }
    }

    struct ShutdownFramework: MesosMessage {
        static let name = "mesos.internal.ShutdownFrameworkMessage"
        var frameworkID: String

        var body: JSON { ["framework_id": .id(frameworkID)] }

        init(frameworkID: String) { self.frameworkID = frameworkID }

        init?(body: JSON) {
            guard let frameworkID = body.id("framework_id") else { return nil }
            self.init(frameworkID: frameworkID)
        }
    }

    static let ping = "mesos.internal.PingSlaveMessage"
    static let pong = "mesos.internal.PongSlaveMessage"
}
