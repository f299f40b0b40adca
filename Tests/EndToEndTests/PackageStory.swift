import Daemons
import Testing

extension EndToEnd {
    /// Packages come from a declared repository, in declared versions, and go to others in an order that keeps the cluster.
    @Suite(.serialized) struct Chapter11Packages {
        @Test func aKeyThatIsNotTheDeclaredOneIsRefusedBeforeAnythingIsDone() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToInstalled()
            let bench = try await Self.bench(bed)
            let spec = try await TestbedHarness.run("/bin/cat", ["\(bed.directory)/cluster.yaml"]).output
            let line = try #require(spec.split(separator: "\n").first { $0.contains("fingerprint:") })
            try await bed.editSpec(String(line), "    fingerprint: \(String(repeating: "0", count: 40))")
            let apply = try await bench.apply()
            #expect([1, 3].contains(apply.status), "\(apply)")
            #expect("\(apply)".contains(WalkthroughBench.Words.fingerprint), "\(apply)")
            for node in TestbedHarness.nodes {
                #expect(try await bed.on(node, "ls /etc/apt/sources.list.d").output.isEmpty, "\(node)")
                #expect(try await bed.on(node, "test -e /etc/mesos").status != 0, "\(node)")
                #expect(try await bed.installed("mesos", on: node) == nil, "\(node)")
            }
        }

