import Flags
import Host

/// What the Docker containerizer does before an agent serves.
///
/// It asks the client for its version, then the engine for its containers. Either failing ends the agent.
///
/// Source: mesos 1.11.0, src/docker/docker.cpp (`validateVersion`, `ps`), src/slave/containerizer/docker.cpp (`recover`).
struct DockerProbe {
    private let command: String

    init(_ flags: LoadedFlags) {
        let socket = flags["docker_socket"] ?? "/var/run/docker.sock"
        command = "\(flags["docker"] ?? "docker") -H unix://\(socket)"
    }

    /// Why the containerizer cannot be created, if so.
    ///
    /// The client answers this without its engine.
    func creationFailure() -> String? {
        let version = shell("\(command) --version")
        guard version.status != 0 else { return nil }
        return "Failed to create a containerizer: Could not create DockerContainerizer: Failed to create docker: "
            + "Failed to get docker version: Failed to execute '\(command) --version': \(Self.exited(version.status))"
    }

    /// Why recovery fails, if so: the engine does not answer.
    func recoveryFailure() -> String? {
        let containers = shell("\(command) ps -a")
        guard containers.status != 0 else { return nil }
        return "Collect failed: Failed to run '\(command) ps -a': \(Self.exited(containers.status)); "
            + "stderr='\(containers.output)'"
    }

    private static func exited(_ status: Int32) -> String { "exited with status \(status)" }
}
