/// Options and the rest of a command line.
struct DockerOptions {
    private var options: [(name: String, value: String)] = []
    var rest: [String] = []

    /// - Parameters:
    ///   - arguments: After the command's name.
    ///   - valued: Options that take a value, as `-o FILE`, `--output FILE` or `--output=FILE`.
    init(_ arguments: [String], valued: Set<String> = []) {
        var left = arguments[...]
        while let argument = left.popFirst() {
            guard argument.hasPrefix("-"), argument != "-" else {
                rest.append(argument)
                continue
            }
            if let equals = argument.firstIndex(of: "=") {
                options.append((String(argument[..<equals]), String(argument[argument.index(after: equals)...])))
            } else if valued.contains(argument), let value = left.popFirst() {
                options.append((argument, value))
            } else {
                options.append((argument, ""))
            }
        }
    }

    func has(_ names: String...) -> Bool { options.contains { names.contains($0.name) } }
    func value(_ names: String...) -> String? { options.last { names.contains($0.name) }?.value }
    /// The first option that is none of those.
    func unknown(_ known: Set<String>) -> String? { options.first { !known.contains($0.name) }?.name }
}

/// The command line `docker`.
extension DockerEngine {
    /// Carries out `docker ARGUMENTS…`.
    ///
    /// Known: `--version`, `version`, `info`, `images`, `image inspect|ls|rm|save|load|tag|import`, `inspect`, `ps`, `save`,
    /// `load`, `import`, `tag`, `rmi`, `pull`, `stop`, `kill`, `rm`.
    /// - Parameters:
    ///   - arguments: After `docker`.
    ///   - user: Who asks.
    ///   - input: Standard input, for `load` and `import -`.
    ///   - now: The node's clock.
    ///   - files: What is in a file of the node; nil where there is none.
    /// - Returns: What is printed, and what was written.
    public mutating func command(
        _ arguments: [String],
        by user: DockerUser = .root,
        input: DockerFile? = nil,
        at now: Moment,
        files: (String) -> DockerFile? = { _ in nil }
    ) -> DockerAnswer {
        guard let name = arguments.first else { return failure("See 'docker --help'.", status: 1) }
        var rest = Array(arguments.dropFirst())
        var command = name
        if name == "image" {
            guard version.hasManagementCommands, let verb = rest.first else { return unknownCommand(name) }
            rest.removeFirst()
            let verbs = [
                "inspect": "image inspect", "ls": "images", "list": "images", "rm": "rmi", "save": "save",
                "load": "load", "tag": "tag", "import": "import",
            ]
            guard let known = verbs[verb] else { return unknownCommand("image \(verb)") }
            command = known
        }
        if name == "--version" || name == "-v" { return .lines([clientLine]) }
        if let answer = refusedByClient(command, rest, files) { return answer }
        guard isRunning else { return command == "version" ? versionAnswer(rest) : notRunning(command) }
        if user == .other { return forbidden(command) }
        return carryOut(command, rest, input: input, at: now, files: files) ?? unknownCommand(name)
    }

    private mutating func carryOut(
        _ command: String,
        _ arguments: [String],
        input: DockerFile?,
        at now: Moment,
        files: (String) -> DockerFile?
    ) -> DockerAnswer? {
        let options = DockerOptions(arguments, valued: Self.valued(command))
        switch command {
        case "version": return versionAnswer(arguments)
        case "info": return info(options)
        case "images": return options.has("--tree", "-t") ? imageTree() : listImages(options, at: now)
        case "image inspect": return inspect(options, anything: false)
        case "inspect": return inspect(options, anything: true)
        case "ps": return listContainers(options, at: now)
        case "save": return save(options)
        case "load":
            guard let path = options.value("-i", "--input") else {
                return input.map { load($0) } ?? failure("requested load from stdin, but stdin is empty")
            }
            return files(path).map { load($0) }
        case "import":
            guard let source = options.rest.first, let file = source == "-" ? input : files(source) else {
                return failure("\"docker import\" requires at least 1 argument.")
            }
            return importTar(file, as: options.rest.dropFirst().first, at: now)
        case "tag":
            guard options.rest.count == 2 else { return failure("\"docker tag\" requires exactly 2 arguments.") }
            return tag(options.rest[0], options.rest[1], force: options.has("-f", "--force"))
        case "rmi": return removeImages(options.rest, force: options.has("-f", "--force"))
        case "pull": return failure(pullFailure(options.rest.first ?? ""))
        case "stop": return end(options.rest, status: 143, at: now)
        case "kill": return end(options.rest, status: 137, at: now)
        case "rm": return removeContainers(options.rest, force: options.has("-f", "--force"))
        default: return nil
        }
    }

