internal import Specs

/// Host name and /etc/hosts where `network.enforce` is set: before anything is installed, since installers look names up.
extension Planning {
    mutating func planNames() {
        for difference in differences where difference.desired.network?.enforces == true {
            planNames(of: difference)
        }
    }

    private mutating func planNames(of difference: NodeDifference) {
        guard let hostname = difference.desired.network?.hostname else { return }
        var files = difference.files.filter {
            [NetworkRole.hostsFile, NetworkRole.hostnameFile].contains($0.file.path)
        }
        take(files, on: difference.name)
        var rename: Change?
        if let problem = difference.renameProblem {
            files.removeAll { $0.file.path == NetworkRole.hostnameFile }
            draft.blocked.append(
                Blocked(
                    node: difference.name,
                    title: "host name \(hostname.value)",
                    because: problem.because,
                    isByUnknown: problem.isByUnknown,
                    remedy: problem.remedy,
                    position: hostname.position
                )
            )
        } else {
            rename = difference.rename(to: hostname.value)
        }
        guard !files.isEmpty || rename != nil else { return }
        // The name leads somewhere before it is the host's: programs ask for their own at once.
        let isRenamed = rename != nil || files.contains { $0.file.path == NetworkRole.hostnameFile }
        var acts = files.filter { $0.file.path == NetworkRole.hostsFile }.map(\.act)
        acts += files.filter { $0.file.path == NetworkRole.hostnameFile }.map(\.act)
        if rename != nil { acts.append(.action(.setHostName(hostname.value))) }
        let hasHosts = files.contains { $0.file.path == NetworkRole.hostsFile }
        let titles = (isRenamed ? ["host name \(hostname.value)"] : []) + (hasHosts ? [NetworkRole.hostsFile] : [])
        draft.add(
            StepKey.names(difference.name),
            Step(
                id: 0,
                title: titles.joined(separator: " and "),
                act: .visit(difference.name, acts),
                changes: files.map(\.change) + [rename].compactMap { $0 },
                reasons: files.map(\.file.reason).unique + (isRenamed ? [Self.registeredNames] : []),
                undo: "put the files back from the run's backup"
                    + (rename == nil ? "" : ", and `hostname` with the old name"),
                needsAttendance: true
            )
        )
    }

    private static let registeredNames = Reason(
        "masters, agents and Marathon keep the name they registered: their flag hostname is always written"
    )
}

extension NodeDifference {
    /// Why the host name cannot be seen to, if so.
    fileprivate var renameProblem: Problem? {
        if case .unknown(let reason) = observed.network { return Problem(because: reason, isByUnknown: true) }
        let platform = desired.platform
        guard platform.packageManager == .yum, platform.initSystem == .upstart else { return nil }
        return Problem(
            because: "its boot takes the host name from HOSTNAME= in /etc/sysconfig/network, which is not written here",
            isByUnknown: false,
            remedy: "set it there and with `hostname` by hand"
        )
    }

    /// nil where the kernel has the name.
    fileprivate func rename(to hostname: String) -> Change? {
        guard let seen = observed.network.value?.hostname, seen != hostname else { return nil }
        let causes = Causes(applied: observed.applied.value, revision: revision)
        return Change(
            node: name,
            resource: "hostname",
            kind: .update,
            cause: causes.cause(of: "hostname", wanted: sha256(hostname), observed: sha256(seen)),
            before: Content(seen),
            after: Content(hostname),
            summary: "\(seen) → \(hostname)",
            applied: causes.entry("hostname", digest: sha256(hostname))
        )
    }
}
