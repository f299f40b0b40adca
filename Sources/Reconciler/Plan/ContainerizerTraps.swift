internal import Specs

/// What an agent with the Docker containerizer would exit on at its start (mesos-zk-ops.md 4.3).
extension NodeDifference {
    var containerizerTrap: Problem? {
        guard desired.usesDockerContainerizer else { return nil }
        return versionTrap ?? controlGroupTrap
    }

    /// Of what is installed: what is installed later is what was pinned, and pins are checked with cluster.yaml.
    private var versionTrap: Problem? {
        guard case .found(let engine) = observed.dockerEngine, let docker = DottedVersion(engine),
            let installed = observed.packages["mesos"]?.value?.installed, let mesos = DottedVersion(installed),
            let words = DockerAcceptance.problem(mesos: mesos, docker: docker)
        else { return nil }
        return Problem(
            because: "its engine is Docker \(engine), which Mesos \(mesos) does not accept: \(words)",
            isByUnknown: false,
            remedy: "install another Docker or Mesos there, or take `docker` out of containerizers"
        )
    }

    private var controlGroupTrap: Problem? {
        guard case .found(let controllers) = observed.controlGroups, !controllers.contains("cpu") else { return nil }
        return Problem(
            because:
                "`docker` is in its containerizers and no control group hierarchy of version 1 with `cpu` is mounted, "
                + "which Mesos' Docker containerizer needs",
            isByUnknown: false,
            remedy: "boot it with systemd.unified_cgroup_hierarchy=0, or take `docker` out of containerizers"
        )
    }
}

extension Planning {
    /// An agent that runs all the same is left alone, and would not come back from a restart.
    mutating func noteContainerizerTraps(_ members: [NodeDifference]) {
        for member in members where member.isUp(.mesosAgent) {
            switch member.service(.mesosAgent)?.need {
            case .nothing?, .enable?, .reload?: break
            case .start?, .restart?, .holdOff?, .site?, nil: continue
            }
            guard let trap = member.containerizerTrap else { continue }
            let next = trap.remedy.map { "; \($0)" } ?? ""
            draft.notes.append(
                Note(
                    node: member.name,
                    "\(ServiceName.mesosAgent) runs, and would not start again: \(trap.because)\(next)"
                )
            )
        }
    }
}
