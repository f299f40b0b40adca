import Testing

extension EndToEnd {
    /// Dead servers, hosts that cannot be asked, and an operator who changes his mind.
    @Suite(.serialized) struct Chapter4Trouble {
        @Test func aServerThatDiedIsStartedAgain() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            // The sysv script's unit stays `active (exited)` after this.
            try await bed.on("mesos-master2", "kill -9 $(cat /run/zookeeper/zookeeper.pid)")
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains("start zookeeper"), "\(plan)")
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            #expect(try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"])
        }

        @Test func aSudoThatWantsAPasswordHarmsNoOtherNode() async throws {
            let bed = try await TestbedHarness()
            try await bed.editSpec("address: 10.16.40.13,", "address: 10.16.40.13, ssh: {user: nopass},")
            let plan = try await bed.reconciler("plan")
            #expect(plan.status == 4, "\(plan)")
            #expect(plan.output.contains("password"), "\(plan)")
            #expect(plan.output.contains("5 of 6") || plan.output.contains("mesos-slave3"), "\(plan)")
        }

        @Test func aNodeThatIsCutOffIsToldWithinTheConnectTimeout() async throws {
            let bed = try await TestbedHarness()
            try await bed.bed("cut", "mesos-slave2")
            let clock = ContinuousClock()
            var plan: TestbedHarness.Result?
            let spent = try await clock.measure { plan = try await bed.reconciler("plan") }
            try await bed.bed("mend", "mesos-slave2")
            let seen = try #require(plan)
            #expect(seen.status == 4, "\(seen)")
            #expect(seen.output.contains("mesos-slave2"))
            #expect(spent < .seconds(45), "\(spent)")
        }

        @Test func aDeclaredHostKeyEnrolsItsNodeAndNoOther() async throws {
            let bed = try await TestbedHarness()
            let key = try await TestbedHarness.run(bed.testbed, ["host-key", "mesos-slave1"]).output.trimmed
            try await bed.editSpec("address: 10.16.40.11,", "address: 10.16.40.11, hostKey: \(key),")
            let config = try await TestbedHarness.run("/bin/cat", [bed.sshConfig]).output
            let lines = config.split(separator: "\n", omittingEmptySubsequences: false)
                .filter { !$0.contains("UserKnownHostsFile") }
            try bed.write(
                "Host *\n  UserKnownHostsFile \(bed.directory)/known_hosts\n" + lines.joined(separator: "\n"),
                to: "\(bed.directory)/ssh_config"
            )
            let plan = try await TestbedHarness.run(
                bed.testbed,
                ["operator", bed.binary, "plan", "-f", "\(bed.directory)/cluster.yaml"]
                    + ["--ssh-config", "\(bed.directory)/ssh_config", "--format", "json"]
            )
            #expect(plan.status == 4, "\(plan)")
            #expect(plan.output.components(of: "hostKeyUnknown") == 5, "\(plan)")
        }

        /// As Ctrl-C on a terminal: the signal goes to the whole foreground group, ssh included.
        @Test func theFirstInterruptFinishesTheStepInHandAndTheNextRunContinues() async throws {
            let bed = try await TestbedHarness()
            try await bed.editSpec("\nzookeeper:\n", "\nzookeeper:\n  config: {tickTime: 2900}\n")
            async let run = bed.operatorShell(
                """
                set -m
                \(bed.binary) apply --yes -f \(bed.directory)/cluster.yaml --ssh-config \(bed.sshConfig) \
                    > \(bed.directory)/out 2> \(bed.directory)/err &
                echo $! > \(bed.directory)/pid
                wait $!
                echo "exit $?"
                """
            )
            try await bed.wait(90, for: "the first member to be restarted") {
                try await TestbedHarness.run("/bin/grep", ["-q", "restarted zookeeper", "\(bed.directory)/err"]).status
                    == 0
            }
            _ = try await bed.operatorShell("kill -INT -- -$(cat \(bed.directory)/pid)")
            let ended = try await run
            let report = try await TestbedHarness.run("/bin/cat", ["\(bed.directory)/out", "\(bed.directory)/err"])
            #expect(ended.output.contains("exit 130"), "\(ended)\n\(report)")
            #expect(report.output.contains("not restarted"), "\(report)")
            #expect(try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"])
            #expect(try await bed.on("mesos-master1", "test -s /var/lib/reconciler/lease").status != 0)
            let again = try await bed.reconciler("apply", "--yes")
            #expect(again.status == 0, "\(again)")
            #expect(try await bed.reconciler("plan", "--detailed-exitcode").status == 0)
        }
    }
}

extension String {
    /// How often `part` stands in this text.
    func components(of part: String) -> Int { split(separator: part, omittingEmptySubsequences: false).count - 1 }
}
