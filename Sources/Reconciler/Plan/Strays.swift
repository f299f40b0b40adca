internal import Specs

extension NodeDifference {
    /// Files in flag directories that nobody declared: kept and listed, removed where pruning is on, and named as a danger
    /// where the daemon would exit on them (mesos-zk-ops.md 1.3).
    mutating func compareStrays(_ causes: Causes) {
        for directory in desired.flagDirectories {
            switch observed.directories[directory.path] ?? .unknown("it was not asked for") {
            case .absent: break
            case .unknown(let reason):
                blocked.append(
                    Blocked(
                        node: name,
                        title: "flag directory \(directory.path)",
                        layer: desired.service(directory.service)?.layer,
                        because: reason,
                        isByUnknown: true
                    )
                )
            case .found(let entries):
                for entry in entries where isStray(entry, in: directory) { compareStray(entry, directory, causes) }
            }
        }
    }

    /// A declared flag that the installed program does not know makes it exit at its next start (mesos-zk-ops.md 1.3, F15).
    mutating func compareKnownFlags() {
        // What the new program knows is asked when it is there (`FlagCheck`).
        for directory in desired.flagDirectories where !isUpgraded(directory.service) {
            // A help text without `work_dir` is none of a Mesos daemon's.
            guard case .found(let known)? = observed.knownFlags[directory.service], known.contains("work_dir") else {
                continue
            }
            for file in desired.files where file.path.hasPrefix(directory.path + "/") && file.body != .absent {
                let name = String(file.path.dropFirst(directory.path.count + 1))
                guard !name.contains("/"), isKnownFlag(name, to: directory.service) == false else { continue }
                blocked.append(
                    Blocked(
                        node: self.name,
                        title: "file \(file.path)",
                        layer: desired.service(directory.service)?.layer,
                        because: "the installed \(directory.service) knows no flag `\(name)` and would exit on it; "
                            + "take it out of cluster.yaml",
                        isByUnknown: false
                    )
                )
                files.removeAll { $0.file.path == file.path }
            }
        }
    }

    /// What a registered agent would announce at its next start beyond what it announces now (danger D7): files of
    /// attributes or resources that nobody declared and the process was not started with.
    mutating func compareUnannounced() {
        guard let service = desired.service(.mesosAgent), service.running, isRegisteredAgent,
            let seen = observed.services[.mesosAgent]?.value, seen.run == .running, !seen.arguments.isEmpty,
            let flags = observed.effectiveFlags(of: .mesosAgent, on: desired, afterWriting: true)
        else { return }
        // What files give is compared with what files gave: a default is nobody's file.
        let running = startFlags(seen)
        for name in Planning.registeredFlags.sorted() {
            let next = flags[name]?.first
            if next != nil, next?.value == nil { continue }
            // A variable of the unit itself is in no file.
            if next == nil, !seen.arguments.contains(where: { $0.shown.hasPrefix("--\(name)=") }) { continue }
            let (old, new) = (running[name], next?.value)
            guard !Self.announcesSame(name, old, new) else { continue }
            blocked.append(
                Blocked(
                    node: self.name,
                    title: "start \(ServiceName.mesosAgent) as it is registered",
                    layer: service.layer,
                    because: "at its next start it would announce \(name) \(new?.shown ?? "unset") instead of "
                        + "\(old?.shown ?? "unset"), and refuse to start with \"Incompatible agent info\" (D7); put the files under "
                        + "\(desired.platform.agentFlagDirectory) back, or drain the agent and register it anew",
                    isByUnknown: false
                )
            )
        }
    }

    private static func announcesSame(_ name: String, _ old: Content?, _ new: Content?) -> Bool {
        guard let old, let new else { return old == nil && new == nil }
        return flagsEqual(name, declared: old, running: new) && flagsEqual(name, declared: new, running: old)
    }

    private func isStray(_ entry: ObservedFile, in directory: FlagDirectory) -> Bool {
        guard entry.kind == .regular, let name = entry.name(in: directory) else { return false }
        return !desired.files.contains { $0.path == entry.path } && !directory.shipped.contains(name)
    }

    private mutating func compareStray(_ entry: ObservedFile, _ directory: FlagDirectory, _ causes: Causes) {
        let name = entry.name(in: directory) ?? entry.path
        if directory.prunes {
            files.append(removal(of: entry, directory, causes))
            return
        }
        switch isKnownFlag(name, to: directory.service) {
        case true?:
            notes.append(Note(node: self.name, "\(entry.path) is not declared; it is kept"))
        case nil:
            notes.append(
                Note(node: self.name, "\(entry.path) is not declared; whether \(directory.service) knows it is unknown")
            )
        case false?:
            let words =
                "\(directory.service) knows no flag `\(name)` and exits on it at its next start; "
                + "remove the file, or set policy.prune.flagFiles: always"
            blocked.append(
                Blocked(
                    node: self.name,
                    title: "stray file \(entry.path)",
                    layer: desired.service(directory.service)?.layer,
                    because: words,
                    isByUnknown: false
                )
            )
        }
    }

    private func removal(of entry: ObservedFile, _ directory: FlagDirectory, _ causes: Causes) -> FileDifference {
        let resource = "file:\(entry.path)"
        let file = DesiredFile(
            path: entry.path,
            body: .absent,
            comparison: .trailingNewlines,
            readBy: [directory.service],
            reason: directory.reason
        )
        let change = Change(
            node: name,
            resource: resource,
            kind: .remove,
            cause: causes.cause(
                of: resource,
                wanted: "absent",
                observed: entry.content.map { file.managedDigest(of: $0) }
            ),
            before: entry.content,
            summary: Change.summary(before: entry.content, after: nil, at: entry.path),
            applied: causes.entry(resource, digest: "absent")
        )
        let act = NodeAction.removeFile(path: entry.path, expected: entry.version, readBy: [directory.service])
        return FileDifference(file: file, change: change, act: .action(act))
    }

    /// nil: the installed program could not be asked, and the name looks like a flag.
    private func isKnownFlag(_ fileName: String, to service: ServiceName) -> Bool? {
        var name = fileName.hasPrefix("?") ? String(fileName.dropFirst()) : fileName
        let looksLikeFlag = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_" || $0 == "-") }
        guard looksLikeFlag else { return false }
        guard case .found(let known)? = observed.knownFlags[service] else { return nil }
        if known.contains(name) { return true }
        if name.hasPrefix("no-") { name.removeFirst(3) }
        return known.contains(name)
    }
}

extension ObservedFile {
    /// The path below the directory, such as `quorum` or `attributes/rack`; nil where it is not below it.
    fileprivate func name(in directory: FlagDirectory) -> String? {
        path.hasPrefix(directory.path + "/") ? String(path.dropFirst(directory.path.count + 1)) : nil
    }
}
