/// Marathon's command line: `--name value` or `--name=value`, toggles without a value, and variables in place of words.
struct MarathonCommandLine {
    private(set) var values: [String: String] = [:]
    private let release: MarathonVersion

    init(_ start: DaemonStart, release: MarathonVersion) throws(DaemonExit) {
        self.release = release
        try read((Self.arguments(from: start.environment, release: release) + start.arguments)[...])
        if values["version"] != nil { throw DaemonExit(status: 0, "marathon \(release)") }
        if values["help"] != nil { throw DaemonExit(status: 0, Self.help(release)) }
    }

    /// What it ends with when a flag is wrong: 112 as from 1.5 on (mesos-zk-ops.md 11), scallop's 1 before.
    static func refusal(_ words: String, _ release: MarathonVersion) -> DaemonExit {
        DaemonExit(status: release < .init(1, 5) ? 1 : 112, "[scallop] Error: \(words)")
    }

    private static func help(_ release: MarathonVersion) -> String {
        MarathonOption.all.filter { $0.value.isKnown(by: release) }.keys.sorted().map { "--\($0)" }
            .joined(separator: "\n")
    }

    /// Variables as words: `MARATHON_CMD_X` in 1.0 to 1.4, `MARATHON_X` from 1.5; before, the start script has made
    /// arguments of them (marathon-api.md 7.1).
    ///
    /// `MARATHON_APP_…` is what Marathon gives to the tasks it starts, itself among them.
    private static func arguments(from environment: [String: String], release: MarathonVersion) -> [String] {
        guard release >= .init(1, 0) else { return [] }
        let prefix = release < .init(1, 5) ? "MARATHON_CMD_" : "MARATHON_"
        return environment.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
            guard name.hasPrefix(prefix), !name.hasPrefix("MARATHON_APP_") else { return [] }
            return ["--" + name.dropFirst(prefix.count).lowercased()] + (value.isEmpty ? [] : [value])
        }
    }

    private mutating func read(_ words: ArraySlice<String>) throws(DaemonExit) {
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw refusal("Excess arguments provided: '\(word)'") }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let option = MarathonOption.all[name], option.isKnown(by: release) else {
                throw refusal("Unknown option '\(name)'")
            }
            guard values[name] == nil else {
                throw refusal("You should provide exactly one argument for option '\(name)'")
            }
            guard option.kind != .toggle else {
                values[name] = ""
                continue
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw refusal("You should provide exactly one argument for option '\(name)'")
            }
            if option.kind == .number, Int64(value) == nil {
                throw refusal("Bad arguments for option '\(name)': '\(value)' - wrong arguments format")
            }
            values[name] = value
        }
    }

    private func refusal(_ words: String) -> DaemonExit { Self.refusal(words, release) }
}
