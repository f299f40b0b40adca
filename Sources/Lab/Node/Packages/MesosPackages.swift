internal import Specs

extension LabPackage {
    /// Mesosphere's package (mesos-zk-ops.md 1.1): both services start at the next boot, none at the installation.
    static func mesos(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let upstream = upstreamVersion(version)
        package.items = [
            .file("/etc/mesos/zk", text: "zk://localhost:2181/mesos\n", isConffile: true),
            .file("/etc/mesos-master/quorum", text: "1\n", isConffile: true),
            .file("/etc/mesos-master/work_dir", text: "/var/lib/mesos\n", isConffile: true),
            .file("/etc/mesos-slave/work_dir", text: "/var/lib/mesos\n", isConffile: true),
            .file("/etc/default/mesos", text: "LOGS=/var/log/mesos\nULIMIT=\"-n 8192\"\n", isConffile: true),
            .file("/etc/default/mesos-master", text: "PORT=5050\nZK=`cat /etc/mesos/zk`\n", isConffile: true),
            .file("/etc/default/mesos-slave", text: "MASTER=`cat /etc/mesos/zk`\n", isConffile: true),
            .file("/usr/bin/mesos-init-wrapper", text: initWrapper, mode: 0o755),
            .directory("/var/lib/mesos"), .directory("/var/log/mesos"),
            .program("/usr/sbin/mesos-master", bytes: 2_000_000),
        ]
        // From 1.0 on mesos-slave is a link to mesos-agent.
        let isRenamed = DottedVersion(upstream).map { !($0 < DottedVersion(1, 0)) } ?? true
        let agent = isRenamed ? "/usr/sbin/mesos-agent" : "/usr/sbin/mesos-slave"
        package.items.append(.program(agent, bytes: 2_000_000))
        if isRenamed { package.items.append(.link("/usr/sbin/mesos-slave", to: "mesos-agent")) }
        for (name, role) in [("mesos-master", "master"), ("mesos-slave", "slave")] {
            let exec = "/usr/bin/mesos-init-wrapper \(role)"
            package.items.append(
                platform.usesSystemd
                    ? unit(name, platform, exec: exec, restartSeconds: 20)
                    : upstartJob(name, startOn: "stopped rc RUNLEVEL=[2345]", exec: exec)
            )
            package.services.append(
                LabServiceDefinition(
                    name: ServiceName(name),
                    supervisor: platform.usesSystemd ? .systemd(restartMilliseconds: 20_000) : .upstart,
                    program: role == "master" ? .mesosMaster : .mesosAgent,
                    version: upstream
                )
            )
        }
        package.bytes = 180_000_000
        package.programs = ["/usr/sbin/mesos-master": .mesosMaster, agent: .mesosAgent]
        return package
    }

    /// What the wrapper does is in `LabNode.launchMesos`; here stands what one greps it for (mesos-zk-ops.md 1.1).
    private static let initWrapper = """
        #!/bin/bash
        # Starts mesos-master or mesos-slave with flags from /etc/default/mesos*, /etc/mesos-master and /etc/mesos-slave.
        exec /usr/sbin/mesos-"$1"

        """

    /// Up to 1.4 files and /etc/mesos/zk, from 1.5 on the environment alone (mesos-zk-ops.md 1.1, marathon-api.md 7.1).
    static func marathon(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let upstream = upstreamVersion(version)
        let isNew = DottedVersion(upstream).map { !($0 < DottedVersion(1, 5)) } ?? true
        let program = isNew ? "/usr/share/marathon/bin/marathon" : "/usr/bin/marathon"
        package.items = [.program(program, bytes: 10_000)]
        if isNew {
            package.items.append(
                .file(
                    platform.usesAPT ? "/etc/default/marathon" : "/etc/sysconfig/marathon",
                    text: "MARATHON_MESOS_USER=root\n",
                    isConffile: true
                )
            )
            package.users = ["marathon"]
            package.stopsBeforeUpgrade = true
        }
        let environment =
            isNew
            ? ["EnvironmentFile=/etc/default/marathon", "User=marathon"]
            : ["EnvironmentFile=-/etc/sysconfig/marathon"]
        package.items.append(
            platform.usesSystemd
                ? unit("marathon", platform, exec: program, restartSeconds: isNew ? 60 : 20, more: environment)
                : upstartJob("marathon", startOn: "runlevel [2345]", exec: program)
        )
        package.services = [
            LabServiceDefinition(
                name: .marathon,
                supervisor: platform.usesSystemd
                    ? .systemd(restartMilliseconds: isNew ? 60_000 : 20_000) : .upstart,
                program: .marathon,
                version: upstream
            )
        ]
        package.bytes = 70_000_000
        package.programs = [program: .marathon]
        return package
    }
}
