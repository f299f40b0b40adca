/// The ports that an app listens on, as health and readiness checks see them (marathon-api.md 3.2 and 3.3).
struct AppPorts {
    /// Whether tasks are on the host's network.
    let isOnHost: Bool
    /// The names in their order, nil for a port that has none.
    let names: [String?]

    var count: Int { names.count }

    init(_ app: AppUnderCheck) {
        let own = AppPorts.own(app)
        if app.readsRAML {
            (isOnHost, names) = AppPorts.canonical(app, own)
        } else {
            let network = app.dockerNetwork
            let isMapped = network == "BRIDGE" || network == "USER" || network == nil && app["ipAddress"] != nil
            isOnHost = !isMapped
            let mapped = isMapped ? AppPorts.mapped(app, network: network) : nil
            let standard: [String?] = app["ipAddress"] == nil ? [app.since(1, 4) ? "default" : nil] : []
            names = mapped ?? own ?? standard
        }
    }

    /// Of `portDefinitions` or `ports`; nil where there are none of either.
    private static func own(_ app: AppUnderCheck) -> [String?]? {
        if app.since(1, 0), let definitions = app["portDefinitions"]?.items {
            return definitions.map { $0.text("name") }
        }
        return app["ports"]?.items.map { $0.map { _ in nil } }
    }

    /// Up to 1.4: those of Docker's port mappings, nil where the app's own ports count instead.
    private static func mapped(_ app: AppUnderCheck, network: String?) -> [String?]? {
        let mappings = app["container"]?["docker"]?.readable("portMappings")?.items
        // From 1.3 they are kept only where a network uses them, and then they are there.
        let kept = app.since(1, 3) ? (network == nil ? [] : mappings ?? []) : mappings
        guard let kept, !kept.isEmpty || network == "BRIDGE" else { return nil }
        return kept.map { $0.text("name") }
    }

    /// From 1.5: after old forms are rewritten into new ones.
    private static func canonical(_ app: AppUnderCheck, _ own: [String?]?) -> (isOnHost: Bool, names: [String?]) {
        let container = app["container"]
        let network = container?["docker"]?.text("network")
        let modes = (app["networks"]?.items ?? []).map { $0.text("mode") ?? "container" }
        let isOnHost =
            network.map { $0 == "HOST" }
            ?? (app["ipAddress"] == nil && (modes.isEmpty || modes.contains("host")))
        if isOnHost { return (true, own ?? ["default"]) }
        let discovered = app["ipAddress"]?["discovery"]?.readable("ports")?.items ?? []
        let old = container?["docker"]?.readable("portMappings")?.items
        let mappings =
            container?.readable("portMappings")?.items ?? old ?? (discovered.isEmpty ? nil : discovered)
        let names = mappings.map { $0.map { $0.text("name") } } ?? ["default"]
        // Ports of the app's own become empty mappings behind the others.
        let missing = max(0, (own?.count ?? 0) - names.count)
        return (false, names + Array(repeating: nil, count: missing))
    }
}

extension AppUnderCheck {
    /// The port mappings that the release looks at, in the form that is written, with their paths.
    var portMappings: [(path: String, value: AppValue)] {
        guard let container = self["container"] else { return [] }
        let docker = container["docker"]
        // 1.3 and 1.4 drop those that no network uses before anybody looks at them (marathon-api.md 3.3).
        if since(1, 3), !readsRAML, !["BRIDGE", "USER"].contains(dockerNetwork ?? "") { return [] }
        let new = container.objects("portMappings", in: "container")
        return new + (docker?.objects("portMappings", in: "container.docker") ?? [])
    }
}
