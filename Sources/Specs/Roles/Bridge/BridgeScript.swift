/// The bridge between Marathon and HAProxy on a node: our own `haproxy-marathon-bridge`, under the names the original had
/// (`bin/haproxy-marathon-bridge` of Marathon 0.7 to 0.15).
///
/// It runs every minute from cron and by hand, so it knows nothing of this program: its files say what it does.
public enum BridgeScript {
    /// POSIX sh, embedded from `Shell/haproxy-marathon-bridge`.
    public static var text: String { String(decoding: PackageResources.haproxy_marathon_bridge, as: UTF8.self) }

    /// Where the script and what it reads and writes are.
    public enum Paths {
        /// The script, mode 0755.
        public static let script = "/usr/local/bin/haproxy-marathon-bridge"
        /// One Marathon a line: `host:port`, `http://host:port` or `https://host:port`.
        public static let marathons = "/etc/haproxy-marathon-bridge/marathons"
        /// haproxy.cfg before the apps; 0600 where it holds credentials.
        ///
        /// Absent: the script's own, without statistics.
        public static let header = "/etc/haproxy-marathon-bridge/header"
        /// `KEY=value` lines: `bind`, `reserved` (ports, with commas), `timeout` (seconds a Marathon).
        public static let settings = "/etc/haproxy-marathon-bridge/settings"
        /// Handed to curl by `-K`; 0600.
        public static let curlrc = "/etc/haproxy-marathon-bridge/curlrc"
        /// Runs the script every minute; 0644, else cron leaves it aside.
        public static let cron = "/etc/cron.d/haproxy-marathon-bridge"
        /// `ENABLED=1`, which HAProxy's packages up to Ubuntu 14.04 and Debian 7 wait for.
        public static let enabled = "/etc/default/haproxy"
        /// What the script writes and HAProxy reads.
        public static let configuration = "/etc/haproxy/haproxy.cfg"
        /// The last configuration that HAProxy was seen to listen with; 0600.
        public static let lastGood = "/var/lib/haproxy-marathon-bridge/haproxy.cfg.good"
        /// What the last refresh did, `key=value` lines: `at` (seconds since 1970), `outcome` (`unchanged`, `updated`,
        /// `kept`, `failed`), `since` (when runs began to go well, or not to), `marathon`, `apps`, `servers`, `message`.
        public static let lastRun = "/var/lib/haproxy-marathon-bridge/last-run"
        /// Held by the run under way.
        public static let lock = "/run/haproxy-marathon-bridge.lock"
    }

    /// The first line of a configuration that the script made.
    public static let firstLine = "# made by haproxy-marathon-bridge from Marathon's tasks; edits are overwritten"

    /// The content of ``Paths/cron``, as `haproxy-marathon-bridge cronjob` prints it.
    public static let cronLine =
        "* * * * * root \(Paths.script) logged refresh_system_haproxy $(cat \(Paths.marathons))\n"
}
