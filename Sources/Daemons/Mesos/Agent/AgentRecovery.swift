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
        readTasks { [paths] path in start.readFile("\(paths.latest)/\(path)").flatMap(Self.json) }
    }

    private static func info(reading text: String) -> Mesos.AgentInfo? {
        guard let info = json(text).flatMap({ Mesos.AgentInfo($0) }), !info.id.isEmpty else { return nil }
        return info
    }

    private static func json(_ text: String) -> JSON? {
        do throws(JSONFault) { return try JSON(parsing: text) } catch { return nil }
    }

    /// Takes up what `read` finds by its path below the agent's directory.
    private mutating func readTasks(_ read: (String) -> JSON?) {
        guard let index = read("tasks.index") else { return }
        for id in index.list("frameworks", \.string) {
            guard let framework = read(paths.frameworkInfo(id)).flatMap({ Mesos.FrameworkInfo($0) }) else { continue }
            frameworks[id] = framework
        }
        for path in index.list("tasks", \.string) {
            guard let run = read(path).flatMap({ Run($0) }) else { continue }
            runs[run.key] = run
            keys[run.container] = run.key
        }
    }

    func checkpointInfo(_ effects: inout [DaemonEffect]) {
        guard info.checkpoint else { return }
        effects.append(.write(path: paths.info(info.id), text: info.json().text))
        effects.append(.link(path: paths.latest, to: paths.directory(info.id)))
    }

    private func isCheckpointed(_ framework: String) -> Bool {
        info.checkpoint && !info.id.isEmpty && frameworks[framework]?.checkpoint != false
    }

    private func checkpoint(_ path: String, _ json: JSON, _ effects: inout [DaemonEffect]) {
        effects.append(.write(path: "\(paths.directory(info.id))/\(path)", text: json.text))
    }

    func checkpointFramework(_ id: String, _ effects: inout [DaemonEffect]) {
        guard isCheckpointed(id), let framework = frameworks[id] else { return }
        checkpoint(paths.frameworkInfo(id), framework.json, &effects)
    }

    /// After each change of a task: hundreds may share an agent, so only this one is written.
    func checkpointTask(_ key: TaskKey, _ effects: inout [DaemonEffect]) {
        guard isCheckpointed(key.framework), let run = runs[key] else { return }
        checkpoint(paths.task(key, container: run.container), run.json, &effects)
    }

    /// After a task has come or gone.
    func checkpointIndex(_ effects: inout [DaemonEffect]) {
        guard info.checkpoint, !info.id.isEmpty else { return }
        let kept = frameworks.keys.filter(isCheckpointed).sorted()
        let tasks = runs.values.filter { isCheckpointed($0.key.framework) }
            .map { paths.task($0.key, container: $0.container) }
        let json: JSON = [
            "frameworks": .array(kept.map { .string($0) }), "tasks": .array(tasks.sorted().map { .string($0) }),
        ]
        effects.append(.write(path: paths.index(info.id), text: json.text))
    }

    /// Before what is below it goes from the index; `path` is that of a task's executor or of a framework.
    func removeCheckpoint(_ path: String, _ effects: inout [DaemonEffect]) {
        guard info.checkpoint, !info.id.isEmpty else { return }
        effects.append(.remove(path: "\(paths.directory(info.id))/\(path)"))
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
