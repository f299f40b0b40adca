import Specs
import Testing

@testable import Reconciler

@Suite("Gates")
struct ExecuteGateTests {
    private let nodes = Lab.nodes(3)

    /// Answers of a ring, one triple of (srvr, conf, mntr) a server.
    private func ring(_ words: [(String, String, String)]) -> GateVerdict {
        let ring = Lab.ring(Lab.nodes(words.count))
        var answers = GateAnswers()
        for (server, word) in zip(ring.servers, words) {
            let requests = ring.servers.filter { $0.node == server.node }.flatMap { one in
                ["srvr", "conf", "mntr"].map { FactRequest.fourLetterWord($0, address: one.address, port: one.port) }
            }
            answers.add(.success([.text(word.0), .text(word.1), .text(word.2)]), to: requests, from: server.node)
        }
        var watch = GateWatch(.zooKeeperQuorum(ring))
        return watch.judge(answers, asked: .zero, answered: .zero)
    }

    private func mode(_ mode: String) -> String {
        "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC\nZxid: 0x0\nMode: \(mode)\nNode count: 5\n"
    }

    private let silent = "This ZooKeeper instance is not currently serving requests\n"
    private let closed = "mntr is not executed because it is not in the whitelist.\n"

    @Test("a ring holds with one leader, all others synced, and the declared ids")
    func quorum() {
        let synced = "zk_server_state\tleader\nzk_synced_followers\t2\n"
        let good = [
            (mode("follower"), "serverId=1\n", "zk_server_state\tfollower\n"), (mode("leader"), "serverId=2\n", synced),
            (mode("follower"), "serverId=3\n", "zk_server_state\tfollower\n"),
        ]
        #expect(ring(good) == .holds)

        var closedWords = good
        for index in 0..<3 { (closedWords[index].1, closedWords[index].2) = (closed, closed) }
        #expect(ring(closedWords) == .holds, "3.5 and later answer srvr alone by default")

        var other = good
        other[0].0 = mode("leader")
        #expect(ring(other) == .notYet(missing: "2 leaders: n1, n2"))
        other = good
        other[1].0 = mode("follower")
        #expect(ring(other) == .notYet(missing: "no leader"))
        other = good
        other[2].0 = silent
        #expect(ring(other) == .notYet(missing: "server 3 (n3) is not serving"))
        other = good
        other[2].0 = mode("standalone")
        #expect(ring(other) == .notYet(missing: "server 3 (n3) runs alone, outside the ensemble"))
        other = good
        other[2].0 = ""
        #expect(ring(other) == .notYet(missing: "server 3 (n3) says neither leader nor follower"))
        other = good
        other[0].1 = "clientPort=2181\nserverId=3\n"
        #expect(ring(other) == .notYet(missing: "server 1 (n1) has the id 3"))
        other = good
        other[1].2 = "zk_server_state\tleader\nzk_synced_followers\t1.0\n"
        #expect(ring(other) == .notYet(missing: "1 of 2 followers synced with n2"))
        #expect(ring([(mode("standalone"), "serverId=0\n", closed)]) == .holds)
    }

    @Test("a silent node is never a healthy one")
    func silence() {
        let ring = Lab.ring(nodes)
        let condition = GateCondition.zooKeeperQuorum(ring)
        var answers = GateAnswers()
        for (node, requests) in condition.questions.byNode {
            answers.add(.failure(NodeAccessError(.timedOut, "timed out")), to: requests, from: node)
        }
        var watch = GateWatch(condition)
        guard case .notYet(let words) = watch.judge(answers, asked: .zero, answered: .zero) else {
            Testing.Issue.record("held")
            return
        }
        #expect(words.contains("server 2 (n2) does not answer (timed out)"))
        #expect(watch.judge(GateAnswers(), asked: .zero, answered: .zero) != .holds)
    }

    private let agent = GateCondition.serviceStable(
        "agent",
        node: "n1",
        seconds: 5,
        listening: [.init(address: "10.0.0.1", port: 5051, path: "/health"), .init(address: "10.0.0.1", port: 5052)]
    )

    private func look(
        _ watch: inout GateWatch,
        at second: Int,
        _ service: ServiceAnswer,
        _ health: FactAnswer = .http(status: 200, body: ""),
        _ port: FactAnswer = .http(status: 404, body: "")
    ) -> GateVerdict {
        var answers = GateAnswers()
        answers.add(.success([.service(service), health, port]), to: agent.questions.of("n1"), from: "n1")
        return watch.judge(answers, asked: .seconds(second), answered: .seconds(second))
    }