    /// Options that take a value; `-f` is `--force` of what removes, `-t` a tree of images and a time to stop.
    private static func valued(_ command: String) -> Set<String> {
        let all: Set = ["-o", "--output", "-i", "--input", "--format", "--filter", "--time", "-c", "-m"]
        switch command {
        case "rm", "rmi", "tag": return all
        case "stop": return all.union(["-t"])
        default: return all.union(["-f"])
        }
    }

    /// What the client sees by itself: unknown flags, files that are not there.
    private func refusedByClient(
        _ command: String,
        _ arguments: [String],
        _ files: (String) -> DockerFile?
    ) -> DockerAnswer? {
        let options = DockerOptions(arguments, valued: Self.valued(command))
        if command == "images" {
            let known: Set = ["-a", "--all", "-q", "--quiet", "--no-trunc", "--digests", "--format", "-f", "--filter"]
            let old: Set = ["--tree", "-t", "--viz", "-v"]
            if let unknown = options.unknown(version.hasPlainErrors ? known : known.union(old)) {
                let usage =
                    unknown.hasPrefix("--")
                    ? "unknown flag: \(unknown)" : "unknown shorthand flag: '\(unknown.dropFirst())' in \(unknown)"
                return failure("\(usage)\nSee 'docker images --help'.", status: 125)
            }
        }
        if command == "load", let path = options.value("-i", "--input"), files(path) == nil {
            return failure("open \(path): no such file or directory")
        }
        return nil
    }

    private func save(_ options: DockerOptions) -> DockerAnswer {
        guard !options.rest.isEmpty else { return failure("\"docker save\" requires at least 1 argument.") }
        guard let archive = save(options.rest) else {
            return failure(
                version.isContentAddressed
                    ? "Error response from daemon: reference does not exist"
                    : "Error response from daemon: No such image: \(options.rest.first { imageID($0) == nil } ?? "")"
            )
        }
        var answer = DockerAnswer()
        answer.written = DockerWritten(path: options.value("-o", "--output"), archive: archive)
        return answer
    }

    private func unknownCommand(_ name: String) -> DockerAnswer {
        failure("docker: '\(name)' is not a docker command.\nSee 'docker --help'.")
    }

    /// Words on standard error.
    func failure(_ message: String, status: Int = 1) -> DockerAnswer {
        let isFatal = !version.hasPlainErrors && message.hasPrefix("Error")
        return DockerAnswer(standardError: (isFatal ? "FATA[0000] " : "") + message + "\n", status: status)
    }

    func notRunning(_ command: String = "") -> DockerAnswer {
        guard version.isContentAddressed else {
            return DockerAnswer(
                standardError: (version.hasPlainErrors ? "" : "FATA[0000] ")
                    + "Cannot connect to the Docker daemon. Is 'docker -d' running on this host?\n",
                status: 1
            )
        }
        return failure(
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
        )
    }

    private func forbidden(_ command: String) -> DockerAnswer {
        let paths = [
            "images": "images/json", "ps": "containers/json", "load": "images/load?quiet=1", "info": "info",
            "version": "version", "save": "images/get",
        ]
        let path = paths[command] ?? "images/json"
        if version.isRecent {
            return failure(
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
                    + "Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/\(path)\": "
                    + "dial unix /var/run/docker.sock: connect: permission denied"
            )
        }
        if version.hasManagementCommands {
            return failure(
                "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
                    + "Get http://%2Fvar%2Frun%2Fdocker.sock/v\(version.build.api)/\(path): "
                    + "dial unix /var/run/docker.sock: connect: permission denied"
            )
        }
        return DockerAnswer(
            standardError: (version.hasPlainErrors ? "" : "FATA[0000] ")
                + "Get http:///var/run/docker.sock/v\(version.build.api)/\(path): "
                + "dial unix /var/run/docker.sock: permission denied\n",
            status: 1
        )
    }
}
