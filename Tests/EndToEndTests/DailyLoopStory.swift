import Testing

extension EndToEnd {
    /// How it is used every day: plans that were agreed upon, the loop beside git, and the loop as a service of systemd.
    @Suite(.serialized) struct Chapter13DailyLoop {
        private static let timeout = "/etc/mesos-slave/executor_registration_timeout"

        @Test func aSavedPlanIsRefusedWhereItsGroundMovedAndNowhereElse() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            try await bed.on("mesos-slave1", "echo 1mins > \(Self.timeout)")
            let saved = "\(bed.directory)/saved"
            let planned = try await bed.reconciler("plan", "--out", saved)
            #expect(planned.status == 0 && planned.output.contains("1mins → 5mins"), "\(planned)")

            try await bed.on("mesos-slave1", "echo 2mins > \(Self.timeout)")
            let refused = try await bed.reconciler("apply", saved, "--yes")
            #expect(refused.status == 3, "\(refused)")
            let words = refused.output + refused.errors
            #expect(words.contains("mesos-slave1") && words.contains(Self.timeout), "\(refused)")
            let kept = try await bed.on("mesos-slave1", "cat \(Self.timeout)")
            #expect(kept.output.trimmed == "2mins", "nothing was written")

            // What somebody did meanwhile, as the plan would have, is no reason to refuse the rest.
            try await bed.on("mesos-slave1", "echo 1mins > \(Self.timeout)")
            try await bed.on("mesos-slave3", "echo 9mins > \(Self.timeout)")
            let again = try await bed.reconciler("plan", "--out", saved + "-2")
            #expect(again.status == 0, "\(again)")
            try await bed.on("mesos-slave3", "echo 5mins > \(Self.timeout)")
            let rest = try await bed.reconciler("apply", saved + "-2", "--yes")
            #expect(rest.status == 0 && rest.errors.contains("are only checked"), "\(rest)")

            // An edit on a node that no step relies on.
            try await bed.on("mesos-slave1", "echo 1mins > \(Self.timeout)")
            let first = try await bed.reconciler("plan", "--out", saved + "-3")
            #expect(first.status == 0 && !first.output.contains("mesos-slave3"), "\(first)")
            try await bed.on("mesos-slave3", "echo 9mins > \(Self.timeout)")
            let applied = try await bed.reconciler("apply", saved + "-3", "--yes")
            #expect(applied.status == 0, "\(applied)")
            #expect(try await bed.on("mesos-slave1", "cat \(Self.timeout)").output.trimmed == "5mins")
            #expect(
                try await bed.on("mesos-slave3", "cat \(Self.timeout)").output.trimmed == "9mins",
                "exactly the plan, and no more"
            )
        }

        @Test(.timeLimit(.minutes(20))) func theStoryOfTheDocsIsPlayedOnRealNodes() async throws {
            let bed = try await TestbedHarness()
            let story = try await TestbedHarness.run(bed.scripts + "/daily-loop", ["testbed", bed.binary])
            #expect(story.status == 0, "\(story)")
            #expect(story.output.contains("the daily loop works"), "\(story)")
        }

        @Test(.timeLimit(.minutes(20))) func theServiceRunsUnderItsRestrictionsAndEndsWell() async throws {
            let bed = try await TestbedHarness()
            try await bed.reconcilerConverges()
            let host = "mesos-master1"
            try await bed.installService(on: host)
            try await bed.on(host, "systemctl start reconciler-watch@testbed")
            try await bed.wait(120, for: "the loop to be well") { try await bed.health(on: host).contains("200") }

            try await bed.on("mesos-slave2", "echo 1mins > \(Self.timeout)")
            try await bed.wait(120, for: "the loop to correct a hand edit") {
                try await bed.on("mesos-slave2", "cat \(Self.timeout)").output.trimmed == "5mins"
            }

            // Told to end in the middle of the first of three restarts.
            try await bed.commit("s/executor_registration_timeout: .*/executor_registration_timeout: 7mins/", on: host)
            try await bed.wait(120, for: "the loop to restart an agent") {
                try await bed.on("mesos-slave1", "cat \(Self.timeout)").output.trimmed == "7mins"
            }
            let stopped = try await bed.on(host, "systemctl stop reconciler-watch@testbed")
            #expect(stopped.status == 0, "\(stopped)")
            let unit = try await bed.on(
                host,
                "systemctl show -P Result reconciler-watch@testbed; systemctl is-active reconciler-watch@testbed"
            )
            let said = try await bed.journal(on: host)
            #expect(unit.output == "success\ninactive\n", "\(unit) \(said)")
            let others = try await bed.on("mesos-slave3", "cat \(Self.timeout)")
            #expect(others.output.trimmed == "5mins", "the next step is not begun")
            try await bed.editSpec("executor_registration_timeout: 5mins", "executor_registration_timeout: 7mins")
            let left = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(left.status == 2 && !left.output.contains("mesos-slave1"), "the step in hand was finished: \(left)")

            // Killed, it comes back by itself and does the rest.
            try await bed.on(host, "systemctl start reconciler-watch@testbed")
            try await bed.on(host, "systemctl kill --kill-whom=main --signal=KILL reconciler-watch@testbed")
            try await bed.wait(240, for: "the loop to be back and to have done the rest") {
                try await bed.on("mesos-slave3", "cat \(Self.timeout)").output.trimmed == "7mins"
            }
            try await bed.wait(120, for: "the loop to be well again") { try await bed.health(on: host).contains("200") }
            let end = try await bed.on(
                host,
                "systemctl show -P NRestarts reconciler-watch@testbed; systemctl stop reconciler-watch@testbed"
            )
            let words = try await bed.journal(on: host)
            #expect(end.output.trimmed == "1", "\(words)")
            for forbidden in ["not permitted", "Read-only file system", "Permission denied"] {
                #expect(!words.contains(forbidden), "\(words)")
            }
        }
    }
}

