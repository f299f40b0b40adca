extension Mesos {
    public struct FrameworkInfo: Hashable, Sendable, Codable {
        /// nil before the first registration.
        public var id: String?
        public var name: String
        public var user: String
        public var role: String
        public var hostname: String
        public var principal: String?
        public var webUIURL: String?
        /// How long its tasks live without it.
        public var failoverTimeoutSeconds: Double
        public var checkpoint: Bool
        /// Such as `PARTITION_AWARE`, `TASK_KILLING_STATE`.
        public var capabilities: [String]

        public init(
            id: String? = nil,
            name: String,
            user: String,
            role: String = "*",
            hostname: String,
            principal: String? = nil,
            webUIURL: String? = nil,
            failoverTimeoutSeconds: Double,
            checkpoint: Bool,
            capabilities: [String] = []
        ) {
            self.id = id
            self.name = name
            self.user = user
            self.role = role
            self.hostname = hostname
            self.principal = principal
            self.webUIURL = webUIURL
            self.failoverTimeoutSeconds = failoverTimeoutSeconds
            self.checkpoint = checkpoint
            self.capabilities = capabilities
        }

        public var json: JSON {
            var object: JSONObject = [
                "user": .string(user), "name": .string(name), "failover_timeout": .number(failoverTimeoutSeconds),
                "checkpoint": .bool(checkpoint), "role": .string(role), "hostname": .string(hostname),
            ]
            object["id"] = id.map { .id($0) }
            object["principal"] = .optional(principal)
            object["webui_url"] = .optional(webUIURL)
            object["capabilities"] = .array(capabilities.map { ["type": .string($0)] })
            return .object(object)
        }

        public init?(_ json: JSON) {
            guard let name = json["name"]?.string else { return nil }
            self.init(
                id: json.id("id"),
                name: name,
                user: json["user"]?.string ?? "",
                role: json["role"]?.string ?? "*",
                hostname: json["hostname"]?.string ?? "",
                principal: json["principal"]?.string,
                webUIURL: json["webui_url"]?.string,
                failoverTimeoutSeconds: json["failover_timeout"]?.double ?? 0,
                checkpoint: json["checkpoint"]?.bool ?? false,
                capabilities: json.list("capabilities") { $0["type"]?.string }
            )
        }
    }

    public struct Offer: Hashable, Sendable, Codable {
        public var id: String
        public var frameworkID: String
        public var agentID: String
        public var hostname: String
        /// Of the agent: where `slave(1)` listens.
        public var endpoint: Endpoint
        public var resources: Resources
        public var attributes: [Attribute]

        public init(
            id: String,
            frameworkID: String,
            agentID: String,
            hostname: String,
            endpoint: Endpoint,
            resources: Resources,
            attributes: [Attribute]
        ) {
            self.id = id
            self.frameworkID = frameworkID
            self.agentID = agentID
            self.hostname = hostname
            self.endpoint = endpoint
            self.resources = resources
            self.attributes = attributes
        }

        public var json: JSON {
            [
                "id": .id(id), "framework_id": .id(frameworkID), "slave_id": .id(agentID),
                "hostname": .string(hostname),
                "url": [
                    "scheme": "http", "path": "/slave(1)",
                    "address": [
                        "hostname": .string(hostname), "ip": .string(endpoint.host), "port": .integer(endpoint.port),
                    ],
                ],
                "resources": resources.json, "attributes": .array(attributes.map(\.json)),
            ]
        }

        public init?(_ json: JSON) {
            guard let id = json.id("id"), let frameworkID = json.id("framework_id"), let agentID = json.id("slave_id"),
                let address = json["url"]?["address"], let ip = address["ip"]?.string, let port = address["port"]?.int
            else { return nil }
            self.init(
                id: id,
                frameworkID: frameworkID,
                agentID: agentID,
                hostname: json["hostname"]?.string ?? "",
                endpoint: Endpoint(ip, port),
                resources: Resources(json["resources"]),
                attributes: json.list("attributes") { Attribute($0) }
            )
        }
    }
}
