extension MarathonAppCodec {
    /// A health check, without what its protocol has no use for (marathon-api.md 3.4).
    var healthCheckShape: Shape<MarathonApp.HealthCheck> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            var check = MarathonApp.HealthCheck()
            check.protocol = reader.optional("protocol", healthProtocolShape) ?? "HTTP"
            readTimes(&reader, &check)
            if version.isAtLeast(1, 4), !version.readsRAML {
                readByProtocol(&reader, &check)
            } else {
                readAll(&reader, &check)
            }
            faults += reader.faults
            return reader.faults.isEmpty ? check : nil
        }
    }

    private var healthProtocolShape: Shape<String> {
        var names = ["HTTP", "TCP", "COMMAND"]
        if version.isAtLeast(0, 8, 1) { names.append("HTTPS") }
        if version.isAtLeast(1, 4) { names += ["MESOS_TCP", "MESOS_HTTP", "MESOS_HTTPS"] }
        return version.readsRAML ? .literal(names) : .name(of: names) { "\($0) is not a valid protocol" }
    }

    private func readTimes(_ reader: inout ShapeReader, _ check: inout MarathonApp.HealthCheck) {
        let long: Shape<Int> = version.readsRAML ? .int(0...Int(Int32.max)) : .long
        let isSlow = version.isAtLeast(0, 8)
        check.gracePeriodSeconds = Double(reader.optional("gracePeriodSeconds", long) ?? (isSlow ? 300 : 15))
        check.intervalSeconds = Double(reader.optional("intervalSeconds", long) ?? (isSlow ? 60 : 10))
        check.timeoutSeconds = Double(reader.optional("timeoutSeconds", long) ?? 20)
        check.maxConsecutiveFailures =
            reader.optional("maxConsecutiveFailures", version.readsRAML ? long : .int) ?? 3
        if version.isAtLeast(1, 4) { check.delaySeconds = Double(reader.optional("delaySeconds", long) ?? 15) }
    }

    /// 1.4: every protocol has a reader of its own.
    private func readByProtocol(_ reader: inout ShapeReader, _ check: inout MarathonApp.HealthCheck) {
        if check.protocol == "COMMAND" {
            check.command = reader.required("command", commandShape)
            return
        }
        readPort(&reader, &check)
        if check.isHTTP { check.path = reader.optional("path", .string) }
        if ["HTTP", "HTTPS"].contains(check.protocol) {
            check.ignoreHttp1xx = reader.optional("ignoreHttp1xx", .bool) ?? false
        }
    }

    private func readAll(_ reader: inout ShapeReader, _ check: inout MarathonApp.HealthCheck) {
        check.path = reader.optional("path", .string) ?? (version.isAtLeast(0, 13) ? nil : "/")
        check.command = reader.optional("command", commandShape)
        readPort(&reader, &check)
        if version.isAtLeast(0, 8, 1) { check.ignoreHttp1xx = reader.optional("ignoreHttp1xx", .bool) ?? false }
        guard version.readsRAML else { return }
        if version.isAtLeast(1, 6) {
            check.ipProtocol = reader.optional("ipProtocol", .literal(["IPv4", "IPv6"])) ?? "IPv4"
        }
        convert(&check, &reader)
    }

    /// What the conversion from the RAML type leaves of a check.
    ///
    /// It never passes `ignoreHttp1xx` on: a GET shows false whatever was sent (HealthCheckConversion.scala, 1.5.15 and 1.11).
    private func convert(_ check: inout MarathonApp.HealthCheck, _ reader: inout ShapeReader) {
        check.ignoreHttp1xx = false
        let isCommand = check.protocol == "COMMAND"
        if check.command != nil, !isCommand {
            reader.fail(.internalError("illegal protocol \(check.protocol) specified with command"))
        }
        if check.command == nil, isCommand {
            reader.fail(.internalError("illegal protocol COMMAND for non-command health check"))
        }
        if isCommand { (check.path, check.port, check.portIndex) = (nil, nil, nil) }
        if !check.isHTTP { check.path = nil }
        if !check.protocol.hasPrefix("MESOS_") { check.ipProtocol = "IPv4" }
        if !check.protocol.hasPrefix("MESOS_"), !isCommand { check.delaySeconds = 15 }
    }

    private func readPort(_ reader: inout ShapeReader, _ check: inout MarathonApp.HealthCheck) {
        guard version.isAtLeast(0, 15) else {
            check.portIndex = reader.optional("portIndex", .int) ?? 0
            return
        }
        let port: Shape<Int> = version.readsRAML ? .anyPort : .int
        check.portIndex = reader.optional("portIndex", version.readsRAML ? port : portIndexShape)
        check.port = reader.optional("port", port)
    }

    /// 1.4 reads a port's name, too, and then refuses it as no index of a port.
    private var portIndexShape: Shape<Int> {
        Shape("expected string (port name) or integer (port offset) for port-index") { json in
            json.int ?? (json.string == nil ? nil : -1)
        }
    }

    private var commandShape: Shape<String> {
        Shape { json, path, faults in
            var reader = ShapeReader(json, path: path)
            let value = reader.required("value", .string)
            faults += reader.faults
            return value
        }
    }
}

extension MarathonApp.HealthCheck {
    var isHTTP: Bool { ["HTTP", "HTTPS", "MESOS_HTTP", "MESOS_HTTPS"].contains(self.protocol) }

    /// Without a port the first one is meant (from 0.15).
    var withPortIndex: MarathonApp.HealthCheck {
        var check = self
        if self.protocol != "COMMAND", port == nil, portIndex == nil { check.portIndex = 0 }
        return check
    }
}
