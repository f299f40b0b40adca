extension MarathonEngine {
    /// `GET /v2/info`, with the keys of the release (marathon-api.md 7.3); flags that are not set are null.
    var info: JSON {
        var object: JSONObject = ["name": "marathon", "version": .string("\(release)")]
        if release >= .init(1, 3) { object["buildref"] = "unknown" }
        if release >= .init(0, 8) { object["elected"] = true }
        object["leader"] = .string(configuration.announced)
        object["frameworkId"] = framework.id.map(JSON.string) ?? .null
        let writer = InfoWriter(configuration: configuration, masterInfo: framework.masterInfo)
        object["marathon_config"] = writer.marathonConfig
        object["zookeeper_config"] = writer.zookeeperConfig
        if release < .init(1, 5) { object["event_subscriber"] = writer.eventSubscriber }
        object["http_config"] = writer.httpConfig
        return .object(object)
    }
}

private struct InfoWriter {
    let configuration: MarathonConfiguration
    let masterInfo: Mesos.MasterInfo?

    private var release: MarathonVersion { configuration.release }

    private func text(_ name: String, _ fallback: String? = nil) -> JSON {
        (configuration.text(name) ?? fallback).map(JSON.string) ?? .null
    }

    private func number(_ name: String, _ fallback: Int) -> JSON { .integer(configuration.number(name, fallback)) }

    private func connection(_ name: String, _ fallback: String? = nil) -> JSON {
        guard release >= .init(1, 7), let url = configuration.text(name) ?? fallback else { return text(name, fallback) }
        return .string(Self.redacted(url))
    }

    /// Passwords do not show from 1.7 on.
    private static func redacted(_ url: String) -> String {
        guard let scheme = url.firstIndex(of: ":"), let at = url.lastIndex(of: "@") else { return url }
        let start = url.index(scheme, offsetBy: 3, limitedBy: at) ?? at
        return url[..<start] + "xxxxxxxx:xxxxxxxx" + url[at...]
    }

    var marathonConfig: JSON {
        var object: JSONObject = [
            "master": connection("master"), "failover_timeout": number("failover_timeout", 604_800),
            "ha": .bool(configuration.isHighlyAvailable), "checkpoint": .bool(configuration.isOn("checkpoint")),
            "local_port_min": number("local_port_min", 10_000), "local_port_max": number("local_port_max", 20_000),
            "executor": text("executor", "//cmd"), "hostname": .string(configuration.hostname),
            "mesos_role": text("mesos_role"), "task_launch_timeout": .integer(configuration.taskLaunchTimeout),
            "reconciliation_initial_delay": .integer(configuration.reconciliationInitialDelay),
            "reconciliation_interval": .integer(configuration.reconciliationInterval),
            "mesos_user": text("mesos_user"),
        ]
        if release >= .init(0, 8) { object["webui_url"] = text("webui_url") }
        if release >= .init(0, 8), release < .init(1, 3) {
            object["marathon_store_timeout"] = number("marathon_store_timeout", 2000)
        }
        if release >= .init(1, 3) { addMiddle(&object) }
        if release >= .init(1, 4) { addLate(&object) }
        return .object(object)
    }

    private func addMiddle(_ object: inout JSONObject) {
        object["webui_url"] = text("webui_url", "http://\(configuration.announced)")
        object["framework_name"] = .string(configuration.frameworkName)
        object["task_reservation_timeout"] = number("task_reservation_timeout", 20_000)
        object["leader_proxy_connection_timeout_ms"] = number("leader_proxy_connection_timeout", 5000)
        object["leader_proxy_read_timeout_ms"] = number("leader_proxy_read_timeout", 10_000)
        object["features"] = .array(configuration.list("enable_features").sorted().map(JSON.string))
        let master = masterInfo.map { "http://\($0.hostname):\($0.endpoint.port)/" }
        object["mesos_leader_ui_url"] = text("mesos_leader_ui_url", master)
    }

