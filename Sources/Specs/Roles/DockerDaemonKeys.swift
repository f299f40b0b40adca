/// What is known of the keys of Docker's daemon.json.
public enum DockerDaemonKeys {
    /// Whether a running engine takes a change of `key` at SIGHUP, so that it need not be restarted.
    ///
    /// As docs.docker.com lists them (dockerd, "Configuration reload behavior"). An older engine that does not know a key of
    /// them yet refuses the file.
    public static func isReloadable(_ key: String) -> Bool { reloadable.contains(key) }

    private static let reloadable: Set<String> = [
        "debug", "labels", "live-restore", "max-concurrent-downloads", "max-concurrent-uploads", "default-runtime",
        "runtimes", "authorization-plugins", "insecure-registries", "registry-mirrors", "shutdown-timeout", "features",
    ]
}
