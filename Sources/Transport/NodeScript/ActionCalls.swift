internal import Reconciler
internal import Specs

extension NodeAction {
    /// The call that performs this action; `secrets` has the values that contents refer to.
    func call(secrets: SecretStore) throws(CallRefused) -> ShellCall {
        switch self {
        case .writeFile(let write): return try write.call(secrets: secrets)
        case .removeFile(let path, let expected, let readBy):
            return ShellCall("act_remove", [try CallArgument.path(path)] + expected.words + (try names(readBy)))
        case .service(let act): return try act.call()
        case .keepRunningCopies(let service, let paths):
            return ShellCall(
                "act_keep",
                [try CallArgument.name(service.text)] + (try checked(paths, CallArgument.path))
            )
        case .installPackages(let packages, let job):
            guard !packages.isEmpty else { throw CallRefused(reason: "job \(job): no package is named") }
            return ShellCall(
                "act_install",
                [try CallArgument.name(job), NodeScript.Library.install.text]
                    + (try checked(packages) { (package) throws(CallRefused) in
                        let version = try package.version.map { (version) throws(CallRefused) in
                            "=" + (try CallArgument.name(version))
                        }
                        return try CallArgument.name(package.name) + (version ?? "")
                    })
            )
        case .collect(let job, let seconds):
            return ShellCall("act_collect", [try CallArgument.name(job), String(max(0, seconds))])
        case .lease(let act): return try act.call()
        case .setHostName(let name): return ShellCall("act_rename", [try CallArgument.hostname(name)])
        case .image(let act): return try act.call()
        case .network(let act): return try act.call()
        case .recordApplied(let entries):
            return ShellCall(
                "act_record",
                [try checked(entries) { (entry) throws(CallRefused) in try entry.line() }.joined(separator: "\n")]
            )
        }
    }

    /// How long it may take at most; what a node does beyond that has gone wrong.
    var bound: Duration {
        switch self {
        case .writeFile, .removeFile, .keepRunningCopies, .lease, .recordApplied, .installPackages: .seconds(30)
        case .setHostName: .seconds(15)
        case .service: .seconds(330)
        case .collect(_, let seconds): .seconds(max(0, seconds) + 15)
        case .image(let act): act.bound
        case .network(let act): act.bound
        }
    }
}

extension FileWrite {
    fileprivate func call(secrets: SecretStore) throws(CallRefused) -> ShellCall {
        guard let text = secrets.reveal(content) else {
            let missing = content.references.map(\.description).joined(separator: ", ")
            throw CallRefused(
                reason: missing.isEmpty
                    ? "\(path): a part of the content was redacted, so it cannot be written"
                    : "\(path): the value of a secret is not known (\(missing)); set it and run again"
            )
        }
        return ShellCall(
            "act_write",
            [
                try CallArgument.path(path),
                mode.map { String($0, radix: 8) } ?? "",
                try owner.map(CallArgument.name) ?? "",
                try group.map(CallArgument.name) ?? "",
            ]
                + expected.words
                + [
                    content.isSensitive ? "600" : "644",
                    String(text.utf8.count),
                    printfEscaped(text.utf8),
                ] + (try names(readBy))
        )
    }
}

extension FileExpectation {
    /// Kind and value.
    var words: [String] {
        switch self {
        case .absent: ["absent", ""]
        case .digest(let digest): ["digest", digest]
        case .stamp(let stamp): ["stamp", stamp]
        }
    }
}

extension ServiceAct {
    fileprivate func call() throws(CallRefused) -> ShellCall {
        switch self {
        case .maskUnit(let name): try act("act_mask", name)
        case .unmaskUnit(let name): try act("act_unmask", name)
        case .enableUnit(let name): try act("act_enable", name)
        case .disableUnit(let name): try act("act_disable", name)
        case .startUnit(let name): try act("act_start", name)
        case .stopUnit(let name): try act("act_stop", name)
        case .restartUnit(let name, let pid): try act("act_restart", name, pid)
        case .reloadUnit(let name): try act("act_reload", name)
        case .holdJob(let name): try act("act_hold_job", name)
        case .releaseJob(let name): try act("act_release_job", name)
        case .startJob(let name): try act("act_start_job", name)
        case .stopJob(let name): try act("act_stop_job", name)
        case .restartJob(let name, let pid): try act("act_restart_job", name, pid)
        case .reloadJob(let name): try act("act_reload_job", name)
        }
    }

    private func act(_ function: String, _ name: ServiceName) throws(CallRefused) -> ShellCall {
        ShellCall(function, [try CallArgument.name(name.text)])
    }

    private func act(_ function: String, _ name: ServiceName, _ pid: Int?) throws(CallRefused) -> ShellCall {
        ShellCall(function, [try CallArgument.name(name.text), pid.map(String.init) ?? ""])
    }
}

extension LeaseAct {
    fileprivate func call() throws(CallRefused) -> ShellCall {
        switch self {
        case .acquire(let holder, let seconds):
            ShellCall(
                "act_lease",
                ["acquire", try CallArgument.name(holder.token), String(seconds)]
                    + [holder.user, holder.host, String(holder.pid), holder.command].map(CallArgument.line)
            )
        case .renew(let token, let seconds):
            ShellCall("act_lease", ["renew", try CallArgument.name(token), String(seconds)])
        case .release(let token): ShellCall("act_lease", ["release", try CallArgument.name(token)])
        }
    }
}

extension AppliedEntry {
    /// Resource, digest and revision, set apart by tabs.
    fileprivate func line() throws(CallRefused) -> String {
        let parts = [resource, digest, revision]
        guard parts.allSatisfy({ !$0.isEmpty && CallArgument.line($0) == $0 }) else {
            throw CallRefused(reason: "`\(resource)` cannot be recorded: a part is empty or holds a control character")
        }
        return parts.joined(separator: "\t")
    }
}

private func names(_ services: [ServiceName]) throws(CallRefused) -> [String] {
    try checked(services) { (service) throws(CallRefused) in try CallArgument.name(service.text) }
}

/// `map` with a typed error.
func checked<Element>(
    _ elements: [Element],
    _ check: (Element) throws(CallRefused) -> String
) throws(CallRefused) -> [String] {
    var results: [String] = []
    for element in elements { results.append(try check(element)) }
    return results
}
