import Daemons

/// The node's Docker engine, by its command line client as Mesos uses it.
///
/// Source of commands and words: mesos 1.11.0, src/docker/docker.cpp.
struct DockerClient: Sendable {
    /// The client's name or path.
    var program = "docker"
    private static let socket = "unix:///var/run/docker.sock"

    private func command(_ words: [String], timeout: Duration = .seconds(60)) -> NodeCommand {
        NodeCommand([program, "-H", Self.socket] + words, timeout: timeout)
    }

    /// What Mesos asks before it trusts a Docker: the client's version, then the engine's.
    ///
    /// - Returns: nil where there is no client, or where it does not answer within five seconds.
    func probe() async -> DockerProbe? {
        let client = await command(["--version"], timeout: .seconds(5)).run()
        guard client.status == 0 else { return nil }
        let engine = await command(["version"], timeout: .seconds(5)).run()
        let mounts = (contents(of: "/proc/mounts") ?? "").split(separator: "\n").map { $0.split(separator: " ") }
        return DockerProbe(
            clientLine: client.output.split(separator: "\n").first.map(String.init) ?? "",
            version: engine.output,
            engineAnswers: engine.status == 0,
            hasCPUHierarchy: mounts.contains { mount in
                mount.count > 3 && mount[2] == "cgroup" && mount[3].split(separator: ",").contains("cpu")
            }
        )
    }

    /// Has the image on the node, pulling it where it is not there or must be fresh.
    ///
    /// - Parameter run: What is to run.
    /// - Returns: Why there is no image, in Mesos' words.
    func pull(_ run: DockerRun) async -> String? {
        if !run.forcesPull, await command(["inspect", "--type=image", run.image]).run().status == 0 { return nil }
        let pull = await command(["pull", run.image], timeout: .seconds(600)).run()
        guard pull.status != 0 else { return nil }
        return "Failed to run '\(program) -H \(Self.socket) pull \(run.image)': \(pull.words); stderr='\(pull.errors)'"
    }

    /// The words that run a task's container in the foreground.
    ///
    /// - Parameters:
    ///   - launch: What to run.
    ///   - docker: How.
    ///   - name: Of the container.
    /// - Returns: A command line; the container ends with it.
    func runWords(_ launch: ContainerLaunch, _ docker: DockerRun, name: String) -> [String] {
        let shares = max(2, Int(launch.cpus * 1024))
        let bytes = max(32, Int(launch.memoryMegabytes)) << 20
        var words = [program, "-H", Self.socket, "run", "--cpu-shares", "\(shares)", "--memory", "\(bytes)"]
        if docker.isPrivileged { words.append("--privileged") }
        for (name, value) in launch.environment.sorted(by: { $0.key < $1.key }) { words += ["-e", "\(name)=\(value)"] }
        words += ["-e", "MESOS_SANDBOX=/mnt/mesos/sandbox", "-e", "MESOS_CONTAINER_NAME=\(name)"]
        for volume in docker.volumes { words += ["-v", volume] }
        words += ["-v", "\(launch.sandbox):/mnt/mesos/sandbox"]
        words += ["--net", docker.network.lowercased()]
        for mapping in docker.portMappings {
            words += ["-p", "\(mapping.hostPort):\(mapping.containerPort)/\(mapping.protocol)"]
        }
        for parameter in docker.parameters { words.append("--\(parameter.name)=\(parameter.value)") }
        words += ["--name", name]
        if let shell = launch.command { return words + ["--entrypoint", "/bin/sh", docker.image, "-c", shell] }
        return words + [docker.image] + launch.arguments
    }

    /// Whether the container has come up, or already ended again.
    func hasStarted(_ name: String) async -> Bool {
        let inspect = await command(["inspect", "--format", "{{.State.StartedAt}}", name]).run()
        return inspect.status == 0 && !inspect.output.hasPrefix("0001-")
    }

    func stop(_ name: String, graceMilliseconds: Int) async {
        let seconds = (graceMilliseconds + 999) / 1000
        _ = await command(["stop", "-t", "\(seconds)", name], timeout: .milliseconds(graceMilliseconds + 60_000)).run()
    }

    /// Sooner than Mesos, which keeps an ended container for `--docker_remove_delay` (6 hours).
    func remove(_ name: String) async { _ = await command(["rm", "-f", "-v", name]).run() }

    /// A command inside a container.
    func execute(_ name: String, _ shell: String, timeout: Duration) async -> NodeCommand.Ended {
        await command(["exec", name, "/bin/sh", "-c", shell], timeout: timeout).run()
    }
}
