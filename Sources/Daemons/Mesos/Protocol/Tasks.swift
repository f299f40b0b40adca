extension Mesos {
    /// mesos.proto, `TaskState`; masters before 1.1 know nothing beyond `error` and `killing` (0.28).
    public enum TaskState: String, Hashable, Sendable, Codable, CaseIterable {
        case staging = "TASK_STAGING"
        case starting = "TASK_STARTING"
        case running = "TASK_RUNNING"
        case killing = "TASK_KILLING"
        case finished = "TASK_FINISHED"
        case failed = "TASK_FAILED"
        case killed = "TASK_KILLED"
        case error = "TASK_ERROR"
        case lost = "TASK_LOST"
        case dropped = "TASK_DROPPED"
        case unreachable = "TASK_UNREACHABLE"
        case gone = "TASK_GONE"
        case goneByOperator = "TASK_GONE_BY_OPERATOR"
        case unknown = "TASK_UNKNOWN"

        /// Whether the task is over; an unreachable or unknown one may come back.
        public var isTerminal: Bool {
            switch self {
            case .finished, .failed, .killed, .error, .lost, .dropped, .gone, .goneByOperator: true
            case .staging, .starting, .running, .killing, .unreachable, .unknown: false
            }
        }
    }

    public struct CommandInfo: Hashable, Sendable, Codable {
        /// Shell text, or nil for `arguments` or the image's own command.
        public var value: String?
        public var arguments: [String]
        public var environment: [String: String]
        public var user: String?
        public var uris: [String]

        public init(
            value: String? = nil,
            arguments: [String] = [],
            environment: [String: String] = [:],
            user: String? = nil,
            uris: [String] = []
        ) {
            self.value = value
            self.arguments = arguments
            self.environment = environment
            self.user = user
            self.uris = uris
        }
    }

    /// What a framework asks to be run; `docker` is nil for the Mesos containerizer.
    public struct TaskInfo: Hashable, Sendable, Codable {
        public var taskID: String
        public var name: String
        public var agentID: String
        public var command: CommandInfo
        public var docker: DockerRun?
        public var resources: Resources
        public var labels: [HTTPField]
        /// How long SIGTERM is given before SIGKILL.
        public var killGraceMilliseconds: Int?

        public init(
            taskID: String,
            name: String,
            agentID: String,
            command: CommandInfo,
            docker: DockerRun? = nil,
            resources: Resources,
            labels: [HTTPField] = [],
            killGraceMilliseconds: Int? = nil
        ) {
            self.taskID = taskID
            self.name = name
            self.agentID = agentID
            self.command = command
            self.docker = docker
            self.resources = resources
            self.labels = labels
            self.killGraceMilliseconds = killGraceMilliseconds
        }
    }

    public struct TaskStatus: Hashable, Sendable, Codable {
        public var taskID: String
        public var state: TaskState
        public var message: String?
        /// Such as `REASON_RECONCILIATION`; without it nothing is sent.
        public var reason: String?
        /// `SOURCE_MASTER`, `SOURCE_SLAVE` or `SOURCE_EXECUTOR`.
        public var source: String?
        public var agentID: String?
        public var timestamp: Double
        /// Must be acknowledged when there is one; the master's own updates have none.
        public var uuid: String?

        public init(
            taskID: String,
            state: TaskState,
            message: String? = nil,
            reason: String? = nil,
            source: String? = nil,
            agentID: String? = nil,
            timestamp: Double = 0,
            uuid: String? = nil
        ) {
            self.taskID = taskID
            self.state = state
            self.message = message
            self.reason = reason
            self.source = source
            self.agentID = agentID
            self.timestamp = timestamp
            self.uuid = uuid
        }
    }
}

extension Mesos.CommandInfo {
    public var json: JSON {
        var object = JSONObject()
        object["uris"] = uris.isEmpty ? nil : .array(uris.map { ["value": .string($0)] })
        if !environment.isEmpty {
            let variables = environment.sorted { $0.key < $1.key }
            object["environment"] = [
                "variables": .array(variables.map { ["name": .string($0.key), "value": .string($0.value)] })
            ]
        }
        object["shell"] = .bool(value != nil)
        object["value"] = .optional(value)
        object["arguments"] = arguments.isEmpty ? nil : .array(arguments.map(JSON.string))
        object["user"] = .optional(user)
        return .object(object)
    }

    public init(_ json: JSON) {
        let variables = json["environment"]?.list("variables") { variable -> (String, String)? in
            guard let name = variable["name"]?.string else { return nil }
            return (name, variable["value"]?.string ?? "")
        }
        self.init(
            value: json["value"]?.string,
            arguments: json["arguments"]?.array?.compactMap(\.string) ?? [],
            environment: Dictionary(variables ?? [], uniquingKeysWith: { $1 }),
            user: json["user"]?.string,
            uris: json.ids("uris")
        )
    }
}

