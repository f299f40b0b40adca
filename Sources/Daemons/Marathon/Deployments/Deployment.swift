/// A plan that is being carried out.
struct Deployment: Hashable, Sendable, Codable {
    struct Run: Hashable, Sendable, Codable {
        var action: DeploymentPlan.Action
        var isDone = false
        /// Of a ScaleApplication that kills.
        var isReducing = false
        /// Of a RestartApplication.
        var restart: RestartRun?
    }

    var plan: DeploymentPlan
    /// Of the step under way, from 0.
    var step = 0
    var runs: [Run] = []

    /// The item of `/v2/deployments` (marathon-api.md 1.8).
    func json(_ release: MarathonVersion) -> JSON {
        var object: JSONObject = [
            "id": .string(plan.id), "version": .string(plan.version.iso8601),
            "affectedApps": .array(plan.affectedApps.map(JSON.string)),
        ]
        if release >= .init(1, 4) { object["affectedPods"] = [] }
        object["steps"] = plan.stepsJSON(release)
        object["currentActions"] = .array(
            (step < plan.steps.count ? plan.steps[step] : []).map { action in
                guard release >= .init(1, 1), case .object(var item) = action.json(release) else {
                    return action.json(release)
                }
                item["readinessCheckResults"] = []
                return .object(item)
            })
        object["currentStep"] = .integer(step + 1)
        object["totalSteps"] = .integer(plan.steps.count)
        return .object(object)
    }
}

/// The replacement of an app's tasks, as far as it has come (marathon-api.md 5.2).
struct RestartRun: Hashable, Sendable, Codable {
    var instances: Int
    /// How many tasks there may be at a time.
    var capacity: Int
    /// Tasks of former definitions that are not yet over.
    var old: [String]
    /// Those of them that are still to be killed, first to last.
    var toKill: [String]
    /// How many tasks of the new definition have been asked for, less those that are over.
    var started: Int
    /// Tasks of the new definition that run and are well.
    var ready: Set<String> = []

    /// - Parameters:
    ///   - old: In the order in which they are to be killed.
    ///   - well: How many of all tasks run and are well.
    ///   - started: How many tasks of the new definition there are already; none up to 0.8, which replaces them too.
    /// - Returns: The run, and how many old tasks are to be killed at once.
    static func begin(
        _ app: MarathonApp,
        old: [String],
        well: Int,
        started: Int,
        release: MarathonVersion
    ) -> (run: RestartRun, killNow: Int) {
        let strategy = app.upgradeStrategy
        let floor = Int((Double(app.instances) * strategy.minimumHealthCapacity).rounded(.up))
        var capacity = Int(Double(app.instances) * (1 + strategy.maximumOverCapacity))
        // 0.7 knows no over-capacity of its own: it starts all new ones beside the old.
        if release < .init(0, 8) { capacity = 2 * app.instances }
        let current = release < .init(0, 9) ? old.count : well
        var killNow = max(0, current - floor)
        if release < .init(0, 9) {
            if killNow == 0, capacity == app.instances { capacity += 1 }
        } else {
            if floor == capacity, capacity <= current { capacity += 1 }
            if app.instances < current { killNow = max(killNow, current - app.instances) }
        }
        let run = RestartRun(
            instances: app.instances, capacity: capacity, old: old, toKill: old, started: started)
        return (run, min(killNow, old.count))
    }

    /// How many tasks may be started now.
    var toStart: Int { max(0, min(instances - started, capacity - old.count - started)) }

    func isDone(_ release: MarathonVersion) -> Bool {
        ready.count >= instances && (release < .init(0, 13) || old.isEmpty)
    }
}

/// All deployments under way, and the apps they have locked.
struct DeploymentTable: Hashable, Sendable, Codable {
    private var byID: [String: Deployment] = [:]
    private var order: [String] = []
    private var locks: [String: String] = [:]
    /// Plans of the leader before, not yet begun again.
    var stored: [DeploymentPlan] = []

    var all: [Deployment] { order.compactMap { byID[$0] } }
    var count: Int { order.count }

    subscript(id: String) -> Deployment? {
        get { byID[id] }
        set {
            guard byID[id] != nil else { return }
            byID[id] = newValue
        }
    }

    /// The deployment that has locked an app.
    func lock(of app: String) -> String? { locks[app] }

    /// Deployments that have locked one of the apps, in their order.
    func conflicts(_ apps: [String]) -> [String] {
        let ids = Set(apps.compactMap { locks[$0] })
        return order.filter(ids.contains)
    }

    mutating func add(_ deployment: Deployment) {
        let id = deployment.plan.id
        byID[id] = deployment
        order.append(id)
        for app in deployment.plan.affectedApps { locks[app] = id }
    }

    /// Ends a deployment, and gives its apps free.
    mutating func remove(_ id: String) -> Deployment? {
        guard let deployment = byID.removeValue(forKey: id) else { return nil }
        order.removeAll { $0 == id }
        for app in deployment.plan.affectedApps where locks[app] == id { locks[app] = nil }
        return deployment
    }
}
