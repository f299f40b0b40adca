/// What the releases from 1.0 on have in common: violations by paths.
extension MarathonAppCheck {
    /// 1.0 to 1.4, with the rules of 1.4.13.
    var accordViolations: [Violation] {
        let amounts = [("mem", app.mem), ("cpus", app.cpus), ("disk", app.disk)]
            .filter { $0.1 < 0 }.map { Violation(path: "/\($0.0)", "got \($0.1), expected 0.0 or more") }
        let counts = [("instances", app.instances), ("gpus", app.gpus)]
            .filter { $0.1 < 0 }.map { Violation(path: "/\($0.0)", "got \($0.1), expected 0 or more") }
        return idViolations + strategyBounds + volumeViolations + accordPorts + commandViolations
            + healthCheckViolations + counts + amounts + featureViolations + readinessViolations + residentViolations
            + singleInstanceViolations + constraintViolations + unreachableViolations + addressViolations
    }

    var idViolations: [Violation] {
        var result: [Violation] = []
        let words = "must fully match regular expression '\(MarathonPath.pattern)'"
        if !MarathonPath.isValid(app.id) { result.append(.init(path: "/id", words)) }
        let names = MarathonPath.names(app.id)
        if names.isEmpty { result.append(.init(path: "/id", "Path must contain at least one path element")) }
        let reserved = ["restart", "tasks", "versions", ".", ".."]
        if version.isAtLeast(1, 8), let last = names.last, reserved.contains(String(last)) {
            let list = reserved.joined(separator: ", ")
            result.append(.init(path: "/id", "must not end with any of the following reserved keywords: \(list)"))
        }
        for (index, id) in app.dependencies.enumerated() where !MarathonPath.isValid(id) {
            result.append(.init(path: "/dependencies(\(index))", words))
        }
        return result
    }

    var commandViolations: [Violation] { hasCommand ? [] : [.init(path: "/", Self.commandRule)] }

    private var strategyBounds: [Violation] {
        let strategy = app.upgradeStrategy
        return [
            ("minimumHealthCapacity", strategy.minimumHealthCapacity),
            ("maximumOverCapacity", strategy.maximumOverCapacity),
        ]
        .filter { !(0...1).contains($0.1) }
        .map { .init(path: "/upgradeStrategy/\($0.0)", "got \($0.1), expected between 0.0 and 1.0") }
    }

    private var accordPorts: [Violation] {
        var result = portSetViolations
        for (index, port) in app.ports.enumerated() {
            if port.port < 0 {
                let words = "got \(port.port), expected 0 or more"
                result.append(.init(path: "/portDefinitions(\(index))/port", words))
            }
            result += nameViolations(port.name, "/portDefinitions(\(index))/name")
        }
        for (index, mapping) in (app.container?.portMappings ?? []).enumerated() {
            let path = "/container/portMappings(\(index))"
            for (key, port) in [
                ("containerPort", mapping.containerPort), ("hostPort", mapping.hostPort ?? 0),
                ("servicePort", mapping.servicePort),
            ] where port < 0 {
                result.append(.init(path: "\(path)/\(key)", "got \(port), expected 0 or more"))
            }
            result += nameViolations(mapping.name, path + "/name")
            let protocols = mapping.protocol.split(separator: ",")
            for (position, name) in protocols.enumerated() where name != "tcp" && name != "udp" {
                result.append(.init(path: "\(path)/protocol(\(position))", "is not one of (tcp,udp)"))
            }
        }
        return result
    }

    private func nameViolations(_ name: String?, _ path: String) -> [Violation] {
        guard let name, !MarathonPath.isValidPortName(name) else { return [] }
        return [.init(path: path, "must fully match regular expression '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'")]
    }

