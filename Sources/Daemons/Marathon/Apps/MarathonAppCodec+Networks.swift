/// From 1.5: deprecated names into new ones, and ports to where the network wants them (marathon-api.md 3.3).
extension MarathonAppCodec {
    /// Refuses old and new names side by side; for definitions only, merges end in `normaliseUpdate`'s 500.
    func checkDeprecated(_ patch: MarathonAppPatch) throws(MarathonFault) {
        var violations: [MarathonFault.Violation] = []
        func refuse(_ isBroken: Bool, _ path: String, _ message: String) {
            if isBroken { violations.append(.init(path: path, message)) }
        }
        let docker = patch.container?.docker
        refuse(docker?.credential != nil, "/container/docker/credential", "must be empty")
        if patch.container?.type == "MESOS", let docker {
            refuse(docker.network != nil, "/container/docker/network", "must be empty")
            refuse(!docker.parameters.isEmpty, "/container/docker/parameters", "must be empty")
            refuse(patch.dockerPortMappings?.isEmpty == false, "/container/docker/portMappings", "must be empty")
        }
        let ports = patch.ports ?? []
        let hasPorts = !ports.isEmpty || patch.portDefinitions?.isEmpty == false
        let definitions = patch.portDefinitions?.map(\.port)
        let networks = patch.networks ?? []
        let hasAddress = patch.ipAddress != nil
        let hasDiscovery = patch.ipAddress?["discovery"]?["ports"]?.array?.isEmpty == false
        refuse(
            hasDiscovery && patch.container?.type == "DOCKER",
            "/ipAddress",
            "ipAddress/discovery is not allowed for Docker containers"
        )
        refuse(
            patch.uris?.isEmpty == false && patch.fetch?.isEmpty == false,
            "/uris",
            "may not be set in conjunction with fetch"
        )
        refuse(
            docker?.network != nil && !networks.isEmpty,
            "/",
            "must not specify both container.docker.network and networks"
        )
        refuse(hasAddress && !networks.isEmpty, "/", "must not specify both networks and ipAddress")
        refuse(!Self.areUnique(ports), "/", "ports must be unique")
        refuse(hasAddress && hasPorts, "/", "cannot specify both an IP address and port")
        refuse(
            patch.ports != nil && definitions != nil && definitions != patch.ports,
            "/",
            "cannot specify both ports and port definitions"
        )
        if !violations.isEmpty { throw .validation(version, violations) }
    }

    /// A definition, or the result of a merge, in its canonical form.
    /// - Throws: `NormalizationException`'s 500.
    func normalise(_ patch: inout MarathonAppPatch, origin: MarathonAppOrigin) throws(MarathonFault) {
        patch.fetch = try migratedFetch(patch) ?? []
        patch.uris = nil
        var networks = try translatedNetworks(patch) ?? []
        let isContained = networks.contains { $0.mode != .host }
        let isOnHost = networks.isEmpty || networks.contains { $0.mode == .host }
        let givenPorts = patch.portDefinitions ?? patch.ports?.map { MarathonApp.Port($0) }
        let hadDefinitions = patch.portDefinitions?.isEmpty == false
        patch.portDefinitions = isContained ? nil : givenPorts ?? defaultPorts(patch, origin)
        patch.ports = nil
        if var container = try migratedContainer(patch) {
            if isOnHost { container.portMappings = nil }
            if !isOnHost, container.portMappings == nil { container.portMappings = [.unnamedDefault] }
            let missing = (givenPorts?.count ?? 0) - (container.portMappings?.count ?? 0)
            if isContained, missing > 0 {
                let added = (0..<missing).map { _ in MarathonApp.PortMapping(hostPort: nil) }
                container.portMappings = (container.portMappings ?? []) + added
            }
            patch.container = container
        }
        (patch.ipAddress, patch.dockerPortMappings) = (nil, nil)
        if hadDefinitions || patch.container?.portMappings?.isEmpty == false {
            patch.healthChecks = patch.healthChecks?.map(\.withPortIndex)
        }
        if networks.isEmpty { networks = [.init(mode: .host)] }
        patch.networks = named(networks)
        patch.container = networked(patch.container, networks)
        if isContained { patch.requirePorts = false }
    }

    /// An update: the same for what it says, without knowing what is stored.
    /// - Throws: `NormalizationException`'s 500.
    func normaliseUpdate(_ update: inout MarathonAppPatch) throws(MarathonFault) {
        update.fetch = try migratedFetch(update)
        update.uris = nil
        update.networks = try translatedNetworks(update).map(named)
        update.container = try migratedContainer(update)
        update.portDefinitions = update.portDefinitions ?? update.ports?.map { MarathonApp.Port($0) }
        (update.ports, update.ipAddress, update.dockerPortMappings) = (nil, nil, nil)
        update.healthChecks = update.healthChecks?.map(\.withPortIndex)
        guard let networks = update.networks else { return }
        if networks.contains(where: { $0.mode == .container && $0.name == nil }) {
            throw .internalError("container network name is not defined")
        }
        update.container = networked(update.container, networks)
    }

