/// One readiness check at most, shorter than its interval, of a port that there is (marathon-api.md 4).
enum ReadinessRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        let checks = app.objects("readinessChecks")
        guard app.since(1, 1), !checks.isEmpty else { return [] }
        let names = AppPorts(app).names
        var found = checks.flatMap { path, check -> [AppFault] in
            var found: [AppFault] = []
            let name = check.text("portName") ?? "http-api"
            if check["portName"] != .null, !names.contains(name) {
                let place = check["portName"] == nil ? path : "\(path).portName"
                let hint = Suggestion.hint(for: name, in: names.compactMap(\.self))
                found.append(AppFault("no port is called `\(name.abbreviated)`", at: place, hint: hint))
            }
            let timeout = check["timeoutSeconds"]?.number ?? 10
            let interval = check["intervalSeconds"]?.number ?? 30
            if timeout >= interval {
                let place = check["timeoutSeconds"] == nil ? "\(path).intervalSeconds" : "\(path).timeoutSeconds"
                let message = "the timeout, \(timeout.shown) s, is not shorter than the interval, \(interval.shown) s"
                found.append(AppFault(message, at: place))
            }
            return found
        }
        if checks.count > 1 { found.append(AppFault("an app has at most one readiness check", at: checks[1].path)) }
        return found
    }
}
