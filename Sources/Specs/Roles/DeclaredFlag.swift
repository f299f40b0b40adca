/// A flag with its final value, and why it has it.
struct DeclaredFlag: Hashable, Sendable {
    var name: String
    var value: Content
    /// Whether it is a switch: `--x` or `--no-x` rather than `--x=value`.
    var isSwitch = false
    var reason: Reason

    init(_ name: String, _ value: Content, _ reason: Reason, isSwitch: Bool = false) {
        self.name = name
        self.value = value
        self.reason = reason
        self.isSwitch = isSwitch
    }

    /// A flag the user wrote: `true` and `false` make it a switch, except where the flag takes a text.
    init(_ setting: Setting, section: String) {
        name = setting.name.value
        value = setting.value.value
        isSwitch = ["true", "false"].contains(value.plainText) && !Self.texts.contains(name)
        reason = Reason("\(section).\(name)", at: setting.name.position)
    }

    /// Whether the file that holds it must not be readable by everyone.
    var isSensitive: Bool {
        value.isSensitive || (SensitiveNames.isSensitive(flag: name) && !SensitiveNames.isPlace(value))
    }

    var comparison: DesiredFile.Comparison {
        value.plainText.flatMap(MesosDuration.init) == nil ? .trailingNewlines : .duration
    }

    /// Flags whose value may well be the word `true`.
    private static let texts: Set<String> = ["cluster", "hostname", "work_dir", "log_dir", "framework_name"]
}

extension SensitiveNames {
    /// Whether a value only says where something is kept: an absolute path or a `file://` URL.
    public static func isPlace(_ value: Content) -> Bool {
        guard let text = value.plainText else { return false }
        return text.hasPrefix("file://") || (text.hasPrefix("/") && !text.contains(":"))
    }
}

extension [DeclaredFlag] {
    /// Derived flags, then declared ones; a declared flag that is derived too replaces it in place.
    ///
    /// Of the names in `fixed` the derived value stands (quorum, zk: the safety of the cluster hangs on them).
    static func combined(derived: [DeclaredFlag], declared: [DeclaredFlag], fixed: Set<String>) -> [DeclaredFlag] {
        var result = derived
        for flag in declared where !fixed.contains(flag.name) {
            if let place = result.firstIndex(where: { $0.name == flag.name }) {
                result[place] = flag
            } else {
                result.append(flag)
            }
        }
        return result
    }

    /// As a process that has them is read (`FlagDialect.folded`), so that names meet.
    ///
    /// A switch that is off by being left out (`disable_http: false`) has nothing to be compared with and is dropped.
    func flagValues(_ dialect: FlagDialect) -> [FlagValue] {
        compactMap { flag in
            let folded = dialect.folded(flag.name)
            guard folded.isNegated else { return FlagValue(folded.name, flag.value) }
            guard flag.isSwitch else { return FlagValue(flag.name, flag.value) }
            return flag.value == "true" ? FlagValue(folded.name, "false") : nil
        }
    }
}
