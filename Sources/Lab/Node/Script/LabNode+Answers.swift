public import Daemons
public import Reconciler
internal import Specs

/// Content up to this many bytes travels whole (common.sh, `WHOLE`).
let wholeBytes = 65_536

/// Ends an answer: the script's `conclude unknown WHY`.
struct Unknown: Error {
    var why: String
    init(_ why: String) { self.why = why }
}

extension LabNode {
    /// The answer to a request, as the node script gives it (facts.sh, services.sh).
    ///
    /// - Parameters:
    ///   - request: What the engine asks.
    ///   - now: The world's time.
    ///   - help: What a program's `--help` prints; nil where nobody knows.
    /// - Returns: nil for a question that the network answers (four-letter word, HTTP): the world's.
    public func answer(
        _ request: FactRequest,
        at now: Moment,
        help: (LabProgram, _ version: String) -> String? = { _, _ in nil }
    ) -> FactAnswer? {
        if let refused = request.refusal { return .unknown(reason: refused) }
        do throws(Unknown) {
            switch request {
            case .fourLetterWord, .http: return nil
            case .reach: return nil
            case .network: return .network(networkAnswer)
            case .listening: return nil
            case .platform: return .platform(platformAnswer)
            case .file(let path): return try fileAnswer(path).map(FactAnswer.file) ?? .absent
            case .directory(let path, let recursive): return try directoryAnswer(path, recursive: recursive)
            case .service(let service): return .service(try serviceAnswer(service))
            case .package(let package): return packageAnswer(package).map(FactAnswer.package) ?? .absent
            case .flagNames(let program): return try flagsAnswer(program, help)
            case .resolve(let name): return addresses(of: name).map(FactAnswer.addresses) ?? .absent
            case .disk: return .disk(freeBytes: freeBytes / 1024 * 1024, totalBytes: diskBytes / 1024 * 1024)
            case .clock: return .clock(seconds: clock(at: now).seconds)
            case .dockerEngine: return try dockerAnswer()
            case .images: return try imagesAnswer(at: now)
            case .controlGroups: return controlGroups
            case .lease:
                let seconds = clock(at: now).wholeSeconds
                return try stateFile("lease").map { .lease(text: $0, nodeSeconds: seconds) } ?? .absent
            case .applied: return try stateFile("applied").map(FactAnswer.applied) ?? .absent
            }
        } catch {
            return .unknown(reason: error.why)
        }
    }

    private var platformAnswer: PlatformAnswer {
        PlatformAnswer(
            osID: platform.osID,
            osVersion: platform.osVersion,
            initSystem: platform.usesSystemd ? "systemd" : "upstart",
            packageManager: platform.usesAPT ? "apt" : "yum",
            hostname: hostname,
            machine: "x86_64",
            wrapperAgentDirectory: agentFlagDirectory
        )
    }

    /// The first directory that the installed wrapper names.
    private var agentFlagDirectory: String {
        let wrapper = files.read("/usr/bin/mesos-init-wrapper") ?? ""
        for mention in wrapper.ranges(of: "/etc/mesos-") {
            for role in ["slave", "agent"] where wrapper[mention.upperBound...].hasPrefix(role) {
                return "/etc/mesos-" + role
            }
        }
        return ""
    }

    /// nil where there is no such name; literal addresses resolve to themselves.
    private func addresses(of name: String) -> [String]? {
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        if octets.count == 4, octets.allSatisfy({ UInt8($0) != nil }) { return [name] }
        if let address = hostsFileAddress(of: name) { return [address] }
        if let known = hosts[name], !known.isEmpty { return known }
        return name == "localhost" ? ["127.0.0.1"] : nil
    }

    /// The text of one of the product's own files; nil where there is none.
    private func stateFile(_ name: String) throws(Unknown) -> String? {
        let path = "/var/lib/reconciler/" + name
        guard let attributes = files.attributes(path) else { return nil }
        guard attributes.kind == .regular, let text = files.read(path) else { throw Unknown("\(path): cannot be read") }
        return text
    }

    private func dockerAnswer() throws(Unknown) -> FactAnswer {
        guard let docker else { return .absent }
        guard docker.engineAnswers else {
            throw Unknown(
                "docker version: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
                    + "Is the docker daemon running?"
            )
        }
        let words = docker.clientLine.split(separator: " ")
        guard words.count > 2 else { throw Unknown("docker version: empty answer") }
        return .dockerEngine(version: String(words[2].prefix { $0 != "," }))
    }

    private func flagsAnswer(
        _ path: String,
        _ help: (LabProgram, _ version: String) -> String?
    ) throws(Unknown) -> FactAnswer {
        guard let (program, version) = program(at: path) else { return .absent }
        let text = help(program, version) ?? ""
        let names = flagNames(inHelp: text)
        guard !names.isEmpty else {
            throw Unknown("\(path) --help named no flag (status 1): \(lastLine(text))")
        }
        return .flagNames(names)
    }

    /// The program at a path of the node (links followed), or of that name in the usual places, and its upstream version.
    public func program(at path: String) -> (program: LabProgram, version: String)? {
        let places = path.hasPrefix("/") ? [path] : ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + path }
        for place in places {
            guard let resolved = files.resolve(place)?.path, files.isRegular(resolved) else { continue }
            for (name, package) in packages.sorted(by: { $0.key < $1.key }) {
                let contents = LabPackage(name, version: package.version, on: platform)
                if let program = contents?.programs[resolved] { return (program, upstreamVersion(package.version)) }
            }
        }
        return nil
    }
}

/// facts.sh's pattern: an option at the start of a line, perhaps after a short one (`-h, `), perhaps `[no-]`; once each.
func flagNames(inHelp text: String) -> [String] {
    var names: [String] = []
    for line in text.split(separator: "\n") {
        var rest = line.drop { $0 == " " }
        if rest.first == "-", rest.dropFirst().first?.isLetter ?? false, rest.dropFirst(2).first == "," {
            rest = rest.dropFirst(3).drop { $0 == " " }
        }
        guard rest.hasPrefix("--") else { continue }
        rest = rest.dropFirst(2)
        if rest.hasPrefix("[no-]") { rest = rest.dropFirst(5) }
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
        guard let first = name.first, first.isLetter || first.isNumber || first == "_" else { continue }
        if !names.contains(String(name)) { names.append(String(name)) }
    }
    return names
}

/// The last line that says something.
func lastLine(_ text: String) -> String {
    text.split(separator: "\n").last { !$0.allSatisfy { $0.isWhitespace } }.map(String.init) ?? ""
}
