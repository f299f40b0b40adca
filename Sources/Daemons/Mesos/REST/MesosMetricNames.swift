/// The names of the metrics of each release, as `/metrics/snapshot` has them.
///
/// Sources: mesos-captures/ for 1.4.3 and 1.11.0; mesos 0.21.1, src/master/{master,registrar}.cpp and src/slave/slave.cpp.
enum MesosMetricNames {
    /// A master of 0.21.
    static let master0 = names(
        """
        master/cpus_percent master/cpus_total master/cpus_used master/disk_percent master/disk_total master/disk_used
        master/dropped_messages master/elected master/event_queue_dispatches master/event_queue_http_requests
        master/event_queue_messages master/frameworks_active master/frameworks_connected master/frameworks_disconnected
        master/frameworks_inactive master/invalid_framework_to_executor_messages
        master/invalid_status_update_acknowledgements master/invalid_status_updates master/mem_percent master/mem_total
        master/mem_used master/messages_authenticate master/messages_deactivate_framework master/messages_decline_offers
        master/messages_exited_executor master/messages_framework_to_executor master/messages_kill_task
        master/messages_launch_tasks master/messages_reconcile_tasks master/messages_register_framework
        master/messages_register_slave master/messages_reregister_framework master/messages_reregister_slave
        master/messages_resource_request master/messages_revive_offers master/messages_status_update
        master/messages_status_update_acknowledgement master/messages_unregister_framework
        master/messages_unregister_slave master/outstanding_offers master/recovery_slave_removals
        master/slave_registrations master/slave_removals master/slave_reregistrations master/slaves_active
        master/slaves_connected master/slaves_disconnected master/slaves_inactive master/tasks_failed
        master/tasks_finished master/tasks_killed master/tasks_lost master/tasks_running master/tasks_staging
        master/tasks_starting master/uptime_secs master/valid_framework_to_executor_messages
        master/valid_status_update_acknowledgements master/valid_status_updates registrar/queued_operations
        registrar/registry_size_bytes system/cpus_total system/load_15min system/load_1min system/load_5min
        system/mem_free_bytes system/mem_total_bytes
        """
    )

    /// A master of 1.4.
    static let master1 = names(
        """
        allocator/event_queue_dispatches allocator/mesos/allocation_runs allocator/mesos/event_queue_dispatches
        allocator/mesos/resources/cpus/offered_or_allocated allocator/mesos/resources/cpus/total
        allocator/mesos/resources/disk/offered_or_allocated allocator/mesos/resources/disk/total
        allocator/mesos/resources/mem/offered_or_allocated allocator/mesos/resources/mem/total master/cpus_percent
        master/cpus_revocable_percent master/cpus_revocable_total master/cpus_revocable_used master/cpus_total
        master/cpus_used master/disk_percent master/disk_revocable_percent master/disk_revocable_total
        master/disk_revocable_used master/disk_total master/disk_used master/dropped_messages master/elected
        master/event_queue_dispatches master/event_queue_http_requests master/event_queue_messages
        master/frameworks_active master/frameworks_connected master/frameworks_disconnected master/frameworks_inactive
        master/gpus_percent master/gpus_revocable_percent master/gpus_revocable_total master/gpus_revocable_used
        master/gpus_total master/gpus_used master/invalid_executor_to_framework_messages
        master/invalid_framework_to_executor_messages master/invalid_status_update_acknowledgements
        master/invalid_status_updates master/mem_percent master/mem_revocable_percent master/mem_revocable_total
        master/mem_revocable_used master/mem_total master/mem_used master/messages_authenticate
        master/messages_deactivate_framework master/messages_decline_offers master/messages_executor_to_framework
        master/messages_exited_executor master/messages_framework_to_executor master/messages_kill_task
        master/messages_launch_tasks master/messages_reconcile_tasks master/messages_register_framework
        master/messages_register_slave master/messages_reregister_framework master/messages_reregister_slave
        master/messages_resource_request master/messages_revive_offers master/messages_status_update
        master/messages_status_update_acknowledgement master/messages_suppress_offers
        master/messages_unregister_framework master/messages_unregister_slave master/messages_update_slave
        master/outstanding_offers master/recovery_slave_removals master/slave_registrations master/slave_removals
        master/slave_removals/reason_registered master/slave_removals/reason_unhealthy
        master/slave_removals/reason_unregistered master/slave_reregistrations master/slave_shutdowns_canceled
        master/slave_shutdowns_completed master/slave_shutdowns_scheduled master/slave_unreachable_canceled
        master/slave_unreachable_completed master/slave_unreachable_scheduled master/slaves_active
        master/slaves_connected master/slaves_disconnected master/slaves_inactive master/slaves_unreachable
        master/tasks_dropped master/tasks_error master/tasks_failed master/tasks_finished master/tasks_gone
        master/tasks_gone_by_operator master/tasks_killed master/tasks_killing master/tasks_lost master/tasks_running
        master/tasks_staging master/tasks_starting master/tasks_unreachable master/uptime_secs
        master/valid_executor_to_framework_messages master/valid_framework_to_executor_messages
        master/valid_status_update_acknowledgements master/valid_status_updates registrar/log/ensemble_size
        registrar/log/recovered registrar/queued_operations registrar/registry_size_bytes system/cpus_total
        system/load_15min system/load_1min system/load_5min system/mem_free_bytes system/mem_total_bytes
        """
    )

