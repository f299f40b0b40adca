import Specs
import Testing

@testable import Reconciler

@Suite("The gate of a load balancer")
struct LoadBalancerGateTests {
    private let gate = LoadBalancerGate(
        node: "m1",
        cron: "cron",
        port: 9090,
        expected: [.init(name: "web-80", port: 80)]
    )

    private struct Seen {
        var haproxy = ServiceAnswer.Run.running
        var cron = ServiceAnswer.Run.running
        var lastRun: String? = "at=5\noutcome=updated\nmessage=\n"
        var file = "listen alive\n  bind 127.0.0.1:9090\nlisten web-80\n  bind 0.0.0.0:80\n"
        var listening: [(Int, String)] = [(80, "haproxy"), (9090, "haproxy")]
    }

    private func verdict(_ seen: Seen, settled: Bool = false) -> GateVerdict {
        func file(_ path: String, _ text: String) -> FactAnswer {
            .file(
                FileAnswer(
                    path: path,
                    resolvedPath: path,
                    kind: .regular,
                    mode: 0o644,
                    owner: "root",
                    group: "root",
                    size: text.utf8.count,
                    modified: 1,
                    digest: sha256(text),
                    stamp: "1",
                    content: text
                )
            )
        }
        let answers: [FactRequest: FactAnswer] = [
            .service("haproxy"): .service(ServiceAnswer(name: "haproxy", boot: .on, run: seen.haproxy)),
            .service("cron"): .service(ServiceAnswer(name: "cron", boot: .on, run: seen.cron)),
            .file(path: BridgeScript.Paths.lastRun): seen.lastRun.map { file(BridgeScript.Paths.lastRun, $0) }
                ?? .absent,
            .file(path: BridgeScript.Paths.configuration): file(BridgeScript.Paths.configuration, seen.file),
            .listening(ports: []): .listening(
                seen.listening.map { ListeningSocket(address: "::", port: $0.0, pid: 7, program: $0.1) }
            ),
        ]
        var given = GateAnswers()
        let questions = GateCondition.loadBalancer(gate).questions.of("m1")
        given.add(.success(questions.map { answers[$0] ?? .absent }), to: questions, from: "m1")
        var watch = GateWatch(.loadBalancer(gate))
        if settled { _ = watch.judge(given, asked: .zero, answered: .zero) }
        return watch.judge(given, asked: settled ? .seconds(60) : .zero, answered: .seconds(60))
    }

    @Test("it holds once HAProxy and cron run, the bridge is content, and every listener listens")
    func holds() { #expect(verdict(Seen()) == .holds) }

    @Test("what is missing is said")
    func missing() {
        #expect(verdict(Seen(cron: .stopped)) == .notYet(missing: "cron on m1 is stopped"))
        #expect(verdict(Seen(haproxy: .failed)) == .notYet(missing: "haproxy on m1 is failed"))
        #expect(verdict(Seen(haproxy: .failed), settled: true) == .impossible("haproxy on m1 is failed"))
        #expect(verdict(Seen(lastRun: nil)) == .notYet(missing: "the bridge on m1 has not run yet"))
        #expect(verdict(Seen(listening: [(9090, "haproxy")])) == .notYet(missing: "m1: nobody listens on port 80"))
        let held = verdict(Seen(listening: [(80, "nginx"), (9090, "haproxy")]))
        #expect(held == .notYet(missing: "m1: port 80 is held by nginx (process 7)"))
    }

    @Test("a listener whose tasks are gone is not waited for, as long as the bridge is content")
    func appsWithoutTasks() {
        #expect(verdict(Seen(file: "listen alive\n bind 127.0.0.1:9090\n", listening: [(9090, "haproxy")])) == .holds)
    }

    @Test("where Marathon is down the gate says so, unless what is there is what was expected")
    func marathonDown() {
        let kept = "at=5\noutcome=kept\nmessage=localhost:8080 refused\n"
        #expect(verdict(Seen(lastRun: kept)) == .holds)
        let without = Seen(lastRun: kept, file: "listen alive\n bind 127.0.0.1:9090\n")
        #expect(
            verdict(without)
                == .notYet(
                    missing: "the bridge on m1 kept what was there: localhost:8080 refused; no listener of web-80"
                )
        )
        #expect(
            verdict(Seen(lastRun: kept, file: "defaults\n"))
                == .notYet(
                    missing: "the bridge on m1 kept what was there: localhost:8080 refused; no listener of web-80"
                )
        )
    }
}
