/// The container and the health checks of a body (marathon-api.md 3.3 and 3.4).
extension MarathonAppCodec {
    func readContainer(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        var dockerPortMappings: [MarathonApp.PortMapping]?
        patch.container = reader.optional(
            "container",
            Shape { json, path, faults in
                var reader = ShapeReader(json, path: path)
                var container = MarathonApp.Container()
                container.type =
                    reader.optional("type", enumeration(["DOCKER", "MESOS"], "container type")) ?? "DOCKER"
                container.volumes = reader.optional("volumes", .array(volumeShape)) ?? []
                container.docker = reader.optional("docker", dockerShape)
                readImageless(&reader, &container)
                var docker = ShapeReader(json["docker"] ?? .null, path: path + "/docker")
                dockerPortMappings = docker.optional("portMappings", .array(portMappingShape))
                if version.readsRAML {
                    container.portMappings = reader.optional("portMappings", .array(portMappingShape))
                    if container.type == "MESOS" { container.docker?.isPrivileged = false }
                } else {
                    place(dockerPortMappings, in: &container, &reader)
                }
                faults += reader.faults + docker.faults
                return container
            }
        )
        if version.readsRAML { patch.dockerPortMappings = dockerPortMappings }
        patch.healthChecks = reader.optional("healthChecks", .set(healthCheckShape))
    }

    /// An enumeration of Mesos' protobuf up to 1.4, of the RAML types after.
    private func enumeration(_ names: [String], _ what: String) -> Shape<String> {
        version.readsRAML ? .literal(names) : .name(of: names) { "\($0) is not a valid \(what)" }
    }

    /// Up to 1.4 a Docker container's port mappings are its `docker` object's; from 1.3 only where a network uses them.
    private func place(
        _ mappings: [MarathonApp.PortMapping]?,
        in container: inout MarathonApp.Container,
        _ reader: inout ShapeReader
    ) {
        guard version.isAtLeast(1, 3) else {
            container.portMappings = mappings
            return
        }
        guard let docker = container.docker else {
            if container.type == "DOCKER" { reader.fail(missingDocker) }
            return
        }
        container.appc = nil
        if version.isAtLeast(1, 4) { refuse(docker, mappings, of: container.type, &reader) }
        if container.type == "MESOS" {
            container.docker?.network = nil
            container.docker?.isPrivileged = false
            container.docker?.parameters = []
            return
        }
        container.docker?.credential = nil
        switch docker.network {
        case "BRIDGE": container.portMappings = (mappings ?? []).map(\.withHostPort)
        case "USER": container.portMappings = mappings ?? []
        default: container.portMappings = []
        }
    }

    /// Formats.scala, 1.3.13 and 1.4.13.
    private var missingDocker: MarathonFault {
        version.isAtLeast(1, 4)
            ? .internalError("docker must not be empty")
            : .wrongType(version, [("/container/docker", "error.path.missing")])
    }

    /// 1.4 says what 1.3 leaves out without a word: `containerValidation` in Formats.scala, 1.4.13.
    private func refuse(
        _ docker: MarathonApp.Docker,
        _ mappings: [MarathonApp.PortMapping]?,
        of type: String,
        _ reader: inout ShapeReader
    ) {
        var given = [("credential", docker.credential != nil)]
        if type == "MESOS" {
            given += [
                ("portMappings", mappings?.isEmpty == false), ("network", docker.network != nil),
                ("parameters", !docker.parameters.isEmpty),
            ]
        }
        let engine = type == "MESOS" ? "Mesos" : "Docker"
        for (key, isGiven) in given where isGiven {
            reader.fail("\(engine) Containerizer does not support \(key)", at: key)
        }
    }

