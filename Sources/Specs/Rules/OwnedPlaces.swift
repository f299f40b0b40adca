/// Places on a node that a file of the site's own must not take: what locks people out or stops a boot when it is wrong, and
/// what other parts of cluster.yaml declare.
public enum OwnedPlaces {
    /// Why a place is refused, and what to do instead.
    public struct Problem: Hashable, Sendable {
        /// Follows the path: "decides who may log in".
        public var reason: String
        public var remedy: String

        public init(reason: String, remedy: String) {
            self.reason = reason
            self.remedy = remedy
        }
    }

    /// Places that are nobody's to write by a plan, on any node; nil where `path` is none.
    ///
    /// `path` is absolute and without detours; names under which merged systems know one directory are one place.
    public static func problem(of path: String) -> Problem? {
        let place = canonical(path)
        if let row = table.first(where: { row in row.places.contains { holds($0, place) } }) { return row.problem }
        if place.split(separator: "/").last?.hasPrefix("authorized_keys") == true || place.contains("/.ssh/") {
            return access
        }
        return ofUnit(place)
    }

    /// Places of services that the node's roles bring; `roles` are the node's.
    public static func problem(of path: String, roles: Set<Role>) -> Problem? {
        let place = canonical(path)
        let row = managed.first { row in
            !roles.isDisjoint(with: row.roles) && row.places.contains { holds($0, place) }
        }
        return row.map { Problem(reason: "belongs to \($0.owner)", remedy: "declare it under `\($0.section)`") }
    }

    /// The name of a path by which two spellings of one place are compared: where a system has merged directories, the one
    /// that is left.
    public static func canonical(_ path: String) -> String {
        let merged = [
            ("/bin/", "/usr/bin/"), ("/sbin/", "/usr/sbin/"), ("/lib/", "/usr/lib/"), ("/lib64/", "/usr/lib64/"),
            ("/var/run/", "/run/"), ("/var/lock/", "/run/lock/"), ("/etc/rc.d/init.d/", "/etc/init.d/"),
        ]
        guard let (old, new) = merged.first(where: { path.hasPrefix($0.0) }) else { return path }
        return new + path.dropFirst(old.count)
    }

    /// `place` itself; what is below it where it ends in a slash; what begins with it where it ends in a star.
    private static func holds(_ place: String, _ path: String) -> Bool {
        switch place.last {
        case "/": path.hasPrefix(place) || path == place.dropLast()
        case "*": path.hasPrefix(place.dropLast())
        default: path == place
        }
    }

    private struct Row {
        var places: [String]
        var problem: Problem

        init(_ reason: String, _ remedy: String, _ places: [String]) {
            self.places = places
            problem = Problem(reason: reason, remedy: remedy)
        }
    }

    private static let byHand = "change it by hand, with a second session open"
    private static let access = Problem(reason: "decides who may log in", remedy: byHand)

    private static let table: [Row] = [
        Row(
            "decides who may log in",
            byHand,
            [
                "/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-",
                "/etc/gshadow", "/etc/gshadow-", "/etc/nsswitch.conf", "/etc/nologin", "/run/nologin",
                "/etc/securetty", "/etc/shells",
                "/etc/login.defs", "/etc/hosts.allow", "/etc/hosts.deny", "/etc/pam.conf", "/etc/pam.d/",
                "/etc/security/access.conf", "/etc/security/time.conf", "/etc/security/group.conf", "/root/.ssh/",
                "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/", "/etc/ssh/ssh_host_*", "/etc/default/ssh",
                "/etc/sysconfig/sshd",
            ]
        ),
        Row(
            "decides who may become root, which reconciler needs as well",
            byHand,
            ["/etc/sudoers", "/etc/sudoers.d/", "/etc/sudo.conf", "/etc/doas.conf", "/etc/polkit-1/"]
        ),
        Row(
            "can keep the node from booting",
            "change it by hand, with the node's console at hand",
            [
                "/boot/", "/efi/", "/etc/fstab", "/etc/crypttab", "/etc/inittab", "/etc/default/grub",
                "/etc/default/grub.d/", "/etc/grub.d/", "/etc/lilo.conf", "/etc/initramfs-tools/", "/etc/dracut.conf",
                "/etc/dracut.conf.d/", "/etc/mdadm/", "/etc/lvm/", "/etc/selinux/config", "/etc/machine-id",
                "/etc/systemd/system.conf", "/etc/systemd/system.conf.d/", "/etc/systemd/system/default.target",
                "/etc/rc.sysinit", "/etc/rcS.d/", "/etc/ld.so.preload", "/etc/ld.so.cache",
            ]
        ),
        Row(
            "decides how the node is reached",
            "declare it under `network`",
            [
                "/etc/network/interfaces", "/etc/network/interfaces.d/", "/etc/netplan/", "/etc/systemd/network/",
                "/etc/sysconfig/network", "/etc/sysconfig/network-scripts/", "/etc/NetworkManager/", "/etc/resolv.conf",
                "/etc/resolvconf/", "/etc/systemd/resolved.conf", "/etc/systemd/resolved.conf.d/", "/etc/dhcp/",
                "/etc/hosts", "/etc/hostname", "/etc/host.conf",
            ]
        ),
        Row(
            "can close the port by which the node is reached",
            byHand,
            [
                "/etc/iptables/", "/etc/nftables.conf", "/etc/nftables/", "/etc/ufw/", "/etc/firewalld/",
                "/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables",
            ]
        ),
        Row("is no file on a disk", "write what the kernel reads at boot, such as /etc/sysctl.d", ["/proc/", "/sys/"]),
        Row("is no file on a disk", "write a rule of udev", ["/dev/"]),
        Row("is gone after a reboot", "write it below /etc, or declare it in /etc/tmpfiles.d", ["/run/"]),
        Row(
            "is reconciler's own",
            "leave it alone",
            ["/var/lib/reconciler/", "/etc/cron.d/reconciler-*", "/etc/cron.d/.reconciler-*"]
        ),
        Row(
            "belongs to the package manager",
            "declare packages by roles, `versions` and `repositories`",
            ["/var/lib/dpkg/", "/var/lib/apt/", "/var/lib/rpm/", "/var/lib/yum/", "/var/lib/dnf/", "/var/cache/apt/"]
        ),
        Row(
            "comes with a package, whose next version replaces it",
            "put it below /usr/local, and units in /etc/systemd/system",
            ["/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libexec/", "/usr/include/"]
        ),
    ]