    /// Numbers and names of ports come once.
    var portSetViolations: [Violation] {
        var result: [Violation] = []
        func areDistinct(_ names: [String]) -> Bool { Set(names).count == names.count }
        if !areDistinct(app.ports.compactMap(\.name)) {
            result.append(.init(path: "/portDefinitions", "Port names must be unique."))
        }
        if !MarathonAppCodec.areUnique(app.ports.map(\.port)) {
            result.append(.init(path: "/portDefinitions", "Ports must be unique."))
        }
        if !areDistinct((app.container?.portMappings ?? []).compactMap(\.name)) {
            result.append(.init(path: "/container/portMappings", "Port names must be unique."))
        }
        return result
    }

    var healthCheckViolations: [Violation] {
        var result = app.healthChecks.enumerated().filter { !hasValidPort($0.element) }
            .map { Violation(path: "/healthChecks(\($0.offset))", Self.portIndices) }
        if app.healthChecks.count(where: { $0.protocol.hasPrefix("MESOS_") }) > 1 {
            result.append(.init(path: "/", "AppDefinition can contain at most one Mesos health check"))
        }
        return result
    }

    var featureViolations: [Violation] {
        var result: [Violation] = []
        if app.secrets?.object?.isEmpty == false, !isEnabled("secrets") {
            result.append(.init(path: "/secrets", Self.disabled("secrets")))
        }
        if app.gpus > 0 {
            let isDocker = app.container?.type == "DOCKER"
            if isDocker { result.append(.init(path: "/", "GPU resources only work with the Mesos containerizer")) }
            if !isEnabled("gpu_resources") { result.append(.init(path: "/", Self.disabled("gpu_resources"))) }
        }
        return result
    }

    var readinessViolations: [Violation] {
        var result: [Violation] = []
        if app.readinessChecks.count > 1 {
            let words = "got \(app.readinessChecks.count), expected 1 or less"
            result.append(.init(path: "/readinessChecks/size", words))
        }
        let names = app.mappedPorts?.map(\.name) ?? app.ports.map(\.name)
        for (index, check) in app.readinessChecks.enumerated() {
            let name = check["portName"]?.string ?? ""
            if !names.contains(name) {
                let words = "No port definition reference for portName \(name)"
                result.append(.init(path: "/readinessChecks(\(index))/portName", words))
            }
            let (timeout, interval) = (check["timeoutSeconds"]?.int ?? 10, check["intervalSeconds"]?.int ?? 30)
            if timeout >= interval {
                let words = "got \(timeout), expected less than \(interval)"
                result.append(.init(path: "/readinessChecks(\(index))/timeoutSeconds", words))
            }
        }
        return result
    }

    var singleInstanceViolations: [Violation] {
        guard isSingleInstance else { return [] }
        var result: [Violation] = []
        if app.instances > 1 { result.append(.init(path: "/", "Single instance app may only have one instance")) }
        let strategy = app.upgradeStrategy
        for (key, value) in [
            ("minimumHealthCapacity", strategy.minimumHealthCapacity),
            ("maximumOverCapacity", strategy.maximumOverCapacity),
        ] where value != 0 {
            result.append(.init(path: "/upgradeStrategy/\(key)", "got \(value), expected 0.0"))
        }
        return result
    }

    /// Rules for apps whose volumes are bound to agents.
    var residentViolations: [Violation] {
        var result: [Violation] = []
        let isResident = app.residency != nil
        if !version.readsRAML, isResident != app.hasPersistentVolume {
            result.append(.init(path: "/", "AppDefinition must contain persistent volumes and define residency"))
        }
        guard isResident else { return result }
        if app.upgradeStrategy.maximumOverCapacity != 0 {
            let words = "got \(app.upgradeStrategy.maximumOverCapacity), expected 0.0"
            result.append(.init(path: "/upgradeStrategy/maximumOverCapacity", words))
        }
        if let strategy = app.unreachableStrategy, strategy != "disabled" {
            result.append(.init(path: "/", "unreachableStrategy must be disabled for resident tasks"))
        }
        if let former, former.residency != nil { result += residentChanges(former) }
        return result
    }

