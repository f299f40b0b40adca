/// The values of a daemon's flags, loaded as its release loads them.
///
/// Sources of every rule and message: stout/flags/flags.hpp, `FlagsBase::load`, of mesos 0.21.1 and 1.11.0;
/// mesos-zk-ops.md 1.3.
struct MesosFlags: Hashable, Sendable, Codable {
    private var values: [String: String] = [:]
    /// Name to show for a flag: the alias where it was loaded by that.
    private var shownNames: [String: String] = [:]

    /// Loads from the command line and from the environment's `MESOS_X`; those that name no known flag are ignored.
    init(table: [MesosFlag], start: DaemonStart) throws(MesosFlagError) {
        let version = MesosVersion(start.version)
        for flag in table { values[flag.name] = flag.defaultValue }
        let known = KnownFlags(table)
        for given in try GivenFlag.merged(known, start, version) { try load(given, known, version, start.readFile) }
        // The real map is sorted, and reports the first missing one.
        let missing = table.filter { $0.isRequired && shownNames[$0.name] == nil }.map(\.name).min()
        if let missing { throw MesosFlagError("Flag '\(missing)' is required, but it was not provided") }
    }

    subscript(name: String) -> String? { values[name] }

    /// Whether a boolean flag is on.
    func isOn(_ name: String) -> Bool { values[name] == "true" }

    func milliseconds(_ name: String, or otherwise: Int) -> Int {
        guard let text = values[name] else { return otherwise }
        do throws(MesosFlagError) { return try MesosDuration(text).milliseconds } catch { return otherwise }
    }

    /// Whether it was given, not merely defaulted.
    func isGiven(_ name: String) -> Bool { shownNames[name] != nil }

    /// `/flags`: names by which the flags were loaded, and their values, all text, sorted; unset ones absent.
    var shown: JSONObject {
        var object = JSONObject()
        for (name, value) in values.map({ (shownNames[$0.key] ?? $0.key, $0.value) }).sorted(by: { $0.0 < $1.0 }) {
            object[name] = .string(value)
        }
        return object
    }

    private mutating func load(
        _ given: GivenFlag,
        _ known: KnownFlags,
        _ version: MesosVersion,
        _ readFile: (String) -> String?
    ) throws(MesosFlagError) {
        let name = given.isNegated ? String(given.name.dropFirst(3)) : given.name
        let via = given.isNegated ? " via '\(given.name)'" : ""
        guard let flag = known[name] else { throw MesosFlagError("Failed to load unknown flag '\(name)'\(via)") }
        if let before = shownNames[flag.name], version.atLeast(1, 0) {
            throw MesosFlagError("Flag '\(name)' is already loaded via name '\(before)'")
        }
        let text: String
        switch (flag.kind, given.value ?? "") {
        case (.boolean, ""): text = given.isNegated ? "false" : "true"
        case (.boolean, let value) where given.isNegated:
            throw MesosFlagError("Failed to load boolean flag '\(name)' via '\(given.name)' with value '\(value)'")
        case (.boolean, let value): text = value
        case _ where given.isNegated:
            throw MesosFlagError("Failed to load non-boolean flag '\(name)' via '\(given.name)'")
        case (_, let value):
            guard given.value != nil else {
                throw MesosFlagError("Failed to load non-boolean flag '\(name)': Missing value")
            }
            text = value
        }
        values[flag.name] = try Self.value(of: flag, named: name, from: text, version, readFile)
        shownNames[flag.name] = name
    }

    /// A `file://` value is the file's content, except where the flag is a path itself.
    private static func value(
        of flag: MesosFlag,
        named name: String,
        from text: String,
        _ version: MesosVersion,
        _ readFile: (String) -> String?
    ) throws(MesosFlagError) -> String {
        let prefix = "Failed to load flag '\(name)': Failed to load value '\(text)': "
        var text = text
        if text.hasPrefix("file://"),
            !["credentials", "http_credentials", "credential", "whitelist"].contains(flag.name)
        {
            let path = String(text.dropFirst("file://".count))
            guard let content = readFile(path) else {
                throw MesosFlagError("\(prefix)Error reading file '\(path)': No such file or directory")
            }
            text = content
            while text.last?.isNewline == true { text.removeLast() }
        }
        do throws(MesosFlagError) {
            return try flag.kind.normalized(text)
        } catch {
            throw MesosFlagError(prefix + error.message)
        }
    }
}