    // MARK: Units

    /// Units and jobs that bring people onto the node, and of services that roles bring.
    private static func ofUnit(_ place: String) -> Problem? {
        guard let (name, isWhole) = unit(of: place) else { return nil }
        if place.hasPrefix("/etc/init/"), place.hasSuffix(".override") {
            let section = ManagedServices.role(of: name).map { "roles of the node (\($0))" } ?? "services.\(name)"
            return Problem(reason: "says whether \(name) starts at boot", remedy: "declare it under `\(section)`")
        }
        if ManagedServices.isLifeline(name) {
            return Problem(reason: "is a service that the node cannot be without", remedy: byHand)
        }
        guard isWhole, let role = ManagedServices.role(of: name) else { return nil }
        return Problem(reason: "is the unit of a service that reconciler manages", remedy: "use the role `\(role)`")
    }

    /// The service whose unit, job or script `place` is, and whether it is all of it (a drop-in is not).
    private static func unit(of place: String) -> (name: ServiceName, isWhole: Bool)? {
        for (directory, endings) in [
            ("/etc/systemd/system/", [".service", ".socket"]), ("/etc/init/", [".conf", ".override"]),
            ("/etc/init.d/", [""]),
        ] where place.hasPrefix(directory) {
            let parts = place.dropFirst(directory.count).split(separator: "/")
            guard let first = parts.first else { continue }
            let isDropIn = parts.count > 1 && first.hasSuffix(".d")
            let unit = isDropIn ? first.dropLast(2) : first
            guard parts.count == 1 || isDropIn, let ending = endings.first(where: { unit.hasSuffix($0) }) else {
                continue
            }
            return (ServiceName(String(unit.dropLast(ending.count))), !isDropIn)
        }
        return nil
    }

    // MARK: What roles own

    private struct Managed {
        var roles: Set<Role>
        var owner: String
        var section: String
        var places: [String]

        init(_ roles: Set<Role>, _ owner: String, _ section: String, _ places: [String]) {
            self.roles = roles
            self.owner = owner
            self.section = section
            self.places = places
        }
    }

    private static let mesos: Set<Role> = [.mesosMaster, .mesosAgent, .marathon]

    private static let managed: [Managed] = [
        Managed([.docker], "the Docker engine", "docker.daemon", ["/etc/docker/daemon.json"]),
        Managed([.docker], "the Docker engine", "images", ["/var/lib/docker/"]),
        Managed(
            [.zookeeper],
            "ZooKeeper",
            "zookeeper.config",
            ["/etc/zookeeper/", "/var/lib/zookeeper/", "/etc/default/zookeeper"]
        ),
        Managed(mesos, "Mesos and Marathon", "mesos.zk", ["/etc/mesos/zk"]),
        Managed(mesos, "Mesos and Marathon", "mesos.master.flags` or `mesos.agent.flags", ["/etc/default/mesos"]),
        Managed(
            [.mesosMaster],
            "the Mesos master",
            "mesos.master",
            ["/etc/mesos-master/", "/etc/default/mesos-master"]
        ),
        Managed(
            [.mesosAgent],
            "the Mesos agent",
            "mesos.agent",
            ["/etc/mesos-slave/", "/etc/mesos-agent/", "/etc/default/mesos-slave", "/etc/default/mesos-agent"]
        ),
        Managed([.mesosMaster, .mesosAgent], "Mesos", "mesos", ["/var/lib/mesos/"]),
        Managed([.marathon], "Marathon", "marathon.flags", ["/etc/marathon/conf/", "/etc/default/marathon"]),
        Managed(
            [.haproxy],
            "the load balancer",
            "haproxy",
            [
                "/etc/haproxy/haproxy.cfg", "/etc/haproxy-marathon-bridge/", "/etc/cron.d/haproxy-marathon-bridge",
                "/usr/local/bin/haproxy-marathon-bridge", "/var/lib/haproxy-marathon-bridge/", "/etc/default/haproxy",
            ]
        ),
    ]
}
