extension MarathonAppCodec {
    /// The app as `GET /v2/apps` answers it; without counts and deployments as in groups, queues and `/versions/{ts}`.
    ///
    /// Key sets and order as the release's writer has them (marathon-api.md section 3). Fractions are `1.0` up to 0.12
    /// (Play JSON 2.3) and `1` after; Play's sets and maps of more than four members have no order of their own, here
    /// they keep the order of the body.
    /// - Parameters:
    ///   - app: Of this release.
    ///   - counts: Its tasks; healthy and unhealthy ones are told from 0.8.1.
    ///   - deployments: Ids of those that change it.
    ///   - extras: Embedded members, appended as they are (`tasks`, `lastTaskFailure`, …).
    /// - Returns: An object in the release's shape.
    public func json(
        _ app: MarathonApp,
        counts: MarathonTaskCounts? = nil,
        deployments: [String]? = nil,
        extras: [JSONObject.Member] = []
    ) -> JSON {
        var object = version.readsRAML ? ramlObject(app) : playObject(app, isJackson: false)
        append(counts, deployments, extras, to: &object)
        return .object(object)
    }

    /// The body of a POST's 201, where the app has no tasks yet.
    ///
    /// Up to 0.9 Jackson writes it, with null for nested options; 0.7 has no counts and deployments in it.
    /// - Parameters:
    ///   - app: As it was read: ports may be 0.
    ///   - deployment: The id of the one that starts it.
    /// - Returns: An object in the release's shape.
    public func createdJSON(_ app: MarathonApp, deployment: String) -> JSON {
        var app = app
        app.versionInfo = nil
        let isJackson = !version.isAtLeast(0, 10)
        var object = version.readsRAML ? ramlObject(app) : playObject(app, isJackson: isJackson)
        guard version.isAtLeast(0, 8) else { return .object(object) }
        let tasks = version.readsRAML ? [] : [JSONObject.Member("tasks", [])]
        append(MarathonTaskCounts(), [deployment], tasks, to: &object)
        return .object(object)
    }

    private func append(
        _ counts: MarathonTaskCounts?,
        _ deployments: [String]?,
        _ extras: [JSONObject.Member],
        to object: inout JSONObject
    ) {
        if let counts {
            object["tasksStaged"] = .integer(counts.staged)
            object["tasksRunning"] = .integer(counts.running)
            if version.isAtLeast(0, 8, 1) {
                object["tasksHealthy"] = .integer(counts.healthy)
                object["tasksUnhealthy"] = .integer(counts.unhealthy)
            }
        }
        if let deployments { object["deployments"] = .array(deployments.map { ["id": .string($0)] }) }
        for member in extras { object[member.key] = member.value }
    }

    /// Up to 1.4: every key is there, null where nothing is set.
    private func playObject(_ app: MarathonApp, isJackson: Bool) -> JSONObject {
        var object: JSONObject = [:]
        object["id"] = .string(app.id)
        object["cmd"] = Self.orNull(app.cmd.map(JSON.string))
        object["args"] = Self.orNull(app.args.map(Self.texts))
        object["user"] = Self.orNull(app.user.map(JSON.string))
        object["env"] = Self.environment(app)
        object["instances"] = .integer(app.instances)
        object["cpus"] = fraction(app.cpus)
        object["mem"] = fraction(app.mem)
        object["disk"] = fraction(app.disk)
        if version.isAtLeast(1, 3) { object["gpus"] = .integer(app.gpus) }
        object["executor"] = .string(app.executor)
        object["constraints"] = .array(app.constraints.map(Self.texts))
        object["uris"] = .array(app.fetch.map { .string($0.uri) })
        if version.isAtLeast(0, 15) { object["fetch"] = .array(app.fetch.map(fetchJSON)) }
        object["storeUrls"] = Self.texts(app.storeUrls)
        if !version.isAtLeast(1, 0) { appendPorts(app, to: &object) }
        object["backoffSeconds"] = Self.seconds(app.backoffSeconds)
        object["backoffFactor"] = fraction(app.backoffFactor)
        if version.isAtLeast(0, 8) { object["maxLaunchDelaySeconds"] = Self.seconds(app.maxLaunchDelaySeconds) }
        object["container"] = Self.orNull(app.container.map { containerJSON($0, isJackson: isJackson) })
        object["healthChecks"] = .array(app.healthChecks.map { healthCheckJSON($0, isJackson: isJackson) })
        if version.isAtLeast(1, 1) { object["readinessChecks"] = .array(app.readinessChecks) }
        object["dependencies"] = Self.texts(app.dependencies)
        object["upgradeStrategy"] = strategyJSON(app.upgradeStrategy)
        appendNewer(app, to: &object)
        return object
    }

