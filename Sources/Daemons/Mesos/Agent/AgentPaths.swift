/// Where an agent keeps what must survive it (src/slave/paths.cpp).
struct AgentPaths: Hashable, Sendable, Codable {
    let workDirectory: String

    var meta: String { "\(workDirectory)/meta" }
    var bootID: String { "\(meta)/boot_id" }
    var latest: String { "\(meta)/slaves/latest" }
    var latestInfo: String { "\(latest)/slave.info" }
    /// Which tasks there are; the real agent lists directories instead.
    var latestIndex: String { "\(latest)/tasks.index" }

    func directory(_ agent: String) -> String { "\(meta)/slaves/\(agent)" }
    func info(_ agent: String) -> String { "\(directory(agent))/slave.info" }
    func index(_ agent: String) -> String { "\(directory(agent))/tasks.index" }

    // Below the directory of an agent.

    func framework(_ id: String) -> String { "frameworks/\(id)" }
    func frameworkInfo(_ id: String) -> String { "\(framework(id))/framework.info" }

    /// A task has an executor of its own, with its id.
    func executor(_ key: TaskKey) -> String { "\(framework(key.framework))/executors/\(key.task)" }

    /// With what the real agent keeps in `task.updates`.
    func task(_ key: TaskKey, container: String) -> String {
        "\(executor(key))/runs/\(container.replacingFirst("mesos-", ""))/tasks/\(key.task)/task.info"
    }

    func sandbox(agent: String, framework: String, executor: String, container: String) -> String {
        "\(workDirectory)/slaves/\(agent)/frameworks/\(framework)/executors/\(executor)/runs/\(container)"
    }
}
