internal import Specs

extension LabPackage {
    /// Debian's and Ubuntu's `zookeeper` (mesos-zk-ops.md 2.1, 10).
    static func zooKeeperLibrary(_ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        let example = "/etc/zookeeper/conf_example"
        package.items = [
            .file("\(example)/zoo.cfg", text: configuration(platform), isConffile: true),
            .file("\(example)/environment", text: environment, isConffile: true),
            .file(
                "\(example)/log4j.properties",
                text: "log4j.rootLogger=${zookeeper.root.logger}\n",
                isConffile: true
            ),
            .file("\(example)/configuration.xsl", text: "<?xml version=\"1.0\"?>\n", isConffile: true),
            // Debian's placeholder, with which a member of an ensemble does not start (mesos-zk-ops.md 2.1).
            .file(
                "\(example)/myid",
                text: "replace this text with the cluster-unique zookeeper's instance id (1-255)\n",
                isConffile: true
            ),
            .link("/etc/alternatives/zookeeper-conf", to: example),
            .link("/etc/zookeeper/conf", to: "/etc/alternatives/zookeeper-conf"),
            .directory("/var/lib/zookeeper", mode: platform == .debian12 ? 0o750 : 0o755, owner: "zookeeper"),
            .directory("/var/log/zookeeper", owner: "zookeeper"),
            .link("/var/lib/zookeeper/myid", to: "/etc/zookeeper/conf/myid"),
            .program("/usr/share/zookeeper/bin/zkServer.sh", bytes: 5000),
        ]
        package.users = ["zookeeper"]
        package.bytes = 60_000_000
        return package
    }

    /// `zookeeperd`: the service, which its package starts; an upstart job on 14.04, a script on Debian 12.
    static func zooKeeperDaemon(_ version: String, _ platform: LabPlatform) -> LabPackage {
        var package = LabPackage()
        package.depends = ["zookeeper"]
        package.items = [.file("/etc/default/zookeeper", text: "# JMXDISABLE=yes\n", isConffile: true)]
        package.items.append(
            platform == .ubuntu14
                ? upstartJob("zookeeper", startOn: "runlevel [2345]", exec: "/usr/share/zookeeper/bin/zkServer.sh")
                : .file(
                    "/etc/init.d/zookeeper",
                    text: "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: zookeeper\n# Default-Start: 2 3 4 5\n"
                        + "# Default-Stop: 0 1 6\n### END INIT INFO\n",
                    mode: 0o755,
                    isConffile: true
                )
        )
        package.services = [service(version, platform == .ubuntu14 ? .upstart : .systemV)]
        package.startsServices = true
        package.bytes = 100_000
        return package
    }

    /// Mesosphere's own for CentOS 7, under systemd (mesos-zk-ops.md 1.1, 2.1).
    static func mesosphereZooKeeper(_ version: String) -> LabPackage {
        var package = LabPackage()
        package.items = [
            .file("/etc/zookeeper/conf/zoo.cfg", text: configuration(.centOS7), isConffile: true),
            .file("/etc/zookeeper/conf/environment", text: environment, isConffile: true),
            .directory("/var/lib/zookeeper"), .directory("/var/log/zookeeper"),
            unit("zookeeper", .centOS7, exec: "/opt/mesosphere/zookeeper/bin/zkServer.sh", restartSeconds: 20),
        ]
        package.services = [service(version, .systemd(restartMilliseconds: 20_000))]
        package.bytes = 60_000_000
        return package
    }

    private static func service(
        _ version: String,
        _ supervisor: LabServiceDefinition.Supervisor
    ) -> LabServiceDefinition {
        LabServiceDefinition(
            name: .zooKeeper,
            supervisor: supervisor,
            program: .zooKeeper,
            version: upstreamVersion(version)
        )
    }

    /// Debian 12 ships upstream's sample, whose data is on /tmp (mesos-zk-ops.md 2.1).
    private static func configuration(_ platform: LabPlatform) -> String {
        let directory = platform == .debian12 ? "/tmp/zookeeper" : "/var/lib/zookeeper"
        return """
            # The number of milliseconds of each tick
            tickTime=2000
            # The number of ticks that the initial synchronization phase can take
            initLimit=10
            # The number of ticks that can pass between a request and its acknowledgement
            syncLimit=5
            # The directory where the snapshot is stored
            dataDir=\(directory)
            # The port at which the clients will connect
            clientPort=2181

            """
    }

    private static let environment = """
        NAME=zookeeper
        ZOOCFGDIR=/etc/zookeeper/conf
        ZOOCFG="$ZOOCFGDIR/zoo.cfg"
        ZOO_LOG_DIR=/var/log/$NAME
        USER=$NAME
        GROUP=$NAME
        JAVA=/usr/bin/java
        ZOOMAIN="org.apache.zookeeper.server.quorum.QuorumPeerMain"
        ZOO_LOG4J_PROP="INFO,ROLLINGFILE"
        JAVA_OPTS=""

        """
}
