/// Texts that are one of a few words (marathon-api.md 3 and 4), each with the releases that know it.
enum WordRule: AppRule {
    static func faults(of app: AppUnderCheck) -> [AppFault] {
        var found: [AppFault] = []
        func check(_ value: AppValue?, _ key: String, in path: String, _ words: [Word]) {
            guard let text = value?.text(key) else { return }
            let own = path.isEmpty ? key : "\(path).\(key)"
            if let fault = fault(text, words, app.release, at: own) { found.append(fault) }
        }
        check(app.definition, "killSelection", in: "", ["YOUNGEST_FIRST", "OLDEST_FIRST"])
        if app["unreachableStrategy"]?.members == nil {
            check(app.definition, "unreachableStrategy", in: "", ["disabled"])
        }
        check(app["residency"], "taskLostBehavior", in: "residency", ["WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"])
        check(app["container"], "type", in: "container", ["DOCKER", "MESOS"])
        check(app["container"]?["docker"], "network", in: "container.docker", networks)
        for (path, volume) in app["container"]?.objects("volumes", in: "container") ?? [] {
            check(volume, "mode", in: path, ["RO", "RW"])
            check(volume["persistent"], "type", in: "\(path).persistent", ["root", "path", "mount"])
        }
        for (path, network) in app.objects("networks") {
            check(network, "mode", in: path, ["container", "container/bridge", "host"])
        }
        for (path, port) in app.objects("healthChecks") {
            check(port, "protocol", in: path, healthProtocols)
            check(port, "ipProtocol", in: path, ["IPv4", "IPv6"])
        }
        for (path, readiness) in app.objects("readinessChecks") {
            check(readiness, "protocol", in: path, ["HTTP", "HTTPS"])
        }
        let ipc = app["container"]?["linuxInfo"]?["ipcInfo"]
        check(ipc, "mode", in: "container.linuxInfo.ipcInfo", ["PRIVATE", "SHARE_PARENT"])
        check(app["check"]?["http"], "scheme", in: "check.http", ["HTTP", "HTTPS"])
        return found + protocols(app) + executor(app)
    }

    private struct Word: ExpressibleByStringLiteral {
        var text: String
        var releases: ReleaseSpan

        init(_ text: String, _ releases: ReleaseSpan) { (self.text, self.releases) = (text, releases) }
        init(stringLiteral text: String) { self.init(text, .all) }
    }

    private static let networks: [Word] = [
        "BRIDGE", "HOST", Word("NONE", .until(1, 5)), Word("USER", .since(1, 1)),
    ]

    private static let healthProtocols: [Word] = [
        "HTTP", "TCP", "COMMAND", Word("HTTPS", .since(0, 8, 1)), Word("MESOS_HTTP", .since(1, 4)),
        Word("MESOS_HTTPS", .since(1, 4)), Word("MESOS_TCP", .since(1, 4)),
    ]

    private static func fault(
        _ text: String,
        _ words: [Word],
        _ release: MarathonRelease,
        at path: String
    ) -> AppFault? {
        guard let word = words.first(where: { $0.text == text }) else {
            let known = words.filter { $0.releases.contains(release) }.map(\.text)
            let message = "`\(path)` cannot be `\(text.abbreviated)`"
            return AppFault(message, at: path, hint: Suggestion.hint(for: text, in: known))
        }
        if let since = word.releases.since, release < since {
            return AppFault("`\(path)`: `\(text)` needs Marathon \(since.short), not \(release)", at: path)
        }
        if let until = word.releases.until, release >= until {
            return AppFault("`\(path)`: `\(text)` went away with Marathon \(until.short)", at: path)
        }
        return nil
    }

    /// Protocols of ports: before 1.0 a single one; from 1.5 nothing but the one pair.
    private static func protocols(_ app: AppUnderCheck) -> [AppFault] {
        // 1.0 to 1.4 keep whatever a port definition has.
        let definitions = app.readsRAML ? app.objects("portDefinitions") : []
        return (definitions + app.portMappings).compactMap { path, port in
            guard let text = port.text("protocol") else { return nil }
            let names = text.split(separator: ",", omittingEmptySubsequences: false)
            let isKnown =
                if app.readsRAML {
                    ["tcp", "udp", "udp,tcp"].contains(text)
                } else {
                    names.allSatisfy { $0 == "tcp" || $0 == "udp" } && (names.count == 1 || app.since(1, 0))
                }
            guard !isKnown else { return nil }
            let hint = app.since(1, 0) ? "write tcp, udp or udp,tcp" : "write tcp or udp"
            return AppFault("`\(text.abbreviated)` is no protocol of a port", at: "\(path).protocol", hint: hint)
        }
    }

    /// An executor is `^(//cmd)|(/?[^/]+(/[^/]+)*)|$`.
    private static func executor(_ app: AppUnderCheck) -> [AppFault] {
        guard let text = app["executor"]?.plainText, !text.isEmpty, text != "//cmd" else { return [] }
        let parts = (text.hasPrefix("/") ? text.dropFirst() : text[...])
            .split(separator: "/", omittingEmptySubsequences: false)
        guard parts.contains(where: \.isEmpty) else { return [] }
        let message = "`\(text.abbreviated)` is no executor"
        return [AppFault(message, at: "executor", hint: "write //cmd, a path, or nothing")]
    }
}
