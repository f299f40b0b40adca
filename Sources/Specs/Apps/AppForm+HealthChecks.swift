/// What a check's protocol leaves of it (marathon-api.md 3.4).
extension AppForm {
    mutating func completeHealthChecks(_ context: AppContext) {
        guard context.isAtLeast(0, 15), self["healthChecks"]?.isEmpty == false else { return }
        edit("healthChecks") { check in
            let name = check["protocol"]?.text ?? ""
            let isCommand = name == "COMMAND"
            if context.isAtLeast(1, 4) { check.drop(protocol: name, context) }
            // Without a port the first one is meant, whether Marathon writes it down or not.
            if !isCommand, check["port"] == nil, check["portIndex"] == nil { check["portIndex"] = .scalar(0) }
        }
        // Two that differed in nothing else may be one now.
        self["healthChecks"] = self["healthChecks"]?.items.map(FormValue.set)
    }
}

extension EditedRecord {
    /// From 1.4 each protocol has a reader of its own, from 1.5 a conversion (S/api/v2/json/Formats.scala, 1.4.13;
    /// S/raml/HealthCheckConversion.scala, 1.5.15).
    fileprivate mutating func drop(protocol name: String, _ context: AppContext) {
        let isCommand = name == "COMMAND"
        let isByMesos = name.hasPrefix("MESOS_")
        if isCommand {
            (self["path"], self["port"], self["portIndex"]) = (nil, nil, nil)
        } else if !context.hasNetworks {
            self["command"] = nil
        }
        if !name.hasSuffix("HTTP"), !name.hasSuffix("HTTPS") { self["path"] = nil }
        if name != "HTTP", name != "HTTPS" { reset("ignoreHttp1xx") }
        if !isCommand, !isByMesos { reset("delaySeconds") }
        if !isByMesos { reset("ipProtocol") }
    }
}
