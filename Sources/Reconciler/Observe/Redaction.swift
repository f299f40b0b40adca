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
    /// Names of settings that are declared with a secret, whatever they are called: what is found there instead may be the
    /// secret of yesterday.
    private let secretNames: Set<String>
    /// Whether what is declared in clear is hidden too.
    private let isForPeople: Bool

    /// For what is shown: values in clear under sensitive names are hidden, declared or not; references stay.
    static let forPeople = Redaction()

    private init() {
        (secrets, declared, declaredTexts, declaredFiles, bridgeTexts) = (SecretStore(), [], [], [:], [])
        (secretNames, isForPeople) = ([], true)
    }

    init(spec: ClusterSpec, secrets: SecretStore) {
        self.secrets = secrets
        let settings =
            [spec.mesos?.master.flags, spec.mesos?.agent.flags, spec.marathon?.flags, spec.zookeeper?.config]
            .compactMap { $0 }.joined() + spec.roles.values.flatMap(\.flags)
            + spec.nodes.flatMap { $0.flags.values.joined() }
        isForPeople = false
        let daemon = spec.docker.daemon.map { KeyedText.json(member: $0.name.value, $0.value.value) }
        let leaves = daemon.flatMap(KeyedText.membersOfJSON).filter { member in
            !["{", "["].contains { member.value.shown.hasPrefix($0) }
        }
        let all = settings.map { ($0.name.value, $0.value.value) } + leaves.map { ($0.key, $0.value) }
        secretNames = Set(all.filter { !$0.1.references.isEmpty }.map { Self.folded($0.0) })
        let names = secretNames
        let named = settings.filter { Self.isSensitive($0.name.value, names) }.map(\.value.value)
        let typed =
            [spec.mesos?.master.credentials, spec.mesos?.agent.credentials, spec.marathon?.httpCredentials]
            + [spec.other.haproxy?.stats.credentials]
        let members = daemon.flatMap(KeyedText.membersOfJSON).filter { Self.isSensitive($0.key, names) }.map(\.value)
        let values = named + typed.compactMap { $0?.value } + members
        declared = Set(values.map { secrets.normalise($0).withoutTrailingNewlines })
        bridgeTexts = Set(spec.bridgeTexts.map { secrets.normalise($0) })
        declaredTexts = Set(daemon.flatMap(KeyedText.textsOfJSON).map { secrets.normalise($0) })
        declaredFiles = spec.siteTexts.mapValues { texts in Set(texts.map { secrets.normalise($0) }) }
    }

    static func isSensitive(_ name: String) -> Bool { SensitiveNames.isSensitive(flag: name) }

    private static func isSensitive(_ name: String, _ secretNames: Set<String>) -> Bool {
        if SensitiveNames.isSensitive(flag: name) { return true }
        guard !secretNames.isEmpty else { return false }
        let plain = Self.folded(name)
        // `MESOS_NAME` is the variable of `name`.
        return secretNames.contains(plain) || secretNames.contains { plain.hasSuffix("_" + $0) }
    }

    private static func folded(_ name: String) -> String {
        String(name.lowercased().map { $0 == "-" ? "_" : $0 }.drop { $0 == "_" || $0 == "?" })
    }

    private func hides(_ name: String) -> Bool { Self.isSensitive(name, secretNames) }

    // MARK: Kinds of text

    /// Words that are shown to people.
    func words(_ text: String) -> Content { swept(secrets.hiding(text)) }

    /// The answer with its reason, if that is all it is, fit to be shown.
    func reasons(of answer: FactAnswer) -> FactAnswer {
        if case .unknown(let reason) = answer { .unknown(reason: words(reason).shown) } else { answer }
    }

    /// The text of the file at `path`, by what such a file holds.
    func text(_ text: String, path: String) -> Content { self.text(secrets.mask(text), path: path) }

    func text(_ masked: Content, path: String) -> Content {
        if let texts = declaredFiles[path] {
            if texts.contains(masked) { return masked }
            if texts.contains(where: \.isSensitive) { return masked.keepingLines(of: texts) }
        }
        if bridgeTexts.contains(masked) { return masked }
        switch FileKind(path: path) {
        case .balancer: return swept(SensitiveNames.redactingHAProxy(masked, unless: isKnown))
        case .secret: return isKnown(masked) ? masked : redacted(masked)
        case .flag(let name):
            guard hides(name) else { return swept(masked) }
            return isKnown(masked) ? masked : redacted(masked)
        case .keyed(let formats): return keyed(masked, formats)
        case .json: return json(masked)
        case .state, .other: return swept(masked)
        }
    }

    func arguments(_ arguments: [String]) -> [Content] { self.arguments(arguments.map(secrets.mask)) }

    func arguments(_ masked: [Content]) -> [Content] {
        var isValueNext = false
        return masked.map { argument in
            let text = argument.shown
            if isValueNext, !text.hasPrefix("--") {
                isValueNext = false
                return isKnown(argument) ? argument : .init([.redacted])
            }
            isValueNext = text.hasPrefix("--") && !text.contains("=") && hides(optionName(text))
            return swept(argument)
        }
    }

    /// `NAME=value` each.
    func environment(_ variables: [String]) -> [String: Content] {
        let pairs = variables.compactMap { variable -> (String, Content)? in
            guard let equals = variable.firstIndex(of: "=") else { return nil }
            let name = String(variable[..<equals])
            return (name, value(secrets.mask(String(variable[variable.index(after: equals)...])), of: name))
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// Flags as a daemon's REST API gives them, by folded name.
    func flags(_ flags: [String: String]) -> [String: Content] {
        let masked = flags.sorted { $0.key < $1.key }.map { name, text in
            (FlagNames.mesos(name).name, value(secrets.mask(text), of: name))
        }
        return Dictionary(masked) { _, last in last }
    }

    /// Of a variable or a flag.
    func value(_ masked: Content, of name: String) -> Content {
        guard hides(name) else { return swept(masked) }
        return isKnown(masked) ? masked : redacted(masked)
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
        if isForPeople, !plain.references.isEmpty { return true }
        return plain == "" || declared.contains(plain) || SensitiveNames.isPlace(plain)
    }

    private func redacted(_ value: Content) -> Content {
        value.withoutTrailingNewlines == value ? Content([.redacted]) : Content([.redacted, .literal("\n")])
    }

    private func keyed(_ masked: Content, _ formats: [KeyedEdit.Format]) -> Content {
        var known: Set<Content> = []
        let result = formats.reduce(masked) { content, format in
            let text = KeyedText(content, format: format)
            known.formUnion(text.rawValues { hides($0) && isKnown($1) })
            return text.redactingValues { hides($0) && !isKnown($1) }
        }
        return swept(result, keeping: known)
    }

    private func json(_ masked: Content) -> Content {
        KeyedText.redactingJSON(
            masked,
            where: { hides($0) && !isKnown($1) },
            texts: { declaredTexts.contains($0) ? $0 : swept($0) }
        )
    }

    private func swept(_ content: Content, keeping known: Set<Content> = []) -> Content {
        let values = SensitiveNames.redactingValues(
            in: content,
            of: { hides($0) },
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
