/// The pinned Mesos can talk to the pinned Docker (mesos-zk-ops.md 4.3), and pins say no more than is compared.
enum VersionRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let versions = draft.spec.versions
        let pins = [
            ("zookeeper", versions.zookeeper), ("mesos", versions.mesos), ("marathon", versions.marathon),
            ("docker", versions.docker), ("haproxy", versions.haproxy),
        ]
        return pins.flatMap { revision($0, $1) } + acceptance(draft)
    }

    /// What a distribution appends to a version is not compared: whoever writes it should not think it was.
    private static func revision(_ name: String, _ pin: Located<String>?) -> [Diagnostic] {
        guard let pin, let version = DottedVersion(pin.value), version.description != pin.value else { return [] }
        let message =
            "`versions.\(name)`: `\(pin.value.abbreviated)` stands for \(version); the rest of it, such as a distribution's "
            + "revision, is not compared"
        return [Diagnostic(.warning, message, at: pin.position, hint: "write \(version)")]
    }

    private static func acceptance(_ draft: SpecDraft) -> [Diagnostic] {
        guard let mesos = draft.spec.versions.mesos, let docker = draft.spec.versions.docker,
            let mesosVersion = DottedVersion(mesos.value), let dockerVersion = DottedVersion(docker.value),
            let fault = DockerAcceptance.problem(mesos: mesosVersion, docker: dockerVersion)
        else { return [] }
        let message = "Docker \(docker.value) does not work with Mesos \(mesos.value) (\(mesos.position))"
        return [Diagnostic(.error, message, at: docker.position, hint: fault)]
    }
}

/// Which Docker a Mesos agent's Docker containerizer accepts (mesos-zk-ops.md 4.3).
public enum DockerAcceptance {
    /// Why this Mesos does not work with this Docker, if so.
    public static func problem(mesos: DottedVersion, docker: DottedVersion) -> String? {
        if mesos < DottedVersion(0, 22), docker >= DottedVersion(1, 8) {
            return "before 0.22 Mesos cannot read the version that Docker 1.8 and later print"
        }
        if mesos >= DottedVersion(1, 4), docker < DottedVersion(1, 8, 0) { return "it wants Docker 1.8.0 or later" }
        return docker < DottedVersion(1, 0, 0) ? "it wants Docker 1.0.0 or later" : nil
    }
}
