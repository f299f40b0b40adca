/// From 1.5: what is unset is left out, and so are some of the empty collections (marathon-api.md section 3).
extension MarathonAppCodec {
    func ramlObject(_ app: MarathonApp) -> JSONObject {
        let isOnHost = app.networks.allSatisfy { $0.mode == .host }
        var object: JSONObject = [:]
        object["id"] = .string(app.id)
        object["acceptedResourceRoles"] = Self.unlessEmpty(Self.texts(app.acceptedResourceRoles ?? []))
        object["args"] = Self.unlessEmpty(Self.texts(app.args ?? []))
        object["backoffFactor"] = fraction(app.backoffFactor)
        object["backoffSeconds"] = Self.seconds(app.backoffSeconds)
        object["cmd"] = app.cmd.map(JSON.string)
        object["constraints"] = Self.unlessEmpty(.array(app.constraints.map(Self.texts)))
        object["container"] = app.container.map { containerJSON($0, isOnHost: isOnHost) }
        object["cpus"] = fraction(app.cpus)
        object["dependencies"] = Self.unlessEmpty(Self.texts(app.dependencies))
        object["disk"] = fraction(app.disk)
        object["env"] = Self.unlessEmpty(Self.environment(app))
        object["executor"] = .string(app.executor)
        object["executorResources"] = app.executorResources
        object["fetch"] = Self.unlessEmpty(.array(app.fetch.map(artifactJSON)))
        object["healthChecks"] = Self.unlessEmpty(.array(app.healthChecks.map(healthCheckJSON)))
        object["check"] = app.check
        object["instances"] = .integer(app.instances)
        object["labels"] = Self.labels(app.labels)
        object["maxLaunchDelaySeconds"] = Self.seconds(app.maxLaunchDelaySeconds)
        object["mem"] = fraction(app.mem)
        object["gpus"] = .integer(app.gpus)
        object["networks"] = .array(app.networks.map(networkJSON))
        if isOnHost { object["portDefinitions"] = .array(app.ports.map(portJSON)) }
        object["readinessChecks"] = Self.unlessEmpty(.array(app.readinessChecks))
        object["residency"] = residencyJSON(app)
        object["resourceLimits"] = app.resourceLimits
        object["requirePorts"] = .bool(app.requirePorts)
        appendEnd(app, to: &object)
        return object
    }

    private func appendEnd(_ app: MarathonApp, to object: inout JSONObject) {
        object["secrets"] = Self.unlessEmpty(app.secrets ?? [:])
        object["taskKillGracePeriodSeconds"] = app.taskKillGracePeriodSeconds.map(Self.seconds)
        object["upgradeStrategy"] = [
            "maximumOverCapacity": fraction(app.upgradeStrategy.maximumOverCapacity),
            "minimumHealthCapacity": fraction(app.upgradeStrategy.minimumHealthCapacity),
        ]
        object["user"] = app.user.map(JSON.string)
        object["version"] = .string(app.version.iso8601)
        object["versionInfo"] = app.versionInfo.map(Self.versionInfo)
        object["killSelection"] = .string(app.killSelection)
        object["unreachableStrategy"] = app.unreachableStrategy
        object["tty"] = app.tty.map(JSON.bool)
        if version.isAtLeast(1, 9) { object["role"] = app.role.map(JSON.string) }
    }

    private static func unlessEmpty(_ json: JSON) -> JSON? {
        json.array?.isEmpty == true || json.object?.isEmpty == true ? JSON?.none : json
    }

    /// Made up from the unreachable strategy of an app with persistent volumes.
    private func residencyJSON(_ app: MarathonApp) -> JSON? {
        guard app.hasPersistentVolume else { return nil }
        let seconds = app.unreachableStrategy?["inactiveAfterSeconds"]?.int ?? 3600
        return ["relaunchEscalationTimeoutSeconds": .integer(seconds), "taskLostBehavior": "WAIT_FOREVER"]
    }

