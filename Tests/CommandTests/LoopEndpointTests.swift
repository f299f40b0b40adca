import Daemons
import FoundationEssentials
import Reconciler
import Serving
import Specs
import Synchronization
import Testing

@testable import Command

@Suite("The loop seen over HTTP", .serialized)
struct LoopEndpointTests {
    private static let item = "file:/etc/mesos/zk"

    /// One file of one node was edited by hand.
    private static var edited: Plan {
        var step = CommandRun.step(1)
        step.changes = [Change(node: "n1", resource: item, kind: .update, cause: .drift, summary: "edited")]
        return CommandRun.plan([step])
    }

    /// Gives the port of `watch --listen` to `body` once it says it, then ends it as a supervisor would.
    private func watching(
        _ run: CommandRun,
        _ arguments: [String],
        listen: String = "127.0.0.1:0",
        _ body: @Sendable (_ port: Int) async throws -> Void
    ) async throws -> CommandRun.Result {
        let (log, said) = AsyncStream<String>.makeStream()
        var run = run
        run.hear = { said.yield($0) }
        let watch = Task { [run] in
            defer { said.finish() }
            return await run.run(list: ["watch", "--listen", listen] + arguments)
        }
        let port = await log.compactMap(Self.port).first { _ in true }
        do {
            try await body(try #require(port, "it does not listen"))
        } catch {
            run.interrupts.receive(.terminate)
            _ = await watch.value
            throw error
        }
        if run.interrupts.first == nil { run.interrupts.receive(.terminate) }
        return await watch.value
    }

    /// Out of `Seen at http://127.0.0.1:40001: /healthz …`.
    private static func port(in line: String) -> Int? {
        guard line.hasPrefix("Seen at http://") else { return nil }
        return line.split(separator: " ").dropFirst(2).first?.dropLast().split(separator: ":").last.flatMap { Int($0) }
    }

    private func get(
        _ path: String,
        _ port: Int,
        method: String = "GET",
        host: String = "127.0.0.1"
    ) async throws -> HTTPResponse {
        try await HTTPCaller().answer(
            to: HTTPRequest(
                method,
                path,
                headers: [HTTPField("Host", host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")]
            ),
            from: Endpoint(host, port),
            within: .seconds(60)
        )
    }

    /// The answer once it is as wanted, asked for again and again.
    private func wait(
        for path: String,
        _ port: Int,
        until isRight: (HTTPResponse) -> Bool
    ) async throws -> HTTPResponse {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(120)
        while true {
            let answer = try await get(path, port)
            if isRight(answer) { return answer }
            guard clock.now < end else {
                Issue.record("\(path) stays at \(answer.status) \(answer.text.prefix(2000))")
                return answer
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test("answers during a long round, and after it was told to end until it has ended", .timeLimit(.minutes(20)))
    func longRound() async throws {
        let directory = try LoopLab.place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (gate, opened) = AsyncStream<Void>.makeStream()
        var run = CommandRun(plans: [Self.edited])
        run.report = { plan, connection in
            connection.events(.stepStarted(id: 1, title: "file", nodes: []))
            for await _ in gate {}
            return CommandRun.report(plan)
        }
        let arguments = ["--correct", "-f", directory + "/cluster.yaml", "--state-directory", directory + "/state"]
        let last = Mutex(0)
        let interrupts = run.interrupts
        let result = try await watching(run, arguments) { port in
            last.withLock { $0 = port }
            let running = try await wait(for: "/metrics", port) { $0.text.contains("reconciler_round_running 1\n") }
            #expect(running.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try await get("/healthz", port).text == "ok\n")
            #expect(try await get("/api/v1/plan", port).status == 503, "the first round has not ended")
            let head = try await get("/healthz", port, method: "HEAD")
            #expect(head.status == 200 && head.body.isEmpty && head.headers["Content-Length"] == "3")
            #expect(try await get("/healthz", port, method: "DELETE").status == 405)
            interrupts.receive(.terminate)
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await get("/healthz", port).status == 200)
            #expect(try await get("/api/v1/status", port).status == 200)
            opened.finish()
        }
        #expect(result.status.code == 143 && result.runs == 1, "\(result.log)")
        await #expect(throws: HTTPCallFailure.self) { try await get("/healthz", last.withLock { $0 }) }
    }

    @Test("shows what was found and corrected, to more clients than are let in at once", .timeLimit(.minutes(20)))
    func rounds() async throws {
        let directory = try LoopLab.place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let arguments = ["--correct", "-f", directory + "/cluster.yaml", "--state-directory", directory + "/state"]
        let result = try await watching(CommandRun(plans: [Self.edited]), arguments) { port in
            let answer = try await wait(for: "/api/v1/status", port) { $0.text.contains("\"lastRound\"") }
            let status = try JSON(parsing: answer.text)
            #expect(status["formatVersion"] == 1 && status["type"] == "status")
            #expect(status["cluster"] == "testbed")
            #expect(status["lastRound"]?["outcome"] == "corrected" && status["mode"] == "correct")
            #expect(status["counters"]?["corrections"] == 1 && status["counters"]?["driftFound"] == 1)
            #expect(status["items"]?.array?.first?["state"] == "corrected")
            let plan = try JSON(parsing: try await get("/api/v1/plan", port).text)
            #expect(plan["plan"]?["steps"]?.array?.count == 1)
            let metrics = try await get("/metrics", port).text
            #expect(metrics.contains("reconciler_items{state=\"corrected\",cause=\"drift\"} 1\n"))
            #expect(metrics.contains("reconciler_last_round_outcome{outcome=\"corrected\"} 1\n"))
            let many = (1...40).map { _ in Task { try await get("/api/v1/plan", port) } }
            for one in many { #expect(try await one.value.status == 200) }
        }
        #expect(result.status.code == 143, "\(result.log)")
    }

    @Test(
        "an address that is taken ends it before anything is done, and so does a state directory",
        .timeLimit(.minutes(20))
    )
    func taken() async throws {
        let directory = try LoopLab.place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let arguments = ["-f", directory + "/cluster.yaml", "--state-directory", directory + "/state"]
        let first = try await watching(CommandRun(plans: [Self.edited]), arguments) { port in
            let elsewhere = ["-f", directory + "/cluster.yaml", "--state-directory", directory + "/other"]
            let same = await CommandRun().run(list: ["watch", "--listen", "127.0.0.1:\(port)"] + elsewhere)
            #expect(same.status == .failure)
            #expect(same.log.contains("--listen: address already in use: http://127.0.0.1:\(port); "), "\(same.log)")
            #expect(!FileManager.default.fileExists(atPath: directory + "/other"))
            _ = try await wait(for: "/api/v1/status", port) { $0.text.contains("\"lastRound\"") }
            let second = await CommandRun().run(list: ["watch"] + arguments)
            #expect(second.status == .refused && second.output.isEmpty)
            #expect(
                second.log.contains(
                    "another loop (process \(ProcessInfo.processInfo.processIdentifier)) keeps its state in \(directory)/state"
                ),
                "\(second.log)"
            )
        }
        #expect(first.status.code == 143)
        let after = await CommandRun(plans: [Self.edited]).run(list: ["watch", "--once"] + arguments)
        #expect(after.status == .changesPending, "\(after.log)")
    }

    private static let hasIPv6 =
        (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?
        .contains("00000000000000000000000000000001") ?? false

    @Test("is there on IPv6 too", .enabled(if: hasIPv6), .timeLimit(.minutes(20)))
    func overIPv6() async throws {
        let directory = try LoopLab.place()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let arguments = ["-f", directory + "/cluster.yaml", "--state-directory", directory + "/state"]
        let result = try await watching(CommandRun(plans: [Self.edited]), arguments, listen: "[::1]:0") { port in
            let answer = try await get("/healthz", port, host: "::1")
            #expect(answer.status == 200)
        }
        #expect(result.status.code == 143 && result.log.contains("Seen at http://[::1]:"))
    }

    @Test("shows no secret of a whole simulated cluster", .timeLimit(.minutes(20)))
    func secrets() async throws {
        let more = "files: {/etc/shop.conf: {content: \"key ${file:secret.txt}\\n\"}}\n"
        let directory = try LoopLab.place(more)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let secret = "xyzzy-\(UUID().uuidString)"
        try secret.write(toFile: directory + "/secret.txt", atomically: true, encoding: .utf8)
        var run = CommandRun()
        run.wholeWiring = .live
        run.environment = ["RECONCILER_LAB": directory + "/lab", "XDG_STATE_HOME": directory + "/home"]
        let result = try await watching(run, ["--lab", "-f", directory + "/cluster.yaml"]) { port in
            let plan = try await wait(for: "/api/v1/plan", port) { $0.status == 200 }
            #expect(plan.text.contains("key ${file:secret.txt}"))
            let pages = try await [plan, get("/api/v1/status", port), get("/metrics", port)].map(\.text)
            for page in pages { #expect(!page.contains(secret) && page.count > 100) }
        }
        #expect(result.status.code == 143 && !result.output.contains(secret), "\(result.log)")
    }
}
