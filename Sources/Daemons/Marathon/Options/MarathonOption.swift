/// An option of Marathon: how many words it takes, and in which releases it is known.
///
/// Sources: marathon-api.md 7.2 and 7.3; docs/command-line-flags.md of the releases.
struct MarathonOption {
    enum Kind {
        /// Given without a value; `--disable_NAME` turns it off.
        case toggle
        case number
        case text
    }

    let kind: Kind
    let since: MarathonVersion
    /// The first release without it.
    let until: MarathonVersion?

    func isKnown(by release: MarathonVersion) -> Bool { since <= release && until.map { release < $0 } ?? true }

    /// By name, for all releases.
    static let all: [String: MarathonOption] = {
        var options: [String: MarathonOption] = [:]
        for (names, kind, since, until) in table {
            for name in names.split(separator: " ") {
                options[String(name)] = MarathonOption(kind: kind, since: since, until: until)
                if kind == .toggle {
                    options["disable_" + name] = MarathonOption(kind: kind, since: since, until: until)
                }
            }
        }
        return options
    }()

    private static let early = MarathonVersion(0, 0)

    private static let table: [(String, Kind, MarathonVersion, MarathonVersion?)] = [
        ("ha checkpoint http", .toggle, early, nil),
        ("help version", .toggle, early, nil),
        ("zk_compression store_cache metrics tracing", .toggle, MarathonVersion(1, 0), nil),
        ("http_compression", .toggle, MarathonVersion(1, 3), nil),
        ("revive_offers_for_new_apps", .toggle, MarathonVersion(0, 9), MarathonVersion(1, 9)),
        ("gpu_enabled sync_backup", .toggle, MarathonVersion(1, 3), nil),
        ("leader_proxy_ssl_ignore_hostname", .toggle, MarathonVersion(1, 0), nil),
        ("metrics_prometheus metrics_statsd metrics_datadog", .toggle, MarathonVersion(1, 7), nil),
        ("maintenance_mode", .toggle, MarathonVersion(1, 8), nil),
        (
            "http_port https_port failover_timeout local_port_min local_port_max task_launch_timeout "
                + "reconciliation_initial_delay reconciliation_interval zk_timeout",
            .number, early, nil
        ),
        ("zk_future_timeout task_rate_limit", .number, early, MarathonVersion(0, 9)),
        ("marathon_store_timeout", .number, MarathonVersion(0, 8), MarathonVersion(1, 3)),
        (
            "scale_apps_initial_delay scale_apps_interval zk_max_versions",
            .number, MarathonVersion(0, 8), nil
        ),
        ("max_tasks_per_offer", .number, MarathonVersion(0, 8, 2), MarathonVersion(1, 5)),
        ("max_tasks_per_offer_cycle", .number, MarathonVersion(0, 8, 2), MarathonVersion(0, 9)),
        (
            "event_stream_max_outstanding_messages decline_offer_duration min_revive_offers_interval "
                + "leader_proxy_connection_timeout leader_proxy_read_timeout offer_matching_timeout",
            .number, MarathonVersion(0, 9), nil
        ),
        ("http_max_concurrent_requests max_apps", .number, MarathonVersion(0, 10), nil),
        ("revive_offers_repetitions", .number, MarathonVersion(0, 11), MarathonVersion(1, 9)),
        (
            "launch_tokens launch_token_refresh_interval task_reservation_timeout task_launch_confirm_timeout "
                + "zk_session_timeout zk_connection_timeout zk_max_node_size zk_compression_threshold "
                + "on_elected_prepare_timeout task_lost_expunge_gc task_lost_expunge_initial_delay "
                + "task_lost_expunge_interval mesos_heartbeat_interval mesos_heartbeat_failure_threshold "
                + "kill_chunk_size kill_retry_timeout kill_retry_max",
            .number, MarathonVersion(1, 0), nil
        ),
        ("max_instances_per_offer", .number, MarathonVersion(1, 4), nil),
        ("max_running_deployments", .number, MarathonVersion(1, 5), nil),
        (
            "master zk hostname executor mesos_role mesos_user http_credentials ssl_keystore_path "
                + "ssl_keystore_password mesos_authentication_principal mesos_authentication_secret_file",
            .text, early, nil
        ),
        ("event_subscriber http_endpoints artifact_store", .text, early, MarathonVersion(1, 5)),
        ("assets_path", .text, early, MarathonVersion(0, 11)),
        ("framework_name", .text, MarathonVersion(0, 7), nil),
        ("http_realm", .text, early, nil),
        (
            "webui_url http_address https_address access_control_allow_origin logging_level",
            .text, MarathonVersion(0, 8), nil
        ),
        ("reporter_graphite reporter_datadog", .text, MarathonVersion(0, 8), MarathonVersion(1, 7)),
        ("env_vars_prefix default_accepted_resource_roles mesos_leader_ui_url", .text, MarathonVersion(0, 9), nil),
        ("plugin_dir plugin_conf enable_features", .text, MarathonVersion(0, 12), nil),
        ("mesos_authentication_secret backup_location", .text, MarathonVersion(1, 3), nil),
        ("default_network_name", .text, MarathonVersion(1, 3), nil),
        ("mesos_bridge_name", .text, MarathonVersion(1, 5), nil),
        ("deprecated_features", .text, MarathonVersion(1, 6), nil),
        ("new_group_enforce_role", .text, MarathonVersion(1, 9), nil),
    ]
}
