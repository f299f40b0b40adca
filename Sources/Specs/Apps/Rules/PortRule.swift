/// Numbers and names of ports, and which ways of saying them go together (marathon-api.md 3.2 and 4).
enum PortRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        ranges(app) + repeated(app) + names(app) + together(app)
    }

    /// Every port that the app names itself, where it stands.
    private static func numbers(_ app: AppUnderCheck) -> (ports: [Port], definitions: [Port], others: [Port]) {
        let ports = (app["ports"]?.items ?? []).enumerated().map { Port("ports[\($0)]", $1) }
        let definitions = app.objects("portDefinitions").map { Port("\($0).port", $1["port"]) }
        let mappings = app.portMappings.flatMap { path, mapping in
            ["containerPort", "hostPort", "servicePort"].map { Port("\(path).\($0)", mapping[$0]) }
        }
        let checks = app.objects("healthChecks").map { Port("\($0).port", $1["port"]) }
        return (ports, definitions, mappings + checks)
    }

    private struct Port {
        var path: String
        var number: Double?

        init(_ path: String, _ value: AppValue?) { (self.path, number) = (path, value?.number) }
    }

    private static func ranges(_ app: AppUnderCheck) -> [AppFault] {
        let numbers = numbers(app)
        return (numbers.ports + numbers.definitions + numbers.others).compactMap { port in
            guard let number = port.number, !(0...65535).contains(number) else { return nil }
            return AppFault("`\(port.path)` must be 0 to 65535, not \(number.shown)", at: port.path)
        }
    }

    private static func repeated(_ app: AppUnderCheck) -> [AppFault] {
        let numbers = numbers(app)
        // From 1.5 definitions beside another network than the host's are dropped unread.
        let counts = app.since(1, 0) && (!app.readsRAML || AppPorts(app).isOnHost)
        let lists = [numbers.ports, counts ? numbers.definitions : []]
        return lists.flatMap { ports in
            var places: [Double: String] = [:]
            return ports.compactMap { port -> AppFault? in
                guard let number = port.number, number != 0 else { return nil }
                guard let first = places[number] else {
                    places[number] = port.path
                    return nil
                }
                return AppFault("port \(number.shown) stands in `\(first)` already", at: port.path)
            }
        }
    }

    private static func names(_ app: AppUnderCheck) -> [AppFault] {
        guard app.since(1, 0) else { return [] }
        // From 1.5 their names are read, and then those on the host's network are dropped.
        let isMapped = !app.readsRAML || !AppPorts(app).isOnHost
        let lists = [(app.objects("portDefinitions"), !app.readsRAML || !isMapped), (app.portMappings, isMapped)]
        return lists.flatMap { ports, counts in
            var places: [String: String] = [:]
            return ports.compactMap { path, port -> AppFault? in
                guard let name = port.text("name") else { return nil }
                let own = "\(path).name"
                guard isName(name) else {
                    let message = "`\(name.abbreviated)` is no name of a port"
                    return AppFault(message, at: own, hint: "names have a-z, 0-9 and inner `-`")
                }
                guard counts, let first = places[name] else {
                    places[name] = own
                    return nil
                }
                return AppFault("a port is called `\(name.abbreviated)` already (`\(first)`)", at: own)
            }
        }
    }

    /// Whether Marathon takes it: `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`.
    private static func isName(_ name: String) -> Bool {
        name.first != "-" && name.last != "-" && !name.isEmpty
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private static func together(_ app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        let ports = app["ports"]?.items?.map(\.number)
        let definitions = app["portDefinitions"]?.items?.map { $0["port"].map(\.number) ?? 0 }
        if app.since(1, 0), let ports, let definitions, ports != definitions {
            let hint = "leave `ports` out"
            found.append(AppFault("`ports` and `portDefinitions` say different numbers", at: "ports", hint: hint))
        }
        let given = [("ports", ports), ("portDefinitions", definitions)].first { $0.1?.isEmpty == false }
        if app.since(0, 14), app["ipAddress"] != nil, let given {
            let message = "an app with an `ipAddress` has no `\(given.0)`"
            found.append(AppFault(message, at: given.0, hint: "leave one out"))
        }
        if app.since(0, 15), let uris = app["uris"]?.items, let fetch = app["fetch"]?.items, !uris.isEmpty,
            !fetch.isEmpty
        {
            found.append(AppFault("`uris` and `fetch` are both set", at: "uris", hint: "say all of it in `fetch`"))
        }
        return found
    }
}
