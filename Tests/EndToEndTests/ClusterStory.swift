import Daemons
import Testing

extension EndToEnd {
    /// What was reconciled is a cluster: it elects, runs tasks, and goes on through deaths.
    @Suite(.serialized) struct Chapter6Cluster {
        @Test func oneMasterLeadsAndEveryAgentIsRegistered() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            let cluster = MesosWitness(bed)
            try await cluster.waitForLeader(agents: 3)
            for address in TestbedHarness.addresses {
                let metrics = try #require(try await cluster.metrics(address))
                #expect(metrics["registrar/log/ensemble_size"]?.double == 3, "\(address)")
                #expect(metrics["registrar/log/recovered"]?.double == 1, "\(address)")
            }
            let agents = try await cluster.agents()
            #expect(agents.compactMap { $0["hostname"]?.string }.sorted() == MesosWitness.agentAddresses)
            #expect(agents.allSatisfy { $0["attributes"]?["zone"]?.string == "testbed" }, "\(agents)")
        }

        @Test func aCommandRunsOnTheAgentsAndADockerTaskAnswers() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            try await cluster.waitForMarathon()
            try await cluster.makeImage("reconciler/hello:1", answering: "hello from a container")
            try await cluster.create(Self.ticking)
            try await cluster.create(Self.hello)
            let tasks = try await cluster.waitForTasks("/ticking", count: 2)
            for task in tasks {
                let node = try #require(MesosWitness.node(of: task))
                let ticks = "grep -qsz MARATHON_APP_ID=/ticking /proc/[0-9]*/environ"
                #expect(try await bed.on(node, ticks).status == 0, "\(task)")
            }
            let web = try #require(try await cluster.waitForTasks("/hello", count: 1).first)
            let host = try #require(web["host"]?.string)
            let port = try #require(web["ports"]?.array?.first?.int)
            try await bed.wait(20, for: "the container to answer") {
                try await bed.operatorShell("curl -sS -m 2 http://\(host):\(port)/").output.trimmed
                    == "hello from a container"
            }
        }

        @Test func tasksGoOnWhenTheirAgentIsRestarted() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            let before = try await cluster.taskIDs()
            let pids = try await Self.taskProcesses(bed)
            for node in TestbedHarness.agents { try await bed.on(node, "systemctl restart mesos-slave") }
            try await cluster.waitForAgents(running: before.count)
            try await cluster.waitForLeader(agents: 3)
            try await cluster.waitForSettled(before)
            #expect(try await Self.taskProcesses(bed) == pids)
        }

        @Test func anAgentNoticesTheEndOfATaskThatItFoundAgain() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            let before = try await cluster.waitForTasks("/ticking", count: 2).compactMap { $0["id"]?.string }
            let task = try #require(try await cluster.tasks("/ticking").first)
            try await bed.on(
                try #require(MesosWitness.node(of: task)),
                "pkill -9 -f '^[^ ]*sh -c while :; do date > tick'"
            )
            try await bed.wait(60, for: "Marathon to replace the task") {
                let now = try await cluster.tasks("/ticking").compactMap { $0["id"]?.string }
                return now.count == 2 && Set(now) != Set(before)
            }
        }

        @Test func aChangedFlagRollsTheMastersAndTheLeaderLast() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            let before = try await cluster.taskIDs()
            let leader = try #require(try await cluster.elected().first)
            try await bed.editSpec("\n  quorum: 2\n", "\n  quorum: 2\n  master: {flags: {offer_timeout: 5mins}}\n")
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            try await cluster.waitForLeader(agents: 3)
            try await cluster.waitForSettled(before)
            #expect(try await cluster.elected() != [leader])
            var started: [String: Int] = [:]
            for (node, address) in zip(TestbedHarness.masters, TestbedHarness.addresses) {
                let flags = try await cluster.get("http://\(address):5050/flags")
                #expect(flags?["flags"]?["offer_timeout"]?.string == "5mins", "\(node)")
                let time = try await bed.on(node, "systemctl show -P ExecMainStartTimestampMonotonic mesos-master")
                started[address] = Int(time.output.trimmed)
            }
            #expect(started.max { $0.value < $1.value }?.key == leader, "\(started)")
            // What the chapter goes on with is the testbed's own cluster.yaml.
            try await bed.editSpec("  master: {flags: {offer_timeout: 5mins}}\n", "")
            let back = try await bed.reconciler("apply", "--yes")
            #expect(back.status == 0, "\(back)")
        }

        @Test func anotherMasterLeadsWhenTheLeadingOneIsKilled() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            let before = try await cluster.taskIDs()
            let pids = try await Self.taskProcesses(bed)
            let leader = try #require(try await cluster.elected().first)
            let node = "mesos-master\(leader.split(separator: ".").last ?? "")"
            try await bed.on(node, "kill -9 $(systemctl show -P MainPID mesos-master)")
            try await bed.wait(60, for: "another master to lead") {
                let now = try await cluster.elected()
                return now.count == 1 && now != [leader]
            }
            try await cluster.waitForLeader(agents: 3)
            try await cluster.waitForSettled(before)
            #expect(try await Self.taskProcesses(bed) == pids)
        }

        @Test func mastersGiveUpWithoutAMajorityOfZooKeeperAndTasksDoNotCare() async throws {
            let bed = try await TestbedHarness()
            let cluster = MesosWitness(bed)
            let before = try await cluster.taskIDs()
            let pids = try await Self.taskProcesses(bed)
            for node in ["mesos-master1", "mesos-master2"] { try await bed.on(node, "systemctl stop zookeeper") }
            try await bed.wait(60, for: "no master to lead") { try await cluster.elected().isEmpty }
            #expect(try await Self.taskProcesses(bed) == pids)
            for node in ["mesos-master1", "mesos-master2"] { try await bed.on(node, "systemctl start zookeeper") }
            try await cluster.waitForLeader(agents: 3)
            try await cluster.waitForSettled(before)
            #expect(try await Self.taskProcesses(bed) == pids)
        }

        @Test func thePlanIsEmptyAfterAllOfThis() async throws {
            let bed = try await TestbedHarness()
            try await bed.wait(60, for: "the plan to be empty") {
                try await bed.reconciler("plan", "--detailed-exitcode").status == 0
            }
        }

        private static let ticking: JSON = [
            "id": "/ticking", "cmd": "while :; do date > tick; sleep 1; done", "cpus": 0.1, "mem": 32, "instances": 2,
        ]

        private static let hello: JSON = [
            "id": "/hello", "cpus": 0.1, "mem": 32, "instances": 1,
            "cmd": "httpd -f -p 80 -h /www",
            "networks": [["mode": "container/bridge"]],
            "container": [
                "type": "DOCKER", "docker": ["image": "reconciler/hello:1"],
                "portMappings": [["containerPort": 80, "hostPort": 0]],
            ],
        ]

        /// The processes of `/ticking` that no tick replaces, by node and pid.
        private static func taskProcesses(_ bed: TestbedHarness) async throws -> [String] {
            var found: [String] = []
            for node in TestbedHarness.agents {
                let list = try await bed.on(node, "pgrep -f '[d]ate > tick' | sort")
                found += list.output.split(separator: "\n").map { "\(node): \($0)" }
            }
            // Of each of the two tasks the supervisor and the shell.
            try #require(found.count == 4, "\(found)")
            return found
        }
    }
}

