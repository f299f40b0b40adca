/// Where a daemon would get a flag from.
public struct FlagOccurrence: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// A file in the flag directory.
        case file(path: String)
        /// A variable that the wrapper passes on the command line.
        case variable(String, path: String)
        /// A variable that the daemon itself reads from its environment.
        case exported(String, path: String)
    }

    /// `true`/`false` for switches; nil where a shell computes it on the node.
    public var value: Content?
    public var source: Source
    /// The flag as it is spelled there, such as `no-quiet`.
    public var spelling: String

    public init(value: Content?, source: Source, spelling: String) {
        self.value = value
        self.source = source
        self.spelling = spelling
    }
}

/// A regular file in a flag directory, named relative to it.
public struct FlagEntry: Hashable, Sendable {
    public var name: String
    public var content: Content

    public init(_ name: String, _ content: Content) {
        self.name = name
        self.content = content
    }
}

/// A file of variables with its text.
public struct EnvironmentText: Hashable, Sendable {
    public var file: EnvironmentFile
    public var text: Content

    public init(_ file: EnvironmentFile, _ text: Content) {
        self.file = file
        self.text = text
    }
}

/// Whose wrapper reads the files.
public enum FlagDialect: Hashable, Sendable {
    case mesos
    /// Up to 1.4; later ones read no flag files.
    case marathon

    public func folded(_ spelling: String) -> (name: String, isNegated: Bool) {
        switch self {
        case .mesos: FlagNames.mesos(spelling)
        case .marathon: FlagNames.marathon(spelling)
        }
    }
}

/// The flags a daemon would be started with, by folded name, each with everything that sets it.
///
/// More than one occurrence is a trap: `isFatal(mesos:)` says whether the daemon would exit. Follows `mesos-init-wrapper` and
/// `marathon-framework` (mesos-zk-ops.md 1.3, 1.4; marathon-api.md 7.1): dotfiles are not read, `?x` is a bare `--x`, trailing
/// newlines are dropped, `attributes/*` and `resources/*` of agents are joined, and an empty variable passes nothing.
public func effectiveFlags(
    entries: [FlagEntry],
    in directory: String,
    environment: [EnvironmentText],
    dialect: FlagDialect
) -> [String: [FlagOccurrence]] {
    let found =
        fileOccurrences(entries, in: directory, dialect: dialect)
        + environmentOccurrences(environment)
    return Dictionary(grouping: found) { dialect.folded($0.spelling).name }
}

extension Collection<FlagOccurrence> {
    /// Whether the daemon exits because all of these set one flag.
    ///
    /// Two on the command line always do; one there and one in the environment does up to Mesos 0.24, later the command line
    /// wins silently (mesos-zk-ops.md 1.3).
    public func isFatal(mesos version: DottedVersion?) -> Bool {
        let onCommandLine = count { if case .exported = $0.source { false } else { true } }
        if onCommandLine > 1 { return true }
        guard count > 1, let version else { return false }
        return version < DottedVersion(0, 25)
    }
}

private func fileOccurrences(
    _ entries: [FlagEntry],
    in directory: String,
    dialect: FlagDialect
) -> [FlagOccurrence] {
    let sorted = entries.sorted { $0.name < $1.name }.filter { !$0.isHidden }
    var found: [FlagOccurrence] = []
    for entry in sorted where dialect == .marathon || !entry.name.contains("/") {
        let isSwitch = entry.name.hasPrefix("?")
        let spelling = isSwitch ? String(entry.name.dropFirst()) : entry.name
        if dialect == .mesos, spelling == "no-logger" { continue }
        let value: Content =
            isSwitch ? (dialect.folded(spelling).isNegated ? "false" : "true") : entry.content.withoutTrailingNewlines
        found.append(
            FlagOccurrence(value: value, source: .file(path: "\(directory)/\(entry.name)"), spelling: spelling)
        )
    }
    guard dialect == .mesos else { return found }
    for family in ["attributes", "resources"] {
        let members = sorted.filter { $0.name.hasPrefix(family + "/") && $0.content != "" }
        guard !members.isEmpty else { continue }
        let pairs = members.map {
            Content($0.name.dropFirst(family.count + 1) + ":") + $0.content.withoutTrailingNewlines
        }
        let value = pairs.dropFirst().reduce(pairs[0]) { $0 + ";" + $1 }
        found.append(FlagOccurrence(value: value, source: .file(path: "\(directory)/\(family)"), spelling: family))
    }
    return found
}

private func environmentOccurrences(_ environment: [EnvironmentText]) -> [FlagOccurrence] {
    // Sourced one after the other: a later file's variable replaces an earlier one's.
    var last: [String: FlagOccurrence] = [:]
    for part in environment {
        let text = KeyedText(part.text, format: part.file.format)
        for key in text.keys {
            guard let value = text.value(of: key) else { continue }
            last[key] = part.file.occurrence(of: key, value: value)
        }
    }
    return last.values.sorted { $0.spelling < $1.spelling }
}

extension EnvironmentFile {
    fileprivate func occurrence(of key: String, value: KeyedText.Value) -> FlagOccurrence? {
        let known: Content? = if case .text(let text) = value { text } else { nil }
        if let flag = variables[key] {
            // `[[ ! ${ZK:-} ]] || args+=( --zk="$ZK" )`
            return known == "" ? nil : FlagOccurrence(value: known, source: .variable(key, path: path), spelling: flag)
        }
        guard key.hasPrefix(prefix), !key.hasPrefix("MARATHON_APP_") else { return nil }
        let spelling = key.dropFirst(prefix.count).lowercased()
        guard prefix == "MARATHON_" else {
            return FlagOccurrence(value: known, source: .exported(key, path: path), spelling: spelling)
        }
        // Marathon's wrapper puts them on the command line; a switch is an empty value.
        let isSwitch = known == ""
        let value: Content? = isSwitch ? (FlagNames.marathon(spelling).isNegated ? "false" : "true") : known
        return FlagOccurrence(value: value, source: .variable(key, path: path), spelling: spelling)
    }
}

extension FlagEntry {
    /// Neither wrapper reads dotfiles.
    fileprivate var isHidden: Bool { name.split(separator: "/").last?.hasPrefix(".") ?? true }
}
