import Specs
import Testing

/// The seed's sections 2 to 6 and 8, file by file, on its own platform.
@Suite struct SeedDesiredTests {
    let desired = DesiredCluster(RolesSample.seed(), platforms: [:])

    static let mesosZk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/mesos\n"
    static let marathonZk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/marathon\n"

    @Test(arguments: 1...3) func aMasterHasEveryFileOfTheWalkthrough(number: Int) throws {
        let master = try #require(desired.node(NodeName("mesos-master\(number)")))
        let address = "10.16.40.\(number)\n"
        #expect(
            master.wholeTexts.filter { !$0.key.contains("haproxy-marathon-bridge") } == [
                "/var/lib/zookeeper/myid": "\(number)\n",
                "/etc/mesos/zk": Self.mesosZk,
                "/etc/mesos-master/quorum": "2\n",
                "/etc/mesos-master/ip": address,
                "/etc/mesos-master/hostname": address,
                "/etc/mesos-master/work_dir": "/var/lib/mesos\n",
                "/etc/marathon/conf/hostname": address,
                "/etc/marathon/conf/master": Self.mesosZk,
                "/etc/marathon/conf/zk": Self.marathonZk,
            ]
        )
        #expect(master.absentPaths.isEmpty)
        // The bridge's own are read every minute, and not by a service at its start; a site's by whoever logs in.
        #expect(
            master.files.allSatisfy {
                $0.isSite != (!$0.readBy.isEmpty || $0.path.contains("haproxy-marathon-bridge"))
            }
        )
    }

    @Test(arguments: 1...3) func anAgentHasEveryFileOfTheWalkthrough(number: Int) throws {
        let agent = try #require(desired.node(NodeName("mesos-slave\(number)")))
        let address = "10.16.40.1\(number)\n"
        #expect(
            agent.wholeTexts == [
                "/etc/mesos/zk": Self.mesosZk,
                "/etc/mesos-slave/ip": address,
                "/etc/mesos-slave/hostname": address,
                "/etc/mesos-slave/work_dir": "/var/lib/mesos\n",
                "/etc/mesos-slave/containerizers": "docker,mesos\n",
                "/etc/mesos-slave/executor_registration_timeout": "5mins\n",
            ]
        )
        #expect(agent.file("/etc/mesos-slave/executor_registration_timeout")?.comparison == .duration)
    }

    @Test func zooCfgIsOwnedKeyByKey() throws {
        let edit = try #require(desired.node("mesos-master1")?.edit("/etc/zookeeper/conf/zoo.cfg"))
        #expect(
            edit.texts == [
                "dataDir": "/var/lib/zookeeper", "clientPort": "2181", "server.1": "10.16.40.1:2888:3888",
                "server.2": "10.16.40.2:2888:3888", "server.3": "10.16.40.3:2888:3888",
            ]
        )
        #expect(edit.ownedPrefixes == ["server."])
        #expect(
            edit.recommended.map(\.key) == [
                "tickTime", "initLimit", "syncLimit", "autopurge.purgeInterval", "autopurge.snapRetainCount",
                "4lw.commands.whitelist", "admin.enableServer",
            ]
        )
    }

    @Test func theServicesAreOnWhereTheirRolesAreAndOffElsewhere() throws {
        let master = try #require(desired.node("mesos-master2"))
        let agent = try #require(desired.node("mesos-slave2"))
        #expect(
            master.services.map { "\($0.name) \($0.boot) \($0.running)" } == [
                "docker true true", "zookeeper true true", "mesos-master true true", "marathon true true",
                "mesos-slave false false", "cron true true", "haproxy true true",
            ]
        )
        #expect(
            agent.services.map { "\($0.name) \($0.boot) \($0.running)" } == [
                "docker true true", "zookeeper false false", "mesos-master false false", "marathon false false",
                "mesos-slave true true",
            ]
        )
    }

    @Test func packagesComeWithTheirPinsAndWhatTheyBring() throws {
        let master = try #require(desired.node("mesos-master1"))
        let agent = try #require(desired.node("mesos-slave1"))
        #expect(
            master.packages.map { "\($0.name) \($0.pin ?? "-") \($0.brings.map(\.text))" } == [
                #"docker.io 1.4.1 ["docker"]"#, #"zookeeperd - ["zookeeper"]"#,
                #"mesos 0.21.1 ["zookeeper", "mesos-master", "mesos-slave"]"#, #"marathon 0.7.6 ["marathon"]"#,
                #"haproxy - ["haproxy"]"#, "curl - []", #"cron - ["cron"]"#,
            ]
        )
        #expect(agent.packages.map(\.name) == ["docker.io", "mesos"])
    }

    @Test func runningFlagsAreComparedIncludingThoseThatComeFromElsewhere() throws {
        let master = try #require(desired.node("mesos-master3"))
        let agent = try #require(desired.node("mesos-slave3"))
        let zk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181"
        #expect(
            master.flags(.mesosMaster) == [
                "quorum": "2", "ip": "10.16.40.3", "hostname": "10.16.40.3", "work_dir": "/var/lib/mesos",
                "zk": zk + "/mesos",
            ]
        )
        #expect(
            master.flags(.marathon) == ["hostname": "10.16.40.3", "master": zk + "/mesos", "zk": zk + "/marathon"]
        )
        #expect(
            agent.flags(.mesosAgent) == [
                "ip": "10.16.40.13", "hostname": "10.16.40.13", "work_dir": "/var/lib/mesos",
                "containerizers": "docker,mesos", "executor_registration_timeout": "5mins", "master": zk + "/mesos",
            ]
        )
    }

    @Test func theClusterKnowsItsEnsembles() {
        #expect(desired.zooKeeper?.members.map(\.id) == [1, 2, 3])
        #expect(desired.zooKeeper?.servers[2] == "10.16.40.2:2888:3888")
        #expect(desired.masters?.nodes == ["mesos-master1", "mesos-master2", "mesos-master3"])
        #expect(desired.masters?.quorum == 2)
        #expect(desired.masters?.port == 5050)
        #expect(desired.leaseHolders == ["mesos-master1", "mesos-master2", "mesos-master3"])
        #expect(desired.advice.isEmpty)
    }

    @Test func whatIsNotObservedIsAnAssumptionWithItsSource() throws {
        let master = try #require(desired.node("mesos-master1"))
        let assumption = try #require(master.assumption)
        #expect(assumption.platform == master.platform)
        #expect(master.platform.os == "ubuntu-14.04")
        #expect(master.platform.initSystem == .upstart)
        #expect(master.platform.packages == ["mesos": "0.21.1", "marathon": "0.7.6", "docker.io": "1.4.1"])
        #expect(
            assumption.source
                == "the node was not observed and is declared as ubuntu-14.04; zookeeperd (in a version not known yet), "
                + "mesos 0.21.1 (as pinned), marathon 0.7.6 (as pinned), docker.io 1.4.1 (as pinned) as the apt packages of "
                + "Mesosphere and ubuntu-14.04 lay them out: agent flags in /etc/mesos-slave, zoo.cfg in "
                + "/etc/zookeeper/conf, Marathon's flags in /etc/marathon/conf"
        )
    }

    @Test func reasonsLeadToTheLinesThatAsk() throws {
        let master = try #require(desired.node("mesos-master1"))
        #expect(master.file("/etc/mesos-master/quorum")?.reason == Reason("mesos.quorum", at: RolesSample.line(41)))
        #expect(
            master.file("/var/lib/zookeeper/myid")?.reason
                == Reason("server 1 of the ensemble", at: RolesSample.line(31))
        )
    }

    @Test func theSameInputGivesTheSameValue() {
        #expect(DesiredCluster(RolesSample.seed(), platforms: [:]) == desired)
    }
}
