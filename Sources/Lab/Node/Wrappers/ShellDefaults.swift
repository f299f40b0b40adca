internal import Daemons

/// The shell variables that `/etc/default` files set, read as bash sources them under `set -e -u`.
///
/// Knows assignments, `export`, quotes, `$NAME`, `${NAME}`, `${NAME:-word}`, and command substitution of `cat`, `echo` and
/// `hostname`: what packages and operators write there. Any other command is one that is not found; conditions and loops
/// are not understood, and so end the wrapper too.
struct ShellDefaults {
    var variables: [String: String] = [:]
    /// Names that reach the daemon's environment.
    var exported: Set<String> = []
    /// `set -o allexport`.
    var exportsAll: Bool
    /// Every file read, with its content.
    var readFiles: [String: String] = [:]
    let hostname: String
    let read: (String) -> String?

    init(exportsAll: Bool, hostname: String, read: @escaping (String) -> String?) {
        self.exportsAll = exportsAll
        self.hostname = hostname
        self.read = read
    }

    var environment: [String: String] { variables.filter { exported.contains($0.key) } }

    /// Sources `path` if it is there.
    /// - Throws: The end of a wrapper that runs under `errexit` and `nounset`.
    mutating func source(_ path: String) throws(DaemonExit) {
        guard let text = readFile(path) else { return }
        var reader = ShellReader(text)
        while let statement = try reader.statement() {
            try run(statement)
        }
    }

    private mutating func readFile(_ path: String) -> String? {
        guard let text = read(path) else { return nil }
        readFiles[path] = text
        return text
    }

    private mutating func run(_ statement: [ShellWord]) throws(DaemonExit) {
        var words = statement[...]
        var assignments: [(String, ShellWord)] = []
        while let word = words.first, let (name, value) = word.assignment {
            assignments.append((name, value))
            words = words.dropFirst()
        }
        guard let command = words.first else {
            for (name, value) in assignments {
                let (text, status) = try expand(value)
                set(name, text)
                if let status { throw status }
            }
            return
        }
        let (name, _) = try expand(command)
        switch name {
        case "export", "declare", "readonly", "typeset":
            for word in words.dropFirst() {
                if let (name, value) = word.assignment {
                    // The status is that of `export`, which succeeds.
                    set(name, try expand(value).text)
                    if command.plain == "export" { exported.insert(name) }
                } else {
                    exported.insert(try expand(word).text)
                }
            }
        case "unset":
            for word in words.dropFirst() { variables[try expand(word).text] = nil }
        case ":", "true", "ulimit", "set", "umask", "shopt", "echo": break
        case "false": throw DaemonExit("")
        default: throw DaemonExit(status: 127, "\(name): command not found")
        }
    }

    mutating func set(_ name: String, _ value: String) {
        variables[name] = value
        if exportsAll { exported.insert(name) }
    }

    /// The text of a word, and how its last command substitution failed.
    private mutating func expand(_ word: ShellWord) throws(DaemonExit) -> (text: String, failure: DaemonExit?) {
        var text = ""
        var failure: DaemonExit?
        for part in word.parts {
            switch part {
            case .text(let literal, _): text += literal
            case .variable(let name, let fallback):
                if let value = variables[name], !(value.isEmpty && fallback != nil) {
                    text += value
                } else if let fallback {
                    text += fallback
                } else {
                    throw DaemonExit("\(name): unbound variable")
                }
            case .command(let command):
                let (output, status) = output(of: command)
                text += withoutTrailingNewlines(output)
                failure = status
            }
        }
        return (text, failure)
    }

    private mutating func output(of command: String) -> (String, DaemonExit?) {
        let words = command.split { $0 == " " || $0 == "\t" }.map { $0.filter { $0 != "\"" && $0 != "'" } }
        switch words.first {
        case "cat", "<":
            var text = ""
            var failure: DaemonExit?
            for path in words.dropFirst() {
                if let content = readFile(path) {
                    text += content
                } else {
                    failure = DaemonExit("cat: \(path): No such file or directory")
                }
            }
            return (text, failure)
        case "echo": return (words.dropFirst().joined(separator: " "), nil)
        case "hostname": return (hostname, nil)
        case let name: return ("", DaemonExit(status: 127, "\(name ?? ""): command not found"))
        }
    }
}
