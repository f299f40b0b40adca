/// Decides by its name alone whether a setting's value must not be shown.
public enum SensitiveNames {
    /// Whether the value of this flag or environment variable is a secret.
    ///
    /// Takes `http_credentials`, `--http-credentials` and `MARATHON_HTTP_CREDENTIALS` alike. Names of files that hold a
    /// secret (`mesos_authentication_secret_file`) are not sensitive; in doubt a name is.
    public static func isSensitive(flag name: String) -> Bool {
        let plain = String(name.lowercased().map { $0 == "-" ? "_" : $0 }.drop { $0 == "_" || $0 == "?" })
        if fileSuffixes.contains(where: plain.hasSuffix) || harmless.contains(plain) { return false }
        if plain.contains("credential") || plain.contains("secret") { return true }
        return secretSuffixes.contains(where: plain.hasSuffix)
    }

    private static let fileSuffixes = ["_file", "_path", "_dir"]
    private static let secretSuffixes = ["password", "passwd", "secret", "token", "key"]
    /// Flags of Mesos that name a module.
    private static let harmless: Set<String> = ["secret_resolver", "secret_generator"]
}

/// Takes user names and passwords out of URLs.
public enum URLRedaction {
    /// `text` with the userinfo of every zk://, http:// and https:// URL replaced by `•••`.
    ///
    /// A password with an unescaped `/` in it is taken out too, as long as what precedes it is no `host:port`.
    public static func redactingUserinfo(in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = firstAuthority(in: rest) {
            result += rest[..<start]
            rest = rest[start...]
            if let at = endOfUserinfo(in: rest) {
                result += "•••"
                rest = rest[at...]
            }
        }
        return result + rest
    }

    /// Whether a URL in `text` carries userinfo.
    public static func hasUserinfo(_ text: String) -> Bool { redactingUserinfo(in: text) != text }

    private static let schemes = ["zk://", "http://", "https://"]

    /// Where the authority of the first URL starts, behind its `//`.
    private static func firstAuthority(in text: Substring) -> Substring.Index? {
        var from = text.startIndex
        while let slashes = text[from...].firstRange(of: "://") {
            let head = text[..<slashes.upperBound].suffix(8).lowercased()
            if schemes.contains(where: head.hasSuffix) { return slashes.upperBound }
            from = slashes.upperBound
        }
        return nil
    }

    /// The place of the `@` that ends the userinfo, if `text`, which starts at an authority, has one.
    private static func endOfUserinfo(in text: Substring) -> Substring.Index? {
        let url = text.prefix { !$0.isWhitespace && !"\"'<>`".contains($0) }
        let authority = url.prefix { !"/?#".contains($0) }
        if let at = authority.lastIndex(of: "@") { return at }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        let looksLikePassword = parts.count == 2 && !parts[1].allSatisfy(\.isNumber) && authority.first != "["
        return looksLikePassword ? url.lastIndex(of: "@") : nil
    }
}
