import Subprocess
import Testing

extension EndToEnd {
    /// The ensemble through changes, kills, rivals and a dead host.
    @Suite(.serialized) struct Chapter3Ensemble {
        @Test func aChangedSettingRollsTheEnsembleAndNeverCostsTheQuorum() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            try await bed.editSpec("\nzookeeper:\n", "\nzookeeper:\n  config: {tickTime: 2500}\n")
            let witness = ZooKeeperWitness(bed)
            async let log = witness.watch()
            let apply = try await bed.reconciler("apply", "--yes")
            try await witness.stop()
            #expect(apply.status == 0, "\(apply)")
            let seen = try await log
            #expect(seen.mostDownAtOnce == 1, "\(seen)")
            #expect(seen.leaderlessWindows.allSatisfy { $0 < 3.0 }, "\(seen)")
            #expect(seen.leaderlessWindows.count <= 1, "\(seen)")
            #expect(seen.restarts.count == 3, "\(seen)")
            let pairs = zip(seen.restarts, seen.restarts.dropFirst())
            #expect(pairs.allSatisfy { $1 - $0 >= 10 }, "\(seen)")
            #expect(try await bed.reconciler("plan", "--detailed-exitcode").status == 0)
        }

        @Test func aRunKilledBetweenWriteAndRestartIsContinued() async throws {
            let bed = try await TestbedHarness()
            try await bed.on("mesos-slave1", "cp /etc/mesos-slave/executor_registration_timeout /root/timeout")
            try await bed.editSpec("executor_registration_timeout: 5mins", "executor_registration_timeout: 6mins")
            try await killAfterWrite(bed, node: "mesos-slave1")
            let running = try await runningTimeout(bed, "mesos-slave1")
            #expect(running == "--executor_registration_timeout=5mins", "the kill came too late to prove anything")
            try await bed.wait(35, for: "the killed run's lease to expire") {
                try await bed.reconciler("apply", "--yes", "--lock-timeout", "30s").status == 0
            }
            for node in TestbedHarness.agents {
                #expect(try await runningTimeout(bed, node) == "--executor_registration_timeout=6mins")
            }
        }