extension TestbedHarness {
    /// The repository's scripts, beside the testbed.
    fileprivate var root: String {
        testbed.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    }

    fileprivate var scripts: String { root + "/Scripts" }

    /// As docs/operations.md tells, but for the program: the one that is tested, with its libraries beside it.
    fileprivate func installService(on node: String) async throws {
        let keys = "/var/lib/reconciler-watch/.ssh"
        let prepared = try await Self.run(
            "/bin/bash",
            [
                "-euc",
                """
                make -s -C '\(root)' install-files BUILT='\(binary)' DESTDIR='\(directory)/tree' PREFIX=/usr
                mkdir -p '\(directory)/tree/usr/lib/reconciler' '\(directory)/tree\(keys)' '\(directory)/tree/root/work'
                ldd '\(binary)' | awk '$3 ~ /swift/ {print $3}' | xargs -I '{}' cp '{}' '\(directory)/tree/usr/lib/reconciler/'
                eval "$(awk '/IdentityFile/ {print "identity=" $2} /UserKnownHostsFile/ {print "known=" $2}' '\(sshConfig)')"
                cp "$identity" '\(directory)/tree\(keys)/id_ed25519'
                cp "$known" '\(directory)/tree\(keys)/known_hosts'
                cp '\(directory)/cluster.yaml' '\(directory)/tree/root/work/'
                printf 'watch:\\n  interval: 15secs\\n  kinds: [files, services, restarts]\\n' >>'\(directory)/tree/root/work/cluster.yaml'
                tar -C '\(directory)/tree' --owner=0 --group=0 -c . | '\(testbed)' exec '\(node)' tar -C / --no-overwrite-dir -x
                """,
            ]
        )
        try #require(prepared.status == 0, "\(prepared)")
        let set = try await on(
            node,
            """
            set -eu
            apt-get -q update
            DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install git libyaml-0-2
            systemd-sysusers
            systemd-tmpfiles --create
            chown -R reconciler:reconciler \(keys)
            chmod 600 \(keys)/id_ed25519
            git config --global user.name ops
            git config --global user.email ops@localhost
            git init -q --bare -b main /srv/ops.git
            cd /root/work
            git init -q -b main
            git add cluster.yaml
            git commit -qm 'The cluster as it is'
            git push -q /srv/ops.git main
            chown -R reconciler /srv/ops.git
            git config --global safe.directory '*'
            umask 077
            {
                echo 'RECONCILER_OPTIONS=--git /srv/ops.git --branch main --file cluster.yaml --correct --listen 127.0.0.1:9095'
                echo LD_LIBRARY_PATH=/usr/lib/reconciler
            } >/etc/reconciler/testbed.env
            systemctl daemon-reload
            """
        )
        try #require(set.status == 0, "\(set)")
    }

    fileprivate func commit(_ edit: String, on node: String) async throws {
        let pushed = try await on(
            node,
            "cd /root/work && sed -i '\(edit)' cluster.yaml && git commit -qam Change && git push -q /srv/ops.git main"
        )
        try #require(pushed.status == 0, "\(pushed)")
    }

    fileprivate func health(on node: String) async throws -> String {
        let ask =
            "exec 3<>/dev/tcp/127.0.0.1/9095 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && timeout 5 head -n 1 <&3"
        return try await on(node, "bash -c \"\(ask)\" 2>/dev/null").output
    }

    fileprivate func journal(on node: String) async throws -> String {
        try await on(node, "journalctl -u reconciler-watch@testbed -o cat --no-pager | tail -n 200").output
    }
}
