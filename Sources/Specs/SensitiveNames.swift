/// Decides by its name alone whether a setting's value must not be shown.
public enum SensitiveNames {
    /// Whether the value of this flag or environment variable is a secret.
    ///
    /// Takes `http_credentials`, `--http-credentials` and `MARATHON_HTTP_CREDENTIALS` alike. Names of files that hold a
    /// secret (`mesos_authentication_secret_file`) are not sensitive; in doubt a name is.
    public static func isSensitive(flag name: String) -> Bool {
        let plain = String(name.lowercased().map { $0 == "-" ? "_" : $0 }.drop { $0 == "_" || $0 == "?" })
        if fileSuffixes.contains(where: plain.hasSuffix) || harmless.contains(plain) { return false }
        if plain.contains("credential") || plain.contains("secret") || whole.contains(plain) { return true }
        return secretSuffixes.contains(where: plain.hasSuffix)
    }

    private static let fileSuffixes = ["_file", "_path", "_dir"]
    private static let secretSuffixes = [
        "password", "passwd", "passphrase", "_pass", "_pwd", "token", "key", "docker_config", "superdigest",
    ]
    /// `auth` is Docker's for a registry's login, in base64.
    private static let whole: Set<String> = ["auth", "authorization", "proxy_authorization", "pass", "pwd"]
    /// Flags of Mesos that name a module.
    private static let harmless: Set<String> = ["secret_resolver", "secret_generator"]
}
