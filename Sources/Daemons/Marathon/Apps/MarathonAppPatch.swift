/// What a body says of an app: nil for what it leaves out, deprecated names still apart from the new ones.
struct MarathonAppPatch {
    var id: String?
    var cmd: String?
    var args: [String]?
    var user: String?
    var env: [MarathonApp.EnvironmentEntry]?
    var instances: Int?
    var cpus: Double?
    var mem: Double?
    var disk: Double?
    var gpus: Int?
    var executor: String?
    var constraints: [[String]]?
    var uris: [String]?
    var fetch: [MarathonApp.Fetch]?
    var storeUrls: [String]?
    var ports: [Int]?
    var portDefinitions: [MarathonApp.Port]?
    var requirePorts: Bool?
    var backoffSeconds: Double?
    var backoffFactor: Double?
    var maxLaunchDelaySeconds: Double?
    var container: MarathonApp.Container?
    /// From 1.5, where they are not yet those of the container.
    var dockerPortMappings: [MarathonApp.PortMapping]?
    var networks: [MarathonApp.Network]?
    var healthChecks: [MarathonApp.HealthCheck]?
    var readinessChecks: [JSON]?
    var check: JSON?
    /// As given.
    var dependencies: [String]?
    var upgradeStrategy: MarathonApp.UpgradeStrategy?
    var labels: [MarathonApp.Label]?
    var acceptedResourceRoles: [String]?
    var role: String?
    var ipAddress: JSON?
    var residency: JSON?
    var secrets: JSON?
    var taskKillGracePeriodSeconds: Double?
    var unreachableStrategy: JSON?
    var killSelection: String?
    var tty: Bool?
    var executorResources: JSON?
    var resourceLimits: JSON?
    var version: Moment?
}

extension MarathonAppPatch {
    /// Everything there is to say of an app, in the new names.
    init(_ app: MarathonApp, readsRAML: Bool) {
        (id, cmd, args, user, env) = (app.id, app.cmd, app.args, app.user, app.env)
        (instances, cpus, mem, disk, gpus) = (app.instances, app.cpus, app.mem, app.disk, app.gpus)
        (executor, constraints, fetch, storeUrls) = (app.executor, app.constraints, app.fetch, app.storeUrls)
        let isOnHost = app.networks.allSatisfy { $0.mode == .host }
        portDefinitions = isOnHost || !readsRAML ? app.ports : nil
        requirePorts = app.requirePorts
        (backoffSeconds, backoffFactor) = (app.backoffSeconds, app.backoffFactor)
        maxLaunchDelaySeconds = app.maxLaunchDelaySeconds
        (container, networks) = (app.container, app.networks)
        if readsRAML, isOnHost { container?.portMappings = nil }
        (healthChecks, readinessChecks, check) = (app.healthChecks, app.readinessChecks, app.check)
        (dependencies, upgradeStrategy, labels) = (app.dependencies, app.upgradeStrategy, app.labels)
        (acceptedResourceRoles, role) = (app.acceptedResourceRoles, app.role)
        (ipAddress, residency, secrets) = (app.ipAddress, app.residency, app.secrets)
        taskKillGracePeriodSeconds = app.taskKillGracePeriodSeconds
        (unreachableStrategy, killSelection) = (app.unreachableStrategy, app.killSelection)
        (tty, executorResources, resourceLimits) = (app.tty, app.executorResources, app.resourceLimits)
    }

    /// Every field that `update` has replaces the whole old one; there is no deeper merge (marathon-api.md 2.1).
    mutating func merge(_ update: MarathonAppPatch) {
        func replace<Value>(_ field: WritableKeyPath<MarathonAppPatch, Value?>) {
            if let value = update[keyPath: field] { self[keyPath: field] = value }
        }
        replace(\.cmd)
        replace(\.args)
        replace(\.user)
        replace(\.env)
        replace(\.instances)
        replace(\.cpus)
        replace(\.mem)
        replace(\.disk)
        replace(\.gpus)
        replace(\.executor)
        replace(\.constraints)
        replace(\.fetch)
        replace(\.storeUrls)
        replace(\.portDefinitions)
        replace(\.requirePorts)
        replace(\.backoffSeconds)
        replace(\.backoffFactor)
        replace(\.maxLaunchDelaySeconds)
        replace(\.container)
        replace(\.networks)
        replace(\.healthChecks)
        replace(\.readinessChecks)
        replace(\.check)
        replace(\.dependencies)
        replace(\.upgradeStrategy)
        replace(\.labels)
        replace(\.acceptedResourceRoles)
        replace(\.role)
        replace(\.ipAddress)
        replace(\.residency)
        replace(\.secrets)
        replace(\.taskKillGracePeriodSeconds)
        replace(\.unreachableStrategy)
        replace(\.killSelection)
        replace(\.tty)
    }

    /// Whether anything beside `id` and `version` is said, which a `version` may not be combined with.
    var saysMoreThanVersion: Bool {
        var rest = self
        (rest.id, rest.version) = (nil, nil)
        return Mirror(reflecting: rest).children.contains { child in
            Mirror(reflecting: child.value).children.first != nil
        }
    }
}