/// Mesos and Marathon as a client on the operator's side sees them.
struct MesosWitness {
    let bed: TestbedHarness

    static let agentAddresses = ["10.16.40.11", "10.16.40.12", "10.16.40.13"]

    init(_ bed: TestbedHarness) { self.bed = bed }

    /// The node a Marathon task runs on.
    static func node(of task: JSON) -> String? {
        task["host"]?.string.flatMap { agentAddresses.firstIndex(of: $0) }.map { TestbedHarness.agents[$0] }
    }

    func get(_ url: String) async throws -> JSON? {
        let answer = try await bed.operatorShell("curl -sSLf -m 5 '\(url)'")
        return answer.status == 0 ? try? JSON(parsing: answer.output) : nil
    }

    /// A master's own.
    func metrics(_ address: String) async throws -> JSON? { try await get("http://\(address):5050/metrics/snapshot") }

    /// Addresses of the masters that say they lead.
    func elected() async throws -> [String] {
        var leaders: [String] = []
        for address in TestbedHarness.addresses where try await metrics(address)?["master/elected"]?.double == 1 {
            leaders.append(address)
        }
        return leaders
    }

    /// As the leading master knows them.
    func agents() async throws -> [JSON] {
        guard let leader = try await elected().first else { return [] }
        return try await get("http://\(leader):5050/slaves")?["slaves"]?.array ?? []
    }

