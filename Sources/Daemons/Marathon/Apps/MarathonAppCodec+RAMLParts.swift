/// Objects of the RAML types that are kept as they are written: checked, with their defaults, in their order.
extension MarathonAppCodec {
    /// `check` (from 1.7): one of `http`, `tcp` and `exec`, and its times.
    var checkShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var check: JSONObject = [:]
            check["http"] = reader.optional("http", portCheckShape(isHTTP: true))
            check["tcp"] = reader.optional("tcp", portCheckShape(isHTTP: false))
            check["exec"] = reader.optional("exec", .object)
            if check.keys.count != 1 {
                reader.fail(.internalError("illegal RAML Check: expected one of http, tcp or exec checks"))
            }
            for (key, seconds) in [("intervalSeconds", 60), ("timeoutSeconds", 20), ("delaySeconds", 15)] {
                check[key] = .integer(reader.optional(key, .int(0...Int(Int32.max))) ?? seconds)
            }
            faults += reader.faults
            return .object(check)
        }
    }

    private func portCheckShape(isHTTP: Bool) -> Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var check: JSONObject = [:]
            check["portIndex"] = reader.optional("portIndex", .anyPort).map(JSON.integer)
            check["port"] = reader.optional("port", .anyPort).map(JSON.integer)
            if isHTTP {
                check["path"] = reader.optional("path", .string(minimum: 1)).map(JSON.string)
                check["scheme"] = .string(reader.optional("scheme", .literal(["HTTP", "HTTPS"])) ?? "HTTP")
            }
            faults += reader.faults
            return .object(check)
        }
    }

    /// `executorResources` (from 1.10).
    var executorResourcesShape: Shape<JSON> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var resources: JSONObject = [:]
            for (key, least) in [("cpus", 0.1), ("mem", 32), ("disk", 10)] {
                resources[key] = fraction(reader.optional(key, .number(minimum: least)) ?? least)
            }
            faults += reader.faults
            return .object(resources)
        }
    }
}
