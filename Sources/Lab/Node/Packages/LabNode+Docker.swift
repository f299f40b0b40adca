public import Daemons
internal import Specs

extension LabNode {
    /// Docker as an agent finds it: the override, or what follows from the package and its service; nil without either.
    public var docker: DockerProbe? {
        if let dockerProbe { return dockerProbe }
        let names = ["docker.io", "lxc-docker", "docker-engine", "docker-ce", "docker"]
        guard let package = names.lazy.compactMap({ packages[$0] }).first else { return nil }
        let answers = services[.docker]?.process != nil && engine?.isRunning ?? true
        let upstream = upstreamVersion(package.version)
        // Debian's own builds say so.
        let version = package.version.contains("+dfsg1") ? upstream + "+dfsg1" : upstream
        return DockerProbe(
            clientLine: "Docker version \(version), build 297e128",
            version: Self.versionText(version, answers),
            engineAnswers: answers,
            hasCPUHierarchy: hasCPUHierarchy
        )
    }

    /// `docker version`: one line a value up to 1.7, sections since (mesos-zk-ops.md 4.3).
    private static func versionText(_ version: String, _ engineAnswers: Bool) -> String {
        let isOld = DottedVersion(version).map { $0 < DottedVersion(1, 8) } ?? false
        let client = isOld ? "Client version: \(version)\n" : "Client:\n Version:           \(version)\n"
        guard engineAnswers else { return client }
        return client
            + (isOld ? "Server version: \(version)\n" : "\nServer:\n Engine:\n  Version:          \(version)\n")
    }
}
