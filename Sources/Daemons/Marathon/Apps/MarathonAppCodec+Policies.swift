/// The members of a body that say how tasks are placed, replaced and checked.
extension MarathonAppCodec {
    func readPolicies(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        patch.backoffSeconds = seconds(&reader, "backoffSeconds")
        patch.backoffFactor = reader.optional("backoffFactor", version.readsRAML ? .number(minimum: 1) : .number)
        if version.isAtLeast(0, 8) { patch.maxLaunchDelaySeconds = seconds(&reader, "maxLaunchDelaySeconds") }
        let idShape = version.readsRAML || version.isAtLeast(0, 8) ? self.idShape : .string
        patch.dependencies = reader.optional("dependencies", .set(idShape))
        patch.upgradeStrategy = reader.optional("upgradeStrategy", upgradeStrategyShape)
        if version.isAtLeast(0, 8) { patch.labels = reader.optional("labels", .labels) }
        if version.isAtLeast(0, 9) {
            let roles: Shape<[String]> = .set(.string)
            patch.acceptedResourceRoles = reader.optional(
                "acceptedResourceRoles",
                version.readsRAML ? roles : roles.checked("set must not be empty") { !$0.isEmpty }
            )
        }
        if version.isAtLeast(0, 14) { patch.ipAddress = reader.optional("ipAddress", ipAddressShape) }
        if version.isAtLeast(1, 0) { patch.residency = reader.optional("residency", residencyShape) }
        if version.isAtLeast(1, 1) {
            patch.readinessChecks = reader.optional("readinessChecks", .array(readinessShape))
            patch.taskKillGracePeriodSeconds = seconds(&reader, "taskKillGracePeriodSeconds")
        }
        if version.isAtLeast(1, 3) { patch.secrets = reader.optional("secrets", secretsShape) }
        guard version.isAtLeast(1, 4) else { return }
        patch.unreachableStrategy = reader.optional("unreachableStrategy", unreachableShape)
        patch.killSelection = reader.optional("killSelection", .literal(["YOUNGEST_FIRST", "OLDEST_FIRST"]))
    }

    /// What only the RAML types have (from 1.5).
    func readRAML(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        patch.networks = reader.optional("networks", .array(networkShape))
        patch.tty = reader.optional("tty", .bool)
        if version.isAtLeast(1, 7) { patch.check = reader.optional("check", checkShape) }
        if version.isAtLeast(1, 9) { patch.role = reader.optional("role", .string(minimum: 1)) }
        if version.isAtLeast(1, 10) {
            patch.resourceLimits = reader.optional("resourceLimits", .object)
            patch.executorResources = reader.optional("executorResources", executorResourcesShape)
        }
    }

    private func seconds(_ reader: inout ShapeReader, _ key: String) -> Double? {
        reader.optional(key, version.readsRAML ? .int(0...Int(Int32.max)) : .long).map(Double.init)
    }

