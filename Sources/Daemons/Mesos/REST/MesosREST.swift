/// What the REST of masters and agents have in common: how a release writes JSON, and its plain answers.
///
/// Sources: mesos-zk-ops.md 5; mesos-captures/.
struct MesosREST {
    let version: MesosVersion

    /// Before 1.5 every slash is escaped, later none (mesos-captures/).
    func ok(_ json: JSON) -> HTTPResponse {
        let text = json.text(escapingSlashes: !version.atLeast(1, 5))
        return HTTPResponse(200, text: text, type: "application/json")
    }

    static let empty = HTTPResponse(200)
    static let notFound = HTTPResponse(404)

    static func refusal(_ status: Int, _ words: String) -> HTTPResponse {
        HTTPResponse(status, text: words, type: "text/plain; charset=utf-8")
    }

    static func methodNotAllowed(_ allowed: [String], _ method: String) -> HTTPResponse {
        let list = allowed.map { "'\($0)'" }.joined(separator: ", ")
        var response = refusal(405, "Expecting one of { \(list) }, but received '\(method)'")
        response.headers.append(HTTPField("Allow", allowed.joined(separator: ", ")))
        return response
    }

    static func unauthorized(_ realm: String) -> HTTPResponse {
        HTTPResponse(401, headers: [HTTPField("WWW-Authenticate", "Basic realm=\"\(realm)\"")])
    }

    /// 1.0 and later write every number with a fraction, 0.21 none where there is none.
    func number(_ value: Double) -> JSON {
        if !version.atLeast(0, 27), let whole = Int(exactly: value) { return .integer(whole) }
        return .number(value)
    }

    func number(_ value: Int) -> JSON { number(Double(value)) }

    /// Keys in the order given, from 1.0 on; sorted before, when the objects were maps.
    func object(_ members: JSONObject) -> JSON {
        version.atLeast(1, 0) ? .object(members) : JSON.object(members).topLevelSorted
    }

    /// Amounts by name, and the ports as text: `{"cpus":2.0,…,"ports":"[31000-32000]"}`.
    func resources(_ resources: Mesos.Resources) -> JSON {
        var object: JSONObject = ["disk": number(resources.disk), "mem": number(resources.mem)]
        if version.atLeast(1, 0) { object["gpus"] = number(resources.gpus) }
        object["cpus"] = number(resources.cpus)
        let ports = resources.ports
        if !ports.isEmpty { object["ports"] = .string(MesosText.describe(ports)) }
        return self.object(object)
    }

    func attributes(_ attributes: [Mesos.Attribute]) -> JSON {
        var object = JSONObject()
        for attribute in attributes {
            if case .scalar(let value) = attribute.value {
                object[attribute.name] = number(value)
            } else {
                object[attribute.name] = .string(MesosText.describe(attribute.value))
            }
        }
        return self.object(object)
    }

    /// `reserved_resources` and its like: what each role has for itself.
    func reserved(_ resources: Mesos.Resources) -> JSON {
        var object = JSONObject()
        for role in Set(resources.items.map(\.role)).subtracting(["*"]).sorted() {
            object[role] = self.resources(Mesos.Resources(resources.items.filter { $0.role == role }))
        }
        return .object(object)
    }

    func unreserved(_ resources: Mesos.Resources) -> Mesos.Resources {
        Mesos.Resources(resources.items.filter { $0.role == "*" })
    }

    func reservedFull(_ resources: Mesos.Resources) -> JSON {
        var object = JSONObject()
        for role in Set(resources.items.map(\.role)).subtracting(["*"]).sorted() {
            object[role] = .array(resources.items.filter { $0.role == role }.map(\.json))
        }
        return .object(object)
    }

    /// A task as masters and agents show it (src/common/http.cpp).
    func task(_ task: Mesos.Task, role: String) -> JSON {
        var object: JSONObject = [
            "id": .string(task.info.taskID), "name": .string(task.info.name),
            "framework_id": .string(task.frameworkID), "executor_id": "", "slave_id": .string(task.info.agentID),
            "state": .string(task.state.rawValue), "resources": resources(task.info.resources),
        ]
        if version.atLeast(1, 0) { object["role"] = .string(role) }
        object["statuses"] = .array(
            task.steps.map { self.object(["state": .string($0.state.rawValue), "timestamp": number($0.timestamp)]) }
        )
        if version.atLeast(1, 0) {
            object["user"] = task.info.command.user.map(JSON.string)
            if !task.info.labels.isEmpty {
                object["labels"] = .array(
                    task.info.labels.map { ["key": .string($0.name), "value": .string($0.value)] }
                )
            }
            object["container"] = task.info.docker?.containerInfo
        }
        return self.object(object)
    }

    /// The first fields of `/state`, for which a release was built.
    func build(_ started: Moment) -> JSONObject {
        let build = MesosBuild(of: version)
        var object: JSONObject = ["version": .string(version.number)]
        if !build.sha.isEmpty {
            object["git_sha"] = .string(build.sha)
            object["git_tag"] = .string(version.number)
        }
        object["build_date"] = .string(build.date)
        object["build_time"] = number(build.time)
        object["build_user"] = .string(build.user)
        object["start_time"] = number(started.seconds)
        return object
    }

    /// `/version`, from 0.26 on.
    var versionAnswer: JSON {
        let build = MesosBuild(of: version)
        var object: JSONObject = [
            "build_date": .string(build.date), "build_time": number(build.time), "build_user": .string(build.user),
        ]
        if !build.sha.isEmpty {
            object["git_sha"] = .string(build.sha)
            object["git_tag"] = .string(version.number)
        }
        object["version"] = .string(version.number)
        return .object(object)
    }

    /// The capabilities agents of that release have (mesos-captures/).
    static func agentCapabilities(_ version: MesosVersion) -> [String] {
        let first = ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"]
        if version.atLeast(1, 9) {
            return first + [
                "RESOURCE_PROVIDER", "RESIZE_VOLUME", "AGENT_OPERATION_FEEDBACK", "AGENT_DRAINING",
                "TASK_RESOURCE_LIMITS",
            ]
        }
        return version.atLeast(1, 4) ? first : []
    }

    /// An answer of `/api/v1`: the type first in 1.11, keys in order in 1.4 (mesos-captures/).
    func call(_ type: String, _ body: JSON?) -> HTTPResponse {
        var object: JSONObject = ["type": .string(type)]
        object[type.lowercased()] = body
        let json = JSON.object(object)
        return ok(version.atLeast(1, 5) ? json : json.sortedByKey)
    }
}

extension JSON {
    var topLevelSorted: JSON {
        guard case .object(let object) = self else { return self }
        var sorted = JSONObject()
        for member in object.members.sorted(by: { $0.key < $1.key }) { sorted[member.key] = member.value }
        return .object(sorted)
    }
}
