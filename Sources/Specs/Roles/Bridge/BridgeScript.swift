/// The script that makes HAProxy's configuration from Marathon's tasks, and where its parts are on a node.
public enum BridgeScript {
    public static let text = "#!/bin/sh\n"

    public enum Paths {
        public static let script = "/usr/local/bin/haproxy-marathon-bridge"
        public static let marathons = "/etc/haproxy-marathon-bridge/marathons"
        public static let header = "/etc/haproxy-marathon-bridge/header"
        public static let settings = "/etc/haproxy-marathon-bridge/settings"
        public static let curlrc = "/etc/haproxy-marathon-bridge/curlrc"
        public static let cron = "/etc/cron.d/haproxy-marathon-bridge"
        public static let enabled = "/etc/default/haproxy"
        public static let configuration = "/etc/haproxy/haproxy.cfg"
        public static let lastGood = "/var/lib/haproxy-marathon-bridge/haproxy.cfg.good"
        public static let lastRun = "/var/lib/haproxy-marathon-bridge/last-run"
    }

    public static let firstLine = "# made by haproxy-marathon-bridge from Marathon's tasks; edits are overwritten"

    public static let cronLine =
        "* * * * * root \(Paths.script) logged refresh_system_haproxy $(cat \(Paths.marathons))\n"
}