    private func addLate(_ object: inout JSONObject) {
        let origins = configuration.list("access_control_allow_origin")
        object["access_control_allow_origin"] = origins.isEmpty ? .null : .array(origins.map(JSON.string))
        object["default_network_name"] = text("default_network_name")
        object["env_vars_prefix"] = text("env_vars_prefix")
        object["store_cache"] = .bool(configuration.isOn("store_cache"))
        let instances = configuration.number("max_tasks_per_offer", 5)
        let numbers = [
            ("decline_offer_duration", 120_000), ("launch_token_refresh_interval", 30_000),
            ("max_instances_per_offer", instances), ("mesos_heartbeat_failure_threshold", 5),
            ("mesos_heartbeat_interval", 15_000), ("min_revive_offers_interval", 5000),
            ("offer_matching_timeout", release < .init(1, 5) ? 1000 : 3000), ("on_elected_prepare_timeout", 180_000),
            ("scale_apps_initial_delay", 15_000), ("scale_apps_interval", 300_000),
            ("task_launch_confirm_timeout", 300_000), ("task_lost_expunge_initial_delay", 300_000),
            ("task_lost_expunge_interval", 30_000),
        ]
        for (name, fallback) in numbers { object[name] = number(name, fallback) }
        object["launch_token"] = number("launch_tokens", 100)
        if release < .init(1, 9) {
            object["revive_offers_for_new_apps"] = .bool(configuration.isOn("revive_offers_for_new_apps"))
            object["revive_offers_repetitions"] = number("revive_offers_repetitions", 3)
        }
        if release < .init(1, 5) { object["task_lost_expunge_gc"] = number("task_lost_expunge_gc", 75_000) }
        if release >= .init(1, 5) { object["mesos_bridge_name"] = text("mesos_bridge_name", "mesos-bridge") }
        if release >= .init(1, 9) {
            object["new_group_enforce_role"] = text("new_group_enforce_role", "off")
            object["maintenance_mode"] = .bool(configuration.isOn("maintenance_mode"))
        }
    }

    var zookeeperConfig: JSON {
        let zk = connection("zk", "zk://localhost:2181/marathon")
        if release < .init(1, 0) { return earlyZookeeperConfig(zk) }
        var object: JSONObject = [
            "zk": zk, "zk_timeout": number("zk_timeout", 10_000),
            "zk_session_timeout": number("zk_session_timeout", 10_000),
            "zk_max_versions": configuration.keptVersions.map(JSON.integer) ?? .null,
        ]
        if release >= .init(1, 4) {
            object["zk_compression"] = .bool(configuration.isOn("zk_compression"))
            object["zk_compression_threshold"] = number("zk_compression_threshold", 65_536)
            object["zk_connection_timeout"] = number("zk_connection_timeout", 10_000)
            object["zk_max_node_size"] = number("zk_max_node_size", 1_024_000)
        }
        return .object(object)
    }

    private func earlyZookeeperConfig(_ zk: JSON) -> JSON {
        let hosts = configuration.zk.servers.map(\.description).joined(separator: ",")
        var object: JSONObject = [
            "zk": zk, "zk_hosts": .string(hosts), "zk_path": .string(configuration.zk.path),
            "zk_future_timeout": ["duration": 10],
        ]
        if release < .init(0, 8) {
            object["zk_state"] = .string(configuration.zk.path)
            object["zk_timeout"] = number("zk_timeout", 10_000)
        } else {
            object["zk_timeout"] = ["duration": number("zk_timeout", 10_000)]
        }
        return .object(object)
    }

    var eventSubscriber: JSON {
        guard let type = configuration.text("event_subscriber") else { return .null }
        let separator: Character = release < .init(0, 9) ? " " : ","
        let endpoints = (configuration.text("http_endpoints") ?? "").split(separator: separator)
        return ["type": .string(type), "http_endpoints": .array(endpoints.map { .string(String($0)) })]
    }

    var httpConfig: JSON {
        var object: JSONObject = [:]
        if release < .init(0, 11) { object["assets_path"] = text("assets_path") }
        object["http_port"] = .integer(configuration.httpPort)
        object["https_port"] = number("https_port", 8443)
        return .object(object)
    }
}
