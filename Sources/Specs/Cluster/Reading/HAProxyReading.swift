extension Shape where Value == HAProxySpec {
    /// `haproxy:`.
    static var haproxy: Shape {
        section { section in
            HAProxySpec(
                position: section.position,
                marathons: section.value("marathons", .oneOrMore(of: .hostPort)) ?? [],
                bind: section.optional("bind", .text),
                stats: section.value("stats", .stats) ?? HAProxySpec.Stats(),
                maximumConnections: section.optional("maxconn", .integer(1...10_000_000)),
                timeouts: section.value("timeouts", .settings(.attribute, values: .timeout)) ?? []
            )
        }
    }
}

extension Shape where Value == HAProxySpec.Stats {
    /// `host:port`, or that and credentials.
    fileprivate static var stats: Shape {
        let parts = section { section in
            HAProxySpec.Stats(
                bind: section.optional("bind", .hostPort),
                credentials: section.optional("credentials", .lineContent)
            )
        }
        let bind = Shape<HostPort>.hostPort.located.map { HAProxySpec.Stats(bind: $0) }
        return Shape { field in field.node.scalar == nil ? parts.read(field) : bind.read(field) }
    }
}

extension Shape where Value == HostPort {
    static var hostPort: Shape {
        Shape { field in
            guard let text = Shape<String>.text.read(field) else { return nil }
            if let place = HostPort(text) { return place }
            field.fault("`\(text.abbreviated)` is no host and port", hint: "write both, such as localhost:8080")
            return nil
        }
    }
}

extension Shape where Value == String {
    /// An IPv4 or IPv6 address.
    static var ipAddress: Shape {
        text.checked { IPAddress($0) == nil ? Fault("`\($0.abbreviated)` is no IP address") : nil }
    }
}

extension Shape where Value == Content {
    /// Milliseconds, or a number with one of HAProxy's units.
    fileprivate static var timeout: Shape {
        lineContent.checked { content in
            let text = content.plainText ?? ""
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            let unit = String(text.dropFirst(digits.count))
            return !digits.isEmpty && ["", "us", "ms", "s", "m", "h", "d"].contains(unit)
                ? nil : Fault("`\(content.shown.abbreviated)` is no time", hint: "write milliseconds, or such as 5s")
        }
    }
}

extension Shape where Value == NetworkSpec {
    /// `network:`.
    static var network: Shape {
        let netmask = Shape<String>.ipAddress.checked { text in
            IPAddress(text)?.isNetmask == true ? nil : Fault("`\(text)` is no netmask")
        }
        return section { section in
            NetworkSpec(
                position: section.position,
                interface: section.optional("interface", .text(.plain)),
                netmask: section.optional("netmask", netmask),
                gateway: section.optional("gateway", .ipAddress),
                nameservers: section.value("nameservers", .oneOrMore(of: .ipAddress)) ?? [],
                hosts: section.value("hosts", .settings(.host, values: .addressContent)) ?? [],
                enforce: section.optional("enforce", .boolean)
            )
        }
    }
}

extension Shape where Value == Content {
    fileprivate static var addressContent: Shape { Shape<String>.ipAddress.map { Content($0) } }
}