    /// What a master of 1.11 has more, beside the operations.
    static let masterLate = names(
        """
        master/http_cache_hits master/invalid_operation_status_update_acknowledgements
        master/invalid_operation_status_updates master/messages_operation_status_update
        master/messages_operation_status_update_acknowledgement master/messages_reconcile_operations
        master/operator_event_stream_subscribers master/valid_operation_status_update_acknowledgements
        master/valid_operation_status_updates
        """
    )

    /// An agent of 0.21.
    static let agent0 = names(
        """
        slave/executors_registering slave/executors_running slave/executors_terminated slave/executors_terminating
        slave/frameworks_active slave/invalid_framework_messages slave/invalid_status_updates slave/recovery_errors
        slave/registered slave/tasks_failed slave/tasks_finished slave/tasks_killed slave/tasks_lost slave/tasks_running
        slave/tasks_staging slave/tasks_starting slave/uptime_secs slave/valid_framework_messages
        slave/valid_status_updates system/cpus_total system/load_15min system/load_1min system/load_5min
        system/mem_free_bytes system/mem_total_bytes
        """
    )

    /// An agent of 1.4; `recovery_time_secs` came later.
    static let agent1 = names(
        """
        containerizer/fetcher/cache_size_total_bytes containerizer/fetcher/cache_size_used_bytes
        containerizer/fetcher/task_fetches_failed containerizer/fetcher/task_fetches_succeeded
        containerizer/mesos/container_destroy_errors containerizer/mesos/provisioner/bind/remove_rootfs_errors
        containerizer/mesos/provisioner/remove_container_errors slave/container_launch_errors slave/cpus_percent
        slave/cpus_revocable_percent slave/cpus_revocable_total slave/cpus_revocable_used slave/cpus_total
        slave/cpus_used slave/disk_percent slave/disk_revocable_percent slave/disk_revocable_total
        slave/disk_revocable_used slave/disk_total slave/disk_used slave/executor_directory_max_allowed_age_secs
        slave/executors_preempted slave/executors_registering slave/executors_running slave/executors_terminated
        slave/executors_terminating slave/frameworks_active slave/gpus_percent slave/gpus_revocable_percent
        slave/gpus_revocable_total slave/gpus_revocable_used slave/gpus_total slave/gpus_used
        slave/invalid_framework_messages slave/invalid_status_updates slave/mem_percent slave/mem_revocable_percent
        slave/mem_revocable_total slave/mem_revocable_used slave/mem_total slave/mem_used slave/recovery_errors
        slave/registered slave/tasks_failed slave/tasks_finished slave/tasks_gone slave/tasks_killed slave/tasks_killing
        slave/tasks_lost slave/tasks_running slave/tasks_staging slave/tasks_starting slave/uptime_secs
        slave/valid_framework_messages slave/valid_status_updates system/cpus_total system/load_15min system/load_1min
        system/load_5min system/mem_free_bytes system/mem_total_bytes
        """
    )

    /// `master/operations/…` of 1.11.
    static let operations: [String] = {
        let kinds = [
            "create", "create_disk", "destroy", "destroy_disk", "grow_volume", "reserve", "shrink_volume", "unreserve",
        ]
        let states = [
            "dropped", "error", "failed", "finished", "gone_by_operator", "pending", "recovering", "total",
            "unreachable",
        ]
        return states.map { "master/operations/\($0)" }
            + kinds.flatMap { kind in states.map { "master/operations/\(kind)/\($0)" } }
    }()

    /// What is measured over time is shown with its last value and these.
    static let statistics = ["count", "max", "min", "p50", "p90", "p95", "p99", "p999", "p9999"]

    private static func names(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
