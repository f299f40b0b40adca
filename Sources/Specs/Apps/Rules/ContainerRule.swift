/// A container has what its containerizer wants and nothing else (marathon-api.md 3.3 and 4).
enum ContainerRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard let container = app["container"] else { return [] }
        if lacksImage(app) { return [AppFault("a DOCKER container needs `docker.image`", at: "container")] }
        var found = appc(app, container)
        guard let docker = container.readable("docker") else { return found }
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
    }

    private static func ofDocker(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        // 1.3 leaves a credential out without a word (S/api/v2/json/Formats.scala, 1.3.13).
        guard app.since(1, 4) else { return [] }
        return ["credential", "pullConfig"].filter { docker[$0] != nil }.map { key in
            AppFault("Docker's engine takes no `\(key)` of an app", at: "container.docker.\(key)")
        }
    }

    /// What only Docker's engine knows; 1.3 leaves it out without a word, and 1.4 refuses a credential as well
    /// (S/api/v2/json/Formats.scala, 1.3.13 and 1.4.13).
    private static func ofMesos(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        guard app.since(1, 4) else { return [] }
        let keys = ["network", "parameters", "portMappings", "credential"].filter { key in
            guard let value = docker.readable(key) else { return false }
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

    /// An image of AppC's, up to 1.8; beside one of Docker's it is left out up to 1.4, and refused after
    /// (S/state/Container.scala, 1.3.13; S/api/v2/validation/AppValidation.scala, 1.5.15).
    private static func appc(_ app: AppUnderCheck, _ container: AppValue) -> [AppFault] {
        guard app.since(1, 3), !app.since(1, 9), let appc = container.readable("appc") else { return [] }
        if container["docker"] != nil {
            let message = "a container has one image, of Docker's or of AppC's"
            return app.readsRAML ? [AppFault(message, at: "container.appc")] : []
        }
        var found: [AppFault] = []
        if appc["image"]?.isEmpty == true, appc["image"] != .null {
            found.append(AppFault("the image has no name", at: "container.appc.image"))
        }
        if let id = appc["id"]?.content?.plainText, !id.hasPrefix("sha512-") || id.utf8.count < 8 {
            let message = "`\(id.abbreviated)` is no id of an image"
            found.append(AppFault(message, at: "container.appc.id", hint: "it is sha512- and a digest"))
        }
        return found
    }

    /// Up to 0.7 a mapping, then a list of keys and values.
    private static func parameters(_ app: AppUnderCheck, _ docker: AppValue) -> [AppFault] {
        guard let parameters = docker.readable("parameters") else { return [] }
        let isList = parameters.items != nil
        guard isList != app.since(0, 8) else { return [] }
        let form = isList ? "a mapping, {name: value}" : "a list, [{key: …, value: …}]"
        let message = "Marathon \(app.release) reads `parameters` as \(form)"
        return [AppFault(message, at: "container.docker.parameters")]
    }
}
