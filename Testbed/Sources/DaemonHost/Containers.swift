import Daemons
import Glibc

/// The containers of an agent, which outlive it.
///
/// Each has a supervisor of its own, a shell in a session of its own, which no restart of the agent ends (as no executor
/// ends with a real one) and which writes down how the task ended.
struct Containers: Sendable {
    let inbox: Inbox
    var docker = DockerClient()
    /// Mesos' runtime directory; a reboot empties it, as it ends the containers.
    var runtimeDirectory = "/run/mesos"

    private func record(_ id: String) -> ContainerRecord {
        ContainerRecord(id: id, root: "\(runtimeDirectory)/containers")
    }

    private var records: [ContainerRecord] { entries(of: "\(runtimeDirectory)/containers").map(record) }

    /// The container's end is known to the model now, and written down by it.
    func forget(_ id: String) { record(id).forget() }

    func carryOut(_ request: ContainerRequest) {
        Task {
            switch request {
            case .launch(let launch): await self.launch(launch)
            case .kill(let id, let grace): await kill(id, graceMilliseconds: grace)
            case .recover: recover()
            }
        }
    }

    private func launch(_ launch: ContainerLaunch) async {
        let record = self.record(launch.id)
        do throws(NodeError) {
            try record.make(for: launch)
        } catch {
            return fail(launch, "Failed to create executor directory '\(launch.sandbox)': \(error.reason)")
        }
        var task = ["/bin/sh", "-c", launch.command ?? ""]
        if let run = launch.docker {
            if let reason = await docker.pull(run) { return fail(launch, reason) }
            task = docker.runWords(launch, run, name: record.dockerName)
        } else {
            if launch.command == nil { task = launch.arguments }
            switch NodeUser.named(launch.user) {
            case .unknown(let name): return fail(launch, "Failed to get user information for '\(name)'")
            case .same: break
            case .other(let user):
                try? user.own(launch.sandbox)
                task = ["runuser", "-u", user.name, "--"] + task
            }
        }
        guard await Supervisor.start(task, record: record, launch: launch) else {
            return fail(launch, "Failed to fork executor: the supervisor did not start")
        }
        if launch.docker != nil {
            while record.status == nil, await !docker.hasStarted(record.dockerName) {
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
        inbox.post(.container(.started(id: launch.id)))
        await watch(record)
    }

    private func fail(_ launch: ContainerLaunch, _ reason: String) {
        record(launch.id).forget()
        inbox.post(.container(.failed(id: launch.id, reason: reason)))
    }

    /// Waits for a container's end, however it comes, and tells it.
    private func watch(_ record: ContainerRecord) async {
        while record.status == nil, record.isSupervised { try? await Task.sleep(for: .milliseconds(100)) }
        // The status is written before its writer ends; without one, somebody killed the writer.
        let status = record.status ?? 128 + Int(SIGKILL)
        record.signal(SIGKILL)
        if record.isDocker { await docker.remove(record.dockerName) }
        inbox.post(.container(.exited(id: record.id, status: status)))
    }

    private func kill(_ id: String, graceMilliseconds: Int) async {
        let record = self.record(id)
        guard record.isSupervised else { return }
        if record.isDocker {
            await docker.stop(record.dockerName, graceMilliseconds: graceMilliseconds)
        } else {
            record.signal(SIGTERM)
            try? await Task.sleep(for: .milliseconds(graceMilliseconds))
            if record.status == nil { record.signal(SIGKILL) }
        }
    }

    /// Also those that ended while no agent ran: their ends follow.
    private func recover() {
        let records = self.records.filter { $0.status != nil || $0.isSupervised }
        inbox.post(.container(.recovered(ids: records.map(\.id))))
        for record in records { Task { await watch(record) } }
    }

    /// A health check that runs beside the task.
    ///
    /// - Returns: Why it failed, if it did.
    func check(_ command: String, task: String, timeout: Duration) async -> String? {
        guard let record = records.first(where: { $0.task == task && $0.isSupervised }) else {
            return "no container of task '\(task)' is here"
        }
        let ended =
            if record.isDocker {
                await docker.execute(record.dockerName, command, timeout: timeout)
            } else {
                await NodeCommand(["/bin/sh", "-c", command], directory: record.sandbox, timeout: timeout).run()
            }
        return ended.status == 0 ? nil : "Command returned: \(ended.words)"
    }
}

/// What an agent's host keeps of a container between its own lives.
struct ContainerRecord: Sendable {
    let id: String
    let root: String

    var directory: String { "\(root)/\(id)" }
    var dockerName: String { id.hasPrefix("mesos-") ? id : "mesos-\(id)" }
    var task: String? { contents(of: directory + "/task") }
    var sandbox: String? { contents(of: directory + "/sandbox") }
    var isDocker: Bool { fileExists(directory + "/docker") }

    /// How the task ended; nil while it runs.
    var status: Int? { number("status") }

    private var supervisor: pid_t? { number("pid").map { pid_t($0) } }

    /// Whether the supervisor runs: a process that mentions this container, not just one with its number.
    var isSupervised: Bool {
        guard let supervisor else { return false }
        return (contents(of: "/proc/\(supervisor)/cmdline") ?? "").split(separator: "\0").contains { $0 == directory }
    }

    func make(for launch: ContainerLaunch) throws(NodeError) {
        try makeDirectories(launch.sandbox)
        try removeTree(directory)
        try replaceFile(directory + "/task", with: launch.taskID)
        try replaceFile(directory + "/sandbox", with: launch.sandbox)
        if let docker = launch.docker { try replaceFile(directory + "/docker", with: docker.image) }
    }

    func forget() { try? removeTree(directory) }

    /// Signals every process of the container's session but the supervisor.
    func signal(_ signal: Int32) {
        guard let supervisor else { return }
        for pid in entries(of: "/proc").compactMap({ pid_t($0) }) where pid != supervisor {
            if Self.session(of: pid) == supervisor { Glibc.kill(pid, signal) }
        }
    }

    /// Field 6 of /proc/PID/stat; the name in field 2 may hold spaces and parentheses.
    private static func session(of pid: pid_t) -> pid_t? {
        let text = contents(of: "/proc/\(pid)/stat") ?? ""
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 3 ? pid_t(fields[3]) : nil
    }

    private func number(_ name: String) -> Int? {
        contents(of: "\(directory)/\(name)").flatMap { Int($0.filter { !$0.isWhitespace }) }
    }
}

/// The shell that starts a task, waits for it, and leaves its exit status.
enum Supervisor {
    /// Signals that are meant for the task must not end who waits for it; a trap, unlike an ignored signal, is not inherited.
    private static let script = """
        trap : TERM INT HUP
        directory=$1 sandbox=$2
        shift 2
        cd "$sandbox" || exit
        echo $$ > "$directory/pid.new" && mv "$directory/pid.new" "$directory/pid"
        "$@" < /dev/null >> stdout 2>> stderr
        echo $? > "$directory/status.new" && mv "$directory/status.new" "$directory/status"
        """

    /// - Returns: Whether it is there.
    static func start(_ task: [String], record: ContainerRecord, launch: ContainerLaunch) async -> Bool {
        var environment = launch.docker == nil ? launch.environment : [:]
        environment["PATH"] = environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment["HOME"] = environment["HOME"] ?? (launch.docker == nil ? launch.sandbox : "/root")
        let words = ["env", "--default-signal", "setsid", "--fork", "/bin/sh", "-c", script, "mesos-executor"]
        let started = await NodeCommand(words + [record.directory, launch.sandbox] + task, environment: environment)
            .run()
        guard started.status == 0 else { return false }
        for _ in 0..<100 where !fileExists(record.directory + "/pid") {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return fileExists(record.directory + "/pid")
    }
}

/// Who a task runs as.
enum NodeUser {
    case same
    case other(Account)
    case unknown(String)

    struct Account {
        var name: String
        var uid: uid_t
        var gid: gid_t

        func own(_ path: String) throws(NodeError) {
            guard chown(path, uid, gid) == 0 else { throw NodeError(path) }
        }
    }

    static func named(_ name: String?) -> NodeUser {
        guard let name else { return .same }
        for line in (contents(of: "/etc/passwd") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 3, fields[0] == name, let uid = uid_t(fields[2]), let gid = gid_t(fields[3]) else {
                continue
            }
            return uid == geteuid() ? .same : .other(Account(name: name, uid: uid, gid: gid))
        }
        return .unknown(name)
    }
}
