internal import Specs

/// Masks what a node said before anything keeps it: declared secrets become their references, everything else that must not
/// be shown is redacted.
///
/// A sensitive value that is what the user declared stays readable as declared, so that it compares equal.
struct Redaction: Sendable {
    private let secrets: SecretStore
    /// Values of sensitive settings as declared, newlines at the end dropped.
    private let declared: Set<Content>
    /// Texts of the declared daemon.json; they hold secrets as references.
    private let declaredTexts: Set<Content>
    /// Whole texts of files of the site's own, by path: what is there as declared is shown as declared.
    private let declaredFiles: [String: Set<Content>]
    /// Texts of the bridge's declared files: a script has names in it that only look like secrets'.
    private let bridgeTexts: Set<Content>

    init(spec: ClusterSpec, secrets: SecretStore) {
        self.secrets = secrets
        let settings =
            [spec.mesos?.master.flags, spec.mesos?.agent.flags, spec.marathon?.flags, spec.zookeeper?.config]
            .compactMap { $0 }.joined() + spec.roles.values.flatMap(\.flags)
            + spec.nodes.flatMap { $0.flags.values.joined() }
        let named = settings.filter { Self.isSensitive($0.name.value) }.map(\.value.value)
        let typed =
            [spec.mesos?.master.credentials, spec.mesos?.agent.credentials, spec.marathon?.httpCredentials]
            + [spec.other.haproxy?.stats.credentials]
        let daemon = spec.docker.daemon.map { KeyedText.json(member: $0.name.value, $0.value.value) }
        let members = daemon.flatMap(KeyedText.membersOfJSON).filter { Self.isSensitive($0.key) }.map(\.value)
        let values = named + typed.compactMap { $0?.value } + members
        declared = Set(values.map { secrets.normalise($0).withoutTrailingNewlines })
        bridgeTexts = Set(spec.bridgeTexts.map { secrets.normalise($0) })
        declaredTexts = Set(daemon.flatMap(KeyedText.textsOfJSON).map { secrets.normalise($0) })
        declaredFiles = spec.siteTexts.mapValues { texts in Set(texts.map { secrets.normalise($0) }) }
    }

    static func isSensitive(_ name: String) -> Bool {
        let folded = name.lowercased()
        return SensitiveNames.isSensitive(flag: name)
            || ["docker_config", "superdigest"].contains { folded.hasSuffix($0) }
    }

    // MARK: Kinds of text

    /// Words that are shown to people.
    func words(_ text: String) -> Content { swept(secrets.mask(text)) }

    /// The answer with its reason, if that is all it is, fit to be shown.
    func reasons(of answer: FactAnswer) -> FactAnswer {
        if case .unknown(let reason) = answer { .unknown(reason: words(reason).shown) } else { answer }
    }

    /// The text of the file at `path`, by what such a file holds.
    func text(_ text: String, path: String) -> Content {
        let masked = secrets.mask(text)
        if declaredFiles[path]?.contains(masked) == true { return masked }
        if bridgeTexts.contains(masked) { return masked }
        switch FileKind(path: path) {
        case .balancer: return swept(SensitiveNames.redactingHAProxy(masked, unless: isKnown))
        case .secret: return isKnown(masked) ? masked : redacted(masked)
        case .flag(let name):
            guard Self.isSensitive(name) else { return swept(masked) }
            return isKnown(masked) ? masked : redacted(masked)
        case .keyed(let formats): return keyed(masked, formats)
        case .json: return json(masked)
        case .state, .other: return swept(masked)
        }
    }

    func arguments(_ arguments: [String]) -> [Content] {
        var isValueNext = false
        return arguments.map { argument in
            let masked = secrets.mask(argument)
            if isValueNext, !argument.hasPrefix("--") {
                isValueNext = false
                return isKnown(masked) ? masked : .init([.redacted])
            }
            isValueNext = argument.hasPrefix("--") && !argument.contains("=") && Self.isSensitive(optionName(argument))
            return swept(masked)
        }
    }