    private var dockerShape: Shape<MarathonApp.Docker> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let image = reader.required("image", version.readsRAML ? .string(minimum: 1) : .string)
            var docker = MarathonApp.Docker(image: image ?? "")
            let networks = ["BRIDGE", "HOST", "NONE"] + (version.isAtLeast(1, 1) ? ["USER"] : [])
            docker.network = reader.optional("network", enumeration(networks, "network type"))
            docker.isPrivileged = reader.optional("privileged", .bool) ?? false
            docker.parameters = reader.optional("parameters", parametersShape) ?? []
            // Docker's own pull before every start came with 0.8.2.
            if version.isAtLeast(0, 8, 2) {
                docker.forcePullImage = reader.optional("forcePullImage", .bool) ?? false
            }
            if version.isAtLeast(1, 3) { docker.credential = reader.optional("credential", credentialShape) }
            if version.readsRAML { docker.pullConfig = reader.optional("pullConfig", pullConfigShape) }
            faults += reader.faults
            return docker
        }
    }

    /// Up to 0.7 an object, then an array of keys and values.
    private var parametersShape: Shape<[MarathonApp.Label]> {
        guard version.isAtLeast(0, 8) else { return .labels }
        return .array(
            Shape { json, path, faults in
                var reader = ShapeReader(json, path: path)
                let key = reader.required("key", version.readsRAML ? .string(minimum: 1) : .string)
                let value = reader.required("value", .string)
                faults += reader.faults
                return MarathonApp.Label(key ?? "", value ?? "")
            }
        )
    }

    private var portMappingShape: Shape<MarathonApp.PortMapping> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var mapping = MarathonApp.PortMapping()
            let port: Shape<Int> = version.readsRAML ? .anyPort : .int
            let needsPort = !version.isAtLeast(1, 0)
            mapping.containerPort =
                (needsPort ? reader.required("containerPort", port) : reader.optional("containerPort", port)) ?? 0
            mapping.hostPort = reader.optional("hostPort", port) ?? (version.isAtLeast(1, 3) ? nil : 0)
            mapping.servicePort = reader.optional("servicePort", port) ?? 0
            mapping.protocol = reader.optional("protocol", protocolShape) ?? "tcp"
            if version.isAtLeast(1, 0) {
                mapping.name = reader.optional("name", portNameShape)
                mapping.labels = reader.optional("labels", .labels) ?? []
            } else if !["tcp", "udp"].contains(mapping.protocol) {
                reader.fail(.requirement("protocol can only be 'tcp' or 'udp'"))
            }
            if version.readsRAML {
                mapping.networkNames = reader.optional("networkNames", .array(.string(minimum: 1))) ?? []
            }
            faults += reader.faults
            return reader.faults.isEmpty ? mapping : nil
        }
    }

    /// A volume with its defaults, in the order in which it is written.
    private var volumeShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var volume: JSONObject = [:]
            let isLocal = json["persistent"] == nil && json["external"] == nil && json["secret"] == nil
            volume["containerPath"] = reader.required("containerPath", .string).map(JSON.string)
            let hostPath =
                isLocal && (version.readsRAML || !version.isAtLeast(1, 0))
                ? reader.required("hostPath", .string) : reader.optional("hostPath", .string)
            volume["hostPath"] = hostPath.map(JSON.string)
            let modes = enumeration(["RO", "RW"], "mode")
            let mode = json["secret"] == nil ? reader.required("mode", modes) : nil
            if isLocal { volume["mode"] = mode.map(JSON.string) }
            if version.isAtLeast(1, 0) { readVolumeKind(&reader, &volume) }
            if !isLocal { volume["mode"] = mode.map(JSON.string) }
            faults += reader.faults
            return .object(volume)
        }
    }

    /// Formats.scala, 1.3.13.
    private var externalShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var info: JSONObject = [:]
            info["size"] = reader.optional("size", .long).map(JSON.integer)
            info["name"] = (version.readsRAML ? reader.optional("name", .string) : reader.required("name", .string))
                .map(JSON.string)
            info["provider"] =
                (version.readsRAML ? reader.optional("provider", .string) : reader.required("provider", .string))
                .map(JSON.string)
            info["options"] = .object(JSONObject(reader.optional("options", .labels) ?? []))
            if version.isAtLeast(1, 9) { info["shared"] = reader.optional("shared", .bool).map(JSON.bool) }
            faults += reader.faults
            return .object(info)
        }
    }

    private func readVolumeKind(_ reader: inout ShapeReader, _ volume: inout JSONObject) {
        let persistent = Shape<JSON> { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var info: JSONObject = [:]
            let size = reader.required("size", .long)
            let maximum = reader.optional("maxSize", .long)
            let kind = reader.optional("type", .literal(["root", "path", "mount"])) ?? "root"
            let constraints = reader.optional("constraints", .array(.array(.string))) ?? []
            info["size"] = size.map(JSON.integer)
            info["maxSize"] = maximum.map(JSON.integer)
            info["type"] = .string(kind)
            info["constraints"] = .array(constraints.map { .array($0.map(JSON.string)) })
            faults += reader.faults
            return .object(info)
        }
        volume["persistent"] = reader.optional("persistent", persistent)
        volume["external"] = reader.optional("external", externalShape)
        if version.readsRAML { volume["secret"] = reader.optional("secret", .string).map(JSON.string) }
    }
}

extension MarathonApp.PortMapping {
    /// On a bridge a missing host port is one to be chosen.
    var withHostPort: MarathonApp.PortMapping {
        var mapping = self
        mapping.hostPort = hostPort ?? 0
        return mapping
    }
}
