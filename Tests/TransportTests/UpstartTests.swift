import Reconciler
import Specs
import Testing

@testable import Transport

@Suite struct UpstartTests {
    @Test(arguments: Shell.allCases)
    func aJobIsStartedReadAndHeldOff(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell, upstart: true)
        try node.job("mesos-slave")
        let name: ServiceName = "mesos-slave"
        let before = try await node.root.service(name)
        #expect((before.boot, before.run, before.pid) == (.on, .stopped, nil))
        guard case .done = try await node.act(.startJob(name)) else { throw Surprise("not started") }
        #expect(try await node.act(.startJob(name)) == .alreadyInPlace)
        let up = try await node.root.service(name)
        #expect(up.run == .running)
        #expect(up.arguments == ["sleep", "600"])
        #expect(try await node.act(.holdJob(name)) == .done(detail: ""))
        #expect(try node.root.text("/etc/init/mesos-slave.override") == "manual\n")
        let held = try await node.root.service(name)
        #expect((held.boot, held.run) == (.off, .running), "a hold stops nothing")
        #expect(try await node.act(.stopJob(name)) == .done(detail: ""))
        for act in ServiceIntent.holdOff.lower(name, to: .upstart) {
            #expect(try await node.act(act) == .alreadyInPlace)
        }
        #expect(try await node.act(.releaseJob(name)) == .done(detail: ""))
        #expect(!node.root.exists("/etc/init/mesos-slave.override"))
        #expect(try await node.act(.releaseJob(name)) == .alreadyInPlace)
    }

    @Test(arguments: Shell.allCases)
    func aRestartIsStopAndStartSinceRestartKeepsTheOldDefinition(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell, upstart: true)
        try node.job("zookeeper")
        _ = try await node.act(.startJob("zookeeper"))
        let pid = try #require(try await node.root.service("zookeeper").pid)
        guard case .conflict = try await node.act(.restartJob("zookeeper", pid: pid + 1)) else {
            throw Surprise("restarted")
        }
        guard case .done = try await node.act(.restartJob("zookeeper", pid: pid)) else {
            throw Surprise("not restarted")
        }
        #expect(try await node.root.service("zookeeper").pid != pid)
        let verbs = try node.log().filter { !$0.hasPrefix("status") }
        #expect(verbs == ["start zookeeper", "stop zookeeper", "start zookeeper"])
    }

    @Test(arguments: Shell.allCases)
    func aRestartOfAStoppedJobStartsIt(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell, upstart: true)
        try node.job("zookeeper")
        guard case .done = try await node.act(.restartJob("zookeeper", pid: nil)) else { throw Surprise("not started") }
        #expect(try await node.root.service("zookeeper").run == .running)
        guard case .conflict = try await node.act(.restartJob("zookeeper", pid: 1)) else { throw Surprise("restarted") }
    }

    @Test(arguments: Shell.allCases)
    func aHoldStandsBeforeTheJobExists(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell, upstart: true)
        #expect(try await node.root.service("mesos-master").boot == .none)
        #expect(try await node.act(.holdJob("mesos-master")) == .done(detail: ""))
        #expect(try await node.root.service("mesos-master").boot == .masked)
        #expect(try await node.act(.stopJob("mesos-master")) == .alreadyInPlace)
        guard case .failed(let reason) = try await node.act(.startJob("mesos-master")) else {
            throw Surprise("started")
        }
        #expect(reason.contains("no such job"))
        try node.job("mesos-master")
        #expect(try await node.root.service("mesos-master").boot == .off)
    }

    @Test(arguments: Shell.allCases)
    func otherStanzasOfAnOverrideAreKept(_ shell: Shell) async throws {
        let node = try NodeWithServices(shell, upstart: true)
        try node.job("zookeeper")
        try node.root.put("# ours\nlimit nofile 8192 8192", at: "/etc/init/zookeeper.override")
        #expect(try await node.act(.holdJob("zookeeper")) == .done(detail: ""))
        #expect(try node.root.text("/etc/init/zookeeper.override") == "# ours\nlimit nofile 8192 8192\nmanual\n")
        #expect(try await node.act(.releaseJob("zookeeper")) == .done(detail: ""))
        #expect(try node.root.text("/etc/init/zookeeper.override") == "# ours\nlimit nofile 8192 8192\n")
        #expect(try await node.root.service("zookeeper").boot == .on)
    }

    @Test func aJobThatDiesAtOnceIsAFailure() async throws {
        let node = try NodeWithServices(upstart: true)
        try node.job("marathon")
        try node.root.remember("", as: "broken")
        guard case .failed(let reason) = try await node.act(.startJob("marathon")) else {
            throw Surprise("believed it")
        }
        #expect(reason.contains("stopped"))
    }

    @Test(arguments: ["start/spawned", "stop/killed", "start/killed", "stop/pre-stop"])
    func transitionsAreNeitherRunningNorStopped(_ state: String) async throws {
        let node = try NodeWithServices(upstart: true)
        try node.job("zookeeper", state)
        #expect(try await node.root.service("zookeeper").run == .changing)
    }

    @Test func aJobWithoutAStartStanzaIsOffAtBoot() async throws {
        let node = try NodeWithServices(upstart: true)
        try node.job("helper", conf: "exec /bin/helper\n")
        #expect(try await node.root.service("helper").boot == .off)
        try node.job("manual", conf: "start on runlevel [2345]\nmanual\n")
        #expect(try await node.root.service("manual").boot == .off)
        try node.root.put("start on filesystem\n", at: "/etc/init/manual.override")
        #expect(try await node.root.service("manual").boot == .on)
    }

    @Test func withoutAKnownInitSystemNothingIsClaimed() async throws {
        let root = try ScratchRoot()
        guard case .unknown = try await root.ask(.service("zookeeper")) else { throw Surprise("an answer") }
        try root.put("", at: "/etc/keep")
        guard case .failed = try await root.act(.service(.startUnit("zookeeper"))) else { throw Surprise("done") }
    }
}
