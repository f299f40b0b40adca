/// What stands before every request: the password, what each Marathon answers itself, and the way to the leader.
///
/// Source: marathon-api.md 1.0 and section 6.
struct MarathonGate {
    enum Verdict {
        case answered(HTTPAnswer)
        /// It is for this process, which leads.
        case passed
    }

    let configuration: MarathonConfiguration
    /// `host:port`, nil when nobody leads.
    let leader: String?
    /// Whether this process leads and has read its state.
    let leads: Bool

    private var release: MarathonVersion { configuration.release }

    func pass(_ request: HTTPRequest) -> Verdict {
        if let refusal = unauthorized(request) { return .answered(.response(refusal)) }
        if let answer = local(request) { return .answered(decorated(.response(answer))) }
        if leads { return .passed }
        guard let leader, leader != configuration.announced, let endpoint = Endpoint(leader) else {
            return .answered(withoutLeader(request))
        }
        if release >= .init(1, 7), request.segments == ["v2", "events"] {
            let location = HTTPField("Location", "http://\(leader)\(request.target)")
            return .answered(.response(HTTPResponse(302, headers: [location])))
        }
        return .answered(forward(request, to: endpoint))
    }

    /// Adds the fields that every answer of the leader's API carries.
    func decorated(_ answer: HTTPAnswer) -> HTTPAnswer {
        switch answer {
        case .response(var response):
            response.headers += fields
            return .response(response)
        case .stream(let id, let status, let headers):
            return .stream(id: id, status: status, headers: headers + fields.filter { $0.name == "X-Marathon-Leader" })
        case .forward, .askAgain: return answer
        }
    }

    private var fields: [HTTPField] {
        var fields: [HTTPField] = []
        if release >= .init(0, 8, 1) {
            fields.append(HTTPField("Cache-Control", "no-cache, no-store, must-revalidate"))
            fields.append(HTTPField("Pragma", "no-cache"))
            fields.append(HTTPField("Expires", "0"))
        }
        if release >= .init(0, 9), leads {
            fields.append(HTTPField("X-Marathon-Leader", "http://\(configuration.announced)"))
        }
        if release >= .init(1, 6) {
            fields.append(HTTPField("X-Frame-Options", "DENY"))
            fields.append(HTTPField("X-XSS-Protection", "1; mode=block"))
        }
        if let origin = configuration.text("access_control_allow_origin") {
            fields.append(HTTPField("Access-Control-Allow-Origin", origin))
        }
        return fields
    }

    // MARK: Password

    private func unauthorized(_ request: HTTPRequest) -> HTTPResponse? {
        guard let credentials = configuration.credentials else { return nil }
        let given = request[header: "Authorization"].flatMap { field -> String? in
            let parts = field.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "basic" else { return nil }
            return Base64.decoded(String(parts[1]))
        }
        guard given != credentials else { return nil }
        let challenge = HTTPField("WWW-Authenticate", "basic realm=\"\(configuration.realm)\"")
        return JettyPage.error(401, "Unauthorized", at: request.path, headers: [challenge])
    }

    // MARK: Answered by every Marathon

    private func local(_ request: HTTPRequest) -> HTTPResponse? {
        switch request.path {
        case "/ping", "/ping/": ping(request)
        case "/metrics", "/metrics/": HTTPResponse(200, json: metrics)
        default: nil
        }
    }

    /// marathon-api.md 1.1: with a line's end up to 1.1, and negotiated from 1.5 on.
    private func ping(_ request: HTTPRequest) -> HTTPResponse {
        guard ["GET", "HEAD"].contains(request.method) else {
            return JettyPage.error(405, "Method Not Allowed", at: request.path)
        }
        if release >= .init(1, 5), request[header: "Accept"] == "application/json" {
            return HTTPResponse(200, json: "pong")
        }
        return HTTPResponse(200, text: release < .init(1, 2) ? "pong\n" : "pong")
    }

    /// The skeleton of Dropwizard's registry; nothing is measured here.
    private var metrics: JSON {
        ["version": "3.0.0", "gauges": [:], "counters": [:], "histograms": [:], "meters": [:], "timers": [:]]
    }

    // MARK: Proxying

    private var via: String { "1.1 \(configuration.announced)" }

    private func withoutLeader(_ request: HTTPRequest) -> HTTPAnswer {
        let words = "Could not determine the current leader"
        guard release >= .init(0, 9) else { return .response(JettyPage.error(503, words, at: request.path)) }
        guard request.attempt >= 10 else { return .askAgain(milliseconds: 250) }
        return .response(JettyPage.error(release < .init(1, 7) ? 503 : 502, words, at: request.path))
    }

    private func forward(_ request: HTTPRequest, to leader: Endpoint) -> HTTPAnswer {
        guard release >= .init(0, 9) else {
            // Exceptions are swallowed: what is left is an empty 200 (marathon-api.md 1.0).
            return .forward(
                HTTPForward(to: leader, request: request, refused: HTTPResponse(200), timedOut: HTTPResponse(200)))
        }
        guard !request.headers.contains(where: { $0.name.lowercased() == "x-marathon-via" && $0.value == via }) else {
            return .response(JettyPage.error(502, "Detected proxying loop.", at: request.path))
        }
        var passed = request
        passed.headers.append(HTTPField("X-Marathon-Via", via))
        let refused = release >= .init(1, 3) && release < .init(1, 5) ? 503 : 502
        return .forward(
            HTTPForward(
                to: leader,
                request: passed,
                added: [HTTPField("X-Marathon-Via", via)],
                refused: JettyPage.error(refused, "Connection to leader refused.", at: request.path),
                timedOut: JettyPage.error(
                    release < .init(1, 3) ? 502 : 504, "Connection to leader timed out.", at: request.path),
                timeoutMilliseconds: configuration.number("leader_proxy_read_timeout", 10_000)
            ))
    }
}