    /// `NAME=value` each.
    func environment(_ variables: [String]) -> [String: Content] {
        let pairs = variables.compactMap { variable -> (String, Content)? in
            guard let equals = variable.firstIndex(of: "=") else { return nil }
            let name = String(variable[..<equals])
            let value = secrets.mask(String(variable[variable.index(after: equals)...]))
            guard Self.isSensitive(name) else { return (name, swept(value)) }
            return (name, isKnown(value) ? value : redacted(value))
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// Flags as a daemon's REST API gives them, by folded name.
    func flags(_ flags: [String: String]) -> [String: Content] {
        let masked = flags.sorted { $0.key < $1.key }.map { name, text in
            let value = secrets.mask(text)
            let kept =
                Self.isSensitive(name)
                ? (isKnown(value) ? value : redacted(value)) : swept(value)
            return (FlagNames.mesos(name).name, kept)
        }
        return Dictionary(masked) { _, last in last }
    }

    // MARK: Files

    func file(_ answer: FileAnswer) -> ObservedFile {
        let kind = FileKind(path: answer.path)
        let content = kind == .state ? nil : answer.content.map { text($0, path: answer.path) }
        return ObservedFile(
            path: answer.path,
            resolvedPath: answer.resolvedPath,
            kind: answer.kind,
            mode: answer.mode,
            owner: answer.owner,
            group: answer.group,
            size: answer.size,
            modified: answer.modified,
            version: version(answer, kind, content),
            content: content
        )
    }

    /// What a write must still find: of what is or may be secret not even a digest is kept.
    ///
    /// A link that leads nowhere is written as if nothing were there.
    private func version(_ answer: FileAnswer, _ kind: FileKind, _ content: Content?) -> FileExpectation {
        if answer.kind == .dangling { return .absent }
        let mayBeSecret = content.map(\.isSensitive) ?? (kind != .other)
        return mayBeSecret || answer.digest.isEmpty ? .stamp(answer.stamp) : .digest(answer.digest)
    }

    // MARK: Parts

    /// Whether a sensitive value may stay: it is what was declared, or only says where something is kept.
    private func isKnown(_ value: Content) -> Bool {
        let plain = value.withoutTrailingNewlines
        return plain == "" || declared.contains(plain) || SensitiveNames.isPlace(plain)
    }

    private func redacted(_ value: Content) -> Content {
        value.withoutTrailingNewlines == value ? Content([.redacted]) : Content([.redacted, .literal("\n")])
    }

    private func keyed(_ masked: Content, _ formats: [KeyedEdit.Format]) -> Content {
        var known: Set<Content> = []
        let result = formats.reduce(masked) { content, format in
            let text = KeyedText(content, format: format)
            known.formUnion(text.rawValues { Self.isSensitive($0) && isKnown($1) })
            return text.redactingValues { Self.isSensitive($0) && !isKnown($1) }
        }
        return swept(result, keeping: known)
    }

    private func json(_ masked: Content) -> Content {
        KeyedText.redactingJSON(
            masked,
            where: { Self.isSensitive($0) && !isKnown($1) },
            texts: { declaredTexts.contains($0) ? $0 : swept($0) }
        )
    }

    private func swept(_ content: Content, keeping known: Set<Content> = []) -> Content {
        let values = SensitiveNames.redactingValues(
            in: content,
            of: { Self.isSensitive($0) },
            unless: { isKnown($0) || known.contains($0) }
        )
        return SensitiveNames.redactingUserinfo(values)
    }

    private func optionName(_ argument: String) -> String { String(argument.drop { $0 == "-" }) }
}

/// What a file holds, judged by where it is.
private enum FileKind: Hashable {
    /// Nothing but a secret.
    case secret
    /// The value of one flag.
    case flag(String)
    /// Lines of `key=value`; read as each of these formats.
    case keyed([KeyedEdit.Format])
    /// A JSON object.
    case json
    /// HAProxy's configuration, or a part of it.
    case balancer
    /// A daemon's own data: never looked into.
    case state
    case other

    init(path: String) {
        if [MesosMasterRole.credentialsFile, MesosAgentRole.credentialsFile, BridgeScript.Paths.curlrc].contains(path) {
            self = .secret
        } else if let directory = Self.flagDirectories.first(where: { path.hasPrefix($0) }) {
            let name = path.dropFirst(directory.count).split(separator: "/").last ?? ""
            self = .flag(String(name.drop { $0 == "?" || $0 == "." }))
        } else if path.hasPrefix("/etc/default/") || path.hasPrefix("/etc/sysconfig/") {
            self = .keyed([.environmentFile, .shell])
        } else if path == DockerRole.daemonFile {
            self = .json
        } else if Self.balancerFiles.contains(path) {
            self = .balancer
        } else if path.hasSuffix(".cfg") {
            self = .keyed([.properties])
        } else if path.contains("/version-2/") || path.contains("/replicated_log/") {
            self = .state
        } else {
            self = .other
        }
    }

    private static let balancerFiles = [
        BridgeScript.Paths.configuration, BridgeScript.Paths.lastGood, BridgeScript.Paths.header,
    ]

    private static let flagDirectories = [
        "/etc/mesos-master/", "/etc/mesos-slave/", "/etc/mesos-agent/", "/etc/marathon/conf/",
    ]
}
