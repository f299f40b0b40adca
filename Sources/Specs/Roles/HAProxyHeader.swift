/// The part of haproxy.cfg that no app decides: `global`, `defaults` and HAProxy's own listener.
struct HAProxyHeader {
    var text: Content
    /// Where HAProxy itself answers.
    var own: HostPort
    var hasCredentials: Bool

    /// The bridge's port for statistics, on loopback (marathon-api.md 8).
    static let usualListener = HostPort(host: "127.0.0.1", port: 9090)

    /// What the seed's bridge writes, its default password left out; declared values in place of its own.
    init(_ declared: HAProxySpec?) {
        let stats = declared?.stats ?? HAProxySpec.Stats()
        let hasStats = stats.bind != nil || stats.credentials != nil
        own = stats.bind?.value ?? Self.usualListener
        hasCredentials = stats.credentials != nil
        let (total, each) = declared?.maximumConnections.map { ($0.value, $0.value) } ?? (4096, 2000)
        let head = [
            "global", "  daemon", "  log 127.0.0.1 local0", "  log 127.0.0.1 local1 notice", "  maxconn \(total)", "",
            "defaults", "  log global", "  retries 3", "  maxconn \(each)",
        ]
        let listener = [
            "", hasStats ? "listen stats" : "listen alive", "  bind \(own.haproxyText)", "  mode http",
            // Without any listener HAProxy does not start, and without apps there would be none.
            hasStats ? "  stats enable" : "  monitor-uri /",
        ]
        let lines = head + Self.timeouts(declared?.timeouts ?? []) + listener
        text = Content(lines.map { $0 + "\n" }.joined())
        if let credentials = stats.credentials?.value {
            text = text + "  stats auth " + credentials.escaping(["\\", " ", "#", "\"", "'"]) + "\n"
        }
    }

    /// `timeout` words that every version from 1.4 on reads (HAProxy's manual, 4.2), and later ones.
    static let timeoutNames: Set<String> = [
        "check", "client", "client-fin", "connect", "http-keep-alive", "http-request", "queue", "server", "server-fin",
        "tarpit", "tunnel",
    ]

    private static func timeouts(_ declared: [Setting]) -> [String] {
        let usual = [("connect", "5000"), ("client", "50000"), ("server", "50000")]
        let values = Dictionary(declared.map { ($0.name.value, $0.value.value.shown) }) { $1 }
        let names = usual.map(\.0) + values.keys.filter { name in !usual.contains { $0.0 == name } }.sorted()
        let texts = Dictionary(usual.map { ($0.0, $0.1) }) { $1 }.merging(values) { $1 }
        return names.compactMap { name in texts[name].map { "  timeout \(name) \($0)" } }
    }
}

extension HostPort {
    /// HAProxy splits at the last colon, and wants no brackets (HAProxy's manual, `bind`).
    var haproxyText: String { "\(host == "localhost" ? "127.0.0.1" : host):\(port)" }
}

extension Content {
    /// Its literal parts with a backslash before each of `characters`.
    func escaping(_ characters: Set<Character>) -> Content {
        Content(
            segments.map { segment in
                guard case .literal(let text) = segment else { return segment }
                return .literal(text.map { characters.contains($0) ? "\\\($0)" : String($0) }.joined())
            }
        )
    }
}