    private var upgradeStrategyShape: Shape<MarathonApp.UpgradeStrategy> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var strategy = MarathonApp.UpgradeStrategy()
            if version.readsRAML {
                let fraction: Shape<Double> = .number(minimum: 0, maximum: 1)
                strategy.maximumOverCapacity = reader.required("maximumOverCapacity", fraction) ?? 1
                strategy.minimumHealthCapacity = reader.required("minimumHealthCapacity", fraction) ?? 1
            } else if version.isAtLeast(0, 8) {
                strategy.minimumHealthCapacity = reader.optional("minimumHealthCapacity", .number) ?? 1
                strategy.maximumOverCapacity = reader.optional("maximumOverCapacity", .number) ?? 1
            } else {
                strategy.minimumHealthCapacity = reader.required("minimumHealthCapacity", .number) ?? 1
            }
            faults += reader.faults
            return strategy
        }
    }

    private var networkShape: Shape<MarathonApp.Network> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let mode = reader.optional("mode", .literal(["container", "container/bridge", "host"])) ?? "container"
            var network = MarathonApp.Network(mode: MarathonApp.Network.Mode(rawValue: mode) ?? .container)
            network.name = reader.optional("name", .string(minimum: 1))
            network.labels = reader.optional("labels", .labels) ?? []
            faults += reader.faults
            return reader.faults.isEmpty ? network : nil
        }
    }

    /// With its defaults, in the order in which it is written.
    private var ipAddressShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var result: JSONObject = [:]
            result["groups"] = .array((reader.optional("groups", .array(.string)) ?? []).map(JSON.string))
            result["labels"] = .object(JSONObject(reader.optional("labels", .labels) ?? []))
            var ports = reader.optional("discovery", .object).map { ShapeReader($0, path: path + "/discovery") }
            result["discovery"] = ["ports": .array(ports?.optional("ports", .array(discoveryShape)) ?? [])]
            faults += ports?.faults ?? []
            if version.isAtLeast(1, 1), let name = reader.optional("networkName", .string) {
                result["networkName"] = .string(name)
            }
            faults += reader.faults
            return .object(result)
        }
    }

    /// Formats.scala, 1.3.13: all but the labels must be given.
    private var discoveryShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let number = reader.required("number", .int)
            let name = reader.required("name", .string)
            let layer = reader.required("protocol", .string)
            let labels = reader.optional("labels", .labels) ?? []
            faults += reader.faults
            guard let number, let name, let layer else { return nil }
            return [
                "number": .integer(number), "name": .string(name), "protocol": .string(layer),
                "labels": .object(JSONObject(labels)),
            ]
        }
    }

    private var residencyShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let seconds = reader.optional("relaunchEscalationTimeoutSeconds", .long) ?? 3600
            let names = ["WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"]
            let behavior = reader.optional("taskLostBehavior", .literal(names)) ?? names[0]
            faults += reader.faults
            return [
                "relaunchEscalationTimeoutSeconds": .integer(seconds), "taskLostBehavior": .string(behavior),
            ]
        }
    }

    private var readinessShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let codes = reader.optional("httpStatusCodesForReady", .set(.int)) ?? [200]
            let result: JSON = [
                "name": .string(reader.optional("name", .string) ?? "readinessCheck"),
                "protocol": .string(reader.optional("protocol", .literal(["HTTP", "HTTPS"])) ?? "HTTP"),
                "path": .string(reader.optional("path", .string) ?? "/"),
                "portName": .string(reader.optional("portName", .string) ?? "http-api"),
                "intervalSeconds": .integer(reader.optional("intervalSeconds", .long) ?? 30),
                "timeoutSeconds": .integer(reader.optional("timeoutSeconds", .long) ?? 10),
                "httpStatusCodesForReady": .array(codes.map { .integer($0) }),
                "preserveLastResponse": .bool(reader.optional("preserveLastResponse", .bool) ?? false),
            ]
            faults += reader.faults
            return result
        }
    }

    private var secretsShape: Shape<JSON> {
        let source = Shape<JSON> { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let source = reader.required("source", .string)
            faults += reader.faults
            return source.map { ["source": .string($0)] }
        }
        return Shape<[(key: String, value: JSON)]>.map(of: source).map { members in
            .object(JSONObject(members: members))
        }
    }

    /// `"disabled"`, or both times with their defaults.
    private var unreachableShape: Shape<JSON> {
        Shape { json, path, faults in
            if let text = json.string {
                if text == "disabled" { return json }
                faults.append(ShapeFault(path: path, code: "error.unknown.enum.literal"))
                return nil
            }
            var reader = ShapeReader(json, path: path)
            let defaults = Self.unreachableDefaults(version)
            let inactive = reader.optional("inactiveAfterSeconds", Shape.long.checked("error.min") { $0 >= 0 })
            let expunge = reader.optional("expungeAfterSeconds", Shape.long.checked("error.min") { $0 >= 0 })
            faults += reader.faults
            return [
                "inactiveAfterSeconds": .integer(inactive ?? defaults.inactive),
                "expungeAfterSeconds": .integer(expunge ?? defaults.expunge),
            ]
        }
    }

    /// Seconds (marathon-api.md 3.1).
    static func unreachableDefaults(_ version: MarathonVersion) -> (inactive: Int, expunge: Int) {
        let isPatient = version.isAtLeast(1, 5) ? !version.isAtLeast(1, 5, 1) : !version.isAtLeast(1, 4, 9)
        return isPatient ? (300, 600) : (0, 0)
    }
}

extension JSONObject {
    init(_ labels: [MarathonApp.Label]) {
        self.init(members: labels.map { ($0.name, .string($0.value)) })
    }

    init(members: [(key: String, value: JSON)]) {
        self.init()
        for member in members { self[member.key] = member.value }
    }
}
