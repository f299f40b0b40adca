extension MarathonEngine {
    /// Answers a request of the API: the part of the leader.
    mutating func answer(_ request: HTTPRequest) -> HTTPAnswer {
        do throws(MarathonFault) {
            try checkContentType(request)
            if request.segments == ["v2", "events"] { return try events(request) }
            return .response(try route(request))
        } catch {
            return .response(error.response)
        }
    }

    private mutating func route(_ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        var path = request.segments[...]
        guard path.popFirst() == "v2", let resource = path.popFirst() else { throw notFound(request) }
        let rest = Array(path)
        switch resource {
        case "apps": return try apps(request, rest)
        case "tasks": return try tasks(request, rest)
        case "groups": return try groups(request, rest)
        case "deployments": return try deployments(request, rest)
        case "queue": return try queue(request, rest)
        case "info" where rest.isEmpty: return try get(request) { HTTPResponse(200, json: $0.info) }
        case "leader" where rest.isEmpty && release >= .init(0, 8): return try leader(request)
        case "pods" where rest.isEmpty && release >= .init(1, 4): return try get(request) { _ in HTTPResponse(200, json: []) }
        case "plugins" where rest.isEmpty && release >= .init(0, 13):
            return try get(request) { _ in HTTPResponse(200, json: ["plugins": []]) }
        case "eventSubscriptions" where rest.isEmpty && release < .init(1, 5):
            throw MarathonFault(
                400,
                [
                    "message": .string(
                        "http event callback system is not running on this Marathon instance. Please re-start this "
                            + "instance with \"--event_subscriber http_callback\".")
                ])
        default: throw notFound(request)
        }
    }

    private func get(
        _ request: HTTPRequest,
        _ body: (MarathonEngine) -> HTTPResponse
    ) throws(MarathonFault) -> HTTPResponse {
        guard ["GET", "HEAD"].contains(request.method) else { return notAllowed(request) }
        return body(self)
    }

    // MARK: Rules of all routes (marathon-api.md 1.0)

    /// Up to 0.9 a body must say that it is JSON.
    private func checkContentType(_ request: HTTPRequest) throws(MarathonFault) {
        guard release < .init(0, 10), !request.body.isEmpty, ["POST", "PUT"].contains(request.method) else { return }
        let type = request[header: "Content-Type"]?.prefix { $0 != ";" } ?? ""
        guard type.lowercased() == "application/json" else {
            throw MarathonFault(415, ["message": "Unsupported Media Type"])
        }
    }

    /// From 1.6 a mistake made 500 of it.
    func notFound(_ request: HTTPRequest) -> MarathonFault {
        release < .init(1, 6)
            ? MarathonFault(404, ["message": .string("URI not found: \(request.path)")])
            : MarathonFault(500, ["message": "URI not found"])
    }

    func notAllowed(_ request: HTTPRequest) -> HTTPResponse {
        JettyPage.error(405, "Method Not Allowed", at: request.path)
    }

    func body(_ request: HTTPRequest) throws(MarathonFault) -> JSON {
        guard !request.body.isEmpty else { throw .empty(release) }
        do throws(JSONFault) {
            return try JSON(parsing: String(decoding: request.body, as: UTF8.self))
        } catch {
            throw .malformed(release, error)
        }
    }

    func flag(_ request: HTTPRequest, _ name: String, _ fallback: Bool = false) -> Bool {
        request.query(name).map { $0.lowercased() == "true" } ?? fallback
    }

    /// The deployment result: marathon-api.md 1.0.
    func accepted(_ plan: DeploymentPlan, status: Int = 200, location: String? = nil) -> HTTPResponse {
        let json: JSON = ["version": .string(plan.version.iso8601), "deploymentId": .string(plan.id)]
        return HTTPResponse(status, json: json, headers: fields(plan, location))
    }

    /// The fields of an answer that has begun a deployment.
    func fields(_ plan: DeploymentPlan, _ location: String?) -> [HTTPField] {
        var fields: [HTTPField] = []
        if let location { fields.append(HTTPField("Location", location)) }
        if release >= .init(1, 4) { fields.append(HTTPField("Marathon-Deployment-Id", plan.id)) }
        return fields
    }

    func location(_ request: HTTPRequest, _ path: String) -> String {
        "http://\(request[header: "Host"] ?? configuration.announced)\(path)"
    }

    /// A moment in a path or a body.
    func moment(_ text: String) throws(MarathonFault) -> Moment {
        guard let moment = Moment(iso8601: text) else {
            throw MarathonFault(400, ["message": .string("Invalid format: \"\(text)\"")])
        }
        return moment
    }

    // MARK: Leadership and events

    private mutating func leader(_ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        switch request.method {
        case "GET", "HEAD": return HTTPResponse(200, json: ["leader": .string(configuration.announced)])
        case "DELETE":
            agenda.add(.abdicate, at: now + 500)
            let words = release < .init(0, 9) ? "Leadership abdicted" : "Leadership abdicated"
            return HTTPResponse(200, json: ["message": .string(words)])
        default: return notAllowed(request)
        }
    }

    /// From 0.9, and only for who accepts exactly this (marathon-api.md 1.10).
    private mutating func events(_ request: HTTPRequest) throws(MarathonFault) -> HTTPAnswer {
        guard release >= .init(0, 9) else { throw notFound(request) }
        guard request.method == "GET", request[header: "Accept"] == "text/event-stream" else {
            return .response(notAllowed(request))
        }
        return openStream(request)
    }
}
