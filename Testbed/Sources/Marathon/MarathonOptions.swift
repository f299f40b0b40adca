/// An option of Marathon: how many words it takes, and its type in `/v2/info`.
enum OptionKind {
    /// Given without a value; `--disable_NAME` turns it off.
    case toggle
    case number
    case text
}

/// Marathon's options by name, as documented for 1.4 to 1.11 (docs/command-line-flags.md).
let marathonOptions: [String: OptionKind] = {
    var options: [String: OptionKind] = [:]
    for name in [
        "checkpoint", "disable_checkpoint", "ha", "disable_ha", "disable_http", "zk_compression",
        "disable_zk_compression", "store_cache", "disable_store_cache", "disable_metrics", "disable_tracing", "metrics",
        "tracing", "revive_offers_for_new_apps", "disable_revive_offers_for_new_apps", "help", "version",
        "gpu_enabled", "sync_backup", "http_compression", "disable_http_compression", "metrics_prometheus",
        "draining_seconds_enabled",
    ] { options[name] = .toggle }
    for name in [
        "http_port", "https_port", "failover_timeout", "local_port_min", "local_port_max", "task_launch_timeout",
        "task_launch_confirm_timeout", "task_reservation_timeout", "reconciliation_initial_delay",
        "reconciliation_interval", "scale_apps_initial_delay", "scale_apps_interval", "zk_timeout",
        "zk_session_timeout", "zk_connection_timeout", "zk_max_versions", "zk_max_node_size",
        "zk_compression_threshold", "max_tasks_per_offer", "max_instances_per_offer", "max_apps",
        "max_running_deployments", "event_stream_max_outstanding_messages", "http_max_concurrent_requests",
        "decline_offer_duration", "min_revive_offers_interval", "offer_matching_timeout",
        "leader_proxy_connection_timeout", "leader_proxy_read_timeout", "launch_tokens",
        "launch_token_refresh_interval",
        "on_elected_prepare_timeout", "task_lost_expunge_initial_delay", "task_lost_expunge_interval",
        "mesos_heartbeat_interval", "mesos_heartbeat_failure_threshold", "kill_chunk_size", "kill_retry_timeout",
    ] { options[name] = .number }
    for name in [
        "master", "zk", "hostname", "framework_name", "executor", "http_address", "https_address", "http_credentials",
        "http_realm", "mesos_role", "mesos_user", "mesos_authentication_principal", "mesos_authentication_secret",
        "mesos_authentication_secret_file", "mesos_authentication", "mesos_leader_ui_url", "mesos_bridge_name",
        "webui_url", "artifact_store", "access_control_allow_origin", "default_accepted_resource_roles",
        "default_network_name", "enable_features", "deprecated_features", "env_vars_prefix", "event_subscriber",
        "http_endpoints", "new_group_enforce_role", "plugin_dir", "plugin_conf", "ssl_keystore_path",
        "ssl_keystore_password", "logging_level", "backup_location", "http_event_callback_slow_consumer_timeout",
    ] { options[name] = .text }
    return options
}()
