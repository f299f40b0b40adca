// /v2/apps: marathon-api.md 1.4 and section 2.

extension MarathonEngine {
    mutating func apps(_ request: HTTPRequest, _ path: [String]) throws(MarathonFault) -> HTTPResponse {
        let reads = ["GET", "HEAD"].contains(request.method)
        guard !path.isEmpty else { return try allApps(request, reads) }
        if path.last == "*", reads { return try appsBelow(path.dropLast().joined(separator: "/"), request) }
        if path.last == "restart", path.count > 1, request.method == "POST" { return try restart(request, path.dropLast()) }
        if let index = path.lastIndex(of: "tasks"), index > 0, index >= path.count - 2 {
            return try appTasks(request, app: id(path[..<index]), task: index == path.count - 1 ? nil : path[index + 1])
        }
        if let index = path.lastIndex(of: "versions"), index > 0, index >= path.count - 2, reads {
            return try versions(id(path[..<index]), index == path.count - 1 ? nil : path[index + 1])
        }
        let id = id(path[...])
        switch request.method {
        case "GET", "HEAD":
            guard let app = served(id) else { throw .unknownApp(id) }
            let embed: Set<AppEmbed> = [.tasks, .lastTaskFailure]
            return HTTPResponse(200, json: ["app": json(app, embed)])
        case "PUT": return try put(request, id)
        case "PATCH" where release >= .init(1, 4): return try put(request, id, creates: false)
        case "DELETE": return try delete(request, id)
        default: return notAllowed(request)
        }
    }

    private func id(_ path: ArraySlice<String>) -> String { "/" + path.joined(separator: "/") }

    private mutating func allApps(_ request: HTTPRequest, _ reads: Bool) throws(MarathonFault) -> HTTPResponse {
        switch request.method {
        case "POST": return try post(request)
        case "PUT": return try putAll(request)
        case "PATCH" where release >= .init(1, 4): return try putAll(request, creates: false)
        case _ where reads:
            let filter = AppFilter(request, release: release)
            let embed = AppEmbed.wanted(by: request, release: release)
            let found = servedIDs.compactMap { served($0) }.filter(filter.accepts)
            return HTTPResponse(200, json: ["apps": .array(found.map { json($0, embed) })])
        default: return notAllowed(request)
        }
    }

    private func appsBelow(_ group: String, _ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        let path = group.isEmpty ? "/" : "/" + group
        guard root.groups[path] != nil else { throw .unknownGroup(path) }
        let embed = AppEmbed.wanted(by: request, release: release)
        let found = root.apps(below: path).compactMap { served($0) }
        return HTTPResponse(200, json: ["*": .array(found.map { json($0, embed) })])
    }

    // MARK: Writing

    private mutating func post(_ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        let body = try body(request)
        let version = nextVersion()
        let app = try codec.readApp(body, at: version)
        let former = root.apps[app.id]
        if former != nil, release >= .init(0, 8, 1) {
            throw .duplicate(release < .init(0, 11) ? body["id"]?.string ?? app.id : app.id)
        }
        try codec.validate(app, former: former)
        try codec.checkServicePorts(of: app, in: root.tree)
        let plan = try commit(RootEdit(apps: [app], groupID: group(of: app.id)), version: version, force: flag(request, "force"))
        emitPost(request, app)
        let location = location(request, "/v2/apps\(app.id)")
        let json = codec.createdJSON(app, deployment: plan.id)
        return HTTPResponse(201, json: json, headers: fields(plan, location))
    }

    private func group(of app: String) -> String { PathID.parent(of: app) ?? "/" }

    private mutating func put(
        _ request: HTTPRequest,
        _ url: String,
        creates: Bool = true
    ) throws(MarathonFault) -> HTTPResponse {
        let body = try body(request)
        let version = nextVersion()
        let id = try codec.id(in: body, url: url) ?? url
        let former = root.apps[id]
        guard former != nil || creates else { throw .unknownApp(id) }
        let app = try updated(id, body, version, isPartial: isPartial(request))
        if former == nil { try codec.checkServicePorts(of: app, in: root.tree) }
        let edit = RootEdit(apps: [app], groupID: group(of: id))
        let plan = try commit(edit, version: version, force: flag(request, "force"))
        emitPost(request, app)
        guard former == nil else { return accepted(plan) }
        let location = location(request, "/v2/apps\(id)")
        guard release < .init(0, 8, 1) else { return accepted(plan, status: 201, location: location) }
        let json = codec.createdJSON(app, deployment: plan.id)
        return HTTPResponse(201, json: json, headers: fields(plan, location))
    }

