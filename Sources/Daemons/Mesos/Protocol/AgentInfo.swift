extension Mesos {
    /// What an agent is (mesos.proto, `SlaveInfo`); its id is empty before it has registered.
    struct AgentInfo: Hashable, Sendable, Codable {
        var id: String
        var hostname: String
        var port: Int
        var resources: Resources
        var attributes: [Attribute]
        var checkpoint: Bool
        /// The text of `--domain`.
        var domain: String?

        /// In the order of the protobuf's fields; resources without role as 1.x' API writes them where `withRoles` is not set.
        func json(withRoles: Bool = true) -> JSON {
            var object: JSONObject = ["hostname": .string(hostname), "port": .integer(port)]
            object["resources"] = .array(
                resources.items.map { item in
                    guard !withRoles, item.role == "*", var plain = item.json.object else { return item.json }
                    plain["role"] = nil
                    return .object(plain)
                }
            )
            object["attributes"] = attributes.isEmpty ? nil : .array(attributes.map(\.json))
            object["id"] = id.isEmpty ? nil : .id(id)
            object["checkpoint"] = .bool(checkpoint)
            object["domain"] = .optional(domain)
            return .object(object)
        }

        init(
            id: String,
            hostname: String,
            port: Int,
            resources: Resources,
            attributes: [Attribute],
            checkpoint: Bool,
            domain: String?
        ) {
            self.id = id
            self.hostname = hostname
            self.port = port
            self.resources = resources
            self.attributes = attributes
            self.checkpoint = checkpoint
            self.domain = domain
        }

        init?(_ json: JSON) {
            guard let hostname = json["hostname"]?.string, let port = json["port"]?.int else { return nil }
            self.init(
                id: json.id("id") ?? "",
                hostname: hostname,
                port: port,
                resources: Resources(json["resources"]),
                attributes: json.list("attributes") { Attribute($0) },
                checkpoint: json["checkpoint"]?.bool ?? true,
                domain: json["domain"]?.string
            )
        }
    }
}

extension JSON {
    /// The same with the keys of every object in order, as protobuf's own writing of the registry gives them.
    var sortedByKey: JSON {
        switch self {
        case .object(let object):
            var sorted = JSONObject()
            for member in object.members.sorted(by: { $0.key < $1.key }) {
                sorted[member.key] = member.value.sortedByKey
            }
            return .object(sorted)
        case .array(let values): return .array(values.map(\.sortedByKey))
        default: return self
        }
    }
}
