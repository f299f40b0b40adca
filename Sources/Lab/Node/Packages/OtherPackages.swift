internal import Specs

extension LabPackage {
    /// The Docker engine, whatever its package is called; `RestartSec=2`, three starts a minute (docker.service).
    static func docker(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let isOld = DottedVersion(version).map { $0 < DottedVersion(1, 8) } ?? false
        let command = isOld ? ["/usr/bin/docker", "-d"] : ["/usr/sbin/dockerd", "-H", "fd://"]
        package.items = [
            .program("/usr/bin/docker", bytes: 10_000_000),
            .directory("/var/lib/docker", mode: 0o711), .directory("/etc/docker"),
            platform.usesSystemd
                ? unit("docker", platform, exec: command.joined(separator: " "), restartSeconds: 2)
                : upstartJob(
                    "docker",
                    startOn: "(local-filesystems and net-device-up IFACE!=lo)",
                    exec: command.joined(separator: " ")
                ),
        ]
        if !isOld { package.items.append(.program("/usr/sbin/dockerd", bytes: 60_000_000)) }
        package.services = [
            LabServiceDefinition(
                name: .docker,
                supervisor: platform.usesSystemd
                    ? .systemd(restartMilliseconds: 2000, burst: 3, intervalMilliseconds: 60_000) : .upstart,
                program: .docker,
                version: upstreamVersion(version),
                command: command
            )
        ]
        package.startsServices = platform.usesAPT
        package.bytes = 100_000_000
        package.programs = ["/usr/bin/docker": .docker]
        return package
    }

    /// HAProxy: a script with ENABLED=0 on 14.04, a unit elsewhere (mesos-zk-ops.md 8.2).
    ///
    static func haproxy(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let configuration = "/etc/haproxy/haproxy.cfg"
        package.items = [
            .program("/usr/sbin/haproxy", bytes: 2_000_000),
            .file(configuration, text: haproxyConfiguration, isConffile: true),
            .file(
                "/etc/default/haproxy",
                text: platform == .ubuntu14 ? "ENABLED=0\n" : "#CONFIG=\"\(configuration)\"\n#EXTRAOPTS=\"\"\n",
                isConffile: true
            ),
        ]
        package.users = ["haproxy"]
        package.bytes = 5_000_000
        package.programs = ["/usr/sbin/haproxy": .haproxy]
        guard platform.usesSystemd else {
            package.items.append(.file("/etc/init.d/haproxy", text: "#!/bin/sh\n", mode: 0o755, isConffile: true))
            package.services = [
                LabServiceDefinition(
                    name: .haproxy,
                    supervisor: .systemV,
                    program: .haproxy,
                    version: upstreamVersion(version),
                    command: ["/usr/sbin/haproxy", "-f", configuration, "-D", "-p", "/var/run/haproxy.pid"]
                )
            ]
            return package
        }
        let command = ["/usr/sbin/haproxy", "-Ws", "-f", configuration, "-p", "/run/haproxy.pid"]
        package.items.append(unit("haproxy", platform, exec: command.joined(separator: " "), restartSeconds: 0))
        package.services = [
            LabServiceDefinition(
                name: "haproxy",
                supervisor: .systemd(restartMilliseconds: 100),
                program: .haproxy,
                version: upstreamVersion(version),
                command: command
            )
        ]
        package.startsServices = platform.usesAPT
        return package
    }

    static func curl() -> LabPackage {
        var package = LabPackage()
        package.items = [.program("/usr/bin/curl", bytes: 200_000)]
        return package
    }

    /// Vixie's cron on apt, cronie on yum; of what it runs only the bridge is modelled.
    static func cron(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let name = platform.usesAPT ? "cron" : "crond"
        let command = ["/usr/sbin/\(name)"] + (platform.usesSystemd ? [platform.usesAPT ? "-f" : "-n"] : [])
        package.items = [
            .program("/usr/sbin/\(name)", bytes: 60_000), .directory("/etc/cron.d"),
            platform.usesSystemd
                ? unit(name, platform, exec: command.joined(separator: " "), restartSeconds: 0)
                : upstartJob(name, startOn: "runlevel [2345]", exec: command.joined(separator: " ")),
        ]
        package.services = [
            LabServiceDefinition(
                name: ServiceName(name),
                supervisor: platform.usesSystemd ? .systemd(restartMilliseconds: 100) : .upstart,
                program: .other,
                version: upstreamVersion(version),
                command: command
            )
        ]
        package.startsServices = true
        return package
    }

    private static let haproxyConfiguration = """
        global
        \tlog /dev/log\tlocal0
        \tuser haproxy
        \tgroup haproxy
        \tdaemon

        defaults
        \tlog\tglobal
        \tmode\thttp
        \ttimeout connect 5000
        \ttimeout client  50000
        \ttimeout server  50000

        """
}
