import Specs
import Testing

@testable import Daemons

/// The thin server is worth something as far as it does what the whole Marathon does.
@Suite struct AppServerTests {
    @Test("the thin server answers as a whole Marathon of the release does", arguments: agreementReleases)
    func isTheWhole(_ release: MarathonRelease) throws {
        for seed in appSeeds(40) {
            let story = AgreementCase(release, seed: seed)
            var thin = AppServer(story.context)
            var whole = try WholeServer(story.context)
            let field = story.edit.field
            let drift = AppValue.object([field: story.edit.result[field] ?? .null])
            for body in [JSON(story.declared), JSON(drift), JSON(story.edit.result)] {
                let words = "SEED=\(seed), \(body.text)"
                switch Result(catching: { () throws(MarathonFault) in try thin.put(AgreementCase.id, body) }) {
                case .success(let action):
                    let outcome = try whole.put(AgreementCase.id, body)
                    // Without tasks a deployment is over before anybody can look.
                    let isOver = outcome == .done(.none) && thin.apps[AgreementCase.id]?.instances == 0
                    #expect(outcome == .done(action) || isOver, "\(words)")
                case .failure(let fault):
                    #expect(try whole.put(AgreementCase.id, body) == .refused(fault.status, fault.body), "\(words)")
                }
                #expect(comparable(thin.get(AgreementCase.id)) == comparable(whole.get(AgreementCase.id)), "\(words)")
            }
        }
    }

    @Test("the order of members and the spelling of numbers say nothing", arguments: agreementReleases)
    func spellingSaysNothing(_ release: MarathonRelease) {
        for seed in appSeeds(100) {
            let story = AgreementCase(release, seed: seed)
            var numbers = SeededNumbers(seed, for: "spelling")
            var (first, second) = (AppServer(story.context), AppServer(story.context))
            let body = JSON(story.declared)
            guard (try? first.put(AgreementCase.id, body)) != nil else { continue }
            #expect((try? second.put(AgreementCase.id, body.respelt(&numbers))) != nil, "SEED=\(seed), \(body.text)")
            guard let one = first.apps[AgreementCase.id], let other = second.apps[AgreementCase.id] else { continue }
            #expect(!first.codec.isUpgrade(from: one, to: other), "SEED=\(seed), \(body.text)")
        }
    }

    /// Without what the tasks and the clock put there.
    private func comparable(_ app: AppValue?) -> AppValue? {
        guard var members = app?.members else { return nil }
        for name in ["version", "versionInfo", "deployments", "tasks"] { members[name] = nil }
        return .object(members)
    }
}

/// A leading Marathon, asked by HTTP.
private struct WholeServer {
    enum Outcome: Equatable {
        case done(AppServer.Action)
        case refused(Int, JSON)
    }

    private var engine: MarathonEngine
    private var now = Moment(milliseconds: 1_409_038_670_462)

    init(_ context: AppContext) throws {
        var arguments = ["--master", "10.0.0.9:5050", "--zk", "zk://10.0.0.9:2181/marathon"]
        if context.role != "*" { arguments += ["--mesos_role", context.role] }
        if let name = context.defaultNetworkName { arguments += ["--default_network_name", name] }
        if !context.features.isEmpty {
            arguments += ["--enable_features", context.features.sorted().joined(separator: ",")]
        }
        let start = DaemonStart(
            version: context.release.description,
            arguments: arguments,
            host: HostFacts(
                hostname: "m1",
                address: "10.0.0.1",
                bootID: "b",
                cpus: 1,
                memoryMegabytes: 1,
                diskMegabytes: 1
            ),
            seed: 1,
            pid: 1,
            freePort: 9
        )
        let configuration = try MarathonConfiguration(start)
        engine = MarathonEngine(
            configuration,
            scheduler: ProcessID("scheduler", at: Endpoint("10.0.0.1", 9)),
            store: MarathonStore(directory: configuration.statesDirectory),
            seed: 1,
            at: now
        )
    }

    mutating func put(_ id: String, _ body: JSON) throws -> Outcome {
        let answer = ask("PUT", "/v2/apps\(id)?force=true", body)
        guard answer.status < 300 else { return .refused(answer.status, try JSON(parsing: answer.text)) }
        let deployments = try JSON(parsing: ask("GET", "/v2/deployments").text).text
        // What has gone through already is not listed: a plan without steps, or a stop without tasks.
        for (name, action) in [("Start", AppServer.Action.start), ("Restart", .restart), ("Scale", .scale)]
        where deployments.contains(name + "Application") {
            _ = try cancelled()
            return .done(action)
        }
        return .done(.none)
    }

    private mutating func cancelled() throws {
        for item in try JSON(parsing: ask("GET", "/v2/deployments").text).array ?? [] {
            _ = ask("DELETE", "/v2/deployments/\(item["id"]?.string ?? "")?force=true")
        }
    }

    mutating func get(_ id: String) -> AppValue? {
        let answer = ask("GET", "/v2/apps\(id)")
        guard answer.status == 200, let body = try? JSON(parsing: answer.text) else { return nil }
        return body["app"].map { AppValue($0) }
    }

    private mutating func ask(_ method: String, _ target: String, _ body: JSON? = nil) -> HTTPResponse {
        now = now + 1000
        let headers = [HTTPField("Content-Type", "application/json")]
        let request = HTTPRequest(method, target, headers: headers, body: body.map { Array($0.text.utf8) } ?? [])
        var effects: [DaemonEffect] = []
        var answer = HTTPAnswer.askAgain(milliseconds: 0)
        engine.perform(at: now, effects: &effects) { answer = $0.answer(request) }
        guard case .response(let response) = answer else { return HTTPResponse(599) }
        return response
    }
}
