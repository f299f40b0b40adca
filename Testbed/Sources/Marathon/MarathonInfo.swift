import Host
import Serving

/// `GET /v2/info`, with the keys of the release; a Marathon of the testbed elects itself.
func marathonInfo(_ line: MarathonCommandLine) -> JSON {
    let text = { (name: String, fallback: JSON) in line.values[name].map { JSON.text($0) } ?? fallback }
    let number = { (name: String, fallback: JSON) in line.values[name].map { JSON.number($0) } ?? fallback }
    let hostname = line.values["hostname"] ?? hostName()
    return [
        "name": "marathon", "version": .text(line.version), "buildref": "unknown", "elected": true,
        "leader": .text("\(hostname):\(line.values["http_port"] ?? "8080")"), "frameworkId": nil,
        "marathon_config": [
            "checkpoint": .boolean(line.isOn("checkpoint")), "executor": text("executor", "//cmd"),
            "failover_timeout": number("failover_timeout", 604_800),
            "framework_name": text("framework_name", "marathon"), "ha": .boolean(line.isOn("ha")),
            "hostname": .text(hostname), "local_port_max": number("local_port_max", 20_000),
            "local_port_min": number("local_port_min", 10_000), "master": text("master", nil),
            "mesos_role": text("mesos_role", nil), "mesos_user": text("mesos_user", nil),
            "reconciliation_initial_delay": number("reconciliation_initial_delay", 15_000),
            "reconciliation_interval": number("reconciliation_interval", 600_000),
            "task_launch_timeout": number("task_launch_timeout", 300_000), "webui_url": text("webui_url", nil),
        ],
        "zookeeper_config": [
            "zk": text("zk", "zk://localhost:2181/marathon"), "zk_timeout": number("zk_timeout", 10_000),
            "zk_session_timeout": number("zk_session_timeout", 10_000),
            "zk_max_versions": number("zk_max_versions", 50),
        ],
        "http_config": ["http_port": number("http_port", 8_080), "https_port": number("https_port", 8_443)],
    ]
}
