/// What a release fills in for what a body leaves out (marathon-api.md 3.1 to 3.4).
extension MarathonAppCodec {
    /// - Parameters:
    ///   - patch: With dependencies as they shall be.
    ///   - id: Absolute.
    ///   - now: The app's version.
    ///   - origin: nil for the result of a merge, where nothing is left out.
    /// - Returns: The app with everything said.
    func complete(
        _ patch: MarathonAppPatch,
        id: String,
        at now: Moment,
        origin: MarathonAppOrigin?
    ) -> MarathonApp {
        var app = MarathonApp(id: id, version: now)
        app.cmd = patch.cmd
        app.args = version.isAtLeast(1, 4) && patch.args?.isEmpty == true ? nil : patch.args
        app.user = patch.user
        app.env = patch.env ?? []
        app.instances = patch.instances ?? 1
        (app.cpus, app.mem, app.disk) = (patch.cpus ?? 1, patch.mem ?? 128, patch.disk ?? 0)
        app.gpus = patch.gpus ?? 0
        app.executor = patch.executor ?? ""
        app.constraints = patch.constraints ?? []
        app.fetch = fetch(patch)
        app.storeUrls = patch.storeUrls ?? []
        app.container = patch.container
        app.ports = ports(patch, origin)
        app.requirePorts = patch.requirePorts ?? false
        app.dependencies = patch.dependencies ?? []
        app.labels = patch.labels ?? []
        app.acceptedResourceRoles = patch.acceptedResourceRoles
        app.role = version.isAtLeast(1, 9) ? patch.role ?? context.mesosRole ?? "*" : nil
        app.ipAddress = patch.ipAddress
        app.networks = version.readsRAML ? patch.networks ?? [.init(mode: .host)] : networks(patch)
        completePolicies(&app, patch)
        completeChecks(&app, patch, origin)
        return app
    }

    private func completePolicies(_ app: inout MarathonApp, _ patch: MarathonAppPatch) {
        app.backoffSeconds = patch.backoffSeconds ?? 1
        app.backoffFactor = patch.backoffFactor ?? 1.15
        app.maxLaunchDelaySeconds = patch.maxLaunchDelaySeconds ?? (version.isAtLeast(1, 8) ? 300 : 3600)
        let hasPersistent = version.isAtLeast(1, 0) && app.hasPersistentVolume
        let residency: JSON = ["relaunchEscalationTimeoutSeconds": 3600, "taskLostBehavior": "WAIT_FOREVER"]
        app.residency = patch.residency ?? (hasPersistent ? residency : JSON?.none)
        if version.readsRAML, !hasPersistent { app.residency = nil }
        var strategy = MarathonApp.UpgradeStrategy()
        if app.residency != nil || version.isAtLeast(1, 0) && app.hasExternalVolume {
            (strategy.minimumHealthCapacity, strategy.maximumOverCapacity) = (0.5, 0)
        }
        app.upgradeStrategy = patch.upgradeStrategy ?? strategy
        app.secrets = patch.secrets ?? (version.isAtLeast(1, 3) ? [:] : JSON?.none)
        app.taskKillGracePeriodSeconds = patch.taskKillGracePeriodSeconds
        app.killSelection = patch.killSelection ?? "YOUNGEST_FIRST"
        if version.isAtLeast(1, 4) {
            let defaults = Self.unreachableDefaults(version)
            let times: JSON = [
                "inactiveAfterSeconds": .integer(defaults.inactive), "expungeAfterSeconds": .integer(defaults.expunge),
            ]
            app.unreachableStrategy = patch.unreachableStrategy ?? (hasPersistent ? "disabled" : times)
        }
        app.tty = patch.tty
        app.executorResources = patch.executorResources
        app.resourceLimits = patch.resourceLimits
    }

    private func completeChecks(_ app: inout MarathonApp, _ patch: MarathonAppPatch, _ origin: MarathonAppOrigin?) {
        app.healthChecks = patch.healthChecks ?? []
        app.readinessChecks = patch.readinessChecks ?? []
        app.check = patch.check
        guard !version.readsRAML, version.isAtLeast(0, 15), origin == .definition else { return }
        if !app.ports.isEmpty || app.container?.portMappings?.isEmpty == false {
            app.healthChecks = app.healthChecks.map(\.withPortIndex)
        }
    }

    private func fetch(_ patch: MarathonAppPatch) -> [MarathonApp.Fetch] {
        if let fetch = patch.fetch, !fetch.isEmpty { return fetch }
        return (patch.uris ?? []).map { uri in
            var fetch = MarathonApp.Fetch(uri: uri)
            fetch.extract = isArchive(uri)
            return fetch
        }
    }

    /// Whether a URI of `uris` is taken for an archive, by the end of its path.
    func isArchive(_ uri: String) -> Bool {
        let ends = [".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip"]
        guard version.isAtLeast(1, 6) else { return ends.contains { uri.hasSuffix($0) } }
        let path = uri.prefix { $0 != "?" && $0 != "#" }
        return (ends + [".tar", ".gz"]).contains { path.hasSuffix($0) }
    }

    private func ports(_ patch: MarathonAppPatch, _ origin: MarathonAppOrigin?) -> [MarathonApp.Port] {
        if let definitions = patch.portDefinitions { return definitions }
        if let ports = patch.ports { return ports.map { MarathonApp.Port($0) } }
        if version.readsRAML { return [] }
        if patch.ipAddress != nil { return [] }
        // 0.7.6's reader of definitions has another default than the definition itself.
        if origin == .definition, !version.isAtLeast(0, 8) { return [] }
        var port = MarathonApp.Port()
        if version.isAtLeast(1, 4) { port.name = "default" }
        return [port]
    }

    /// Up to 1.4 the networks follow from Docker's network and the address.
    private func networks(_ patch: MarathonAppPatch) -> [MarathonApp.Network] {
        let name = patch.ipAddress?["networkName"]?.string
        switch patch.container?.docker?.network {
        case "BRIDGE": return [.init(mode: .bridge)]
        case "USER": return [.init(mode: .container, name: name)]
        case nil where patch.ipAddress != nil: return [.init(mode: .container, name: name)]
        default: return [.init(mode: .host)]
        }
    }
}
