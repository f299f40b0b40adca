// /v2/tasks and the tasks of an app: marathon-api.md 1.4 and 1.5.

extension MarathonEngine {
    mutating func tasks(_ request: HTTPRequest, _ path: [String]) throws(MarathonFault) -> HTTPResponse {
        switch (request.method, path) {
        case ("GET", []), ("HEAD", []):
            if let text = try textTable(request, servedIDs.compactMap { served($0) }) { return text }
            let wanted = request.query.filter { $0.name == "status" || $0.name == "status[]" }.map(\.value)
            let found = servedIDs.compactMap { served($0) }.flatMap { app in
                tasks.of(app.id).filter { Self.accepts($0, wanted) }.map { json($0, servicePorts: app.servicePorts) }
            }
            return HTTPResponse(200, json: ["tasks": .array(found)])
        case ("POST", ["delete"]) where release >= .init(0, 8, 1): return try deleteTasks(request)
        case (_, []), (_, ["delete"]): return notAllowed(request)
        default: throw notFound(request)
        }
    }

    private static func accepts(_ task: MarathonTask, _ wanted: [String]) -> Bool {
        wanted.isEmpty
            || wanted.contains { word in
                switch word {
                case "running": task.isRunning
                case "staging": task.state == .staging || task.state == .starting
                default: false
                }
            }
    }

    mutating func appTasks(
        _ request: HTTPRequest,
        app id: String,
        task: String?
    ) throws(MarathonFault) -> HTTPResponse {
        guard let app = served(id) else { throw .unknownApp(id) }
        switch (request.method, task) {
        case ("GET", nil), ("HEAD", nil):
            if let text = try textTable(request, [app]) { return text }
            return HTTPResponse(200, json: ["tasks": .array(tasks.of(id).map { json($0, servicePorts: []) })])
        case ("DELETE", nil):
            let host = request.query("host")
            let chosen = tasks.of(id).filter { host == nil || host == "*" || $0.host == host }
            return try end(chosen, request) { ["tasks": .array($0)] }
        case ("DELETE", let task?):
            guard let found = tasks[task], found.app == id else { throw .unknownTask(task) }
            return try end([found], request) { ["task": $0.first ?? .null] }
        default: return notAllowed(request)
        }
    }

    private mutating func deleteTasks(_ request: HTTPRequest) throws(MarathonFault) -> HTTPResponse {
        guard let ids = try body(request)["ids"]?.array?.compactMap(\.string) else {
            throw .wrongType(release, [("/ids", "error.path.missing")])
        }
        let found = ids.compactMap { tasks[$0] }
        return try end(found, request) { ["tasks": .array($0)] }
    }

    /// Kills tasks; with `scale` their apps shrink by them, in one deployment.
    private mutating func end(
        _ chosen: [MarathonTask],
        _ request: HTTPRequest,
        _ body: ([JSON]) -> JSON
    ) throws(MarathonFault) -> HTTPResponse {
        let wipes = release >= .init(1, 0) && flag(request, "wipe")
        guard flag(request, "scale") else {
            let killed = chosen.map { json($0, servicePorts: []) }
            for task in chosen {
                // Wiped tasks are forgotten at once.
                if wipes, task.state == .unreachable { expunge(task.id) } else { kill(task.id) }
            }
            return HTTPResponse(200, json: body(killed))
        }
        if wipes { throw MarathonFault(400, ["message": "You cannot use scale and wipe at the same time."]) }
        let version = nextVersion()
        var edit = RootEdit()
        for id in Set(chosen.map(\.app)).sorted() {
            guard var app = root.apps[id] else { continue }
            app.instances = max(0, app.instances - chosen.count { $0.app == id })
            app.version = version
            edit.apps.append(app)
        }
        let plan = try commit(edit, version: version, force: flag(request, "force")) { engine in
            for task in chosen { engine.kill(task.id) }
        }
        return accepted(plan)
    }

    // MARK: Plain text

    /// The table for load balancers, where the request wants it.
    /// - Throws: 406 from 1.10 on, where nobody has asked for it with `--deprecated_features`.
    private func textTable(
        _ request: HTTPRequest,
        _ apps: [MarathonApp]
    ) throws(MarathonFault) -> HTTPResponse? {
        let accepted = (request[header: "Accept"] ?? "*/*").split(separator: ",").map { part in
            part.prefix { $0 != ";" }.filter { $0 != " " }
        }
        let jsonAt = accepted.firstIndex { ["application/json", "*/*", "application/*"].contains($0) }
        guard let textAt = accepted.firstIndex(where: { ["text/plain", "text/*"].contains($0) }),
            jsonAt.map({ textAt < $0 }) ?? true
        else { return nil }
        if release >= .init(1, 10) {
            let isOn = configuration.list("deprecated_features").contains("text_plain_tasks")
            guard release < .init(1, 11), isOn else {
                if jsonAt != nil { return nil }
                throw MarathonFault(406, ["message": "HTTP 406 Not Acceptable"])
            }
        }
        return HTTPResponse(200, text: TaskTextTable(release: release).text(apps.map { ($0, tasks.of($0.id)) }))
    }
}

/// `/v2/tasks` as `text/plain`, character by character (marathon-api.md 1.5).
struct TaskTextTable {
    let release: MarathonVersion

    func text(_ apps: [(app: MarathonApp, tasks: [MarathonTask])]) -> String {
        var text = ""
        for (app, tasks) in apps {
            let running = tasks.filter(\.isRunning)
            let id = PathID.safe(app.id)
            let ports = app.servicePorts
            if ports.isEmpty {
                let hosts = sorted(running.map(\.host))
                let end = release < .init(1, 5) ? " " : "\t"
                text += "\(id)\t \t" + hosts.map { $0 + end }.joined() + "\n"
            }
            for (index, port) in ports.enumerated() {
                let places = sorted(running.compactMap { place($0, index) })
                text += "\(id)\t\(port)\t" + places.map { $0 + "\t" }.joined() + "\n"
            }
        }
        return text
    }

    private func sorted(_ places: [String]) -> [String] { release < .init(1, 5) ? places : places.sorted() }

    /// A task that has no such port counts as port 0, until 1.7.236 and 1.9.136 left it out.
    private func place(_ task: MarathonTask, _ index: Int) -> String? {
        if index < task.ports.count { return "\(task.host):\(task.ports[index])" }
        let drops = release >= .init(1, 9, 136) || release >= .init(1, 7, 236) && release < .init(1, 8)
        return drops ? nil : "\(task.host):0"
    }
}
