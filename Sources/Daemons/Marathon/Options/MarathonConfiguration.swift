/// What a Marathon was started with: its options as given, and what they mean.
struct MarathonConfiguration: Hashable, Sendable, Codable {
    let release: MarathonVersion
    private let values: [String: String]
    /// Name or address it announces itself by.
    let hostname: String
    let zk: ZooKeeperURL
    /// The master's ZooKeeper group, nil with a fixed master.
    let masterGroup: ZooKeeperURL?
    let masterEndpoint: Endpoint?

    /// - Throws: The words and the status the release ends with.
    init(_ start: DaemonStart) throws(DaemonExit) {
        guard let release = MarathonVersion(start.version) else {
            throw DaemonExit("no release of Marathon: '\(start.version)'")
        }
        self.release = release
        let line = try MarathonCommandLine(start, release: release)
        values = line.values
        hostname = line.values["hostname"] ?? start.host.hostname
        guard let master = line.values["master"] else {
            throw MarathonCommandLine.refusal("Required option 'master' not found", release)
        }
        do throws(DaemonExit) {
            zk = try ZooKeeperURL(
                line.values["zk"] ?? "zk://localhost:2181/marathon", defaultPort: release < .init(0, 8) ? nil : 2181)
            masterGroup = master.hasPrefix("zk://") ? try ZooKeeperURL(master, defaultPort: 2181) : nil
        } catch {
            throw MarathonCommandLine.refusal(error.message, release)
        }
        masterEndpoint = Endpoint(master)
        guard masterGroup != nil || masterEndpoint != nil else {
            throw MarathonCommandLine.refusal("Bad arguments for option 'master': '\(master)'", release)
        }
    }

    /// The text of an option, nil where it was not given.
    func text(_ name: String) -> String? { values[name] }

    func number(_ name: String, _ fallback: Int) -> Int { values[name].flatMap { Int($0) } ?? fallback }

    /// Whether a toggle is on.
    func isOn(_ name: String, byDefault fallback: Bool = true) -> Bool {
        if values["disable_" + name] != nil { return false }
        return values[name] != nil || fallback
    }

    /// The parts of a value that is a list with commas.
    func list(_ name: String) -> [String] {
        (values[name] ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension MarathonConfiguration {
    var httpPort: Int { number("http_port", 8080) }
    /// `host:port` as it stands in ZooKeeper, and as leader proxies ask for it.
    var announced: String { "\(hostname):\(httpPort)" }
    var isHighlyAvailable: Bool { isOn("ha") }

    /// Milliseconds (marathon-api.md 7.2).
    var sessionMilliseconds: Int {
        release < .init(1, 0) ? number("zk_timeout", 10_000) : number("zk_session_timeout", 10_000)
    }

    var frameworkName: String { text("framework_name") ?? (release < .init(0, 8) ? "marathon-\(release)" : "marathon") }
    var role: String { text("mesos_role") ?? "*" }
    var failoverTimeoutSeconds: Int { number("failover_timeout", 604_800) }
    var taskLaunchTimeout: Int { number("task_launch_timeout", release < .init(0, 8) ? 60_000 : 300_000) }
    var reconciliationInitialDelay: Int {
        number("reconciliation_initial_delay", release < .init(0, 8) ? 300_000 : 15_000)
    }
    var reconciliationInterval: Int { number("reconciliation_interval", release < .init(1, 0) ? 300_000 : 600_000) }
    var scaleAppsInitialDelay: Int { number("scale_apps_initial_delay", 15_000) }
    var scaleAppsInterval: Int { number("scale_apps_interval", 300_000) }
    var maxRunningDeployments: Int? { release < .init(1, 5) ? nil : number("max_running_deployments", 100) }

    /// How many versions of an app and of the root are kept; nil: all (marathon-api.md 1.4).
    var keptVersions: Int? {
        if release < .init(0, 9) { return text("zk_max_versions").flatMap { Int($0) } }
        return number("zk_max_versions", release < .init(1, 4) ? 25 : 50)
    }

    var tasksPerOffer: Int {
        release < .init(1, 0) ? number("max_tasks_per_offer", 1) : number("max_instances_per_offer", number("max_tasks_per_offer", 5))
    }

    /// Seconds for which an unwanted offer is declined; nil for Mesos' own 5.
    var declineSeconds: Double? {
        release < .init(0, 9) ? nil : Double(number("decline_offer_duration", 120_000)) / 1000
    }

    /// Milliseconds between two revivals; nil where offers are never revived.
    var reviveInterval: Int? { release < .init(0, 9) ? nil : number("min_revive_offers_interval", 5000) }

    var credentials: String? { text("http_credentials") }
    /// marathon-api.md 1.0.
    var realm: String { text("http_realm") ?? (release < .init(0, 8) ? "chaos-realm" : "Mesosphere") }
    var statesDirectory: String { (zk.path == "/" ? "" : zk.path) + "/state" }
    var leaderDirectory: String { (zk.path == "/" ? "" : zk.path) + "/leader" }

    var context: MarathonContext {
        var context = MarathonContext()
        context.mesosRole = text("mesos_role")
        context.defaultNetworkName = text("default_network_name")
        context.mesosBridgeName = text("mesos_bridge_name") ?? context.mesosBridgeName
        context.features = list("enable_features")
        let (low, high) = (number("local_port_min", 10_000), number("local_port_max", 20_000))
        context.localPorts = low..<max(low, high)
        context.maxApps = text("max_apps").flatMap { Int($0) }
        return context
    }
}
