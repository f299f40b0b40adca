/// Containers and health checks as releases up to 1.4 write them (marathon-api.md 3.3 and 3.4).
extension MarathonAppCodec {
    func containerJSON(_ container: MarathonApp.Container, isJackson: Bool) -> JSON {
        var object: JSONObject = ["type": .string(container.type), "volumes": .array(container.volumes)]
        if let docker = container.docker {
            object["docker"] =
                container.type == "MESOS" && version.isAtLeast(1, 3)
                ? mesosDockerJSON(docker) : dockerJSON(docker, container.portMappings, isJackson: isJackson)
        } else if let appc = container.appc {
            object["appc"] = appc
        } else if isJackson {
            object["docker"] = .null
        }
        return .object(object)
    }

    private func dockerJSON(
        _ docker: MarathonApp.Docker,
        _ mappings: [MarathonApp.PortMapping]?,
        isJackson: Bool
    ) -> JSON {
        let writesNull = isJackson || version.isAtLeast(1, 3)
        var object: JSONObject = ["image": .string(docker.image)]
        object["network"] = docker.network.map(JSON.string) ?? (writesNull ? .null : JSON?.none)
        let written = mappings.map { JSON.array($0.map { portMappingJSON($0, isJackson: isJackson) }) }
        object["portMappings"] = written ?? (writesNull ? .null : JSON?.none)
        object["privileged"] = .bool(docker.isPrivileged)
        object["parameters"] =
            version.isAtLeast(0, 8)
            ? .array(docker.parameters.map { ["key": .string($0.name), "value": .string($0.value)] })
            : Self.labels(docker.parameters)
        if version.isAtLeast(0, 8, 2) { object["forcePullImage"] = .bool(docker.forcePullImage) }
        return .object(object)
    }

    private func mesosDockerJSON(_ docker: MarathonApp.Docker) -> JSON {
        [
            "image": .string(docker.image), "credential": Self.orNull(docker.credential),
            "forcePullImage": .bool(docker.forcePullImage),
        ]
    }

    private func portMappingJSON(_ mapping: MarathonApp.PortMapping, isJackson: Bool) -> JSON {
        var object: JSONObject = ["containerPort": .integer(mapping.containerPort)]
        object["hostPort"] = mapping.hostPort.map(JSON.integer)
        object["servicePort"] = .integer(mapping.servicePort)
        object["protocol"] = .string(mapping.protocol)
        if version.isAtLeast(1, 0) {
            object["name"] = mapping.name.map(JSON.string)
            object["labels"] = Self.labels(mapping.labels)
        }
        return .object(object)
    }

    func healthCheckJSON(_ check: MarathonApp.HealthCheck, isJackson: Bool) -> JSON {
        if version.isAtLeast(1, 4) { return healthCheckByProtocol(check) }
        var object: JSONObject = [:]
        object["path"] = check.path.map(JSON.string) ?? (isJackson ? .null : JSON?.none)
        object["protocol"] = .string(check.protocol)
        object["portIndex"] = check.portIndex.map(JSON.integer)
        object["command"] = check.command.map { ["value": .string($0)] } ?? (isJackson ? .null : JSON?.none)
        appendTimes(check, to: &object)
        if version.isAtLeast(0, 8, 1) { object["ignoreHttp1xx"] = .bool(check.ignoreHttp1xx) }
        if version.isAtLeast(0, 15) { object["port"] = check.port.map(JSON.integer) }
        return .object(object)
    }

    private func healthCheckByProtocol(_ check: MarathonApp.HealthCheck) -> JSON {
        var object: JSONObject = [:]
        appendTimes(check, to: &object)
        object["portIndex"] = check.portIndex.map(JSON.integer)
        object["port"] = check.port.map(JSON.integer)
        object["path"] = check.path.map(JSON.string)
        if check.isHTTP { object["protocol"] = .string(check.protocol) }
        if ["HTTP", "HTTPS"].contains(check.protocol) { object["ignoreHttp1xx"] = .bool(check.ignoreHttp1xx) }
        if check.protocol == "COMMAND" || check.protocol.hasPrefix("MESOS_") {
            object["delaySeconds"] = Self.seconds(check.delaySeconds)
        }
        object["command"] = check.command.map { ["value": .string($0)] }
        object["protocol"] = .string(check.protocol)
        return .object(object)
    }

    private func appendTimes(_ check: MarathonApp.HealthCheck, to object: inout JSONObject) {
        object["gracePeriodSeconds"] = Self.seconds(check.gracePeriodSeconds)
        object["intervalSeconds"] = Self.seconds(check.intervalSeconds)
        object["timeoutSeconds"] = Self.seconds(check.timeoutSeconds)
        object["maxConsecutiveFailures"] = .integer(check.maxConsecutiveFailures)
    }
}
