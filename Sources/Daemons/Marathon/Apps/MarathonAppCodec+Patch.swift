/// The members of a body, one by one, as the release's reader takes them (marathon-api.md 3.1 and section 4).
extension MarathonAppCodec {
    /// - Parameters:
    ///   - json: A body, or an element of an array of them.
    ///   - isUpdate: Whether it is a merge; some rules look at definitions only.
    /// - Returns: What it says, with names of enumerations and forms of constraints checked.
    /// - Throws: The release's answer to the wrong shape.
    func patch(_ json: JSON, isUpdate: Bool) throws(MarathonFault) -> MarathonAppPatch {
        var patch = MarathonAppPatch()
        var reader = ShapeReader(json)
        patch.id = isUpdate ? reader.optional("id", idShape) : reader.required("id", idShape)
        if !version.readsRAML, version.isAtLeast(0, 8), let id = patch.id, MarathonPath.names(id).isEmpty {
            reader.faults.append(ShapeFault(path: "", code: nil))
        }
        readProcess(&reader, &patch)
        readResources(&reader, &patch)
        readContainer(&reader, &patch)
        // The first half's faults hide those of the second: two steps of Play's builders.
        if !version.readsRAML { try reader.finish(version) }
        readPorts(&reader, &patch)
        readFetch(&reader, &patch)
        readPolicies(&reader, &patch)
        if version.readsRAML { readRAML(&reader, &patch) }
        patch.version = reader.optional("version", .moment)
        try reader.finish(version)
        if !version.readsRAML { try checkPlayFilters(patch, isUpdate: isUpdate) }
        return patch
    }

    var idShape: Shape<String> {
        if version.readsRAML {
            // The RAML type's pattern knows `..` but no `.`.
            return Shape.string(minimum: 1).checked("error.pattern") {
                MarathonPath.isValid($0) && !MarathonPath.names($0).contains(".")
            }
        }
        return version.isAtLeast(0, 8) ? .string(minimum: 1) : .string
    }

    private func readProcess(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        patch.cmd = reader.optional("cmd", version.isAtLeast(0, 9) ? .string(minimum: 1) : .string)
        patch.args = reader.optional("args", .array(.string))
        patch.user = reader.optional("user", .string)
        patch.env = reader.optional("env", .map(of: environmentShape)).map { entries in
            entries.map { MarathonApp.EnvironmentEntry($0.key, $0.value) }
        }
        patch.executor = reader.optional(
            "executor",
            Shape.string.checked("error.pattern", [Self.executorPattern], Self.isExecutor)
        )
        patch.constraints = reader.optional("constraints", .set(constraintShape))
    }

    private static let executorPattern = "^(//cmd)|(/?[^/]+(/[^/]+)*)|$"

    private static func isExecutor(_ text: String) -> Bool {
        if text.isEmpty || text == "//cmd" { return true }
        return !text.dropFirst(text.hasPrefix("/") ? 1 : 0)
            .split(separator: "/", omittingEmptySubsequences: false).contains(where: \.isEmpty)
    }

    /// Text, or from 1.3 a secret's name in an object.
    private var environmentShape: Shape<JSON> {
        guard version.isAtLeast(1, 3) else { return Shape<String>.string.map { .string($0) } }
        return Shape { json, path, faults in
            if json.string != nil { return json }
            var reader = ShapeReader(json, path: path)
            let secret = reader.required("secret", .string)
            faults += reader.faults
            return secret.map { ["secret": .string($0)] }
        }
    }

    private func readResources(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        guard version.readsRAML else {
            let minimum = "value must not be less than 0"
            patch.instances = reader.optional(
                "instances",
                version.isAtLeast(1, 0) ? .int : Shape.int.checked(minimum) { $0 >= 0 }
            )
            let isStrict = version.isAtLeast(0, 8) && !version.isAtLeast(0, 9)
            patch.cpus = reader.optional(
                "cpus",
                isStrict ? Shape.number.checked("value must be greater than 0.0") { $0 > 0 } : .number
            )
            patch.mem = reader.optional("mem", .number)
            patch.disk = reader.optional("disk", .number)
            if version.isAtLeast(1, 3) { patch.gpus = reader.optional("gpus", .int) }
            return
        }
        patch.instances = reader.optional("instances", .int(0...Int(Int32.max)))
        patch.cpus = reader.optional("cpus", .number(minimum: 0.001))
        patch.mem = reader.optional("mem", .number(minimum: 0))
        patch.disk = reader.optional("disk", .number(minimum: 0))
        patch.gpus = reader.optional("gpus", .int(0...Int(Int32.max)))
    }

