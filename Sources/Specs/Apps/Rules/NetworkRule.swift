/// Networks: from 1.5 old and new forms do not mix, and an app has one kind of network (marathon-api.md 3.3 and 4).
enum NetworkRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        guard app.readsRAML else { return discovery(app) }
        return mixed(app) + discovery(app) + kinds(app) + mappings(app)
    }

    private static func mixed(_ app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        let docker = app["container"]?["docker"]
        if app["networks"]?.isEmpty == false {
            if app["ipAddress"] != nil {
                let message = "`networks` and `ipAddress` are both set"
                found.append(AppFault(message, at: "ipAddress", hint: "leave `ipAddress` out"))
            }
            if docker?.readable("network") != nil {
                let message = "`networks` and `container.docker.network` are both set"
                let place = "container.docker.network"
                found.append(AppFault(message, at: place, hint: "leave the old one out"))
            }
        }
        if app["container"]?.readable("portMappings") != nil, docker?.readable("portMappings")?.isEmpty == false {
            let message = "port mappings stand both in the container and in its `docker`"
            let place = "container.docker.portMappings"
            found.append(AppFault(message, at: place, hint: "say all of them in `container.portMappings`"))
        }
        return found
    }

    /// Ports of an address are for containers without a network of Docker's.
    private static func discovery(_ app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 0), let discovery = app["ipAddress"]?.readable("discovery"),
            discovery["ports"]?.isEmpty == false
        else { return [] }
        let container = app["container"]
        let place = "ipAddress.discovery"
        if app.readsRAML {
            guard let container else { return [] }
            if container.text("type") != "MESOS" {
                return [AppFault("Docker containers have no `ipAddress.discovery`", at: place)]
            }
            let hasMappings = container.readable("portMappings") != nil
            return hasMappings ? [AppFault("`container.portMappings` and discovery ports are both set", at: place)] : []
        }
        guard let network = app.dockerNetwork, ["BRIDGE", "USER"].contains(network) else { return [] }
        return [AppFault("Docker's network \(network) has no `ipAddress.discovery`", at: place)]
    }

    private static func kinds(_ app: AppUnderCheck) -> [AppFault] {
        let networks = app.objects("networks").map { (path: $0, mode: $1.text("mode") ?? "container", value: $1) }
        var found: [AppFault] = []
        for network in networks where network.mode != "container" {
            let hasLabels = network.mode == "host" && network.value["labels"]?.isEmpty == false
            if network.value["name"] != nil || hasLabels {
                let what = hasLabels ? "labels" : "name"
                found.append(
                    AppFault("a network of mode \(network.mode) has no \(what)", at: "\(network.path).\(what)")
                )
            }
        }
        if let other = networks.first(where: { $0.mode != networks.first?.mode }) {
            let message = "an app is on the host's network, or on a bridge, or in container networks"
            found.append(AppFault(message, at: "\(other.path).mode"))
        } else if let mode = networks.first?.mode, mode != "container", networks.count > 1 {
            found.append(AppFault("an app has one network of mode \(mode)", at: networks[1].path))
        }
        let named = networks.filter { $0.mode == "container" }
        return found + names(named.map { ($0.path, $0.value) }, app)
    }

    private static func names(_ networks: [(path: String, value: AppValue)], _ app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        var places: [String: String] = [:]
        // Without a context the flag that names one may be set.
        let standard = app.context.map { $0.defaultNetworkName } ?? ""
        let usesAddress = app["ipAddress"] != nil || app["container"]?["docker"]?.text("network") == "USER"
        if usesAddress, app["networks"]?.isEmpty != false, standard == nil, app["ipAddress"]?["networkName"] == nil,
            app["container"]?["docker"]?.text("network").map({ $0 == "USER" }) ?? true
        {
            let place = app["ipAddress"] == nil ? "container.docker.network" : "ipAddress"
            found.append(AppFault("the container network has no name", at: place, hint: "say `ipAddress.networkName`"))
        }
        for (path, network) in networks where network["name"] != .null {
            guard let name = network.text("name") ?? standard else {
                found.append(AppFault("the container network has no name", at: path, hint: "say `name`"))
                continue
            }
            if let first = places[name], !(name.isEmpty && app.context == nil) {
                found.append(AppFault("this network stands in `\(first)` already", at: path))
            }
            places[name] = path
        }
        let isDocker = app["container"].map { $0.text("type") != "MESOS" } ?? false
        if isDocker, networks.count > 1 {
            let message = "Docker's engine puts an app into one container network"
            found.append(AppFault(message, at: networks[1].path))
        }
        return found
    }

    private static func mappings(_ app: AppUnderCheck) -> [AppFault] {
        let networks = app.objects("networks").filter { ($0.value.text("mode") ?? "container") == "container" }
        let names = networks.compactMap { $0.value.text("name") }
        let standard = app.context?.defaultNetworkName
        guard !AppPorts(app).isOnHost else { return [] }
        return app.portMappings.flatMap { path, mapping -> [AppFault] in
            let wanted = mapping["networkNames"]?.items ?? []
            var found: [AppFault] = []
            if networks.count > 1, mapping.readable("hostPort") != nil, wanted.count != 1 {
                let message = "a host port in one of several networks names that network"
                found.append(AppFault(message, at: path, hint: "add `networkNames` with one name"))
            }
            for (index, name) in wanted.enumerated() {
                guard let text = name.plainText, !names.contains(text), text != standard else { continue }
                let place = "\(path).networkNames[\(index)]"
                let hint = Suggestion.hint(for: text, in: names)
                found.append(AppFault("the app is in no network `\(text.abbreviated)`", at: place, hint: hint))
            }
            return found
        }
    }
}
