import Daemons
import Testing

extension EndToEnd {
    /// Apps in git become processes on agents, and every change of them is told before it is made.
    @Suite(.serialized) struct Chapter8Apps {
        @Test func applyDeploysTheSeedsHelloAndItsProcessRunsOnAnAgent() async throws {
            let bed = try await TestbedHarness()
            try await bed.resetToConverged()
            let apps = try await AppBench(bed)
            let hello = try await TestbedHarness.run("/bin/cat", ["\(Self.root)/apps/hello.json"]).output
            try await apps.declare("hello.json", hello)
            let plan = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(plan.status == 2, "\(plan)")
            #expect(plan.output.contains("app /hello"), "\(plan)")
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            try await bed.wait(60, for: "the process of /hello") { try await apps.processes("/hello").count == 1 }
            try await apps.expectNothingToDo()
        }

        @Test func aNumberIsScaledAndALabelRestarts() async throws {
            let bed = try await TestbedHarness()
            let apps = try await AppBench(bed)
            try await apps.declare("hello.json", Self.hello(instances: 1))
            let first = try await bed.reconciler("apply", "--yes")
            #expect(first.status == 0, "\(first)")
            let before = try await apps.processes("/hello")
            #expect(before.count == 1)

            try await apps.declare("hello.json", Self.hello(instances: 3))
            let scale = try await bed.reconciler("plan", "--detailed-exitcode")
            #expect(scale.status == 2, "\(scale)")
            #expect(scale.output.contains("instances 1 → 3"), "\(scale)")
            #expect(scale.output.contains("scale only, no restart"), "\(scale)")
            let scaled = try await bed.reconciler("apply", "--yes")
            #expect(scaled.status == 0, "\(scaled)")
            let three = try await apps.processes("/hello")
            #expect(three.count == 3 && three.isSuperset(of: before), "\(three)")
            try await apps.expectNothingToDo()

            try await apps.declare("hello.json", Self.hello(instances: 3, label: "blue"))
            let restart = try await bed.reconciler("plan")
            #expect(restart.output.contains("labels.colour"), "\(restart)")
            #expect(restart.output.contains("restarts 3 tasks"), "\(restart)")
            let restarted = try await bed.reconciler("apply", "--yes")
            #expect(restarted.status == 0, "\(restarted)")
            let after = try await apps.processes("/hello")
            #expect(after.count == 3 && after.isDisjoint(with: three), "\(after)")

            // A key deleted from the file is gone from the cluster.
            try await apps.declare("hello.json", Self.hello(instances: 3))
            let removed = try await bed.reconciler("apply", "--yes")
            #expect(removed.status == 0, "\(removed)")
            let labels = try await apps.cluster.marathon("/v2/apps/hello")?["app"]?["labels"]
            #expect(labels == JSON.object([:]), "\(labels?.text ?? "none")")
            try await apps.expectNothingToDo()
        }

        @Test func whatNeverFitsEndsWithAReasonAndTheNextCommitFixesIt() async throws {
            let bed = try await TestbedHarness()
            let apps = try await AppBench(bed, terms: "deployments: {deadline: 20secs}\n")
            try await apps.declare("huge.json", Self.app("huge", cpus: 1000))
            let failed = try await bed.reconciler("apply", "--yes")
            #expect(failed.status == 1, "\(failed)")
            #expect(failed.output.contains("needs 1000 cpus"), "\(failed)")
            // Nothing holds the lock against a smaller one but the deployment that never ends.
            try await apps.declare("huge.json", Self.app("huge", cpus: 0.1))
            let fixed = try await bed.reconciler("apply", "--yes", "--force-app", "/huge")
            #expect(fixed.status == 0, "\(fixed)")
            #expect(try await apps.processes("/huge").count == 1)
            try await apps.expectNothingToDo()
        }

