internal import Specs

extension Planning {
    /// A flag that two places set makes the daemon exit at its next start (mesos-zk-ops.md 1.3, F13).
    mutating func refuseDuplicateFlags() {
        for member in differences {
            for directory in member.desired.flagDirectories
            where member.desired.service(directory.service)?.running == true {
                for (flag, places) in member.duplicateFlags(in: directory).sorted(by: { $0.key < $1.key }) {
                    refuse(
                        "duplicate-flag",
                        [member.name],
                        "--\(flag) would be given to \(directory.service) by \(places.joined(separator: " and by ")): "
                            + "it exits on a flag given twice",
                        remedy: "take it out of one of the two by hand, or do not declare it",
                        at: directory.reason.position
                    )
                }
            }
        }
    }
}

extension NodeDifference {
    /// Flags that more than one place would set once this plan's files are written, with the places.
    fileprivate func duplicateFlags(in directory: FlagDirectory) -> [String: [String]] {
        let files = desired.environmentFiles.filter { $0.service == directory.service }
        let environment = files.compactMap { file in
            observed.files[file.path]?.value?.content.map { EnvironmentText(file, $0) }
        }
        let dialect: FlagDialect = directory.service == .marathon ? .marathon : .mesos
        let flags = effectiveFlags(
            entries: entriesAfterPlan(in: directory),
            in: directory.path,
            environment: environment,
            dialect: dialect
        )
        let version = DottedVersion(desired.platform.packages["mesos"] ?? "")
        return flags.filter { $0.value.isFatal(mesos: version) }.mapValues { $0.map(\.source.place).sorted() }
    }

    private func entriesAfterPlan(in directory: FlagDirectory) -> [FlagEntry] {
        var contents: [String: Content] = [:]
        for entry in observed.directories[directory.path]?.value ?? [] where entry.kind == .regular {
            contents[entry.path] = entry.content ?? ""
        }
        for difference in files where difference.file.path.hasPrefix(directory.path + "/") {
            switch difference.file.body {
            case .whole(let content): contents[difference.file.path] = content
            case .absent: contents[difference.file.path] = nil
            case .keyed: break
            }
        }
        return contents.sorted { $0.key < $1.key }.map { path, content in
            FlagEntry(String(path.dropFirst(directory.path.count + 1)), content)
        }
    }
}

extension FlagOccurrence.Source {
    fileprivate var place: String {
        switch self {
        case .file(let path): path
        case .variable(let name, let path), .exported(let name, let path): "\(name) in \(path)"
        }
    }
}