        @Test func aRepositorySignedByAnotherFailsItsStepInAptsWords() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.bench(bed)
            try await bed.editSpec("http://10.16.40.21/debian", "http://10.16.40.21/foreign")
            let apply = try await bench.apply()
            #expect(apply.status == 1, "\(apply)")
            #expect("\(apply)".contains(WalkthroughBench.Words.foreignKey), "\(apply)")
            for node in TestbedHarness.nodes {
                #expect(try await bed.installed("mesos", on: node) == nil, "\(node)")
            }
        }

        @Test func anInstallationWaitsForWhoeverHoldsDpkgsLock() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.bench(bed)
            try await bed.on("mesos-slave1", Self.holdingTheLock(seconds: 20))
            try await bed.wait(5, for: "dpkg's lock to be held") {
                try await bed.on("mesos-slave1", "test -e /run/dpkg-is-locked").status == 0
            }
            try await bench.applyAll()
            #expect(try await bed.on("mesos-slave1", "test -e /run/dpkg-was-locked").status == 0)
            for node in TestbedHarness.nodes {
                #expect(try await bed.installed("mesos", on: node)?.hasPrefix("1.10.0-") == true, "\(node)")
                #expect(try await bed.held(on: node).contains("mesos"), "\(node)")
            }
            try await bench.cluster.waitForLeader(agents: 3)
            _ = try await bench.cluster.waitForTasks("/sleeper", count: 3)
            try await bench.expectNothingToDo()
        }

        @Test func mesosGoesToTheNextReleaseMastersFirstAndTheLeaderLastAndItsTasksLiveOn() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.bench(bed)
            let tasks = try await bench.cluster.taskIDs()
            let processes = try await Self.processes(bed)
            try #require(processes.count == 3, "\(processes)")
            let leader = try #require(try await bench.cluster.elected().first)
            let zooKeepers = try await Self.zooKeeperProcesses(bed)
            try await bed.editSpec("mesos: 1.10.0", "mesos: 1.11.0")
            try await bench.applyAll()

            var masters: [String: Int] = [:]
            for (node, address) in WalkthroughBench.masters {
                let version = try await bench.cluster.get("http://\(address):5050/version")?["version"]?.string
                #expect(version == "1.11.0", "\(node)")
                masters[address] = try await bed.started("mesos-master", on: node)
            }
            #expect(masters.max { $0.value < $1.value }?.key == leader, "\(leader) led: \(masters)")
            let lastMaster = try #require(masters.values.max())
            for (node, address) in zip(TestbedHarness.agents, MesosWitness.agentAddresses) {
                let version = try await bench.cluster.get("http://\(address):5051/version")?["version"]?.string
                #expect(version == "1.11.0", "\(node)")
                #expect(try await bed.started("mesos-slave", on: node) > lastMaster, "\(node)")
            }
            for node in TestbedHarness.nodes { #expect(try await bed.held(on: node).contains("mesos"), "\(node)") }
            try await bench.cluster.waitForLeader(agents: 3)
            try await bench.cluster.waitForSettled(tasks)
            #expect(try await Self.processes(bed) == processes)
            #expect(try await Self.zooKeeperProcesses(bed) == zooKeepers)
            let marathon = try await bench.cluster.marathon("/v2/info")?["version"]?.string
            #expect(marathon == "1.10.26")
            try await bench.expectNothingToDo()
        }

        @Test func severalMarathonsGoToTheNextMinorReleaseAndTheTasksLiveOn() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.bench(bed, mesos: "1.11.0")
            let tasks = try await bench.cluster.taskIDs()
            let processes = try await Self.processes(bed)
            try await bed.editSpec("marathon: 1.10.26", "marathon: 1.11.24")
            try await bench.applyAll()
            for (node, address) in WalkthroughBench.masters {
                try await bed.wait(60, for: "Marathon on \(node)") {
                    try await bench.cluster.get("http://\(address):8080/v2/info")?["version"]?.string == "1.11.24"
                }
            }
            try await bench.cluster.waitForSettled(tasks)
            #expect(try await Self.processes(bed) == processes)
            try await bench.expectNothingToDo()
        }

        @Test func aDowngradeIsRefused() async throws {
            let bed = try await TestbedHarness()
            let bench = try await Self.bench(bed, mesos: "1.10.0", marathon: "1.11.24")
            let plan = try await bench.plan()
            #expect(plan.status == 3, "\(plan)")
            let apply = try await bench.apply()
            #expect(apply.status == 3, "\(apply)")
            for node in TestbedHarness.nodes {
                #expect(try await bed.installed("mesos", on: node)?.hasPrefix("1.11.0-") == true, "\(node)")
            }
        }

        /// The walkthrough without balancers, engines and images, with releases that are not the newest, and one app.
        private static func bench(
            _ bed: TestbedHarness,
            mesos: String = "1.10.0",
            marathon: String = "1.10.26"
        ) async throws -> WalkthroughBench {
            let bench = try await WalkthroughBench(bed)
            let kept = "version cluster ssh platform repositories zookeeper mesos marathon"
                .split(separator: " ").map { "\($0):" }
            let spec = try await TestbedHarness.run("/bin/cat", ["\(bed.directory)/cluster.yaml"]).output
            var isKept = false
            let lines = spec.split(separator: "\n").filter { line in
                if line.first?.isLetter == true { isKept = kept.contains { line.hasPrefix($0) } }
                return isKept && !line.contains("containerizers")
            }
            let masters = (1...3).map {
                "  mesos-master\($0): {address: 10.16.40.\($0), roles: [zookeeper, mesos-master, marathon]}\n"
            }
            let agents = (1...3).map { "  mesos-slave\($0): {address: 10.16.40.1\($0), roles: [mesos-agent]}\n" }
            let own = """
                versions: {mesos: \(mesos), marathon: \(marathon)}
                apps: [sleeper.json]
                nodes:
                \((masters + agents).joined())
                """
            try bed.write(lines.joined(separator: "\n") + "\n" + own, to: "\(bed.directory)/cluster.yaml")
            let command = #""cmd": "sleep 100000", "cpus": 0.1, "mem": 32, "instances": 3"#
            try bed.write(#"{"id": "sleeper", \#(command)}"#, to: "\(bed.directory)/sleeper.json")
            return bench
        }

        /// A process that has dpkg's lock as apt takes it, and leaves files when it got it and when it is about to end.
        private static func holdingTheLock(seconds: Int) -> String {
            #"""
            systemd-run --quiet --collect --unit=lock-holder perl -MFcntl -e '
                open($file, "+>>", "/var/lib/dpkg/lock-frontend") or die;
                # struct flock of 64-bit Linux.
                $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
                fcntl($file, F_SETLKW, $lock) or die;
                system("touch /run/dpkg-is-locked");
                sleep \#(seconds);
                system("touch /run/dpkg-was-locked");'
            """#
        }

        /// The tasks' processes, by node and pid.
        private static func processes(_ bed: TestbedHarness) async throws -> Set<String> {
            var found: Set<String> = []
            for node in TestbedHarness.agents {
                let list = try await bed.on(node, "pgrep -f '^sleep 100000'")
                found.formUnion(list.output.split(separator: "\n").map { "\(node): \($0)" })
            }
            return found
        }

        private static func zooKeeperProcesses(_ bed: TestbedHarness) async throws -> [String] {
            var pids: [String] = []
            for node in TestbedHarness.masters {
                pids.append(try await bed.on(node, "cat /run/zookeeper/zookeeper.pid").output)
            }
            return pids
        }
    }
}
