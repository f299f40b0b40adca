extension MesosMaster {
    /// `/metrics/snapshot`: every name of the release, sorted, those measured here with their values, the others 0.
    func metrics(_ now: Moment) -> JSONObject {
        var names = version.atLeast(1, 0) ? MesosMetricNames.master1 : MesosMetricNames.master0
        if version.atLeast(1, 5) { names += MesosMetricNames.masterLate + MesosMetricNames.operations }
        var values = measured(now)
        if registrar.stores > 0 {
            let store = Double(Registrar.storeMilliseconds)
            values["registrar/state_fetch_ms"] = store
            values["registrar/state_store_ms"] = store
            if version.atLeast(1, 0) {
                for name in MesosMetricNames.statistics {
                    values["registrar/state_store_ms/\(name)"] = name == "count" ? Double(registrar.stores) : store
                }
            }
        } else {
            names.removeAll { $0 == "registrar/registry_size_bytes" }
            values["registrar/registry_size_bytes"] = nil
        }
        if version.atLeast(1, 0) {
            // The allocator runs on standbys too; how long a run takes nobody measures here.
            let runs = (now - started) / flags.milliseconds("allocation_interval", or: 1000)
            values["allocator/mesos/allocation_runs"] = Double(runs)
            for base in ["allocator/mesos/allocation_run_ms", "allocator/mesos/allocation_run_latency_ms"]
            where runs > 0 {
                names.append(base)
                names += MesosMetricNames.statistics.map { "\(base)/\($0)" }
                values["\(base)/count"] = Double(runs)
            }
        }
        let rest = MesosREST(version: version)
        var object = JSONObject()
        names += values.keys.filter { $0.hasPrefix("registrar/state_") }
        for name in Set(names).sorted() { object.append(name, rest.number(values[name] ?? 0)) }
        return object
    }

    private func measured(_ now: Moment) -> [String: Double] {
        var values: [String: Double] = [:]
        func set(_ name: String, _ value: Int) { values[name] = Double(value) }
        for name in MesosMetricNames.master1 where name.hasPrefix("master/") {
            set(name, counters[String(name.dropFirst("master/".count))])
        }
        set("master/elected", isElected ? 1 : 0)
        values["master/uptime_secs"] = Double(now - started) / 1000
        set("master/outstanding_offers", offers.count)
        let connected = agents.values.count(where: \.isConnected)
        let active = agents.values.count { $0.isActive && !isDeactivated($0) }
        set("master/slaves_connected", connected)
        set("master/slaves_disconnected", agents.count - connected)
        set("master/slaves_active", active)
        set("master/slaves_inactive", agents.count - active)
        set("master/slaves_unreachable", registrar.registry.unreachable.count)
        let known = frameworks.values.filter { version.atLeast(1, 2) || !$0.isRecovered }
        set("master/frameworks_connected", known.count(where: \.isConnected))
        set("master/frameworks_disconnected", known.count { !$0.isConnected })
        set("master/frameworks_active", known.count(where: \.isActive))
        set("master/frameworks_inactive", known.count { !$0.isActive })
        var states: [Mesos.TaskState: Int] = [:]
        for framework in frameworks.values {
            for task in framework.tasks.values { states[task.state, default: 0] += 1 }
        }
        set("master/tasks_unreachable", frameworks.values.reduce(0) { $0 + $1.unreachable.count })
        set("master/tasks_staging", states[.staging] ?? 0)
        set("master/tasks_starting", states[.starting] ?? 0)
        set("master/tasks_running", states[.running] ?? 0)
        set("master/tasks_killing", states[.killing] ?? 0)
        set("registrar/queued_operations", registrar.queue.count + registrar.inFlight.count)
        set("registrar/registry_size_bytes", registrar.size ?? 0)
        set("registrar/log/recovered", log?.isRecovered == true ? 1 : 0)
        set("registrar/log/ensemble_size", log?.members.count ?? 0)
        measureResources(&values)
        values.merge(MesosREST.system(facts)) { $1 }
        return values
    }

    private func measureResources(_ values: inout [String: Double]) {
        let total = agents.values.map(\.info.resources)
        let free = agents.values.map(\.free)
        let offered = offers.values.map(\.resources)
        for name in ["cpus", "mem", "disk"] {
            // In thousandths, so that the order of the parts does not show.
            func sum(_ list: [Mesos.Resources]) -> Double {
                Double(list.reduce(0) { $0 + Int(($1.scalar(name) * 1000).rounded()) }) / 1000
            }
            let all = sum(total)
            let taken = all - sum(free)
            let used = taken - sum(offered)
            values["master/\(name)_total"] = all
            values["master/\(name)_used"] = max(0, used)
            values["master/\(name)_percent"] = all > 0 ? max(0, used) / all : 0
            values["allocator/mesos/resources/\(name)/total"] = all
            values["allocator/mesos/resources/\(name)/offered_or_allocated"] = max(0, taken)
        }
    }

    /// `/stats.json` of 0.22 and before: a few figures, and the metrics.
    func stats(_ now: Moment) -> JSON {
        let rest = MesosREST(version: version)
        let active = agents.values.count(where: \.isActive)
        let known = frameworks.values.filter { !$0.isRecovered }
        var object: JSONObject = [
            "uptime": rest.number(Double(now - started) / 1000), "elected": rest.number(isElected ? 1 : 0),
            "total_schedulers": rest.number(known.count),
            "active_schedulers": rest.number(known.count(where: \.isActive)), "activated_slaves": rest.number(active),
            "deactivated_slaves": rest.number(agents.count - active), "outstanding_offers": rest.number(offers.count),
            "active_tasks_gauge": rest.number(known.reduce(0) { $0 + $1.tasks.count }),
        ]
        for name in ["finished", "killed", "failed", "lost"] {
            object["\(name)_tasks"] = rest.number(counters["tasks_\(name)"])
        }
        object["staged_tasks"] = rest.number(counters["messages_launch_tasks"])
        object["started_tasks"] = rest.number(0)
        for name in ["valid_status_updates", "invalid_status_updates"] { object[name] = rest.number(counters[name]) }
        let metrics = metrics(now)
        for name in ["cpus", "mem", "disk"] where !agents.isEmpty {
            for kind in ["total", "used", "percent"] { object["\(name)_\(kind)"] = metrics["master/\(name)_\(kind)"] }
        }
        for member in metrics.members { object.append(member.key, member.value) }
        return JSON.object(object).topLevelSorted
    }
}

extension JSONObject {
    /// Adds a member whose key is known to be new.
    mutating func append(_ key: String, _ value: JSON) { self[key] = value }
}

extension MesosREST {
    /// `system/…`; how busy the machine is nobody can say here.
    static func system(_ host: HostFacts) -> [String: Double] {
        let memory = Double(host.memoryMegabytes) * 1_048_576
        return [
            "system/cpus_total": Double(host.cpus), "system/load_1min": 0, "system/load_5min": 0,
            "system/load_15min": 0, "system/mem_total_bytes": memory, "system/mem_free_bytes": memory / 2,
        ]
    }
}