/// A table by names and aliases.
struct KnownFlags {
    private var table: [String: MesosFlag] = [:]

    init(_ flags: [MesosFlag]) {
        for flag in flags {
            table[flag.name] = flag
            if let alias = flag.alias { table[alias] = flag }
        }
    }

    subscript(name: String) -> MesosFlag? { table[name] }
}

/// A flag as it was given: `--name`, `--name=value`, `--no-name`, or an environment variable.
struct GivenFlag {
    let name: String
    let value: String?

    var isNegated: Bool { name.hasPrefix("no-") }

    /// A word of the command line; nil for one that does not look like a flag, which the real daemons skip in silence.
    private init?(argument: String) {
        guard argument.hasPrefix("--") else { return nil }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = parts[0].lowercased()
        value = parts.count == 2 ? String(parts[1]) : nil
    }

    private init?(variable: String, value: String, _ known: KnownFlags) {
        guard variable.hasPrefix("MESOS_") else { return nil }
        name = variable.dropFirst("MESOS_".count).lowercased()
        self.value = value
        guard known[isNegated ? String(name.dropFirst(3)) : name] != nil else { return nil }
    }

    /// Everything given, in the order in which the real map visits it: by name.
    ///
    /// Before 0.25 the environment was poured into the map of the command line, so that a flag in both is a duplicate;
    /// from then on the command line wins. Before 1.0 a name given twice is caught here, later by its flag.
    static func merged(
        _ known: KnownFlags,
        _ start: DaemonStart,
        _ version: MesosVersion
    ) throws(MesosFlagError) -> [GivenFlag] {
        let inherited = start.environment.sorted { $0.key < $1.key }
            .compactMap { GivenFlag(variable: $0.key, value: $0.value, known) }
        let words = start.arguments.prefix { $0 != "--" }.map(trimmed).compactMap(GivenFlag.init(argument:))
        var names: Set<String> = version.atLeast(0, 25) ? [] : Set(inherited.map(\.name))
        for word in words where !version.atLeast(1, 0) {
            let bare = word.isNegated ? String(word.name.dropFirst(3)) : word.name
            guard !names.contains(word.name), !names.contains(bare) else {
                throw MesosFlagError("Duplicate flag '\(word.name)' on command line")
            }
            names.insert(word.name)
        }
        let onCommandLine = Set(words.map(\.name))
        return (words + inherited.filter { !onCommandLine.contains($0.name) }).enumerated()
            .sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }
            .map(\.element)
    }

    private static func trimmed(_ word: String) -> String {
        let start = word.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension MesosFlags {
    /// What `--help` prints: the first column of the real daemons' list, by which a program can ask whether a flag exists.
    ///
    /// Source: stout/flags/flags.hpp, `FlagsBase::usage`.
    static func help(program: String, table: [MesosFlag]) -> String {
        let lines = table.sorted { $0.name < $1.name }.map { flag in
            let names = [flag.name] + (flag.alias.map { [$0] } ?? [])
            return "  " + names.map { flag.kind == .boolean ? "--[no-]\($0)" : "--\($0)=VALUE" }.joined(separator: ", ")
        }
        return "Usage: \(program) [options]\n\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Loads, or ends as the daemon does: `--help` and `--version` first, then the error with where to look further.
    static func loaded(program: String, table: [MesosFlag], _ start: DaemonStart) throws(DaemonExit) -> MesosFlags {
        let version = MesosVersion(start.version)
        let help = Self.help(program: program, table: table)
        if start.arguments.contains("--help") { throw DaemonExit(status: version.atLeast(1, 0) ? 0 : 1, help) }
        if start.arguments.contains("--version") { throw DaemonExit(status: 0, "mesos \(start.version)") }
        do throws(MesosFlagError) {
            return try MesosFlags(table: table, start: start)
        } catch {
            let hint =
                version.atLeast(1, 5)
                ? "\n\nSee `\(program) --help` for a list of supported flags." : "\n\(help)"
            throw DaemonExit(error.message + hint)
        }
    }
}
