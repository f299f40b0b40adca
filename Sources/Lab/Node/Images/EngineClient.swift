internal import Daemons
internal import Reconciler
internal import Specs

/// The client `docker` of a node, asked as the node script asks it (docker.sh).
struct EngineClient {
    var engine: DockerEngine
    let now: Moment

    /// - Throws: Why it failed, in the engine's reason before all other words.
    mutating func ask(_ arguments: [String]) throws(Unknown) -> String {
        let answer = engine.command(arguments, at: now)
        guard answer.status != 0 else { return withoutTrailingNewlines(answer.standardOutput) }
        throw Unknown("docker \(arguments[0]): \(Self.line(answer))")
    }

    /// With `--format` where the client knows it.
    mutating func ask(_ command: String, format: String) throws(Unknown) -> (said: String, isFormatted: Bool) {
        let answer = engine.command([command, "--format", format], at: now)
        if answer.status != 0, answer.standardError.contains("provided but not defined") {
            return (try ask([command]), false)
        }
        return (try ask([command, "--format", format]), true)
    }

    /// `docker_line`: that it cannot be reached, or that we may not, before all else.
    private static func line(_ answer: DockerAnswer) -> String {
        let words = answer.standardOutput + "\n" + answer.standardError
        let reasons = words.split(separator: "\n").filter { line in
            let line = line.lowercased()
            return ["permission denied", "cannot connect to the docker", "connection refused"].contains {
                line.contains($0)
            }
        }
        return lastLine(reasons.isEmpty ? words : reasons.joined(separator: "\n"))
    }

    mutating func version() throws(Unknown) -> String {
        let (said, isFormatted) = try ask("version", format: "{{.Server.Version}}")
        let line = isFormatted ? lastLine(said) : said.split(separator: "\n").lazy.compactMap(Self.server).first ?? ""
        guard !line.isEmpty else { throw Unknown("docker version: empty answer") }
        return line
    }

    private static func server(_ line: Substring) -> String? {
        let key = "Server version:"
        return line.hasPrefix(key) ? String(line.dropFirst(key.count).drop { $0 == " " }) : nil
    }

    mutating func info() throws(Unknown) -> String { try ask("info", format: "{{json .}}").said }

    /// Ids of the images that containers were made from, one a line.
    mutating func used() throws(Unknown) -> String {
        let containers = try ask(["ps", "-a", "-q", "--no-trunc"]).split(separator: "\n").map(String.init)
        guard !containers.isEmpty else { return "" }
        return try ask(["inspect", "--format", "{{.Image}}"] + containers) + "\n"
    }

    /// The id of what `name` names; nil for nothing.
    mutating func id(_ name: String) throws(Unknown) -> String? {
        let answer = engine.command(["inspect", "--format", "{{.Id}}", name], at: now)
        if answer.status != 0, answer.standardError.contains("No such") { return nil }
        return lastLine(try ask(["inspect", "--format", "{{.Id}}", name]))
    }
}

extension LabNode {
    /// nil where there is no `docker`; where the engine does not run, a client that says so.
    func engineClient(at now: Moment) -> EngineClient? {
        guard let docker else { return nil }
        let version = docker.clientLine.split(separator: " ").dropFirst(2).first.map { String($0.prefix { $0 != "," }) }
        var engine = engine ?? DockerEngine(version: DockerVersion(version ?? ""), node: name.text, seed: 0)
        if self.engine == nil || !docker.engineAnswers { _ = engine.stopEngine(at: now) }
        return EngineClient(engine: engine, now: clock(at: now))
    }
}
