/// The engine reads daemon.json, and starts with what stands in it (docs.docker.com, dockerd).
enum DockerDaemonRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        guard let first = draft.spec.docker.daemon.first else { return [] }
        return version(draft, first) + hosts(draft) + nodes(draft, first)
    }

    private static func version(_ draft: SpecDraft, _ first: Setting) -> [Diagnostic] {
        guard let pin = draft.spec.versions.docker, let version = DottedVersion(pin.value),
            version < DottedVersion(1, 12)
        else { return [] }
        let message = "`docker.daemon` needs Docker 1.12 or later, not \(pin.value) (\(pin.position))"
        let hint = "leave it out, and set DOCKER_OPTS where the package reads them"
        return [Diagnostic(.error, message, at: first.name.position, hint: hint)]
    }

    /// The packages' units pass `-H`, and an option that stands in both places is fatal.
    private static func hosts(_ draft: SpecDraft) -> [Diagnostic] {
        draft.spec.docker.daemon.filter { $0.name.value == "hosts" }.map { setting in
            let message = "packages start the engine with `-H`, and with `hosts` in daemon.json too it exits"
            let hint = "leave it out, or take `-H` out of the unit"
            return Diagnostic(.warning, message, at: setting.name.position, hint: hint)
        }
    }

    private static func nodes(_ draft: SpecDraft, _ first: Setting) -> [Diagnostic] {
        guard !draft.hasFaultyRoles, !draft.isAppsOnly, draft.spec.nodes(with: .docker).isEmpty else { return [] }
        let message = "`docker.daemon` is declared, but no node has the role `docker`"
        return [Diagnostic(.warning, message, at: first.name.position)]
    }
}
