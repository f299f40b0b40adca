/// Marathon's command line: `--name value` or `--name=value`, toggles without a value, and variables in place of words.
struct MarathonCommandLine {
    struct Invalid: Error { let message: String }

    private(set) var values: [String: String] = [:]
    let version: String

    /// `words` is argv: what precedes `mesosphere.marathon.Main` is the virtual machine's.
    init(words: [String], environment: [String]) throws(Invalid) {
        let main = words.firstIndex(of: "mesosphere.marathon.Main")
        let property = "-Dmarathon.version="
        version = words.first { $0.hasPrefix(property) }.map { String($0.dropFirst(property.count)) } ?? "1.11.24"
        let own = main.map { Array(words[($0 + 1)...]) } ?? Array(words.dropFirst())
        let prefix = version.hasPrefix("1.4.") ? "MARATHON_CMD_" : "MARATHON_"
        try read((Self.arguments(from: environment, prefix: prefix) + own)[...])
        guard values["master"] != nil || isInformational else {
            throw Invalid(message: "Required option 'master' not found")
        }
    }

    var isInformational: Bool { values["help"] != nil || values["version"] != nil }

    /// Whether a toggle is on, which it is unless disabled.
    func isOn(_ name: String) -> Bool { values["disable_" + name] == nil }

    /// Variables as words.
    ///
    /// `MARATHON_APP_…` is what Marathon gives to the tasks it starts, itself among them.
    /// Source: marathon, Main.scala, `envToArgs` (1.5 on); with the longer prefix MarathonApp.scala, `envArgs` (1.4).
    private static func arguments(from environment: [String], prefix: String) -> [String] {
        environment.filter { $0.hasPrefix(prefix) && !$0.hasPrefix("MARATHON_APP_") }.flatMap { entry in
            let parts = entry.dropFirst(prefix.count).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let value = parts.count == 2 ? String(parts[1]) : ""
            return ["--" + parts[0].lowercased()] + (value.isEmpty ? [] : [value])
        }
    }

    private mutating func read(_ words: ArraySlice<String>) throws(Invalid) {
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else { throw Invalid(message: "Excess arguments provided: '\(word)'") }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let kind = marathonOptions[name] else { throw Invalid(message: "Unknown option '\(name)'") }
            guard values[name] == nil else {
                throw Invalid(message: "You should provide exactly one argument for option '\(name)'")
            }
            switch kind {
            case .toggle: values[name] = ""
            case .number, .text:
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw Invalid(message: "You should provide exactly one argument for option '\(name)'")
                }
                if case .number = kind, Int64(value) == nil {
                    throw Invalid(message: "Bad arguments for option '\(name)': '\(value)' - wrong arguments format")
                }
                values[name] = value
            }
        }
    }
}
