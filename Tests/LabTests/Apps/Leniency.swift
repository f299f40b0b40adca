import Specs

@testable import Daemons

/// Everything in which the properties do not insist on one answer, each with its reason.
enum Leniency {
    /// What no GET tells cannot be seen by anybody, such as ports put beside an address up to 1.4.
    static let verdictOnTheInvisible = ServerTruth.Verdict.either

    /// From 1.1 a changed app without tasks is "scaled" to 0 (marathon-api.md 5.1), which touches no task.
    static let scalingOfNothing = AppServer.Action.none

    /// Fields of an answer that say nothing of their own.
    static func untold(_ before: [String: AppValue], _ after: [String: AppValue]) -> Set<String> {
        var fields: Set<String> = ["version", "versionInfo"]
        // From 1.5 residency is made up from volumes and policy.
        if before["networks"] != nil { fields.insert("residency") }
        // Up to 1.4 it comes and goes with the address.
        if before["requirePorts"] == nil || after["requirePorts"] == nil { fields.insert("requirePorts") }
        return fields
    }

    /// The fields that must be shown, and those that may.
    static func told(_ truth: ServerTruth) -> (needed: Set<String>, possible: Set<String>) {
        var (needed, possible) = (truth.fields, truth.possible)
        // Up to 1.4 ports are told of mappings, and not at all beside an address.
        if possible.contains("container") { possible.insert("portDefinitions") }
        if !needed.isDisjoint(with: ["container", "ipAddress"]) { needed.remove("portDefinitions") }
        if possible.contains("ipAddress") { possible.insert("requirePorts") }
        return (needed, possible)
    }

    /// Another kind of container or network is another thing altogether; from 1.5 the mappings have moved.
    static let kinds: Set = [
        "container.type", "container.docker", "container.docker.network", "container.docker.portMappings",
    ]

    /// Whether Marathon makes the field up from others, so that no write keeps it: residency follows from volumes, and 1.9
    /// drops accepted roles that are not the app's (marathon-api.md 3.1).
    static func isMadeUp(_ path: String, _ release: MarathonRelease) -> Bool {
        switch AgreementCase.head(path) {
        case "residency": true
        case "acceptedResourceRoles": release >= MarathonRelease(1, 9) && release < MarathonRelease(1, 10)
        default: false
        }
    }

    /// Whether a shown path is one to ignore.
    ///
    /// An item of a list is no field of its own, and nor is what another kind of container or network brings along.
    static func canBeIgnored(_ path: String, _ edit: AppEdit) -> Bool {
        if path.contains("[") { return false }
        let parts = ["container", "networks", "ipAddress", "ports", "portDefinitions", "requirePorts"]
        return !parts.contains(AgreementCase.head(path))
            || edit.names.count > 1 && path == edit.names.joined(separator: ".")
    }
}

extension MarathonApp {
    /// The app as far as it can be told from another.
    func masked(_ chosen: [Int], _ version: MarathonVersion) -> MarathonApp {
        var app = self
        // Ports beside mappings say nothing.
        if mappedPorts != nil { app.ports = [] }
        // marathon-api.md 3.1: an empty value means none, and may come back as none.
        if !version.readsRAML { app.constraints = constraints.map { $0.last == "" ? Array($0.prefix(2)) : $0 } }
        // marathon-api.md 3.4: absent is 0 there, which a merge writes down and a definition does not always.
        if version.isAtLeast(0, 15) { app.healthChecks = healthChecks.map(\.withPortIndex) }
        // marathon-api.md 3.2: where 0 is chosen any port is the right one.
        for (index, port) in chosen.enumerated() where port == 0 {
            if index < app.ports.count { app.ports[index].port = 0 }
            if let count = app.container?.portMappings?.count, index < count {
                app.container?.portMappings?[index].servicePort = 0
            }
        }
        return app
    }
}
