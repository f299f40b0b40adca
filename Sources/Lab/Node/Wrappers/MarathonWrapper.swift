internal import Daemons
internal import Specs

extension LabNode {
    /// The wrapper up to 1.4: flags from /etc/marathon/conf, /etc/default/marathon and /etc/mesos/zk (mesos-zk-ops.md 1.4,
    /// marathon-api.md 7.1).
    func launchFlagFileMarathon(_ version: DottedVersion) throws(DaemonExit) -> Launched {
        var readFiles: [String: String] = [:]
        var environment = supervisorEnvironment
        // The unit names it, and does without it.
        if platform.usesSystemd, let text = files.read("/etc/sysconfig/marathon") {
            readFiles["/etc/sysconfig/marathon"] = text
            environment.merge(environmentFile(text)) { $1 }
        }
        var options: [String] = []
        for name in regularFiles(below: "/etc/marathon/conf") {
            let text = files.content("/etc/marathon/conf/\(name)") ?? ""
            readFiles["/etc/marathon/conf/\(name)"] = text
            options += name.hasPrefix("?") ? ["--\(name.dropFirst())"] : ["--\(name)", withoutTrailingNewlines(text)]
        }
        // Sourced from 0.8.2 on; what is not exported counts only since `allexport`, later that year.
        if !(version < DottedVersion(0, 8, 2)) {
            var defaults = ShellDefaults(exportsAll: !(version < DottedVersion(0, 9)), hostname: hostname) {
                files.read($0)
            }
            try defaults.source("/etc/default/marathon")
            readFiles.merge(defaults.readFiles) { $1 }
            environment.merge(defaults.environment) { $1 }
        }
        for (name, value) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("MARATHON_") && !name.hasPrefix("MARATHON_APP") && !name.hasPrefix("MARATHON_CMD_") {
            options.append("--\(name.dropFirst("MARATHON_".count).lowercased())")
            options += value.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
        }
        options += optionsFromMesos(options, version, &readFiles)
        if version < DottedVersion(1, 4) {
            return java(options, environment, readFiles)
        }
        environment.merge(commandVariables(options)) { $1 }
        return java([], environment, readFiles)
    }

    /// From 1.5 on the environment alone, from a file that systemd reads (marathon-api.md 7.1).
    func launchMarathon(_ service: LabServiceDefinition) throws(DaemonExit) -> Launched {
        let path = platform.usesAPT ? "/etc/default/marathon" : "/etc/sysconfig/marathon"
        guard let text = files.read(path) else {
            throw DaemonExit("\(service.name).service: Failed to load environment files: No such file or directory")
        }
        return java([], supervisorEnvironment.merging(environmentFile(text)) { $1 }, [path: text])
    }

    private func java(_ arguments: [String], _ environment: [String: String], _ files: [String: String]) -> Launched {
        let options = (environment["JAVA_OPTS"] ?? "-Xmx512m").split(separator: " ").map(String.init)
        return Launched(
            commandLine: ["java"] + options + ["-cp", "/usr/bin/marathon", "mesosphere.marathon.Main"] + arguments,
            arguments: arguments,
            environment: environment,
            readFiles: files
        )
    }

    /// `find . -type f -not -name '.*'`: no links, sub-directories too, names relative.
    private func regularFiles(below directory: String) -> [String] {
        func find(_ prefix: String) -> [String] {
            (files.list("\(directory)/\(prefix)") ?? []).flatMap { name -> [String] in
                switch files.attributes("\(directory)/\(prefix)\(name)", followingLinks: false)?.kind {
                case .directory: find("\(prefix)\(name)/")
                case .regular where !name.hasPrefix("."): ["\(prefix)\(name)"]
                default: []
                }
            }
        }
        return find("")
    }

    private func optionsFromMesos(
        _ options: [String],
        _ version: DottedVersion,
        _ readFiles: inout [String: String]
    ) -> [String] {
        guard let text = files.read("/etc/mesos/zk"), !text.isEmpty else { return [] }
        readFiles["/etc/mesos/zk"] = text
        // A substring test before January 2016: any flag that begins with --zk counts.
        let isSubstringTest = version < DottedVersion(0, 15)
        func isGiven(_ flag: String) -> Bool {
            isSubstringTest ? options.contains { $0.contains(flag) } : options.contains(flag)
        }
        var added: [String] = []
        if !isGiven("--zk") {
            let servers = withoutTrailingNewlines(text).split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/") }
            added += ["--zk", servers.joined(separator: "\n") + "/marathon"]
        }
        if !isGiven("--master") { added += ["--master", withoutTrailingNewlines(text)] }
        return added
    }

    /// `--name value --flag` as `MARATHON_CMD_NAME=value MARATHON_CMD_FLAG=`.
    private func commandVariables(_ options: [String]) -> [String: String] {
        var variables: [String: String] = [:]
        var rest = options[...]
        while let option = rest.popFirst() {
            let name = option.hasPrefix("--") ? option.dropFirst(2) : option[...]
            let takesValue = rest.first.map { !$0.hasPrefix("--") } ?? false
            variables["MARATHON_CMD_\(name.uppercased())"] = takesValue ? rest.popFirst() : ""
        }
        return variables
    }
}

/// A file as systemd's `EnvironmentFile=` reads it: assignments, quotes taken off, `#` and `;` lines skipped
/// (systemd.exec(5)).
func environmentFile(_ text: String) -> [String: String] {
    var variables: [String: String] = [:]
    for line in text.split(separator: "\n") {
        let line = trimmed(line)
        guard !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") else { continue }
        let name = trimmed(line[..<equals])
        guard let first = name.first, first.isLetter || first == "_",
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        else { continue }
        var value = trimmed(line[line.index(after: equals)...])
        for quote in ["\"", "'"] where value.count > 1 && value.hasPrefix(quote) && value.hasSuffix(quote) {
            value = value.dropFirst().dropLast()
            break
        }
        variables[String(name)] = String(value)
    }
    return variables
}

private func trimmed(_ text: Substring) -> Substring {
    var rest = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest.removeLast() }
    return rest
}