    private func residentChanges(_ former: MarathonApp) -> [Violation] {
        var result: [Violation] = []
        func persistent(_ app: MarathonApp) -> [String] {
            (app.container?.volumes ?? []).filter { $0["persistent"] != nil }.map(\.text).sorted()
        }
        if persistent(former) != persistent(app) {
            result.append(.init(path: "/app(0)", "Persistent volumes can not be changed!"))
        }
        func hostPorts(_ app: MarathonApp) -> Set<Int> {
            Set(app.mappedPorts?.compactMap(\.hostPort) ?? (app.requirePorts ? app.ports.map(\.port) : []))
        }
        let isSame =
            (former.cpus, former.mem, former.disk, former.gpus) == (app.cpus, app.mem, app.disk, app.gpus)
            && former.requirePorts == app.requirePorts && hostPorts(former) == hostPorts(app)
        if !isSame { result.append(.init(path: "/app(0)", "Resident Tasks may not change resource requirements!")) }
        return result
    }

    var constraintViolations: [Violation] {
        guard version.isAtLeast(1, 3) else { return [] }
        let codec = MarathonAppCodec(version: version, context: context)
        return app.constraints.enumerated().compactMap { index, constraint in
            codec.constraintFault(constraint).map { .init(path: "/constraints(\(index))", $0) }
        }
    }

    var unreachableViolations: [Violation] {
        guard let inactive = app.unreachableStrategy?["inactiveAfterSeconds"]?.int,
            let expunge = app.unreachableStrategy?["expungeAfterSeconds"]?.int, inactive > expunge
        else { return [] }
        let words = "got \(inactive) seconds, expected \(expunge) seconds or less"
        return [.init(path: "/unreachableStrategy/inactiveAfter", words)]
    }

    private var addressViolations: [Violation] {
        let hasDiscovery = app.ipAddress?["discovery"]?["ports"]?.array?.isEmpty == false
        guard hasDiscovery, ["BRIDGE", "USER"].contains(app.container?.docker?.network ?? "") else { return [] }
        let words = "ipAddress/discovery is not allowed for Docker containers using BRIDGE or USER networks"
        return [.init(path: "/ipAddress", words)]
    }

    var volumeViolations: [Violation] {
        guard let container = app.container else { return [] }
        var result: [Violation] = []
        if let docker = container.docker, docker.image.isEmpty {
            result.append(.init(path: "/container/docker/image", "must not be empty"))
        }
        if let appc = container.appc, container.docker == nil {
            if appc["image"]?.string == "" {
                result.append(.init(path: "/container/appc/image", "must not be empty"))
            }
            if let id = appc["id"]?.string, !id.hasPrefix("sha512-") || id.utf8.count < 8 {
                result.append(.init(path: "/container/appc/id", "id must begin with 'sha512-',"))
            }
        }
        for (index, volume) in container.volumes.enumerated() {
            let path = "/container/volumes(\(index))"
            result += volumeFaults(volume).map { .init(path: path + $0.key, $0.words) }
        }
        return result
    }

    private func volumeFaults(_ volume: JSON) -> [(key: String, words: String)] {
        let mount = volume["containerPath"]?.string ?? ""
        if let info = volume["persistent"] {
            var result: [(key: String, words: String)] = []
            if mount.isEmpty || mount == "." || mount == ".." {
                result.append(("/containerPath", mount.isEmpty ? "is equal to \"\"" : "can not be one of (.,..)"))
            }
            if mount.contains("/") { result.append(("/containerPath", "value must not contain \"/\"")) }
            if volume["mode"] != "RW" { result.append(("/mode", "is not equal to RW")) }
            let size = info["size"]?.int ?? 0
            if size <= 0 { result.append(("/persistent/size", "got \(size), expected more than 0")) }
            return result
        }
        if volume["external"] != nil {
            return isEnabled("external_volumes") ? [] : [("", Self.disabled("external_volumes"))]
        }
        if volume["secret"] != nil { return [] }
        return ["containerPath", "hostPath"].filter { volume[$0]?.string?.isEmpty ?? true }
            .map { ("/\($0)", "must not be empty") }
    }
}
