import Specs
import Testing

/// What the real wrapper made of scratch directories (the runs of mesos-init-wrapper, cases 2, 3, 4 and 6).
@Suite struct EffectiveFlagsTests {
    let master = [
        EnvironmentFile(
            path: "/etc/default/mesos",
            service: .mesosMaster,
            variables: ["ZK": "zk", "PORT": "port", "LOGS": "log_dir"],
            prefix: "MESOS_"
        ),
        EnvironmentFile(
            path: "/etc/default/mesos-master",
            service: .mesosMaster,
            variables: ["ZK": "zk", "PORT": "port", "LOGS": "log_dir"],
            prefix: "MESOS_"
        ),
    ]

    private func flags(_ entries: [FlagEntry], defaults: [Content] = ["", ""]) -> [String: [FlagOccurrence]] {
        effectiveFlags(
            entries: entries,
            in: "/etc/mesos-master",
            environment: zip(master, defaults).map { EnvironmentText($0, $1) },
            dialect: .mesos
        )
    }

    @Test func filesBecomeFlagsAsTheWrapperMakesThem() {
        let found = flags([
            FlagEntry("?no-hostname_lookup", ""), FlagEntry("?quiet", ""), FlagEntry("cluster", ""),
            FlagEntry("quorum", "2\n"), FlagEntry("quorum.bak", "3\n"), FlagEntry("roles", "a b\nc\n\n"),
            FlagEntry(".hidden", "x"), FlagEntry("?no-logger", ""), FlagEntry("sub/file", "x"),
        ])
        #expect(
            found.mapValues { $0.map { $0.value?.shown } } == [
                "hostname_lookup": ["false"], "quiet": ["true"], "cluster": [""], "quorum": ["2"], "quorum.bak": ["3"],
                "roles": ["a b\nc"],
            ]
        )
    }

    @Test func aFlagInBothPlacesMakesTheDaemonExit() throws {
        let found = flags(
            [FlagEntry("log_dir", "/data/log\n"), FlagEntry("quorum", "2\n")],
            defaults: ["LOGS=/var/log/mesos\n", "PORT=5050\nZK=`cat /etc/mesos/zk`\n"]
        )
        let logs = try #require(found["log_dir"])
        #expect(
            logs.map(\.source) == [
                .file(path: "/etc/mesos-master/log_dir"), .variable("LOGS", path: "/etc/default/mesos"),
            ]
        )
        #expect(logs.isFatal(mesos: DottedVersion(1, 11)))
        #expect(found["quorum"]?.isFatal(mesos: DottedVersion(0, 21)) == false)
        #expect(found["zk"]?.map(\.value) == [nil])
    }

    @Test func twoSpellingsOfOneSwitchMeet() {
        #expect(flags([FlagEntry("quiet", "true"), FlagEntry("?no-quiet", "")])["quiet"]?.count == 2)
        #expect(
            flags([FlagEntry("slave_ping_timeout", "15secs"), FlagEntry("agent_ping_timeout", "15secs")])[
                "agent_ping_timeout"
            ]?.count == 2
        )
    }

    @Test(arguments: [(DottedVersion(0, 21, 1), true), (DottedVersion(0, 25), false), (DottedVersion(1, 11), false)])
    func anExportedFlagBesideAFileIsFatalOnlyInOldVersions(version: DottedVersion, isFatal: Bool) {
        let found = flags([FlagEntry("quorum", "2")], defaults: ["", "export MESOS_QUORUM=3\n"])
        #expect(found["quorum"]?.map { $0.value?.shown } == ["2", "3"])
        #expect(found["quorum"]?.isFatal(mesos: version) == isFatal)
    }

    @Test func aLaterFilesVariableReplacesAnEarlierOnes() {
        let found = flags([], defaults: ["LOGS=/a\nPORT=1\n", "LOGS=/b\nPORT=\n"])
        #expect(found["log_dir"]?.map { $0.value?.shown } == ["/b"])
        #expect(found["port"] == nil)
    }

    @Test func attributesAndResourcesAreJoinedInTheOrderOfNames() {
        let found = flags([
            FlagEntry("attributes/rack", "rack1\n"), FlagEntry("attributes/disk", "ssd\n"),
            FlagEntry("attributes/none", ""),
            FlagEntry("resources/cpus", "8\n"), FlagEntry("resources/ports", "[31000-32000]\n"),
        ])
        #expect(found["attributes"]?.map { $0.value?.shown } == ["disk:ssd;rack:rack1"])
        #expect(found["resources"]?.map { $0.value?.shown } == ["cpus:8;ports:[31000-32000]"])
    }

    @Test func marathonReadsSubdirectoriesAndItsVariables() {
        let file = EnvironmentFile(path: "/etc/default/marathon", service: .marathon, prefix: "MARATHON_")
        let found = effectiveFlags(
            entries: [FlagEntry("hostname", "h\n"), FlagEntry("?disable_ha", ""), FlagEntry("sub/zk~", "x")],
            in: "/etc/marathon/conf",
            environment: [EnvironmentText(file, "MARATHON_HOSTNAME=other\nMARATHON_APP_ID=x\nMARATHON_CHECKPOINT=\n")],
            dialect: .marathon
        )
        #expect(found.keys.sorted() == ["checkpoint", "ha", "hostname", "sub/zk~"])
        #expect(found["hostname"]?.isFatal(mesos: nil) == true)
        #expect(found["ha"]?.map { $0.value?.shown } == ["false"])
    }
}
