/// Secrets stand in the file as references; a value in clear is in every clone for ever.
enum SensitiveLiteralRule: SpecRule {
    static func check(_ draft: SpecDraft) -> [Diagnostic] {
        let spec = draft.spec
        let layers = [
            spec.nodes.flatMap { $0.flags.values.joined() }, spec.roles.values.flatMap(\.flags),
            spec.mesos?.master.flags ?? [], spec.mesos?.agent.flags ?? [], spec.marathon?.flags ?? [],
            spec.zookeeper?.config ?? [], spec.other.variables,
        ]
        let settings = layers.joined().map { (name: $0.name.value, value: $0.value) }
        let named: [(name: String, value: Located<Content>?)] = [
            ("mesos.master.credentials", spec.mesos?.master.credentials),
            ("mesos.agent.credentials", spec.mesos?.agent.credentials),
            ("mesos.httpCredentials", spec.mesos?.httpCredentials),
            ("marathon.httpCredentials", spec.marathon?.httpCredentials),
            ("marathon.token", spec.marathon?.token),
            ("haproxy.stats.credentials", spec.other.haproxy?.stats.credentials),
            ("watch.webhook", spec.other.watch.webhook?.url),
            ("watch.webhook.secret", spec.other.watch.webhook?.secret),
        ]
        let singles = named.compactMap { entry in entry.value.map { (name: entry.name, value: $0) } }
        return (settings + daemon(spec) + singles).compactMap { warning($0.name, $0.value) }
            + environments(of: draft.apps.apps)
    }

    /// Members of daemon.json at any depth, each where its key at the top is.
    private static func daemon(_ spec: ClusterSpec) -> [(name: String, value: Located<Content>)] {
        spec.docker.daemon.flatMap { setting in
            let json = KeyedText.json(member: setting.name.value, setting.value.value)
            return KeyedText.membersOfJSON(json).map { ($0.key, Located($0.value, at: setting.value.position)) }
        }
    }

    /// Many apps have variables of few names: each name is judged once.
    private static func environments(of apps: [AppDefinition]) -> [Diagnostic] {
        var judged: [String: Bool] = [:]
        return apps.flatMap { app in
            (app.definition["env"]?.members ?? [:]).filter { name, value in
                let isSensitive = judged[name] ?? SensitiveNames.isSensitive(flag: name)
                judged[name] = isSensitive
                return isSensitive || value.content?.plainText?.utf8.contains(UInt8(ascii: "@")) == true
            }.sorted { $0.key < $1.key }.compactMap { name, value in
                value.content.flatMap { warning(name, Located($0, at: app.position(of: "env.\(name)"))) }
            }
        }
    }

    private static func warning(_ name: String, _ value: Located<Content>) -> Diagnostic? {
        // A variable is judged where it is declared.
        guard let text = value.value.plainText, !text.isEmpty, !text.contains("${var:") else { return nil }
        let hint = "use ${env:…} or ${file:…}"
        if SensitiveNames.isSensitive(flag: name), !isReference(text) {
            return Diagnostic(.warning, "the value of `\(name)` is written in clear", at: value.position, hint: hint)
        }
        guard SensitiveNames.redactingUserinfo(text) != Content(text) else { return nil }
        let message = "the URL in `\(name)` has a user and password in clear"
        return Diagnostic(.warning, message, at: value.position, hint: hint)
    }

    /// A path or a file URL says where a secret is, not what it is (mesos-zk-ops.md 1.3).
    private static func isReference(_ text: String) -> Bool { text.hasPrefix("/") || text.hasPrefix("file://") }
}
