/// A container has what its containerizer wants and nothing else (marathon-api.md 3.3 and 4).
enum ContainerRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard let container = app["container"] else { return [] }
        if lacksImage(app) { return [AppFault("a DOCKER container needs `docker.image`", at: "container")] }
        guard let docker = container.given("docker") else { return [] }
        var found: [AppFault] = []
        if docker["image"]?.isEmpty == true, docker["image"] != .null {
            found.append(AppFault("the image has no name", at: "container.docker.image"))
        }
        let isDocker = container.text("type").map { $0 == "DOCKER" } ?? true
        return found + (isDocker ? ofDocker(app, docker) : ofMesos(app, docker)) + parameters(app, docker)
    }

    /// Whether Docker is asked for without an image.
    ///
    /// Up to 1.2 a container that says neither type nor image is read, and run without Docker.
    static func lacksImage(_ app: AppUnderCheck) -> Bool {
        guard let container = app["container"], container["docker"] == nil else { return false }
        if let type = container["type"] { return type.plainText == "DOCKER" }
        let isEmpty = container.members?.isEmpty ?? true
        return app.since(1, 3) && (!isEmpty || app["cmd"] != nil || app["args"] != nil)
            && !(app.readsRAML == false && container["appc"] != nil)
    }

    private static func ofDocker(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        ["credential", "pullConfig"].filter { docker[$0] != nil }.map { key in
            AppFault("Docker's engine takes no `\(key)` of an app", at: "container.docker.\(key)")
        }
    }

    /// From 1.3: what only Docker's engine knows.
    private static func ofMesos(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        guard app.since(1, 3) else { return [] }
        let keys = ["network", "parameters", "portMappings", "credential"].filter { key in
            guard let value = docker.given(key) else { return false }
            return key == "network" || key == "credential" || !value.isEmpty
        }
        return keys.map { key in
            let hint = key == "network" || key == "portMappings" ? "see `networks` and `container.portMappings`" : nil
            return AppFault(
                "a MESOS container takes no `docker.\(key)`",
                at: "container.docker.\(key)",
                hint: app.readsRAML ? hint : nil
            )
        }
    }

    /// Up to 0.7 a mapping, then a list of keys and values.
    private static func parameters(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        guard let parameters = docker.given("parameters") else { return [] }
        let isList = parameters.items != nil
        guard isList != app.since(0, 8) else { return [] }
        let form = isList ? "a mapping, {name: value}" : "a list, [{key: …, value: …}]"
        let message = "Marathon \(app.release) reads `parameters` as \(form)"
        return [AppFault(message, at: "container.docker.parameters")]
    }
}
