/// Health checks, and from 1.7 the `check` of tasks (marathon-api.md 3.4 and 4).
enum HealthCheckRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        let checks = app.objects("healthChecks").map { Check($0.path, $0.value) }
        guard !checks.isEmpty else { return taskCheck(app) }
        let ports = AppPorts(app)
        var found = checks.compactMap { port($0, app, ports) }
        found += checks.compactMap { command($0, app) }
        found += checks.compactMap { addresses($0, app) }
        // COMMAND checks are Mesos', too; the code counts those of this prefix only (1.0 to 1.11).
        let ofMesos = checks.filter { $0.protocol.hasPrefix("MESOS_") }
        // Checks are a set, and 1.4 drops a command beside a port before it compares them.
        let isOne =
            app.since(1, 4) && !app.readsRAML
            && Set(app.objects("healthChecks").map { $0.value.withoutCommand }).count == 1
        if app.since(1, 0), ofMesos.count > 1, !isOne {
            let message = "an app has at most one health check that Mesos does"
            found.append(AppFault(message, at: ofMesos[1].path))
        }
        return found + taskCheck(app)
    }

    private struct Check {
        var path: String
        var value: AppValue
        var `protocol`: String

        init(_ path: String, _ value: AppValue) {
            self.path = path
            self.value = value
            `protocol` = value["protocol"] == .null ? "" : value.text("protocol") ?? "HTTP"
        }
    }

    private static func port(_ check: Check, _ app: AppUnderCheck, _ ports: AppPorts) -> AppFault? {
        // 0.7 looks at the port of a command as well.
        if check.protocol == "COMMAND", app.since(0, 8) { return nil }
        if app.readsRAML, !["HTTP", "HTTPS", "TCP"].contains(check.protocol) { return nil }
        let (index, port) = (check.value["portIndex"], app.since(0, 15) ? check.value["port"] : nil)
        if index == .null || port == .null { return nil }
        if let number = index?.integer {
            guard !(0..<ports.count).contains(number) else { return nil }
            return AppFault(outside(number, ports), at: "\(check.path).portIndex")
        }
        // Up to 0.14, without an index the first port is meant; later only where a port definition or mapping is written.
        if port != nil { return nil }
        let isWritten = app["portDefinitions"]?.isEmpty == false || !app.portMappings.isEmpty
        let meansFirst = !app.readsRAML || isWritten
        if meansFirst, ports.count == 0 { return AppFault(outside(0, ports), at: check.path) }
        guard !meansFirst, ports.count != 1 else { return nil }
        let message = "the app has \(ports.count) ports, and the check says none of them"
        return AppFault(message, at: check.path, hint: "add `portIndex`")
    }

    private static func outside(_ index: Int, _ ports: AppPorts) -> String {
        switch ports.count {
        case 0: "the app has no port to check"
        case 1: "port index \(index) is none of the app's; it has one port, 0"
        default: "port index \(index) is none of the app's; it has 0 to \(ports.count - 1)"
        }
    }

    /// From 1.4 a COMMAND check has a command, from 1.5 no other has.
    private static func command(_ check: Check, _ app: AppUnderCheck) -> AppFault? {
        let command = check.value["command"]
        // 1.4 has a reader for every protocol, and the others do not look at commands.
        let isRead = check.protocol == "COMMAND" || !app.since(1, 4) || app.readsRAML
        if let command, isRead, command.members != nil, command["value"] == nil {
            return AppFault("`\(check.path).command` lacks `value`", at: "\(check.path).command")
        }
        if check.protocol == "COMMAND", command == nil, app.since(1, 4) {
            return AppFault("a COMMAND check needs a `command`", at: check.path, hint: "add {value: …}")
        }
        guard app.readsRAML, command != nil, check.protocol != "COMMAND", !check.protocol.isEmpty else { return nil }
        return AppFault("a check of \(check.protocol) has no `command`", at: "\(check.path).command")
    }

    private static func addresses(_ check: Check, _ app: AppUnderCheck) -> AppFault? {
        guard check.value.text("ipProtocol") == "IPv6" else { return nil }
        let isDocker = app["container"].map { $0.text("type") != "MESOS" } ?? false
        guard !isDocker, check.protocol.hasPrefix("MESOS_") else { return nil }
        return AppFault("Mesos checks over IPv6 in DOCKER containers only", at: "\(check.path).ipProtocol")
    }

    private static func taskCheck(_ app: AppUnderCheck) -> [AppFault] {
        guard let check = app["check"], check.members != nil else { return [] }
        let kinds = ["http", "tcp", "exec"].filter { check[$0] != nil }
        guard kinds.count != 1 else { return [] }
        let place = kinds.count > 1 ? "check.\(kinds[1])" : "check"
        return [AppFault("`check` is one of http, tcp and exec", at: place)]
    }
}

extension AppValue {
    fileprivate var withoutCommand: AppValue {
        guard var members else { return self }
        members["command"] = nil
        return .object(members)
    }
}