    /// What came to the shape of 0.7 with time.
    private func appendNewer(_ app: MarathonApp, to object: inout JSONObject) {
        if version.isAtLeast(0, 8) { object["labels"] = Self.labels(app.labels) }
        let roles = app.acceptedResourceRoles.map(Self.texts)
        if version.isAtLeast(0, 9), !version.isAtLeast(1, 4) { object["acceptedResourceRoles"] = Self.orNull(roles) }
        if version.isAtLeast(0, 14) { object["ipAddress"] = Self.orNull(app.ipAddress) }
        object["version"] = .string(app.version.iso8601)
        if version.isAtLeast(1, 0) { object["residency"] = Self.orNull(app.residency) }
        if version.isAtLeast(1, 3) { object["secrets"] = app.secrets ?? [:] }
        if version.isAtLeast(1, 1) {
            object["taskKillGracePeriodSeconds"] = Self.orNull(app.taskKillGracePeriodSeconds.map(Self.seconds))
        }
        if version.isAtLeast(1, 4) {
            object["unreachableStrategy"] = app.unreachableStrategy
            object["killSelection"] = .string(app.killSelection)
            object["acceptedResourceRoles"] = roles
        }
        if version.isAtLeast(1, 0), app.ipAddress == nil { appendPorts(app, to: &object) }
        if version.keepsVersions { object["versionInfo"] = app.versionInfo.map(Self.versionInfo) }
    }

    /// `ports`, from 1.0 with `portDefinitions`, in which the service ports of mappings are told as well.
    private func appendPorts(_ app: MarathonApp, to object: inout JSONObject) {
        let servicePorts = app.servicePorts
        // From 0.9 they are those of the port mappings; before only once one of them was assigned.
        let ports = version.isAtLeast(0, 9) ? servicePorts : app.ports.map(\.port)
        object["ports"] = .array(ports.map(JSON.integer))
        if version.isAtLeast(1, 0) {
            var definitions = app.ports
            for (index, port) in servicePorts.enumerated() {
                if index == definitions.count { definitions.append(.init()) }
                definitions[index].port = port
            }
            // Play's zipAll makes the numbers 0 where there are more definitions than service ports.
            if !servicePorts.isEmpty {
                for index in definitions.indices.dropFirst(servicePorts.count) { definitions[index].port = 0 }
            }
            object["portDefinitions"] = .array(definitions.map(portJSON))
        }
        object["requirePorts"] = .bool(app.requirePorts)
    }

    private func portJSON(_ port: MarathonApp.Port) -> JSON {
        var object: JSONObject = ["port": .integer(port.port), "protocol": .string(port.protocol)]
        object["name"] = port.name.map(JSON.string)
        object["labels"] = Self.labels(port.labels)
        return .object(object)
    }

    private func fetchJSON(_ fetch: MarathonApp.Fetch) -> JSON {
        var object: JSONObject = [
            "uri": .string(fetch.uri), "extract": .bool(fetch.extract), "executable": .bool(fetch.executable),
            "cache": .bool(fetch.cache),
        ]
        object["destPath"] = fetch.destPath.map(JSON.string)
        return .object(object)
    }

    private func strategyJSON(_ strategy: MarathonApp.UpgradeStrategy) -> JSON {
        var object: JSONObject = ["minimumHealthCapacity": fraction(strategy.minimumHealthCapacity)]
        if version.isAtLeast(0, 8) { object["maximumOverCapacity"] = fraction(strategy.maximumOverCapacity) }
        return .object(object)
    }
}

/// Values that both writers have in common.
extension MarathonAppCodec {
    static func orNull(_ json: JSON?) -> JSON { json ?? .null }
    static func texts(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
    static func seconds(_ seconds: Double) -> JSON { .integer(Int(seconds)) }
    static func labels(_ labels: [MarathonApp.Label]) -> JSON { .object(JSONObject(labels)) }

    static func environment(_ app: MarathonApp) -> JSON {
        .object(JSONObject(members: app.env.map { ($0.name, $0.value) }))
    }

    static func versionInfo(_ info: MarathonApp.VersionInfo) -> JSON {
        [
            "lastScalingAt": .string(info.lastScalingAt.iso8601),
            "lastConfigChangeAt": .string(info.lastConfigChangeAt.iso8601),
        ]
    }

    /// A fraction as the release's Play JSON prints it: whole ones without point from 2.4, which came with 0.13.
    func fraction(_ value: Double) -> JSON {
        if version.isAtLeast(0, 13), let whole = Int(exactly: value) { return .integer(whole) }
        return .number(value)
    }
}
