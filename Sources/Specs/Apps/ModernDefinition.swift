/// A definition in the names that its release has for things, old ones translated.
struct ModernDefinition {
    /// With nulls where the definition has them.
    var members: [String: AppValue]
    /// Whether `fetch` was `uris`.
    var hadURIs = false

    init(_ members: [String: AppValue], in context: AppContext) {
        self.members = members
        if context.isAtLeast(0, 15) { translateURIs(context) }
        if context.hasNetworks {
            translateNetworks(context)
            placePorts()
        } else if context.isAtLeast(1, 0) {
            translatePorts()
        }
    }

    /// What is said under `key`; null says nothing.
    subscript(key: String) -> AppValue? { members.said(key) }

    /// marathon-api.md 3.1, `fetch`.
    private mutating func translateURIs(_ context: AppContext) {
        guard let uris = self["uris"]?.items, !uris.isEmpty, self["fetch"]?.items?.isEmpty != false else { return }
        hadURIs = true
        members["uris"] = nil
        members["fetch"] = .list(
            uris.map { ["uri": $0, "extract": .boolean($0.content?.isArchive(in: context) ?? false)] }
        )
    }

    /// `ports` are definitions without names.
    private mutating func translatePorts() {
        guard let ports = self["ports"]?.items, self["portDefinitions"] == nil else { return }
        members["ports"] = nil
        members["portDefinitions"] = .list(ports.map { ["port": $0] })
    }
}

/// From 1.5 (marathon-api.md 3.3, the table of rewriting).
extension ModernDefinition {
    private mutating func translateNetworks(_ context: AppContext) {
        let address = self["ipAddress"]
        var container = self["container"]?.members
        var docker = container?.said("docker")?.members
        let name = docker?.said("network")?.plainText
        let mappings = docker?.said("portMappings")
        guard address != nil || name != nil || mappings != nil else { return }
        if address != nil || name != nil, self["networks"]?.items?.isEmpty != false {
            members["networks"] = [.network(docker: name, address, context)]
        }
        if mappings != nil, container?.said("portMappings") == nil { container?["portMappings"] = mappings }
        docker?["network"] = nil
        docker?["portMappings"] = nil
        if let docker { container?["docker"] = .object(docker) }
        if let address {
            var addressed = container ?? ["type": "MESOS"]
            let found = address["discovery"]?["ports"]?.items ?? []
            if !found.isEmpty, addressed.said("portMappings") == nil {
                addressed["portMappings"] = .list(found.map(\.discoveredMapping))
            }
            container = addressed
            members["ipAddress"] = nil
        }
        if let container { members["container"] = .object(container) }
    }

    /// Port definitions on the host's network, port mappings on any other.
    private mutating func placePorts() {
        let networks = self["networks"]?.items ?? []
        let isContained = networks.contains { $0["mode"]?.plainText != "host" }
        let isOnHost = networks.isEmpty || networks.contains { $0["mode"]?.plainText == "host" }
        let container = self["container"]?.members
        if isOnHost, container?["portMappings"] != nil { set(container, mappings: nil) }
        guard isContained else { return translatePorts() }
        let defaultMapping: AppValue = ["containerPort": 0, "name": "default"]
        let wanted = (self["portDefinitions"] ?? self["ports"])?.items?.count ?? 0
        for key in ["portDefinitions", "ports"] where members[key] != nil { members[key] = nil }
        guard let container else { return set(["type": "MESOS"], mappings: [defaultMapping]) }
        let given = container.said("portMappings")?.items
        let mappings = given ?? [defaultMapping]
        let added = [AppValue](repeating: [:], count: max(0, wanted - mappings.count))
        if given == nil || !added.isEmpty { set(container, mappings: .list(mappings + added)) }
    }

    private mutating func set(_ container: [String: AppValue]?, mappings: AppValue?) {
        var container = container ?? [:]
        container["portMappings"] = mappings
        members["container"] = .object(container)
    }
}

extension AppValue {
    /// The one network that Docker's network mode and an `ipAddress` stand for.
    fileprivate static func network(docker: String?, _ address: AppValue?, _ context: AppContext) -> AppValue {
        if docker == "HOST" || docker == nil && address == nil { return ["mode": "host"] }
        let name = address?["networkName"]
        let isBridge = docker == "BRIDGE" || docker == nil && name?.plainText == context.mesosBridgeName
        var network: [String: AppValue] = ["mode": isBridge ? "container/bridge" : "container"]
        if !isBridge { network["name"] = name }
        network["labels"] = address?["labels"]
        return .object(network)
    }

    /// A port of `ipAddress.discovery` as a port mapping.
    fileprivate var discoveredMapping: AppValue {
        var mapping = members ?? [:]
        mapping["containerPort"] = mapping["number"]
        mapping["number"] = nil
        return .object(mapping)
    }
}

extension AppValue {
    /// The value under `key`, where something is said there.
    func said(_ key: String) -> AppValue? { members?.said(key) }
}

extension [String: AppValue] {
    /// What is said under `key`; null says nothing (marathon-api.md section 0, 2).
    func said(_ key: String) -> AppValue? {
        switch self[key] {
        case nil, .null?: nil
        case let value?: value
        }
    }
}

extension Content {
    /// Whether a URI of `uris` is unpacked, by its end (marathon-api.md 3.1, `fetch`).
    fileprivate func isArchive(in context: AppContext) -> Bool {
        guard case .literal(let end)? = segments.last else { return false }
        let isNew = context.isAtLeast(1, 6)
        let path = isNew ? end.prefix { $0 != "?" && $0 != "#" } : end[...]
        let endings =
            [".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip"] + (isNew ? [".tar", ".gz"] : [])
        return endings.contains { path.hasSuffix($0) }
    }
}
