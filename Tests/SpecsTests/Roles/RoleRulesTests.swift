import Specs
import Testing

@Suite struct RoleRulesTests {
    static let master: NodeName = "mesos-master1"
    static let agent: NodeName = "mesos-slave1"

    private func desired(
        _ name: NodeName,
        platform: Platform = RolesPlatform.debian12,
        flagFiles: [String: Content] = [:],
        _ change: (inout ClusterSpec) -> Void
    ) throws -> DesiredNode {
        var spec = RolesSample.cluster()
        change(&spec)
        let cluster = DesiredCluster(spec, platforms: [name: platform], flagFiles: [name: flagFiles])
        return try #require(cluster.node(name))
    }

    // MARK: Flags

    @Test func theNodesFlagsBeatTheRolesAndTheSections() throws {
        let node = try desired(Self.agent) { spec in
            spec.mesos?.agent.flags = [
                RolesSample.setting("log_level", "a"), RolesSample.setting("switch_user", "a"),
                RolesSample.setting("gc_delay", "1days"),
            ]
            spec.roles[.mesosAgent] = RoleSpec(flags: [
                RolesSample.setting("log_level", "b"), RolesSample.setting("switch_user", "b"),
            ])
            spec.nodes[3].flags[.mesosAgent] = [RolesSample.setting("log_level", "c")]
        }
        let flags = node.flags(.mesosAgent)
        #expect([flags["log_level"], flags["switch_user"], flags["gc_delay"]] == ["c", "b", "1days"])
    }

