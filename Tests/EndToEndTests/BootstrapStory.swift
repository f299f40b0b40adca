import Testing

extension EndToEnd {
    /// Six bare Debian systems become a cluster, and stay so.
    @Suite(.serialized) struct Chapter1Bootstrap {
        @Test func planOfBareNodesWritesNothingAndCostsOneExecANode() async throws {
            let bed = try await TestbedHarness()
            try await bed.bed("reset")
            let before = try await execCounts(bed)
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains("6 nodes observed"))
            let after = try await execCounts(bed)
            for node in TestbedHarness.nodes { #expect((after[node] ?? 0) - (before[node] ?? 0) == 1, "\(node)") }
            for node in TestbedHarness.nodes {
                #expect(try await bed.on(node, "test -e /var/lib/reconciler").status != 0)
                #expect(try await bed.on(node, "test -e /etc/mesos").status != 0)
            }
        }

        /// Commands that sshd ran, by node, from its own log.
        private func execCounts(_ bed: TestbedHarness) async throws -> [String: Int] {
            var counts: [String: Int] = [:]
            for node in TestbedHarness.nodes {
                let log = try await bed.on(node, "journalctl -q -t sshd | grep -c 'Starting session: command'")
                counts[node] = Int(log.output.trimmed)
            }
            return counts
        }

        @Test func applyMakesThemACluster() async throws {
            let bed = try await TestbedHarness()
            let apply = try await bed.reconciler("apply", "--yes")
            try #require(apply.status == 0, "\(apply)")
            #expect(try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"])
        }

        @Test func everyFileOfTheWalkthroughHasItsContent() async throws {
            let bed = try await TestbedHarness()
            let zk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/mesos"
            for (index, node) in TestbedHarness.masters.enumerated() {
                let address = TestbedHarness.addresses[index]
                try await expect(bed, node, "/var/lib/zookeeper/myid", "\(index + 1)")
                for server in 1...3 {
                    let line = "server.\(server)=10.16.40.\(server):2888:3888"
                    #expect(try await bed.on(node, "grep -qx '\(line)' /etc/zookeeper/conf/zoo.cfg").status == 0)
                }
                #expect(
                    try await bed.on(node, "grep -qx 'dataDir=/var/lib/zookeeper' /etc/zookeeper/conf/zoo.cfg").status
                        == 0
                )
                try await expect(bed, node, "/etc/mesos/zk", zk)
                try await expect(bed, node, "/etc/mesos-master/quorum", "2")
                try await expect(bed, node, "/etc/mesos-master/ip", address)
                try await expect(bed, node, "/etc/mesos-master/hostname", address)
                let marathon = try await bed.on(
                    node,
                    ". /etc/default/marathon; echo $MARATHON_MASTER $MARATHON_ZK $MARATHON_HOSTNAME"
                )
                let marathonZk = "zk://10.16.40.1:2181,10.16.40.2:2181,10.16.40.3:2181/marathon"
                #expect(marathon.output.trimmed == "\(zk) \(marathonZk) \(address)")
            }
            for (index, node) in TestbedHarness.agents.enumerated() {
                try await expect(bed, node, "/etc/mesos/zk", zk)
                try await expect(bed, node, "/etc/mesos-slave/ip", "10.16.40.\(11 + index)")
                try await expect(bed, node, "/etc/mesos-slave/hostname", "10.16.40.\(11 + index)")
                try await expect(bed, node, "/etc/mesos-slave/containerizers", "docker,mesos")
                try await expect(bed, node, "/etc/mesos-slave/executor_registration_timeout", "5mins")
            }
        }

        private func expect(_ bed: TestbedHarness, _ node: String, _ path: String, _ content: String) async throws {
            let found = try await bed.on(node, "cat \(path)")
            #expect(found.status == 0 && found.output.trimmed == content, "\(node):\(path): \(found)")
        }

        @Test func everyNodeHasAnEngineThatAnswers() async throws {
            let bed = try await TestbedHarness()
            for node in TestbedHarness.nodes {
                let engine = try await bed.on(node, "docker version --format '{{.Server.Version}}'")
                #expect(engine.status == 0 && engine.output.contains("."), "\(node): \(engine)")
            }
        }

        @Test func noWrongServiceRunsOrEverRan() async throws {
            let bed = try await TestbedHarness()
            try await expectRightServices(bed)
            for node in TestbedHarness.masters {
                #expect(try await starts(bed, node, "mesos-slave") == 0)
            }
            for node in TestbedHarness.agents {
                for service in ["zookeeper", "mesos-master", "marathon"] {
                    #expect(try await starts(bed, node, service) == 0, "\(service) on \(node)")
                }
            }
        }

        private func starts(_ bed: TestbedHarness, _ node: String, _ service: String) async throws -> Int {
            let journal = try await bed.on(node, "journalctl -q -u \(service) | grep -c 'Started \\|Starting '")
            return Int(journal.output.trimmed) ?? -1
        }

        private func expectRightServices(_ bed: TestbedHarness) async throws {
            for node in TestbedHarness.masters {
                for service in ["zookeeper", "mesos-master", "marathon", "docker", "haproxy", "cron"] {
                    #expect(
                        try await bed.on(node, "systemctl is-active \(service)").output.trimmed == "active",
                        "\(node) \(service)"
                    )
                }
                #expect(try await bed.on(node, "systemctl is-active mesos-slave").output.trimmed == "inactive")
            }
            for node in TestbedHarness.agents {
                for service in ["mesos-slave", "docker"] {
                    #expect(
                        try await bed.on(node, "systemctl is-active \(service)").output.trimmed == "active",
                        "\(node) \(service)"
                    )
                }
                for service in ["zookeeper", "mesos-master"] {
                    #expect(
                        try await bed.on(node, "systemctl is-active \(service)").output.trimmed != "active",
                        "\(node) \(service)"
                    )
                }
            }
        }

        @Test func thenThereIsNothingToDo() async throws {
            let bed = try await TestbedHarness()
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.output.contains("No changes."))
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            #expect(apply.output.contains("No changes."))
        }

        @Test func theRightServicesComeBackAfterAReboot() async throws {
            let bed = try await TestbedHarness()
            try await bed.bed("reboot", "mesos-master2")
            try await bed.bed("reboot", "mesos-slave2")
            try await bed.wait(60, for: "ZooKeeper to be whole again") {
                try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"]
            }
            try await bed.wait(60, for: "the agent to be up again") {
                try await bed.on("mesos-slave2", "systemctl is-active mesos-slave").output.trimmed == "active"
            }
            try await expectRightServices(bed)
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 0, "\(plan)")
            try await bed.bed("save", "converged")
            try await bed.wait(90, for: "ZooKeeper to be whole after all nodes rebooted") {
                try await bed.zooKeeperModes().sorted() == ["follower", "follower", "leader"]
            }
        }
    }
}
