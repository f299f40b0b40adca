internal import Daemons
internal import Reconciler
internal import Rendering

/// What of the loop can be seen.
struct LoopPicture: Sendable {
    private(set) var status: LoopStatus?
    private(set) var plan: Plan?
    /// What is wrong with the loop itself.
    var trouble: String?
    /// Of all rounds that ended.
    private(set) var roundSeconds = 0
    /// When the process began, seconds since 1970.
    let started: Int

    init(started: Int) { self.started = started }

    mutating func take(_ status: LoopStatus, _ plan: Plan?) {
        if let last = status.lastRound, status.counters.rounds > self.status?.counters.rounds ?? 0 {
            roundSeconds += max(0, last.ended - last.began)
        }
        self.status = status
        self.plan = plan
    }
}

/// Answers requests for what can be seen of the loop.
///
/// Documents of plans are made one after the other: large ones must not take every thread.
actor LoopPages {
    private static let paths = ["/healthz", "/metrics", "/api/v1/status", "/api/v1/plan"]

    private let sight: @Sendable () -> LoopPicture
    /// What was made last, and after which round.
    private var look: (round: Int, json: String)?

    init(_ sight: @escaping @Sendable () -> LoopPicture) { self.sight = sight }

    nonisolated func answer(to request: HTTPRequest) async -> HTTPResponse {
        if let host = request[header: "Host"], !ListenAddress.isOurs(host: host) {
            return refusal(421, "only loopback addresses and localhost are hosts here, and `\(host)` is neither")
        }
        guard Self.paths.contains(request.path) else {
            return refusal(404, "there is \(Self.paths.joined(separator: ", "))")
        }
        guard ["GET", "HEAD"].contains(request.method) else {
            return refusal(405, "only GET and HEAD are answered", [HTTPField("Allow", "GET, HEAD")])
        }
        switch request.path {
        case "/healthz": return health()
        case "/metrics": return metrics()
        case "/api/v1/status": return status()
        default: return await plan()
        }
    }

    private nonisolated func health() -> HTTPResponse {
        guard let trouble = sight().trouble else { return page(200, "ok\n", "text/plain; charset=utf-8") }
        return page(503, "the loop hangs: \(trouble)\n", "text/plain; charset=utf-8")
    }

    private nonisolated func metrics() -> HTTPResponse {
        let sight = sight()
        let metrics = LoopMetrics(
            sight.status,
            trouble: sight.trouble,
            nodes: sight.plan.map(LoopMetrics.Nodes.init),
            roundSeconds: sight.roundSeconds,
            version: reconcilerVersion,
            started: sight.started
        )
        return page(200, metrics.text, LoopMetrics.mediaType)
    }

    private nonisolated func status() -> HTTPResponse {
        let sight = sight()
        guard let status = sight.status else { return notYet("the loop is about to begin") }
        let document = LoopStatusDocument(status, trouble: sight.trouble, version: reconcilerVersion)
        return page(200, document.json, Self.json)
    }

    private func plan() -> HTTPResponse {
        let sight = sight()
        guard let status = sight.status, let plan = sight.plan, let last = status.lastLook else {
            return notYet("no look at the cluster has come to a plan yet; /api/v1/status says how far the loop is")
        }
        let round = status.counters.rounds
        if let look, look.round == round { return page(200, look.json, Self.json) }
        let json = LookDocument(plan, last).json
        look = (round, json)
        return page(200, json, Self.json)
    }

    private static let json = "application/json"

    private nonisolated func notYet(_ message: String) -> HTTPResponse {
        refusal(503, message, [HTTPField("Retry-After", "10")])
    }

    private nonisolated func refusal(_ status: Int, _ message: String, _ headers: [HTTPField] = []) -> HTTPResponse {
        page(status, RequestErrorDocument(status, message).json, Self.json, headers)
    }

    private nonisolated func page(
        _ status: Int,
        _ text: String,
        _ type: String,
        _ headers: [HTTPField] = []
    ) -> HTTPResponse {
        let common = [
            HTTPField("Cache-Control", "no-store"), HTTPField("X-Content-Type-Options", "nosniff"),
            HTTPField("Connection", "close"),
        ]
        return HTTPResponse(status, text: text, type: type, headers: common + headers)
    }
}
