/// Writes flags as the files of a flag directory (mesos-zk-ops.md 1.3, 1.4).
struct FlagFiles {
    var directory: String
    var dialect: FlagDialect
    var service: ServiceName
    /// The package that brings the directory.
    var shippedBy: String
    var existing: [String: Content]

    /// One file a flag; every other spelling of it must not exist, since two make the daemon exit (F13).
    ///
    /// A switch is `?x` or `?no-x`. Where the node has it in the other form already (`x` with content `true`), that stays.
    func files(for flags: [DeclaredFlag]) -> [DesiredFile] {
        flags.flatMap { flag -> [DesiredFile] in
            let chosen = chosenSpelling(of: flag)
            let others = spellings(of: flag).filter { $0 != chosen?.name }
            let written = chosen.map { [file(for: flag, named: $0.name, content: $0.content)] } ?? []
            return written + others.map { absent($0, instead: chosen?.name, flag) }
        }
    }

    private func file(for flag: DeclaredFlag, named name: String, content: Content) -> DesiredFile {
        DesiredFile(
            path: "\(directory)/\(name)",
            body: .whole(content),
            comparison: flag.comparison,
            mode: flag.isSensitive ? 0o600 : nil,
            readBy: [service],
            shippedBy: shippedBy,
            reason: flag.reason
        )
    }

    private func absent(_ name: String, instead: String?, _ flag: DeclaredFlag) -> DesiredFile {
        let why = instead.map { "the same flag as \($0): \(service) exits when both are given" } ?? flag.reason.text
        return DesiredFile(
            path: "\(directory)/\(name)",
            body: .absent,
            readBy: [service],
            reason: Reason(why, at: flag.reason.position)
        )
    }

    /// nil where the flag is off by being left out (`disable_http: false`).
    private func chosenSpelling(of flag: DeclaredFlag) -> (name: String, content: Content)? {
        guard flag.isSwitch else { return (flag.name, flag.value + "\n") }
        let isOn = flag.value == "true"
        let valued = existing["\(directory)/\(flag.name)"]?.withoutTrailingNewlines
        switch dialect {
        case .mesos:
            let bare = isOn ? "?\(flag.name)" : "?no-\(flag.name)"
            let isThere = existing["\(directory)/\(bare)"] != nil
            return !isThere && valued == flag.value ? (flag.name, flag.value + "\n") : (bare, "")
        case .marathon:
            if isOn { return ("?\(flag.name)", "") }
            return flag.name.hasPrefix("disable_") ? nil : ("?disable_\(flag.name)", "")
        }
    }

    private func spellings(of flag: DeclaredFlag) -> [String] {
        switch dialect {
        case .mesos:
            let names = FlagNames.mesosAliases(of: flag.name)
            guard flag.isSwitch else { return names }
            return names.flatMap { [$0, "?\($0)", "?no-\($0)"] }
        case .marathon:
            guard flag.isSwitch else { return [flag.name] }
            if flag.name.hasPrefix("disable_") { return [flag.name, "?\(flag.name)"] }
            return [flag.name, "?\(flag.name)", "?disable_\(flag.name)"]
        }
    }
}
