/// Rules about one definition (marathon-api.md section 4).
///
/// Not checked, for nothing pure can: that `storeUrls` answer (up to 1.4), that a regular expression compiles, and what
/// providers of external volumes, plugins and DC/OS' migration labels want.
extension MarathonAppCodec {
    /// Checks one definition by itself.
    ///
    /// - Parameters:
    ///   - app: As `readApp` or `update` gave it.
    ///   - former: The app as it was, for rules about what may change.
    /// - Throws: 422, or what the release makes of it.
    public func validate(_ app: MarathonApp, former: MarathonApp? = nil) throws(MarathonFault) {
        let check = MarathonAppCheck(version: version, context: context, app: app, former: former)
        let violations =
            if version.readsRAML {
                check.ramlViolations
            } else if version.isAtLeast(1, 0) {
                check.accordViolations
            } else {
                check.beanViolations
            }
        if !version.isAtLeast(0, 13), !check.hasValidPortIndices {
            // An assertion: the servlet's error, whose body is a page of HTML there.
            throw .internalError("assertion failed: " + MarathonAppCheck.portIndices)
        }
        if !violations.isEmpty { throw .validation(version, violations) }
    }
}

/// One definition under the rules of one release; messages are those of its validators.
struct MarathonAppCheck {
    typealias Violation = MarathonFault.Violation

    let version: MarathonVersion
    let context: MarathonContext
    let app: MarathonApp
    let former: MarathonApp?

    static let portIndices =
        "Health check port indices must address an element of the ports array or container port mappings."
    static let commandRule =
        "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."

    /// 0.7 to 0.15: bean validation, by attributes.
    var beanViolations: [Violation] {
        var result: [Violation] = []
        if !hasCommand { result.append(.init(path: "/", attribute: "", Self.commandRule)) }
        let words = #"path contains invalid characters (allowed: lowercase letters, digits, hyphens, ".", "..")"#
        if !MarathonPath.isValid(app.id) { result.append(.init(path: "/id", attribute: "id", words)) }
        if MarathonPath.names(app.id).isEmpty { result.append(.init(path: "/id", attribute: "id", "must not be root")) }
        var strategy = [("minimumHealthCapacity", app.upgradeStrategy.minimumHealthCapacity)]
        if version.isAtLeast(0, 8) { strategy.append(("maximumOverCapacity", app.upgradeStrategy.maximumOverCapacity)) }
        let broken = strategy.first { !(0...1).contains($0.1) }
        if let (name, value) = broken {
            let words = value < 0 ? "is less than 0" : "is greater than 1"
            result.append(.init(path: "/upgradeStrategy/\(name)", words))
        }
        for (index, id) in app.dependencies.enumerated() where !MarathonPath.isValid(id) {
            result.append(.init(path: "/dependencies(\(index))", attribute: "dependencies[\(index)]", words))
        }
        if version.isAtLeast(0, 13), !hasValidPortIndices {
            result.append(.init(path: "/", attribute: "", Self.portIndices))
        }
        return result
    }

    /// A command or arguments or an image: up to 0.15 an image allows both of them.
    var hasCommand: Bool {
        let cmd = app.cmd.map { !$0.isEmpty || !version.isAtLeast(1, 0) } ?? false
        let args = app.args.map { !$0.isEmpty || !version.isAtLeast(1, 4) } ?? false
        guard version.isAtLeast(1, 0) else {
            let container = app.container.map { $0 != MarathonApp.Container() } ?? false
            return cmd != args || container
        }
        let container = app.container.map { container in
            let isImageless = container.docker == nil && container.appc == nil
            return !isImageless || container.type == "MESOS" && version.readsRAML
        }
        return cmd != args || !(cmd && args) && container ?? false
    }

    /// How many ports a health check can point at.
    var portCount: Int { app.mappedPorts?.count ?? app.ports.count }

    var hasValidPortIndices: Bool { app.healthChecks.allSatisfy(hasValidPort) }

    func hasValidPort(_ check: MarathonApp.HealthCheck) -> Bool {
        // 0.7 looks at commands as well.
        if check.protocol == "COMMAND" {
            guard !version.isAtLeast(0, 8) else { return true }
        } else if version.readsRAML, !["HTTP", "HTTPS", "TCP"].contains(check.protocol) {
            return true
        }
        if let index = check.portIndex { return 0..<portCount ~= index }
        return check.port != nil || portCount == 1
    }

    func isEnabled(_ feature: String) -> Bool { context.features.contains(feature) }

    static func disabled(_ feature: String) -> String {
        "Feature \(feature) is not enabled. Enable with --enable_features \(feature))"
    }

    var isSingleInstance: Bool {
        app.labels.contains { $0.name == "MARATHON_SINGLE_INSTANCE_APP" && $0.value == "true" }
    }
}