    private func running(_ pid: Int?, restarts: Int = 0) -> ServiceAnswer {
        ServiceAnswer(name: "agent", boot: .on, run: .running, pid: pid, restarts: restarts)
    }

    @Test("a service of a site's own is up with one process, or with none at all, for the whole time")
    func upWithoutAProcess() {
        let condition = GateCondition.serviceUp("agent", node: "n1", seconds: 5)
        func look(_ watch: inout GateWatch, at second: Int, _ service: ServiceAnswer) -> GateVerdict {
            var answers = GateAnswers()
            answers.add(.success([.service(service)]), to: condition.questions.of("n1"), from: "n1")
            return watch.judge(answers, asked: .seconds(second), answered: .seconds(second))
        }
        for pid in [nil, 42] {
            var watch = GateWatch(condition)
            #expect(look(&watch, at: 0, running(pid)) != .holds)
            #expect(look(&watch, at: 4, running(pid)) != .holds)
            #expect(look(&watch, at: 5, running(pid)) == .holds)
        }
        var restarted = GateWatch(condition)
        #expect(look(&restarted, at: 0, running(42)) != .holds)
        #expect(look(&restarted, at: 5, running(43)) != .holds)
        #expect(look(&restarted, at: 10, running(43)) == .holds)
        var stopped = GateWatch(condition)
        let down = ServiceAnswer(name: "agent", boot: .on, run: .stopped)
        #expect(look(&stopped, at: 0, down) != .holds && look(&stopped, at: 9, down) != .holds)
    }

    @Test("a service is stable only with one and the same process for the whole time")
    func stability() {
        var watch = GateWatch(agent)
        #expect(look(&watch, at: 0, running(7)) == .notYet(missing: "agent on n1 runs for 0 of 5 s"))
        #expect(look(&watch, at: 4, running(7)) != .holds)
        #expect(look(&watch, at: 5, running(7)) == .holds)
        #expect(look(&watch, at: 6, running(8)) == .notYet(missing: "agent on n1 runs for 0 of 5 s, started again"))
        #expect(look(&watch, at: 10, running(8)) != .holds)
        #expect(look(&watch, at: 11, running(8, restarts: 1)) != .holds, "the counter grew")
        #expect(look(&watch, at: 15, running(8, restarts: 1)) != .holds)
        #expect(look(&watch, at: 16, running(8, restarts: 1)) == .holds)
        #expect(look(&watch, at: 17, running(nil)) != .holds, "an untold process proves nothing")
        #expect(look(&watch, at: 18, running(8, restarts: 1)) != .holds)
    }

