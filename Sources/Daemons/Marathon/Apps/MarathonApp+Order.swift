extension MarathonApp {
    /// The same with its sets and maps in an order of their own, and numbers in one spelling.
    func withoutOrder(_ version: MarathonVersion) -> MarathonApp {
        var app = self
        app.env.sort { $0.name < $1.name }
        app.labels.sort { $0.name < $1.name }
        app.constraints.sort { $0.lexicographicallyPrecedes($1) }
        app.dependencies.sort()
        app.acceptedResourceRoles?.sort()
        app.healthChecks.sort { $0.sortingKey < $1.sortingKey }
        app.ports = app.ports.map { port in
            var port = port
            port.labels.sort { $0.name < $1.name }
            return port
        }
        app.networks = app.networks.map { network in
            var network = network
            network.labels.sort { $0.name < $1.name }
            return network
        }
        app.container = container?.withoutOrder(version)
        app.readinessChecks = readinessChecks.map { $0.withoutOrder.withSortedCodes }
        for field in [
            \MarathonApp.secrets, \.unreachableStrategy, \.check, \.residency, \.ipAddress, \.executorResources,
            \.resourceLimits,
        ] { app[keyPath: field] = self[keyPath: field]?.withoutOrder }
        return app
    }
}

extension MarathonApp.Container {
    fileprivate func withoutOrder(_ version: MarathonVersion) -> MarathonApp.Container {
        var container = self
        container.portMappings = portMappings?.map { mapping in
            var mapping = mapping
            mapping.labels.sort { $0.name < $1.name }
            return mapping
        }
        container.volumes = volumes.map(\.withoutOrder)
        (container.appc, container.linuxInfo) = (appc?.withoutOrder, linuxInfo?.withoutOrder)
        container.docker?.pullConfig = docker?.pullConfig?.withoutOrder
        container.docker?.credential = docker?.credential?.withoutOrder
        // Up to 0.7 they are a map.
        if !version.isAtLeast(0, 8) { container.docker?.parameters.sort { $0.name < $1.name } }
        return container
    }
}

extension MarathonApp.HealthCheck {
    fileprivate var sortingKey: String {
        let ports = "\(portIndex ?? -1) \(port ?? -1) \(path ?? "") \(command ?? "")"
        let times = "\(gracePeriodSeconds) \(intervalSeconds) \(timeoutSeconds) \(delaySeconds)"
        return "\(self.protocol) \(ports) \(times) \(maxConsecutiveFailures) \(ignoreHttp1xx) \(ipProtocol)"
    }
}

extension JSON {
    /// Members sorted and without null, which counts as absent; whole numbers as such.
    fileprivate var withoutOrder: JSON {
        switch self {
        case .number(let value): Int(exactly: value).map(JSON.integer) ?? self
        case .array(let values): .array(values.map(\.withoutOrder))
        case .object(let object):
            .object(
                JSONObject(
                    unique: object.members.filter { !$0.value.isNull }.sorted { $0.key < $1.key }
                        .map { .init($0.key, $0.value.withoutOrder) }
                )
            )
        case .null, .bool, .integer, .string: self
        }
    }

    /// A readiness check's status codes are a set.
    fileprivate var withSortedCodes: JSON {
        guard var object, let codes = object["httpStatusCodesForReady"]?.array else { return self }
        object["httpStatusCodesForReady"] = .array(codes.compactMap(\.int).sorted().map(JSON.integer))
        return .object(object)
    }
}
