import Daemons
import Reconciler
import Specs
import Testing

@testable import Command

@Suite("The pages of the loop")
struct LoopPagesTests {
    private static func sight(_ trouble: String? = nil, looked: Bool = true) -> LoopPicture {
        var sight = LoopPicture(started: 0)
        var status = LoopStatus(cluster: "east", mode: .report, started: 0, intervalSeconds: 300)
        if looked {
            status.lastLook = .init(at: 1_795_421_441, revision: "3f1c2aa")
            status.lastRound = .init(began: 0, ended: 10, revision: nil, outcome: .reported)
            status.counters.rounds = 1
        }
        sight.take(status, looked ? CommandRun.plan() : nil)
        sight.trouble = trouble
        return sight
    }

    private func answer(
        _ target: String,
        _ method: String = "GET",
        host: String? = "127.0.0.1:9095",
        of sight: LoopPicture = sight()
    ) async -> HTTPResponse {
        let headers = host.map { [HTTPField("Host", $0)] } ?? []
        return await LoopPages { sight }.answer(to: HTTPRequest(method, target, headers: headers))
    }

    @Test(
        "have their media types, and nobody keeps a copy",
        arguments: [
            ("/healthz", "text/plain; charset=utf-8", "ok\n"),
            ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "# HELP reconciler_build_info"),
            ("/metrics?x=1", "text/plain; version=0.0.4; charset=utf-8", "# HELP reconciler_build_info"),
            ("/api/v1/status", "application/json", "{\n"), ("/api/v1/plan", "application/json", "{\n"),
        ]
    )
    func types(target: String, type: String, beginning: String) async {
        for method in ["GET", "HEAD"] {
            let answer = await answer(target, method)
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == type)
            #expect(answer.headers["Cache-Control"] == "no-store")
            #expect(answer.text.hasPrefix(beginning), "\(answer.text.prefix(200))")
        }
    }

    @Test("refuse other methods, other paths and other hosts, each in JSON with its reason")
    func refusals() async throws {
        let posted = await answer("/api/v1/plan", "POST")
        #expect(posted.status == 405 && posted.headers["Allow"] == "GET, HEAD")
        let lost = await answer("/api/v2/plan")
        #expect(lost.status == 404 && lost.text.contains("/api/v1/plan"))
        #expect(await answer("/healthz/").status == 404)
        let elsewhere = await answer("/healthz", host: "evil.example:9095")
        #expect(elsewhere.status == 421 && elsewhere.text.contains("evil.example"))
        for answer in [posted, lost, elsewhere] {
            let json = try JSON(parsing: answer.text)
            #expect(json["formatVersion"] == 1 && json["type"] == "error")
            #expect(json["status"]?.int == answer.status)
        }
        for host in [nil, "localhost", "LOCALHOST:1", "loop.localhost:80", "127.9.9.9", "[::1]:9095"] {
            #expect(await answer("/healthz", host: host).status == 200)
        }
        for host in ["", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "[::1", "10.0.0.1", "0.0.0.0"] {
            #expect(await answer("/healthz", host: host).status == 421)
        }
    }

    @Test("turn unhealthy for a loop that hangs and for nothing else")
    func health() async {
        let hung = await answer("/healthz", of: Self.sight("nothing was heard of the round under way for 31 minutes"))
        #expect(hung.status == 503)
        #expect(hung.text == "the loop hangs: nothing was heard of the round under way for 31 minutes\n")
        var sight = Self.sight()
        for outcome in LoopStatus.Round.Outcome.allCases {
            var status = sight.status ?? LoopStatus(cluster: "", mode: .report, started: 0, intervalSeconds: 0)
            status.lastRound?.outcome = outcome
            sight.take(status, sight.plan)
            #expect(await answer("/healthz", of: sight).status == 200)
        }
    }

    @Test("say so where there is nothing to show yet")
    func notYet() async throws {
        let plan = await answer("/api/v1/plan", of: Self.sight(looked: false))
        #expect(plan.status == 503 && plan.headers["Retry-After"] == "10" && plan.text.contains("no look"))
        let unborn = LoopPicture(started: 0)
        #expect(await answer("/api/v1/status", of: unborn).status == 503)
        #expect(await answer("/api/v1/plan", of: unborn).status == 503)
        #expect(await answer("/healthz", of: unborn).status == 200)
        #expect(await answer("/metrics", of: unborn).status == 200)
    }

    @Test("show the plan of the last look and not one that was made before")
    func plans() async throws {
        var sight = Self.sight()
        let shown = sight
        let pages = LoopPages { shown }
        let request = HTTPRequest("GET", "/api/v1/plan", headers: [HTTPField("Host", "localhost")])
        let json = try JSON(parsing: await pages.answer(to: request).text)
        #expect(json["type"] == "look" && json["time"] == "2026-11-23T08:10:41Z" && json["revision"] == "3f1c2aa")
        #expect(json["plan"]?["type"] == "plan" && json["plan"]?["steps"]?.array?.count == 1)
        var status = try #require(sight.status)
        status.counters.rounds += 1
        sight.take(status, CommandRun.plan([]))
        #expect(await answer("/api/v1/plan", of: sight).text.contains("\"steps\" : [\n\n    ]"))
    }

    @Test("add up how long rounds took, each once")
    func sums() {
        var sight = Self.sight()
        guard var status = sight.status else { return }
        sight.take(status, nil)
        #expect(sight.roundSeconds == 10)
        status.counters.rounds = 2
        status.lastRound = .init(began: 100, ended: 107, revision: nil, outcome: .failed)
        sight.take(status, nil)
        #expect(sight.roundSeconds == 17)
    }
}

@Suite("Where the loop may be seen")
struct ListenAddressTests {
    @Test(
        "is a loopback address with a port",
        arguments: [
            ("127.0.0.1:9095", "http://127.0.0.1:9095"), ("127.3.2.1:0", "http://127.3.2.1:0"),
            ("[::1]:9095", "http://[::1]:9095"), ("localhost:80", "http://127.0.0.1:80"),
        ]
    )
    func reads(text: String, url: String) throws {
        let address = try #require(ListenAddress(argument: text))
        #expect(address.isLoopback && address.url(port: address.port) == url)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "9095", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:+1", "::1:9095",
            "[::1:9095", "::1]:9095", "127.0.0.1:123456",
        ]
    )
    func isNone(text: String) { #expect(ListenAddress(argument: text) == nil) }

    @Test(
        "is refused where others could come, with the next move",
        arguments: [
            "0.0.0.0:9095", "[::]:9095", ":9095", "10.0.0.1:9095", "*:9095", "[::ffff:127.0.0.1]:9095", "host:1",
        ]
    )
    func refuses(text: String) async {
        let result = await CommandRun().run("watch", "--listen", text)
        #expect(result.status == .usage)
        #expect(result.log.contains("is not loopback") && result.log.contains("ssh -L"), "\(result.log)")
    }

    @Test("has no use for a single round")
    func once() async {
        let result = await CommandRun().run("watch", "--once", "--listen", "127.0.0.1:0")
        #expect(result.status == .usage && result.log.contains("not for --once"))
    }
}