    private func containerJSON(_ container: MarathonApp.Container, isOnHost: Bool) -> JSON {
        var object: JSONObject = ["type": .string(container.type)]
        object["docker"] = container.docker.map { dockerJSON($0, isMesos: container.type == "MESOS") }
        object["appc"] = container.appc
        object["linuxInfo"] = container.linuxInfo
        object["volumes"] = .array(container.volumes)
        if !isOnHost { object["portMappings"] = .array((container.portMappings ?? []).map(portMappingJSON)) }
        return .object(object)
    }

    private func dockerJSON(_ docker: MarathonApp.Docker, isMesos: Bool) -> JSON {
        var object: JSONObject = [:]
        if isMesos { object["pullConfig"] = docker.pullConfig }
        object["forcePullImage"] = .bool(docker.forcePullImage)
        object["image"] = .string(docker.image)
        object["parameters"] =
            .array(docker.parameters.map { ["key": .string($0.name), "value": .string($0.value)] })
        object["privileged"] = .bool(!isMesos && docker.isPrivileged)
        return .object(object)
    }

    private func portMappingJSON(_ mapping: MarathonApp.PortMapping) -> JSON {
        var object: JSONObject = ["containerPort": .integer(mapping.containerPort)]
        object["hostPort"] = mapping.hostPort.map(JSON.integer)
        object["labels"] = Self.labels(mapping.labels)
        object["name"] = mapping.name.map(JSON.string)
        object["protocol"] = .string(mapping.protocol)
        object["servicePort"] = .integer(mapping.servicePort)
        object["networkNames"] = Self.unlessEmpty(Self.texts(mapping.networkNames))
        return .object(object)
    }

    private func networkJSON(_ network: MarathonApp.Network) -> JSON {
        var object: JSONObject = [:]
        object["name"] = network.name.map(JSON.string)
        object["mode"] = .string(network.mode.rawValue)
        object["labels"] = Self.unlessEmpty(Self.labels(network.labels))
        return .object(object)
    }

    private func portJSON(_ port: MarathonApp.Port) -> JSON {
        var object: JSONObject = ["port": .integer(port.port)]
        object["labels"] = Self.unlessEmpty(Self.labels(port.labels))
        object["name"] = port.name.map(JSON.string)
        object["protocol"] = .string(port.protocol)
        return .object(object)
    }

    private func artifactJSON(_ fetch: MarathonApp.Fetch) -> JSON {
        var object: JSONObject = [
            "uri": .string(fetch.uri), "extract": .bool(fetch.extract), "executable": .bool(fetch.executable),
            "cache": .bool(fetch.cache),
        ]
        object["destPath"] = fetch.destPath.map(JSON.string)
        return .object(object)
    }

    private func healthCheckJSON(_ check: MarathonApp.HealthCheck) -> JSON {
        var object: JSONObject = [:]
        object["command"] = check.command.map { ["value": .string($0)] }
        object["gracePeriodSeconds"] = Self.seconds(check.gracePeriodSeconds)
        if ["HTTP", "HTTPS"].contains(check.protocol) { object["ignoreHttp1xx"] = .bool(check.ignoreHttp1xx) }
        object["intervalSeconds"] = Self.seconds(check.intervalSeconds)
        object["maxConsecutiveFailures"] = .integer(check.maxConsecutiveFailures)
        object["path"] = check.path.map(JSON.string)
        object["port"] = check.port.map(JSON.integer)
        object["portIndex"] = check.portIndex.map(JSON.integer)
        object["protocol"] = .string(check.protocol)
        if version.isAtLeast(1, 6) { object["ipProtocol"] = .string(check.ipProtocol) }
        object["timeoutSeconds"] = Self.seconds(check.timeoutSeconds)
        object["delaySeconds"] = Self.seconds(check.delaySeconds)
        return .object(object)
    }
}
