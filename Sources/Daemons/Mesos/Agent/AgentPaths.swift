/// Where an agent keeps what must survive it (src/slave/paths.cpp).
struct AgentPaths: Hashable, Sendable, Codable {
    let workDirectory: String

    var meta: String { "\(workDirectory)/meta" }
    var bootID: String { "\(meta)/boot_id" }
    var latest: String { "\(meta)/slaves/latest" }
    var latestInfo: String { "\(latest)/slave.info" }
    var latestTasks: String { "\(latest)/tasks.info" }

    func directory(_ agent: String) -> String { "\(meta)/slaves/\(agent)" }
    func info(_ agent: String) -> String { "\(directory(agent))/slave.info" }
    /// One file for what the real agent spreads over `frameworks/…/executors/…/runs/…/tasks/…`.
    func tasks(_ agent: String) -> String { "\(directory(agent))/tasks.info" }

    func sandbox(agent: String, framework: String, executor: String, container: String) -> String {
        "\(workDirectory)/slaves/\(agent)/frameworks/\(framework)/executors/\(executor)/runs/\(container)"
    }
}