    @Test(arguments: [("true", "?quiet", ["quiet", "?no-quiet"]), ("false", "?no-quiet", ["quiet", "?quiet"])])
    func aSwitchIsOneFileAndNoOther(value: String, chosen: String, others: [String]) throws {
        let node = try desired(Self.master) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("quiet", Content(value))]
        }
        #expect(node.wholeTexts["/etc/mesos-master/\(chosen)"]?.isEmpty == true)
        #expect(node.absentPaths == others.map { "/etc/mesos-master/\($0)" })
        #expect(node.flags(.mesosMaster)["quiet"] == value)
    }

    @Test func anEquivalentSpellingThatIsThereStays() throws {
        let node = try desired(Self.master, flagFiles: ["/etc/mesos-master/quiet": "true\n"]) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("quiet", "true")]
        }
        #expect(node.wholeTexts["/etc/mesos-master/quiet"] == "true\n")
        #expect(node.absentPaths == ["/etc/mesos-master/?quiet", "/etc/mesos-master/?no-quiet"])
    }

    @Test func ofTwoSpellingsThatAreThereOneGoes() throws {
        let files: [String: Content] = ["/etc/mesos-master/quiet": "true\n", "/etc/mesos-master/?quiet": ""]
        let node = try desired(Self.master, flagFiles: files) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("quiet", "true")]
        }
        #expect(node.wholeTexts["/etc/mesos-master/?quiet"] != nil)
        #expect(node.absentPaths.contains("/etc/mesos-master/quiet"))
    }

    @Test func flagsAreComparedUnderTheNameTheirProcessIsReadUnder() throws {
        let node = try desired(Self.master) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("slave_ping_timeout", "15secs")]
            spec.marathon?.flags = [
                RolesSample.setting("disable_http", "true"), RolesSample.setting("disable_x", "false"),
                RolesSample.setting("ha", "false"),
            ]
        }
        #expect(node.flags(.mesosMaster)["agent_ping_timeout"] == "15secs")
        #expect(node.flags(.mesosMaster)["slave_ping_timeout"] == nil)
        let marathon = node.flags(.marathon)
        #expect(
            [marathon["http"], marathon["ha"], marathon["x"], marathon["disable_x"]] == ["false", "false", nil, nil]
        )
    }

    @Test func anAliasOfAFlagMustNotStandBesideIt() throws {
        let node = try desired(Self.master) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("agent_ping_timeout", "15secs")]
        }
        #expect(node.absentPaths == ["/etc/mesos-master/slave_ping_timeout"])
    }

    @Test func whatThePackagesVariablesPassGoesThere() throws {
        let node = try desired(Self.master) { spec in
            spec.mesos?.master.flags = [
                RolesSample.setting("port", "5055"), RolesSample.setting("log_dir", "/data/log"),
            ]
        }
        #expect(node.edit("/etc/default/mesos-master")?.texts == ["PORT": "5055", "LOGS": "/data/log"])
        #expect(node.file("/etc/mesos-master/port") == nil)
        #expect(node.file("/etc/mesos-master/log_dir") == nil)
        #expect(node.flags(.mesosMaster)["port"] == "5055")
    }

    @Test func quorumAndZkCannotBeOverriddenByFlags() throws {
        var spec = RolesSample.cluster()
        spec.mesos?.master.flags = [RolesSample.setting("quorum", "1"), RolesSample.setting("zk", "zk://other/mesos")]
        let desired = DesiredCluster(spec, platforms: [:])
        let node = try #require(desired.node(Self.master))
        #expect(node.wholeTexts["/etc/mesos-master/quorum"] == "2\n")
        #expect(node.file("/etc/mesos-master/zk") == nil)
        #expect(desired.advice.count { $0.hasPrefix("mesos-master1: the flag") } == 2)
    }

    @Test func anAnnouncedHostnameIsNotTheAddress() throws {
        let node = try desired(Self.master) { $0.nodes[0].hostname = RolesSample.located("m1.example.org") }
        #expect(node.wholeTexts["/etc/mesos-master/hostname"] == "m1.example.org\n")
        #expect(node.wholeTexts["/etc/mesos-master/ip"] == "10.16.40.1\n")
        #expect(node.edit("/etc/default/marathon")?.texts["MARATHON_HOSTNAME"] == "m1.example.org")
    }

    // MARK: Secrets

    static let secret = Content([.secret(.environment("SECRET"))])

    @Test func credentialsByContentGoIntoAFileOfTheirOwn() throws {
        let node = try desired(Self.master) { $0.mesos?.master.credentials = RolesSample.located(Self.secret) }
        let file = try #require(node.file("/etc/mesos/master-credentials"))
        #expect(file.body == .whole(Self.secret + "\n"))
        #expect(file.mode == 0o600)
        #expect(file.readBy == [.mesosMaster])
        #expect(node.wholeTexts["/etc/mesos-master/credentials"] == "/etc/mesos/master-credentials\n")
        #expect(node.file("/etc/mesos-master/credentials")?.mode == nil)
    }

    @Test(arguments: ["/etc/mesos/creds", "file:///etc/mesos/creds"])
    func credentialsByPathAreTheFlagItself(path: String) throws {
        let node = try desired(Self.agent) { $0.mesos?.agent.credentials = RolesSample.located(Content(path)) }
        #expect(node.wholeTexts["/etc/mesos-slave/credential"] == path + "\n")
        #expect(node.file("/etc/mesos/agent-credential") == nil)
    }

    @Test func aSecretFlagIsForRootAlone() throws {
        let node = try desired(Self.master) { spec in
            spec.mesos?.master.flags = [RolesSample.setting("some_flag", "a:" + Self.secret)]
        }
        #expect(node.file("/etc/mesos-master/some_flag")?.mode == 0o600)
    }

    @Test(arguments: [
        ("1.4.13", "/etc/marathon/conf/http_credentials", 0o600), ("1.11.0", "/etc/default/marathon", 0o640),
    ])
    func marathonsCredentialsAreForItsUserAlone(version: String, path: String, mode: Int) throws {
        var platform = RolesPlatform.debian12
        platform.packages["marathon"] = version
        let node = try desired(Self.master, platform: platform) { spec in
            spec.marathon?.httpCredentials = RolesSample.located("admin:" + Self.secret)
        }
        #expect(node.file(path)?.mode == mode)
        #expect(node.flags(.marathon)["http_credentials"] == "admin:${env:SECRET}")
    }

    // MARK: Agents

    @Test func attributesAndResourcesAreDirectoriesOfFiles() throws {
        let node = try desired(Self.agent) { spec in
            spec.mesos?.agent.attributes = [RolesSample.setting("rack", "r1"), RolesSample.setting("disk", "ssd")]
            spec.mesos?.agent.resources = [RolesSample.setting("ports", "[31000-32000]")]
            spec.nodes[3].attributes = [RolesSample.setting("rack", "r9")]
        }
        #expect(node.wholeTexts["/etc/mesos-slave/attributes/rack"] == "r9\n")
        #expect(node.wholeTexts["/etc/mesos-slave/attributes/disk"] == "ssd\n")
        #expect(node.wholeTexts["/etc/mesos-slave/resources/ports"] == "[31000-32000]\n")
        #expect(node.flags(.mesosAgent)["attributes"] == "disk:ssd;rack:r9")
        #expect(node.flags(.mesosAgent)["resources"] == "ports:[31000-32000]")
    }

    @Test func apachesPackageReadsAnotherDirectoryAndNoMaster() throws {
        var platform = RolesPlatform.debian12
        platform.agentFlagDirectory = "/etc/mesos-agent"
        let node = try desired(Self.agent, platform: platform) { _ in }
        #expect(node.wholeTexts["/etc/mesos-agent/containerizers"] == "docker,mesos\n")
        #expect(node.edit("/etc/default/mesos-agent")?.texts.keys.sorted() == ["MASTER"])
        #expect(node.environmentFiles.map(\.path) == ["/etc/default/mesos", "/etc/default/mesos-agent"])
        #expect(node.flagDirectories.map(\.path) == ["/etc/mesos-agent"])
    }

    // MARK: Marathon

    @Test func marathonsSwitchesAreVariablesWithoutAValue() throws {
        let node = try desired(Self.master) { spec in
            spec.marathon?.flags = [
                RolesSample.setting("ha", "false"), RolesSample.setting("checkpoint", "true"),
                RolesSample.setting("disable_http", "false"),
            ]
        }
        let edit = try #require(node.edit("/etc/default/marathon"))
        #expect(edit.texts["MARATHON_DISABLE_HA"]?.isEmpty == true)
        #expect(edit.texts["MARATHON_CHECKPOINT"]?.isEmpty == true)
        #expect(edit.remove == ["MARATHON_HA", "MARATHON_DISABLE_CHECKPOINT", "MARATHON_DISABLE_HTTP"])
    }

    @Test func marathonsSwitchesAreBareFilesBefore() throws {
        var platform = RolesPlatform.debian12
        platform.packages["marathon"] = "0.8.2"
        let node = try desired(Self.master, platform: platform) { spec in
            spec.marathon?.flags = [
                RolesSample.setting("ha", "false"), RolesSample.setting("zk_timeout", "20000"),
            ]
        }
        #expect(node.wholeTexts["/etc/marathon/conf/?disable_ha"]?.isEmpty == true)
        #expect(node.absentPaths == ["/etc/marathon/conf/ha", "/etc/marathon/conf/?ha"])
        // A flag that begins with --zk makes 0.8's wrapper leave its default --zk out.
        #expect(node.wholeTexts["/etc/marathon/conf/zk"] == SeedDesiredTests.marathonZk)
        #expect(node.flagDirectories.first { $0.service == .marathon }?.isRecursive == true)
    }

    @Test func sinceMarathon15OnlyMesosReadsEtcMesosZk() throws {
        let spec = RolesSample.cluster()
        func readers(_ version: String) throws -> [ServiceName] {
            var platform = RolesPlatform.debian12
            platform.packages["marathon"] = version
            let node = DesiredCluster(spec, platforms: [Self.master: platform]).node(Self.master)
            return try #require(node?.file("/etc/mesos/zk")).readBy
        }
        let (before, since) = (try readers("1.4.0"), try readers("1.5.0"))
        #expect(before == [.mesosMaster, .marathon])
        #expect(since == [.mesosMaster])
    }

    // MARK: ZooKeeper

    @Test func declaredKeysOfZooCfgAreSetAndNotRecommended() throws {
        let node = try desired(Self.master) { spec in
            spec.zookeeper?.config = [
                RolesSample.setting("tickTime", "3000"), RolesSample.setting("4lw.commands.whitelist", "*"),
            ]
        }
        let edit = try #require(node.edit("/etc/zookeeper/conf/zoo.cfg"))
        #expect(edit.texts["tickTime"] == "3000")
        #expect(edit.texts["4lw.commands.whitelist"] == "*")
        #expect(!edit.recommended.contains { ["tickTime", "4lw.commands.whitelist"].contains($0.key) })
    }

    @Test func theAdminServerIsOnlySwitchedOffBesideMarathon() throws {
        let node = try desired(Self.master) { $0.nodes[0].roles.removeAll { $0.value == .marathon } }
        let edit = try #require(node.edit("/etc/zookeeper/conf/zoo.cfg"))
        #expect(!edit.recommended.contains { $0.key == "admin.enableServer" })
        #expect(node.service(.marathon)?.running == false)
    }

    @Test(arguments: [("/data/zk", "comes with no package"), ("/tmp/zookeeper", "is emptied at boot")])
    func anotherDataDirectoryGetsItsOwnMyidAndAdvice(directory: String, words: String) throws {
        var spec = RolesSample.cluster()
        spec.zookeeper?.dataDirectory = RolesSample.located(directory)
        let desired = DesiredCluster(spec, platforms: [:])
        let node = try #require(desired.node(Self.master))
        #expect(node.wholeTexts["\(directory)/myid"] == "1\n")
        #expect(node.file("\(directory)/myid")?.shippedBy == nil)
        #expect(node.file("\(directory)/myid")?.mode == 0o644)
        #expect(desired.advice.count { $0.contains(words) } == 3)
    }

    @Test func portsAreCarriedEverywhere() throws {
        let node = try desired(Self.master) { $0.zookeeper?.ports = .init(client: 2281, quorum: 2988, election: 3988) }
        #expect(node.edit("/etc/zookeeper/conf/zoo.cfg")?.texts["server.1"] == "10.16.40.1:2988:3988")
        #expect(node.wholeTexts["/etc/mesos/zk"]?.hasPrefix("zk://10.16.40.1:2281,") == true)
    }

    // MARK: Others

    @Test(arguments: [
        (Platform.PackageManager.apt, ["docker.io", "zookeeperd", "mesos", "marathon", "haproxy", "curl", "cron"]),
        (.yum, ["docker", "mesosphere-zookeeper", "mesos", "marathon", "haproxy", "curl", "cronie"]),
    ])
    func packagesAreCalledAsTheirManagerCallsThem(manager: Platform.PackageManager, names: [String]) throws {
        let platform = Platform(os: "centos-7", initSystem: .systemd, packageManager: manager)
        let node = try desired(Self.master, platform: platform) { _ in }
        #expect(node.packages.map(\.name) == names)
    }

    @Test func aNodeWithoutRolesHasTheFourServicesOff() throws {
        let node = try desired(Self.agent) { $0.nodes[3].roles = [] }
        #expect(node.files.isEmpty)
        #expect(node.packages.isEmpty)
        #expect(node.services.map(\.name) == [.zooKeeper, .mesosMaster, .marathon, .mesosAgent])
        #expect(node.services.allSatisfy { !$0.boot && !$0.running })
    }

    @Test func pruningIsThePolicys() throws {
        let kept = try desired(Self.master) { _ in }
        #expect(kept.flagDirectories.allSatisfy { !$0.prunes })
        let node = try desired(Self.master) { $0.policy.pruneFlagFiles = .always }
        #expect(node.flagDirectories.allSatisfy { $0.prunes })
    }

    @Test func theLeaseIsHeldWhereTheClustersQuorumIs() {
        var spec = RolesSample.cluster()
        spec.zookeeper = nil
        #expect(DesiredCluster(spec, platforms: [:]).leaseHolders.count == 3)
        spec.nodes = spec.nodes.filter { !$0.has(.mesosMaster) }
        #expect(DesiredCluster(spec, platforms: [:]).leaseHolders == ["mesos-slave1", "mesos-slave2", "mesos-slave3"])
    }
}
