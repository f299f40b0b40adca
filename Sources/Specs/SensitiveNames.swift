/// Which settings hold something that must not be shown, judged by name alone, whether or not the user declared a secret.
public enum SensitiveNames {
    /// Whether the value of a flag, a zoo.cfg key or an environment variable (`MARATHON_HTTP_CREDENTIALS`) must not be shown.
    ///
    /// Names that say where a secret is kept (`…_file`, `…_path`, `…Location`) are not sensitive. Mesos' `credentials` is one
    /// though it should be a path: Marathon's of that name is the thing itself.
    public static func isSensitive(flag: String) -> Bool {
        let name = folded(flag)
        if exact.contains(name) { return true }
        if placeSuffixes.contains(where: name.hasSuffix) { return false }
        return parts.contains(where: name.contains)
    }

    /// `text` with what stands before `@` in every URL (`zk://user:password@host/path`) redacted.
    ///
    /// Such URLs are in the clear in flags, files and answers (mesos-zk-ops.md 5.2).
    public static func redactingUserinfo(_ text: String) -> Content { redactingUserinfo(Content(text)) }

    /// As for text; declared secrets within the userinfo stay what they are.
    public static func redactingUserinfo(_ content: Content) -> Content {
        let units = content.units
        var result: [ContentUnit] = []
        var index = 0
        while index < units.count {
            guard let start = endOfScheme(in: units, at: index) else {
                result.append(units[index])
                index += 1
                continue
            }
            result += units[index..<start]
            let authority = units[start...].prefix { !isAuthorityEnd($0) }
            if let at = authority.lastIndex(of: "@") {
                result += redacted(units[start..<at])
                index = at
            } else {
                index = start
            }
        }
        return Content(units: result)
    }

    private static let exact: Set<String> = ["credential", "credentials", "http_credentials", "docker_config"]
    private static let parts = ["password", "passwd", "secret", "credential", "private_key", "token", "superdigest"]
    private static let placeSuffixes = ["_file", "_path", "_dir", "location", "_timeout", "_provider", "_resolver"]

    private static func folded(_ flag: String) -> String {
        var name = flag.lowercased()
        for prefix in ["marathon_cmd_", "marathon_", "mesos_"] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
            break
        }
        return String(name.map { $0 == "-" || $0 == "." ? "_" : $0 })
    }

    /// Where the authority begins, if `://` stands at `index`.
    private static func endOfScheme(in units: [ContentUnit], at index: Int) -> Int? {
        units[index...].starts(with: [":", "/", "/"]) ? index + 3 : nil
    }

    private static func isAuthorityEnd(_ unit: ContentUnit) -> Bool {
        guard let scalar = unit.scalar else { return false }
        return scalar == "/" || scalar == "\"" || scalar == "'" || scalar.properties.isWhitespace
    }

    private static func redacted(_ units: ArraySlice<ContentUnit>) -> [ContentUnit] {
        var result: [ContentUnit] = []
        for unit in units {
            let hidden: ContentUnit = if case .opaque(.secret) = unit { unit } else { .opaque(.redacted) }
            if hidden == .opaque(.redacted), result.last == hidden { continue }
            result.append(hidden)
        }
        return result
    }
}
