/// From 1.5: rules about the canonical form; ranges and names are the readers' already.
extension MarathonAppCheck {
    var ramlViolations: [Violation] {
        idViolations + volumeViolations + containerViolations + portSetViolations + mappingViolations
            + commandViolations + commandLength + healthCheckViolations + protocolViolations + featureViolations
            + readinessViolations + residentViolations + singleInstanceViolations + constraintViolations
            + unreachableViolations + networkViolations + secretViolations + limitViolations + roleViolations
    }

    private var containerViolations: [Violation] {
        guard let container = app.container else { return [] }
        var result: [Violation] = []
        if container.docker != nil, container.appc != nil {
            let words = "mesos containers should specify, at most, a single image type"
            result.append(.init(path: "/container", words))
        }
        if container.type == "DOCKER" {
            if container.docker == nil { result.append(.init(path: "/container/docker", "not defined")) }
            if container.docker?.pullConfig != nil {
                let words = "pullConfig is not supported with Docker containerizer"
                result.append(.init(path: "/container/docker/pullConfig", words))
            }
        } else if let pull = container.docker?.pullConfig {
            let secret = pull["secret"]?.string ?? ""
            if !isEnabled("secrets") {
                result.append(.init(path: "/container/docker/pullConfig", Self.disabled("secrets")))
            } else if app.secrets?[secret] == nil {
                let words = "pullConfig.secret must refer to an existing secret"
                result.append(.init(path: "/container/docker/pullConfig", words))
            }
        }
        return result
    }

    private var mappingViolations: [Violation] {
        let mappings = app.container?.portMappings ?? []
        let isCrowded = app.networks.count { $0.mode == .container } > 1
        let names = app.networks.compactMap(\.name)
        var result: [Violation] = []
        for (index, mapping) in mappings.enumerated() {
            let path = "/container/portMappings(\(index))"
            if isCrowded, mapping.hostPort != nil, mapping.networkNames.count != 1 {
                let words = """
                    networkNames must be a single item list when hostPort is specified \
                    and more than 1 container network is defined
                    """
                result.append(.init(path: path, words))
            }
            for (position, name) in mapping.networkNames.enumerated() where !names.contains(name) {
                let words = "is not one of (\(names.joined(separator: ",")))"
                result.append(.init(path: "\(path)/networkNames(\(position))", words))
            }
        }
        return result
    }

    /// One letter is too short, by mistake.
    private var commandLength: [Violation] {
        guard let cmd = app.cmd, cmd.unicodeScalars.count <= 1 else { return [] }
        return [.init(path: "/", "must not be an empty string")]
    }

    private var protocolViolations: [Violation] {
        app.healthChecks.enumerated().compactMap { index, check in
            let isPossible = check.protocol.hasPrefix("MESOS_") && app.container?.type == "DOCKER"
            guard check.ipProtocol != "IPv4", !isPossible else { return nil }
            let words = "IPv6 can only be used for container type DOCKER and Mesos http/https/tcp health checks"
            return .init(path: "/healthChecks(\(index))", words)
        }
    }

    private var networkViolations: [Violation] {
        var messages: [String] = []
        func names(_ mode: MarathonApp.Network.Mode) -> [MarathonApp.Network] {
            app.networks.filter { $0.mode == mode }
        }
        if names(.host).contains(where: { $0.name != nil || !$0.labels.isEmpty }) {
            messages.append("Host networks may not have names or labels")
        }
        if names(.bridge).contains(where: { $0.name != nil }) { messages.append("Bridge networks may not have names") }
        let given = app.networks.compactMap(\.name)
        let nameless = names(.container).count { $0.name == nil }
        if Set(given).count != given.count || nameless > 1 { messages.append("Duplicate networks are not allowed") }
        let kinds = [names(.host).count, names(.bridge).count, names(.container).count]
        if kinds.count(where: { $0 > 0 }) > 1 || kinds[0] > 1 || kinds[1] > 1 {
            messages.append(
                "May specify a single host network, single bridge network, or else 1-to-n container networks"
            )
        }
        if nameless > 0 { messages.append("Network name must be specified when container network is selected.") }
        var result = messages.map { Violation(path: "/networks", $0) }
        if app.container?.type == "DOCKER", kinds[2] > 1 {
            let words = "may only specify a single container network when using the Docker container engine"
            result.append(.init(path: "/", words))
        }
        return result
    }

    private var secretViolations: [Violation] {
        app.env.compactMap { entry in
            guard let secret = entry.value["secret"]?.string else { return nil }
            if !isEnabled("secrets") { return .init(path: "/env", Self.disabled("secrets")) }
            guard app.secrets?[secret] == nil else { return nil }
            return .init(path: "/env(\(entry.name))/secret", "references an undefined secret named '\(secret)'")
        }
    }

    private var limitViolations: [Violation] {
        [("cpus", app.cpus), ("mem", app.mem)].compactMap { key, requested in
            guard let limit = app.resourceLimits?[key] else { return nil }
            let path = "/resourceLimits/\(key)"
            if let text = limit.string {
                let words = "'\(text)' is an invalid resource limit. It must be 'unlimited' or a number"
                return text == "unlimited" ? nil : .init(path: path, words)
            }
            guard let value = limit.double, value < requested else { return nil }
            let words = "resource limit must be greater than or equal to requested resource (\(requested))"
            return .init(path: path, words)
        }
    }

    /// The role is Marathon's own, the one of the top group, or the one the app has; offers are taken for it or for all.
    private var roleViolations: [Violation] {
        var result: [Violation] = []
        if let roles = app.acceptedResourceRoles, roles.isEmpty {
            result.append(.init(path: "/acceptedResourceRoles", "must not be empty"))
        }
        guard version.isAtLeast(1, 9), let role = app.role else { return result }
        let names = MarathonPath.names(app.id)
        let group = names.count > 1 ? names.first.map(String.init) : nil
        let valid = [context.mesosRole ?? "*", group, former?.role].compactMap(\.self)
        if !valid.contains(role) {
            let list = valid.joined(separator: ", ")
            result.append(.init(path: "/role", "got \(role), expected one of: \(list)"))
        }
        let accepted = role == "*" ? ["*"] : ["*", role]
        if version.isAtLeast(1, 10), let roles = app.acceptedResourceRoles, !Set(roles).isSubset(of: accepted) {
            let words = "acceptedResourceRoles can only contain \(accepted.joined(separator: " and "))"
            result.append(.init(path: "/acceptedResourceRoles", words))
        }
        return result
    }
}