    private func readPorts(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        if version.readsRAML {
            patch.ports = reader.optional("ports", .array(.anyPort))
        } else {
            let code = version.isAtLeast(1, 0) ? "Ports must be unique." : nil
            patch.ports = reader.optional("ports", Shape.array(.int).checked(code, [], Self.areUnique))
        }
        patch.requirePorts = reader.optional("requirePorts", .bool)
        guard version.isAtLeast(1, 0) else { return }
        patch.portDefinitions = reader.optional("portDefinitions", .array(portShape))
    }

    /// Whether no port but 0 comes twice.
    static func areUnique(_ ports: [Int]) -> Bool {
        let given = ports.filter { $0 != 0 }
        return Set(given).count == given.count
    }

    private var portShape: Shape<MarathonApp.Port> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var port = MarathonApp.Port(reader.optional("port", version.readsRAML ? .anyPort : .int) ?? 0)
            port.protocol = reader.optional("protocol", protocolShape) ?? "tcp"
            port.name = reader.optional("name", portNameShape)
            port.labels = reader.optional("labels", .labels) ?? []
            faults += reader.faults
            return reader.faults.isEmpty ? port : nil
        }
    }

    var protocolShape: Shape<String> { version.readsRAML ? .literal(["tcp", "udp", "udp,tcp"]) : .string }

    var portNameShape: Shape<String> {
        guard version.readsRAML else { return .string }
        return .string.checked("error.pattern", [], MarathonPath.isValidPortName)
    }

    private func readFetch(_ reader: inout ShapeReader, _ patch: inout MarathonAppPatch) {
        patch.uris = reader.optional("uris", .array(version.readsRAML ? .string(minimum: 1) : .string))
        if !version.readsRAML { patch.storeUrls = reader.optional("storeUrls", .array(.string)) }
        guard version.isAtLeast(0, 15) else { return }
        let uri: Shape<String> = version.readsRAML ? .string(minimum: 1) : .string
        patch.fetch = reader.optional(
            "fetch",
            .array(
                Shape { json, path, faults in
                    var reader = ShapeReader(json, path: path)
                    var fetch = MarathonApp.Fetch(uri: reader.required("uri", uri) ?? "")
                    fetch.extract = reader.optional("extract", .bool) ?? true
                    fetch.executable = reader.optional("executable", .bool) ?? false
                    fetch.cache = reader.optional("cache", .bool) ?? false
                    if version.isAtLeast(1, 4) { fetch.destPath = reader.optional("destPath", .string) }
                    faults += reader.faults
                    return reader.faults.isEmpty ? fetch : nil
                }
            )
        )
    }

    /// The filters over several members of a body up to 1.4.
    private func checkPlayFilters(_ patch: MarathonAppPatch, isUpdate: Bool) throws(MarathonFault) {
        var broken: String?
        // An update is asked for the presence of both, a definition for both to hold something.
        let hasUris = isUpdate ? patch.uris != nil : patch.uris?.isEmpty == false
        let hasFetch = isUpdate ? patch.fetch != nil : patch.fetch?.isEmpty == false
        if hasUris, hasFetch { broken = "You cannot specify both uris and fetch fields" }
        let hasPorts = patch.ports?.isEmpty == false || patch.portDefinitions?.isEmpty == false
        if broken == nil, !isUpdate, patch.ipAddress != nil, hasPorts {
            broken = "You cannot specify both an IP address and ports"
        }
        if broken == nil, let ports = patch.ports, let definitions = patch.portDefinitions,
            definitions.map(\.port) != ports
        {
            broken = "You cannot specify both ports and port definitions"
        }
        if let broken { throw .wrongType(version, [("", broken)]) }
    }
}

extension Shape where Value == Moment {
    static var moment: Shape { Shape("error.expected.date") { $0.string.flatMap { Moment(iso8601: $0) } } }
}
