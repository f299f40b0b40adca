/// The values of a daemon's flags, loaded as Mesos 1.11 loads them.
///
/// Source of every rule and message: mesos 1.11.0, 3rdparty/stout/include/stout/flags/flags.hpp, `FlagsBase::load`.
public struct LoadedFlags: Sendable {
    private var values: [String: String]
    /// Name to show for a flag: the alias where it was loaded by that.
    private var shownNames: [String: String] = [:]

    /// Loads from the command line, and from `environment` (names `MESOS_X`) what the command line does not set.
    ///
    /// `environment` holds `NAME=value` texts; those that name no known flag are ignored.
    public init(table: [Flag], arguments: [String], environment: [String]) throws(FlagError) {
        values = [:]
        for case let (name, value?) in table.map({ ($0.name, $0.defaultValue) }) { values[name] = value }
        for given in GivenFlag.merged(table: table, arguments: arguments, environment: environment) {
            try load(given, table: table)
        }
        // The real map is sorted, and reports the first missing one.
        let missing = table.filter { $0.isRequired && shownNames[$0.name] == nil }.map(\.name).min()
        if let missing { throw FlagError("Flag '\(missing)' is required, but it was not provided") }
    }

    public subscript(name: String) -> String? { values[name] }

    /// Whether a boolean flag is on.
    public func isOn(_ name: String) -> Bool { values[name] == "true" }

    /// The body of `/flags`: names by which the flags were loaded, and their values, all text, sorted; unset ones absent.
    public var shown: [(name: String, value: String)] {
        values.map { (shownNames[$0.key] ?? $0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private mutating func load(_ given: GivenFlag, table: [Flag]) throws(FlagError) {
        let name = given.isNegated ? String(given.name.dropFirst(3)) : given.name
        let via = given.isNegated ? " via '\(given.name)'" : ""
        guard let flag = table.first(where: { $0.name == name || $0.alias == name }) else {
            throw FlagError("Failed to load unknown flag '\(name)'\(via)")
        }
        if let before = shownNames[flag.name] {
            throw FlagError("Flag '\(name)' is already loaded via name '\(before)'")
        }
        let text: String
        switch (flag.kind, given.value ?? "") {
        case (.boolean, ""): text = given.isNegated ? "false" : "true"
        case (.boolean, let value) where given.isNegated:
            throw FlagError("Failed to load boolean flag '\(name)' via '\(given.name)' with value '\(value)'")
        case (.boolean, let value): text = value
        case _ where given.isNegated: throw FlagError("Failed to load non-boolean flag '\(name)' via '\(given.name)'")
        case (_, let value):
            guard given.value != nil else {
                throw FlagError("Failed to load non-boolean flag '\(name)': Missing value")
            }
            text = value
        }
        do {
            values[flag.name] = try flag.kind.normalized(text)
        } catch {
            throw FlagError("Failed to load flag '\(name)': Failed to load value '\(text)': \(error.message)")
        }
        shownNames[flag.name] = name
    }
}

/// A flag as it was given: `--name`, `--name=value`, `--no-name`, or an environment variable.
struct GivenFlag {
    let name: String
    let value: String?

    var isNegated: Bool { name.hasPrefix("no-") }

    /// A word of the command line; nil for one that does not look like a flag, which the real daemons skip in silence.
    init?(argument: String) {
        guard argument.hasPrefix("--") else { return nil }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = parts[0].lowercased()
        value = parts.count == 2 ? String(parts[1]) : nil
    }

    /// A `MESOS_NAME=value` text that names a known flag.
    init?(environmentEntry entry: String, table: [Flag]) {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasPrefix("MESOS_") else { return nil }
        name = parts[0].dropFirst("MESOS_".count).lowercased()
        value = String(parts[1])
        let bare = isNegated ? String(name.dropFirst(3)) : name
        guard table.contains(where: { $0.name == bare || $0.alias == bare }) else { return nil }
    }

    /// Everything given, in the order in which the real map visits it: by name, repeated names as they came.
    static func merged(table: [Flag], arguments: [String], environment: [String]) -> [GivenFlag] {
        let words = arguments.prefix { $0 != "--" }.map(trimmed)
        let onCommandLine = words.compactMap(GivenFlag.init(argument:))
        let names = Set(onCommandLine.map(\.name))
        let inherited = environment.compactMap { GivenFlag(environmentEntry: $0, table: table) }
            .filter { !names.contains($0.name) }
        return (onCommandLine + inherited).enumerated()
            .sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }
            .map(\.element)
    }

    private static func trimmed(_ word: String) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        let start = word.drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}
