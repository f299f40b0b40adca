extension MesosAgent {
    /// Takes up the id and the tasks of the agent that ran here before, or refuses to (mesos-zk-ops.md 4.1).
    mutating func recover(_ start: DaemonStart, _ effects: inout [DaemonEffect]) throws(DaemonExit) {
        let boot = start.readFile(paths.bootID)
        let isRebooted = boot.map { $0 != start.host.bootID } ?? false
        guard let text = start.readFile(paths.latestInfo), let previous = Self.info(reading: text) else { return }
        if isRebooted, !version.atLeast(1, 4) {
            return effects.append(.log(.info, "Slave host rebooted"))
        }
        var current = info
        current.id = previous.id
        let compatibility = AgentCompatibility(
            version: version,
            policy: flags["reconfiguration_policy"] ?? "equal"
        )
        if flags["recover"] != "cleanup", let fault = compatibility.fault(previous: previous, current: current) {
            guard isRebooted else { throw recoveryFailed(fault) }
            effects.append(.log(.warning, "Falling back to recover as a new agent due to error: \(fault)"))
            return
        }
        info = version.atLeast(1, 5) ? current : previous
        readTasks(start.readFile(paths.latestTasks) ?? "")
    }

    private static func info(reading text: String) -> Mesos.AgentInfo? {
        do throws(JSONFault) {
            guard let info = Mesos.AgentInfo(try JSON(parsing: text)), !info.id.isEmpty else { return nil }
            return info
        } catch {
            return nil
        }
    }

    private mutating func readTasks(_ text: String) {
        let json: JSON
        do throws(JSONFault) { json = try JSON(parsing: text) } catch { return }
        for framework in json.list("frameworks", { Mesos.FrameworkInfo($0) }) {
            if let id = framework.id { frameworks[id] = framework }
        }
        for run in json.list("runs", { Run($0) }) {
            runs[run.key] = run
            keys[run.container] = run.key
        }
    }

    func checkpointInfo(_ effects: inout [DaemonEffect]) {
        guard info.checkpoint else { return }
        effects.append(.write(path: paths.info(info.id), text: info.json().text))
        effects.append(.link(path: paths.latest, to: paths.directory(info.id)))
        checkpointTasks(&effects)
    }

    func checkpointTasks(_ effects: inout [DaemonEffect]) {
        guard info.checkpoint, !info.id.isEmpty else { return }
        let kept = runs.values.filter { frameworks[$0.key.framework]?.checkpoint != false }
        let json: JSON = [
            "frameworks": .array(frameworks.values.sorted { ($0.id ?? "") < ($1.id ?? "") }.map(\.json)),
            "runs": .array(kept.sorted { $0.key < $1.key }.map(\.json)),
        ]
        effects.append(.write(path: paths.tasks(info.id), text: json.text))
    }

    /// What the machine says is still running: the rest has ended, and what nobody knows is an orphan.
    mutating func recovered(_ containers: [String], _ now: Moment, _ effects: inout [DaemonEffect]) {
        guard !isRecovered else { return }
        isRecovered = true
        effects.append(.log(.info, "Finished recovery"))
        let present = Set(containers)
        for container in containers where keys[container] == nil && flags["docker_kill_orphans"] != "false" {
            effects.append(.container(.kill(id: container, graceMilliseconds: 0)))
        }
        guard flags["recover"] != "cleanup" else {
            for run in runs.values.sorted(by: { $0.key < $1.key }) where present.contains(run.container) {
                effects.append(.container(.kill(id: run.container, graceMilliseconds: 0)))
            }
            effects.append(.remove(path: paths.latest))
            return effects.append(.exit(DaemonExit(status: 0, "Cleaned up old executors")))
        }
        for key in runs.keys.sorted() {
            guard let run = runs[key], !run.task.state.isTerminal, !present.contains(run.container) else { continue }
            end(key, .failed, "Executor terminated", "REASON_EXECUTOR_TERMINATED", now, &effects)
        }
        beginRegistration(now)
    }
}
