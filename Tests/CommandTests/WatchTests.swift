import Daemons
import FoundationEssentials
import Lab
import Reconciler
import Specs
import Testing
import Transport

@testable import Command

@Suite("The loop over a whole simulated cluster")
struct WatchLabTests {
    private static let path = "/etc/mesos-slave/executor_registration_timeout"
    private static let edit = LabFault.write(path: path, text: "1mins\n", on: "mesos-slave1")

    @Test("tells a hand edit, corrects it, and takes the lease for that alone")
    func corrects() async throws {
        let cluster = try await LoopLab.grown()
        defer { cluster.end() }
        try await cluster.watch { record in
            try await cluster.pass(400)
            #expect(record.notices.isEmpty && record.plans.isEmpty)
            try cluster.inject(Self.edit)
            try await cluster.pass(700)
            #expect(record.notices.map(\.kind) == [.found, .corrected])
            let found = record.notices.first?.items.first
            #expect(found?.item == LoopItem(node: "mesos-slave1", resource: "file:" + Self.path))
            #expect(record.plans.map(\.steps.count) == [1])
            #expect(record.status?.lastRound?.outcome == .inSync)
        }
    }

    @Test("writes nothing at all where it only reports")
    func reports() async throws {
        let cluster = try await LoopLab.grown()
        defer { cluster.end() }
        try await cluster.watch(correct: false) { record in
            try cluster.inject(Self.edit)
            try await cluster.pass(1000)
            #expect(record.notices.map(\.kind) == [.found])
            #expect(record.plans.isEmpty)
            #expect(record.status?.items.map(\.state) == [.withheld])
        }
    }

    @Test("leaves alone what is undone again and again, until it is resumed through the state directory")
    func givesUp() async throws {
        let cluster = try await LoopLab.grown()
        defer { cluster.end() }
        try await cluster.watch { record in
            for _ in 1...5 {
                try cluster.inject(Self.edit)
                try await cluster.pass(400)
            }
            #expect(record.plans.count == 3)
            #expect(record.notices.count { $0.kind == .givenUp } == 1)
            let raised = try #require(try cluster.store.kept()).memory.breaker.raised.keys
            let item = try #require(raised.first)
            let evidence = record.notices.first { $0.kind == .givenUp }?.items.first?.detail ?? []
            #expect(evidence.contains { $0.hasPrefix("written 20") }, "\(evidence)")
            try cluster.store.resume(item, by: "me@here", at: 0)
            try await cluster.pass(700)
            #expect(record.plans.count == 4)
        }
    }

    @Test("only looks while it is paused")
    func pauses() async throws {
        let cluster = try await LoopLab.grown()
        defer { cluster.end() }
        let now = try cluster.status().now.milliseconds / 1000
        try cluster.store.directory.prepare()
        try cluster.store.set(LoopPause(reason: "disk", by: "me@here", since: now, until: now + 3000))
        try await cluster.watch { record in
            try cluster.inject(Self.edit)
            try await cluster.pass(2500)
            #expect(record.plans.isEmpty && record.status?.pause?.reason == "disk")
            try await cluster.pass(1200)
            #expect(record.plans.count == 1 && record.status?.pause == nil)
        }
    }
}

/// Commands on a lab kept in a directory, told to stop when something was said.
struct WatchRun {
    let directory: String
    let interrupts = Interrupts()
    /// Stops the command once its output holds this.
    var stopsAt: String?

    func callAsFunction(_ arguments: String...) async -> HeardCommand.Result {
        let command = HeardCommand(
            environment: ["RECONCILER_LAB": directory + "/lab", "XDG_STATE_HOME": directory + "/state"],
            interrupts: interrupts,
            hear: { [stopsAt, interrupts] output in
                if let stopsAt, output.contains(stopsAt), interrupts.first == nil { interrupts.receive(.terminate) }
            }
        )
        return await command.run(arguments + ["--quiet"])
    }
}

@Suite("watch, drift, pause and resume as commands")
struct WatchCommandTests {
    @Test(
        "a hand edit in the lab is seen by drift and corrected by watch, which ends as it is told",
        .timeLimit(.minutes(20))
    )
    func story() async throws {
        let directory = try LoopLab.place("watch: {ignore: [\"file:/etc/mesos/zk\"]}\n")
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/cluster.yaml"
        var reconciler = WatchRun(directory: directory)
        #expect(await reconciler("apply", "--lab", "--yes", "-f", file).status == 0)
        let quiet = await reconciler("drift", "--lab", "-f", file)
        #expect(quiet.status == 0, "\(quiet.output)\(quiet.log)")
        #expect(await reconciler("lab", "break", "hand-edited-file", "--on", "mesos-slave1", "-f", file).status == 0)
        let drift = await reconciler("drift", "--lab", "-f", file)
        #expect(drift.status == 2)
        #expect(drift.output.contains("written 2026-01-05T09:"), "\(drift.output)")
        let told = await reconciler("watch", "--lab", "--once", "-f", file)
        #expect(told.status == 2)
        #expect(told.output.contains(" found: mesos-slave1 file:/etc/mesos-slave/"), "\(told.output)")
        let paused = await reconciler("pause", "--lab", "-f", file, "--reason", "a disk", "--until", "1h")
        #expect(paused.status == 0 && paused.output.hasPrefix("Paused until 2026-01-05T1"), "\(paused)")
        let waiting = await reconciler("watch", "--lab", "--once", "--correct", "-f", file)
        #expect(waiting.status == 2, "\(waiting)")
        #expect(await reconciler("resume", "--lab", "-f", file).output == "The pause is over.\n")
        #expect(await reconciler("pause", "--lab", "-f", file).output == "Not paused.\n")
        let nobody = await reconciler("resume", "--lab", "-f", file, "mesos-slave9", "file:/x")
        #expect(nobody.status == 1 && nobody.log.contains("given nothing up"), "\(nobody.log)")
        reconciler = WatchRun(directory: directory, stopsAt: "corrected:")
        let watched = await reconciler("watch", "--lab", "--correct", "-f", file)
        #expect(watched.status == 143, "\(watched)")
        reconciler = WatchRun(directory: directory)
        let healed = await reconciler("drift", "--lab", "-f", file)
        #expect(healed.status == 0, "\(healed.output)")
    }

    @Test(
        "say what is wrong with their arguments",
        arguments: [
            (["pause", "--reason", "x"], "both --reason and --until"),
            (["pause", "--reason", " ", "--until", "1h"], "--reason is empty"),
            (["pause", "--reason", "x", "--until", "soon"], "soon"), (["watch", "--interval", "1s"], "at least 10s"),
            (["watch", "--branch", "x"], "--branch needs --git"), (["watch", "--git", "--upload-pack=x"], "--git"),
            (["watch", "--git", "u", "--branch", "a..b"], "is no branch"),
            (["watch", "--git", "u", "-f", "/etc/c.yaml"], "absolute"), (["resume", "--all", "x"], "not both"),
            (["watch", "--state-directory", ""], "--state-directory is empty"),
        ]
    )
    func usage(arguments: [String], words: String) async {
        let result = await CommandRun().run(list: arguments)
        #expect(result.status == .usage)
        #expect(result.log.contains(words), "\(result.log)")
    }
}