    @Test("a service that listens not, or answers badly, is waited for")
    func listening() {
        var watch = GateWatch(agent)
        _ = look(&watch, at: 0, running(7))
        let sick = FactAnswer.http(status: 503, body: "")
        #expect(
            look(&watch, at: 9, running(7), sick) == .notYet(missing: "agent on n1: 10.0.0.1:5051/health answers 503")
        )
        let refused = FactAnswer.unknown(reason: "connection refused")
        let verdict = look(&watch, at: 10, running(7), .http(status: 200, body: ""), refused)
        #expect(verdict == .notYet(missing: "agent on n1: 10.0.0.1:5052 takes no connection"))
        #expect(look(&watch, at: 11, running(7)) == .holds)
    }

    @Test(
        "failed and restarting end the wait once the start has had time to settle",
        arguments: ["failed", "restarting"]
    )
    func settling(word: String) {
        var watch = GateWatch(agent)
        let run = ServiceAnswer.Run(rawValue: word) ?? .unknown
        let failed = ServiceAnswer(name: "agent", boot: .on, run: run, detail: "Result: exit-code")
        #expect(look(&watch, at: 0, failed) == .notYet(missing: "agent on n1 is \(word) (Result: exit-code)"))
        #expect(look(&watch, at: 14, failed) != .holds)
        #expect(look(&watch, at: 15, failed) == .impossible("agent on n1 is \(word) (Result: exit-code)"))
        let stopped = ServiceAnswer(name: "agent", boot: .on, run: .stopped)
        #expect(look(&watch, at: 60, stopped) == .notYet(missing: "agent on n1 is stopped"))
    }

    @Test(
        "off means stopped and off at boot, whoever stopped it",
        arguments: [
            (ServiceAnswer.Run.stopped, ServiceAnswer.Boot.off, true), (.stopped, .masked, true),
            (.stopped, .none, true), (.failed, .masked, true), (.stopped, .on, false), (.stopped, .unknown, false),
            (.running, .off, false), (.changing, .off, false), (.restarting, .off, false), (.unknown, .off, false),
        ]
    )
    func off(run: ServiceAnswer.Run, boot: ServiceAnswer.Boot, holds: Bool) {
        let condition = GateCondition.serviceOff("agent", node: "n1")
        var answers = GateAnswers()
        answers.add(
            .success([.service(ServiceAnswer(name: "agent", boot: boot, run: run))]),
            to: condition.questions.of("n1"),
            from: "n1"
        )
        var watch = GateWatch(condition)
        #expect((watch.judge(answers, asked: .zero, answered: .zero) == .holds) == holds)
    }

    @Test("a platform is as assumed when its layout facts and upstream versions are")
    func platform() {
        let platform = Platform(
            os: "debian-12",
            initSystem: .systemd,
            packageManager: .apt,
            packages: ["mesos": "1.11.0-2.0.1", "zookeeperd": "3.8.0-11+deb12u2"]
        )
        let facts = SimulatedNode().platform
        func verdict(_ facts: PlatformAnswer, _ mesos: FactAnswer) -> GateVerdict {
            let zooKeeper = FactAnswer.package(PackageAnswer(name: "zookeeperd", installed: "3.8.0-11+deb12u9"))
            let condition = GateCondition.platform(node: "n1", platform)
            var answers = GateAnswers()
            answers.add(.success([.platform(facts), mesos, zooKeeper]), to: condition.questions.of("n1"), from: "n1")
            var watch = GateWatch(condition)
            return watch.judge(answers, asked: .zero, answered: .zero)
        }
        func mesos(_ version: String?, _ trouble: String? = nil) -> FactAnswer {
            .package(PackageAnswer(name: "mesos", installed: version, trouble: trouble))
        }
        #expect(verdict(facts, mesos("1.11.0")) == .holds)
        #expect(verdict(facts, mesos("2:1.11-1")) == .holds)
        #expect(
            verdict(facts, mesos("1.11.1"))
                == .assumptionFailed("package mesos on n1 is 1.11.1, not 1.11.0-2.0.1")
        )
        #expect(
            verdict(facts, mesos(nil))
                == .assumptionFailed("package mesos is not installed on n1, 1.11.0-2.0.1 was expected")
        )
        #expect(
            verdict(facts, .unknown(reason: "dpkg is locked")) == .notYet(missing: "package mesos on n1 dpkg is locked")
        )
        #expect(
            verdict(facts, mesos("1.11.0", "half-configured")) == .impossible("package mesos on n1 is half-configured")
        )
        var other = facts
        other.wrapperAgentDirectory = "/etc/mesos-agent"
        #expect(
            verdict(other, mesos("1.11.0"))
                == .assumptionFailed("the agent's flag directory of n1 is /etc/mesos-agent, not /etc/mesos-slave")
        )
        other = facts
        other.initSystem = "upstart"
        #expect(verdict(other, mesos("1.11.0")) == .assumptionFailed("the init system of n1 is upstart, not systemd"))
    }

    @Test("all conditions must hold, and one that cannot decides")
    func all() {
        #expect(GateVerdict.all([]) == .holds)
        #expect(GateVerdict.all([.holds, .holds]) == .holds)
        #expect(GateVerdict.all([.notYet(missing: "a"), .holds, .notYet(missing: "b")]) == .notYet(missing: "a; b"))
        #expect(GateVerdict.all([.notYet(missing: "a"), .impossible("b")]) == .impossible("b"))
    }

    @Test("a gate that does not hold fails at its deadline, even when a node hangs", arguments: [true, false])
    func deadline(hangs: Bool) async throws {
        var node = SimulatedNode()
        node.services["agent"] = SimulatedNode.Daemon(process: .init(pid: 7, readyAt: .zero, read: [:]))
        let world = ExecuteWorld(
            ["n1": node, "n2": node, "n3": node],
            seed: 1,
            time: SimulatedTime(seed: 1)
        ) { visit, _ in hangs && visit.requests.contains(.service("agent")) ? .slow(.seconds(600)) : nil }
        let gate = Gate(.serviceOff("agent", node: "n1"), deadlineSeconds: 30, words: "agent off")
        let witness = Witness()
        let report = try await world.run(Plan([.visit("n1", [], gate: gate)]), witness: witness).get()
        let missing = hangs ? "nobody has answered" : "agent on n1 is running"
        #expect(report.steps[0].outcome == .failed("agent off: not within 30 s: \(missing)"))
        #expect((30..<32).contains(report.steps[0].seconds))
        let waits = witness.events.compactMap {
            if case .waiting(_, _, _, let seconds, 30) = $0 { seconds } else { nil }
        }
        #expect(waits == waits.sorted())
        #expect(hangs || (4...8).contains(waits.count), "told when it changes and every few seconds")
    }
}