extension DockerRun {
    /// mesos.proto, `ContainerInfo` with its `DockerInfo`.
    var containerInfo: JSON {
        var docker: JSONObject = ["image": .string(image), "network": .string(network)]
        if !portMappings.isEmpty {
            docker["port_mappings"] = .array(
                portMappings.map {
                    [
                        "host_port": .integer($0.hostPort), "container_port": .integer($0.containerPort),
                        "protocol": .string($0.protocol),
                    ]
                }
            )
        }
        docker["privileged"] = .bool(isPrivileged)
        docker["force_pull_image"] = .bool(forcesPull)
        if !parameters.isEmpty {
            docker["parameters"] = .array(parameters.map { ["key": .string($0.name), "value": .string($0.value)] })
        }
        var object: JSONObject = ["type": "DOCKER", "docker": .object(docker)]
        if !volumes.isEmpty { object["volumes"] = .array(volumes.map(Self.volume)) }
        return .object(object)
    }

    init?(containerInfo json: JSON) {
        guard json["type"]?.string == "DOCKER", let docker = json["docker"], let image = docker["image"]?.string else {
            return nil
        }
        self.init(
            image: image,
            network: docker["network"]?.string ?? "HOST",
            portMappings: docker.list("port_mappings") {
                guard let host = $0["host_port"]?.int, let inside = $0["container_port"]?.int else { return nil }
                return PortMapping(hostPort: host, containerPort: inside, protocol: $0["protocol"]?.string ?? "tcp")
            },
            isPrivileged: docker["privileged"]?.bool ?? false,
            forcesPull: docker["force_pull_image"]?.bool ?? false,
            parameters: docker.list("parameters") {
                guard let key = $0["key"]?.string else { return nil }
                return HTTPField(key, $0["value"]?.string ?? "")
            },
            volumes: json.list("volumes") {
                guard let inside = $0["container_path"]?.string else { return nil }
                let parts = [$0["host_path"]?.string, inside, $0["mode"]?.string?.lowercased()]
                return parts.compactMap { $0 }.joined(separator: ":")
            }
        )
    }

    private static func volume(_ text: String) -> JSON {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var object = JSONObject()
        object["host_path"] = parts.count > 1 ? .string(parts[0]) : nil
        object["container_path"] = .string(parts.count > 1 ? parts[1] : text)
        object["mode"] = .string(parts.count > 2 ? parts[2].uppercased() : "RW")
        return .object(object)
    }
}

extension Mesos.TaskInfo {
    public var json: JSON {
        var object: JSONObject = [
            "name": .string(name), "task_id": .id(taskID), "slave_id": .id(agentID), "resources": resources.json,
            "command": command.json,
        ]
        object["container"] = docker?.containerInfo
        if !labels.isEmpty {
            object["labels"] = [
                "labels": .array(labels.map { ["key": .string($0.name), "value": .string($0.value)] })
            ]
        }
        if let killGraceMilliseconds {
            object["kill_policy"] = ["grace_period": ["nanoseconds": .integer(killGraceMilliseconds * 1_000_000)]]
        }
        return .object(object)
    }

    public init?(_ json: JSON) {
        guard let taskID = json.id("task_id"), let agentID = json.id("slave_id") else { return nil }
        self.init(
            taskID: taskID,
            name: json["name"]?.string ?? "",
            agentID: agentID,
            command: Mesos.CommandInfo(json["command"] ?? [:]),
            docker: json["container"].flatMap(DockerRun.init(containerInfo:)),
            resources: Mesos.Resources(json["resources"]),
            labels: json["labels"]?.list("labels") {
                guard let key = $0["key"]?.string else { return nil }
                return HTTPField(key, $0["value"]?.string ?? "")
            } ?? [],
            killGraceMilliseconds: json["kill_policy"]?["grace_period"]?["nanoseconds"]?.int.map { $0 / 1_000_000 }
        )
    }
}

extension Mesos.TaskStatus {
    public var json: JSON {
        var object: JSONObject = ["task_id": .id(taskID), "state": .string(state.rawValue)]
        object["message"] = .optional(message)
        object["source"] = .optional(source)
        object["reason"] = .optional(reason)
        object["slave_id"] = agentID.map { .id($0) }
        object["timestamp"] = .number(timestamp)
        object["uuid"] = .optional(uuid)
        return .object(object)
    }

    public init?(_ json: JSON) {
        guard let taskID = json.id("task_id"), let word = json["state"]?.string,
            let state = Mesos.TaskState(rawValue: word)
        else { return nil }
        self.init(
            taskID: taskID,
            state: state,
            message: json["message"]?.string,
            reason: json["reason"]?.string,
            source: json["source"]?.string,
            agentID: json.id("slave_id"),
            timestamp: json["timestamp"]?.double ?? 0,
            uuid: json["uuid"]?.string
        )
    }
}
