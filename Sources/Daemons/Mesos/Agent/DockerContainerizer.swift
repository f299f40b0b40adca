/// What the Docker containerizer asks of its machine before an agent serves (mesos-zk-ops.md 4.3).
///
/// Sources: src/docker/docker.cpp and src/slave/containerizer/{containerizer,docker}.cpp of 0.21.1, 1.4.3 and 1.11.0.
struct DockerContainerizer {
    let version: MesosVersion
    /// `--docker`.
    let program: String
    let socket: String
    let probe: DockerProbe?

    private var command: String { version.atLeast(0, 22) ? "\(program) -H unix://\(socket)" : program }

    /// Why it cannot be created, if so.
    var creationFailure: String? {
        fault.map {
            "Failed to create a containerizer: Could not create DockerContainerizer: "
                + (version.atLeast(0, 28) ? "Failed to create docker: " : "") + $0
        }
    }

    private var fault: String? {
        if let probe, !probe.hasCPUHierarchy {
            return
                "Failed to find a mounted cgroups hierarchy for the 'cpu' subsystem; you probably need to mount cgroups "
                + (version.atLeast(1, 0) ? "manually" : "manually!")
        }
        return version.atLeast(0, 22) ? versionFault : oldVersionFault
    }

    /// 0.21 reads `docker version`, which asks the engine too and stopped to print `Client version: ` with 1.8.
    private var oldVersionFault: String? {
        guard let probe else { return "Failed to execute '\(command) version': exited with status 127" }
        guard probe.engineAnswers else { return "Failed to execute '\(command) version': exited with status 1" }
        for line in probe.version.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            guard line.hasPrefix("Client version: ") else { continue }
            let number = line.dropFirst("Client version: ".count)
            guard let major = Int(number.prefix { $0 != "." }) else {
                return "Failed to parse Docker major version '\(number.prefix { $0 != "." })'"
            }
            if major >= 1 { return nil }
        }
        return "Insufficient version of Docker! Please upgrade to >= 1.0.0"
    }

    private var versionFault: String? {
        guard let probe else {
            return "Failed to get docker version: Failed to execute '\(command) --version': exited with status 127"
        }
        let first = probe.clientLine.prefix { $0 != "," }
        let word = first.split(separator: " ").last ?? ""
        let parts = word.split(separator: ".").prefix(3).map { part in part.prefix { $0.isNumber } }
        guard parts.count > 0, let numbers = Self.numbers(parts) else {
            return "Failed to get docker version: Failed to parse docker version: Invalid version '\(word)'"
        }
        let minimum = version.atLeast(1, 4) ? [1, 8, 0] : [1, 0, 0]
        guard numbers.lexicographicallyPrecedes(minimum) else { return nil }
        return
            "Insufficient version '\(numbers.map(String.init).joined(separator: "."))' of Docker. Please upgrade to >=' "
            + "\(minimum.map(String.init).joined(separator: "."))'"
    }

    private static func numbers(_ parts: [Substring]) -> [Int]? {
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count else { return nil }
        return numbers + Array(repeating: 0, count: max(0, 3 - numbers.count))
    }

    /// Why recovery fails, if so: it lists the containers that are there.
    var recoveryFailure: String? {
        guard probe?.engineAnswers == false else { return nil }
        let complaint =
            "Cannot connect to the Docker daemon at unix://\(socket). Is the docker daemon running?\n"
        return "Collect failed: Failed to run '\(command) ps -a': exited with status 1; stderr='\(complaint)'"
    }
}