        /// The restart is held up on the node (a `systemctl` that waits), so that the kill surely falls between the two.
        private func killAfterWrite(_ bed: TestbedHarness, node: String) async throws {
            try await bed.on(
                node,
                #"""
                cp -a /usr/bin/systemctl /usr/bin/systemctl.real
                printf '%s\n' '#!/bin/sh' 'case "$*" in *restart*) sleep 30; exit 1;; esac' \
                    'exec /usr/bin/systemctl.real "$@"' > /usr/bin/systemctl.slow
                chmod 755 /usr/bin/systemctl.slow
                mv /usr/bin/systemctl.slow /usr/bin/systemctl
                """#
            )
            async let apply = bed.operatorShell(
                "\(bed.binary) apply --yes -f \(bed.directory)/cluster.yaml --ssh-config \(bed.sshConfig) & echo $! > \(bed.directory)/pid; wait"
            )
            try await bed.wait(90, for: "the new timeout to be written") {
                try await bed.on(node, "cat /etc/mesos-slave/executor_registration_timeout").output.trimmed == "6mins"
            }
            _ = try await bed.operatorShell("kill -9 $(cat \(bed.directory)/pid)")
            _ = try await apply
            try await bed.on(node, "mv /usr/bin/systemctl.real /usr/bin/systemctl; pkill -f 'sleep 30'; true")
        }

        private func runningTimeout(_ bed: TestbedHarness, _ node: String) async throws -> String {
            try await bed.on(
                node,
                "tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID mesos-slave)/cmdline | grep executor_registration_timeout"
            ).output.trimmed
        }

        @Test func ofTwoRunsAtOnceOneWorksAndTheOtherIsToldWhoHoldsTheLease() async throws {
            let bed = try await TestbedHarness()
            try await bed.reconcilerConverges()
            try await bed.editSpec("\nzookeeper:\n", "\nzookeeper:\n  config: {tickTime: 2600}\n")
            async let first = bed.reconciler("apply", "--yes")
            try await bed.wait(60, for: "the first run to hold the lease") {
                try await bed.on("mesos-master1", "test -s /var/lib/reconciler/lease").status == 0
            }
            let second = try await bed.reconciler("apply", "--yes", "--lock-timeout", "1s")
            #expect(second.status == 3, "\(second)")
            #expect(
                (second.output + second.errors).contains("reconciler apply") || second.errors.contains("pid"),
                "\(second)"
            )
            let done = try await first
            #expect(done.status == 0, "\(done)")
            #expect(try await bed.on("mesos-master1", "test -s /var/lib/reconciler/lease").status != 0)
        }

        @Test func aDeadHostBlocksTheRestartsOfItsEnsembleAndNothingElse() async throws {
            let bed = try await TestbedHarness()
            try await bed.reconcilerConverges()
            try await bed.editSpec("\nzookeeper:\n", "\nzookeeper:\n  config: {tickTime: 2700}\n")
            try await bed.bed("poweroff", "mesos-master3")
            try await bed.on("mesos-slave1", "echo 1mins > /etc/mesos-slave/executor_registration_timeout")
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 4, "\(plan)")
            #expect(plan.output.contains("mesos-master3"))
            #expect(plan.output.contains("1mins → 5mins"))
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 4, "\(apply)")
            let file = try await bed.on("mesos-slave1", "cat /etc/mesos-slave/executor_registration_timeout")
            #expect(file.output.trimmed == "5mins")
            for node in TestbedHarness.masters.dropLast() {
                #expect(try await bed.on(node, "grep -q tickTime=2700 /etc/zookeeper/conf/zoo.cfg").status != 0)
            }
            try await bed.bed("poweron", "mesos-master3")
            try await bed.wait(90, for: "the ensemble to be whole") {
                try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"]
            }
        }
    }
}

extension TestbedHarness {
    /// Throws away what a chapter did: the nodes as the first chapter left them.
    func resetToConverged() async throws {
        try await ensureConvergedIsSaved()
        try await bed("reset", "converged")
        try await wait(90, for: "ZooKeeper to be whole after the reset") {
            try await zooKeeperModes().sorted() == ["follower", "follower", "leader"]
        }
        try await wait(60, for: "the plan to be empty after the reset") {
            try await reconciler("plan", "--detailed-exitcode").status == 0
        }
    }

    /// The first chapter saves it, and is not the first to run where each is tried by itself or a machine is new.
    private func ensureConvergedIsSaved() async throws {
        let status = try await Self.run(testbed, ["status"])
        if status.output.split(separator: "\n").contains("saved: converged") { return }
        try await bed("reset")
        try await reconcilerConverges()
        try await bed("save", "converged")
    }

    /// Brings the nodes to this test's cluster.yaml, whatever the chapter before left.
    func reconcilerConverges() async throws {
        let apply = try await reconciler("apply", "--yes", "--lock-timeout", "40s")
        try #require(apply.status == 0, "\(apply)")
    }
}

/// Polls all three servers from the operator's side and says afterwards what was down, and when.
struct ZooKeeperWitness: Sendable {
    struct Log: CustomStringConvertible {
        var mostDownAtOnce: Int
        /// Seconds, each window without any leader.
        var leaderlessWindows: [Double]
        /// When each server process went away, seconds since 1970.
        var restarts: [Double]
        var description: String {
            "down at once \(mostDownAtOnce), leaderless \(leaderlessWindows), restarts \(restarts)"
        }
    }

    let bed: TestbedHarness
    private var stopFile: String { "\(bed.directory)/stop" }

    init(_ bed: TestbedHarness) { self.bed = bed }

    func stop() async throws { _ = try await TestbedHarness.run("/usr/bin/touch", [stopFile]) }

    /// One line a round: the time, then for each server its mode, `electing`, or `down` when nothing takes a connection.
    func watch() async throws -> Log {
        let script = """
            ask() {
                { exec 3<>/dev/tcp/$1/2181; } 2>/dev/null || { echo down; return; }
                printf srvr >&3
                mode=$(timeout 1 cat <&3 | sed -n 's/^Mode: //p')
                exec 3>&-
                echo "${mode:-electing}"
            }
            while [ ! -e \(stopFile) ]; do
                echo "$EPOCHREALTIME $(ask 10.16.40.1) $(ask 10.16.40.2) $(ask 10.16.40.3)"
                sleep 0.1
            done
            """
        return Self.judge(try await bed.operatorShell(script).output)
    }

    static func judge(_ text: String) -> Log {
        var log = Log(mostDownAtOnce: 0, leaderlessWindows: [], restarts: [])
        var previous = ["up", "up", "up"]
        var leaderlessSince: Double?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count == 4, let time = Double(fields[0]) else { continue }
            let modes = Array(fields.dropFirst())
            log.mostDownAtOnce = max(log.mostDownAtOnce, modes.count { $0 == "down" })
            for (before, now) in zip(previous, modes) where now == "down" && before != "down" {
                log.restarts.append(time)
            }
            if modes.contains("leader") {
                if let since = leaderlessSince { log.leaderlessWindows.append(time - since) }
                leaderlessSince = nil
            } else if leaderlessSince == nil {
                leaderlessSince = time
            }
            previous = modes
        }
        return log
    }
}