        @Test func aLeaderKilledInTheMiddleOfADeploymentChangesNothingInTheOutcome() async throws {
            let bed = try await TestbedHarness()
            let apps = try await AppBench(bed)
            try await apps.declare("hello.json", Self.hello(instances: 3, label: "green"))
            let address = try #require(
                try await apps.cluster.marathon("/v2/leader")?["leader"]?.string?.split(separator: ":").first
            )
            let index = try #require(TestbedHarness.addresses.firstIndex(of: String(address)))
            async let run = bed.reconciler("apply", "--yes")
            try await bed.wait(60, for: "the deployment to begin") {
                try await apps.cluster.marathon("/v2/deployments")?.array?.isEmpty == false
            }
            try await bed.on(TestbedHarness.masters[index], "kill -9 $(systemctl show -P MainPID marathon)")
            let apply = try await run
            #expect(apply.status == 0, "\(apply)")
            try await apps.cluster.waitForMarathon()
            // systemd takes its time before it starts the killed one again.
            try await bed.wait(90, for: "the plan to be empty") {
                try await bed.reconciler("plan", "--detailed-exitcode").status == 0
            }
        }

        @Test func undeclaredAppsAreRemovedOnlyUnderTheirPrefix() async throws {
            let bed = try await TestbedHarness()
            let apps = try await AppBench(
                bed,
                terms: "policy: {prune: {apps: {mode: always, under: [/shop]}}}\n"
            )
            try await apps.declare("shop.json", Self.app("/shop/cart", cpus: 0.1))
            try await apps.cluster.create(["id": "/shop/old", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32])
            try await apps.cluster.create(["id": "/shopping", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32])
            _ = try await apps.cluster.waitForTasks("/shop/old", count: 1)
            let apply = try await bed.reconciler("apply", "--yes")
            #expect(apply.status == 0, "\(apply)")
            #expect(try await apps.cluster.marathon("/v2/apps/shop/old") == nil)
            #expect(try await apps.cluster.marathon("/v2/apps/shopping") != nil)
            #expect(try await apps.cluster.marathon("/v2/apps/shop/cart") != nil)
            try await apps.expectNothingToDo()
        }

        private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

        private static func hello(instances: Int, label: String? = nil) -> String {
            let labels = label.map { #", "labels": {"colour": "\#($0)"}"# } ?? ""
            let task = #""cmd": "sleep 100000", "cpus": 0.1, "mem": 32"#
            return #"{"id": "hello", \#(task), "instances": \#(instances)\#(labels)}"#
        }

        private static func app(_ id: String, cpus: Double) -> String {
            #"{"id": "\#(id)", "cmd": "sleep 100000", "cpus": \#(cpus), "mem": 32, "instances": 1}"#
        }
    }
}

/// A declaration with apps beside the testbed's own cluster.yaml.
private struct AppBench {
    let bed: TestbedHarness
    let cluster: MesosWitness

    init(_ bed: TestbedHarness, terms: String = "") async throws {
        self.bed = bed
        cluster = MesosWitness(bed)
        _ = try await TestbedHarness.run("/bin/mkdir", ["-p", "\(bed.directory)/apps"])
        try await bed.editSpec("\nversion: 1\n", "\nversion: 1\napps: [apps/*.json]\n\(terms)")
        try await cluster.waitForMarathon()
    }

    func declare(_ file: String, _ text: String) async throws {
        try bed.write(text, to: "\(bed.directory)/apps/\(file)")
    }

    /// The processes of an app's tasks, by node and pid.
    func processes(_ app: String) async throws -> Set<String> {
        var found: Set<String> = []
        for node in TestbedHarness.agents {
            // The shell's child, which is the task's own command.
            let list = try await bed.on(
                node,
                """
                for p in $(pgrep -x sleep); do
                    tr '\\0' '\\n' < /proc/$p/environ | grep -qx MARATHON_APP_ID=\(app) && echo $p
                done
                """
            )
            found.formUnion(list.output.split(separator: "\n").map { "\(node): \($0)" })
        }
        return found
    }

    func expectNothingToDo() async throws {
        let plan = try await bed.reconciler("plan", "--detailed-exitcode")
        #expect(plan.status == 0, "\(plan)")
        #expect(plan.output.contains("No changes."), "\(plan)")
    }
}
