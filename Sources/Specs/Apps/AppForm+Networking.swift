/// Ports where they are told, and what mirrors them left out (marathon-api.md 3.2 and 3.3).
extension AppForm {
    mutating func completeNetworking(_ definition: ModernDefinition, _ context: AppContext) {
        if context.isAtLeast(1, 3) { edit("container") { $0.keepOwnParts(context) } }
        if context.hasNetworks {
            completeNetworks(definition, context)
        } else {
            completeDockerNetwork(definition, context)
        }
    }

    private mutating func completeNetworks(_ definition: ModernDefinition, _ context: AppContext) {
        if self["networks"]?.isEmpty != false, let kind = kind("networks") {
            self["networks"] = FormValue([["mode": "host"]], kind)
        }
        var modes: Set<String> = []
        edit("networks") { network in
            let mode = network["mode"]?.text ?? ""
            modes.insert(mode)
            if mode == "container", network["name"] == nil, let name = context.defaultNetworkName {
                network["name"] = .scalar(.text(Content(name)))
            }
        }
        edit("container") { container in
            container.edit("volumes") { if $0["secret"] != nil { $0["mode"] = nil } }
            guard modes.contains("container/bridge") else { return }
            container.edit("portMappings") { if $0["hostPort"] == nil { $0["hostPort"] = .scalar(0) } }
        }
        guard modes == ["host"] else {
            self["requirePorts"] = .scalar(false)
            return
        }
        guard definition["portDefinitions"] == nil, let kind = kind("portDefinitions") else { return }
        let ports = FormValue([["name": "default"]], kind)
        // A PUT that makes a Docker app on the host's network gives it none up to 1.6 (MARATHON-7969).
        let isMaybeBare = !context.isAtLeast(1, 7) && definition["container"]?.said("docker") != nil
        self["portDefinitions"] = isMaybeBare ? .orNone(ports) : ports
    }
}

extension EditedRecord {
    /// What the container's engine is not asked for is not kept (S/api/v2/json/Formats.scala, 1.3.13 and 1.4.13;
    /// S/raml/ContainerConversion.scala, 1.5.15 and 1.8.244).
    fileprivate mutating func keepOwnParts(_ context: AppContext) {
        let isMesos = self["type"]?.text == "MESOS"
        let others = isMesos ? ["privileged", "parameters", "network", "portMappings"] : ["credential", "pullConfig"]
        edit("docker") { docker in
            for name in others { docker.reset(name) }
        }
        if !isMesos || self["docker"] != nil { self["appc"] = nil }
        if !isMesos || self["appc"] != nil { self["linuxInfo"] = nil }
    }
}

/// Up to 1.4 Docker's network and the address say what the app listens on.
extension AppForm {
    private mutating func completeDockerNetwork(_ definition: ModernDefinition, _ context: AppContext) {
        let container = definition["container"]
        let docker = container?.said("docker")
        let isMesos = context.isAtLeast(1, 3) && container?.said("type")?.plainText == "MESOS"
        let network = isMesos ? nil : docker?.said("network")?.plainText
        let address = context.isAtLeast(0, 14) ? definition["ipAddress"] : nil
        let mappings = docker?.said("portMappings")?.items
        let isMapped =
            switch network {
            case "BRIDGE": mappings != nil || context.isAtLeast(1, 3)
            case "USER": mappings?.isEmpty == false
            case nil: address != nil && mappings?.isEmpty == false
            default: false
            }
        if context.isAtLeast(1, 3) {
            completeMappings(network)
        } else if docker == nil, container?.said("volumes")?.items?.isEmpty ?? true,
            container?.said("type")?.plainText ?? "DOCKER" == "DOCKER"
        {
            // An empty container is taken for none.
            self["container"] = nil
        }
        if address != nil, context.isAtLeast(1, 1), let name = context.defaultNetworkName {
            // A definition gets it, an update does not.
            let named = FormValue.orNone(.scalar(.text(Content(name))))
            edit("ipAddress") { if $0["networkName"] == nil { $0["networkName"] = named } }
        }
        if context.isAtLeast(1, 0) {
            completeDefinitions(isMirror: isMapped || address != nil, context)
            // With an address it is told as little as the ports (S/api/v2/json/Formats.scala, 1.3.5).
            if address != nil { self["requirePorts"] = nil }
        } else {
            completePorts(isMirror: isMapped, hasAddress: address != nil, context)
            if !isMapped, !context.isAtLeast(0, 9) { leaveUnusedPortsOpen() }
        }
    }

    /// From 1.3 only networks that map ports keep port mappings.
    private mutating func completeMappings(_ network: String?) {
        edit("container") { container in
            container.edit("docker") { docker in
                guard network == "BRIDGE" || network == "USER", docker["portMappings"]?.isEmpty == false else {
                    docker["portMappings"] = nil
                    return
                }
                guard network == "BRIDGE" else { return }
                docker.edit("portMappings") { if $0["hostPort"] == nil { $0["hostPort"] = .scalar(0) } }
            }
        }
    }

    private mutating func completeDefinitions(isMirror: Bool, _ context: AppContext) {
        if isMirror {
            self["portDefinitions"] = nil
        } else if self["portDefinitions"] == nil, let kind = kind("portDefinitions") {
            self["portDefinitions"] = FormValue([context.isAtLeast(1, 4) ? ["name": "default"] : [:]], kind)
        }
    }

    private mutating func completePorts(isMirror: Bool, hasAddress: Bool, _ context: AppContext) {
        if isMirror {
            self["ports"] = nil
        } else if self["ports"] == nil {
            let one = FormValue.list([.assigned(0)])
            // 0.7's POST gives none, its PUT one.
            self["ports"] = hasAddress ? .list([]) : context.isAtLeast(0, 8) ? one : .orNone(one)
        }
    }

    /// Up to 0.8 port mappings that no network uses are numbered by the ports, as soon as one of those is chosen.
    private mutating func leaveUnusedPortsOpen() {
        let ports = self["ports"]?.items ?? []
        guard ports.contains(.assigned(0)) else { return }
        var index = 0
        edit("container") { container in
            container.edit("docker") { docker in
                docker.edit("portMappings") { mapping in
                    if index < ports.count, let port = mapping["servicePort"]?.value(.scalar(isAssigned: true)) {
                        mapping["servicePort"] = .assigned(port)
                    }
                    index += 1
                }
            }
        }
    }
}
