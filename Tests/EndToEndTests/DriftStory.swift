import Testing

extension EndToEnd {
    /// The cluster heals after hand edits, and restarts only what must.
    @Suite(.serialized) struct Chapter2Drift {
        @Test func aHandEditIsShownAloneAsDriftAndCorrectedWithoutARestart() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            let pid = try await bed.on("mesos-slave2", "systemctl show mesos-slave -p MainPID").output
            try await bed.on("mesos-slave2", "echo 1mins > /etc/mesos-slave/executor_registration_timeout")
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains("1mins → 5mins"))
            #expect(plan.output.contains("drift"))
            #expect(plan.output.contains("1 to change"))
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            let file = try await bed.on("mesos-slave2", "cat /etc/mesos-slave/executor_registration_timeout")
            #expect(file.output.trimmed == "5mins")
            #expect(try await bed.on("mesos-slave2", "systemctl show mesos-slave -p MainPID").output == pid)
            #expect(try await bed.reconciler("plan", "--detailed-exitcode").status == 0)
        }

        @Test func aHandEditThatIsAlreadyRunningIsCorrectedWithOneRestart() async throws {
            let bed = try await TestbedHarness()
            try await bed.on(
                "mesos-slave1",
                "echo 2mins > /etc/mesos-slave/executor_registration_timeout; systemctl restart mesos-slave"
            )
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            let flags = try await bed.on(
                "mesos-slave1",
                "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID mesos-slave)/cmdline | grep timeout"
            )
            #expect(flags.output.trimmed == "--executor_registration_timeout=5mins")
            #expect(try await bed.reconciler("plan", "--detailed-exitcode").status == 0)
        }

        @Test func aServiceStartedWhereItMustNotRunIsStoppedAgain() async throws {
            let bed = try await TestbedHarness()
            try await bed.on("mesos-slave3", "systemctl unmask mesos-master; systemctl start mesos-master")
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            #expect(try await bed.on("mesos-slave3", "systemctl is-active mesos-master").output.trimmed != "active")
        }

        @Test func anotherQuorumInARunningMasterIsRefused() async throws {
            let bed = try await TestbedHarness()
            let old = try await bed.on("mesos-master3", "cat /etc/mesos-master/quorum").output.trimmed
            try await bed.on("mesos-master3", "echo 1 > /etc/mesos-master/quorum; systemctl restart mesos-master")
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 3, "\(apply)")
            #expect(apply.output.contains("mesos-quorum"))
            try await bed.on("mesos-master3", "echo \(old) > /etc/mesos-master/quorum; systemctl restart mesos-master")
            try await bed.wait(40, for: "the plan to be empty again") {
                try await bed.reconciler("plan", "--detailed-exitcode").status == 0
            }
        }
    }
}
