// /v2/groups: marathon-api.md 1.6.

extension MarathonEngine {
    mutating func groups(_ request: HTTPRequest, _ path: [String]) throws(MarathonFault) -> HTTPResponse {
        if let index = path.lastIndex(of: "versions"), index >= path.count - 2, request.method == "GET" {
            let group = "/" + path[..<index].joined(separator: "/")
            return try groupVersions(group, index == path.count - 1 ? nil : path[index + 1], request)
        }
        let group = "/" + path.joined(separator: "/")
        switch request.method {
        case "GET", "HEAD":
            guard root.groups[group] != nil else { throw .unknownGroup(group) }
            return HTTPResponse(200, json: json(group, of: root, request))
        case "POST": return try create(group, request)
        case "PUT": return try update(group, request)
        case "DELETE": return try remove(group, request)
        default: return notAllowed(request)
        }
    }

    /// From 0.11 only the parts named by `embed`, where there is one.
    private func json(_ group: String, of root: MarathonRoot, _ request: HTTPRequest) -> JSON {
        var writer = GroupWriter(codec: codec, root: root)
        let wanted = request.query.filter { $0.name == "embed" || $0.name == "embed[]" }.map(\.value)
        let embed = release < .init(0, 11) ? [] : AppEmbed.wanted(by: request, release: release)
        if release >= .init(0, 11), !wanted.isEmpty {
            writer.showsApps = wanted.contains { $0.hasPrefix("group.apps") }
            writer.showsGroups = wanted.contains("group.groups")
            writer.showsPods = wanted.contains { $0.hasPrefix("group.pods") }
        }
        return writer.json(group) { app in
            (
                extras(app, embed), embed.contains(.counts) ? tasks.counts(of: app.id) : nil,
                embed.contains(.deployments) ? deployments.lock(of: app.id).map { [$0] } ?? [] : nil
            )
        }
    }

    private func groupVersions(
        _ group: String,
        _ wanted: String?,
        _ request: HTTPRequest
    ) throws(MarathonFault) -> HTTPResponse {
        guard let wanted else {
            guard root.groups[group] != nil else { throw .unknownGroup(group) }
            return HTTPResponse(200, json: .array(root.versions.map { .string($0.iso8601) }))
        }
        guard let former = root.at(try moment(wanted)), former.groups[group] != nil else {
            throw .unknownGroup(group)
        }
        return HTTPResponse(200, json: json(group, of: former, request))
    }

    private mutating func create(_ url: String, _ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        let body = try body(request)
        let group = GroupUpdate.path(of: body, url: url)
        if root.groups[group] != nil {
            throw MarathonFault(
                409, ["message": .string("Group \(group) is already created. Use PUT to change this group.")])
        }
        if root.apps[group] != nil {
            throw MarathonFault(409, ["message": .string("An app with id [\(group)] already exists.")])
        }
        let plan = try apply(body, to: group, request)
        return accepted(plan, status: 201, location: location(request, "/v2/groups\(group)"))
    }

    private mutating func update(_ url: String, _ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        let body = try body(request)
        let group = GroupUpdate.path(of: body, url: url)
        guard release >= .init(0, 8, 1), flag(request, "dryRun") else {
            return accepted(try apply(body, to: group, request))
        }
        let version = nextVersion()
        var update = GroupUpdate(codec: codec, root: root, version: version)
        try update.apply(body, to: group)
        let plan = try dryRun(update.edit, version: version)
        let key = release < .init(1, 1, 2) ? "type" : "action"
        let steps = plan.steps.map { step -> JSON in
            ["actions": .array(step.map { [key: .string($0.kind.rawValue), "app": .string($0.app)] })]
        }
        return HTTPResponse(200, json: ["steps": .array(steps)])
    }

    private mutating func apply(
        _ body: JSON,
        to group: String,
        _ request: HTTPRequest
    ) throws(MarathonFault) -> DeploymentPlan {
        let version = nextVersion()
        let edit = try edit(version) { (update) throws(MarathonFault) in try update.apply(body, to: group) }
        return try commit(edit, version: version, force: flag(request, "force"))
    }

    /// Read with a copy of the root that is gone before the root changes.
    private func edit(
        _ version: Moment,
        _ change: (inout GroupUpdate) throws(MarathonFault) -> Void
    ) throws(MarathonFault) -> RootEdit {
        var update = GroupUpdate(codec: codec, root: root, version: version)
        try change(&update)
        return update.edit
    }

    private mutating func remove(_ group: String, _ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        guard root.groups[group] != nil else { throw .unknownGroup(group) }
        let version = nextVersion()
        let edit = try edit(version) { (update) throws(MarathonFault) in update.remove(group) }
        return accepted(try commit(edit, version: version, force: flag(request, "force")))
    }
}
