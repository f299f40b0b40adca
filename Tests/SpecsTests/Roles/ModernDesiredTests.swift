import Specs
import Testing

/// The same cluster on Debian 12 with systemd, Mesos and Marathon 1.11.
@Suite struct ModernDesiredTests {
    let spec = RolesSample.cluster()
    var desired: DesiredCluster {
        DesiredCluster(
            spec,
            platforms: ["mesos-master1": RolesPlatform.debian12, "mesos-slave1": RolesPlatform.debian12]
        )
    }

    @Test func aMasterHasItsFlagsAsFilesAndMarathonItsVariables() throws {
        let master = try #require(desired.node("mesos-master1"))
        #expect(master.assumption == nil)
        #expect(
            master.wholeTexts.filter { !$0.key.contains("haproxy") && !$0.key.hasPrefix("/home/") } == [
                "/var/lib/zookeeper/myid": "1\n",
                "/etc/mesos/zk": SeedDesiredTests.mesosZk,
                "/etc/mesos-master/quorum": "2\n",
                "/etc/mesos-master/ip": "10.16.40.1\n",
                "/etc/mesos-master/hostname": "10.16.40.1\n",
                "/etc/mesos-master/work_dir": "/var/lib/mesos\n",
            ]
        )
        let edit = try #require(master.edit("/etc/default/marathon"))
        #expect(edit.format == .environmentFile)
        #expect(
            edit.texts == [
                "MARATHON_HOSTNAME": "10.16.40.1",
                "MARATHON_MASTER": "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/mesos",
                "MARATHON_ZK": "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/marathon",
            ]
        )
        #expect(master.file("/etc/default/marathon")?.mode == nil)
        #expect(master.flagDirectories.map(\.path) == ["/etc/mesos-master"])
    }

    @Test func anAgentHasEveryFileOfTheWalkthrough() throws {
        let agent = try #require(desired.node("mesos-slave1"))
        #expect(
            agent.wholeTexts == [
                "/etc/mesos/zk": SeedDesiredTests.mesosZk,
                "/etc/mesos-slave/ip": "10.16.40.11\n",
                "/etc/mesos-slave/hostname": "10.16.40.11\n",
                "/etc/mesos-slave/work_dir": "/var/lib/mesos\n",
                "/etc/mesos-slave/containerizers": "docker,mesos\n",
                "/etc/mesos-slave/executor_registration_timeout": "5mins\n",
            ]
        )
    }

    @Test func debiansZooCfgBecomesTheEnsembles() throws {
        let edit = try #require(desired.node("mesos-master1")?.edit("/etc/zookeeper/conf/zoo.cfg"))
        let shipped = """
            # The number of milliseconds of each tick
            tickTime=2000
            initLimit=10
            syncLimit=5
            # do not use /tmp for storage, /tmp here is just
            dataDir=/tmp/zookeeper
            clientPort=2181
            #maxClientCnxns=60

            """
        let text = KeyedText(shipped, format: .properties).applying(edit, includingRecommended: true).shown
        #expect(
            text == """
                # The number of milliseconds of each tick
                tickTime=2000
                initLimit=10
                syncLimit=5
                # do not use /tmp for storage, /tmp here is just
                dataDir=/var/lib/zookeeper
                clientPort=2181
                #maxClientCnxns=60
                server.1=10.16.40.1:2888:3888
                server.2=10.16.40.2:2888:3888
                server.3=10.16.40.3:2888:3888
                autopurge.purgeInterval=1
                autopurge.snapRetainCount=3
                4lw.commands.whitelist=srvr,mntr,conf,ruok,stat,isro
                admin.enableServer=false

                """
        )
    }

    @Test func withNothingKnownANodeIsTakenForDebian12() throws {
        let other = try #require(desired.node("mesos-master2"))
        #expect(other.platform.os == "debian-12")
        #expect(other.assumption?.source.hasPrefix("the node was not observed and is taken for debian-12") == true)
    }

    @Test(arguments: [
        ("1.4.13", "/etc/marathon/conf/zk"), ("0.7.6", "/etc/marathon/conf/zk"), ("1.5.0", "/etc/default/marathon"),
        ("1.11.24-1", "/etc/default/marathon"),
    ])
    func theCandidateDecidesMarathonsLayoutOnABareNode(version: String, path: String) throws {
        let bare = Platform(os: "debian-12", initSystem: .systemd, packageManager: .apt)
        let desired = DesiredCluster(
            spec,
            platforms: ["mesos-master1": bare],
            candidates: ["mesos-master1": ["marathon": version]]
        )
        let master = try #require(desired.node("mesos-master1"))
        #expect(master.file(path) != nil)
        #expect(master.assumption?.source.contains("marathon \(version) (the candidate of apt)") == true)
    }

    @Test func aPinBeatsWhatIsInstalledAndMakesAnAssumption() throws {
        var pinned = spec
        pinned.versions.marathon = RolesSample.located("1.4.13")
        let desired = DesiredCluster(pinned, platforms: ["mesos-master1": RolesPlatform.debian12])
        let master = try #require(desired.node("mesos-master1"))
        #expect(master.platform.packages["marathon"] == "1.4.13")
        #expect(master.assumption != nil)
        #expect(master.file("/etc/marathon/conf/zk") != nil)
    }

    @Test func aPinThatIsInstalledIsNoAssumption() throws {
        var pinned = spec
        pinned.versions.mesos = RolesSample.located("1.11.0")
        let desired = DesiredCluster(pinned, platforms: ["mesos-slave1": RolesPlatform.debian12])
        let agent = try #require(desired.node("mesos-slave1"))
        #expect(agent.assumption == nil)
    }
}
