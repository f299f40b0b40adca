/// Services that are not the site's to declare.
enum ManagedServices {
    /// The role that brings a service, on every node; nil where none does.
    static func role(of service: ServiceName) -> String? {
        switch service.bare {
        case "zookeeper", "zookeeper-server": Role.zookeeper.rawValue
        case "mesos-master": Role.mesosMaster.rawValue
        case "mesos-slave", "mesos-agent": Role.mesosAgent.rawValue
        case "marathon": Role.marathon.rawValue
        case "docker", "containerd": Role.docker.rawValue
        default: nil
        }
    }

    /// What the role haproxy runs: the balancer, and cron, which runs the bridge.
    static func isBalancing(_ service: ServiceName) -> Bool { ["haproxy", "cron", "crond"].contains(service.bare) }

    /// Whether the node is not reached, or does not run, without it.
    static func isLifeline(_ service: ServiceName) -> Bool {
        let name = service.bare
        let known = [
            "ssh", "sshd", "dbus", "dbus-broker", "networking", "network", "network-manager", "NetworkManager",
            "netplan", "ifupdown", "dhclient", "dhcpcd", "udev", "polkit", "sssd", "nslcd", "wpa_supplicant",
        ]
        return known.contains(name) || ["systemd-", "ssh@", "sshd@", "ifup@", "getty@"].contains { name.hasPrefix($0) }
    }
}

extension ServiceName {
    /// Without the ending of a unit that starts the service of that name.
    fileprivate var bare: String {
        for ending in [".service", ".socket"] where text.hasSuffix(ending) {
            return String(text.dropLast(ending.count))
        }
        return text
    }
}