    /// All in one deployment, or nothing (marathon-api.md 2.4).
    private mutating func putAll(
        _ request: HTTPRequest,
        creates: Bool = true
    ) throws(MarathonFault) -> HTTPResponse {
        guard let elements = try body(request).array else {
            throw .wrongType(release, [("", "error.expected.jsarray")])
        }
        let version = nextVersion()
        var edit = RootEdit()
        var places: [String: Int] = [:]
        for element in elements {
            guard let id = try codec.id(in: element, url: nil) else {
                if release < .init(1, 5) { continue }
                throw .requirement("App Update must have app id set")
            }
            guard creates || root.apps[id] != nil else { throw .unknownApp(id) }
            let app = try updated(id, element, version, isPartial: isPartial(request))
            if let place = places[id] {
                edit.apps[place] = app
            } else {
                places[id] = edit.apps.count
                edit.apps.append(app)
            }
        }
        let plan = try commit(edit, version: version, force: flag(request, "force"))
        for app in edit.apps { emitPost(request, app) }
        return accepted(plan)
    }

    private func isPartial(_ request: HTTPRequest) -> Bool {
        release < .init(1, 4) || flag(request, "partialUpdate", true)
    }

    /// The definition that a body makes of an app: by merging, by going back to a version, or as a whole.
    private func updated(
        _ id: String,
        _ body: JSON,
        _ version: Moment,
        isPartial: Bool
    ) throws(MarathonFault) -> MarathonApp {
        let former = root.apps[id]
        let app: MarathonApp
        if let former, isPartial {
            if let wanted = try codec.rollbackVersion(in: body) {
                app = try earlier(former, wanted, version)
            } else {
                app = try codec.update(former, with: body, at: version)
            }
        } else {
            app = try codec.readApp(body, id: id, at: version, origin: former == nil ? .creatingPut : .definition)
        }
        try codec.validate(app, former: former)
        return app
    }

    /// Up to 0.10 a version nobody knows changes nothing (marathon-api.md 2.1).
    private func earlier(_ app: MarathonApp, _ wanted: Moment, _ version: Moment) throws(MarathonFault) -> MarathonApp {
        guard var found = definition(app.id, wanted) else {
            if release < .init(0, 11) {
                var same = app
                same.version = version
                return same
            }
            throw .unknownApp(app.id, version: wanted.iso8601)
        }
        (found.version, found.versionInfo) = (version, nil)
        return found
    }

    /// Always forced unless told otherwise.
    private mutating func delete(_ request: HTTPRequest, _ id: String) throws(MarathonFault) -> HTTPResponse {
        guard root.apps[id] != nil else { throw .unknownApp(id) }
        let edit = RootEdit(removedApps: [id], groupID: group(of: id))
        let plan = try commit(edit, version: nextVersion(), force: flag(request, "force", true))
        return accepted(plan)
    }

    private mutating func restart(
        _ request: HTTPRequest,
        _ path: ArraySlice<String>
    ) throws(MarathonFault) -> HTTPResponse {
        let id = id(path)
        guard let app = root.apps[id] else { throw .unknownApp(id) }
        let version = nextVersion()
        let edit = RootEdit(apps: [app], restarts: [id], groupID: group(of: id))
        return accepted(try commit(edit, version: version, force: flag(request, "force")))
    }

    // MARK: Versions

    private func versions(_ id: String, _ wanted: String?) throws(MarathonFault) -> HTTPResponse {
        guard served(id) != nil else { throw .unknownApp(id) }
        guard let wanted else {
            let known = (records[id]?.versions ?? []).reversed().map { JSON.string($0.version.iso8601) }
            return HTTPResponse(200, json: ["versions": .array(known)])
        }
        let moment = try moment(wanted)
        guard let app = records[id]?.versions.last(where: { $0.version == moment }) else {
            throw .unknownApp(id, version: wanted)
        }
        return HTTPResponse(200, json: codec.json(app))
    }
}