    private func migratedFetch(_ patch: MarathonAppPatch) throws(MarathonFault) -> [MarathonApp.Fetch]? {
        guard let uris = patch.uris, !uris.isEmpty else { return patch.fetch }
        guard patch.fetch?.isEmpty != false else { throw .internalError("cannot specify both uris and fetch fields") }
        return uris.map { uri in
            var fetch = MarathonApp.Fetch(uri: uri)
            fetch.extract = isArchive(uri)
            return fetch
        }
    }

    private func translatedNetworks(_ patch: MarathonAppPatch) throws(MarathonFault) -> [MarathonApp.Network]? {
        let given = patch.networks?.isEmpty == false ? patch.networks : nil
        let docker = patch.container?.docker?.network
        let address = patch.ipAddress
        if docker == nil, address == nil { return patch.networks }
        guard given == nil else { throw .internalError("cannot mix deprecated and canonical network APIs") }
        let labels = (address?["labels"]?.object?.members ?? []).map {
            MarathonApp.Label($0.key, $0.value.string ?? "")
        }
        let name = address?["networkName"]?.string
        var network: MarathonApp.Network
        switch docker {
        case "HOST": return [.init(mode: .host)]
        case "BRIDGE": network = .init(mode: .bridge)
        case "USER": network = .init(mode: .container, name: name)
        case nil: network = name == context.mesosBridgeName ? .init(mode: .bridge) : .init(mode: .container, name: name)
        case let other?: throw .internalError("unsupported docker network type \(other)")
        }
        network.labels = labels
        return [network]
    }

    private func named(_ networks: [MarathonApp.Network]) -> [MarathonApp.Network] {
        networks.map { network in
            var network = network
            if network.mode == .container, network.name == nil { network.name = context.defaultNetworkName }
            return network
        }
    }

    private func defaultPorts(_ patch: MarathonAppPatch, _ origin: MarathonAppOrigin) -> [MarathonApp.Port] {
        // Docker apps on the host's network that a PUT made got none (MARATHON-7969).
        if origin == .creatingPut, !version.isAtLeast(1, 7), patch.container?.docker != nil { return [] }
        var port = MarathonApp.Port()
        port.name = "default"
        return [port]
    }

    /// The container with its port mappings in their new place; one of its own for an address without any.
    private func migratedContainer(_ patch: MarathonAppPatch) throws(MarathonFault) -> MarathonApp.Container? {
        guard var container = patch.container ?? (patch.ipAddress == nil ? nil : .mesos) else { return nil }
        if let old = patch.dockerPortMappings {
            if container.portMappings != nil, !old.isEmpty {
                throw .internalError("cannot specify both portMappings and docker.portMappings")
            }
            container.portMappings = container.portMappings ?? old
        }
        let discovery = patch.ipAddress?["discovery"]?["ports"]?.array ?? []
        if !discovery.isEmpty {
            guard container.type == "MESOS" else {
                throw .internalError("ipAddress.discovery.ports do not apply for container type \(container.type)")
            }
            guard container.portMappings == nil else {
                throw .internalError("container.portMappings and ipAddress.discovery.ports must not both be set")
            }
            container.portMappings = discovery.map(MarathonApp.PortMapping.init(discovered:))
        }
        container.docker?.network = nil
        return container
    }

    private func networked(
        _ container: MarathonApp.Container?,
        _ networks: [MarathonApp.Network]
    ) -> MarathonApp.Container? {
        guard networks.contains(where: { $0.mode != .host }) else { return container }
        var container =
            container
            ?? {
                var mesos = MarathonApp.Container.mesos
                mesos.portMappings = [.unnamedDefault]
                return mesos
            }()
        if networks.contains(where: { $0.mode == .bridge }) {
            container.portMappings = container.portMappings?.map(\.withHostPort)
        }
        return container
    }
}

extension MarathonApp.Container {
    /// An imageless container of the Mesos containerizer.
    static var mesos: MarathonApp.Container {
        var container = MarathonApp.Container()
        container.type = "MESOS"
        return container
    }
}

extension MarathonApp.PortMapping {
    init(hostPort: Int?) {
        self.init()
        self.hostPort = hostPort
    }

    /// The mapping that an app in a container network gets without any.
    static var unnamedDefault: MarathonApp.PortMapping {
        var mapping = MarathonApp.PortMapping(hostPort: nil)
        mapping.name = "default"
        return mapping
    }

    /// From a port of `ipAddress.discovery`.
    init(discovered port: JSON) {
        self.init(hostPort: nil)
        containerPort = port["number"]?.int ?? 0
        name = port["name"]?.string
        `protocol` = port["protocol"]?.string ?? "tcp"
        labels = (port["labels"]?.object?.members ?? []).map { .init($0.key, $0.value.string ?? "") }
    }
}