    func waitForLeader(agents: Int) async throws {
        try await bed.wait(90, for: "one master to lead \(agents) agents") {
            let leaders = try await elected()
            guard leaders.count == 1, let metrics = try await metrics(leaders[0]) else { return false }
            return metrics["master/slaves_active"]?.double == Double(agents)
        }
    }

    /// Waits until the agents themselves say that they are registered and run so many tasks together.
    func waitForAgents(running count: Int) async throws {
        try await bed.wait(60, for: "the agents to have their \(count) tasks again") {
            var running = 0.0
            for address in Self.agentAddresses {
                guard let metrics = try await get("http://\(address):5051/metrics/snapshot"),
                    metrics["slave/registered"]?.double == 1
                else { return false }
                running += metrics["slave/tasks_running"]?.double ?? 0
            }
            return running == Double(count)
        }
    }

    func waitForMarathon() async throws {
        try await bed.wait(90, for: "one Marathon to lead and to be registered") {
            guard let info = try await marathon("/v2/info"), info["frameworkId"]?.string != nil else { return false }
            return try await marathon("/v2/leader")?["leader"]?.string != nil
        }
    }

    /// Asks whichever Marathon answers; standbys pass it on.
    func marathon(_ path: String) async throws -> JSON? {
        for address in TestbedHarness.addresses {
            if let answer = try await get("http://\(address):8080\(path)") { return answer }
        }
        return nil
    }

    func create(_ app: JSON) async throws {
        let answer = try await bed.operatorShell(
            """
            curl -sS -m 10 -w '\\n%{http_code}' -H 'Content-Type: application/json' -d '\(app.text)' \
                http://10.16.40.1:8080/v2/apps
            """
        )
        try #require(answer.output.trimmed.hasSuffix("201"), "\(answer)")
    }

    func tasks(_ app: String) async throws -> [JSON] {
        let tasks = try await marathon("/v2/tasks")?["tasks"]?.array ?? []
        return tasks.filter { $0["appId"]?.string == app && $0["state"]?.string == "TASK_RUNNING" }
    }

    func waitForTasks(_ app: String, count: Int) async throws -> [JSON] {
        var found: [JSON] = []
        try await bed.wait(90, for: "\(count) tasks of \(app) to run") {
            found = try await tasks(app)
            return found.count == count
        }
        return found
    }

    func taskIDs() async throws -> [String] {
        let tasks = try await marathon("/v2/tasks")?["tasks"]?.array ?? []
        return tasks.compactMap { $0["id"]?.string }.sorted()
    }

    /// Waits until Marathon leads, is registered, and runs exactly these tasks.
    func waitForSettled(_ ids: [String]) async throws {
        try await waitForMarathon()
        try await bed.wait(60, for: "the tasks to be those from before") { try await taskIDs() == ids }
    }

    /// An image with a web server of one page, in the engine of every agent: there is no registry here.
    func makeImage(_ name: String, answering page: String) async throws {
        for node in TestbedHarness.agents {
            let made = try await bed.on(
                node,
                """
                set -e
                apt-get install -y -q busybox-static > /dev/null
                root=$(mktemp -d)
                mkdir "$root/bin" "$root/www"
                cp /bin/busybox "$root/bin/"
                for tool in sh httpd; do ln -s busybox "$root/bin/$tool"; done
                echo '\(page)' > "$root/www/index.html"
                tar -c -C "$root" . | docker import - \(name)
                """
            )
            try #require(made.status == 0, "\(node): \(made)")
        }
    }
}
